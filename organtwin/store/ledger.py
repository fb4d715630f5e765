"""The ledger: what was foretold, by what and from what, and how it turned out.

A forecast is conditional: *if* this plan is carried out, this will be measured. So a later visit
scores only those forecasts of which somebody says that their plan was followed; nothing is scored
by a guess. Forecasts and scores are only ever added. A number scored again, because it was
mistyped, say, gets a further row: the last one counts, the others stay.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from organtwin.errors import RecordError, UnknownNameError
from organtwin.patient.measurement import Measurement
from organtwin.quantities import QUANTITIES, quantity
from organtwin.store import cells
from organtwin.store.blobs import packed, unpacked
from organtwin.store.digests import (
    conditions_digest,
    digest_of,
    plan_content,
    program_version,
    record_digest,
)
from organtwin.store.entries import Visit, VisitFacts
from organtwin.store.library import Library, Row, now_text
from organtwin.store.scoring import Grade, graded
from organtwin.twin.prediction import Prediction
from organtwin.twin.twin import Twin

_FORECAST = "id, patient, made_at, record_digest, plan, told, parameters_digest, program, outcome"


@dataclass(frozen=True, slots=True)
class Foretold:
    """One quantity of a forecast, SI: untreated, under the plan, and the members under the plan."""

    before: float
    point: float
    members: tuple[float, ...]


@dataclass(frozen=True)
class Forecast:
    """A forecast as it lies in the ledger.

    ``plan`` is the plan as JSON, ``told`` in words. ``record_digest`` and ``parameters_digest`` say
    from what it was made, ``program`` by what, ``made_at`` (UTC) when.
    """

    forecast_id: int
    patient_id: str
    made_at: datetime
    record_digest: str
    plan: str
    told: str
    parameters_digest: str
    program: str
    outcome: str
    foretold: Mapping[str, Foretold]


@dataclass(frozen=True, slots=True)
class Score:
    """A quantity of a forecast beside its measurement (SI).

    ``measured_on`` is the day of the measurement, where it is known.
    """

    score_id: int
    forecast_id: int
    quantity: str
    measured: float
    sd: float
    measured_on: date | None
    source: str
    scored_at: datetime
    grade: Grade


def note_forecast(
    library: Library, twin: Twin, prediction: Prediction, patient_id: str | None = None
) -> Forecast:
    """Enter a finished prediction; the same one entered again is found, not doubled.

    ``patient_id`` is the record's case id when left out; an unknown patient is entered. A
    prediction without members (their hearts do not survive the plan, or the heart does not settle)
    is entered too: no likelihood can be scored then, only the error of the point.
    """
    patient = patient_id or twin.record.case_id
    library.add_patient(patient, twin.record.title)
    foretold = _foretold(prediction)
    plan = json.dumps(plan_content(prediction.plan), sort_keys=True)
    made_from = (record_digest(twin.record), plan, conditions_digest(twin.conditions))
    told, outcome = str(prediction.plan), prediction.solution.outcome.name
    content = {name: (f.before, f.point, f.members) for name, f in foretold.items()}
    digest = digest_of((patient, *made_from, program_version(), outcome, content))
    with library.writing() as connection:
        known = connection.execute("SELECT id FROM forecasts WHERE digest = ?", (digest,))
        row = known.fetchone()
        if row is None:
            head = (digest, patient, now_text(), made_from[0], plan, told, made_from[2],
                    program_version(), outcome)  # fmt: skip
            number = _entered(connection, head, foretold)
        else:
            number = int(row[0])
    return forecast(library, number)


def forecasts(library: Library, patient_id: str | None = None) -> tuple[Forecast, ...]:
    """All forecasts, or those of one patient, in the order they were made."""
    where, values = ("WHERE patient = ?", (patient_id,)) if patient_id else ("", ())
    rows = library.rows(f"SELECT {_FORECAST} FROM forecasts {where} ORDER BY id", values)
    return tuple(_forecast(library, row) for row in rows)


def forecast(library: Library, forecast_id: int) -> Forecast:
    """One forecast by its number.

    Raises
    ------
    UnknownNameError
        There is none of that number.
    """
    rows = library.rows(f"SELECT {_FORECAST} FROM forecasts WHERE id = ?", (forecast_id,))
    if not rows:
        known = tuple(str(number) for (number,) in library.rows("SELECT id FROM forecasts"))
        raise UnknownNameError("forecast", str(forecast_id), known)
    return _forecast(library, rows[0])


def score(
    library: Library, forecast_id: int, measured: Sequence[Measurement], *,
    visit: Visit | None = None, again: bool = False,
) -> tuple[Score, ...]:  # fmt: skip
    """Score a forecast by what was measured after its plan had been carried out.

    ``again`` allows a further row for a quantity that was scored before.

    Raises
    ------
    RecordError
        A quantity was not foretold or is scored already.
    """
    of = forecast(library, forecast_id)
    before = {known.quantity for known in scores(library, forecast_id)}
    for m in measured:
        if m.name not in of.foretold:
            raise _unscored(library, of, m, "a quantity that was foretold", "Leave it out.")
        if m.name in before and not again:
            remedy = "Say that it is to be scored again; the earlier row stays."
            raise _unscored(library, of, m, "a quantity that has no score yet", remedy)
    with library.writing() as connection:
        for m in measured:
            _add_score(connection, of, m, visit)
    names = {m.name for m in measured}
    return tuple(known for known in scores(library, forecast_id) if known.quantity in names)


def score_visit(
    library: Library, visit: Visit, measured: Sequence[Measurement], followed: Sequence[int]
) -> tuple[Score, ...]:
    """Score the forecasts whose plans were followed before a visit by what it measured.

    Raises
    ------
    RecordError
        A forecast is another patient's, or was made from this very visit or a later one.
    """
    check_followed(library, visit.facts, followed)
    found: list[Score] = []
    for number in followed:
        of = forecast(library, number)
        scored = {known.quantity for known in scores(library, number)}
        new = [m for m in measured if m.name in of.foretold and m.name not in scored]
        found += score(library, number, new, visit=visit)
    return tuple(found)


def check_followed(library: Library, facts: VisitFacts, followed: Sequence[int]) -> None:
    """Refuse forecasts that a visit cannot score; to be asked before a long fit."""
    for number in followed:
        _check_earlier(library, forecast(library, number), facts)


def scores(library: Library, forecast_id: int | None = None) -> tuple[Score, ...]:
    """The scores that count, of one forecast or of all: the last one of each quantity."""
    where, values = ("WHERE forecast = ?", (forecast_id,)) if forecast_id is not None else ("", ())
    rows = library.rows(
        "SELECT id, forecast, quantity, measured, sd, measured_on, source, scored_at, error, z,"
        f" crps, pit FROM scores {where} ORDER BY id", values,
    )  # fmt: skip
    last = {(row[1], row[2]): row for row in rows}
    return tuple(sorted((_score(row) for row in last.values()), key=lambda s: s.score_id))


def _foretold(prediction: Prediction) -> dict[str, Foretold]:
    return {
        name: Foretold(prediction.before[name], after, prediction.foretold(name))
        for name, after in prediction.after.items()
        if name in QUANTITIES
    }


def _entered(
    connection: sqlite3.Connection, head: tuple[str, ...], foretold: Mapping[str, Foretold]
) -> int:
    cursor = connection.execute(
        "INSERT INTO forecasts (digest, patient, made_at, record_digest, plan, told,"
        " parameters_digest, program, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", head,
    )  # fmt: skip
    number = int(cursor.lastrowid or 0)
    for name, one in foretold.items():
        _, count, data = packed(np.array(one.members))
        connection.execute(
            "INSERT INTO predicted VALUES (?, ?, ?, ?, ?, ?)",
            (number, name, one.before, one.point, count, data),
        )
    return number


def _add_score(
    connection: sqlite3.Connection, of: Forecast, m: Measurement, visit: Visit | None
) -> None:
    one = of.foretold[m.name]
    grade = graded(one.point, one.members, m.value, m.sd)
    day = m.taken or (visit.day if visit else None)
    connection.execute(
        "INSERT INTO scores (forecast, quantity, measured, sd, measured_on, source, visit,"
        " scored_at, error, z, crps, pit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            of.forecast_id, m.name, m.value, m.sd, None if day is None else day.isoformat(),
            m.source, visit.visit_id if visit else None, now_text(), grade.error, grade.z,
            grade.crps, grade.pit,
        ),
    )  # fmt: skip


def _check_earlier(library: Library, of: Forecast, facts: VisitFacts) -> None:
    if of.patient_id != facts.patient_id:
        raise RecordError(
            str(library.path), f"forecast {of.forecast_id}",
            expected=f"a forecast for {facts.patient_id}", got=f"one for {of.patient_id}",
            remedy="Check the number in `organtwin ledger`.",
        )  # fmt: skip
    known = [v for v in library.visits(of.patient_id) if v.facts.case_digest == of.record_digest]
    if of.record_digest == facts.case_digest or any(v.day > facts.day for v in known):
        raise RecordError(
            str(library.path), f"forecast {of.forecast_id}",
            expected=f"a forecast made from what was known before {facts.day}",
            got="one made from this visit or a later one",
            remedy="What it had seen cannot score it.",
        )  # fmt: skip


def _unscored(
    library: Library, of: Forecast, m: Measurement, expected: str, remedy: str
) -> RecordError:
    return RecordError(
        str(library.path), f"forecast {of.forecast_id}", expected=expected,
        got=quantity(m.name).label, remedy=remedy,
    )  # fmt: skip


def _forecast(library: Library, row: Row) -> Forecast:
    number, patient, made_at, *texts = row
    record, plan, told, parameters, program, outcome = map(cells.text, texts)
    foretold = {
        cells.text(name): Foretold(cells.real(before), cells.real(point), _members(count, data))
        for name, before, point, count, data in library.rows(
            "SELECT quantity, before, point, n_members, members FROM predicted"
            " WHERE forecast = ? ORDER BY rowid", (number,),
        )
    }  # fmt: skip
    return Forecast(
        cells.whole(number), cells.text(patient), cells.instant(made_at), record, plan, told,
        parameters, program, outcome, foretold,
    )  # fmt: skip


def _members(count: object, data: object) -> tuple[float, ...]:
    return tuple(float(value) for value in unpacked(1, cells.whole(count), cells.raw(data))[0])


def _score(row: Row) -> Score:
    number, of, name, measured, sd, on, source, scored_at, error, *rest = row
    z, crps, pit = (None if cell is None else cells.real(cell) for cell in rest)
    return Score(
        cells.whole(number), cells.whole(of), cells.text(name), cells.real(measured),
        cells.real(sd), None if on is None else cells.day(on), cells.text(source),
        cells.instant(scored_at), Grade(cells.real(error), z, crps, pit),
    )  # fmt: skip
