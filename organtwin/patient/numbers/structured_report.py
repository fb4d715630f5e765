"""DICOM structured reports: numbers of echocardiography (TID 5200, 5300) and other measurements.

A report is a tree (PS3.3 C.17.3). What a number means depends on what stands around it: the finding
site of its section or its own, the direction of flow, the method. Repeated measurements carry how a
value was derived (mean) or that it was selected (PS3.16 TID 300, 5203).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from organtwin.errors import RecordError
from organtwin.patient.numbers.choosing import chosen
from organtwin.patient.numbers.codes import ANTEGRADE, REGURGITANT, Code, known_code
from organtwin.patient.numbers.found import (
    CodedValue,
    Identity,
    NumbersFile,
    Reason,
    gathered,
    last_day,
)
from organtwin.patient.numbers.person import OLDEST, age_on, described
from organtwin.patient.readers.dicom_faults import dicom_explained

KIND = "DICOM SR"
CLASSES = "1.2.840.10008.5.1.4.1.1.88."
"""Beginning of the SOP classes of structured reports (PS3.4 B.5)."""
_DEEPEST = 60
_SITE, _FLOW, _METHOD = ("SCT", "363698007"), ("SCT", "260674002"), ("SCT", "370129005")
_DERIVATION, _SELECTION = ("DCM", "121401"), ("DCM", "121404")
_MEAN = ("SCT", "373098007")
_CHOSEN = (("DCM", "121410"), ("DCM", "121411"), ("DCM", "121412"))
"""Selection status: chosen by the user, most recent, mean (CID 12301)."""
_FLOWS = {"263677008": ANTEGRADE, "397417004": REGURGITANT, "312004007": REGURGITANT}
"""Flow direction (CID 12221); retrograde through a valve is a leak."""
_RANKS = {
    "125207": 2, "125204": 1, "125227": 1, "125208": 0, "125205": 0, "125209": -2, "125206": -2,
}  # fmt: skip
"""Method (CID 12228): biplane discs, biplane area-length, modified Simpson, one plane (discs, then
area-length), Teichholz, cube."""
_INDEXED = ("125271", "125272", "125273")
"""Methods whose result is divided by height (CID 12232)."""
_STAGED = ("DCM", "125310")
"""Staged measurements (TID 5300): at rest and under stress, side by side."""
_RIGHT = ("SCT", "53085002")
_SEXES = {"F": "female", "M": "male"}
_KEPT = ("SOPClassUID", "Modality", "PatientSex", "ContentSequence", "ConceptNameCodeSequence",
         "ValueType", "ContinuityOfContent", "ContentTemplateSequence", "CompletionFlag",
         "VerificationFlag", "ContentDate", "StudyDate", "SeriesDate", "SpecificCharacterSet",
         "PatientAge", "PatientSize", "PatientWeight")  # fmt: skip
"""Elements that do not tell who the patient is; dates are shifted."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What the containers and modifiers around an item say."""

    site: str = ""
    flow: str = ""
    method: str = ""
    derived: bool = False
    selected: bool = False
    staged: bool = False


def read_structured_report(path: Path) -> NumbersFile:
    """Read every numeric item of a report, or refuse it.

    Raises
    ------
    RecordError
        The file is damaged, no structured report, or not completed.
    """
    source = str(path)
    with dicom_explained(source, "DICOM structured report"):
        report = _report(path)
        taken = _day(report)
        problem = _unfinished(report)
        values = [
            replace(value, problem=value.problem or problem)
            for value in _values(report, _Around(), taken, 0)
        ]
        identity = _identity(report)
        measurements, body, unused = chosen(values, KIND)
        age = _age(report)
        who = described(
            identity.sex,
            age_on(last_day(measurements), identity.born) if age is None else age,
            {**_header_body(report), **body},
        )
        return NumbersFile(
            source, KIND, measurements, who, identity, gathered(unused), tuple(_private(report))
        )


def _report(path: Path) -> Any:
    import pydicom

    report = pydicom.dcmread(path)
    if not str(report.get("SOPClassUID", "")).startswith(CLASSES):
        raise RecordError(
            str(path), "SOPClassUID", expected="a structured report",
            got=str(report.get("SOPClassUID", "nothing")),
            remedy="Choose the report of the examination, not its images.",
        )  # fmt: skip
    return report


def _unfinished(report: Any) -> tuple[Reason, str] | None:
    if str(report.get("CompletionFlag", "COMPLETE")) != "COMPLETE":
        return Reason.STATUS, "the report is not complete"
    return None


