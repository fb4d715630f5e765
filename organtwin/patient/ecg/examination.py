"""The whole way from a recording to what its ECG says."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from organtwin.errors import RecordError
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.detection import DetectedRhythm
from organtwin.patient.ecg.beats import AveragedBeat, Beat, averaged
from organtwin.patient.ecg.delineation import Waves, delineated
from organtwin.patient.ecg.leads import Identity, LeadSet, identities
from organtwin.patient.ecg.measurements import EcgMeasurements, EcgValue, measured
from organtwin.patient.ecg.origin import (
    doubt_of_block,
    doubt_of_p,
    leads_with_spikes,
    said_of_pacing,
)
from organtwin.patient.ecg.patterns import LBBB_MEN, LBBB_WOMEN, WIDE, Pattern, patterns
from organtwin.patient.ecg.preparation import Prepared, prepared
from organtwin.patient.ecg.quality import LeadQuality, lead_quality
from organtwin.patient.ecg.swaps import Swap, suspected_swaps
from organtwin.patient.recording import Recording


@dataclass(frozen=True, eq=False, slots=True)
class EcgExamination:
    """What was recorded, how good it is, and what it measures."""

    source: str
    qualities: tuple[LeadQuality, ...]
    leads: LeadSet
    identities: tuple[Identity, ...]
    rhythm: DetectedRhythm
    beats: tuple[Beat, ...]
    average: AveragedBeat
    waves: Waves
    measurements: EcgMeasurements
    patterns: tuple[Pattern, ...]
    swaps: tuple[Swap, ...]
    doubt_of_p: str
    """Why P is not reported though the beat may show one; empty where it is not withheld."""
    pacing: str
    """What is known of pacing, where spikes are seen or it would explain the beat; else empty."""
    spikes: tuple[str, ...] = ()
    """Leads whose beats begin with a spike of a pacemaker."""

    @property
    def findings(self) -> tuple[str, ...]:
        """What a reader must know, as sentences; the rest stands in the numbers."""
        found = [f"lead {q.name} is left out: it {' and '.join(q.faults)}"
                 for q in self.qualities if not q.usable]  # fmt: skip
        found += [f"lead {q.name}: {remark}" for q in self.qualities for remark in q.remarks]
        found += [f"lead {name} is computed {how}" for name, how in self.leads.derived.items()]
        found += [
            f"lead {i.lead} differs from what the other limb leads make of it by "
            f"{1e6 * i.residual:.0f} uV rms: an electrode, a name or a gain is wrong"
            for i in self.identities if not i.holds
        ]  # fmt: skip
        found += [f"{s.electrodes} may be exchanged: {s.evidence}; nothing was changed"
                  for s in self.swaps]  # fmt: skip
        left_out = [beat for beat in self.beats if not beat.used]
        if left_out:
            kinds = Counter(beat.reason.split(" (")[0] for beat in left_out)
            reasons = "; ".join(f"{count} {reason}" for reason, count in kinds.items())
            found.append(f"{len(left_out)} of {len(self.beats)} beats are not averaged: {reasons}")
        if self.doubt_of_p:
            found.append(self.doubt_of_p)
        elif not self.waves.has_p:
            found.append("no P wave stands out of the noise of the averaged beat")
        if self.pacing:
            found.append(self.pacing)
        found += [f"{p.name} is not to be judged: {p.doubt}"
                  for p in self.patterns if p.met and p.doubt]  # fmt: skip
        if not self.waves.has_t:
            found.append("no end of T is found: QT is not measured")
        return (*found, *self.rhythm.doubts)


def examined(recording: Recording) -> EcgExamination:
    """Quality, averaged beat, waves, measurements and findings of the ECG in ``recording``.

    Raises
    ------
    RecordError
        There is no usable ECG lead, no beats are found in any, or leads were not recorded
        together.
    """
    waveforms = {
        name: recording.waveforms[name]
        for name in (*ECG_LEADS, *FURTHER_ECG_LEADS)
        if name in recording.waveforms
    }
    qualities = tuple(lead_quality(wave) for wave in waveforms.values())
    if not any(quality.usable for quality in qualities):
        reasons = "; ".join(f"{q.name} {' and '.join(q.faults)}" for q in qualities)
        raise RecordError(
            recording.source, "ECG leads", expected="at least one usable lead",
            got=reasons or "no ECG lead", remedy="Record again, or state the intervals in a case.",
        )  # fmt: skip
    ready = prepared(waveforms, qualities)
    interval = _typical_interval(ready)
    waves = delineated(ready.average, interval=interval)
    recorded = {n: waveforms[n] for n in ready.leads.names if n in waveforms}
    spikes = leads_with_spikes(recorded, ready.beats, waves)
    doubt = doubt_of_p(ready.rhythm, ready.beats, spikes)
    waves = _told(waves, doubt)
    rate = min(wave.sampling_rate for wave in recorded.values())
    halves = tuple((beat, _told(each, doubt)) for beat, each in _halves(ready, interval))
    numbers = measured(ready.average, waves, halves, rr=_rr(ready))
    block = doubt_of_block(ready.rhythm, ready.beats, spikes, waves, WIDE)
    male = recording.facts.get("sex", "").lower().startswith("m")
    limit = LBBB_MEN if male else LBBB_WOMEN
    return EcgExamination(
        recording.source, qualities, ready.leads, identities(ready.leads), ready.rhythm,
        ready.beats, ready.average, waves, numbers,
        patterns(ready.average, waves, numbers, lbbb_limit=limit, doubt=block),
        suspected_swaps(ready.average, waves), doubt,
        said_of_pacing(spikes, waves, rate, WIDE), spikes,
    )  # fmt: skip


def _told(waves: Waves, doubt: str) -> Waves:
    """``waves`` without P where there is a doubt of it."""
    return replace(waves, p_onset=np.nan, p_peak=np.nan, p_offset=np.nan) if doubt else waves


def _typical_interval(ready: Prepared) -> float:
    intervals = [beat.since for beat in ready.beats if np.isfinite(beat.since)]
    return float(np.median(intervals)) if intervals else ready.rhythm.rr_mean


def _halves(ready: Prepared, interval: float) -> tuple[tuple[AveragedBeat, Waves], ...]:
    """Averages of every other used beat with their waves; none with fewer than six beats."""
    used = [k for k, beat in enumerate(ready.beats) if beat.used]
    if len(used) < 6:
        return ()
    found = []
    for half in (set(used[::2]), set(used[1::2])):
        beats = tuple(
            beat if k in half else Beat(beat.time, beat.since, beat.kind, beat.correlation, "other")
            for k, beat in enumerate(ready.beats)
        )
        average, _ = averaged(ready.leads, ready.values, beats)
        found.append((average, delineated(average, interval=interval)))
    return tuple(found)


def _rr(ready: Prepared) -> EcgValue:
    rhythm = ready.rhythm
    error = max(rhythm.rr_sd / rhythm.n_intervals**0.5, rhythm.resolution)
    return EcgValue("rr_interval", rhythm.rr_mean, error, "s", 1, len(rhythm.peaks))
