"""The last seconds of one live channel, as they are drawn."""

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.streaming.ring import Ring

SWEEP = 6.0
"""[s] across the picture."""
_PERCENTILES = (1.0, 99.0)
_WIDENED = 0.1
_SLOW = 0.1
"""Share by which the range follows what is there, each time it is asked: it never jumps."""


class Tail:
    """A ring, and a range that holds what is in it without jumping."""

    def __init__(self, rate: float) -> None:
        self._ring = Ring(rate, 2.0 * SWEEP)
        self._low = self._high = np.nan

    def push(self, start: float, values: FloatArray) -> None:
        """Samples ``(n,)`` from source time ``start`` [s] on."""
        self._ring.push(start, values)

    @property
    def end_time(self) -> float:
        """Source time [s] of the sample that comes next."""
        return self._ring.end_time

    def last(self, seconds: float) -> tuple[FloatArray, FloatArray]:
        """Source times and values of the last seconds."""
        first, values = self._ring.last(seconds)
        return self._ring.time_of(first) + np.arange(len(values)) / self._ring.rate, values.copy()

    @property
    def range(self) -> tuple[float, float]:
        """Lower and upper end of what is drawn."""
        known = self._ring.last(SWEEP)[1]
        known = known[np.isfinite(known)]
        if len(known):
            low, high = np.percentile(known, _PERCENTILES)
            margin = _WIDENED * max(float(high - low), 1e-9)
            self._low = _towards(self._low, float(low) - margin)
            self._high = _towards(self._high, float(high) + margin)
        return (0.0, 1.0) if np.isnan(self._low) else (self._low, self._high)


def _towards(now: float, wanted: float) -> float:
    return wanted if np.isnan(now) else now + _SLOW * (wanted - now)
