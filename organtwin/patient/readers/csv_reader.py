"""Signals in a table (CSV), of which a second file says what they are: ``NAME.csv.toml``.

A table tells neither sampling rate nor units, and its headings are words of whoever wrote it.
Without the second file nothing is read; the message shows how to write it. The table itself may be
compressed: ``NAME.csv.gz`` beside ``NAME.csv.gz.toml`` or ``NAME.csv.toml``.
"""

import csv
import gzip
import io
import math
import tomllib
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, canonical_channel, values_in_si
from organtwin.patient.readers.faults import content_of, explained
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from organtwin.units import to_si

_KEYS = ("rate", "time", "time_unit", "separator", "missing", "start", "channels")
_GZIP = b"\x1f\x8b"
LARGEST = 1_000_000_000
"""Bytes of a table unpacked: a day of ECG at 500 Hz has 600 MB; more is a bomb."""
_UNEVEN = 0.5
"""Of a sample: how far a printed time may be from an even clock."""


def read_csv(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read the columns of a table that its second file names.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with explained(source, "CSV"):
        text = _unpacked(path).decode("utf-8-sig")
        layout = _layout(path, text)
        table = _columns(text, layout, source)
        rate = _rate(layout, table, source)
        waveforms: dict[str, Waveform] = {}
        for spelled, entry in layout["channels"].items():
            name = canonical_channel(spelled, _beside(path))
            if leads and name not in leads:
                continue
            samples = table[entry["column"]]
            gaps = int(np.count_nonzero(np.isnan(samples)))
            if gaps == len(samples) or len(samples) < 2 or name in waveforms:
                raise RecordError(
                    source, f"column {entry['column']!r}",
                    expected="at least two samples, of a lead named once",
                    got=f"{len(samples) - gaps} samples of lead {name}",
                    remedy=f"Correct the channels in {_beside(path)}.",
                )  # fmt: skip
            channel = Channel(source, f"lead {name}", name)
            values = values_in_si(samples, entry["unit"], channel, rate)
            waveforms[name] = Waveform(
                name, np.arange(len(values)) / rate, values, entry["unit"], source, gaps
            )
        return Recording(source, waveforms, facts=_facts(layout))


def _unpacked(path: Path) -> bytes:
    """The table, whether compressed or not."""
    content, what = content_of(path), ""
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            content = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        what = f"{error}"
    if what or len(content) > LARGEST:
        raise RecordError(
            str(path), "compression", expected=f"a gzip file of at most {LARGEST} bytes",
            got=what or "a larger one", remedy="Copy it again, or unpack it.",
        )  # fmt: skip
    return content


def _beside(path: Path) -> str:
    packed = path.suffix.lower() == ".gz" and not Path(f"{path}.toml").is_file()
    return f"{path.with_suffix('') if packed else path}.toml"


def _layout(path: Path, text: str) -> Mapping[str, Any]:
    """What the second file says, checked to be complete."""
    beside = Path(_beside(path))
    if not beside.is_file():
        heading = text.partition("\n")[0].strip()
        raise RecordError(
            str(path), "layout", expected=f"{beside.name} beside the table", got="no such file",
            remedy='Write it, e.g. `rate = 500` and `[channels]` with `II = { column = "NAME", '
            f'unit = "mV" }}` for each column to be read; the headings are: {heading[:200]}',
        )  # fmt: skip
    try:
        layout = tomllib.loads(beside.read_text("utf-8"))
    except ValueError as error:
        raise _wrong(beside, "TOML", "a well-formed file", f"{error}") from error
    for key in layout:
        if key not in _KEYS:
            raise _wrong(beside, key, f"one of {', '.join(_KEYS)}", "another word")
    if ("rate" in layout) == ("time" in layout):
        raise _wrong(beside, "rate", "either rate [Hz] or time, a column", "both or neither")
    if "time" in layout and not isinstance(layout.get("time_unit"), str):
        raise _wrong(beside, "time_unit", "the unit of the times", "nothing")
    channels = layout.get("channels")
    if not isinstance(channels, dict) or not channels:
        raise _wrong(beside, "channels", "a table of channels", repr(channels))
    for name, entry in channels.items():
        if not isinstance(entry, dict) or set(entry) != {"column", "unit"}:
            raise _wrong(beside, f"channels.{name}", "a column and a unit", repr(entry))
    return layout


def _wrong(beside: Path, field: str, expected: str, got: str) -> RecordError:
    return RecordError(
        str(beside), field, expected=expected, got=got, remedy="Correct it; see FORMAT.md."
    )


def _columns(text: str, layout: Mapping[str, Any], source: str) -> dict[str, FloatArray]:
    """The columns asked for, by heading; an empty or missing cell is NaN."""
    rows = csv.reader(text.splitlines(), delimiter=layout.get("separator", ","), strict=True)
    headings = [heading.strip() for heading in next(rows)]
    wanted = [entry["column"] for entry in layout["channels"].values()]
    wanted += [layout["time"]] if "time" in layout else []
    for name in wanted:
        if headings.count(name) != 1:
            raise RecordError(
                source, f"column {name!r}", expected="a heading that stands once",
                got=f"headings {', '.join(headings)}", remedy="Correct the second file.",
            )  # fmt: skip
    places = {name: headings.index(name) for name in wanted}
    found: dict[str, list[float]] = {name: [] for name in wanted}
    blank = ("", str(layout.get("missing", "")))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(headings):
            raise RecordError(
                source, f"line {number}", expected=f"{len(headings)} cells", got=f"{len(row)}",
                remedy="The table is cut off or its separator is another: see `separator`.",
            )  # fmt: skip
        for name, place in places.items():
            cell = row[place].strip()
            found[name].append(math.nan if cell in blank else _number(cell, number, name, source))
    return {name: np.array(values, dtype=np.float64) for name, values in found.items()}


def _number(cell: str, line: int, column: str, source: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RecordError(
            source, f"line {line}, column {column!r}", expected="a number", got=repr(cell),
            remedy="Say which text marks a missing value by `missing` in the second file.",
        )  # fmt: skip
    return number


def _rate(layout: Mapping[str, Any], table: Mapping[str, FloatArray], source: str) -> float:
    """Sampling rate [Hz], stated or of the times, which must be even."""
    if "rate" in layout:
        rate = float(layout["rate"])
        if not 0.0 < rate < math.inf:
            raise _wrong(
                Path(_beside(Path(source))), "rate", "a number above zero [Hz]", f"{rate:g}"
            )
        return rate
    times = table[layout["time"]] * to_si(1.0, layout["time_unit"], like="s")
    count = len(times)
    if count < 2 or np.isnan(times).any() or times[-1] <= times[0]:
        raise RecordError(
            source, f"column {layout['time']!r}", expected="rising times in every line",
            got=f"{count} lines", remedy="State `rate` instead of `time`.",
        )  # fmt: skip
    even = np.linspace(times[0], times[-1], count)
    step = (times[-1] - times[0]) / (count - 1)
    off = np.abs(times - even)
    if off.max() > _UNEVEN * step:
        raise RecordError(
            source, f"column {layout['time']!r}", expected=f"a time every {step:g} s",
            got=f"one that is {off.max():g} s off, in line {int(np.argmax(off)) + 2}",
            remedy="Fill the gaps with empty cells: samples must follow an even clock.",
        )  # fmt: skip
    return float(1.0 / step)


def _facts(layout: Mapping[str, Any]) -> dict[str, str]:
    start = layout.get("start")
    if not isinstance(start, datetime):
        return {}
    return {"date": f"{start:%Y%m%d}", "time": f"{start:%H:%M:%S}"}
