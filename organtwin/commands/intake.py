"""``organtwin import``: what files hold, what of it is used, and the case made of it."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from organtwin.patient.finding import FindingKind
from organtwin.patient.intake import Intake, taken_in
from organtwin.patient.intake_reading import TakenFile
from organtwin.patient.intake_saving import SavedIntake, check_into, new_case_id, saved_intake
from organtwin.patient.numbers.found import Unused
from organtwin.resources import user_secret

MOST = 12
"""Lines about one file that are printed before the rest is only counted."""


def import_files(options: argparse.Namespace) -> int:
    """Read files, say what was found, and write the case unless it is only a check.

    The exit status is 1 where a file was refused, also when the others made a case.
    """
    intake = Intake(
        tuple(taken_in(options.files)), options.keep_identity, options.same_patient
    )  # fmt: skip
    if not options.json:
        print("\n".join(intake_lines(intake)))
    saved = None
    if options.check:
        check_into(intake, options.into)
    else:
        case_id = new_case_id()
        target = options.into or Path(f"{case_id}.toml")
        saved = saved_intake(intake, target, case_id, user_secret())
    if options.json:
        print(json.dumps(facts(intake, saved), indent=2))
    elif saved is None:
        print("\nonly checked; nothing was written")
    else:
        print("\n" + "\n".join(_saved_lines(saved)))
    return 1 if intake.refused else 0


def intake_lines(intake: Intake) -> Iterator[str]:
    """What is said of each file, and of all together."""
    removed = {file.path: fields for file, fields in intake.removed}
    ignored: dict[Path, list[Unused]] = {}
    for file, unused in intake.ignored:
        ignored.setdefault(file.path, []).append(unused)
    for file in intake.files:
        yield f"{file.path.name}: {_what(file)}"
        if file.error is not None:
            yield f"  refused: {file.error}"
            continue
        for entry in file.measurements:
            yield f"  {entry.quantity.label} {entry.quantity.text(entry.value)}"
        said = ignored.get(file.path, [])
        yield from (f"  not used: {entry}" for entry in said[:MOST])
        if len(said) > MOST:
            yield f"  not used: {len(said) - MOST} more (all with --json)"
        if fields := removed.get(file.path):
            yield f"  removed: {', '.join(fields)}"
    yield from (f"! {note}" for note in intake.notes)
    if intake.conflict:
        yield f"not of one patient: {intake.conflict}"


def _what(file: TakenFile) -> str:
    return f"{file.kind}, {file.about}" if file.about else file.kind


def _saved_lines(saved: SavedIntake) -> Iterator[str]:
    record = saved.record
    yield from (f"not used: {entry}" for entry in saved.already)
    for entry in record.measurements:
        quantity = entry.quantity
        yield (
            f"  {quantity.label} {quantity.text(entry.value)} ± {quantity.text(entry.sd)}"
            f"{'' if entry.taken is None else f', {entry.taken}'}, {entry.source}"
        )
    kinds = (FindingKind.CONTRADICTION, FindingKind.GAP)
    yield from (f"- {finding}" for finding in saved.findings)
    yield from (f"! {finding}" for finding in record.findings if finding.kind in kinds)
    yield f"{saved.path}: {len(record.measurements)} quantities, {len(record.waveforms)} signals"


def facts(intake: Intake, saved: SavedIntake | None) -> dict[str, object]:
    """Everything for programs."""
    removed = {file.path: fields for file, fields in intake.removed}
    ignored = [
        {"file": file.path.name, "what": entry.what, "reason": entry.reason.value,
         "detail": entry.detail, "count": entry.count}
        for file, entry in intake.ignored
    ]  # fmt: skip
    return {
        "files": [
            {
                "file": file.path.name, "kind": file.kind, "about": file.about,
                "quantities": {
                    entry.name: {
                        "value": entry.quantity.from_si(entry.value), "unit": entry.quantity.unit
                    }
                    for entry in file.measurements
                },
                "removed": list(removed.get(file.path, ())),
                "refused": None if file.error is None else str(file.error),
            }
            for file in intake.files
        ],
        "ignored": ignored,
        "notes": list(intake.notes), "conflict": intake.conflict,
        "case": None if saved is None else str(saved.path),
        "already": [] if saved is None else [str(entry) for entry in saved.already],
    }  # fmt: skip
