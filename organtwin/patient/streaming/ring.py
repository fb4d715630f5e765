"""The last stretch of one channel that is still arriving, in memory that does not grow.

Samples are counted from the first one ever pushed, so that a count names a sample for good. Source
time is start plus count over rate, slowly corrected, because the rate that a source states differs
from its true one by some 1e-4 and a source's stamps jitter: a stamp that is less than ``STEADY``
samples off moves the time by a tenth of what it is off. A later stamp is a gap, kept as NaN. An
earlier one repeats samples, which are dropped and counted. A jump that the buffer cannot hold, or
back by more than a second, is a new source time: the past is forgotten and ``restarts`` counts.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray

STEADY = 0.75
"""Samples; one lost sample is a whole one off."""
_CORRECTION = 0.1
_BACK = 1.0
"""[s] Repeated samples up to here; a clock that is set back further starts a new time."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one piece brought: samples kept, missing before it, repeated; whether time restarted."""

    added: int
    missing: int = 0
    repeated: int = 0
    restarted: bool = False


class Ring:
    """The last ``seconds`` of a channel of ``rate`` [Hz]."""

    def __init__(self, rate: float, seconds: float) -> None:
        self.rate = rate
        self.capacity = max(round(rate * seconds), 1)
        # Twice the length: what is kept lies in one piece, and is moved once in a capacity.
        self._buffer = np.empty(2 * self.capacity)
        self._stop = 0
        """Where in the buffer the newest sample ends."""
        self.end = 0
        """Count of the sample that comes next."""
        self._kept = 0
        self._zero = 0.0
        """Source time of the sample with count 0, as if there had been no restart."""
        self.restarts = 0
        self.missing = 0
        self.repeated = 0

    @property
    def first(self) -> int:
        """Count of the oldest sample that is kept."""
        return self.end - self._kept

    @property
    def end_time(self) -> float:
        """Source time [s] of the sample that comes next."""
        return self.time_of(self.end)

    @property
    def nbytes(self) -> int:
        return self._buffer.nbytes

    def time_of(self, count: float) -> float:
        return self._zero + count / self.rate

    def count_of(self, time: float) -> int:
        """Count of the sample nearest to a source time; it need not be kept."""
        return round((time - self._zero) * self.rate)

    def continues(self, start: float) -> bool:
        """Whether samples from source time ``start`` on can follow those that are kept."""
        return -_BACK <= start - self.end_time <= self.capacity / self.rate or not self._kept

    def push(self, start: float, values: FloatArray) -> Pushed:
        """Take ``values`` ``(n,)`` whose first sample has the source time ``start`` [s]."""
        if not len(values):
            return Pushed(0)
        off = (start - self.end_time) * self.rate if self._kept else 0.0
        restarted = not self._kept or not self.continues(start)
        missing = repeated = 0
        if restarted:
            self._restart(start)
        elif abs(off) < STEADY:
            self._zero += float(_CORRECTION * off / self.rate)
        elif off > 0.0:
            missing = round(off)
            self._append(np.full(missing, np.nan))
        else:
            repeated = min(round(-off), len(values))
        self._append(values[repeated:])
        self.missing += missing
        self.repeated += repeated
        return Pushed(len(values) - repeated, missing, repeated, restarted)

    def clear(self) -> None:
        """Forget the past; the next samples may have any source time."""
        self.restarts += self._kept > 0
        self._kept = self._stop = 0

    def piece(self, start: int, stop: int) -> FloatArray:
        """Kept samples with counts ``start`` to before ``stop``; a view till the next push."""
        start, stop = max(start, self.first), min(stop, self.end)
        shift = self._stop - self.end
        return self._buffer[start + shift : max(stop, start) + shift]

    def last(self, seconds: float) -> tuple[int, FloatArray]:
        """Count of the first, and samples, of the last ``seconds`` or what there is of them."""
        start = max(self.end - round(seconds * self.rate), self.first)
        return start, self.piece(start, self.end)

    def _restart(self, start: float) -> None:
        self.clear()
        self._zero = float(start) - self.end / self.rate

    def _append(self, values: FloatArray) -> None:
        n = len(values)
        if n >= self.capacity:
            self._buffer[: self.capacity] = values[n - self.capacity :]
            self._stop = self._kept = self.capacity
        else:
            if self._stop + n > len(self._buffer):
                keep = min(self._kept, self.capacity - n)
                self._buffer[:keep] = self._buffer[self._stop - keep : self._stop].copy()
                self._stop = self._kept = keep
            self._buffer[self._stop : self._stop + n] = values
            self._stop += n
            self._kept = min(self._kept + n, self.capacity)
        self.end += n
