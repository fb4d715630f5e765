"""Calipers on ECG paper: two points that a drag sets and the arrow keys move."""

from dataclasses import dataclass, replace

from organtwin.ui.widgets.wording import number, signed
from organtwin.units import MS

MV = 1e-3
SHORTEST_CYCLE = 0.2
"""[s] Below this no distance is read as a heart rate: 300 /min is the fastest that is accepted."""


@dataclass(frozen=True, slots=True)
class Point:
    """``time`` [s] and ``volts`` [V] on the paper of one lead."""

    time: float
    volts: float


@dataclass(frozen=True, slots=True)
class Caliper:
    """From ``points[0]`` to ``points[1]`` in the cell ``key``; ``active`` is moved by keys."""

    key: str
    points: tuple[Point, Point]
    active: int = 1

    @property
    def interval(self) -> float:
        """[s]."""
        return abs(self.points[1].time - self.points[0].time)

    @property
    def rise(self) -> float:
        """From the earlier point to the later [V]."""
        first, last = sorted(self.points, key=lambda point: point.time)
        return last.volts - first.volts

    def at(self, point: Point) -> "Caliper":
        """Lay the active edge at ``point``; it snaps to nothing."""
        points = (point, self.points[1]) if self.active == 0 else (self.points[0], point)
        return replace(self, points=points)

    def moved(self, seconds: float, volts: float) -> "Caliper":
        """Move the active edge."""
        point = self.points[self.active]
        return self.at(Point(point.time + seconds, point.volts + volts))

    def held(self, edge: int) -> "Caliper":
        """Take the other edge in hand."""
        return replace(self, active=edge)

    def text(self) -> str:
        """``412 ms  146 /min  +0.83 mV``."""
        parts = [f"{number(self.interval / MS, 0)} ms"]
        if self.interval >= SHORTEST_CYCLE:
            parts.append(f"{number(60.0 / self.interval, 0)} /min")
        parts.append(f"{signed(self.rise / MV, 2)} mV")
        return "  ".join(parts)
