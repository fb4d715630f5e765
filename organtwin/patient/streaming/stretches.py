"""Stretches of samples that share a property."""

import numpy as np

from organtwin.arrays import BoolArray, FloatArray


def runs(mask: BoolArray, least: int = 1) -> list[tuple[int, int]]:
    """Start and stop of each run of ``True`` that has at least ``least`` samples."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= least]


def quiet(values: FloatArray, width: int, limit: float) -> BoolArray:
    """Samples that lie in some window of ``width`` whose values differ by at most ``limit``."""
    from numpy.lib.stride_tricks import sliding_window_view

    found = np.zeros(len(values), dtype=bool)
    if width < 2 or len(values) < width:
        return found
    windows = sliding_window_view(values, width)
    with np.errstate(invalid="ignore"):
        still = windows.max(axis=1) - windows.min(axis=1) <= limit
    for start, stop in runs(still):
        found[start : stop + width - 1] = True
    return found
