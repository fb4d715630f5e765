"""From what came in to a case on disk: a new one, or more in one that is there.

De-identified unless the intake keeps the identity: recordings and hearts are then written anew
beside the case, without a byte of their headers; with it the case names the files where they are.
The case is read back before it counts as written; on any failure everything is as it was.
"""

import json
import secrets
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.bare_recording import with_conduction
from organtwin.patient.case_document import FORMAT, VERSION, read_document, written_whole
from organtwin.patient.case_entries import PATIENT_KEYS, demographics
from organtwin.patient.case_file import (
    load_case,
    measurement_entries,
    patient_entries,
    waveform_entries,
)
from organtwin.patient.case_saving import (
    check_kept,
    tables_text,
    value_text,
    with_conditions_line,
)
from organtwin.patient.deidentification import date_shift
from organtwin.patient.finding import Finding
from organtwin.patient.intake import Intake, clash_with, filled
from organtwin.patient.intake_copies import Copies
from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers.found import Reason, Unused
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.recording import RecordingFile

Entries = dict[str, object]
_DIGITS = 10
"""Of a number in a case: more than any instrument has, fewer than binary fractions leave."""
_HEAD = ("format", "version", "id", "title", "diagnosis", "conduction", "remarks", "conditions")


@dataclass(frozen=True)
class SavedIntake:
    """The case as it was read back, what it stated already, and what its ECG showed."""

    record: PatientRecord
    path: Path
    already: tuple[Unused, ...] = ()
    findings: tuple[Finding, ...] = ()


def new_case_id() -> str:
    """A name that says nothing about anybody."""
    return f"case-{secrets.token_hex(4)}"


def saved_intake(intake: Intake, target: Path, case_id: str, secret: bytes) -> SavedIntake:
    """Write what came in into the case at ``target``, which may be there already.

    Parameters
    ----------
    intake
        Checked here.
    target
        ``.toml`` or ``.json``.
    case_id
        Of a new case; one that is there keeps its own, and with it its offset of dates.
    secret
        Key of this user, from which the offset follows (``resources.user_secret``).

    Raises
    ------
    InputError
        The files are not of one patient or not of the patient of the case, nothing can be used, a
        file cannot be cleaned, or the case cannot be written.
    """
    intake.check()
    if target.suffix.lower() not in (".toml", ".json"):
        raise RecordError(
            str(target), "extension", expected=".toml or .json", got=repr(target.suffix),
            remedy="Name a case file, such as patient.toml.",
        )  # fmt: skip
    old = _old(target)
    case_id = str(old["id"]) if old else case_id
    shift = date_shift(case_id, secret)
    measurements, who = intake.private(shift)
    with _undone_on_failure(target) as made:
        copies = Copies(intake, target, shift, made)
        if old:
            record, already = _extended(old, target, copies, (measurements, who))
            return SavedIntake(record, target, already)
        record, findings = _new(target, copies, case_id, (measurements, who))
        return SavedIntake(record, target, findings=findings)


def check_into(intake: Intake, target: Path | None) -> None:
    """Refuse, before anything is written, what cannot be added to a case.

    Raises
    ------
    InputError
        As ``saved_intake`` for the intake as a whole and for the case, if there is one.
    """
    intake.check()
    if target is not None and target.exists():
        _refuse_other_patient(intake, target, load_case(target), intake.who)


def _refuse_other_patient(
    intake: Intake, target: Path, held: PatientRecord, who: Demographics
) -> None:
    clash = clash_with(who, held.demographics)
    if clash and not intake.same_patient:
        raise RecordError(
            str(target), "patient", expected="files of the patient of this case", got=clash,
            remedy="Import into another case, or say that it is the same patient.",
        )  # fmt: skip


def _new(
    target: Path, copies: Copies, case_id: str, told: tuple[tuple[Measurement, ...], Demographics]
) -> tuple[PatientRecord, tuple[Finding, ...]]:
    measurements, who = told
    intake = copies.intake
    record = PatientRecord(case_id, _title(intake, case_id), "not stated", who, measurements)
    ecg = next((file.recording for file, _ in intake.recordings if file.recording), None)
    if ecg is not None:
        record = with_conduction(record, ecg)
    entries: Entries = {
        "format": FORMAT, "version": VERSION, "id": case_id, "title": record.title,
        "diagnosis": record.diagnosis, "conduction": record.conduction,
        "remarks": _remarks(intake),
    }  # fmt: skip
    if intake.conditions:
        entries["conditions"] = list(intake.conditions)
    entries |= _tables(record.measurements, copies.recordings(), target.parent)
    if who != Demographics():
        entries["patient"] = dict(patient_entries(who))
    heart = copies.heart()
    if heart is not None:
        entries["heart"] = dict(heart)
    if target.suffix.lower() == ".json":
        text = json.dumps(entries, indent=1, ensure_ascii=False)
    else:
        head = "".join(f"{key} = {value_text(entries[key])}\n" for key in _HEAD if key in entries)
        rest = {key: value for key, value in entries.items() if key not in _HEAD}
        text = head + "".join(tables_text(rest))
        check_kept(text, entries, target)
    written_whole(target, text)
    return load_case(target), record.findings


