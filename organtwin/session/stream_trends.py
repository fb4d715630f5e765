"""What was measured and what the twin said, beat by beat over hours, in memory that does not grow.

The last beats are kept as they are; of the older half every other one goes when there are too many,
so that hours ago the picture is coarser and nothing of its course is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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


class Trends:
    """Rows by time; changed by every beat."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._columns: dict[str, int] = {}
        self._table = np.full((MOST, 0, 4), np.nan, np.float32)
        """Measured, and the band, of every row and column."""

    def note(
        self, time: float, measured: Mapping[str, float], twin: Mapping[str, FloatArray]
    ) -> None:
        """A beat at source time [s]: what was measured, and the members ``(n_members,)``."""
        new = [name for name in twin if name not in self._columns]
        if new:
            self._columns |= {name: len(self._columns) + k for k, name in enumerate(new)}
            more = np.full((MOST, len(new), 4), np.nan, np.float32)
            self._table = np.concatenate([self._table, more], axis=1)
        row = self._table[len(self._times)]
        row[:] = np.nan
        for name, members in twin.items():
            column = row[self._columns[name]]
            column[0], column[1:] = measured.get(name, np.nan), np.quantile(members, BAND)
        self._times.append(time)
        if len(self._times) == MOST:
            self._thin()

    def _thin(self) -> None:
        """Every other row of the older half goes."""
        kept = [*range(0, MOST // 2, 2), *range(MOST // 2, MOST)]
        self._table[: len(kept)] = self._table[kept]
        self._times = [self._times[k] for k in kept]

    def clear(self) -> None:
        """Forget everything."""
        self._times.clear()

    def __len__(self) -> int:
        return len(self._times)

    def course(self, name: str, last: float | None = None) -> Course:
        """A quantity over the ``last`` seconds, or from the beginning."""
        n, first = len(self._times), 0
        if last is not None and n:
            first = int(np.searchsorted(self._times, self._times[-1] - last))
        times = np.array(self._times[first:])
        if name not in self._columns:
            return Course(times, *np.full((4, n - first), np.nan))
        rows = self._table[first:n, self._columns[name]].astype(np.float64)
        return Course(times, *rows.T)