def _values(
    item: Any, around: _Around, taken: datetime | date | None, depth: int
) -> Iterator[CodedValue]:
    if depth > _DEEPEST:
        raise ValueError(f"content nested deeper than {_DEEPEST} levels")
    children = item.get("ContentSequence") or ()
    around = _modified(around, children)
    if _code(item, "ConceptNameCodeSequence") == _STAGED:
        around = replace(around, staged=True)
    if str(item.get("ValueType", "")) == "NUM":
        yield _value(item, around, taken)
        return
    for child in children:
        yield from _values(child, around, taken, depth + 1)


def _modified(around: _Around, children: Any) -> _Around:
    """What the modifiers among the children of an item add to what stands around it."""
    for child in children:
        contained = str(child.get("RelationshipType", "")) == "CONTAINS"
        if str(child.get("ValueType", "")) != "CODE" or contained:
            continue
        concept = _code(child, "ConceptNameCodeSequence")
        value = _code(child, "ConceptCodeSequence")
        if concept is None or value is None:
            continue
        if concept == _SITE:
            around = replace(around, site=value[1])
        elif concept == _FLOW:
            around = replace(around, flow=_FLOWS.get(value[1], value[1]))
        elif concept == _METHOD:
            around = replace(around, method=value[1])
        elif concept == _DERIVATION:
            around = replace(around, derived=value == _MEAN)
        elif concept == _SELECTION:
            around = replace(around, selected=value in _CHOSEN)
    return around


def _value(item: Any, around: _Around, taken: datetime | date | None) -> CodedValue:
    code = _code(item, "ConceptNameCodeSequence")
    names = item.get("ConceptNameCodeSequence")
    label = str(names[0].get("CodeMeaning", "")) if names else ""
    number, unit, problem = _measured(item)
    if around.method in _INDEXED:
        problem = (Reason.UNKNOWN, "divided by height")
    if around.staged:
        problem = (Reason.AMBIGUOUS, "measured in a stage of a stress test")
    return CodedValue(
        () if code is None else (code,), number, unit, label or "a number without name", "content",
        taken=taken, site=around.site, flow=around.flow,
        arterial=("SCT", around.site) != _RIGHT, chosen=around.selected or around.derived,
        rank=_RANKS.get(around.method, 0), problem=problem,
    )  # fmt: skip


def _measured(item: Any) -> tuple[float, str, tuple[Reason, str] | None]:
    measured = item.get("MeasuredValueSequence") or ()
    if not measured:
        return float("nan"), "", (Reason.NO_NUMBER, "")
    value = measured[0]
    number = value.get("FloatingPointValue", value.get("NumericValue"))
    units = value.get("MeasurementUnitsCodeSequence") or ()
    unit = str(units[0].get("CodeValue", "")) if units else ""
    if number is None:
        return float("nan"), unit, (Reason.NO_NUMBER, "")
    return float(number), "1" if unit == "{ratio}" else unit, None


def _code(item: Any, keyword: str) -> Code | None:
    concepts = item.get(keyword) or ()
    if not concepts:
        return None
    value = concepts[0].get("CodeValue") or concepts[0].get("LongCodeValue") or ""
    return known_code(str(concepts[0].get("CodingSchemeDesignator", "")), str(value))


def _day(report: Any) -> date | None:
    """The day of the examination; the report may be written later."""
    text = str(report.get("StudyDate") or report.get("ContentDate") or "")
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None


def _identity(report: Any) -> Identity:
    born = str(report.get("PatientBirthDate") or "")
    return Identity(
        frozenset({str(report.get("PatientID") or "")} - {""}),
        _SEXES.get(str(report.get("PatientSex") or "")),
        date(int(born[:4]), int(born[4:6]), int(born[6:8])) if len(born) == 8 else None,
        frozenset({str(report.get("PatientName") or "")} - {""}),
    )


def _age(report: Any) -> float | None:
    text = str(report.get("PatientAge") or "")
    years = {"Y": 1.0, "M": 1.0 / 12.0, "W": 7.0 / 365.25, "D": 1.0 / 365.25}.get(text[-1:])
    if years is None or not text[:-1].isdigit():
        return None
    age = int(text[:-1]) * years
    return age if age <= OLDEST else None


def _header_body(report: Any) -> dict[str, float]:
    """Height and weight [m, kg] of the header, where plausible."""
    found = {"height": report.get("PatientSize"), "weight": report.get("PatientWeight")}
    bounds = {"height": (0.4, 2.6), "weight": (2.0, 400.0)}
    return {
        name: float(value) for name, value in found.items()
        if value is not None and bounds[name][0] <= float(value) <= bounds[name][1]
    }  # fmt: skip


def _private(report: Any) -> Iterator[str]:
    """Elements that may tell who the patient is, by keyword; private ones by their number."""
    private = 0
    for element in report:
        if element.tag.is_private:
            private += 1
        elif element.keyword not in _KEPT:
            yield element.keyword or str(element.tag)
    if private:
        yield f"{private} private elements"
