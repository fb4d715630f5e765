"""Segments of the heart by its coordinates: 17 of the LV, four parts of the RV, two atria.

Basal, mid and apical third of the way from apex to base, and around them from the insertions of
the RV, as Cerqueira et al. 2002 (Circulation 105:539): six segments of pi/3 in the two upper
thirds, of which the septum takes two, four of pi/2 in the lower third, and the cap beyond the tip
of the cavity. In the RV the thirds are those of its own way, and the outflow part is where a
harmonic field between the valves is nearer to the pulmonary valve; without one there is none.
"""

import numpy as np

from organtwin.anatomy.coordinates import Coordinates
from organtwin.anatomy.laplace import harmonic, held
from organtwin.anatomy.regions import Region, Segment
from organtwin.anatomy.ventricles import Side, Ventricles
from organtwin.arrays import BoolArray, FloatArray, IntArray

_SIXTHS = np.array([
    Segment.BASAL_INFEROLATERAL, Segment.BASAL_INFERIOR, Segment.BASAL_INFEROSEPTAL,
    Segment.BASAL_ANTEROSEPTAL, Segment.BASAL_ANTERIOR, Segment.BASAL_ANTEROLATERAL,
], np.int32)  # fmt: skip
"""From rotation -pi upwards; the mid segments carry numbers six higher."""

_QUARTERS = np.array([
    Segment.APICAL_LATERAL, Segment.APICAL_INFERIOR, Segment.APICAL_SEPTAL,
    Segment.APICAL_ANTERIOR, Segment.APICAL_LATERAL,
], np.int32)  # fmt: skip
"""From rotation -pi upwards in steps of pi/2, the first and the last half a step."""


def segments(muscle: Ventricles, coordinates: Coordinates) -> IntArray:
    """Segment ``(n_tets,)`` of every ventricular element."""
    tets = muscle.elements.tets
    level = coordinates.apicobasal[tets].mean(axis=1)
    turn = _mean_angle(coordinates.rotational[tets])
    middles = muscle.elements.nodes[tets].mean(axis=1)
    found = np.where(level > 2 / 3, _sixth(turn), _sixth(turn) + 6)
    found = np.where(level < 1 / 3, _quarter(turn), found)
    beyond_tip = (middles - coordinates.axis.tip) @ coordinates.axis.upward < 0
    found[beyond_tip] = Segment.APEX
    right = muscle.walls == Region.RV
    if right.any():
        found[right] = _right_parts(muscle, level)[right]
    return found.astype(np.int32)


def _mean_angle(angles: FloatArray) -> FloatArray:
    return np.asarray(np.arctan2(np.sin(angles).sum(axis=1), np.cos(angles).sum(axis=1)))


def _sixth(turn: FloatArray) -> IntArray:
    return np.asarray(_SIXTHS[np.clip(np.floor((turn + np.pi) / (np.pi / 3)).astype(int), 0, 5)])


def _quarter(turn: FloatArray) -> IntArray:
    return np.asarray(
        _QUARTERS[np.clip(np.floor((turn + np.pi) / (np.pi / 2) + 0.5).astype(int), 0, 4)]
    )


def _right_parts(muscle: Ventricles, level: FloatArray) -> IntArray:
    right = muscle.walls == Region.RV
    lowest = level[right].min()
    third = np.clip((level - lowest) / max(1.0 - float(lowest), 1e-9) * 3, 0, 2.999).astype(int)
    parts = np.array([Segment.RV_APICAL, Segment.RV_MID, Segment.RV_BASAL], np.int32)[third]
    parts[_outflow(muscle) & (third > 0)] = Segment.RV_OUTFLOW
    return np.asarray(parts)


def _outflow(muscle: Ventricles) -> BoolArray:
    """Elements nearer to the pulmonary than to the tricuspid valve."""
    inflow, outflow = muscle.sides[Side.TRICUSPID], muscle.sides[Side.PULMONARY]
    if len(inflow) == 0 or len(outflow) == 0:
        return np.zeros(len(muscle.tets), np.bool_)
    n = len(muscle.nodes)
    between = np.nan_to_num(harmonic(muscle.elements, held(n, (inflow, 0.0), (outflow, 1.0))))
    return np.asarray(between[muscle.elements.tets].mean(axis=1) > 0.5)
