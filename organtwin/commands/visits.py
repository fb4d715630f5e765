"""``organtwin visit`` and ``organtwin history``."""

import argparse
import json
from datetime import date

from organtwin import PURPOSE
from organtwin.commands.progress import shown
from organtwin.commands.tables import Json, columns, fit_text, twin_json
from organtwin.commands.written import written_day
from organtwin.errors import UsageError
from organtwin.parameters.spec import ParameterSpec
from organtwin.patient.case_file import load_case
from organtwin.patient.record import PatientRecord
from organtwin.physiology.heart import default_parameters
from organtwin.store.carrying import Carried
from organtwin.store.entries import Visit
from organtwin.store.history import Series, histories
from organtwin.store.ledger import Score, check_followed, score_visit
from organtwin.store.library import Library, default_library
from organtwin.store.visits import (
    enter_visit,
    fitting_visit,
    prior_of_visit,
    stated_day,
    visit_facts,
)
from organtwin.twin.twin import Twin
from organtwin.units import from_si


def add_visit(options: argparse.Namespace) -> int:
    """Fit a case from what was known of the patient, enter it, and print the fit."""
    record = load_case(options.case)
    day = _day(options, record)
    with Library.open(options.library or default_library()) as library:
        known = prior_of_visit(library, options.patient, record, day)
        facts = visit_facts(options.patient, record, day, known)
        library.check_visit(facts)  # told before the fit, not after
        check_followed(library, facts, options.followed)
        twin = None
        for step in shown(fitting_visit(record, known)):
            twin = step.twin or twin
        if twin is None:  # unreachable: fitting either raises or ends with a twin
            raise RuntimeError("the fit ended without a twin")
        library.add_patient(options.patient, record.title)
        visit = enter_visit(library, options.patient, twin, day, known)
        scored = score_visit(library, visit, record.measurements, options.followed)
    if options.json:
        print(json.dumps(_visit_json(twin, visit, known, scored), indent=2))
    else:
        print(fit_text(twin))
        print(_visit_text(visit, known, scored))
    return 0


def show_history(options: argparse.Namespace) -> int:
    """Print the fitted parameters of a patient over the visits."""
    with Library.open(options.library or default_library(), create=False) as library:
        series = histories(library, options.patient, options.parameter or None)
    if options.json:
        print(json.dumps(_history_json(options.patient, series), indent=2))
        return 0
    if not any(one.points for one in series):
        print(f"{options.patient}: no visits yet")
        return 0
    print(_history_text(series))
    return 0


def _day(options: argparse.Namespace, record: PatientRecord) -> date:
    stated, given = stated_day(record), written_day("visit", "--day", options.day)
    if stated is None and given is None:
        raise UsageError(
            "visit", "--day", expected="the day of the visit", got="no day in the case either",
            remedy="Give it as --day 2025-03-01, or write `taken` into the case.",
        )  # fmt: skip
    if stated is not None and given is not None and given < stated:
        raise UsageError(
            "visit", "--day", expected=f"{stated} or later, as the case says of a measurement",
            got=str(given), remedy="Correct the day, or the case.",
        )  # fmt: skip
    day = given or stated
    assert day is not None
    return day


def _visit_text(visit: Visit, known: Carried | None, scored: tuple[Score, ...]) -> str:
    lines = [f"visit {visit.visit_id} of {visit.facts.patient_id} on {visit.day}",
             f"case {visit.facts.case_digest}"]  # fmt: skip
    lines += [f"- {finding}" for finding in (known.findings if known else ())]
    if scored:
        inside = sum(bool(s.grade.inside_90) for s in scored)
        lines.append(f"{len(scored)} numbers foretold before: {inside} inside the 90 % band")
    return "\n".join(lines)


def _visit_json(twin: Twin, visit: Visit, known: Carried | None, scored: tuple[Score, ...]) -> Json:
    return twin_json(twin) | {
        "visit": {
            "number": visit.visit_id, "patient": visit.facts.patient_id,
            "day": visit.day.isoformat(), "record_digest": visit.facts.case_digest,
            "program": visit.facts.program, "prior_visit": visit.facts.prior_visit,
            "findings": list(known.findings) if known else [], "scored": len(scored),
        }
    }  # fmt: skip


def _specs() -> dict[str, ParameterSpec]:
    return dict(default_parameters().specs)


def _history_text(series: tuple[Series, ...]) -> str:
    specs, rows = _specs(), []
    for one in series:
        # A parameter of an older program may be unknown by now: SI is what is stored.
        unit = specs[one.name].unit if one.name in specs else "SI"
        for point in one.points:
            numbers = (point.value, point.sd, *point.band_50, *point.band_90)
            value, sd, *bands = (from_si(x, unit) if unit != "SI" else x for x in numbers)
            low50, high50, low90, high90 = (f"{x:.4g}" for x in bands)
            rows.append((
                one.name, point.day.isoformat(), f"{value:.4g}", f"{sd:.2g}",
                f"{low50} to {high50}", f"{low90} to {high90}", unit,
                "yes" if point.determined else "no",
            ))  # fmt: skip
    header = ("parameter", "visit", "value", "sd", "50 % band", "90 % band", "unit", "determined")
    return f"{columns(rows, header, (False, False, *[True] * 4, False, False))}\n\n{PURPOSE}"


def _history_json(patient: str, series: tuple[Series, ...]) -> Json:
    specs = _specs()
    found = []
    for one in series:
        unit = specs[one.name].unit if one.name in specs else "SI"

        def out(value: float, unit: str = unit) -> float:
            return value if unit == "SI" else from_si(value, unit)

        found.append({
            "name": one.name, "unit": unit,
            "points": [
                {
                    "visit": p.visit_id, "day": p.day.isoformat(), "value": out(p.value),
                    "sd": out(p.sd), "50": [out(x) for x in p.band_50],
                    "90": [out(x) for x in p.band_90], "determined": p.determined,
                }
                for p in one.points
            ],
        })  # fmt: skip
    return {"patient": patient, "parameters": found}
