"""How often a plan outside what was checked is declined, and one inside it is not.

    PYTHONPATH=. .venv/bin/python scripts/measure_refusal.py [--coarse 10] [--wrong] [--who coded]

Patients, plans and verdicts stand in ``refusal_cases.toml``, written from the publications. Each
patient is fitted anew, each case asked of ``twin.checked_range`` and, where that has no objection,
predicted, since the predicted state may be a reason as well. Right in 95 of 100 is asked for.

Free text is the weak side. Of 20 outside cases written after the lists of words had been made, 10
were declined; since then a told rhythm must be a known regular one. No list of diagnoses is
complete: of 20 cases written after that and never used, 12 were declined, all misses rare
diagnoses. Hence conditions are stated in words of ``assets/codes/conditions.toml``: what it does
not know is asked about, never passed over. Of 25 cases written from labels before it 25 were
declined and none of 9 refused falsely, but the same hand wrote both. Of 25 terms of exclusion
criteria read after it was closed, 2 were predicted, and of 23 it asked for another word.
"""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organtwin.errors import OrganTwinError, UnknownNameError
from organtwin.patient.case_file import load_case
from organtwin.patient.conditions import condition_named
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.store.evidence_results import note_results, result_now
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.checked_range import beyond
from organtwin.twin.planted import planted_patient
from organtwin.twin.prediction import predict
from organtwin.twin.twin import Twin

CASES = Path(__file__).with_name("refusal_cases.toml")
UNREAD = "not read"
"""What is told where a condition is not in the vocabulary; the user is asked for another word."""
WORDS = ("diagnosis", "rhythm", "conduction")
BODY = ("age", "height", "weight")


@dataclass(frozen=True, slots=True)
class Case:
    """One patient with one plan, and whether a prediction may be shown."""

    patient: str
    plan: tuple[str, ...]
    inside: bool
    why: str
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program says; ``reasons`` to decline, none where it predicts."""

    case: Case
    reasons: tuple[str, ...]

    @property
    def right(self) -> bool:
        return bool(self.reasons) != self.case.inside


def written_cases(path: Path = CASES) -> tuple[Mapping[str, Any], tuple[Case, ...]]:
    """Descriptions of the patients by name, and every case of every group."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    cases = [
        Case(who, tuple(plan), group["inside"], group["why"], group.get("held_out", False))
        for group in document["group"]
        for who in group["who"]
        for plan in group["plans"]
    ]
    return document["patient"], tuple(cases)


def record_of(name: str, patients: Mapping[str, Any]) -> PatientRecord:
    """The record of a described patient."""
    told = dict(patients[name])
    if "like" in told:
        start = record_of(told["like"], patients)
    elif "bundled" in told:
        start = load_case(told["bundled"])
    elif "planted" in told:
        start = planted_patient(told["planted"]).record
    else:
        measured = tuple(_measured(*item) for item in told["numbers"].items())
        start = PatientRecord(name, name, "", Demographics(), measured)
    who = {key: told.get(key, getattr(start.demographics, key)) for key in BODY}
    words = {key: told.get(key, getattr(start, key)) for key in WORDS}
    return PatientRecord(
        name, name, words["diagnosis"], Demographics(start.demographics.sex, **who),
        start.measurements, conduction=words["conduction"], rhythm=words["rhythm"],
        conditions=tuple(condition_named(word) for word in told.get("conditions", ())),
    )  # fmt: skip


def _measured(name: str, told: float | list[float]) -> Measurement:
    q = quantity(name)
    if isinstance(told, list):
        return Measurement(name, q.to_si(told[0]), q.to_si(told[1]), None, "described")
    value = q.to_si(told)
    return Measurement(name, value, default_sd(name, value), None, "described")


def twin_of(record: PatientRecord) -> Twin | None:
    """The fitted twin without an ensemble; none where the fit itself refuses the record."""
    twin = None
    try:
        for step in fitting(record, 0):
            twin = step.twin or twin
    except OrganTwinError:
        return None
    return twin


def reasons_for(twin: Twin | None, plan: TherapyPlan) -> tuple[str, ...]:
    """Why the program declines; nothing where it predicts."""
    if twin is None:
        return ("no twin fits this record",)
    found = beyond(twin, plan)
    if not found:
        try:
            found = predict(twin, plan).beyond
        except OrganTwinError as error:
            return (str(error),)
    return tuple(map(str, found))


def answers(every: int = 1, who: str = "") -> Iterator[Answer]:
    """Every case, or each ``every``-th of patients whose names begin with ``who``, asked."""
    patients, cases = written_cases()
    twins: dict[str, Twin | None] = {}
    for case in [case for case in cases if case.patient.startswith(who)][::every]:
        try:
            record = record_of(case.patient, patients)
        except UnknownNameError as error:
            yield Answer(case, (f"{UNREAD}: {error}",))
            continue
        if case.patient not in twins:
            twins[case.patient] = twin_of(record)
        plan = TherapyPlan(tuple(map(parse_therapy, case.plan)))
        yield Answer(case, reasons_for(twins[case.patient], plan))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coarse", type=int, default=1, help="only each so manieth case")
    parser.add_argument("--who", default="", help="only patients whose names begin so")
    parser.add_argument("--wrong", action="store_true", help="only list what is wrong")
    options = parser.parse_args()
    found = list(answers(options.coarse, options.who))
    for answer in found:
        if not (options.wrong and answer.right):
            case = answer.case
            verdict = "declined" if answer.reasons else "predicted"
            mark = "" if answer.right else "WRONG "
            first = answer.reasons[0] if answer.reasons else case.why
            print(f"{mark}{case.patient}: {' + '.join(case.plan)}: {verdict}; {first}")
    good = told("all", found)
    told("never used to correct", [answer for answer in found if answer.case.held_out])
    right = sum(answer.right for answer in found)
    told_now = f"{right} of {len(found)} answered as written"
    result = result_now(
        int(good), int(not good), partly=options.coarse > 1 or bool(options.who), told=told_now
    )
    note_results({"scripts/measure_refusal.py": result})
    sys.exit(0 if good else 1)


def told(title: str, found: list[Answer]) -> bool:
    """Print the two rates of some answers; whether both are good enough."""
    outside = [answer for answer in found if not answer.case.inside]
    inside = [answer for answer in found if answer.case.inside]
    declined, refused = sum(a.right for a in outside), sum(not a.right for a in inside)
    print(
        f"{title}: outside, {declined} of {len(outside)} declined "
        f"({declined / max(len(outside), 1):.1%}); inside, {refused} of {len(inside)} falsely "
        f"refused ({refused / max(len(inside), 1):.1%})"
    )
    unread = sum(
        answer.reasons[:1] != () and answer.reasons[0].startswith(UNREAD) for answer in found
    )
    if unread:
        print(f"  of these, {unread} were no record at all: the condition is not in the list")
    return declined >= 0.95 * len(outside) and refused <= 0.05 * len(inside)


if __name__ == "__main__":
    main()
