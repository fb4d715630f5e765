"""What was measured and what the twin said, beat by beat over hours, in memory that does not grow.

The last beats are kept as they are; of the older half every other one goes when there are too many,
so that hours ago the picture is coarser and nothing of its course is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from organtwin.arrays import FloatArray

MOST = 12_000
"""Rows: some 160 minutes beat by beat at 75 per minute, ten times that after thinning."""
BAND = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """One quantity over time, ``(n,)`` each, SI: measured (NaN where not), and the twin's band."""

    times: FloatArray
    measured: FloatArray
    low: FloatArray
    middle: FloatArray
    high: FloatArray


@dataclass(eq=False)
class Trends:
    """Rows by time; changed by every beat."""

    _times: list[float] = field(default_factory=list)
    _rows: list[dict[str, tuple[float, float, float, float]]] = field(default_factory=list)

    def note(
        self, time: float, measured: Mapping[str, float], twin: Mapping[str, FloatArray]
    ) -> None:
        """A beat at source time [s]: what was measured, and the members ``(n_members,)``."""
        row = {}
        for name, members in twin.items():
            low, middle, high = np.quantile(members, BAND)
            known = measured.get(name, float("nan"))
            row[name] = (known, float(low), float(middle), float(high))
        self._times.append(time)
        self._rows.append(row)
        if len(self._times) > MOST:
            half = MOST // 2
            self._times[:half] = self._times[:half:2]
            self._rows[:half] = self._rows[:half:2]

    def clear(self) -> None:
        """Forget everything."""
        self._times.clear()
        self._rows.clear()

    def __len__(self) -> int:
        return len(self._times)

    def course(self, name: str, last: float | None = None) -> Course:
        """A quantity over the ``last`` seconds, or from the beginning."""
        first = 0
        if last is not None and self._times:
            first = int(np.searchsorted(self._times, self._times[-1] - last))
        nothing = (float("nan"),) * 4
        table = np.array([row.get(name, nothing) for row in self._rows[first:]]).reshape(-1, 4)
        return Course(np.array(self._times[first:]), *table.T)
