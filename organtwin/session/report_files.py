"""The machine-readable files of a bundle: predictions, tables and curves, units beside numbers."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from organtwin import PURPOSE
from organtwin.quantities import QUANTITIES, quantity
from organtwin.session.plan_table import HEADER, Beside, file_rows
from organtwin.session.report import Reported, ReportedPlan
from organtwin.session.report_digests import ReportDigests, plan_entries_of
from organtwin.session.table import Row, rows
from organtwin.units import ML, MMHG, from_si

if TYPE_CHECKING:
    from organtwin.twin.driving import Drivers
    from organtwin.twin.model_doubt import Band
    from organtwin.twin.prediction import Prediction

SCHEMA = "organtwin-prediction/1"
REPORT, PREDICTION, PLANS = "report.pdf", "prediction.json", "plans.json"
LOOPS = (("LV", "lv"), ("RV", "rv"))
Json = dict[str, object]


def bundle_files(
    found: Reported, digests: ReportDigests, made: datetime, report: bytes
) -> dict[str, bytes]:
    """All files but the case, by name."""
    plans: Json = {
        "schema": "organtwin-plans/1",
        "plans": [{**plan_entries_of(p), "sha256": digests.plans[p.letter]} for p in found.plans],
    }
    files = {
        REPORT: report,
        PREDICTION: _json(prediction_content(found, digests, made)),
        PLANS: _json(plans),
        "tables/response.csv": _csv(HEADER, file_rows(found.hearts, list(QUANTITIES))),
        "tables/fit.csv": _fit_table(found),
    }
    for heart in found.hearts:
        name = heart.letter or "untreated"
        if heart.heartbeat is not None:
            files[f"curves/loops_{name}.csv"] = _loops(heart)
            files[f"curves/traces_{name}.csv"] = _traces(heart)
        own = not heart.letter or heart.leads is not found.untreated.leads
        if heart.leads is not None and own:
            files[f"curves/ecg_{name}.csv"] = _leads(heart)
    return files


def prediction_content(found: Reported, digests: ReportDigests, made: datetime) -> Json:
    """Everything that was predicted, as plain values; a unit beside every number."""
    record = found.twin.record
    return {
        "schema": SCHEMA, "purpose": PURPOSE, "program": digests.program,
        "made": made.isoformat(timespec="seconds"),
        "case": {"id": record.case_id, "title": record.title, "sha256": digests.record},
        "twin": {
            "sha256": digests.twin, "members": len(found.twin.ensemble),
            "within_2_sd": found.twin.fit.within_two_sd, "fitted": found.twin.fit.n_targets,
            "not_determined": [p.label for p in found.twin.fit.parameters if not p.determined],
            "parameters": [
                {"name": p.spec.name, "label": p.label, "value": from_si(p.value, p.spec.unit),
                 "sd": from_si(p.sd, p.spec.unit), "unit": p.spec.unit, "determined": p.determined}
                for p in found.twin.fit.parameters
            ],
            "findings": list(found.twin.fit.findings),
        },
        "untreated": {
            name: {"unit": quantity(name).unit, "value": quantity(name).from_si(value),
                   **_bands(name, found.untreated.bands.get(name))}
            for name, value in found.untreated.numbers.items() if name in QUANTITIES
        },
        "plans": [_plan(plan, found.untreated) for plan in found.plans],
        "evidence": {
            name: {"label": card.label, "grade": card.grade, "risk": card.risk,
                   "source": card.source, "checked": card.range_text}
            for name, card in found.cards.items()
        },
    }  # fmt: skip


def _plan(plan: ReportedPlan, untreated: Beside) -> Json:
    prediction = plan.prediction
    content: Json = {
        "letter": plan.letter, "title": plan.shown.title, "state": plan.state,
        "why": plan.shown.why, "extrapolation": [], "warnings": [*plan.remarks],
    }  # fmt: skip
    if prediction is None:
        return content
    numbers = {
        name: _foretold(name, plan.shown, prediction, untreated)
        for name in plan.shown.numbers
        if name in QUANTITIES
    }
    return {
        **content, "extrapolation": [str(reason) for reason in prediction.beyond],
        "warnings": [*prediction.warnings, *plan.remarks],
        "outcome": prediction.solution.outcome.name, "beats": prediction.solution.n_beats,
        "members_asked": prediction.asked, "members": list(prediction.survivors),
        "quantities": numbers,
        "drivers": {name: _driven(known) for name, known in prediction.drivers.items()},
    }  # fmt: skip


def _foretold(name: str, shown: Beside, prediction: "Prediction", untreated: Beside) -> Json:
    q, value = quantity(name), shown.numbers[name]
    before = untreated.numbers.get(name)
    content: Json = {"unit": q.unit, "value": q.from_si(value)}
    if before is not None:
        content |= {"untreated": q.from_si(before)}
        content |= {"change": q.from_si(value) - q.from_si(before)}
    content |= _bands(name, shown.bands.get(name))
    if change := shown.change_bands.get(name):
        content["change_bands"] = _bands(name, change)["bands"]
    members = prediction.members.get(name)
    if members is not None:
        content["model_error_share"] = 0.0 if name in prediction.certain else prediction.error_share
        content["member_values"] = [q.from_si(v) for v in members]
    return content


def _bands(name: str, band: "Band | None") -> Json:
    if band is None:
        return {}
    out = quantity(name).from_si
    return {"bands": {"50": [out(band.low50), out(band.high50)],
                      "90": [out(band.low90), out(band.high90)]}}  # fmt: skip


def _driven(known: "Drivers") -> Json:
    return {
        "patient": known.patient, "therapy": known.therapy, "other": known.other, "unit": "1",
        "ranked": [asdict(driver) for driver in known.ranked],
    }  # fmt: skip


def _fit_table(found: Reported) -> bytes:
    table = rows(found.twin.record, found.untreated.numbers, None)
    names = [
        name for name in Row.__dataclass_fields__ if name not in ("predicted", "extrapolation")
    ]
    z = {r.measurement.name: "set" if r.direct else round(r.z, 4) for r in found.twin.fit.rows}
    cells = [(*(getattr(row, name) for name in names), z.get(row.quantity, "")) for row in table]
    return _csv((*names, "z"), cells)


def _loops(heart: Beside) -> bytes:
    columns = {}
    for label, key in LOOPS:
        columns[f"{label} volume [mL]"] = _trace(heart, f"{key}_volume") / ML
        columns[f"{label} pressure [mmHg]"] = _trace(heart, f"{key}_pressure") / MMHG
    return _columns(columns)


def _traces(heart: Beside) -> bytes:
    """Every trace of the beat whose unit its name tells."""
    if heart.heartbeat is None:
        return b""
    beat = heart.heartbeat.beat
    columns = {"time after the sinus impulse [s]": np.asarray(beat.times)}
    for name, values in beat.traces.items():
        for ending, unit, scale in (("pressure", "mmHg", MMHG), ("volume", "mL", ML),
                                    ("flow", "mL/s", ML)):  # fmt: skip
            if name.endswith(ending):
                columns[f"{name} [{unit}]"] = np.asarray(values) / scale
    return _columns(columns)


def _leads(heart: Beside) -> bytes:
    signals = heart.leads
    if signals is None:
        return b""
    columns = {"time after the onset of the QRS [s]": np.asarray(signals.times)}
    for lead, volts in zip(signals.leads, signals.volts, strict=True):
        columns[f"{lead} [mV]"] = np.asarray(volts) * 1e3
    return _columns(columns)


def _trace(heart: Beside, name: str) -> np.ndarray:
    return np.zeros(0) if heart.heartbeat is None else np.asarray(heart.heartbeat.beat.traces[name])


def _columns(columns: Mapping[str, np.ndarray]) -> bytes:
    return _csv(tuple(columns), _rounded(zip(*columns.values(), strict=True)))


def _rounded(table: Iterable[Sequence[float]]) -> Iterator[tuple[str, ...]]:
    """Seven digits: more than any model knows, and half the size of all."""
    return (tuple(f"{value:.7g}" for value in row) for row in table)


def _csv(header: Sequence[str], table: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(table)
    return text.getvalue().encode()


def _json(content: Json) -> bytes:
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()
