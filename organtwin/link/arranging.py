"""Chunks in the order of the source: reordered, duplicates dropped, gaps named.

Nothing is interpolated. What is missing becomes a ``Gap``, and what comes after its gap was named
is counted as late and dropped, since the samples behind it are already in use.
"""

from collections import deque
from dataclasses import dataclass, replace

from organtwin.patient.samples import Samples

WINDOW = 0.25
"""[s] Local time that a hole is waited for: a beat at 240 per minute, and beyond what packets of
one network overtake each other by."""
MOST_HELD = 256
"""Chunks of one stream that wait; 10 s of 40 ms. Then the hole is given up at once."""
MOST_GAPS = 64
"""Of one stream that are remembered, to tell a late chunk from a duplicate."""
MOST_STREAMS = 256
"""Streams that are remembered; of a folder each file is one."""
TOLERANCE = 0.5
"""Of a sample: by how much neighbouring chunks may miss each other's time and still join."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Source time ``start`` to ``end`` [s] in which nothing came for these channels."""

    source: str
    channels: tuple[str, ...]
    start: float
    end: float
    epoch: int = 0


@dataclass(slots=True)
class Counts:
    """What happened to the chunks of all streams so far."""

    delivered: int = 0
    reordered: int = 0
    """Delivered after one that arrived later than they did."""
    duplicates: int = 0
    trimmed: int = 0
    """Samples cut off a chunk since the chunk before already held them."""
    late: int = 0
    gaps: int = 0
    gap_seconds: float = 0.0


class _Stream:
    """One source's channels of one rate."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.expected: float | None = None
        self.held: list[Samples] = []
        self.gaps: deque[Gap] = deque(maxlen=MOST_GAPS)
        self.last_arrival = -float("inf")


class Arranger:
    """Feed chunks as they arrive, take them in order; ``window`` [s] is how long a hole waits."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._streams: dict[tuple[str, tuple[str, ...], float], _Stream] = {}
        self._ready: list[Samples | Gap] = []
        self.counts = Counts()

    def feed(self, chunk: Samples) -> None:
        key = (chunk.source, chunk.channels, chunk.rate)
        stream = self._streams.pop(key, None) or _Stream(chunk.epoch)
        self._streams[key] = stream  # last, so that the first is the one unheard of for longest
        if len(self._streams) > MOST_STREAMS:
            self._release(self._streams.pop(next(iter(self._streams))), float("inf"))
        if chunk.epoch > stream.epoch:
            self._release(stream, float("inf"))
            stream = self._streams[key] = _Stream(chunk.epoch)
        if chunk.epoch < stream.epoch:
            self.counts.late += 1
            return
        slack = TOLERANCE / chunk.rate
        if stream.expected is not None and chunk.end <= stream.expected + slack:
            self._count_old(stream, chunk, slack)
        elif any(_same(chunk, other, slack) for other in stream.held):
            self.counts.duplicates += 1
        else:
            stream.held.append(chunk)
            stream.held.sort(key=lambda held: held.start)

    def take(self, now: float) -> tuple[Samples | Gap, ...]:
        """What is in order at monotonic time ``now`` [s]; gaps stand where they lie."""
        for stream in self._streams.values():
            self._release(stream, now)
        ready, self._ready = tuple(self._ready), []
        return ready

    def flush(self) -> tuple[Samples | Gap, ...]:
        """All that is still waiting, when no more will come."""
        return self.take(float("inf"))

    @property
    def waiting(self) -> int:
        """Chunks held back behind a hole."""
        return sum(len(stream.held) for stream in self._streams.values())

    def _count_old(self, stream: _Stream, chunk: Samples, slack: float) -> None:
        inside = any(
            gap.start - slack < chunk.end - slack and chunk.start + slack < gap.end + slack
            for gap in stream.gaps
        )
        if inside:
            self.counts.late += 1
        else:
            self.counts.duplicates += 1

    def _release(self, stream: _Stream, now: float) -> None:
        while stream.held:
            first = stream.held[0]
            slack = TOLERANCE / first.rate
            expected = stream.expected
            waited = now - min(held.arrival for held in stream.held) >= self._window
            joins = expected is not None and first.start <= expected + slack
            if not joins and not waited and len(stream.held) <= MOST_HELD:
                return
            stream.held.pop(0)
            if expected is not None and first.start > expected + slack:
                self._name_gap(stream, first, expected)
            elif expected is not None and first.start < expected - slack:
                rest = self._trimmed(first, expected)
                if rest is None:
                    continue
                first = rest
            self._deliver(stream, first)

    def _name_gap(self, stream: _Stream, after: Samples, expected: float) -> None:
        gap = Gap(after.source, after.channels, expected, after.start, after.epoch)
        stream.gaps.append(gap)
        self._ready.append(gap)
        self.counts.gaps += 1
        self.counts.gap_seconds += gap.end - gap.start

    def _trimmed(self, chunk: Samples, expected: float) -> Samples | None:
        """The part of an overlapping chunk that is new; None, counted, if nothing is."""
        known = round((expected - chunk.start) * chunk.rate)
        if known >= chunk.count:
            self.counts.duplicates += 1
            return None
        self.counts.trimmed += known
        start = chunk.start + known / chunk.rate
        return replace(chunk, values=chunk.values[:, known:], start=start)

    def _deliver(self, stream: _Stream, chunk: Samples) -> None:
        self.counts.delivered += 1
        self.counts.reordered += chunk.arrival < stream.last_arrival
        stream.last_arrival = max(stream.last_arrival, chunk.arrival)
        stream.expected = chunk.end
        self._ready.append(chunk)


def _same(one: Samples, other: Samples, slack: float) -> bool:
    return abs(one.start - other.start) <= slack and one.count == other.count
