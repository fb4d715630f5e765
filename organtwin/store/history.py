"""How a fitted parameter went from visit to visit, with bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from organtwin.errors import UnknownNameError
from organtwin.store.entries import ParameterEntry
from organtwin.store.library import Library

HALF_50, HALF_90 = 0.6744897501960817, 1.6448536269514722
"""Half-widths of the 50 % and 90 % band of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Point:
    """A parameter at one visit; value, sd and bands are SI.

    Bands are those of the fit's normal approximation. ``determined`` is false where the data
    hardly narrowed what was known, so that the point says little about this visit.
    """

    visit_id: int
    day: date
    value: float
    sd: float
    determined: bool

    @property
    def band_50(self) -> tuple[float, float]:
        return self.value - HALF_50 * self.sd, self.value + HALF_50 * self.sd

    @property
    def band_90(self) -> tuple[float, float]:
        return self.value - HALF_90 * self.sd, self.value + HALF_90 * self.sd


@dataclass(frozen=True)
class Series:
    """A parameter over the visits of a patient, the first visit first."""

    name: str
    points: tuple[Point, ...]

    def change(self) -> tuple[float, float] | None:
        """Last minus first value and its standard deviation, as if the two were independent.

        They are not, where one visit was the prior of the next; the deviation is rather too wide.
        ``None`` with fewer than two visits.
        """
        if len(self.points) < 2:
            return None
        first, last = self.points[0], self.points[-1]
        return last.value - first.value, (first.sd**2 + last.sd**2) ** 0.5


def histories(
    library: Library, patient_id: str, names: Sequence[str] | None = None
) -> tuple[Series, ...]:
    """Series of all parameters of a patient, or of those named, in the order of the first visit.

    A visit whose program did not fit a parameter has no point in its series.

    Raises
    ------
    UnknownNameError
        The library knows no such patient, or no visit of the patient has such a parameter.
    """
    library.patient(patient_id)
    points: dict[str, list[Point]] = {}
    for visit in library.visits(patient_id):
        for entry in library.parameters(visit):
            points.setdefault(entry.name, []).append(_point(visit.visit_id, visit.day, entry))
    for name in names or ():
        if name not in points:
            raise UnknownNameError("fitted parameter", name, tuple(points))
    return tuple(Series(name, tuple(points[name])) for name in (names or points))


def _point(visit_id: int, day: date, entry: ParameterEntry) -> Point:
    return Point(visit_id, day, entry.value, entry.sd, entry.determined)
