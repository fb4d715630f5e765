"""What disturbs a pressure line: flush, zeroing, flat line, clipping, motion, and what lasts.

Against the pressures of the last undisturbed minute (``PressureHabits``). Samples show a flush
(higher than any patient, or a plateau far above the usual), zeroing (near nought where the usual
mean is not), a flat line, clipping, and motion (far outside the usual). Windows of two seconds show
what lasts: a pulse that collapses with the mean kept (damped) or with the mean down at the usual
diastolic in a pulmonary artery (wedge), and a level that jumped. After a flush the line's own
swings tell how well it follows (``flush_response``).
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.streaming.flush_response import FlushResponse, flush_response
from organtwin.patient.streaming.marks import ArtefactKind, Mark
from organtwin.patient.streaming.pressure_habits import PressureHabits, Span
from organtwin.patient.streaming.pressure_sites import PressureSite
from organtwin.patient.streaming.ring import Ring
from organtwin.patient.streaming.stretches import quiet, runs
from organtwin.units import MMHG

CONTEXT = 3.0
"""[s] that are looked at again before the new samples."""
LASTING = 2.0
"""[s] At 30 beats per minute one beat lies in it."""
FLUSH_TIME, ZERO_TIME, CLIP_TIME = 0.08, 0.4, 0.1
"""[s]"""
PLATEAU = 40 * MMHG
PLATEAU_STILL, PLATEAU_TIME = 2.0 * MMHG, 0.25
"""A flush against a recorder's rail: so far above the usual systolic, so still, so long [s]."""
EDGE = 0.1
"""[s] An open valve's flanks on either side."""
RINGING = 0.5
"""[s] after a flush in which the line swings or creeps back."""
RESPONSE = 0.8
"""[s] after a flush from which the line's swings are read."""
FAR = 0.75
"""Usual ranges beyond the usual extremes, and 15 mmHg (5 in veins), where motion begins."""

Found = tuple[int, int, ArtefactKind, str]


class PressureArtefacts:
    """Looks for disturbances in a pressure of ``rate`` [Hz] at ``site``."""

    def __init__(self, channel: str, rate: float, site: PressureSite) -> None:
        self._channel = channel
        self._rate = rate
        self._limits = site.value
        self._margin = (5 if site is PressureSite.VENOUS else 15) * MMHG
        self.habits = PressureHabits(site)
        self._flushed: deque[tuple[int, int]] = deque(maxlen=8)
        """Counts from where to where the last flushes went."""
        self.response: FlushResponse | None = None
        """Of the line, from the last flush that ended within the signal."""

    def look(self, ring: Ring, since: int) -> Iterator[Mark]:
        """Marks in samples with counts from ``since`` on."""
        start = max(since - round(CONTEXT * self._rate), ring.first)
        values = ring.piece(start, ring.end)
        if len(values) < LASTING * self._rate:
            return
        found = list(self._samples(values, start))
        newest = len(values) - round(LASTING * self._rate)
        disturbed = any(stop > newest for _, stop, _, _ in found)
        last = values[newest:]
        if np.isfinite(last).all():
            step = ring.end - since
            lasting = self.habits.judge(_span(last), step / self._rate, disturbed)
            if lasting is not None:
                found.append((newest, len(values), *lasting))
        for a, b, kind, text in found:
            begin, end = ring.time_of(start + a), ring.time_of(start + b)
            yield Mark(begin, end, kind, self._channel, f"{self._channel}: {text}")

    def _samples(self, values: FloatArray, first: int) -> Iterator[Found]:
        limits, usual = self._limits, self.habits.usual
        edge, after = round(EDGE * self._rate), round(RINGING * self._rate)
        flushed = [(a - first, b - first) for a, b in self._flushed]
        for a, b in self._flushes(values, usual):
            flushed.append((a - edge, b + after))
            self._flushed.append((first + a - edge, first + b + after))
            yield max(a - edge, 0), b + after, ArtefactKind.FLUSH, "the line is flushed"
            yield from self._response(values, b)
        if usual is not None and usual.mean > limits.zero_mean:
            for a, b in runs(np.abs(values) < limits.zero, round(ZERO_TIME * self._rate)):
                text = "open to air, as for zeroing"
                yield max(a - edge, 0), b + edge, ArtefactKind.ZEROING, text
        flat = quiet(values, round(limits.still_time * self._rate), limits.still)
        near = np.abs(values) < limits.zero
        for a, b in runs(flat & ~near & (values < limits.flush)):
            yield a, b, ArtefactKind.FLAT, "flat line, disconnected or the stopcock is closed"
        if not flat.any() and not any(stop > 0 for _, stop in flushed):
            for a, b in self._clipped(values):
                yield a, b, ArtefactKind.CLIPPED, "clipped at the end of the recorder's range"
        if usual is not None:
            far = FAR * (usual.high - usual.low) + self._margin
            for a, b in runs((values > usual.high + far) | (values < usual.low - far)):
                if any(a <= stop and start <= b for start, stop in flushed):
                    continue  # the flanks and swings of the flush
                yield a - edge, b + edge, ArtefactKind.MOTION, "far outside the last minute"

    def _flushes(self, values: FloatArray, usual: Span | None) -> Iterator[tuple[int, int]]:
        high = values > self._limits.flush
        yield from runs(high, max(round(FLUSH_TIME * self._rate), 2))
        if usual is not None:
            still = quiet(values, round(PLATEAU_TIME * self._rate), PLATEAU_STILL)
            yield from runs(still & ~high & (values > usual.high + PLATEAU))

    def _response(self, values: FloatArray, end: int) -> Iterator[Found]:
        """How the line swings after a flush that ended at ``end``; kept, marked where it is bad."""
        start = max(end - round(0.05 * self._rate), 0)
        found = flush_response(values[start : end + round(RESPONSE * self._rate)], self._rate)
        if found is None:
            return
        self.response = found
        if found.overdamped or found.underdamped:
            yield end, end + round(RINGING * self._rate), ArtefactKind.DAMPED, found.sentence

    def _clipped(self, values: FloatArray) -> Iterator[tuple[int, int]]:
        if not np.isfinite(values).any():
            return
        least = max(round(CLIP_TIME * self._rate), 4)
        for extreme in (np.nanmax(values), np.nanmin(values)):
            found = runs(values == extreme, least)
            if len(found) > 1:  # one plateau may be a round pulse
                yield from found


def _span(values: FloatArray) -> Span:
    return Span(float(values.min()), float(values.mean()), float(values.max()))
