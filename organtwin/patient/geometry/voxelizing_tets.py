"""A label map from tetrahedra of muscle; cavities from inner surfaces, or from enclosed space."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import (
    Findings,
    GeometryFinding,
    GeometryFindingKind,
    without_repeats,
)
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.enclosed import cavities
from organtwin.patient.geometry.filling import Grid, filled, grid_around
from organtwin.patient.geometry.label_checks import Position, checked_heart
from organtwin.patient.geometry.labels import PatientLabels
from organtwin.patient.geometry.muscle import MUSCLE_OF, labelled_muscle, wall_thickness
from organtwin.patient.geometry.raw import SurfaceFile, TetFile
from organtwin.patient.geometry.surface_checks import checked_surface
from organtwin.patient.geometry.tet_checks import boundary_faces, checked_tets
from organtwin.patient.geometry.voxelizing import Shell, cavities_in

Mask = NDArray[np.bool_]
NO_SURFACES: Mapping[Shell, SurfaceFile] = {}


def voxelized_tets(
    mesh: TetFile,
    spacing: float = 1e-3,
    *,
    endocardia: Mapping[Shell, SurfaceFile] = NO_SURFACES,
    position: Position = Position.USUAL,
) -> PatientLabels:
    """Fill muscle and cavities into a label map with cubic voxels of edge ``spacing`` [m].

    ``endocardia`` are inner surfaces of the cavities, closed or open at the base. Without them the
    space that the muscle surrounds is taken, up to two ventricles, and a finding says so.

    Raises
    ------
    InputError
        The mesh is broken, a surface is none of a cavity, or there is not one heart.
    """
    checked = checked_tets(mesh)
    faces = boundary_faces(checked.tets)
    grid = grid_around(checked.points[np.unique(checked.tets)], spacing, mesh.source)
    muscle = filled(checked.points, faces, grid)
    if endocardia:
        blood, told = _from_surfaces(endocardia, muscle, grid)
    else:
        blood, told = _from_space(muscle, grid, mesh.source)
    result = LabelMap(labelled_muscle(muscle, blood), grid.affine)
    findings = (*checked.findings, *told, *checked_heart(result, mesh.source, position))
    return PatientLabels(result, mesh.source, without_repeats(findings))


def _from_surfaces(
    endocardia: Mapping[Shell, SurfaceFile], muscle: Mask, grid: Grid
) -> tuple[dict[Structure, Mask], Findings]:
    outer = [shell for shell in endocardia if shell in (Shell.EPICARDIUM, Shell.BASE)]
    if outer:
        raise InputError(
            endocardia[outer[0]].source, "part", expected="an inner surface of a cavity",
            got=outer[0].value, remedy="The tetrahedra are the wall already: leave it out.",
        )  # fmt: skip
    checked = {shell: checked_surface(surface) for shell, surface in endocardia.items()}
    blood, told = cavities_in(checked, grid)
    findings: Findings = tuple(f for surface in checked.values() for f in surface.findings)
    for kind, mask in blood.items():
        shared = int((mask & muscle).sum()) / max(int(mask.sum()), 1)
        if shared > _MOST_SHARED:
            raise InputError(
                mesh_source(checked), kind.name.lower(), expected="a cavity beside the muscle",
                got=f"{100 * shared:.0f} % of it inside the muscle",
                remedy="Check that mesh and surfaces are of the same heart, unit and axes.",
            )  # fmt: skip
    return {kind: mask & ~muscle for kind, mask in blood.items()}, (*findings, *told)


_MOST_SHARED = 0.25
"""Share of a cavity that may lie in muscle: papillary muscles and coarse surfaces take up to a
tenth."""


def mesh_source(surfaces: Mapping[Shell, SurfaceFile]) -> str:
    """Files of several surfaces, for messages."""
    return ", ".join(dict.fromkeys(surface.source for surface in surfaces.values()))


def _from_space(muscle: Mask, grid: Grid, source: str) -> tuple[dict[Structure, Mask], Findings]:
    found = cavities(muscle, grid.spacing**3, len(MUSCLE_OF))
    if not found:
        raise InputError(
            source, "cavities", expected="space that the muscle surrounds", got="none above 5 mL",
            remedy="Give the inner surfaces of the ventricles as files.",
        )  # fmt: skip
    if len(found) > 2:
        sizes = [1e6 * np.count_nonzero(mask) * grid.spacing**3 for mask in found]
        raise InputError(
            source, "cavities", expected="one or two ventricles",
            got=f"{len(found)} spaces of {', '.join(f'{size:.0f}' for size in sizes)} mL",
            remedy="Give the numbers of the regions, or the inner surfaces as files.",
        )  # fmt: skip
    thickness = [wall_thickness(muscle, mask) for mask in found]
    found = [found[number] for number in np.argsort(thickness)[::-1]]
    kinds = (Structure.LV_BLOOD, Structure.RV_BLOOD)
    sizes = [1e6 * np.count_nonzero(mask) * grid.spacing**3 for mask in found]
    told = ", ".join(
        f"{kind.name.lower()} {size:.0f} mL" for kind, size in zip(kinds, sizes, strict=False)
    )
    text = f"cavities taken from the space inside the muscle, flat at the base: {told}"
    places = np.array([grid.origin + grid.spacing * np.argwhere(m).mean(axis=0) for m in found])
    finding = GeometryFinding(GeometryFindingKind.CONFIRM, "cavities", text, places)
    return dict(zip(kinds, found, strict=False)), (finding,)
