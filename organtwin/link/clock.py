"""Source time against local time: offset, drift, jitter and lag.

A chunk can only arrive later than it was measured. Over a minute the fastest ones show how the two
clocks stand: they lie on the lower edge of ``arrival - source`` over ``source``, a straight line
whose slope is the drift of one clock against the other. The line is the edge of the lower convex
hull above the middle of the stretch, which is the closest line below all points (S. B. Moon,
P. Skelly, D. Towsley: Estimation and removal of clock skew from network delay measurements,
IEEE INFOCOM 1999). What every chunk needs at least, such as the time to fill it or a constant
delay of the network, cannot be told from an offset and is part of it.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from organtwin.patient.samples import Numbers, Samples

WINDOW = 60.0
"""[s] Source time that the edge is taken from."""
BIN = 1.0
"""[s] Of each such stretch only the fastest chunk can lie on the edge and is kept."""
LEAST_SPAN = 10.0
"""[s] Below this a slope says more about jitter than about drift, and the edge is level."""
LARGEST_DRIFT = 500e-6
"""Seconds per second. Quartz is off by 20 to 100 ppm; five times that is an unfinished estimate."""
STEP = 1.0
"""[s] A chunk that comes so much before the edge says that the clock of the source was set back
or that it began anew; nothing arrives before it was measured."""
MOST_DELAYS = 20_000
"""Delays that percentiles are taken from: a minute of 300 chunks a second."""


@dataclass(frozen=True, slots=True)
class Jitter:
    """Delays above those of the fastest chunks [s]: median, 95th and 99th percentile."""

    median: float
    p95: float
    p99: float
    count: int


class SourceClock:
    """Where a source's clock stands; feed it every chunk as it arrives.

    ``speed`` is the source seconds that pass in a second, other than 1 for a replay.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self.restarts = 0
        self._epochs: dict[str, int] = {}
        self._bins: dict[int, tuple[float, float]] = {}
        self._delays: deque[tuple[float, float]] = deque(maxlen=MOST_DELAYS)
        self._newest = -float("inf")
        self._line: tuple[float, float] | None = None

    def feed(self, chunk: Samples | Numbers) -> None:
        """Take note of a chunk; a new epoch or a step of the source's clock starts anew."""
        source = chunk.end if isinstance(chunk, Samples) else chunk.time
        if self._epochs.get(chunk.source, 0) != chunk.epoch:
            self._restart()
        self._epochs[chunk.source] = chunk.epoch
        self.note(source, chunk.arrival)

    def note(self, source: float, arrival: float) -> None:
        """Something measured at ``source`` [s] came at ``arrival`` [s] local monotonic time."""
        delay = arrival - source / self._speed
        if self._bins and (
            delay < self._edge(source) - STEP or source < self._newest - WINDOW * self._speed
        ):
            self._restart()
        self._newest = max(self._newest, source)
        number = int(np.floor(source / (BIN * self._speed)))
        known = self._bins.get(number)
        if known is None or delay < known[1]:
            self._bins[number] = (source, delay)
            self._line = None
        oldest = self._newest - WINDOW * self._speed
        for old in [old for old, point in self._bins.items() if point[0] < oldest]:
            del self._bins[old]
            self._line = None
        self._delays.append((source, delay))
        while self._delays[0][0] < oldest:
            self._delays.popleft()

    @property
    def known(self) -> bool:
        """Whether anything has arrived since the last restart."""
        return bool(self._bins)

    @property
    def offset(self) -> float:
        """[s] Local minus source time at the newest sample; NaN before the first."""
        return self._edge(self._newest) if self._bins else float("nan")

    @property
    def drift(self) -> float:
        """Seconds per second by which local time runs faster than the source's; 0 if unknown."""
        return self._fitted()[0] * self._speed if self._bins else 0.0

    @property
    def jitter(self) -> Jitter:
        """Of the chunks of the last minute; NaN for none."""
        if not self._bins:
            return Jitter(float("nan"), float("nan"), float("nan"), 0)
        source, delay = np.array(self._delays).T
        slope, level = self._fitted()
        late = np.maximum(delay - (level + slope * source), 0.0)
        median, p95, p99 = np.percentile(late, [50.0, 95.0, 99.0])
        return Jitter(float(median), float(p95), float(p99), len(late))

    def to_local(self, source: float) -> float:
        """[s] Monotonic time at which the fastest chunk of source time ``source`` [s] arrives."""
        return source / self._speed + self._edge(source) if self._bins else float("nan")

    def to_source(self, local: float) -> float:
        """[s] Source time that belongs to monotonic time ``local`` [s]."""
        if not self._bins:
            return float("nan")
        slope, level = self._fitted()
        return (local - level) / (1.0 / self._speed + slope)

    def lag(self, now: float) -> float:
        """[s] How old the newest sample is at monotonic time ``now`` [s]; NaN before the first."""
        return now - self.to_local(self._newest) if self._bins else float("nan")

    def _restart(self) -> None:
        self.restarts += bool(self._bins)
        self._bins.clear()
        self._delays.clear()
        self._newest, self._line = -float("inf"), None

    def _edge(self, source: float) -> float:
        slope, level = self._fitted()
        return level + slope * source

    def _fitted(self) -> tuple[float, float]:
        """Slope and level of the lower edge."""
        if self._line is None:
            self._line = _lower_edge(sorted(self._bins.values()), self._speed)
        return self._line


def _lower_edge(points: list[tuple[float, float]], speed: float) -> tuple[float, float]:
    """Slope and level of the closest line below ``points`` (source, delay)."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) > 1 and _turns_up(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    middle = sum(x for x, _ in points) / len(points)
    slope = 0.0
    if points[-1][0] - points[0][0] >= LEAST_SPAN * speed:
        right = next(place for place, (x, _) in enumerate(hull) if x >= middle)
        (x0, y0), (x1, y1) = hull[max(right - 1, 0)], hull[max(right, 1)]
        slope = (y1 - y0) / (x1 - x0)
        slope = slope if abs(slope) * speed <= LARGEST_DRIFT else 0.0
    return slope, min(y - slope * x for x, y in points)


def _turns_up(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether ``b`` lies on or above the line from ``a`` to ``c``, so not on the lower hull."""
    return (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])
