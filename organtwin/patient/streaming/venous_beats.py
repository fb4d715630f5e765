"""Mean of a central venous pressure over each heart beat, as it arrives.

A venous pulse has two or three waves and none that is always the largest, so its beats are those of
another channel. While none are told, seconds stand for beats.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from organtwin.patient.streaming.channel_stream import ChannelStream
from organtwin.patient.streaming.marks import Mark
from organtwin.patient.streaming.pressure_artefacts import PressureArtefacts
from organtwin.patient.streaming.pressure_sites import PressureSite

WINDOW = 12.0
WAIT = 0.5
"""[s] after the end of a beat, in which a disturbance that touches it shows."""
LONGEST = 2.5
"""[s] without a beat told, after which seconds stand for beats; beats are told up to 1.5 s late."""


@dataclass(frozen=True, slots=True)
class VenousBeat:
    """Mean pressure [Pa] from ``start`` to ``end`` [s]; ``by_beat`` False for a plain second."""

    start: float
    end: float
    mean: float
    by_beat: bool
    rejected: str = ""


class VenousBeatStream(ChannelStream[VenousBeat]):
    """Means of ``channel``, sampled at ``rate`` [Hz], values in pascal."""

    def __init__(self, channel: str, rate: float) -> None:
        super().__init__(channel, rate, WINDOW)
        self._artefacts = PressureArtefacts(channel, rate, PressureSite.VENOUS)
        self._borders: deque[float] = deque(maxlen=64)
        self._at = np.nan
        """Source time up to which means were given."""

    def note_beat(self, time: float) -> None:
        """Tell the source time at which a heart beat begins; they come in order."""
        if not self._borders or time > self._borders[-1]:
            self._borders.append(time)

    def _disturbances(self, since: int) -> Iterable[Mark]:
        return self._artefacts.look(self.ring, since)

    def _forget(self) -> None:
        self._borders.clear()
        self._at = np.nan

    def _beats(self, final: bool) -> Iterator[VenousBeat]:
        ring = self.ring
        if ring.end == ring.first:
            return
        oldest, now = ring.time_of(ring.first), ring.end_time - (0.0 if final else WAIT)
        if not self._at >= oldest:
            self._at = oldest
        while True:
            while self._borders and self._borders[0] <= self._at:
                self._borders.popleft()
            told = bool(self._borders) and self._borders[0] <= self._at + LONGEST
            if told and self._borders[0] <= now:
                yield self._mean(self._borders[0], by_beat=True)
            elif not told and self._at + (1.0 if final else LONGEST) <= now:
                yield self._mean(self._at + 1.0, by_beat=False)
            else:
                return

    def _mean(self, end: float, by_beat: bool) -> VenousBeat:
        start, self._at = self._at, end
        values = self.ring.piece(self.ring.count_of(start), self.ring.count_of(end))
        rejected = self.book.reason(start, end)
        mean = float(np.mean(values)) if len(values) else np.nan
        if not rejected and not np.isfinite(mean):
            rejected = f"{self.channel}: samples are missing"
        return VenousBeat(start, end, mean, by_beat, rejected)
