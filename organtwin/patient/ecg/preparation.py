"""From recorded leads to beats on a level baseline."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.detection import DetectedRhythm, detect_rhythm
from organtwin.patient.ecg.beats import (
    AveragedBeat,
    Beat,
    aligned_beats,
    averaged,
    chosen_beats,
)
from organtwin.patient.ecg.delineation import qrs_borders
from organtwin.patient.ecg.filters import baseline, high_passed, low_passed, without_mains
from organtwin.patient.ecg.leads import RATE, LeadSet, lead_set, with_derived
from organtwin.patient.ecg.quality import LeadQuality
from organtwin.patient.waveform import Waveform

_QUIET = 0.016
"""[s] Length of the level before QRS. The segment between P and QRS lasts 50 ms and more."""
_MARGIN = 0.004
"""[s] Kept from the onset of QRS."""


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """Filtered leads with the level before QRS at zero, and what the beats in them are.

    ``values`` ``(n_leads, n)`` [V] has gaps bridged by lines; beats beside them are unused.
    """

    leads: LeadSet
    values: FloatArray
    rhythm: DetectedRhythm
    beats: tuple[Beat, ...]
    average: AveragedBeat


def prepared(waveforms: Mapping[str, Waveform], qualities: tuple[LeadQuality, ...]) -> Prepared:
    """Beats of the usable leads.

    Raises
    ------
    RecordError
        No lead is usable, no beats are found in any, or none is whole.
    """
    usable = tuple(quality.name for quality in qualities if quality.usable)
    leads = with_derived(lead_set(waveforms, usable))
    rhythm = detect_rhythm({name: waveforms[name] for name in usable})
    filtered = _filtered(leads, {q.name: q.mains.frequency for q in qualities if q.mains})
    looked = high_passed(filtered, RATE)
    beats = chosen_beats(
        aligned_beats(looked, leads.times, rhythm.peaks), leads, regular=rhythm.regular
    )
    if not any(beat.used for beat in beats):
        raise RecordError(
            leads.source, "ECG beats", expected="a whole beat to average",
            got="; ".join(dict.fromkeys(beat.reason for beat in beats)),
            remedy="List leads without gaps under `leads`, or supply a longer recording.",
        )  # fmt: skip
    rough, _ = averaged(leads, looked, beats)
    onset, _ = qrs_borders(rough.times, rough.values)
    quiet = [
        round((beat.time + onset - _MARGIN - leads.times[0]) * RATE) for beat in beats if beat.used
    ]
    level = filtered - baseline(filtered, RATE, quiet, width=_QUIET)
    average, judged = averaged(leads, level, beats)
    return Prepared(leads, level, rhythm, judged, average)


def _filtered(leads: LeadSet, lines: Mapping[str, float]) -> FloatArray:
    """Bridged, without mains where found, below 150 Hz."""
    values = np.stack([_bridged(row) for row in leads.values])
    common = sorted(lines.values())
    for row, name in enumerate(leads.names):
        if name in lines:
            values[row] = without_mains(values[row], RATE, lines[name])
        elif name in leads.derived and common:
            values[row] = without_mains(values[row], RATE, common[len(common) // 2])
    return low_passed(values, RATE)


def _bridged(row: FloatArray) -> FloatArray:
    present = np.flatnonzero(~np.isnan(row))
    if len(present) == len(row):
        return row
    return np.interp(np.arange(len(row)), present, row[present])
