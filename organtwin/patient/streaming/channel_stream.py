"""What every streaming analysis of one channel shares: its past, its steps and its marks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.streaming.marks import ArtefactKind, Mark, MarkBook
from organtwin.patient.streaming.ring import Ring
from organtwin.patient.streaming.stretches import runs

STEP = 0.5
"""[s] of source time between two looks at the past."""
_LATE = 3.5
"""[s] A mark is over when nothing of its kind came for so long; disturbances are looked for again
in the last 3 s, so that a shorter wait could give one twice."""

B = TypeVar("B")


class ChannelStream(ABC, Generic[B]):
    """One channel of ``rate`` [Hz] that is looked at again every ``STEP`` of source time.

    A subclass gives the beats that a look confirms, and what disturbs the channel. Beats come out
    once, in order; before source time restarts, and at ``finish``, those that wait come out too.
    """

    def __init__(self, channel: str, rate: float, seconds: float) -> None:
        self.channel = channel
        self.ring = Ring(rate, seconds)
        self.book = MarkBook(2.0 * seconds)
        self._left: list[Mark] = []
        self._looked = 0
        """Count up to which the past was looked at."""

    def push(self, start: float, values: FloatArray) -> list[B]:
        """Take samples ``(n,)`` SI from source time ``start`` [s] on; give the confirmed beats."""
        beats: list[B] = []
        values = np.asarray(values, dtype=np.float64)
        if not self.ring.continues(start):
            beats += self.restart()
        step = max(round(STEP * self.ring.rate), 1)
        for at in range(0, len(values), step):
            piece = values[at : at + step]
            self.ring.push(start + at / self.ring.rate, piece)
            if self.ring.end - self._looked >= step:
                beats += self._step()
        return beats

    def restart(self) -> list[B]:
        """Give what waits, because source time starts anew with the next samples."""
        beats = self.finish()
        self._forget()
        self.ring.clear()
        self.book.clear()
        self._looked = self.ring.end
        return beats

    def finish(self) -> list[B]:
        """What still waits, because nothing more comes."""
        beats = self._step(final=True) if self.ring.end > self._looked else list(self._beats(True))
        self._left += self.book.finish(np.inf, self.ring.end_time)
        return beats

    def marks(self) -> list[Mark]:
        """Marks that are over, all of them after ``finish``, and were not given out yet."""
        left, self._left = self._left, []
        end = self.ring.end_time
        return left + self.book.finish(end - _LATE, end)

    def _step(self, final: bool = False) -> list[B]:
        self.book.note(self._gaps(), join=2.0 / self.ring.rate)
        self.book.note(self._disturbances(self._looked))
        self._looked = self.ring.end
        return list(self._beats(final))

    def _gaps(self) -> Iterator[Mark]:
        ring, text = self.ring, f"{self.channel}: samples are missing"
        start = max(self._looked, ring.first)
        for a, b in runs(np.isnan(ring.piece(start, ring.end))):
            begin, end = ring.time_of(start + a), ring.time_of(start + b)
            yield Mark(begin, end, ArtefactKind.GAP, self.channel, text)

    @abstractmethod
    def _disturbances(self, since: int) -> Iterable[Mark]:
        """Marks found in samples with counts from ``since`` on."""

    @abstractmethod
    def _beats(self, final: bool) -> Iterator[B]:
        """Beats that are certain now; with ``final``, all that there are."""

    @abstractmethod
    def _forget(self) -> None:
        """Source time starts anew: what was learnt of intervals no longer holds."""
