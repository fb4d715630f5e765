"""R peaks, heart rate and regularity of the rhythm, from an ECG.

The detector is XQRS of the wfdb package (a Pan-Tompkins kin). It runs on the first three leads of
``LEAD_ORDER`` that are neither flat nor full of gaps and in which it finds at least three beats;
the lead with the median number of beats is taken, so that one lead with artefacts is outvoted.
Lead II comes first because its axis is nearest to the usual QRS axis; then the other leads with
tall R waves. With two usable leads the first counts.

Regularity: the median absolute difference of neighbouring RR intervals, divided by the median RR
interval. A single extrasystole changes two or three differences of ten and hardly moves the
median; atrial fibrillation changes them all. Limits: a rhythm that is regularly irregular
(bigeminy) counts as irregular, fibrillation with a paced ventricle as regular.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.measurement import Measurement
from organtwin.patient.readers.wfdb_library import wfdb_module
from organtwin.patient.waveform import Waveform

LEAD_ORDER = tuple(dict.fromkeys(("II", "MLII", "I", "V5", "V4", *ECG_LEADS, *FURTHER_ECG_LEADS)))
IRREGULARITY_LIMIT = 0.10
"""Between sinus rhythm (0.003 to 0.061) and atrial fibrillation (0.16 to 0.39) in 10 s strips of
PTB-XL, LUDB, CinC 2021 and CPSC 2018; tests/patient/test_real_recordings.py repeats the count."""
_RANGE_PERCENTILES = (0.5, 99.5)
_FLAT = 5e-5
"""[V] 0.05 mV between these percentiles: half a millimetre on paper is no QRS."""
_MOST_GAPS = 0.2
"""Share of missing samples above which another lead is preferred."""
_NEAR = 0.06
"""[s] Half width of the search for the peak, and of the margin kept from gaps."""
_FEWEST_BEATS = 3
_VOTERS = 3
_DETECTOR_RANGE = 2.0
"""[mV] Each lead is scaled to this range for the detector, whose starting thresholds suit tall
QRS complexes: at the recorded scale it found 496 of 1150 beats of a small monitor lead (MIMIC
record 03700181), scaled all of them; in record 100 of MIT-BIH 2273 of 2273 either way."""


@dataclass(frozen=True, eq=False)
class DetectedRhythm:
    """Beats found in one lead.

    ``peaks`` is ``(n,)`` [s]; ``rr_mean`` and ``rr_sd`` are [s] over the intervals that no gap
    interrupts; ``irregularity`` is the measure in the module's text.
    """

    lead: str
    peaks: FloatArray
    n_intervals: int
    rr_mean: float
    rr_sd: float
    irregularity: float
    resolution: float
    """[s] between samples: no interval is known better."""

    @property
    def regular(self) -> bool:
        return self.irregularity < IRREGULARITY_LIMIT

    @property
    def heart_rate(self) -> float:
        """[1/s]."""
        return 1.0 / self.rr_mean

    @property
    def description(self) -> str:
        """``regular, 61/min in lead II (10 beats)``."""
        word = "regular" if self.regular else "irregular"
        rate = f"{60.0 * self.heart_rate:.0f}/min"
        return f"{word}, {rate} in lead {self.lead} ({len(self.peaks)} beats)"

    def measurements(self, taken: date | None, source: str) -> tuple[Measurement, ...]:
        """Heart rate, mean and spread of RR; the doubt is the standard error over the strip."""
        error = max(self.rr_sd / np.sqrt(self.n_intervals), self.resolution)
        spread_error = max(self.rr_sd / np.sqrt(2.0 * self.n_intervals), self.resolution)
        text = f"R peaks detected in lead {self.lead} of {source}"
        return (
            Measurement("heart_rate", self.heart_rate, error / self.rr_mean**2, taken, text),
            Measurement("rr_interval", self.rr_mean, float(error), taken, text),
            Measurement("rr_sd", self.rr_sd, float(spread_error), taken, text),
        )


def detect_rhythm(waveforms: Mapping[str, Waveform]) -> DetectedRhythm:
    """Beats of the first usable lead.

    Raises
    ------
    RecordError
        There is no ECG lead, or none in which beats can be found.
    """
    leads = [name for name in LEAD_ORDER if name in waveforms]
    candidates = (_rhythm(waveforms[name]) for name in leads if _usable(waveforms[name]))
    found = list(islice((rhythm for rhythm in candidates if rhythm is not None), _VOTERS))
    if found:
        counts = sorted(len(rhythm.peaks) for rhythm in found)
        majority = counts[len(counts) // 2] if len(counts) == _VOTERS else len(found[0].peaks)
        return next(rhythm for rhythm in found if len(rhythm.peaks) == majority)
    source = next(iter(waveforms.values())).source if waveforms else "record"
    raise RecordError(
        source, "ECG leads", expected=f"a lead with at least {_FEWEST_BEATS} detectable beats",
        got=f"none in {', '.join(leads)}" if leads else "no ECG lead",
        remedy="Give heart_rate as a measurement, or supply a longer or cleaner ECG.",
    )  # fmt: skip


def _usable(waveform: Waveform) -> bool:
    if waveform.gaps > _MOST_GAPS * len(waveform.values):
        return False
    low, high = np.nanpercentile(waveform.values, _RANGE_PERCENTILES)
    return bool(high - low > _FLAT)


def _rhythm(waveform: Waveform) -> DetectedRhythm | None:
    missing = np.isnan(waveform.values)
    samples = _bridged(waveform.values, missing)
    rate = waveform.sampling_rate
    if len(samples) < 3.0 * rate:  # the detector learns on the first seconds
        return None
    low, high = np.percentile(samples, _RANGE_PERCENTILES)
    scaled = samples * (_DETECTOR_RANGE / (high - low))
    detector = wfdb_module("wfdb.processing").XQRS(sig=scaled, fs=rate)
    detector.detect(verbose=False)
    reach = round(_NEAR * rate)
    refined = _refined(samples, detector.qrs_inds, reach)
    peaks = [p for p in refined if not missing[max(0, p - reach) : p + reach].any()]
    if len(peaks) < _FEWEST_BEATS:
        return None
    intervals = np.diff(waveform.times[peaks])
    whole = np.array([not missing[a:b].any() for a, b in pairwise(peaks)])
    if whole.sum() < _FEWEST_BEATS - 1:
        return None
    kept = intervals[whole]
    differences = np.abs(np.diff(intervals))[whole[1:] & whole[:-1]]
    return DetectedRhythm(
        waveform.name, waveform.times[peaks], len(kept),
        float(kept.mean()), float(kept.std(ddof=1)),
        float(np.median(differences) / np.median(kept)) if len(differences) else 0.0, 1.0 / rate,
    )  # fmt: skip


def _bridged(values: FloatArray, missing: BoolArray) -> FloatArray:
    """``values`` with gaps filled by straight lines, for the detector's filters only."""
    if not missing.any():
        return values
    present = np.flatnonzero(~missing)
    return np.interp(np.arange(len(values)), present, values[present])


def _refined(samples: FloatArray, peaks: Iterable[int], reach: int) -> list[int]:
    """Each peak moved to the largest excursion from the local median nearby.

    The detector alone jumps between the humps of a split complex, which looks like irregularity.
    """
    refined = []
    for peak in peaks:
        start = max(0, int(peak) - reach)
        near = samples[start : peak + reach + 1]
        refined.append(start + int(np.argmax(np.abs(near - np.median(near)))))
    return sorted(set(refined))
