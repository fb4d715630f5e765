"""An axis of days with marks on the first of months or years."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from organtwin.ui.views.axis import Axis

_MONTH, _YEAR = 30.4, 365.25
"""[days]"""
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
"""[months] between marks."""
MOST_MARKS = 6
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class DateAxis(Axis):
    """Values are ordinals of days (``date.toordinal``); ``step`` is in months."""

    @classmethod
    def of_days(cls, first: date, last: date) -> "DateAxis":
        """The days from first to last with a little room on both sides."""
        room = max(0.06 * (last - first).days, 20.0)
        lower, upper = first.toordinal() - room, last.toordinal() + room
        months = (upper - lower) / _MONTH
        step = next((s for s in _STEPS if months <= s * MOST_MARKS), _STEPS[-1])
        return cls("", "", lower, upper, float(step))

    @property
    def marks(self) -> tuple[float, ...]:
        return tuple(self._firsts())

    def _firsts(self) -> Iterator[float]:
        begin, step = date.fromordinal(int(self.lower)), int(self.step)
        month = -(-(12 * begin.year + begin.month - 1) // step) * step
        while (day := date(month // 12, month % 12 + 1, 1).toordinal()) <= self.upper:
            if day >= self.lower:
                yield float(day)
            month += step

    def text(self, mark: float) -> str:
        day = date.fromordinal(round(mark))
        if self.step >= 12:
            return str(day.year)
        return f"{_NAMES[day.month - 1]} {day.year % 100:02d}"
