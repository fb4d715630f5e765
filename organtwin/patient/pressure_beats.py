"""Systolic, diastolic and mean pressure from recorded pressure waveforms.

Arterial and pulmonary artery pressure: beats by the rules of ``pulses``. Beats with missing
samples, and beats whose systolic or pulse pressure lies more than 5 robust standard deviations from
the median (flushes, zeroing, damping), are left out. Venous pressures: mean of each second. The
median over what is left is the value; its doubt is the spread from beat to beat (with breathing)
and 2 mmHg of levelling, the error of a transducer 2.7 cm too high or too low.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.measurement import Measurement
from organtwin.patient.pulses import (
    NOISIEST,
    inlying,
    pulse_peaks,
    robust_range,
    robust_spread,
    roughness,
    troughs,
)
from organtwin.patient.waveform import Waveform
from organtwin.quantities import quantity
from organtwin.units import MMHG

_ARTERIAL = ("systolic_pressure", "diastolic_pressure", "mean_arterial_pressure")
_PULMONARY = ("pa_systolic", "pa_diastolic", "pa_mean")
_PULSATILE: Mapping[str, tuple[str, str, str]] = {
    "ABP": _ARTERIAL, "ART": _ARTERIAL, "AOP": _ARTERIAL, "PAP": _PULMONARY,
}  # fmt: skip
_STEADY: Mapping[str, str] = {
    "CVP": "ra_pressure", "RAP": "ra_pressure", "LAP": "pcwp", "PCWP": "pcwp",
}  # fmt: skip
LEVELLING = 2.0 * MMHG
FEWEST_BEATS = 5
FEWEST_GOOD = 0.6
"""Share of beats that must be left; below, the recording is too disturbed to be summed up."""


@dataclass(frozen=True, eq=False)
class PressureBeats:
    """Beats of one waveform, ``(n,)`` each: pressures [Pa], and which are undisturbed."""

    systolic: FloatArray
    diastolic: FloatArray
    mean: FloatArray
    good: BoolArray

    @property
    def usable(self) -> bool:
        n_good = int(self.good.sum())
        return n_good >= FEWEST_BEATS and n_good >= FEWEST_GOOD * len(self.good)


NO_BEATS = PressureBeats(np.empty(0), np.empty(0), np.empty(0), np.empty(0, dtype=bool))


def pressure_measurements(
    waveforms: Mapping[str, Waveform],
) -> Iterator[Measurement | Finding]:
    """What the pressure waveforms of a record measure, or why one could not be used."""
    for name, wave in waveforms.items():
        if name in _PULSATILE:
            yield from _pulsatile(wave, _PULSATILE[name])
        elif name in _STEADY:
            yield from _venous(wave, _STEADY[name])


def find_pressure_beats(wave: Waveform) -> PressureBeats:
    """Beats of a pulsatile pressure; see the module for the rules."""
    values = wave.values
    missing = np.isnan(values)
    if missing.all():
        return NO_BEATS
    filled = np.where(missing, np.nanmedian(values), values)
    if roughness(filled, wave.sampling_rate) > NOISIEST:
        return NO_BEATS
    peaks = pulse_peaks(filled, wave.sampling_rate, robust_range(filled))
    rows, whole = [], []
    for (start, end), peak in zip(pairwise(troughs(filled, peaks)), peaks[1:-1], strict=True):
        rows.append((filled[peak], filled[start], filled[start:end].mean()))
        whole.append(not missing[start : end + 1].any())
    systolic, diastolic, mean = np.array(rows).reshape(-1, 3).T
    good = np.array(whole, dtype=bool)
    for series in (systolic, systolic - diastolic):
        good &= inlying(series, good)
    return PressureBeats(systolic, diastolic, mean, good)


def _pulsatile(wave: Waveform, names: tuple[str, str, str]) -> Iterator[Measurement | Finding]:
    beats = find_pressure_beats(wave)
    if not beats.usable:
        text = f"{wave.name}: {int(beats.good.sum())} of {len(beats.good)} beats undisturbed"
        yield Finding(FindingKind.NOT_USED, f"{text}, too few for a pressure", (wave.name,))
        return
    text = f"median of {int(beats.good.sum())} of {len(beats.good)} beats of {wave.source}"
    for name, series in zip(names, (beats.systolic, beats.diastolic, beats.mean), strict=True):
        yield _measurement(name, series[beats.good], f"{wave.name}: {text}")


def _venous(wave: Waveform, name: str) -> Iterator[Measurement | Finding]:
    count = round(wave.sampling_rate)
    whole = wave.values[: len(wave.values) // count * count].reshape(-1, count)
    seconds = whole.mean(axis=1)
    seconds = seconds[~np.isnan(seconds)]
    seconds = seconds[inlying(seconds, np.ones(len(seconds), dtype=bool))]
    if len(seconds) < FEWEST_BEATS:
        text = f"{wave.name}: {len(seconds)} undisturbed seconds, too few for a mean pressure"
        yield Finding(FindingKind.NOT_USED, text, (wave.name,))
        return
    yield _measurement(name, seconds, f"{wave.name}: {len(seconds)} s of {wave.source}")


def _measurement(name: str, series: FloatArray, source: str) -> Measurement | Finding:
    value, spread = float(np.median(series)), robust_spread(series)
    q = quantity(name)
    if not q.lower <= q.from_si(value) <= q.upper:
        text = f"{source}: {q.label} {q.text(value)} is outside what a living adult shows"
        return Finding(FindingKind.NOT_USED, text, (name,))
    return Measurement(name, value, float(np.hypot(spread, LEVELLING)), None, source)
