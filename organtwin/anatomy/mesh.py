"""Meshes of the heart at end-diastole: tissue, the surface that is drawn, and closed cavities."""

from collections.abc import Mapping
from dataclasses import dataclass

from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles with outward orientation (counter-clockwise seen from outside).

    ``points`` is ``(n_points, 3)`` [m], ``triangles`` ``(n_triangles, 3)``, ``regions``
    ``(n_points,)`` values of ``Region``.
    """

    points: FloatArray
    triangles: IntArray
    regions: IntArray


@dataclass(frozen=True, eq=False)
class Tissue:
    """Tetrahedra of the walls.

    ``nodes`` ``(n_nodes, 3)`` [m], ``tets`` ``(n_tets, 4)`` with positive volume, ``regions``
    ``(n_tets,)`` values of ``Region``.
    """

    nodes: FloatArray
    tets: IntArray
    regions: IntArray


@dataclass(frozen=True, eq=False)
class MuscleMap:
    """Which muscle each point of the drawing surface belongs to.

    ``shares`` ``(n_points, 5)``: smooth share of LV free wall, septum, RV, LA, RA, sum 1;
    ``courses`` ``(n_points, 5)``: place along each wall, 0 excited first to 1 excited last in
    normal conduction. Both have no meaning on vessels.
    """

    shares: Float32Array
    courses: Float32Array


@dataclass(frozen=True, eq=False)
class Anatomy:
    """One heart at end-diastole, in metres.

    Frame: x to the patient's left, y to posterior, z to the head (LPS, as in DICOM).
    """

    name: str
    tissue: Tissue
    surface: Surface
    cavities: Mapping[Cavity, Surface]
    muscle: MuscleMap
