"""R peaks, heart rate and regularity of the rhythm, from an ECG.

The detector is XQRS of the wfdb package (a Pan-Tompkins kin). It runs on the first three leads of
``LEAD_ORDER`` in which it finds at least three beats that resemble each other. Of these the lead is
taken whose beats agree best with those of the others and whose RR intervals vary least: a missed or
an invented beat spoils both. Lead II comes first because its axis is nearest to the usual QRS axis;
then the other leads with tall R waves; leads with many gaps come last.

Beats resemble each other when the median of their correlations with the median beat, 0.1 s to
either side, reaches ``ALIKE``; noise has no common shape. The measure is that of Orphanidou et al.,
IEEE J Biomed Health Inform 2015;19:832-838.

Regularity: the median absolute difference of neighbouring RR intervals, divided by the median RR
interval. A single extrasystole changes two or three differences of ten and hardly moves the
median; atrial fibrillation changes them all. The same measure over stretches of ten intervals finds
irregular episodes. Limits: a rhythm that is regularly irregular (bigeminy) counts as irregular,
fibrillation with a paced ventricle as regular.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import sqrt

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.measurement import Measurement
from organtwin.patient.r_peaks import (
    ALIKE,
    FEWEST_BEATS,
    FLAT,
    NEAR,
    RANGE_PERCENTILES,
    SHAPE,
    bridged,
    complexes,
    largest_excursions,
    likeness,
)
from organtwin.patient.waveform import Waveform
from organtwin.quantities import quantity

LEAD_ORDER = tuple(dict.fromkeys(("II", "MLII", "I", "V5", "V4", *ECG_LEADS, *FURTHER_ECG_LEADS)))
IRREGULARITY_LIMIT = 0.10
"""Between sinus rhythm (0.003 to 0.061) and atrial fibrillation (0.16 to 0.39) in 10 s strips of
PTB-XL, LUDB, CinC 2021 and CPSC 2018; tests/patient/test_real_recordings.py repeats the count."""
_MOST_GAPS = 0.2
"""Share of missing samples above which other leads are preferred."""
_VOTERS = 3
LOWEST_RATE = 50.0
"""[Hz] The detector's filter passes 5 to 20 Hz, so it needs more than 40; below 50 a QRS complex of
0.1 s has fewer than five samples."""
AGREEING = 0.8
"""Share of common beats; one beat missed or invented in ten leaves 0.9."""
STRETCH = 10
"""Intervals in which an irregular episode is looked for; fibrillation counts from 30 s."""
DOUBLED = (1.75, 2.25)
"""A missed beat makes an interval of twice the median."""
WIDE_SPREAD = 0.2
"""Of the mean RR. The sinus rhythms of the public sets reach 0.05; the young at rest breathe up to
some 0.15 into theirs (estimate)."""


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
    n_doubled: int = 0
    """Intervals of about twice the median."""
    irregular_stretches: tuple[int, int] = (0, 0)
    """How many stretches of ten intervals are irregular, and of how many."""
    agreement: float = 1.0
    """Share of beats that the most similar other lead shows too; 1 where there is no other."""

    @property
    def regular(self) -> bool:
        return self.irregularity < IRREGULARITY_LIMIT

    @property
    def episodes(self) -> bool:
        """Regular on the whole, but not all the time."""
        return self.regular and self.irregular_stretches[0] >= 2

    @property
    def doubts(self) -> tuple[str, ...]:
        """What speaks against taking rate and regularity at their word, as sentences."""
        found = []
        if self.agreement < AGREEING:
            found.append(
                f"only {self.agreement:.0%} of the beats in lead {self.lead} are found in another "
                "lead too: some leads are disturbed"
            )
        if self.regular and self.n_doubled:
            found.append(
                f"{self.n_doubled} of {self.n_intervals} RR intervals in lead {self.lead} are "
                "about twice the median: beats were missed, or the heart paused"
            )
        if self.episodes:
            few, all_ = self.irregular_stretches
            found.append(
                f"{few} of {all_} stretches of {STRETCH} beats in lead {self.lead} are irregular: "
                "the rhythm changes, and one rate does not describe it"
            )
        if self.regular and not found and self.rr_sd > WIDE_SPREAD * self.rr_mean:
            found.append(
                f"RR in lead {self.lead} varies by {self.rr_sd / self.rr_mean:.0%} of its mean "
                "although neighbours agree: the rate changes within the recording"
            )
        return tuple(found)

    @property
    def heart_rate(self) -> float:
        """[1/s]."""
        return 1.0 / self.rr_mean

    @property
    def description(self) -> str:
        """``regular, 61/min in lead II (10 beats)``."""
        word = "regular" if self.regular else "irregular"
        word += " with irregular episodes" if self.episodes else ""
        rate = f"{60.0 * self.heart_rate:.0f}/min"
        return f"{word}, {rate} in lead {self.lead} ({len(self.peaks)} beats)"

    def measurements(self, taken: date | None, source: str) -> tuple[Measurement, ...]:
        """Heart rate, mean and spread of RR; the doubt is the standard error over the strip."""
        error = max(self.rr_sd / sqrt(self.n_intervals), self.resolution)
        spread_error = max(self.rr_sd / sqrt(2.0 * self.n_intervals), self.resolution)
        text = f"R peaks detected in lead {self.lead} of {source}"
        return (
            Measurement("heart_rate", self.heart_rate, error / self.rr_mean**2, taken, text),
            Measurement("rr_interval", self.rr_mean, error, taken, text),
            Measurement("rr_sd", self.rr_sd, spread_error, taken, text),
        )


def detect_rhythm(waveforms: Mapping[str, Waveform]) -> DetectedRhythm:
    """Beats of the most trustworthy of the first usable leads.

    Raises
    ------
    RecordError
        There is no ECG lead, or none in which beats can be found; it says why for each.
    """
    leads = [waveforms[name] for name in LEAD_ORDER if name in waveforms]
    leads.sort(key=lambda wave: wave.gaps > _MOST_GAPS * len(wave.values))  # else as ordered
    found: list[DetectedRhythm] = []
    reasons = []
    for wave in leads:
        if reason := _unusable(wave):
            reasons.append(f"{wave.name} {reason}")
        elif isinstance(rhythm := _rhythm(wave), str):
            reasons.append(f"{wave.name} {rhythm}")
        else:
            found.append(rhythm)
        if len(found) == _VOTERS:
            break
    if found:
        best = min(found, key=lambda rhythm: _distrust(rhythm, found))
        shared = [_agreement(best.peaks, other.peaks) for other in found if other is not best]
        return replace(best, agreement=max(shared, default=1.0))
    source = next(iter(waveforms.values())).source if waveforms else "record"
    raise RecordError(
        source, "ECG leads", expected=f"a lead with at least {FEWEST_BEATS} detectable beats",
        got=f"none: {'; '.join(reasons)}" if reasons else "no ECG lead",
        remedy="Give heart_rate as a measurement, or supply a longer or cleaner ECG.",
    )  # fmt: skip


def _distrust(rhythm: DetectedRhythm, among: list[DetectedRhythm]) -> float:
    """Disagreement with the other leads, and variation of RR; 0 is perfect."""
    others = [other for other in among if other is not rhythm]
    shared = [_agreement(rhythm.peaks, other.peaks) for other in others]
    disagreement = 1.0 - sum(shared) / len(shared) if shared else 0.0
    return disagreement + rhythm.rr_sd / rhythm.rr_mean


def _agreement(one: FloatArray, other: FloatArray) -> float:
    """Share of the beats of two leads that lie within 0.1 s of one of the other lead."""

    def near(a: FloatArray, b: FloatArray) -> int:
        right = np.clip(np.searchsorted(b, a), 1, len(b) - 1)
        return int((np.minimum(np.abs(a - b[right - 1]), np.abs(a - b[right])) < 0.1).sum())

    return (near(one, other) + near(other, one)) / (len(one) + len(other))


def _unusable(waveform: Waveform) -> str:
    """Why no beats need be looked for in a lead; nothing where they may be found."""
    rate = waveform.sampling_rate
    if rate < LOWEST_RATE:
        return f"has {rate:.4g} samples per second, of {LOWEST_RATE:g} needed"
    if waveform.gaps == len(waveform.values):
        return "has no sample"
    low, high = np.nanpercentile(waveform.values, RANGE_PERCENTILES)
    return f"is flat ({1e3 * (high - low):.2g} mV)" if high - low <= FLAT else ""


def _rhythm(waveform: Waveform) -> DetectedRhythm | str:
    """Beats of one lead, or why there are none."""
    missing = np.isnan(waveform.values)
    samples = bridged(waveform.values, missing)
    frequency = waveform.sampling_rate
    if len(samples) < 3.0 * frequency:  # the detector learns on the first seconds
        return "is shorter than 3 s"
    low, high = np.nanpercentile(waveform.values, RANGE_PERCENTILES)
    reach = round(NEAR * frequency)
    refined = largest_excursions(samples, complexes(samples, frequency, high - low), reach)
    peaks = [p for p in refined if not missing[max(0, p - reach) : p + reach].any()]
    whole = np.array([not missing[a:b].any() for a, b in pairwise(peaks)], dtype=bool)
    if len(peaks) < FEWEST_BEATS or whole.sum() < FEWEST_BEATS - 1:
        return f"shows {len(peaks)} beats"
    if likeness(samples, peaks, round(SHAPE * frequency)) < ALIKE:
        return f"shows {len(peaks)} peaks that do not resemble each other, as noise does"
    rhythm = _timed(waveform, peaks, whole)
    rate, living = rhythm.heart_rate, quantity("heart_rate")
    if not living.to_si(living.lower) <= rate <= living.to_si(living.upper):
        return f"shows {60.0 * rate:.0f} beats per minute: check the sampling rate"
    return rhythm


def _timed(waveform: Waveform, peaks: list[int], whole: BoolArray) -> DetectedRhythm:
    """The rhythm of beats at ``peaks``; ``whole`` marks the intervals that no gap interrupts."""
    intervals = np.diff(waveform.times[peaks])
    kept = intervals[whole]
    median = float(np.median(kept))
    differences = np.abs(np.diff(intervals))[whole[1:] & whole[:-1]] / median
    stretches = [
        float(np.median(differences[start : start + STRETCH]))
        for start in range(0, len(differences) - STRETCH + 1, STRETCH)
    ]
    return DetectedRhythm(
        waveform.name, waveform.times[peaks], len(kept),
        float(kept.mean()), float(kept.std(ddof=1)),
        float(np.median(differences)) if len(differences) else 0.0,
        1.0 / waveform.sampling_rate,
        int(((kept > DOUBLED[0] * median) & (kept < DOUBLED[1] * median)).sum()),
        (sum(s >= IRREGULARITY_LIMIT for s in stretches), len(stretches)),
    )  # fmt: skip
