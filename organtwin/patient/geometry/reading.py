"""Opening a geometry file: the reader is told by the extension.

Everything comes back in patient axes (LPS) and metres, with findings about what the file did not
say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind
from organtwin.errors import InputError
from organtwin.patient.geometry.carp import read_carp
from organtwin.patient.geometry.contours import read_contours
from organtwin.patient.geometry.dicom_seg import read_dicom_seg
from organtwin.patient.geometry.file_mesh import FileMesh
from organtwin.patient.geometry.nifti import read_nifti
from organtwin.patient.geometry.nrrd import read_nrrd
from organtwin.patient.geometry.obj import read_obj
from organtwin.patient.geometry.placing import placed, turned
from organtwin.patient.geometry.ply import read_ply
from organtwin.patient.geometry.raw import LabelImage, SurfaceFile, TetFile
from organtwin.patient.geometry.stl import read_stl
from organtwin.patient.geometry.vtk_legacy import read_vtk
from organtwin.patient.geometry.vtk_xml import read_vtk_xml

__all__ = [
    "read_contours",
    "read_label_image",
    "read_surface",
    "read_surfaces",
    "read_tets",
    "with_point_fields",
]

MeshReader = Callable[[Path], FileMesh]

IMAGE_READERS: Mapping[str, Callable[[Path], LabelImage]] = {
    ".nii": read_nifti, ".nrrd": read_nrrd, ".nhdr": read_nrrd, ".dcm": read_dicom_seg,
    ".dicom": read_dicom_seg,
}  # fmt: skip
SURFACE_READERS: Mapping[str, MeshReader] = {
    ".ply": read_ply, ".stl": read_stl, ".obj": read_obj, ".vtp": read_vtk_xml, ".vtk": read_vtk,
}  # fmt: skip
TET_READERS: Mapping[str, MeshReader] = {
    ".vtu": read_vtk_xml, ".vtk": read_vtk, ".elem": read_carp, ".pts": read_carp,
    ".lon": read_carp,
}  # fmt: skip

_SAME = 1e-5
"""Points of two files are the same within this [m]: above the rounding of float32."""


def read_label_image(path: str | Path) -> LabelImage:
    """A segmentation from NIfTI, NRRD or DICOM SEG.

    Raises
    ------
    InputError
        The file cannot be read completely; file, field, expected, got and remedy.
    """
    file = Path(path)
    return IMAGE_READERS[_extension(file, IMAGE_READERS, "label image")](file)


def read_surface(
    path: str | Path, *, unit: str | None = None, orientation: str | None = None
) -> SurfaceFile:
    """A surface of triangles from PLY, STL, OBJ, VTP or legacy VTK.

    Parameters
    ----------
    path
        The file.
    unit
        ``m``, ``cm``, ``mm`` or ``um``; proposed from the size when left out.
    orientation
        ``LPS``, ``RAS`` or ``unknown``; taken as LPS when left out, with a finding.

    Raises
    ------
    InputError
        The file cannot be read completely; file, field, expected, got and remedy.
    """
    return read_surfaces([path], unit=unit, orientation=orientation)[0]


def read_surfaces(
    paths: Sequence[str | Path], *, unit: str | None = None, orientation: str | None = None
) -> tuple[SurfaceFile, ...]:
    """Surfaces of one heart, in one unit and the same axes, in the order of the files.

    The unit is proposed from the size of all together, so that a part may be small. Parameters
    as for ``read_surface``.

    Raises
    ------
    InputError
        A file cannot be read completely; file, field, expected, got and remedy.
    """
    meshes = [_mesh(Path(path), SURFACE_READERS, "surface") for path in paths]
    for mesh in meshes:
        if not len(mesh.triangles):
            raise _nothing(mesh, "triangles", "Export the surface as triangles.")
    sources = ", ".join(map(str, paths))
    place = placed(np.concatenate([mesh.points for mesh in meshes]), sources, unit, orientation)
    ends = np.cumsum([len(mesh.points) for mesh in meshes])
    return tuple(
        SurfaceFile(
            points,
            mesh.triangles,
            str(mesh.source),
            mesh.source.stem,
            place.unit,
            place.orientation,
            (*place.findings, *_skipped(mesh)),
        )
        for mesh, points in zip(meshes, np.split(place.points, ends[:-1]), strict=True)
    )


def read_tets(
    path: str | Path, *, unit: str | None = None, orientation: str | None = None
) -> TetFile:
    """Tetrahedra from VTU, legacy VTK or openCARP; parameters as for ``read_surface``.

    Raises
    ------
    InputError
        The file cannot be read completely; file, field, expected, got and remedy.
    """
    mesh = _mesh(Path(path), TET_READERS, "mesh of tetrahedra")
    if not len(mesh.tets):
        raise _nothing(mesh, "tetrahedra", "Export linear tetrahedra, or open it as a surface.")
    place = placed(mesh.points, str(path), unit, orientation)
    return TetFile(
        place.points, mesh.tets, turned(mesh.point_fields, place.turn),
        turned(mesh.tet_fields, place.turn), str(path), mesh.triangles,
        turned(mesh.triangle_fields, place.turn), place.unit, place.orientation,
        (*place.findings, *_skipped(mesh)),
    )  # fmt: skip


def with_point_fields(mesh: TetFile, path: str | Path) -> TetFile:
    """A mesh with the point fields of another file of the same points, such as its fibres.

    Points are matched by their place, since programs renumber them.

    Raises
    ------
    InputError
        The other file cannot be read, or its points are others.
    """
    other = _mesh(Path(path), TET_READERS, "mesh")
    place = placed(other.points, str(path), mesh.unit, mesh.orientation)
    distance, order = cKDTree(place.points).query(mesh.points)
    same = len(place.points) == len(mesh.points) == len(np.unique(order))
    if not same or distance.max() > _SAME:
        raise InputError(
            str(path), "points", expected=f"the {len(mesh.points)} points of {mesh.source}",
            got=f"{len(place.points)} points, up to {1e3 * distance.max():.3g} mm away from them",
            remedy="Open the fields that belong to this mesh.",
        )  # fmt: skip
    fields = {
        name: values[order] for name, values in turned(other.point_fields, place.turn).items()
    }
    moved = int((order != np.arange(len(order))).sum())
    findings = mesh.findings
    if moved:
        text = f"{path}: its points come in another order; {moved} were matched by their place"
        findings += (GeometryFinding(GeometryFindingKind.REPAIRED, "point order", text),)
    return replace(mesh, point_fields={**mesh.point_fields, **fields}, findings=findings)


def _extension(path: Path, known: Mapping[str, object], what: str) -> str:
    extension = Path(path.name.lower().removesuffix(".gz")).suffix
    if extension not in known:
        raise InputError(
            str(path), "extension", expected=f"one of {', '.join(known)} for a {what}",
            got=repr(extension), remedy="Export to one of these formats.",
        )  # fmt: skip
    return extension


def _mesh(path: Path, readers: Mapping[str, MeshReader], what: str) -> FileMesh:
    return readers[_extension(path, readers, what)](path)


def _nothing(mesh: FileMesh, what: str, remedy: str) -> InputError:
    held = {"triangles": len(mesh.triangles), "tetrahedra": len(mesh.tets), **mesh.skipped}
    got = ", ".join(f"{count} {name}" for name, count in held.items() if count)
    return InputError(
        str(mesh.source), "cells", expected=what, got=got or "points only", remedy=remedy
    )


def _skipped(mesh: FileMesh) -> Findings:
    return tuple(
        GeometryFinding(GeometryFindingKind.NOT_USED, "cells", f"{count} {name} are not used")
        for name, count in mesh.skipped.items()
    )
