"""A drug file's tables, read key by key: whatever is wrong is named, nothing is left unread."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from organtwin.errors import DrugError, OrganTwinError, UnknownNameError
from organtwin.quantities import quantity
from organtwin.units import si_factor


class DrugTable:
    """One table of a drug file; ``place`` is how a message names it, e.g. ``effect[2].``."""

    def __init__(self, source: str, row: Mapping[str, Any], place: str = "") -> None:
        self.source, self._row, self._place = source, row, place
        self._read: set[str] = set()

    def refused(self, key: str, *, expected: str, got: str, remedy: str) -> DrugError:
        """The error of one entry, to raise."""
        return DrugError(
            self.source, f"{self._place}{key}", expected=expected, got=got, remedy=remedy
        )

    def has(self, key: str) -> bool:
        return key in self._row

    def limits(self, *keys: str) -> tuple[str, dict[str, float]]:
        """Name of the row's ``quantity``, and the limits [SI] that it gives out of ``keys``."""
        name, unit = self.text("quantity"), self.text("unit")
        try:
            factor = si_factor(unit, quantity(name).unit)
        except OrganTwinError as error:
            raise self.refused(
                "quantity", expected="a quantity and its unit", got=f"{name} in {unit}",
                remedy=str(error),
            ) from error  # fmt: skip
        found = {key: self.number(key) * factor for key in keys if self.has(key)}
        if not found:
            raise self.refused(
                keys[0], expected=" or ".join(keys), got="nothing", remedy="Give a limit."
            )
        return name, found

    def text(self, key: str, default: str | None = None) -> str:
        """A line of text that is not empty, unless a default was given."""
        value = self._value(key, default, "a text")
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self._wrong(key, "a text that is not empty", value)
        return value

    def number(
        self, key: str, default: float | None = None, *, lowest: float = -math.inf,
        highest: float = math.inf, above: float = -math.inf,
    ) -> float:  # fmt: skip
        """A finite number from ``lowest`` to ``highest`` and greater than ``above``."""
        value = self._value(key, default, "a number")
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not (good and math.isfinite(value) and lowest <= value <= highest and value > above):
            raise self._wrong(key, _range(lowest, highest, above), value)
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self._value(key, default, "true or false")
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in known and value != default:
            got = str(UnknownNameError(key, value, tuple(known)))
            raise self.refused(
                key, expected=f"one of {', '.join(known)}", got=got, remedy="Write one of these."
            )
        return value

    def names(self, key: str) -> frozenset[str]:
        value = self._value(key, [], "a list of names")
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self._wrong(key, 'a list of names, such as ["esmolol"]', value)
        return frozenset(value)

    def table(self, key: str) -> "DrugTable":
        value = self._value(key, None, "a table")
        if not isinstance(value, Mapping):
            raise self._wrong(key, f"a table [{key}]", value)
        return DrugTable(self.source, value, f"{self._place}{key}.")

    def tables(self, key: str) -> list["DrugTable"]:
        value = self._value(key, [], "tables")
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise self._wrong(key, f"tables [[{key}]]", value)
        return [
            DrugTable(self.source, row, f"{self._place}{key}[{number}].")
            for number, row in enumerate(value, start=1)
        ]

    def finish(self) -> None:
        """Refuse what nobody has read: a misspelt key must not be lost."""
        for key in self._row:
            if key not in self._read:
                known = tuple(sorted(self._read))
                raise self.refused(
                    key, expected="a key that is known here",
                    got=str(UnknownNameError("key", key, known)),
                    remedy="Correct or remove it; assets/drugs/FORMAT.md lists every key.",
                )  # fmt: skip

    def _value(self, key: str, default: Any, expected: str) -> Any:
        self._read.add(key)
        if key in self._row:
            return self._row[key]
        if default is None:
            raise self.refused(
                key, expected=expected, got="nothing",
                remedy="Add it; assets/drugs/FORMAT.md says what it means.",
            )  # fmt: skip
        return default

    def _wrong(self, key: str, expected: str, value: Any) -> DrugError:
        return self.refused(key, expected=expected, got=repr(value), remedy="Correct the file.")


def _range(lowest: float, highest: float, above: float) -> str:
    limits = []
    if above > -math.inf:
        limits.append(f"above {above:g}")
    if lowest > -math.inf:
        limits.append(f"at least {lowest:g}")
    if highest < math.inf:
        limits.append(f"at most {highest:g}")
    return " ".join(("a number", " and ".join(limits))).strip()
