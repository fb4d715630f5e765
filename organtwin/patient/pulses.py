"""Where the pulses of a pressure lie, and which numbers are unlike the others.

The rules that whole recordings (``pressure_beats``) and arriving signals (``streaming``) share:
peaks at least ``SHORTEST_BEAT`` apart and ``PEAK_SHARE`` of the robust range high; a beat runs from
trough to trough, and its diastolic pressure is the trough before its peak.
"""

from itertools import pairwise

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.units import MMHG

SHORTEST_BEAT = 0.3
"""[s]: 200 beats per minute; a dicrotic wave follows its peak sooner."""
PEAK_SHARE = 0.5
SMOOTHING = 0.04
"""[s]: a running mean this wide leaves a pulse nearly as it is and takes noise away."""
NOISIEST = 0.5
"""Share of the variance that smoothing may take away; a pulse loses some 2 %, noise 80 %."""
OUTLIER = 5.0
STEADIEST = 0.5 * MMHG
"""A simulated or very steady signal has no spread of its own."""


def robust_range(values: FloatArray) -> float:
    """From the 10th to the 90th percentile."""
    low, high = np.percentile(values, (10, 90))
    return float(high - low)


def pulse_peaks(values: FloatArray, rate: float, usual_range: float) -> list[int]:
    """Systolic peaks of ``values`` without gaps."""
    from scipy.signal import find_peaks

    distance = max(round(SHORTEST_BEAT * rate), 1)
    peaks, _ = find_peaks(values, distance=distance, prominence=PEAK_SHARE * usual_range)
    return [int(peak) for peak in peaks]


def troughs(values: FloatArray, peaks: list[int]) -> list[int]:
    """The lowest sample between each two peaks."""
    return [a + int(np.argmin(values[a:b])) for a, b in pairwise(peaks)]


def roughness(values: FloatArray, rate: float) -> float:
    """Share of the variance that a short running mean takes away."""
    width = max(round(SMOOTHING * rate), 1)
    total = float(values.var())
    smooth = np.convolve(values, np.full(width, 1.0 / width), mode="valid")
    return 1.0 - float(smooth.var()) / total if total > 0.0 else 1.0


def inlying(series: FloatArray, among: BoolArray) -> BoolArray:
    """Which numbers lie within ``OUTLIER`` robust standard deviations of those ``among``."""
    if not among.any():
        return among
    middle = np.median(series[among])
    spread = max(robust_spread(series[among]), STEADIEST)
    return np.asarray(np.abs(series - middle) <= OUTLIER * spread)


def robust_spread(series: FloatArray) -> float:
    """Standard deviation from the median absolute deviation (normal distribution)."""
    return float(1.4826 * np.median(np.abs(series - np.median(series))))
