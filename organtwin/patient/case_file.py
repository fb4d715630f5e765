"""Cases on disk: load one, list those that ship with the program, write one.

The format is described in ``assets/cases/FORMAT.md``. Not for clinical decisions.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from organtwin.errors import RecordError, UnknownNameError
from organtwin.patient.bare_recording import record_of
from organtwin.patient.case_document import FORMAT, VERSION, read_document, written_whole
from organtwin.patient.case_entries import (
    MEASUREMENT_KEYS,
    PATIENT_KEYS,
    WAVEFORM_KEYS,
    conditions,
    demographics,
    measurements,
    recording_files,
)
from organtwin.patient.case_recordings import with_recordings
from organtwin.patient.case_table import CaseTable
from organtwin.patient.consistency import check_possible, contradictions
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.measurement import Measurement
from organtwin.patient.person import unused_findings
from organtwin.patient.readers.formats import is_recording
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.recording import RecordingFile
from organtwin.patient.stated import questions
from organtwin.patient.uncertainty import default_rule
from organtwin.resources import asset
from organtwin.units import from_si

if TYPE_CHECKING:
    from organtwin.anatomy.marking import Marking
    from organtwin.patient.geometry.source import HeartSource

CONDUCTIONS = ("normal", "lbbb", "rbbb", "paced")
DEFAULT_CASE = "default"
_BARE_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One line of the case list; ``name`` is what ``load_case`` takes."""

    name: str
    title: str
    diagnosis: str
    is_default: bool


def bundled_cases() -> tuple[CaseSummary, ...]:
    """The cases that ship with the program, the default first, then by name."""
    documents = {path.stem: read_document(path) for path in asset("cases").glob("*.toml")}
    names = sorted(documents, key=lambda name: (name != DEFAULT_CASE, name))
    return tuple(
        CaseSummary(
            name,
            documents[name].text("title"),
            documents[name].text("diagnosis"),
            name == DEFAULT_CASE,
        )
        for name in names
    )


