"""The group of a study as a fitted heart, its therapy, and each row beside what follows."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from therapy_rows import NO_EVIDENCE, PERCENT, PLAIN, REFUSED, Compared, Row

from organtwin.errors import OrganTwinError
from organtwin.patient.case_file import load_case
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.simulation.beat import Outcome
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.model_doubt import steps
from organtwin.twin.prediction import Prediction, predict
from organtwin.twin.twin import Twin
from organtwin.units import ML, MMHG

ENDING_SHARE = 0.9
"""End-systolic over systolic arterial pressure, as usual for elastances without a loop."""
Pair = tuple[Prediction | None, Prediction]


def group_record(name: str, study: Mapping[str, Any]) -> PatientRecord:
    if "case" in study:
        return load_case(study["case"])
    entries = dict(study.get("assumed", {}))
    for key, value in study.get("stated", {}).items():
        q = quantity(key)
        entries[key] = (value, q.from_si(default_sd(key, q.to_si(value))))
    measured = tuple(
        Measurement(key, quantity(key).to_si(value), quantity(key).to_si(sd), None, name)
        for key, (value, sd) in entries.items()
    )
    return PatientRecord(
        name, name, study.get("diagnosis", ""), Demographics(), measured,
        conduction=study.get("conduction", "normal"),
    )  # fmt: skip


def predictions(study: Mapping[str, Any], name: str, members: int) -> Pair:
    """Under the therapies of the baseline, if there are any, and under those of the response."""
    twins = [step.twin for step in fitting(group_record(name, study), members) if step.twin]
    twin: Twin = twins[-1]
    return (
        _under(twin, study["before"]) if "before" in study else None,
        _under(twin, study["after"]),
    )


def _under(twin: Twin, texts: list[str]) -> Prediction:
    found = predict(twin, TherapyPlan(tuple(parse_therapy(text) for text in texts)))
    if found.solution.outcome is not Outcome.STEADY:
        raise OrganTwinError(f"{found.plan}: {found.solution.outcome.meaning}")
    return found


def measured(variable: str, numbers: Mapping[str, float]) -> float:
    """A variable of the table, in its unit, of simulated numbers."""
    if variable in PLAIN:
        name, unit = PLAIN[variable]
        return numbers[name] / unit
    if variable in PERCENT:
        return numbers[PERCENT[variable]]
    pressure = ENDING_SHARE * numbers["systolic_pressure"] / MMHG
    ejected = numbers["lv_edv"] - numbers["lv_esv"]
    return {
        "Ees": pressure / (numbers["lv_esv"] / ML), "Ea": pressure / (ejected / ML),
        "Ea/Ees": numbers["lv_esv"] / ejected,
    }[variable]  # fmt: skip


def compare(row: Row, study: Mapping[str, Any], pair: Pair) -> Compared:
    first, last = pair
    numbers = first.after if first else last.before
    before, after = measured(row.variable, numbers), measured(row.variable, last.after)
    place = partial(_placed, row, before, study.get("steps", 1))
    name = PERCENT.get(row.variable) or PLAIN.get(row.variable, ("", 0.0))[0]
    unit = 1.0 if row.variable in PERCENT or not name else PLAIN[row.variable][1]
    made = Compared(
        row, family_of(study), place(after), None, None, before * unit, _scale(row, before)
    )
    band = last.change_bands.get(name)
    if band is None or first is not None:  # no member was run from one therapy to the other
        return made
    down, *_, up = steps(name, after * unit, last.error_share)
    low, high, mean_low, mean_high = (
        place(start + step / unit)
        for start, step in ((before, band.low90), (before, band.high90), (after, down), (after, up))
    )
    return replace(made, low=low, high=high, mean_low=mean_low, mean_high=mean_high)


def _placed(row: Row, before: float, steps: int, after: float) -> float:
    """The response as the table gives it: its own baseline, and the model's relative change."""
    if row.variable in PERCENT:
        return 100.0 * (after / before - 1.0)
    if row.is_change:
        return (after - before) / (steps if row.variable.endswith("per_step") else 1)
    return row.baseline * after / before


def _scale(row: Row, before: float) -> float:
    if row.variable in PERCENT:
        return 100.0
    return before if row.is_change else row.baseline


def family_of(study: Mapping[str, Any]) -> str:
    """The family of the therapy, as the menu has it."""
    return THERAPIES[study["after"][0].split()[0]].family


def missing_therapy(study: Mapping[str, Any]) -> str:
    texts = (*study.get("before", ()), *study["after"])
    return ", ".join(t.split()[0] for t in texts if t.split()[0] not in THERAPIES)


def reason_to_leave_out(row: Row, study: Mapping[str, Any] | None) -> str:
    if row.evidence in NO_EVIDENCE:
        return f"evidence: {row.evidence}"
    if study is None:
        return "study not described"
    if "declined" in study:
        return str(study["declined"])
    if row.variable in REFUSED:
        return REFUSED[row.variable]
    if absent := missing_therapy(study):
        return f"therapy not built: {absent}"
    return ""


def outcomes(
    rows: list[Row], studies: Mapping[str, Any], members: int
) -> Iterator[Compared | tuple[Row, str]]:
    """Every row beside its prediction, or why there is none."""
    done: dict[str, Pair | str] = {}
    for row in rows:
        study = studies.get(row.study)
        reason = reason_to_leave_out(row, study)
        if reason or study is None:
            yield row, reason
            continue
        asked = dict(study)
        asked["after"] = study.get("after_of", {}).get(row.variable, study["after"])
        key = " ".join([row.study, *asked["after"]])
        if key not in done:
            try:
                done[key] = predictions(asked, row.study, members)
            except OrganTwinError as error:
                done[key] = f"failed: {error}"
            print(f"  {row.study} simulated", file=sys.stderr, flush=True)
        found = done[key]
        yield (row, found) if isinstance(found, str) else compare(row, study, found)