def _extended(
    old: Entries, target: Path, copies: Copies,
    told: tuple[tuple[Measurement, ...], Demographics],
) -> tuple[PatientRecord, tuple[Unused, ...]]:  # fmt: skip
    held = load_case(target)
    measurements, who = told
    _refuse_other_patient(copies.intake, target, held, who)
    stated = _stated(old)
    new = tuple(entry for entry in measurements if entry.name not in stated)
    already = [
        Unused(entry.quantity.label, Reason.STATED, entry.quantity.text(entry.value))
        for entry in measurements if entry.name in stated
    ]  # fmt: skip
    added = _tables(new, copies.recordings(frozenset(held.waveforms)), target.parent)
    if held.heart is None:
        heart = copies.heart()
        added |= {} if heart is None else {"heart": dict(heart)}
    elif copies.intake.hearts:
        already.append(Unused("heart", Reason.STATED, "the files of the case stay"))
    patient = patient_entries(filled(who, held.demographics))
    if fresh := tuple(c for c in copies.intake.conditions if c not in held.conditions):
        added["conditions"] = [*held.conditions, *fresh]
    text, newline = _with_added(target, old, added, patient)
    written_whole(target, text, newline)
    return load_case(target), tuple(already)


def _stated(old: Entries) -> frozenset[str]:
    """Names of the quantities that a case states."""
    tables = old.get("measurement", [])
    return frozenset(str(t["name"]) for t in tables) if isinstance(tables, list) else frozenset()


def _with_added(
    target: Path, old: Entries, added: Entries, patient: Mapping[str, object]
) -> tuple[str, str]:
    """The text of a case with more tables at its end, and how its lines end."""
    wanted: Entries = dict(old)
    stated = added.pop("conditions", None)
    if stated is not None:
        wanted["conditions"] = stated
    for key, tables in added.items():
        before = old.get(key)
        if isinstance(tables, list):
            wanted[key] = [*(before if isinstance(before, list) else []), *tables]
        else:
            wanted[key] = tables
    person = old.get("patient")
    known: Entries = dict(person) if isinstance(person, dict) else {}
    fresh = {key: value for key, value in patient.items() if key not in known}
    if fresh:
        wanted["patient"] = known | fresh
    written = target.read_bytes().decode("utf-8-sig")
    newline = "\r\n" if "\r\n" in written else "\n"
    if target.suffix.lower() == ".json":
        return json.dumps(wanted, indent=1, ensure_ascii=False), newline
    text = written.replace("\r\n", "\n").rstrip("\n") + "\n"
    lines = "".join(f"{key} = {value_text(value)}\n" for key, value in fresh.items())
    if fresh and "\n[patient]\n" in text:
        text = text.replace("\n[patient]\n", f"\n[patient]\n{lines}", 1)
    elif fresh:
        text += f"\n[patient]\n{lines}"
    if isinstance(stated, list):
        text = with_conditions_line(text, stated)
    text += "".join(tables_text({key: value for key, value in added.items() if value}))
    check_kept(text, {key: value for key, value in wanted.items() if value != []}, target)
    return text, newline


def _tables(
    measurements: tuple[Measurement, ...], recordings: Iterator[RecordingFile], folder: Path
) -> Entries:
    files = [dict(waveform_entries(file, folder)) for file in recordings]
    entries: Entries = {}
    if measurements:
        entries["measurement"] = [_rounded(measurement_entries(entry)) for entry in measurements]
    if files:
        entries["waveform"] = files
    return entries


def _rounded(entries: Mapping[str, object]) -> Entries:
    return {
        key: float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
        for key, value in entries.items()
    }


def _old(target: Path) -> Entries:
    """What the case says so far, checked; nothing where there is none."""
    if not target.exists():
        return {}
    document = read_document(target)
    demographics(document.table("patient", PATIENT_KEYS))
    text = target.read_text("utf-8-sig")
    old: Entries = tomllib.loads(text) if target.suffix.lower() == ".toml" else json.loads(text)
    return old


def _title(intake: Intake, case_id: str) -> str:
    names = sorted(name for file in intake.recognised for name in file.identity.names)
    return names[0] if intake.keep_identity and names else f"Imported {case_id}"


def _remarks(intake: Intake) -> str:
    kinds = ", ".join(dict.fromkeys(file.kind for file in intake.recognised))
    if intake.keep_identity:
        return f"Imported from: {kinds}. Names, dates and files as they were."
    return (
        f"Imported from: {kinds}. De-identified: names, numbers and free text left out, dates "
        "moved by one offset for the case, ages above 89 given as 90, signals written anew."
    )


@contextmanager
def _undone_on_failure(target: Path) -> Iterator[list[Path]]:
    """Collects what is made; takes it away again, and the old case back, when anything fails."""
    before = target.read_bytes() if target.exists() else None
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in reversed(made):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if before is None:
            target.unlink(missing_ok=True)
        else:
            target.write_bytes(before)
        raise
