"""R peaks of an ECG lead that is still arriving, each given once, with what kind of beat it is.

Every half second of source time the detector of ``patient.detection`` looks at the last ten seconds
anew; a peak counts when it is ``CONFIRMED`` old, because the detector may still change its mind
about younger ones. For a picture that moves with the heart this is too late; see ``quick_peaks``.

A beat is premature by its RR interval and ectopic by its shape, see ``rhythm`` and ``qrs_shape``.
A beat that touches a disturbance is given as rejected, with the reason; it is no part of what is
learnt, and no RR interval begins or ends at it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.r_peaks import (
    FEWEST_BEATS,
    FLAT,
    NEAR,
    RANGE_PERCENTILES,
    SHAPE,
    bridged,
    complexes,
    likeness,
)
from organtwin.patient.streaming.channel_stream import ChannelStream
from organtwin.patient.streaming.ecg_artefacts import EcgArtefacts
from organtwin.patient.streaming.marks import ArtefactKind, Mark
from organtwin.patient.streaming.qrs_shape import RPeaks, RunningShape, RunningSteepness, onset
from organtwin.patient.streaming.rhythm import RunningRhythm

WINDOW = 10.0
"""[s] that the detector sees; it learns from its first seconds."""
CONFIRMED = 0.4
"""[s]"""
LEARNING = 3.0
"""[s] The detector needs so much before it says anything."""
REFRACTORY = 0.2
"""[s] Two QRS complexes are not nearer."""
FORGOTTEN = 3.0
"""[s] without a beat, after which complexes of any size may be beats, because the lead may have
changed; but three must be alike, because noise would be beats too. The first ones wait for it."""
SURE = 0.8
"""Likeness that three peaks of noise do not reach: each is a third of its own median, 0.58."""
UNLIKE = 0.8
"""Correlation with the usual complex below which a beat is ectopic. The normal and atrial beats of
MIT-BIH 100 have 0.95 and more (95 %), its ventricular beat 0.48; scripts/measure_streams.py."""
TURNED, TURNED_BEATS = 0.9, 3
"""Correlation with the usual complex upside down in so many beats in a row: ectopic beats are wider
than a mirror image."""
_DETECTOR_RATE = 125.0
"""[Hz] The detector's filter passes 5 to 20 Hz: faster leads are averaged down to about this."""
_SPARED = frozenset({ArtefactKind.FLAT})
"""Within a flat line the detector finds nothing; the beat at its border is whole."""


@dataclass(frozen=True, slots=True)
class EcgBeat:
    """One QRS complex; times are source time [s]."""

    time: float
    """Of the R peak."""
    onset: float
    """Of the QRS complex, estimated from one lead."""
    rr: float
    """[s] since the beat before; NaN where there is none, or a gap or rejected beat lies between"""
    amplitude: float
    """[V] of the R peak above its surroundings; negative where it points down."""
    correlation: float
    """With the usual complex, -1 to 1; NaN while too few were seen."""
    premature: bool
    irregular: bool | None
    """Whether the last RR intervals look like atrial fibrillation; None while there are few."""
    rejected: str = ""
    """Why the beat does not count; nothing for one that does."""

    @property
    def ectopic(self) -> bool:
        """Of another shape than the usual beat: from the ventricles, or conducted otherwise."""
        return self.correlation < UNLIKE


