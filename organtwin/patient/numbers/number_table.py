"""Numbers in a table (CSV): one line each, with name or code, value, unit, and perhaps sd and date.

A table whose headings are the words of ``HEADINGS`` is read as it is; for any other, a second file
``NAME.csv.toml`` says which column is what, and which words of its own stand for which quantity.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from organtwin.errors import RecordError
from organtwin.patient.numbers.choosing import chosen
from organtwin.patient.numbers.codes import BODY, NAME, Code, known_code
from organtwin.patient.numbers.found import CodedValue, NumbersFile, Reason, gathered
from organtwin.patient.numbers.person import described
from organtwin.patient.numbers.ucum import is_ucum
from organtwin.patient.readers.faults import content_of, explained
from organtwin.quantities import QUANTITIES

KIND = "table"
HEADINGS = ("name", "code", "system", "value", "unit", "sd", "date")
_KEYS = ("columns", "names", "separator", "missing", "date_format")


@dataclass(frozen=True)
class _Layout:
    """``columns`` maps words of ``HEADINGS`` to headings, ``names`` words of a table to ours."""

    columns: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    separator: str = ","
    missing: tuple[str, ...] = ("",)
    date_format: str = "%Y-%m-%d"


def is_number_table(path: Path) -> bool:
    """Whether a CSV file holds numbers and no signals: by its second file, else by its headings."""
    beside = Path(f"{path}.toml")
    try:
        if beside.is_file():
            return "columns" in tomllib.loads(beside.read_text("utf-8"))
        with path.open(encoding="utf-8-sig") as file:
            return _own_headings(next(csv.reader(file), [])) is not None
    except (OSError, ValueError, csv.Error):
        return False


def read_number_table(path: Path) -> NumbersFile:
    """Read every line of a table of numbers, or refuse it.

    Raises
    ------
    RecordError
        A heading is missing, a line is short, or a number or a date is none.
    """
    source = str(path)
    with explained(source, "CSV"):
        text = content_of(path).decode("utf-8-sig")
        layout = _layout(path, text)
        rows = csv.reader(text.splitlines(), delimiter=layout.separator, strict=True)
        headings = [heading.strip() for heading in next(rows)]
        places = _places(layout, headings, source)
        values = list(_values(rows, layout, places, len(headings), source))
        measurements, body, unused = chosen(values, KIND)
        private = [f"column {heading}" for place, heading in enumerate(headings)
                   if place not in places.values()]  # fmt: skip
        who = described(None, None, body)
        return NumbersFile(
            source, KIND, measurements, who, unused=gathered(unused), private=tuple(private)
        )


def _own_headings(headings: Sequence[str]) -> Mapping[str, str] | None:
    """The columns of a table that speaks our words; ``None`` for another."""
    words = {heading.strip().lower(): heading.strip() for heading in headings}
    known = {word: words[word] for word in HEADINGS if word in words}
    enough = {"value", "unit"} <= set(known) and ("name" in known or "code" in known)
    return known if enough else None


def _layout(path: Path, text: str) -> _Layout:
    beside = Path(f"{path}.toml")
    if not beside.is_file():
        columns = _own_headings(next(csv.reader(text.splitlines()), []))
        if columns is None:
            raise RecordError(
                str(path), "layout", expected=f"{beside.name} beside the table", got="no such file",
                remedy='Write it with `[columns]`, e.g. `name = "Parameter"`, `value = "Result"`, '
                f"`unit = \"Unit\"`; the words are {', '.join(HEADINGS)}.",
            )  # fmt: skip
        return _Layout(columns)
    try:
        entries = tomllib.loads(beside.read_text("utf-8"))
    except ValueError as error:
        raise _wrong(beside, "TOML", "a well-formed file", f"{error}") from error
    for key in entries:
        if key not in _KEYS:
            raise _wrong(beside, key, f"one of {', '.join(_KEYS)}", "another word")
    columns, names = _texts(beside, entries, "columns"), _texts(beside, entries, "names")
    for word in columns:
        if word not in HEADINGS:
            raise _wrong(beside, f"columns.{word}", f"one of {', '.join(HEADINGS)}", "another word")
    if "value" not in columns or not {"name", "code"} & set(columns):
        raise _wrong(beside, "columns", "value, and name or code", ", ".join(columns) or "nothing")
    for word, name in names.items():
        if name not in QUANTITIES and name not in BODY:
            raise _wrong(beside, f"names.{word}", "the name of a quantity (FORMAT.md)", repr(name))
    return _Layout(
        columns, names, str(entries.get("separator", ",")),
        ("", str(entries.get("missing", ""))), str(entries.get("date_format", "%Y-%m-%d")),
    )  # fmt: skip


def _texts(beside: Path, entries: Mapping[str, Any], key: str) -> Mapping[str, str]:
    table = entries.get(key, {})
    if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
        raise _wrong(beside, key, "a table of texts", repr(table))
    return table


def _wrong(beside: Path, field_name: str, expected: str, got: str) -> RecordError:
    return RecordError(
        str(beside), field_name, expected=expected, got=got, remedy="Correct it; see IMPORT.md."
    )


def _places(layout: _Layout, headings: list[str], source: str) -> dict[str, int]:
    for heading in layout.columns.values():
        if headings.count(heading) != 1:
            raise RecordError(
                source, f"column {heading!r}", expected="a heading that stands once",
                got=f"headings {', '.join(headings)}", remedy="Correct the second file.",
            )  # fmt: skip
    return {word: headings.index(heading) for word, heading in layout.columns.items()}


def _values(
    rows: Iterator[list[str]], layout: _Layout, places: Mapping[str, int], width: int, source: str
) -> Iterator[CodedValue]:
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != width:
            raise RecordError(
                source, f"line {line}", expected=f"{width} cells", got=f"{len(row)}",
                remedy="The table is cut off or its separator is another: see `separator`.",
            )  # fmt: skip
        cells = {word: row[place].strip() for word, place in places.items()}
        name = cells.get("name", "")
        empty = cells["value"] in layout.missing
        unit = cells.get("unit", "")
        yield CodedValue(
            _codes(cells, layout), _number(cells["value"], f"line {line}", source, empty=empty),
            unit, name or cells.get("code", "") or "a number without name", f"line {line}",
            ucum=is_ucum(unit), taken=_day(cells.get("date", ""), layout, line, source),
            sd=_sd(cells.get("sd", ""), layout, line, source),
            problem=(Reason.NO_NUMBER, "the cell is empty") if empty else None,
        )  # fmt: skip


def _codes(cells: Mapping[str, str], layout: _Layout) -> tuple[Code, ...]:
    """What the line is: its code, or its name as it stands in the second file, or ours."""
    code = known_code(cells.get("system", "") or "LN", cells.get("code", ""))
    if code is not None:
        return (code,)
    name = cells.get("name", "")
    return ((NAME, layout.names.get(name, name)),)


def _number(cell: str, where: str, source: str, *, empty: bool = False) -> float:
    if empty:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise RecordError(
            source, where, expected="a number", got=repr(cell),
            remedy="Write numbers with a decimal point; say by `missing` what marks a missing one.",
        ) from None  # fmt: skip


def _sd(cell: str, layout: _Layout, line: int, source: str) -> float | None:
    return None if cell in layout.missing else _number(cell, f"line {line}, sd", source)


def _day(cell: str, layout: _Layout, line: int, source: str) -> date | None:
    if cell in layout.missing:
        return None
    try:
        return datetime.strptime(cell, layout.date_format).date()
    except ValueError:
        raise RecordError(
            source, f"line {line}, date", expected=f"a date written as {layout.date_format}",
            got=repr(cell), remedy="Say by `date_format` in the second file how dates are written.",
        ) from None  # fmt: skip
