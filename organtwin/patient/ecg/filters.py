"""Filters that leave ST level and QRS size alone.

- Baseline: a curve through the level just before each QRS complex (the PQ segment), which is the
  zero that ST is measured against. A high-pass shifts ST by what it takes from QRS and T; the curve
  cannot. Before the complexes are found, a zero-phase high-pass of 0.5 Hz serves for looking only
  (Kligfield 2007, Circulation 115:1306: up to 0.67 Hz is admissible without phase shift).
- Mains: a zero-phase notch, only at a line that stands out of the spectrum. It is sought in
  48 to 52 and 58 to 62 Hz, not assumed.
- Low-pass 150 Hz (same source), zero-phase.

Symbols: values [V], rate and frequencies [Hz], times [s]. Tests: tests/patient/ecg/test_filters.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, filtfilt, iirnotch, sosfiltfilt, welch

from organtwin.arrays import FloatArray

HIGHEST = 150.0
"""[Hz]."""
LOOKING = 0.5
"""[Hz]."""
_TWICE = 0.5**0.5
"""What is left of the amplitude at a corner (-3 dB)."""
MAINS = ((48.0, 52.0), (58.0, 62.0))
_OUTSTANDING = 20.0
"""Ratio of the line to the median of its surroundings (10 Hz wide). White noise reaches 5
in ten seconds; see tests/patient/ecg/test_filters.py."""
LEAST_MAINS = 3e-6
"""[V] root mean square; less disturbs nothing."""
_NOTCH_QUALITY = 30.0


@dataclass(frozen=True, slots=True)
class Mains:
    """A line of the power supply."""

    frequency: float
    """[Hz]."""
    size: float
    """[V] root mean square."""


def mains(values: FloatArray, rate: float) -> Mains | None:
    """The mains line of a lead ``(n,)`` without gaps, or ``None`` where none stands out."""
    if rate < 130.0 or len(values) < 2.0 * rate:
        return None
    length = int(min(len(values) - 1, 4.0 * rate))
    frequencies, density = welch(np.diff(values) * rate, rate, nperseg=length, window="hann")
    width = frequencies[1]
    best: Mains | None = None
    for low, high in MAINS:
        band = np.flatnonzero((frequencies >= low) & (frequencies <= high))
        around = np.flatnonzero((frequencies >= low - 6.0) & (frequencies <= high + 6.0))
        top = band[np.argmax(density[band])]
        others = around[np.abs(around - top) > 2]
        line = density[top - 2 : top + 3].sum() * width
        frequency = float(frequencies[top])
        size = float(np.sqrt(line)) / (2.0 * rate * np.sin(np.pi * frequency / rate))
        outstanding = density[top] > _OUTSTANDING * np.median(density[others])
        if outstanding and size > LEAST_MAINS and (best is None or size > best.size):
            best = Mains(frequency, float(size))
    return best


def without_mains(values: FloatArray, rate: float, frequency: float) -> FloatArray:
    """Leads ``(..., n)`` after a zero-phase notch at ``frequency`` [Hz]."""
    b, a = iirnotch(frequency, _NOTCH_QUALITY, fs=rate)
    filtered: FloatArray = filtfilt(b, a, values, axis=-1)
    return filtered


def low_passed(values: FloatArray, rate: float, corner: float = HIGHEST) -> FloatArray:
    """Leads ``(..., n)`` below ``corner`` [Hz], zero-phase; as they are at low rates."""
    if corner >= 0.45 * rate:
        return values
    sections = butter(2, _both_ways(corner, rate), fs=rate, output="sos")
    filtered: FloatArray = sosfiltfilt(sections, values, axis=-1)
    return filtered


def high_passed(values: FloatArray, rate: float, corner: float = LOOKING) -> FloatArray:
    """Leads ``(..., n)`` above ``corner`` [Hz], zero-phase: for finding beats, not for levels."""
    sections = butter(2, corner, btype="highpass", fs=rate, output="sos")
    filtered: FloatArray = sosfiltfilt(sections, values, axis=-1)
    return filtered


def _both_ways(corner: float, rate: float) -> float:
    """Corner of a second-order Butterworth that has -3 dB at ``corner`` after two passes."""
    tangent = np.tan(np.pi * corner / rate) / (1.0 / _TWICE - 1.0) ** 0.25
    return float(np.arctan(tangent) * rate / np.pi)


def baseline(values: FloatArray, rate: float, quiet: Sequence[int], *, width: float) -> FloatArray:
    """The level ``(n_leads, n)`` through the segments that end at the samples ``quiet``.

    Each knot is the mean of ``width`` [s] before it. Beyond the outermost knots the level stays.
    """
    reach = max(1, round(width * rate))
    ends = np.array([end for end in quiet if end >= reach], dtype=int)
    level: FloatArray = np.zeros_like(values)
    if len(ends) == 0:
        level += np.median(values, axis=-1, keepdims=True)
        return level
    knots = np.stack([values[:, end - reach : end].mean(axis=1) for end in ends], axis=1)
    if len(ends) == 1:
        level += knots
        return level
    places = ends - 0.5 * reach
    inner = np.clip(np.arange(values.shape[1], dtype=np.float64), places[0], places[-1])
    level[:] = CubicSpline(places, knots, axis=1, bc_type="natural")(inner)
    return level
