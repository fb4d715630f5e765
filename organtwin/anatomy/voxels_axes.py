"""Which way a labelled heart points: apex, base, and the side of the right ventricle.

In the usual position (situs solitus, levocardia) the right ventricle lies in front and to the right
of the left, and the apex points left, forward and down. In LPS axes: left is +x, back +y, up +z.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.finding import Findings, GeometryFindingKind, label_finding
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.voxels_openings import Cuts
from organtwin.arrays import FloatArray

_CLEAR = 0.25
"""A component of a unit direction below this does not tell which way it points."""


@dataclass(frozen=True, eq=False)
class HeartAxes:
    """Places and directions of the left ventricle in patient axes (LPS) [m].

    ``to_base`` is the unit long axis, ``to_right`` the unit direction towards the RV square to it;
    without an RV it points right and forward.
    """

    apex: FloatArray
    base: FloatArray
    to_base: FloatArray
    to_right: FloatArray
    has_right: bool

    def heights(self, points: FloatArray) -> FloatArray:
        """0 at the apex to 1 at the base ``(n,)``, clipped."""
        length = float(np.linalg.norm(self.base - self.apex))
        return np.clip((points - self.apex) @ self.to_base / length, 0.0, 1.0)


def heart_axes(label_map: LabelMap, cuts: Cuts) -> HeartAxes | None:
    """Axes of the first labelled ventricle; None without one."""
    for blood, muscle in (
        (Structure.LV_BLOOD, Structure.LV_MUSCLE),
        (Structure.RV_BLOOD, Structure.RV_MUSCLE),
    ):
        space = _points(label_map, (blood,))
        if len(space):
            return _axes(label_map, cuts, space, _points(label_map, (blood, muscle)))
    return None


def turned(axes: HeartAxes) -> Findings:
    """Told when the heart lies mirrored or turned against the usual position."""
    apex = -axes.to_base
    flipped = []
    if axes.has_right:
        if axes.to_right[0] > _CLEAR and apex[0] < _CLEAR:
            flipped.append("left and right")
        if axes.to_right[1] > _CLEAR:
            flipped.append("front and back")
    elif apex[0] < -_CLEAR:
        flipped.append("left and right")
    if apex[2] > _CLEAR:
        flipped.append("head and foot")
    if not flipped:
        return ()
    mirrored = len(flipped) % 2 == 1
    what = " and ".join(flipped)
    x, y, z = (0.5 * (axes.apex + axes.base)).tolist()
    return (
        label_finding(
            None,
            f"the heart lies with {what} exchanged: "
            + ("a mirror image" if mirrored else "turned by half a turn"),
            (x, y, z),
            GeometryFindingKind.TOLD,
            "If this is not a heart on the right side, correct the orientation of the file "
            "(RAS taken for LPS, or a flipped axis).",
        ),
    )


def _axes(label_map: LabelMap, cuts: Cuts, space: FloatArray, ventricle: FloatArray) -> HeartAxes:
    centre = space.mean(axis=0)
    axis = np.linalg.svd(ventricle - ventricle.mean(axis=0), full_matrices=False)[2][0]
    hint = _toward_base(label_map, cuts, centre)
    if hint is not None:
        axis = hint / np.linalg.norm(hint) if len(cuts.base_centres) else axis
        to_base = axis * (1.0 if axis @ hint >= 0 else -1.0)
    else:
        to_base = axis * _wide_end(space, axis)
    along = (ventricle - centre) @ to_base
    apex, base = (centre + q * to_base for q in (along.min(), np.quantile(along, 0.995)))
    right = _points(label_map, (Structure.RV_BLOOD,))
    other = right.mean(axis=0) - centre if len(right) else np.array([-1.0, -1.0, 0.0])
    has_right = bool(len(right)) and not np.allclose(other, 0.0, atol=1e-4)
    if not has_right:
        other = np.array([-1.0, -1.0, 0.0])
    to_right = other - (other @ to_base) * to_base
    return HeartAxes(apex, base, to_base, to_right / np.linalg.norm(to_right), has_right)


def _toward_base(label_map: LabelMap, cuts: Cuts, centre: FloatArray) -> FloatArray | None:
    if len(cuts.base_normals):
        return np.asarray(cuts.base_normals.mean(axis=0))
    for structures in (
        (Structure.LA_BLOOD, Structure.LA_MUSCLE),
        (Structure.AORTA,),
        (Structure.RA_BLOOD,),
        (Structure.PULMONARY_ARTERY,),
    ):
        beyond = _points(label_map, structures)
        if len(beyond):
            return np.asarray(beyond.mean(axis=0) - centre)
    return None


def _wide_end(space: FloatArray, axis: FloatArray) -> float:
    """Along or against the axis: where the blood is wider; the apex is pointed."""
    along = (space - space.mean(axis=0)) @ axis
    return 1.0 if np.median(along) > 0.5 * (along.min() + along.max()) else -1.0


def _points(label_map: LabelMap, structures: tuple[Structure, ...]) -> FloatArray:
    """Places of a structure's voxels, at most about 20 000 of them."""
    flat = np.flatnonzero(np.isin(label_map.labels, structures))
    index = np.stack(
        np.unravel_index(flat[:: max(1, len(flat) // 20_000)], label_map.labels.shape), 1
    )
    return np.asarray(index @ label_map.affine[:3, :3].T + label_map.affine[:3, 3])
