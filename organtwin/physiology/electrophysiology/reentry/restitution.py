"""How long and how fast an excitation is after a short rest.

After a diastolic interval ``DI`` (from the end of the last action potential) the next one lasts
``APD(DI)`` and is conducted at ``CV(DI)``. Both are tables with straight lines between their
points, constant beyond the last one; below the shortest interval tissue is not excited.
"""

import tomllib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError, UnknownNameError
from organtwin.resources import asset
from organtwin.units import MS

FILE = "electrophysiology/restitution.toml"


@dataclass(frozen=True, eq=False)
class Restitution:
    """One kind of tissue.

    ``durations`` [s] at ``intervals`` [s], ``speeds`` [m/s] at ``speed_intervals`` [s], each
    ``(n,)`` with rising intervals; ``shortest`` [s] is the least interval that conducts.
    """

    shortest: float
    intervals: FloatArray
    durations: FloatArray
    speed_intervals: FloatArray
    speeds: FloatArray

    def __post_init__(self) -> None:
        for name in ("intervals", "speed_intervals"):
            values = getattr(self, name)
            if len(values) < 1 or np.any(np.diff(values) <= 0.0):
                raise InputError(
                    "restitution", name, expected="at least one interval, rising",
                    got=str(values.tolist()), remedy="Sort the table and remove doubles.",
                )  # fmt: skip

    def duration(self, interval: FloatArray | float) -> FloatArray:
        """[s] of the action potential after a diastolic interval [s]."""
        return np.asarray(np.interp(interval, self.intervals, self.durations))

    def speed(self, interval: FloatArray | float) -> FloatArray:
        """[m/s] of a plane wave along the fibres after a diastolic interval [s]."""
        return np.asarray(np.interp(interval, self.speed_intervals, self.speeds))


@lru_cache(maxsize=8)
def load_restitution(name: str) -> Restitution:
    """A bundled table: ``healthy`` or ``border_zone``.

    Raises
    ------
    UnknownNameError
        There is no such table.
    """
    with asset(FILE).open("rb") as file:
        tables = tomllib.load(file)
    if name not in tables:
        raise UnknownNameError("restitution table", name, tuple(tables))
    table = tables[name]
    return Restitution(
        table["shortest_interval_ms"] * MS,
        np.array(table["intervals_ms"], float) * MS,
        np.array(table["durations_ms"], float) * MS,
        np.array(table["speed_intervals_ms"], float) * MS,
        np.array(table["speeds_m_s"], float),
    )
