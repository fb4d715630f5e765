"""What is annotated in an aECG file: waves with their borders, intervals, statements.

Intervals are those of the averaged beat where it carries any, else the median over the beats of
the first set of annotations that has them. Waves are given for every set, so that a machine's and
a reader's marks stay apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median
from xml.etree.ElementTree import Element

from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.units import to_si

_SPACE = "{urn:hl7-org:v3}"
_INTERVALS = {
    "MDC_ECG_TIME_PD_RR": "rr_interval",
    "MDC_ECG_TIME_PD_PR": "pr_interval",
    "MDC_ECG_TIME_PD_QRS": "qrs_duration",
    "MDC_ECG_TIME_PD_QT": "qt_interval",
}
_WAVE = "MDC_ECG_WAVC_"


@dataclass(frozen=True, slots=True)
class AnnotatedWave:
    """One wave as a recorder or a reader marked it.

    ``kind`` is the end of its code (``PWAVE``, ``QRSWAVE``, ``TWAVE``); ``onset`` and ``offset``
    are as on file, an HL7 time stamp or milliseconds, empty where not marked; ``annotator`` counts
    the sets of annotations in the file from 0.
    """

    annotator: int
    kind: str
    onset: str
    offset: str


def intervals(root: Element, source: str, taken: datetime | None) -> tuple[Measurement, ...]:
    """RR, PR, QRS and QT of the file, each once.

    Raises
    ------
    RecordError
        A number is out of the range in which its quantity can lie.
    """
    found: dict[str, Measurement] = {}
    for annotations in _preferred(root):
        numbers = _numbers(annotations)
        for name in _INTERVALS.values():
            if name in found or not numbers[name]:
                continue
            value = median(numbers[name])
            _check(name, value, source)
            found[name] = Measurement(
                name, value, default_sd(name, value), _day(taken),
                f"annotated in {Path(source).name}", sd_assumed=True,
            )  # fmt: skip
    return tuple(found.values())


def statements(root: Element) -> tuple[str, ...]:
    """Rhythms as the file words them, each once."""
    said = []
    for annotation in root.iter(f"{_SPACE}annotation"):
        value = annotation.find(f"{_SPACE}value")
        if _code(annotation) == "MDC_ECG_RHY" and value is not None:
            said.append(value.get("displayName") or value.get("code", ""))
    return tuple(dict.fromkeys(filter(None, said)))


def waves(root: Element) -> tuple[AnnotatedWave, ...]:
    """Every marked wave with at least one border, in the order of the file."""
    found = []
    for number, annotations in enumerate(root.iter(f"{_SPACE}annotationSet")):
        for annotation in annotations.iter(f"{_SPACE}annotation"):
            value = annotation.find(f"{_SPACE}value")
            kind = value.get("code", "") if value is not None else ""
            span = annotation.find(f"{_SPACE}support//{_SPACE}boundary/{_SPACE}value")
            if not kind.startswith(_WAVE) or span is None:
                continue
            onset, offset = _border(span, "low"), _border(span, "high")
            if onset or offset:
                found.append(AnnotatedWave(number, kind.removeprefix(_WAVE), onset, offset))
    return tuple(found)


def _border(span: Element, side: str) -> str:
    border = span.find(f"{_SPACE}{side}")
    return border.get("value", "") if border is not None else ""


def _preferred(root: Element) -> Iterator[Element]:
    """Sets of annotations, those of averaged beats first."""
    derived = [
        annotations
        for series in root.iter(f"{_SPACE}derivedSeries")
        for annotations in series.iter(f"{_SPACE}annotationSet")
    ]
    yield from derived
    yield from (each for each in root.iter(f"{_SPACE}annotationSet") if each not in derived)


def _numbers(annotations: Element) -> dict[str, list[float]]:
    """Values [s] by quantity; zero stands for "not measured"."""
    found: dict[str, list[float]] = {name: [] for name in _INTERVALS.values()}
    for annotation in annotations.iter(f"{_SPACE}annotation"):
        name = _INTERVALS.get(_code(annotation))
        value = annotation.find(f"{_SPACE}value")
        if name is None or value is None or float(value.get("value") or 0.0) == 0.0:
            continue
        found[name].append(to_si(float(value.get("value", "")), value.get("unit", ""), like="ms"))
    return found


def _check(name: str, value: float, source: str) -> None:
    bounds = quantity(name)
    if not bounds.to_si(bounds.lower) <= value <= bounds.to_si(bounds.upper):
        raise RecordError(
            source, f"annotation {name}", expected=f"{bounds.lower:g} to {bounds.upper:g} ms",
            got=f"{1e3 * value:g} ms", remedy="Have the annotation corrected in the recorder.",
        )  # fmt: skip


def _code(annotation: Element) -> str:
    code = annotation.find(f"{_SPACE}code")
    return code.get("code", "") if code is not None else ""


def _day(taken: datetime | None) -> date | None:
    return taken.date() if taken is not None else None
