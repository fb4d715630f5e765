"""A label map from contours on short-axis slices, with long-axis points for apex and base.

Left ventricle: endocardial outlines hold blood; epicardial points and, where the drawing leaves the
septum to it, septal points of the right ventricle bound the muscle. Right ventricle: free wall and
septum bound blood; its thin wall is not drawn and stays open. Outlines rule where they exist;
above the last slice a body goes on to the plane of its atrioventricular valve.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.label_checks import Position, checked_heart
from organtwin.patient.geometry.labels import PatientLabels
from organtwin.patient.geometry.raw import ContourSet
from organtwin.patient.geometry.slices import Frame, body, completed, joined, off_axis

Mask = NDArray[np.bool_]

LEAST_POINTS = 8
"""Fewer points of a slice make no outline."""

LEAST_SLICES = 3
_PARALLEL = 0.998
"""Cosine of 3.6 degrees up to which slices are of one stack."""

_SAME_DEPTH = 2e-3
"""Slices closer than this [m] are one slice taken twice."""

LARGEST_SHIFT = 3e-3
"""Middles of the left ventricle's slices further than this from a straight axis [m] are taken as
moved by breathing; where they were not, the bend is below 2 mm in the test data."""

_MARGIN = 5e-3


def voxelized_contours(
    contours: ContourSet, spacing: float = 1e-3, *, position: Position = Position.USUAL
) -> PatientLabels:
    """Fill contours into a label map with cubic voxels along the slices' axes.

    Raises
    ------
    InputError
        There are too few outlines of the left ventricle, or the slices are not parallel.
    """
    chosen, axis, left_out = _short_axis(contours)
    contours, moved = _aligned(contours, _frame(contours, axis, spacing), chosen)
    frame = _frame(contours, axis, spacing)
    local = frame.in_voxels(contours.points)
    cavity = _rings(contours, local, chosen, "SAX_LV_ENDOCARDIAL")
    outer = _rings(contours, local, chosen, "SAX_LV_EPICARDIAL", "SAX_RV_SEPTUM")
    right = _right_rings(contours, local, chosen)
    for name, found in (("SAX_LV_ENDOCARDIAL", cavity), ("SAX_LV_EPICARDIAL", outer)):
        if len(found) < LEAST_SLICES:
            raise InputError(
                contours.source, name, expected=f"outlines on {LEAST_SLICES} slices or more",
                got=f"{len(found)}", remedy="Draw the ventricle on more short-axis slices.",
            )  # fmt: skip
    mitral = _valve_plane(contours, local, "MITRAL_VALVE")
    blood = body(cavity, frame.shape, _end(contours, local, "LAX_LV_ENDOCARDIAL"))
    whole = body(outer, frame.shape, _end(contours, local, "LAX_LV_EPICARDIAL"))
    labels = np.zeros(frame.shape, np.uint8)
    if len(right) >= LEAST_SLICES:
        apex = _end(contours, local, "LAX_RV_ENDOCARDIAL", "LAX_RV_FREEWALL", "LAX_RV_SEPTUM")
        tricuspid = _valve_plane(contours, local, "TRICUSPID_VALVE")
        hollow = body(right, frame.shape, apex)
        labels[hollow & _below(tricuspid, max(right), frame)] = Structure.RV_BLOOD
    labels[whole & _below(mitral, max(outer), frame)] = Structure.LV_MUSCLE
    labels[blood & _below(mitral, max(cavity), frame)] = Structure.LV_BLOOD
    result = LabelMap(labels, frame.affine)
    findings = (*contours.findings, *left_out, *moved, *_told(cavity, right, frame))
    return PatientLabels(
        result, contours.source, (*findings, *checked_heart(result, contours.source, position))
    )


def _has(contours: ContourSet, *names: str) -> Mask:
    return np.isin(np.array(contours.labels), names)


def _drawn(contours: ContourSet) -> Mask:
    return np.asarray(np.char.startswith(np.array(contours.labels), "SAX_"))


def _short_axis(contours: ContourSet) -> tuple[list[int], FloatArray, Findings]:
    """Slices of the stack of parallel short-axis outlines, its axis, and slices left out."""
    drawn = _drawn(contours)
    numbers, counts = np.unique(contours.slices[drawn], return_counts=True)
    numbers, counts = numbers[counts >= LEAST_POINTS], counts[counts >= LEAST_POINTS]
    normals = np.array([_normal(contours.points[drawn & (contours.slices == n)]) for n in numbers])
    partners = np.abs(normals.reshape(-1, 3) @ normals.reshape(-1, 3).T) > _PARALLEL
    if not len(numbers) or partners.sum(axis=1).max() < LEAST_SLICES:
        raise InputError(
            contours.source, "slices",
            expected=f"{LEAST_SLICES} parallel short-axis slices or more", got=f"{len(numbers)} "
            "slices with outlines", remedy="Draw the ventricles on more short-axis slices.",
        )  # fmt: skip
    best = int(np.argmax(partners.sum(axis=1)))
    depth = [
        float((contours.points[drawn & (contours.slices == n)] @ normals[best]).mean())
        for n in numbers
    ]
    kept: dict[int, int] = {}
    for place in np.argsort(counts):
        if partners[best, place]:
            kept[round(depth[place] / _SAME_DEPTH)] = int(numbers[place])
    chosen = sorted(kept.values())
    left_out = [int(n) for n in numbers if n not in chosen]
    text = f"slices {left_out} are oblique to the others or at the same place: not used"
    told = (GeometryFinding(GeometryFindingKind.NOT_USED, "slices", text),) if left_out else ()
    return chosen, normals[best], told


def _normal(points: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][2])


def _frame(contours: ContourSet, axis: FloatArray, spacing: float) -> Frame:
    base = contours.points[_has(contours, "MITRAL_VALVE")]
    if not len(base):
        raise InputError(
            contours.source, "MITRAL_VALVE", expected="two points or more", got="none",
            remedy="Mark the mitral valve on a long-axis slice: it tells base from apex.",
        )  # fmt: skip
    stack = contours.points[_drawn(contours)]
    axis = axis * np.sign((base.mean(axis=0) - stack.mean(axis=0)) @ axis)
    across = np.linalg.svd(axis[None])[2][1]
    turn = np.column_stack([across, np.cross(axis, across), axis])
    along = contours.points @ turn
    lower = along.min(axis=0) - _MARGIN
    nx, ny, nz = (int(n) for n in np.ceil((along.max(axis=0) + _MARGIN - lower) / spacing) + 1)
    return Frame(turn, turn @ lower, spacing, (nx, ny, nz))


def _aligned(contours: ContourSet, frame: Frame, chosen: list[int]) -> tuple[ContourSet, Findings]:
    """Contours with slices that a breath has moved aside put back on the long axis."""
    local = frame.in_voxels(contours.points)
    rings = _rings(contours, local, chosen, "SAX_LV_ENDOCARDIAL")
    if len(rings) < LEAST_SLICES:
        return contours, ()
    points, moved, places = contours.points.copy(), [], []
    for depth, away in off_axis(rings).items():
        distance = float(np.linalg.norm(away)) * frame.spacing
        if distance > LARGEST_SHIFT:
            of = np.isin(contours.slices, chosen) & (np.abs(local[:, 2] - depth) < 0.5)
            places.append(points[of].mean(axis=0))
            points[of] -= frame.turn[:, :2] @ away * frame.spacing
            moved.append(f"{contours.slices[of][0]} by {1e3 * distance:.0f} mm")
    if not moved:
        return contours, ()
    text = (
        f"slices lie beside the left ventricle's axis, as after another breath; put back: "
        f"{', '.join(moved)}"
    )
    finding = GeometryFinding(GeometryFindingKind.CONFIRM, "slices", text, np.array(places))
    return replace(contours, points=points), (finding,)


def _rings(
    contours: ContourSet, local: FloatArray, chosen: list[int], name: str, filler: str = ""
) -> dict[float, FloatArray]:
    """Outlines by depth; points of ``filler`` close what the drawing leaves open."""
    rings = {}
    for number in chosen:
        of = contours.slices == number
        drawn = of & _has(contours, name)
        if drawn.sum() >= LEAST_POINTS:
            points, rest = local[drawn], local[of & _has(contours, filler)]
            rings[float(points[:, 2].mean())] = completed(points[:, :2], rest[:, :2])
    return rings


def _right_rings(
    contours: ContourSet, local: FloatArray, chosen: list[int]
) -> dict[float, FloatArray]:
    rings = {}
    for number in chosen:
        of = contours.slices == number
        wall, septum = of & _has(contours, "SAX_RV_FREEWALL"), of & _has(contours, "SAX_RV_SEPTUM")
        if wall.sum() >= LEAST_POINTS:
            points = local[wall]
            closed = joined(points[:, :2], local[septum][:, :2]) if septum.sum() > 1 else points
            rings[float(points[:, 2].mean())] = closed[:, :2]
    return rings


def _end(contours: ContourSet, local: FloatArray, *names: str) -> float | None:
    """Depth of the lowest long-axis point of a border."""
    depths = local[_has(contours, *names), 2]
    return float(depths.min()) if len(depths) else None


Plane = tuple[FloatArray, FloatArray]


def _valve_plane(contours: ContourSet, local: FloatArray, name: str) -> Plane | None:
    """A point and the upward normal [voxels]; level where two points leave the tilt open."""
    points = local[_has(contours, name)]
    if not len(points):
        return None
    middle, normal = points.mean(axis=0), np.array([0.0, 0.0, 1.0])
    if len(points) >= 4:
        fitted = np.linalg.svd(points - middle, full_matrices=False)[2][2]
        normal = fitted * np.sign(fitted[2] or 1.0)
    return middle, normal


def _below(plane: Plane | None, last: float, frame: Frame) -> Mask:
    """Where a body may be: up to its last slice, and from there to the plane of its valve."""
    x, y, z = np.ogrid[tuple(slice(n) for n in frame.shape)]
    drawn = np.broadcast_to(z <= last + 0.5, frame.shape)
    if plane is None:
        return drawn
    middle, normal = plane
    height = (x - middle[0]) * normal[0] + (y - middle[1]) * normal[1] + (z - middle[2]) * normal[2]
    return np.asarray(drawn | (height <= 0.0))


def _told(
    cavity: dict[float, FloatArray], right: dict[float, FloatArray], frame: Frame
) -> Findings:
    gaps = np.diff(sorted(cavity)) * frame.spacing
    text = (
        f"left ventricle from {len(cavity)} slices {1e3 * gaps.min():.0f} to "
        f"{1e3 * gaps.max():.0f} mm apart, right from {len(right)}; the wall of the right "
        "ventricle and the atria are not drawn"
    )
    return (GeometryFinding(GeometryFindingKind.TOLD, "contours", text),)
