"""What may be said of where a beat comes from: the atria, or a pacemaker.

- P: an average over an irregular rhythm shows chance or flutter waves as P. Intervals between
  neighbours of the dominant shape tell, so that extrasystoles and their pauses do not count.
- Pacing: a spike lasts 0.5 to 2 ms. It is sought in the samples as recorded, as what a median of
  9 ms takes away just before the complex. A recorder's filter may have taken spikes out, so their
  absence proves nothing.

Tests: tests/patient/ecg/test_origin.py.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from scipy.ndimage import median_filter

from organtwin.patient.detection import IRREGULARITY_LIMIT, DetectedRhythm
from organtwin.patient.ecg.beats import Beat
from organtwin.patient.ecg.delineation import Waves
from organtwin.patient.waveform import Waveform

SPIKE = 0.15e-3
"""[V] In two leads. Of 52 public records those that are not paced reach 0.11 mV, PTB-XL 498 has
0.50 mV and LUDB 74 0.73 mV; two other paced ones show no spike before the beats averaged."""
_HALF_MEDIAN = 0.004
"""[s]."""
_SOUGHT = (-0.060, 0.024)
"""[s] From the onset of QRS, where a spike that starts it stands. Slopes are taken over 15 ms, so
a tall spike pulls the onset before itself: by 17 ms in LUDB 74. All records that are not paced stay
below 0.12 mV up to here; 40 ms would meet R waves of 0.17 mV."""
_FEWEST = 4
"""Intervals between neighbours of the dominant shape that tell a rhythm."""


def doubt_of_p(rhythm: DetectedRhythm, beats: Sequence[Beat], spikes: Sequence[str]) -> str:
    """Why no P may be reported; empty where it may."""
    irregular = _irregularity(rhythm, beats)
    if irregular >= IRREGULARITY_LIMIT:
        return (
            f"no P wave is reported: the rhythm is irregular (neighbouring intervals differ by "
            f"{irregular:.0%}), so what looks like P may be fibrillation or flutter"
        )
    if spikes:
        return "no P wave is reported: a filtered spike of a pacemaker looks like one"
    if rhythm.episodes:
        return (
            "no P wave is reported: episodes are irregular, as in fibrillation that comes and goes"
        )
    return ""


def _irregularity(rhythm: DetectedRhythm, beats: Sequence[Beat]) -> float:
    """Median difference of neighbouring intervals over the median interval."""
    intervals = [b.since for a, b in pairwise(beats) if a.kind == b.kind == 0]
    if len(intervals) < _FEWEST:
        return rhythm.irregularity
    return float(np.median(np.abs(np.diff(intervals))) / np.median(intervals))


def leads_with_spikes(
    waveforms: Mapping[str, Waveform], beats: Sequence[Beat], waves: Waves
) -> tuple[str, ...]:
    """Leads whose beats of the dominant shape begin with a spike; none unless two show it."""
    onsets = [beat.time + waves.qrs_onset for beat in beats if beat.kind == 0]
    found = tuple(n for n, wave in waveforms.items() if _spike(wave, onsets) > SPIKE)
    return found if len(found) >= 2 else ()


def _spike(wave: Waveform, onsets: Sequence[float]) -> float:
    """[V] Median over beats of what a short median takes away before QRS."""
    rate = wave.sampling_rate
    width = 2 * max(1, round(_HALF_MEDIAN * rate)) + 1
    taken = np.abs(wave.values - median_filter(wave.values, width))
    heights = []
    for onset in onsets:
        first, last = (round((onset + o - wave.times[0]) * rate) for o in _SOUGHT)
        if first >= 0 and last < len(taken) and not np.isnan(taken[first:last]).any():
            heights.append(float(taken[first:last].max()))
    return float(np.median(heights)) if heights else 0.0


def doubt_of_block(
    rhythm: DetectedRhythm, beats: Sequence[Beat], spikes: Sequence[str], waves: Waves, wide: float
) -> str:
    """Why a wide complex may not be called a bundle branch block; empty where it may.

    Fibrillation has no P either, but an irregular rhythm comes from the atria.
    """
    if waves.qrs_offset - waves.qrs_onset < wide:
        return ""
    if spikes:
        return "the beat is paced"
    if waves.has_p or _irregularity(rhythm, beats) >= IRREGULARITY_LIMIT:
        return ""
    return "the rhythm is regular without P, so the beat may be paced or begin in the ventricles"


def said_of_pacing(spikes: Sequence[str], waves: Waves, rate: float, wide: float) -> str:
    """A sentence where spikes are seen, or where pacing would explain the beat; else empty.

    ``rate`` [Hz] of the samples; ``wide`` [s] from which a complex may be a paced one.
    """
    if spikes:
        return f"the rhythm is paced: spikes before QRS in {', '.join(spikes)}"
    if waves.has_p and waves.qrs_offset - waves.qrs_onset < wide:
        return ""
    return (
        "whether the rhythm is paced cannot be told: no spikes are seen, but at "
        f"{rate:.4g} samples per second and after a recorder's filter they may be lost"
    )
