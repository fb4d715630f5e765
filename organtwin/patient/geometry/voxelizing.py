"""A label map from surfaces: closed ones of whole structures, or the open shells of a heart.

Shells: an outer surface (epicardium), a base that joins it to the inner ones (as Cobiveco wants
it), and inner surfaces of the cavities. Muscle is what lies between; blood is what an inner surface
holds, closed flat over its rim.
"""

from collections.abc import Mapping
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import (
    Findings,
    GeometryFinding,
    GeometryFindingKind,
    without_repeats,
)
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.filling import Grid, filled, grid_around
from organtwin.patient.geometry.label_checks import Position, checked_heart
from organtwin.patient.geometry.labels import PatientLabels
from organtwin.patient.geometry.muscle import labelled_muscle
from organtwin.patient.geometry.raw import SurfaceFile
from organtwin.patient.geometry.stitching import Closed, stitched
from organtwin.patient.geometry.surface_checks import checked_surface
from organtwin.patient.geometry.topology import capped

Mask = NDArray[np.bool_]


class Shell(Enum):
    """An open surface of a heart."""

    EPICARDIUM = "epicardium"
    BASE = "base"
    LV_ENDOCARDIUM = "lv endocardium"
    RV_ENDOCARDIUM = "rv endocardium"
    LA_ENDOCARDIUM = "la endocardium"
    RA_ENDOCARDIUM = "ra endocardium"


Part = Shell | Structure
"""A shell, or a structure whose whole surface it is."""

BLOOD_IN = {
    Shell.LV_ENDOCARDIUM: Structure.LV_BLOOD, Shell.RV_ENDOCARDIUM: Structure.RV_BLOOD,
    Shell.LA_ENDOCARDIUM: Structure.LA_BLOOD, Shell.RA_ENDOCARDIUM: Structure.RA_BLOOD,
}  # fmt: skip
_PAINTED = (Structure.HEART, *(Structure(kind) for kind in range(1, 13)))
"""Order in which closed structures are drawn; later ones show."""

_WORDS = (
    (("epi",), Shell.EPICARDIUM), (("base",), Shell.BASE),
    (("lv", "endo"), Shell.LV_ENDOCARDIUM), (("rv", "endo"), Shell.RV_ENDOCARDIUM),
    (("la", "endo"), Shell.LA_ENDOCARDIUM), (("ra", "endo"), Shell.RA_ENDOCARDIUM),
)  # fmt: skip

_FLAT = 3e-3
"""A rim further than this from its plane [m] is told: its cap is no valve plane."""


def likely_part(name: str) -> Part | None:
    """What a file name says about its content, to be confirmed; ``None`` when it says nothing."""
    plain = name.lower()
    for words, part in _WORDS:
        if all(word in plain for word in words):
            return part
    return next((kind for kind in Structure if kind and kind.name.lower() in plain), None)


def voxelized(
    surfaces: Mapping[Part, SurfaceFile],
    spacing: float = 1e-3,
    *,
    position: Position = Position.USUAL,
) -> PatientLabels:
    """Fill surfaces into a label map with cubic voxels of edge ``spacing`` [m].

    Raises
    ------
    InputError
        A surface cannot be filled, or what they hold is not one heart.
    """
    if not surfaces:
        raise InputError(
            "surfaces", "parts", expected="at least one surface", got="none",
            remedy="Say which part of the heart each file is.",
        )  # fmt: skip
    checked = {part: checked_surface(surface) for part, surface in surfaces.items()}
    source = ", ".join(dict.fromkeys(surface.source for surface in checked.values()))
    everything = np.concatenate([surface.points for surface in checked.values()])
    grid = grid_around(everything, spacing, source)
    findings: Findings = tuple(f for surface in checked.values() for f in surface.findings)
    labels = np.zeros(grid.shape, np.uint8)
    shells = {part: s for part, s in checked.items() if isinstance(part, Shell)}
    if shells:
        blood, told = cavities_in(shells, grid)
        muscle, more = _wall(shells, blood, grid)
        labels = labelled_muscle(muscle, blood)
        findings += (*told, *more)
    for kind in _PAINTED:
        if kind in checked:
            mask, told = _closed(checked[kind], grid)
            labels[mask] = kind
            findings += told
    result = LabelMap(labels, grid.affine)
    findings += checked_heart(result, source, position)
    return PatientLabels(result, source, without_repeats(findings))


def cavities_in(
    shells: Mapping[Shell, SurfaceFile], grid: Grid
) -> tuple[dict[Structure, Mask], Findings]:
    """Blood inside of the inner surfaces; a voxel in two belongs to the first."""
    blood: dict[Structure, Mask] = {}
    findings: Findings = ()
    taken = np.zeros(grid.shape, bool)
    for shell, kind in BLOOD_IN.items():
        if shell in shells:
            mask, told = _closed(shells[shell], grid)
            blood[kind] = mask & ~taken
            taken |= mask
            findings += told
    return blood, findings


def _closed(surface: SurfaceFile, grid: Grid) -> tuple[Mask, Findings]:
    points, triangles, loops = capped(surface.points, surface.triangles)
    return filled(points, triangles, grid), tuple(
        _cap_finding(surface.points[loop], surface.part) for loop in loops
    )


def _cap_finding(rim: FloatArray, name: str) -> GeometryFinding:
    middle = rim.mean(axis=0)
    normal = np.linalg.svd(rim - middle, full_matrices=False)[2][2]
    off = float(np.abs((rim - middle) @ normal).max())
    following = np.roll(rim, -1, axis=0)
    area = float(np.linalg.norm(np.cross(rim - middle, following - middle).sum(axis=0)) / 2)
    text = f"{name}: opening of {1e4 * area:.1f} cm2 closed by a cap"
    if off > _FLAT:
        text += f"; its rim is not flat, up to {1e3 * off:.0f} mm from a plane"
    return GeometryFinding(GeometryFindingKind.TOLD, "cap", text, middle[None])


def _wall(
    shells: Mapping[Shell, SurfaceFile], blood: Mapping[Structure, Mask], grid: Grid
) -> tuple[Mask, Findings]:
    """Muscle: between all shells when they close each other, else inside the outer one."""
    if Shell.EPICARDIUM not in shells:
        text = "no outer surface: the cavities have no wall"
        finding = GeometryFinding(GeometryFindingKind.TOLD, "epicardium", text)
        return np.zeros(grid.shape, bool), (finding,)
    if Shell.BASE in shells:
        inner = [shells[shell] for shell in BLOOD_IN if shell in shells]
        wall = stitched(shells[Shell.EPICARDIUM], shells[Shell.BASE], inner)
        return filled(wall.points, wall.triangles, grid), _seams(wall)
    outer, told = _closed(shells[Shell.EPICARDIUM], grid)
    hollow = np.logical_or.reduce([np.zeros(grid.shape, bool), *blood.values()])
    return outer & ~hollow, told


def _seams(wall: Closed) -> Findings:
    findings = []
    if len(wall.gaps):
        widths = ", ".join(f"{1e3 * width:.1f}" for width in wall.gaps[:, 3])
        text = f"gaps of {widths} mm between the rims of the surfaces were bridged"
        findings.append(
            GeometryFinding(GeometryFindingKind.REPAIRED, "seams", text, wall.gaps[:, :3])
        )
    if wall.caps:
        places = np.array([wall.points[rim].mean(axis=0) for rim in wall.caps])
        text = f"{len(wall.caps)} rims meet no other; each was closed by a cap"
        findings.append(GeometryFinding(GeometryFindingKind.DEFECT, "seams", text, places))
    return tuple(findings)
