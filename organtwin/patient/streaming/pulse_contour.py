"""What the contour of one pressure pulse shows: foot, upstroke, dicrotic notch, systolic area.

Foot: where the tangent of the steepest upstroke meets the diastolic pressure. Notch: the incisura,
taken as the largest second derivative of the falling limb within the times an ejection can last.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from organtwin.arrays import FloatArray

EARLIEST, LATEST = 0.16, 0.48
"""[s] after the foot within which the notch is looked for: left ventricular ejection lasts 0.18 s
at 180 beats per minute and 0.40 s at 40, with a margin for what the arm adds."""
AFTER_PEAK = 0.04
LATEST_SHARE = 0.7
"""Of the beat: at high rates the ejection ends later in the beat, but not after this."""
SMOOTHED = 0.056
"""[s] Width of the cubic that derivatives are read from; 7 samples at 125 Hz."""


@dataclass(frozen=True, slots=True)
class PulseContour:
    """Times [s] from the first sample of the beat, pressures [Pa]; NaN where nothing is seen."""

    foot: float
    steepest: float
    """[Pa/s]"""
    notch: float
    notch_pressure: float
    area: float
    """[Pa s] above the diastolic pressure, from foot to notch."""

    @property
    def ejection_time(self) -> float:
        return self.notch - self.foot


def pulse_contour(values: FloatArray, rate: float, peak: int) -> PulseContour:
    """Contour of a beat ``values`` ``(n,)`` [Pa] from trough to trough, with its peak's index."""
    slope = np.gradient(values) * rate
    steepest = int(np.argmax(slope[: peak + 1]))
    diastolic = float(values[0])
    rise = float(slope[steepest])
    foot = (steepest - (values[steepest] - diastolic) / rise * rate) / rate if rise > 0 else 0.0
    foot = max(foot, 0.0)
    notch = _notch(values, rate, peak, foot)
    if notch < 0:
        return PulseContour(foot, rise, np.nan, np.nan, np.nan)
    begin = min(round(foot * rate), notch)
    area = float((values[begin:notch] - diastolic).sum()) / rate
    return PulseContour(foot, rise, notch / rate, float(values[notch]), area)


def _notch(values: FloatArray, rate: float, peak: int, foot: float) -> int:
    """Sample of the incisura; -1 where the pulse falls without a bend."""
    first = max(peak + round(AFTER_PEAK * rate), round((foot + EARLIEST) * rate))
    last = min(round((foot + LATEST) * rate), round(LATEST_SHARE * len(values)))
    half = max(round(0.5 * SMOOTHED * rate), 2)
    last = min(last, len(values) - half - 1)
    if last <= first:
        return -1
    bend = np.convolve(values, _second_derivative(half), mode="same")[first : last + 1]
    at = int(bend.argmax())
    # A bend at the border of the search still grows beyond it: it is no notch.
    return first + at if bend[at] > 0.0 and 0 < at < len(bend) - 1 else -1


@lru_cache(maxsize=8)
def _second_derivative(half: int) -> FloatArray:
    """Weights of the second derivative of a cubic fitted over ``2 half + 1`` samples."""
    from scipy.signal import savgol_coeffs

    return np.asarray(savgol_coeffs(2 * half + 1, 3, deriv=2))
