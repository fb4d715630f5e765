"""Where P, QRS and T begin and end, on the averaged beat of all leads together.

Equations, v_l(t) the averaged lead l [V], L leads:

    speed     g(t) = sqrt(sum_l (v_l'(t) / c_l)^2 / L)    [1], derivative by Savitzky-Golay
    scale     c_l = max(m_l, median(m) / 2, 10 r_l)       [V/s]
    strength  s(t) = sqrt(sum_l u_l(t)^2 / L)             [V], u_l the lead above its local level

with m_l the greatest slope of lead l and r_l its resting one. So a tall lead counts no more than
another, and a small or noisy one is not blown up: QRS borders do not depend on the gains of leads.
For P all c_l are 1 V/s: scaled by QRS, P onsets on LUDB in raw counts err by 8.4, not 6.4 ms (sd).

QRS begins where g first leaves its resting level by ``_ONSET`` of its peak and ends where it falls
back to ``_OFFSET``: the earliest and latest deflection of any lead, because every lead adds to g.
P begins and ends by the same rule with shares of its own.
T ends where the steepest tangent of its falling limb meets the level that follows (Lepeschkin and
Surawicz 1952, Circulation 6:378), lead by lead where T is tall; the end is the late one of
them, at four fifths of their order. P is sought between the T before it and QRS, and counts as
present only if it stands out of the noise of the average. The thresholds were set on the manual
marks of LUDB by ``scripts/measure_delineation.py``, which prints the errors.

Assumptions: one complex per beat; a U wave is not told from T; a pacing spike belongs to QRS.
Tests: tests/patient/ecg/test_delineation.py, test_measurements.py and test_public_recordings.py.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import find_peaks, savgol_filter

from organtwin.arrays import FloatArray
from organtwin.patient.ecg.beats import AveragedBeat
from organtwin.patient.ecg.filters import low_passed
from organtwin.patient.ecg.leads import RATE

_SMOOTHING = 15
"""Samples [ms] of the derivative's parabola."""
_LEAST_SCALE = 0.5
"""Of the median lead's greatest slope. 0.1 to 0.5 err alike on LUDB; with less, the small leads of
the DICOM example of pydicom end QRS 10 ms later."""
_NOISY = 10.0
"""Times a lead's resting slope, its lower quartile: so the rest of any lead stays below a tenth."""
_ONSET, _OFFSET = 0.03, 0.06
"""Share of the greatest speed. On LUDB the sd of QRS offset is 4.7 ms, in raw counts 4.4 ms; with
slopes in V/s and a fourth power it was 5.1 and 11.3 ms."""
_CERTAIN = 0.15
"""Above this share the complex goes on, across pauses of 40 ms."""
_SPIKE, _PACED = 21, 0.35
"""[ms] Width of the median that takes out a pacing spike, and the share of the speed that is then
left at most; of a narrow complex it leaves 0.5 and more."""
_REST = 6
"""[ms] The speed stays low so long."""
_T_CORNER, _P_CORNER = 8.0, 30.0
"""[Hz] Above them T and P hold nothing that their borders need."""
_P_LONGEST = 0.34
"""[s] From the onset of P to that of QRS."""
_QT_SHORTEST = 0.30
"""[s] Before it no P is sought where no T is found: a T, or flutter wave, of PTB-XL 449 (175/min)
was taken for one."""
_P_ONSET, _P_OFFSET = 0.20, 0.25
"""Share of the greatest speed of P above the level that the speed rests at before and behind.
Behind P the atria recover, so the leads do not rest: without that level P ends 3 ms later on LUDB,
and its duration errs by 7 and 6 in place of 3 and 4 ms on the two recorders that state it."""
_P_CERTAIN = 0.5
"""Above this share P goes on, across pauses of 40 ms between the humps of two atria."""
_P_REST = 120
"""[ms] Before and behind the steepest places of P, where its resting level is sought."""
_P_OUTSTANDING = 3.0
"""Strength of P over the noise of the average."""
_T_EARLIEST = 0.06
"""[s] After QRS."""
_T_LATEST = 0.16
_T_TALL = 0.3
_T_RANK = 0.8
_T_OUTSTANDING = 4.0


