"""A patient's own heart from files: label images, surfaces, tetrahedra, contours.

Everything comes back in patient axes (LPS) and metres, with findings about what the file did not
say. The formats are described in ``assets/cases/GEOMETRY.md``. Not for clinical decisions.
"""
