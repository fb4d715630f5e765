"""Strict reading of one table of a case file: every key known, every value of its kind."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from organtwin.errors import RecordError, UnitError, UnknownNameError
from organtwin.units import to_si

_VALUE_WITH_UNIT = re.compile(r"\s*([-+]?\d+(?:\.\d*)?)\s*([^\d\s.,].*)")
EARLIEST = date(1900, 1, 1)
"""The oldest ECG that anybody could have digitised."""


class CaseTable:
    """The entries of one table; each access checks presence and kind.

    Parameters
    ----------
    source
        The case file, for messages.
    field
        Where the table stands in it, e.g. ``measurement[3]``; empty for the file itself.
    entries
        As parsed.
    known
        The keys this table may have.

    Raises
    ------
    RecordError
        From the constructor for an unknown key, from the accessors for what they describe.
    """

    def __init__(
        self, source: str, field: str, entries: Mapping[str, object], known: tuple[str, ...]
    ) -> None:
        self.source, self.field, self._entries = source, field, entries
        for key in entries:
            if key not in known:
                raise self.error(
                    key, expected=f"one of {', '.join(known)}",
                    got=str(UnknownNameError("key", key, known)),
                    remedy="Correct the key or delete it: nothing is ignored silently.",
                )  # fmt: skip

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def error(self, key: str, *, expected: str, got: str, remedy: str) -> RecordError:
        """An error about ``key`` of this table, to be raised by the caller."""
        field = f"{self.field}.{key}" if self.field else key
        return RecordError(self.source, field, expected=expected, got=got, remedy=remedy)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not blank, unless ``default`` allows it to be left out."""
        if key not in self._entries and default is not None:
            return default
        value = self._present(key, "a text")
        if not isinstance(value, str) or not (value.strip() or default is not None):
            raise self._wrong_kind(key, "a text", value)
        return value.strip()

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of ``allowed``."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(
                key, expected=f"one of {', '.join(allowed)}",
                got=str(UnknownNameError("word", value, allowed)), remedy="Use one of these words.",
            )  # fmt: skip
        return value

    def number(self, key: str) -> float:
        """A finite number; a truth value or a number in quotes is none."""
        value = self._present(key, "a number")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong_kind(key, "a number without quotes", value)
        number = _as_float(value)
        if not math.isfinite(number):
            raise self.error(
                key, expected="a finite number", got=str(value),
                remedy="Leave the entry out if it was not measured.",
            )  # fmt: skip
        return number

    def flag(self, key: str) -> bool:
        """``true`` or ``false``; ``false`` when left out."""
        value = self._entries.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong_kind(key, "true or false", value)
        return value

    def physical(self, key: str, like: str, bounds: tuple[float, float]) -> float | None:
        """A text such as ``"178 cm"`` in SI, or ``None`` when left out; bounds in ``like``."""
        if key not in self._entries:
            return None
        text = self.text(key)
        match = _VALUE_WITH_UNIT.fullmatch(text)
        if match is None:
            comma = "The decimal sign is a point: 1.78. " if "," in text else ""
            raise self.error(
                key, expected=f"a number with its unit such as '{bounds[1] / 2:g} {like}'",
                got=repr(text), remedy=f"{comma}Write number and unit in one text.",
            )  # fmt: skip
        try:
            value = to_si(float(match.group(1)), match.group(2), like=like)
        except UnitError as error:
            raise self.error(
                key, expected=error.expected, got=error.got, remedy=error.remedy
            ) from error
        if not to_si(bounds[0], like) <= value <= to_si(bounds[1], like):
            raise self.error(
                key, expected=f"{bounds[0]:g} to {bounds[1]:g} {like}", got=repr(text),
                remedy="Check number and unit.",
            )  # fmt: skip
        return value

    def day(self, key: str) -> date | None:
        """A date, as TOML writes it or as a text ``"2025-03-01"``; ``None`` when left out."""
        value = self._entries.get(key)
        if value is None:
            return None
        try:
            day = (
                value
                if isinstance(value, date)
                else date.fromisoformat(value if isinstance(value, str) else "")
            )
        except ValueError as error:
            raise self.error(
                key, expected="a date such as 2025-03-01", got=repr(value),
                remedy="Write year-month-day, or leave the date out.",
            ) from error  # fmt: skip
        day = day.date() if isinstance(day, datetime) else day
        # Tomorrow has begun elsewhere on the earth.
        if not EARLIEST <= day <= date.today() + timedelta(days=1):
            raise self.error(
                key, expected=f"a date from {EARLIEST} to today", got=str(day),
                remedy="Correct the date, or leave it out.",
            )  # fmt: skip
        return day

    def texts(self, key: str, example: str = '["II", "V5"]') -> tuple[str, ...]:
        """A list of texts; empty when left out. ``example`` shows in a message what is expected."""
        value = self._entries.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong_kind(key, f"a list of texts such as {example}", value)
        return tuple(value)

    def table(self, key: str, known: tuple[str, ...]) -> "CaseTable":
        """A table inside this one; an empty one when left out."""
        value = self._entries.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong_kind(key, f"a table [{key}]", value)
        return CaseTable(self.source, key, value, known)

    def tables(self, key: str, known: tuple[str, ...]) -> list["CaseTable"]:
        """A list of tables, counted from 1 in messages; empty when left out."""
        value = self._entries.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong_kind(key, f"tables headed [[{key}]]", value)
        return [
            CaseTable(self.source, f"{key}[{number}]", entries, known)
            for number, entries in enumerate(value, start=1)
        ]

    def inner_tables(self, key: str, known: tuple[str, ...]) -> list["CaseTable"]:
        """A list of tables inside of this one, counted from 1 in messages."""
        value = self._present(key, "a list of tables")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong_kind(key, "a list of tables such as [{on = ...}]", value)
        return [
            CaseTable(self.source, f"{self.field}.{key}[{number}]", entries, known)
            for number, entries in enumerate(value, start=1)
        ]

    def numbers(self, key: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        value = self._present(key, "a list of numbers")
        if not isinstance(value, list):
            raise self._wrong_kind(key, "a list of numbers", value)
        for item in value:
            wrong = isinstance(item, bool) or not isinstance(item, int | float)
            if wrong or not math.isfinite(_as_float(item)):
                raise self._wrong_kind(key, "a list of finite numbers", value)
        return tuple(_as_float(item) for item in value)

    def _present(self, key: str, expected: str) -> object:
        if key not in self._entries:
            raise self.error(
                key, expected=expected, got="nothing", remedy=f"Add `{key} = ...` to this table."
            )
        return self._entries[key]

    def _wrong_kind(self, key: str, expected: str, value: object) -> RecordError:
        return self.error(
            key, expected=expected, got=f"{value!r}", remedy="Correct the value; see FORMAT.md."
        )


def _as_float(value: float) -> float:
    """TOML and JSON integers have no largest one; floats have."""
    try:
        return float(value)
    except OverflowError:
        return math.inf
