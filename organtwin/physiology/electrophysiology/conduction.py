"""Prescribed ventricular activation: how late each patch is, for a named conduction pattern.

The spread is linear along the patches of a wall, from the first to the last patch. Patterns and
spreads follow clinical activation times (left bundle branch block: right wall 0 to 50 ms, septum
20 to 80 ms, left wall 60 to 140 ms, total 140 ms); a measured QRS duration stretches them. This
stands in for a computed activation map: the order and the size of its effect on contraction are
right, the place within a wall is not personal.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from organtwin.errors import UnknownNameError
from organtwin.physiology.interface import Activation, PatchLayout, Wall
from organtwin.units import MS

SPREADS: Mapping[str, Mapping[Wall, tuple[float, float]]] = MappingProxyType({
    "synchronous": {Wall.LV: (0, 0), Wall.SEPTUM: (0, 0), Wall.RV: (0, 0)},
    "normal": {Wall.LV: (0, 40), Wall.SEPTUM: (0, 30), Wall.RV: (20, 60)},
    "lbbb": {Wall.LV: (60, 140), Wall.SEPTUM: (20, 80), Wall.RV: (0, 50)},
    "rbbb": {Wall.LV: (0, 50), Wall.SEPTUM: (0, 60), Wall.RV: (40, 120)},
    "rv_paced": {Wall.LV: (50, 140), Wall.SEPTUM: (10, 80), Wall.RV: (0, 70)},
    "biventricular": {Wall.LV: (80, 0), Wall.SEPTUM: (20, 70), Wall.RV: (0, 50)},
    "lv_paced": {Wall.LV: (80, 0), Wall.SEPTUM: (40, 90), Wall.RV: (60, 120)},
})  # fmt: skip
"""First and last activation of each wall [ms] after the atrioventricular node."""

INTRINSIC_QRS = MappingProxyType({
    "normal": 90.0, "lbbb": 160.0, "rbbb": 140.0, "rv_paced": 160.0, "biventricular": 120.0,
    "lv_paced": 150.0,
})  # fmt: skip
"""QRS duration [ms] that goes with each spread: last activation plus some 20 to 50 ms, because
the QRS also covers the wall behind the latest patch's onset."""

_WIDEST_STRETCH = 1.6


def reached_qrs(name: str, qrs_duration: float) -> float:
    """The QRS duration [s] nearest to a measured one that the pattern can be stretched to."""
    if name not in INTRINSIC_QRS:
        return qrs_duration
    own = INTRINSIC_QRS[name] * MS
    return float(np.clip(qrs_duration, own / _WIDEST_STRETCH, own * _WIDEST_STRETCH))


def conduction_pattern(
    name: str, layout: PatchLayout, qrs_duration: float | None = None
) -> Activation:
    """Activation of every patch for a named pattern.

    Parameters
    ----------
    name
        A key of ``SPREADS``; ``paced`` means ``rv_paced``.
    layout
        Number of patches per wall.
    qrs_duration
        Measured QRS [s]; ventricular delays are stretched by its ratio to the pattern's own,
        within 1/1.6 and 1.6.

    Raises
    ------
    UnknownNameError
        The pattern is not known.
    """
    name = "rv_paced" if name == "paced" else name
    if name not in SPREADS:
        raise UnknownNameError("conduction pattern", name, tuple(SPREADS))
    stretch = 1.0
    if qrs_duration is not None and name in INTRINSIC_QRS:
        stretch = reached_qrs(name, qrs_duration) / (INTRINSIC_QRS[name] * MS)
    delays = np.zeros(layout.total)
    for wall, (first, last) in SPREADS[name].items():
        part = layout.slice(wall)
        count = part.stop - part.start
        spread = np.linspace(first, last, count) if count > 1 else np.array([(first + last) / 2])
        delays[part] = stretch * spread * MS
    return Activation(name, layout, delays)
