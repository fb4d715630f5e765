"""Header of an EDF or EDF+ file: fixed fields of text, 256 bytes and 256 for each signal.

Kemp et al., Electroencephalogr Clin Neurophysiol 1992;82:391; EDF+: Kemp and Olivan, Clin
Neurophysiol 2003;114:1755.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from organtwin.errors import RecordError

_VERSION = b"0       "
_SIZE = 256
_SIGNAL_FIELDS = (("label", 16), ("transducer", 80), ("unit", 8), ("physical minimum", 8),
                  ("physical maximum", 8), ("digital minimum", 8), ("digital maximum", 8),
                  ("prefilter", 80), ("samples per record", 8), ("reserved", 32))  # fmt: skip
_SEXES = {"F": "female", "M": "male"}
ANNOTATIONS = "EDF Annotations"
"""Label of the signal that holds texts."""


def is_edf(beginning: bytes) -> bool:
    """Whether a file begins like EDF: version 0, and the length of header its signals need."""
    if beginning[:8] != _VERSION or len(beginning) < _SIZE:
        return False
    length, signals = beginning[184:192].strip(), beginning[252:256].strip()
    return length.isdigit() and signals.isdigit() and int(length) == _SIZE * (int(signals) + 1)


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """One signal: value = ``gain`` x sample + ``offset``, in ``unit``."""

    label: str
    unit: str
    gain: float
    offset: float
    per_record: int


@dataclass(frozen=True, slots=True)
class EdfHeader:
    """``record_length`` is in seconds; ``facts`` are start and patient, without the name."""

    size: int
    records: int
    record_length: float
    plus: str
    """``EDF+C`` without gaps, ``EDF+D`` with; empty for EDF."""
    signals: tuple[EdfSignal, ...]
    began: datetime | None
    facts: Mapping[str, str]


def read_header(content: bytes, source: str) -> EdfHeader:
    """The header of the EDF file ``content``.

    Raises
    ------
    RecordError
        It is none, it is cut off, or a field is no number or makes no sense.
    """
    if not is_edf(content):
        raise RecordError(
            source, "header", expected="version 0 and 256 bytes for each signal of an EDF file",
            got="another beginning", remedy="Choose an EDF file, or copy this one again.",
        )  # fmt: skip
    count = int(content[252:256])
    size = _SIZE * (count + 1)
    if len(content) < size:
        raise RecordError(
            source, "header", expected=f"{size} bytes",
            got=f"{len(content)} bytes: the file is truncated",
            remedy="Copy the file again.",
        )  # fmt: skip
    records = _number(content[236:244], source, "number of data records")
    length = _number(content[244:252], source, "duration of a data record")
    if records < 1.0 or records % 1.0 or length <= 0.0:
        raise RecordError(
            source, "number and duration of data records", expected="numbers above zero",
            got=f"{records:g} records of {length:g} s",
            remedy="The recorder did not finish the file: export it again.",
        )  # fmt: skip
    began = _began(content)
    facts = _patient(content[8:88].decode("latin-1"))
    if began is not None:
        facts |= {"date": f"{began:%Y%m%d}", "time": f"{began:%H:%M:%S}"}
    reserved = content[192:236].decode("latin-1").strip()
    plus = reserved[:5] if reserved.startswith("EDF+") else ""
    signals = _signals(content[_SIZE:size].decode("latin-1"), count, source)
    return EdfHeader(size, int(records), length, plus, signals, began, facts)


def _signals(text: str, count: int, source: str) -> tuple[EdfSignal, ...]:
    """Fields stand together for all signals: first every label, then every transducer."""
    columns: dict[str, list[str]] = {}
    place = 0
    for field, width in _SIGNAL_FIELDS:
        columns[field] = [
            text[place + width * k : place + width * (k + 1)].strip() for k in range(count)
        ]
        place += width * count
    return tuple(
        _signal({field: texts[k] for field, texts in columns.items()}, source) for k in range(count)
    )


def _signal(texts: Mapping[str, str], source: str) -> EdfSignal:
    label = texts["label"]
    names = ("physical minimum", "physical maximum", "digital minimum", "digital maximum",
             "samples per record")  # fmt: skip
    low, high, lowest, highest, per_record = (
        _number(texts[name].encode("latin-1"), source, f"{name} of signal {label!r}")
        for name in names
    )
    if low == high or lowest >= highest or per_record < 1.0 or per_record % 1.0:
        raise RecordError(
            source, f"range of signal {label!r}",
            expected="different physical limits, rising digital ones, samples in every record",
            got=f"{low:g} to {high:g}, {lowest:g} to {highest:g}, {per_record:g} samples",
            remedy="Export the recording again with its calibration.",
        )  # fmt: skip
    gain = (high - low) / (highest - lowest)
    return EdfSignal(label, texts["unit"], gain, low - gain * lowest, int(per_record))


def _number(text: bytes, source: str, field: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RecordError(
            source, field, expected="a number", got=repr(text.decode("latin-1")),
            remedy="Copy or export the file again.",
        )  # fmt: skip
    return number


def _began(content: bytes) -> datetime | None:
    """Start; years from 85 on are of the last century. EDF+ hides it by a date that is none."""
    try:
        began = datetime.strptime(content[168:184].decode("latin-1"), "%d.%m.%y%H.%M.%S")
    except ValueError:
        return None
    return began.replace(year=began.year % 100 + (1900 if began.year % 100 >= 85 else 2000))


def _patient(text: str) -> dict[str, str]:
    """EDF+ writes code, sex, birthday and name; plain EDF writes what it likes."""
    words = text.split()
    if len(words) < 3 or words[1] not in (*_SEXES, "X"):
        return {}
    facts = {"sex": _SEXES.get(words[1], ""), "born": words[2] if words[2] != "X" else ""}
    return {name: value for name, value in facts.items() if value}