def load_case(path_or_name: str | Path) -> PatientRecord:
    """Read a case completely, with its recordings, or refuse it.

    Parameters
    ----------
    path_or_name
        Path of a ``.toml`` or ``.json`` case file, the name of a bundled case, or the path of a
        recording in any format that is read: a patient of whom only that is known.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    path = _located(path_or_name)
    if is_recording(path):
        return record_of(path)
    document = read_document(path)
    entries = measurements(document.tables("measurement", MEASUREMENT_KEYS))
    files = recording_files(document.tables("waveform", WAVEFORM_KEYS), path.parent)
    record = PatientRecord(
        case_id=document.text("id"),
        title=document.text("title"),
        diagnosis=document.text("diagnosis"),
        demographics=demographics(document.table("patient", PATIENT_KEYS)),
        measurements=entries,
        conduction=document.choice("conduction", CONDUCTIONS, "normal"),
        rhythm=document.text("rhythm", ""),
        remarks=document.text("remarks", ""),
        recordings=files,
        heart=_heart(document, path.parent) if "heart" in document else None,
        markings=_markings(document) if "markings" in document else (),
        case_file=path,
        conditions=conditions(document),
    )
    record = with_recordings(record, str(path))
    check_possible(record.measurements, str(path))
    found = (
        *record.findings,
        *contradictions(record.measurements),
        *unused_findings(record.demographics),
        *_assumed_sds(record),
        *questions(record),
    )
    return replace(record, findings=found)


def save_case(record: PatientRecord, path: str | Path) -> None:
    """Write a record as a JSON case file that ``load_case`` reads back.

    Values are written in their clinical units. Waveforms are not copied: the file names the
    recordings they came from, relative to its own folder.

    Raises
    ------
    RecordError
        The record holds waveforms that lie in no recording file, so that they would be lost.
    """
    target = Path(path)
    if record.waveforms and not record.recordings:
        raise RecordError(
            str(target), "waveform", expected="waveforms that come from a recording file",
            got=f"{len(record.waveforms)} that exist in memory only",
            remedy="Write the signals to a WFDB record first and load them from there.",
        )  # fmt: skip
    document: dict[str, object] = {
        "format": FORMAT, "version": VERSION, "id": record.case_id, "title": record.title,
        "diagnosis": record.diagnosis, "conduction": record.conduction, "rhythm": record.rhythm,
        "remarks": record.remarks, "conditions": list(record.conditions),
        "patient": patient_entries(record.demographics),
        "measurement": [measurement_entries(entry) for entry in record.measurements],
        "waveform": [waveform_entries(file, target.parent) for file in record.recordings],
    }  # fmt: skip
    if record.heart is not None:
        from organtwin.patient.case_heart import heart_entries

        document["heart"] = heart_entries(record.heart, target.parent)
    if record.markings:
        document["markings"] = [marking.to_dict() for marking in record.markings]
    written_whole(target, json.dumps(document, indent=1, ensure_ascii=False))


def _heart(document: CaseTable, folder: Path) -> "HeartSource":
    # The readers of images and meshes are many; cases without a heart do without them.
    from organtwin.patient.case_heart import HEART_KEYS, heart_source

    return heart_source(document.table("heart", HEART_KEYS), folder)


def _markings(document: CaseTable) -> "tuple[Marking, ...]":
    from organtwin.patient.case_markings import MARKING_KEYS, markings

    return markings(document.tables("markings", MARKING_KEYS))


def _located(path_or_name: str | Path) -> Path:
    if isinstance(path_or_name, Path) or not _BARE_NAME.fullmatch(path_or_name):
        return Path(path_or_name)
    names = tuple(path.stem for path in asset("cases").glob("*.toml"))
    if path_or_name in names:
        return asset(f"cases/{path_or_name}.toml")
    near = Path(path_or_name)
    if near.exists() or near.with_name(f"{near.name}.hea").is_file():
        return near  # in the folder the user is in; what it is, its reader tells
    raise RecordError(
        path_or_name, "case", expected="the name of a bundled case or the path of a case file",
        got=str(UnknownNameError("case", path_or_name, names)),
        remedy=f"Bundled: {', '.join(sorted(names))}. A path ends in .toml or .json, or for a "
        "recording in .hea, .dat, .mat or .dcm.",
    )  # fmt: skip


def _assumed_sds(record: PatientRecord) -> list[Finding]:
    return [
        Finding(
            FindingKind.ASSUMED_SD,
            f"{entry.quantity.label}: no standard deviation was stated; the default of "
            f"{default_rule(entry.name)} is used",
            (entry.name,),
        )
        for entry in record.measurements
        if entry.sd_assumed
    ]


def patient_entries(who: Demographics) -> Mapping[str, str]:
    """The ``[patient]`` table that ``demographics`` reads back."""
    entries = {
        "sex": who.sex,
        "age": None if who.age is None else f"{who.age!r} years",
        "height": None if who.height is None else f"{from_si(who.height, 'cm')!r} cm",
        "weight": None if who.weight is None else f"{who.weight!r} kg",
    }
    return {key: text for key, text in entries.items() if text is not None}


def measurement_entries(entry: Measurement) -> Mapping[str, object]:
    """A ``[[measurement]]`` table, in the clinical unit of the quantity."""
    known = entry.quantity
    entries: dict[str, object] = {
        "name": entry.name, "value": known.from_si(entry.value), "unit": known.unit,
        "sd": known.from_si(entry.sd), "source": entry.source,
        "provenance": entry.provenance.value,
    }  # fmt: skip
    if entry.sd_assumed:
        entries["sd_assumed"] = True
    if entry.taken is not None:
        entries["taken"] = entry.taken.isoformat()
    return entries


def waveform_entries(file: RecordingFile, folder: Path) -> Mapping[str, object]:
    """A ``[[waveform]]`` table; the file as seen from ``folder``."""
    name = file.file
    if not name.startswith("pydicom:"):
        whole = Path(name).resolve()
        # No relative path leads from one Windows drive to another.
        near = whole.drive == folder.resolve().drive
        name = (Path(os.path.relpath(whole, folder.resolve())) if near else whole).as_posix()
    return {"file": name, "reader": file.reader, "leads": list(file.leads)}
