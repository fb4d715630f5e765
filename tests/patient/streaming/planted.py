"""Signals whose beats are planted: their times and extremes are known exactly."""

import numpy as np

from organtwin.units import MMHG

FAST, SLOW = 250.0, 125.0


def beat_times(rr=0.8, seconds=60.0, first=0.6):
    """Times [s] of beats ``rr`` [s] apart, or by the intervals given."""
    if np.ndim(rr):
        return first + np.concatenate(([0.0], np.cumsum(rr)))
    return np.arange(first, seconds, rr)


def ecg(peaks, seconds=60.0, rate=FAST, wide=(), height=1e-3, noise=0.01e-3, seed=0):
    """An ECG [V] with P, QRS and T; beats whose index is in ``wide`` are ventricular."""
    t = np.arange(0.0, seconds, 1.0 / rate)
    values = np.random.default_rng(seed).normal(0.0, noise, len(t))
    for k, peak in enumerate(peaks):
        near = slice(*np.searchsorted(t, (peak - 0.4, peak + 0.6)))
        x = t[near] - peak
        if k in wide:
            waves = ((0.0, 0.035, 1.4), (0.09, 0.03, -0.9), (0.28, 0.06, -0.4))
        else:
            waves = ((-0.16, 0.025, 0.12), (-0.025, 0.008, -0.12), (0.0, 0.010, 1.0),
                     (0.028, 0.009, -0.25), (0.26, 0.045, 0.25))  # fmt: skip
        for centre, width, size in waves:
            values[near] += height * size * np.exp(-0.5 * ((x - centre) / width) ** 2)
    return values


def pressure(
    feet, seconds=60.0, rate=SLOW, systolic=120.0, diastolic=70.0, noise=0.05, notch=0.30, seed=0
):
    """A pressure [Pa] that rises at ``feet``, peaks 0.12 s later and has a notch.

    Exactly ``diastolic`` at each foot and ``systolic`` at each peak, before noise [mmHg]; both may
    be arrays, one value a beat. The notch is a kink ``notch`` [s] after the foot.
    """
    t = np.arange(0.0, seconds, 1.0 / rate)
    high, low = np.broadcast_to(systolic, len(feet)), np.broadcast_to(diastolic, len(feet))
    ends = np.append(feet[1:], feet[-1] + np.diff(feet)[-1])
    values = np.full(len(t), float(low[0]))
    for k, (a, b) in enumerate(zip(feet, ends, strict=True)):
        last = low[min(k + 1, len(low) - 1)]
        mid = last + 0.45 * (high[k] - last)
        near = slice(*np.searchsorted(t, (a, b)))
        x = t[near] - a
        rise = low[k] + (high[k] - low[k]) * np.sin(0.5 * np.pi * np.clip(x / 0.12, 0, 1))
        fall = mid + (high[k] - mid) * np.cos(
            0.5 * np.pi * np.clip((x - 0.12) / (notch - 0.12), 0, 1)
        )
        bump = 0.08 * (high[k] - last) * np.sin(np.pi * np.clip((x - notch) / 0.12, 0, 1))
        run = last + (mid - last) * (1 - (x - notch) / (b - a - notch)) + bump
        values[near] = np.where(x < 0.12, rise, np.where(x < notch, fall, run))
    values += np.random.default_rng(seed).normal(0.0, noise, len(t))
    return values * MMHG


def fed(stream, values, rate, start=0.0, piece=0.1, finish=True):
    """Everything a stream gives for ``values`` in pieces of ``piece`` [s], and its marks."""
    beats, marks, n = [], [], max(round(piece * rate), 1)
    for at in range(0, len(values), n):
        beats += stream.push(start + at / rate, values[at : at + n])
        if hasattr(stream, "marks"):
            marks += stream.marks()
    if finish and hasattr(stream, "finish"):
        beats += stream.finish()
        marks += stream.marks()
    return beats, marks