@dataclass(frozen=True, slots=True)
class Waves:
    """Borders [s] from the point of alignment; NaN where the wave is not there."""

    qrs_onset: float
    qrs_offset: float
    p_onset: float = np.nan
    p_peak: float = np.nan
    p_offset: float = np.nan
    t_peak: float = np.nan
    t_offset: float = np.nan

    @property
    def has_p(self) -> bool:
        return bool(np.isfinite(self.p_onset))

    @property
    def has_t(self) -> bool:
        return bool(np.isfinite(self.t_offset))


def delineated(beat: AveragedBeat, *, interval: float) -> Waves:
    """Borders of the waves of an averaged beat whose neighbours lie ``interval`` [s] away."""
    onset, offset = qrs_borders(beat.times, beat.values)
    quiet = float(np.sqrt(np.mean(beat.noise**2)))
    t_peak, t_offset = _t_wave(beat, offset, onset + interval, quiet)
    after_t = t_offset + 0.01 if np.isfinite(t_offset) else onset + _QT_SHORTEST
    earliest = max(onset - _P_LONGEST, after_t - interval)
    p_onset, p_peak, p_offset = _p_wave(beat, earliest, onset, quiet)
    return Waves(onset, offset, p_onset, p_peak, p_offset, t_peak, t_offset)


def qrs_borders(times: FloatArray, values: FloatArray) -> tuple[float, float]:
    """Onset and offset [s] of the complex of leads ``(n_leads, n)`` near time zero."""
    slopes, smooth = _slopes(values), _slopes(median_filter(values, (1, _SPIKE)))
    scale = _scale(smooth)
    spiked = _speed(smooth, scale).max() < _PACED * _speed(slopes, scale).max()
    speed, behind = (
        (_speed(smooth, scale), 201) if spiked else (_speed(slopes, _scale(slopes)), 101)
    )
    zero = int(np.argmin(np.abs(times)))
    near = slice(max(0, zero - 100), zero + behind)
    top = near.start + int(np.argmax(speed[near]))
    most = speed[top]
    first, last = _extent(speed, top, _CERTAIN * most)
    before = speed[max(0, first - 120) : max(first - 5, 1)]
    after = speed[last + 5 : last + 160]
    rest_before, rest_after = _resting(before, most), _resting(after, most)
    onset = _back_to_rest(speed[::-1], len(speed) - 1 - first, rest_before + _ONSET * most)
    offset = _back_to_rest(speed, last, rest_after + _OFFSET * most)
    return float(times[len(speed) - 1 - onset]), float(times[offset])


def _slopes(values: FloatArray) -> FloatArray:
    """``(n_leads, n)`` [V/s], without sign."""
    slopes = savgol_filter(values, _SMOOTHING, 2, deriv=1, delta=1.0 / RATE, axis=1)
    return np.asarray(np.abs(slopes))


def _scale(slopes: FloatArray) -> FloatArray:
    """``(n_leads, 1)`` [V/s] by which the slopes of each lead are told; see the module's text."""
    most = slopes.max(axis=1)
    resting = np.quantile(slopes, 0.25, axis=1)
    floor = max(_LEAST_SCALE * float(np.median(most)), 1e-300)
    return np.asarray(np.maximum(np.maximum(most, floor), _NOISY * resting)[:, None])


def _speed(slopes: FloatArray, scale: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.mean((slopes / scale) ** 2, axis=0)))


def _extent(speed: FloatArray, top: int, level: float) -> tuple[int, int]:
    """First and last sample above ``level`` around ``top`` with pauses of at most 40 ms."""
    above = np.flatnonzero(speed > level)
    first = last = top
    for place in above[above < top][::-1]:
        if first - place > 40:
            break
        first = int(place)
    for place in above[above > top]:
        if place - last > 40:
            break
        last = int(place)
    return first, last


def _resting(speed: FloatArray, most: float) -> float:
    """The lowest level that the speed holds for 15 ms; at most a tenth of ``most``."""
    if len(speed) < 15:
        return 0.0
    means = np.convolve(speed, np.full(15, 1.0 / 15.0), mode="valid")
    return min(float(means.min()), 0.1 * float(most))


def _back_to_rest(speed: FloatArray, start: int, level: float) -> int:
    """First sample from ``start`` on from which the speed stays below ``level``."""
    low = speed[start:] < level
    run = np.convolve(low, np.ones(_REST), mode="valid") >= _REST
    found = np.flatnonzero(run)
    return start + int(found[0]) if len(found) else len(speed) - 1


