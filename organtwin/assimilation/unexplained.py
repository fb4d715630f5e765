"""When the twin no longer explains its patient: which measurement, and since when.

The filter explains what a change of its parameters can; what stays off is told. For each measured
name the innovation is averaged over the last beats; it counts as unexplained while the average is
beyond ``FROM`` standard deviations of one beat, and until it is back below ``UNTIL``.
"""

from collections import Counter
from dataclasses import dataclass

from organtwin.assimilation.following import Followed

FROM, UNTIL = 1.8, 0.9
"""In a twin that explains its patient the average of ``MEMORY`` beats has a standard deviation of
0.2, breathing included 0.5 (scripts/measure_following.py)."""
MEMORY = 20.0
"""Beats."""
SETTLING = 30
"""Beats with a value in which a twin comes into step with it, before anything is said."""
SILENT = 60
"""Beats without a value after which nothing is said of it any more, as when a line was removed."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A measured name that stays off: ``since`` source time [s], ``by`` in sd of one beat."""

    name: str
    since: float
    by: float


class DriftWatch:
    """Looks at every beat."""

    def __init__(self) -> None:
        self._average: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._count = 0
        self._seen: Counter[str] = Counter()
        self._last: dict[str, int] = {}

    @property
    def unexplained(self) -> tuple[Unexplained, ...]:
        """What is not explained now, the worst first."""
        found = (Unexplained(n, when, self._average[n]) for n, when in self._since.items())
        return tuple(sorted(found, key=lambda each: -abs(each.by)))

    def note(self, followed: Followed) -> None:
        """Take a beat."""
        self._count += 1
        for name, innovation in followed.innovations.items():
            self._seen[name] += 1
            self._last[name] = self._count
            before = self._average.get(name, 0.0)
            average = before + (innovation - before) / MEMORY
            self._average[name] = average
            if name in self._since:
                if abs(average) < UNTIL:
                    del self._since[name]
            elif abs(average) > FROM and self._seen[name] > SETTLING:
                self._since[name] = followed.time
        for name in [n for n, last in self._last.items() if self._count - last >= SILENT]:
            for kept in (self._last, self._average, self._since, self._seen):
                kept.pop(name, None)
