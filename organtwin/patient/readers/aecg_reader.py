"""HL7 annotated electrocardiogram (FDA aECG, ``urn:hl7-org:v3``): leads, averaged beat, intervals.

Samples follow the HL7 type SLIST_PQ: value = origin + scale x digit, each with its unit. Every set
of sequences has one clock, absolute (GLIST_TS) or relative (GLIST_PQ); leads recorded one after
the other keep their own start. The averaged (derived) beat is kept apart from the rhythm strip.
A document that declares a document type is refused before anything of it is read: entities, and
with them every expansion attack, cannot then exist.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, canonical_channel, values_in_si
from organtwin.patient.readers.aecg_annotations import intervals, statements
from organtwin.patient.readers.xml_document import parsed
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from organtwin.units import to_si

SPACE = "{urn:hl7-org:v3}"
_LEAD = "MDC_ECG_LEAD_"
_CLOCKS = ("TIME_ABSOLUTE", "TIME_RELATIVE")
_FACTS = {
    "administrativeGenderCode": ("sex", "code"),
    "birthTime": ("born", "value"),
}


def read_aecg(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read the rhythm series of an aECG file and the averaged beats derived from it.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with _explained(source):
        root = document(path)
        all_series = list(root.iter(f"{SPACE}series"))
        if not all_series:
            raise RecordError(
                source, "series", expected="a series of waveforms", got="none",
                remedy="Export the recording again with its waveforms.",
            )  # fmt: skip
        rhythm: dict[str, Waveform] = {}
        median: dict[str, Waveform] = {}
        for series in all_series:
            _add_series(rhythm, series, source, leads=leads)
            for derived in series.iter(f"{SPACE}derivedSeries"):
                _add_series(median, derived, source, leads=leads)
        measured = intervals(root, source, _taken(root))
        return Recording(source, rhythm, median, measured, _facts(root))


def document(path: Path) -> Element:
    """The root of the XML file at ``path``.

    Raises
    ------
    RecordError
        There is no such file, it declares a document type, or it is no aECG.
    xml.parsers.expat.ExpatError
        It is not well-formed XML.
    """
    source = str(path)
    if not path.is_file():
        raise RecordError(
            source, "file", expected="an aECG file", got="no such file",
            remedy="Check the path in the case file; it is relative to the case file.",
        )  # fmt: skip
    content = path.read_bytes()
    root = parsed(content, source)
    if root.tag != f"{SPACE}AnnotatedECG":
        raise RecordError(
            source, "root element", expected="AnnotatedECG of urn:hl7-org:v3", got=root.tag,
            remedy="Choose the aECG export of the recorder, or convert the file to DICOM or WFDB.",
        )  # fmt: skip
    return root


def _add_series(
    waveforms: dict[str, Waveform], series: Element, source: str, *, leads: tuple[str, ...]
) -> None:
    """Add each lead of one series; its own components only, not those of series derived from it."""
    starts: list[float] = []
    for number, sequences in enumerate(
        series.findall(f"{SPACE}component/{SPACE}sequenceSet"), start=1
    ):
        field = f"sequenceSet[{number}]"
        parts = sequences.findall(f"{SPACE}component/{SPACE}sequence")
        clock = [part for part in parts if _code(part) in _CLOCKS]
        if len(clock) != 1:
            raise RecordError(
                source, field, expected="one sequence of times", got=f"{len(clock)}",
                remedy="Export the recording again: its leads cannot be placed in time.",
            )  # fmt: skip
        start, step = _clock(clock[0], source, field)
        starts.append(start)
        for part in parts:
            if part not in clock:
                _add_lead(
                    waveforms, part, (start - starts[0], step), source=f"{source}|{field}",
                    leads=leads,
                )  # fmt: skip


def _clock(part: Element, source: str, field: str) -> tuple[float, float]:
    """Start and step [s]; an absolute start counts from the year 2000, so only differences mean."""
    head, increment = part.find(f".//{SPACE}head"), part.find(f".//{SPACE}increment")
    step = _quantity(increment, source, f"{field} increment", "s")
    if step <= 0.0:
        raise RecordError(
            source, f"{field} increment", expected="a time above zero", got=f"{step:g} s",
            remedy="Export the recording again.",
        )  # fmt: skip
    if _code(part) == "TIME_RELATIVE":
        return _quantity(head, source, f"{field} head", "s"), step
    return seconds(head.get("value", "") if head is not None else ""), step


def seconds(stamp: str) -> float:
    """An HL7 time stamp (``YYYYMMDDhhmmss.fff``) as seconds from 2000; the zone is left out.

    Raises
    ------
    ValueError
        It is not a time stamp of at least the day.
    """
    whole, _, fraction = stamp.split("+")[0].split("-")[0].partition(".")
    moment = datetime.strptime(whole.ljust(14, "0"), "%Y%m%d%H%M%S")
    since = moment - datetime(2000, 1, 1)
    return since.total_seconds() + (float(f"0.{fraction}") if fraction else 0.0)


def _add_lead(
    waveforms: dict[str, Waveform], part: Element, clock: tuple[float, float], *, source: str,
    leads: tuple[str, ...],
) -> None:  # fmt: skip
    path, field = source.split("|")
    code = _code(part)
    if not code.startswith(_LEAD):
        if leads:
            return
        raise RecordError(
            path, f"{field} sequence", expected=f"a code that begins with {_LEAD}", got=repr(code),
            remedy="List the leads to be read under `leads` in the case file.",
        )  # fmt: skip
    spelled = code.removeprefix(_LEAD).replace("_", "")
    if leads and spelled.lower() not in {lead.lower() for lead in leads}:
        return
    name = canonical_channel(spelled, path)
    if name in waveforms:
        raise RecordError(
            path, f"{field}.lead {name}", expected="each lead once", got="the lead twice",
            remedy="Export one recording per file.",
        )  # fmt: skip
    values, unit = _samples(part, Channel(path, f"{field}.lead {name}", name), 1.0 / clock[1])
    times: FloatArray = clock[0] + np.arange(len(values), dtype=np.float64) * clock[1]
    waveforms[name] = Waveform(name, times, values, unit, path)


def _samples(part: Element, channel: Channel, rate: float) -> tuple[FloatArray, str]:
    """Samples ``(n,)`` [V] and the unit of the scale on file."""
    digits = part.find(f".//{SPACE}digits")
    text = (digits.text or "") if digits is not None else ""
    steps = np.array(text.split(), dtype=np.float64)
    if len(steps) < 2 or not np.isfinite(steps).all():
        raise RecordError(
            channel.source, f"{channel.field} digits", expected="at least two finite numbers",
            got=f"{len(steps)} of which {int((~np.isfinite(steps)).sum())} are not finite",
            remedy="Leave this lead out under `leads` in the case file, or export it again.",
        )  # fmt: skip
    scale, origin = part.find(f".//{SPACE}scale"), part.find(f".//{SPACE}origin")
    unit = scale.get("unit", "") if scale is not None else ""
    size = _number(scale, channel.source, f"{channel.field} scale")
    if size <= 0.0:
        raise RecordError(
            channel.source, f"{channel.field} scale", expected="a number above zero",
            got=f"{size:g}", remedy="Export the recording again: a negative scale turns the lead "
            "upside down.",
        )  # fmt: skip
    zero = _number(origin, channel.source, f"{channel.field} origin")
    origin_unit = origin.get("unit", "") if origin is not None else ""
    offset = to_si(zero, origin_unit, like="mV") if zero else 0.0
    return values_in_si(steps * size, unit, channel, rate) + offset, unit


def _quantity(element: Element | None, source: str, field: str, like: str) -> float:
    number = _number(element, source, field)
    return to_si(number, element.get("unit", "") if element is not None else "", like=like)


def _number(element: Element | None, source: str, field: str) -> float:
    text = element.get("value", "nothing") if element is not None else "nothing"
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise RecordError(
            source, field, expected="a finite number", got=text,
            remedy="Export the recording again with its calibration.",
        )  # fmt: skip
    return number


def _code(part: Element) -> str:
    code = part.find(f"{SPACE}code")
    return code.get("code", "") if code is not None else ""


def _taken(root: Element) -> datetime | None:
    for place in ("center", "low"):
        found = root.find(f"{SPACE}effectiveTime/{SPACE}{place}")
        stamp = found.get("value", "") if found is not None else ""
        if len(stamp) >= 8 and stamp[:8].isdigit():
            return datetime.strptime(stamp[:8], "%Y%m%d")
    return None


def _facts(root: Element) -> Mapping[str, str]:
    """Sex, date of birth, reported age, date, recorder and statements as they stand."""
    facts = {}
    for tag, (name, attribute) in _FACTS.items():
        element = root.find(f".//{SPACE}{tag}")
        if element is not None and element.get(attribute):
            facts[name] = element.get(attribute, "")
    for observed in root.iter(f"{SPACE}relatedObservation"):
        value = observed.find(f"{SPACE}value")
        if _code(observed) == "21612-7" and value is not None and value.get("unit") == "a":
            facts["age"] = value.get("value", "")
    model = root.find(f".//{SPACE}manufacturerModelName")
    if model is not None and model.text:
        facts["recorder"] = model.text
    if taken := _taken(root):
        facts["date"] = taken.strftime("%Y%m%d")
    if said := statements(root):
        facts["statements"] = "; ".join(said)
    return facts


@contextmanager
def _explained(source: str) -> Iterator[None]:
    """Turn what the parser raises on malformed input into one kind of message."""
    try:
        yield
    except RecordError:
        raise
    except (expat.ExpatError, ParseError) as error:
        raise RecordError(
            source, "XML", expected="a complete XML document", got=f"{error}",
            remedy="Copy or export the file again: it is damaged or cut off.",
        ) from error  # fmt: skip
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise RecordError(
            source, "aECG", expected="a complete annotated ECG",
            got=f"{type(error).__name__}: {error}", remedy="Copy or export the file again.",
        ) from error  # fmt: skip