def _t_wave(
    beat: AveragedBeat, qrs_offset: float, following: float, quiet: float
) -> tuple[float, float]:
    """Peak and end [s]; NaN where nothing stands out of the noise."""
    times = beat.times
    smooth = low_passed(beat.values, RATE, _T_CORNER)
    begin = int(np.searchsorted(times, qrs_offset + _T_EARLIEST))
    end = int(np.searchsorted(times, min(times[-1], following - _T_LATEST)))
    if end - begin < 80:
        return np.nan, np.nan
    piece = smooth[:, begin:end]
    above = piece - np.median(piece[:, int(0.8 * piece.shape[1]) :], axis=1, keepdims=True)
    strength = np.sqrt(np.mean(above**2, axis=0))
    tops, known = find_peaks(strength[: int(0.85 * len(strength))], prominence=0.0)
    if len(tops) == 0:
        return np.nan, np.nan
    top = int(tops[np.argmax(known["prominences"])])
    if strength[top] < _T_OUTSTANDING * quiet:
        return np.nan, np.nan
    ends = np.sort([_tangent_end(np.abs(row), top) for row in above if _tall(row, above, top)])
    ends = ends[np.isfinite(ends)]
    if len(ends) == 0:
        return np.nan, np.nan
    chosen = ends[int(_T_RANK * (len(ends) - 1) + 0.5)]
    return float(times[begin + top]), float(times[begin] + chosen / RATE)


def _tall(row: FloatArray, above: FloatArray, top: int) -> bool:
    """Whether a lead shows enough of T for a tangent."""
    return bool(abs(row[top]) > _T_TALL * np.abs(above[:, top]).max())


def _tangent_end(strength: FloatArray, top: int) -> float:
    """Where the steepest tangent after ``top`` meets the lowest level behind it [samples]."""
    slope = np.gradient(strength)
    steepest = top + int(np.argmin(slope[top : top + 160]))
    if slope[steepest] >= 0.0:
        return np.nan
    rest = float(strength[steepest : steepest + 200].min())
    return float(steepest + (strength[steepest] - rest) / -slope[steepest])


def _p_wave(
    beat: AveragedBeat, earliest: float, qrs_onset: float, quiet: float
) -> tuple[float, float, float]:
    """Onset, peak and offset [s]; NaN where nothing stands out of the noise."""
    nothing = (np.nan, np.nan, np.nan)
    times = beat.times
    smooth = low_passed(beat.values, RATE, _P_CORNER)
    begin = int(np.searchsorted(times, earliest))
    end = int(np.searchsorted(times, qrs_onset - 0.004))
    if end - begin < 60:
        return nothing
    piece = smooth[:, begin:end]
    ramp = np.linspace(0.0, 1.0, end - begin)
    first, last = piece[:, :10].mean(axis=1), piece[:, -6:].mean(axis=1)
    above = piece - (first[:, None] + (last - first)[:, None] * ramp)
    strength = np.sqrt(np.mean(above**2, axis=0))
    top = int(np.argmax(strength))
    if strength[top] < _P_OUTSTANDING * quiet or not 8 < top < len(strength) - 8:
        return nothing
    speed = _speed(_slopes(smooth), np.ones((len(smooth), 1)))[begin:end]
    near = slice(max(0, top - 70), min(len(speed), top + 70))
    most = speed[near].max()
    left = near.start + int(np.argmax(speed[near.start : top + 1])) if top > near.start else top
    right = top + int(np.argmax(speed[top : near.stop]))
    clear = speed[: len(speed) - _SMOOTHING]
    left = _extent(clear, min(left, len(clear) - 1), _P_CERTAIN * most)[0]
    right = max(right, _extent(clear, min(right, len(clear) - 1), _P_CERTAIN * most)[1])
    before, behind = speed[max(0, left - _P_REST) : left], speed[right : right + _P_REST]
    level = _resting(before, most) + _P_ONSET * most
    onset = _back_to_rest(speed[: left + 1][::-1], 0, level)
    offset = _back_to_rest(speed[right:], 0, _resting(behind, most) + _P_OFFSET * most)
    return (
        float(times[begin + max(left - onset, 0)]),
        float(times[begin + top]),
        float(times[begin + min(right + offset, len(speed) - 1)]),
    )
