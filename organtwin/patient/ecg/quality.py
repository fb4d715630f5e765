"""Whether a lead can be used: flat, clipped, missing, noisy, wandering, with mains.

Measured on the samples as recorded, before any filter. A lead that fails is excluded by name and
never filled in. Limits below are this program's own; each says what it keeps apart.
Tests: tests/patient/ecg/test_quality.py.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from organtwin.arrays import BoolArray, FloatArray
from organtwin.patient.ecg.filters import Mains, mains
from organtwin.patient.waveform import Waveform

FLAT = 5e-5
"""[V] Range of a lead without any complex: half a millimetre on paper."""
_STILL = 0.2
"""[s] A living lead does not hold one value so long: its amplifier is never silent."""
MOST_LOST = 0.2
"""Share of missing or still samples above which a lead is left out."""
_CLIPPED_RUN = 0.010
"""[s] Spent at the very extreme of the lead, without a step."""
_CLIPPED_RUNS = 3
"""A single flat top may be chance, or a pacing spike."""
MOST_NOISE = 1e-4
"""[V] rms above 40 Hz between the complexes. The public sets reach 0.04 mV."""
LEAST_SIGNAL_TO_NOISE = 4.0
"""Range of the lead over its noise; below it complexes are not seen."""
_QUIET_ABOVE = 40.0
"""[Hz]."""
MOST_WANDER = 2e-3
"""[V] range below 0.5 Hz; only remarked, because the baseline is taken out."""


@dataclass(frozen=True, slots=True)
class LeadQuality:
    """Numbers of one lead, and what is wrong with it."""

    name: str
    size: float
    """[V] between the percentiles 0.5 and 99.5."""
    missing: float
    """Share of samples that the file marks as missing."""
    still: float
    """Share of samples in stretches of 0.2 s and more without any change."""
    dropouts: int
    """Stretches missing or still."""
    clipped_runs: int
    noise: float
    """[V] root mean square above 40 Hz, robust against the complexes."""
    wander: float
    """[V] range below 0.5 Hz."""
    mains: Mains | None
    faults: tuple[str, ...]
    """Why the lead is left out; empty for a usable one."""
    remarks: tuple[str, ...]

    @property
    def usable(self) -> bool:
        return not self.faults


def lead_quality(wave: Waveform) -> LeadQuality:
    """Quality of one ECG lead as recorded."""
    rate = wave.sampling_rate
    absent = np.isnan(wave.values)
    present = wave.values[~absent]
    if len(present) < 2.0 * rate:
        faults = (f"has {len(present) / rate:.2g} s of samples, of 2 s needed",)
        return LeadQuality(
            wave.name, 0.0, float(absent.mean()), 0.0, 0, 0, 0.0, 0.0, None, faults, ()
        )
    low, high = np.percentile(present, (0.5, 99.5))
    bridged = np.interp(wave.times, wave.times[~absent], present)
    still = _in_runs(np.append(np.diff(bridged) == 0.0, False) & ~absent, round(_STILL * rate))
    lost = still | absent
    numbers = LeadQuality(
        wave.name, float(high - low), float(absent.mean()), float(still.mean()),
        int(np.count_nonzero(np.diff(np.concatenate(([False], lost))) & lost)),
        _clipped(bridged, still, rate), _noise(bridged[~lost], rate), _wander(bridged, rate),
        mains(bridged, rate), (), (),
    )  # fmt: skip
    return _judged(numbers)


def _judged(q: LeadQuality) -> LeadQuality:
    faults = []
    if q.size <= FLAT:
        faults.append(f"is flat ({1e3 * q.size:.2g} mV)")
    elif q.missing + q.still > MOST_LOST:
        faults.append(f"has no signal in {q.missing + q.still:.0%} of the time")
    if q.clipped_runs >= _CLIPPED_RUNS and q.size > FLAT:
        faults.append(f"is clipped: {q.clipped_runs} times it stays at its extreme")
    if q.noise > MOST_NOISE:
        faults.append(f"is noisy ({1e3 * q.noise:.2g} mV rms above {_QUIET_ABOVE:g} Hz)")
    elif q.size > FLAT and q.size < LEAST_SIGNAL_TO_NOISE * q.noise:
        faults.append(f"does not rise above its noise ({1e3 * q.noise:.2g} mV rms)")
    remarks = []
    if q.wander > MOST_WANDER:
        remarks.append(f"its baseline wanders by {1e3 * q.wander:.2g} mV")
    if q.mains is not None:
        remarks.append(f"mains of {q.mains.frequency:.4g} Hz, {1e6 * q.mains.size:.2g} uV rms")
    if q.dropouts and not faults:
        remarks.append(f"{q.dropouts} dropouts")
    return LeadQuality(
        q.name, q.size, q.missing, q.still, q.dropouts, q.clipped_runs, q.noise, q.wander,
        q.mains, tuple(faults), tuple(remarks),
    )  # fmt: skip


def _in_runs(marks: BoolArray, fewest: int) -> BoolArray:
    """``marks`` ``(n,)`` kept only in runs of at least ``fewest``."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marks.view(np.int8), [0]))))
    kept = np.zeros(len(marks), dtype=bool)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        kept[start:end] = end - start >= fewest
    return kept


def _clipped(values: FloatArray, still: BoolArray, rate: float) -> int:
    """How often the lead stays at its very extreme; a lead that stands still is not clipped."""
    fewest = max(4, round(_CLIPPED_RUN * rate))
    count = 0
    for extreme in (values.max(), values.min()):
        runs = _in_runs((values == extreme) & ~still, fewest)
        count += int(np.count_nonzero(np.diff(np.concatenate(([False], runs))) & runs))
    return count


def _noise(values: FloatArray, rate: float) -> float:
    if rate < 2.5 * _QUIET_ABOVE or len(values) < rate:
        return 0.0
    sections = butter(2, _QUIET_ABOVE, btype="highpass", fs=rate, output="sos")
    fast = sosfiltfilt(sections, values)
    return float(1.4826 * np.median(np.abs(fast - np.median(fast))))


def _wander(values: FloatArray, rate: float) -> float:
    sections = butter(2, 0.5, fs=rate, output="sos")
    return float(np.ptp(sosfiltfilt(sections, values)))