class EcgBeatStream(ChannelStream[EcgBeat]):
    """Beats of ``lead``, sampled at ``rate`` [Hz], values in volt."""

    def __init__(self, lead: str, rate: float) -> None:
        super().__init__(lead, rate, WINDOW + 2.0)
        self._artefacts = EcgArtefacts(lead, rate)
        self._peaks = RPeaks(rate, NEAR)
        self._shape = RunningShape(rate)
        self._steepness = RunningSteepness(rate)
        self._rhythm = RunningRhythm()
        self._turned: list[float] = []
        """Times of the last beats that are upside down."""
        self._last = -np.inf
        """Count of the last beat given."""
        self._before = np.nan
        """Time of the last beat, where an interval may begin at it."""

    def _disturbances(self, since: int) -> Iterable[Mark]:
        return self._artefacts.look(self.ring, since)

    def _forget(self) -> None:
        self._rhythm.clear()
        self._last, self._before = -np.inf, np.nan

    def _beats(self, final: bool) -> Iterator[EcgBeat]:
        first, values = self.ring.last(WINDOW)
        rate = self.ring.rate
        missing = np.isnan(values)
        if len(values) < LEARNING * rate or missing.all():
            return
        samples = bridged(values, missing)
        newest = len(samples) - (0 if final else round(CONFIRMED * rate))
        waiting = []
        for near in self._detected(samples, values, first):
            index, height = self._peaks.find(samples, near)
            if index < newest and first + index > self._last + REFRACTORY * rate:
                waiting.append((index, height))
        doubt = ""
        if waiting and first + waiting[0][0] > self._last + FORGOTTEN * rate:
            self._steepness.relearn(samples, [index for index, _ in waiting])
            waiting = [w for w in waiting if self._steepness.is_complex(samples, w[0])]
            indices = [index for index, _ in waiting]
            sure = likeness(samples, indices, round(SHAPE * rate)) >= SURE
            if len(indices) < FEWEST_BEATS or not sure:
                if not final:
                    return
                doubt = f"{self.channel}: too few alike peaks in a row to be beats"
        for index, height in waiting:
            near = first + index > self._last + REFRACTORY * rate
            if near and self._steepness.is_complex(samples, index):
                yield self._beat(samples, missing, first, index, height, doubt)

    def _detected(self, samples: FloatArray, values: FloatArray, first: int) -> list[int]:
        """Indices near QRS complexes."""
        undisturbed = self._undisturbed(first, len(values))
        usable = values[undisturbed]
        if np.isfinite(usable).sum() < LEARNING * self.ring.rate:
            usable = values
        low, high = np.nanpercentile(usable, RANGE_PERCENTILES)
        if high - low <= FLAT:
            return []
        # Noise higher than the complexes would hide those that follow from the detector.
        samples = np.where(undisturbed, samples, np.clip(samples, low, high))
        factor = max(int(self.ring.rate // _DETECTOR_RATE), 1)
        # Blocks start at fixed counts, or a peak would wander from look to look.
        skip = -first % factor
        n = (len(samples) - skip) // factor
        fewer = samples[skip : skip + n * factor].reshape(n, factor).mean(axis=1)
        found = complexes(fewer, self.ring.rate / factor, float(high - low))
        return [int(skip + k * factor + factor // 2) for k in sorted(found)]

    def _undisturbed(self, first: int, n: int) -> FloatArray:
        keep = np.ones(n, dtype=bool)
        ring = self.ring
        for mark in self.book.touching(ring.time_of(first), ring.end_time):
            keep[max(ring.count_of(mark.start) - first, 0) : ring.count_of(mark.end) - first] = 0
        return keep

    def _beat(
        self,
        samples: FloatArray,
        missing: FloatArray,
        first: int,
        index: int,
        height: float,
        doubt: str,
    ) -> EcgBeat:
        rate, reach = self.ring.rate, round(NEAR * self.ring.rate)
        time = self.ring.time_of(first + index)
        correlation = self._shape.correlation(samples, index)
        self._note_polarity(time, self._shape.mirrored(samples, index))
        rejected = doubt or self.book.reason(time - NEAR, time + NEAR, _SPARED)
        if not rejected and missing[max(0, index - reach) : index + reach].any():
            rejected = f"{self.channel}: samples are missing within the complex"
        since = max(int(self._last) - first, 0) if self._last > 0 else 0
        whole = not missing[since:index].any()
        rr = time - self._before if whole and not rejected else np.nan
        premature = not rejected and self._rhythm.premature(rr)
        self._last, self._before = first + index, np.nan if rejected else time
        self._rhythm.add(rr)
        if not rejected:
            self._peaks.learn(samples, index)
            self._steepness.learn(samples, index)
            if not premature:
                self._shape.learn(samples, index)
        begin = self.ring.time_of(first + onset(samples, index, rate))
        return EcgBeat(
            time, begin, rr, height, correlation, premature, self._rhythm.irregular, rejected
        )

    def _note_polarity(self, time: float, mirrored: float) -> None:
        """Mark a lead that was turned round, and learn its shape anew."""
        if not mirrored > TURNED:
            self._turned.clear()
            return
        self._turned.append(time)
        if len(self._turned) == TURNED_BEATS:
            text = f"{self.channel}: turned upside down for {TURNED_BEATS} beats, leads exchanged"
            mark = Mark(self._turned[0], time, ArtefactKind.JUMP, self.channel, text)
            self.book.note([mark])
            self._turned.clear()
            self._shape.clear()
            self._peaks.clear()
