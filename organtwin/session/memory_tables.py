"""What the library holds of a patient as rows: for the window, and for a file that leaves it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organtwin.quantities import QUANTITIES, Quantity, quantity
from organtwin.units import from_si

if TYPE_CHECKING:
    from organtwin.store.history import Series
    from organtwin.store.ledger import Forecast, Foretold, Score
    from organtwin.store.remembering import Remembered

LEADING = (
    "heart_rate", "systolic_pressure", "mean_arterial_pressure", "cardiac_output", "lv_ef", "pcwp",
)  # fmt: skip
"""Quantities that stand for a forecast of which nothing was measured yet."""
VISIT_HEADER = ("patient", "visit", "day", "digest", "measurements", "fitted", "within 2 sd")
PARAMETER_HEADER = (
    "parameter", "name", "visit", "day", "value", "sd", "low 90", "high 90", "unit", "determined",
)  # fmt: skip
FORECAST_HEADER = (
    "forecast", "made", "plan", "quantity", "untreated", "predicted", "low 90", "high 90",
    "measured", "unit", "inside 90", "z", "CRPS",
)  # fmt: skip
Cells = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """A quantity of a forecast, in its clinical unit.

    ``median``, ``low`` and ``high`` (90 %) are of the members; without members the median is the
    point and there is no band. ``due`` says that ``measured`` waits to be scored.
    """

    forecast_id: int
    made: date
    plan: str
    quantity: Quantity
    before: float
    median: float
    low: float | None
    high: float | None
    measured: float | None = None
    inside: bool | None = None
    z: float | None = None
    crps: float | None = None
    due: bool = False


@dataclass(frozen=True, slots=True)
class ParameterPoint:
    """A fitted parameter at one visit with its 90 % band, in the unit of its title."""

    visit_id: int
    day: date
    value: float
    sd: float
    low: float
    high: float
    determined: bool


def parameter_points(series: "Series", unit: str) -> tuple[ParameterPoint, ...]:
    """The points of a series in a unit; ``SI`` leaves them as they are stored."""

    def out(value: float) -> float:
        return value if unit == "SI" else from_si(value, unit)

    found = []
    for p in series.points:
        low, high = map(out, p.band_90)
        sd = out(p.value + p.sd) - out(p.value)
        found.append(ParameterPoint(p.visit_id, p.day, out(p.value), sd, low, high, p.determined))
    return tuple(found)


def forecast_rows(known: "Remembered", *, everything: bool = False) -> tuple[ForecastRow, ...]:
    """Scored and due quantities, the latest forecast first; of an open one its leading ones.

    ``everything`` gives all that was foretold.
    """
    return tuple(
        row for forecast in reversed(known.forecasts) for row in _rows(known, forecast, everything)
    )


def _rows(known: "Remembered", forecast: "Forecast", everything: bool) -> Iterator[ForecastRow]:
    scores = {s.quantity: s for s in known.scores if s.forecast_id == forecast.forecast_id}
    waiting = {
        m.name: m.value
        for due in known.due
        if due.forecast.forecast_id == forecast.forecast_id
        for m in due.measured
    }
    shown = {*scores, *waiting} or set(LEADING)
    for name, told in forecast.foretold.items():
        if name in QUANTITIES and (everything or name in shown):
            yield _row(forecast, quantity(name), told, scores.get(name), waiting.get(name))


def _row(
    forecast: "Forecast", of: Quantity, told: "Foretold", score: "Score | None",
    waiting: float | None,
) -> ForecastRow:  # fmt: skip
    out = of.from_si
    band = np.quantile([*map(out, told.members)], (0.05, 0.5, 0.95)) if told.members else None
    measured = score.measured if score else waiting
    difference = score.grade.crps if score else None
    return ForecastRow(
        forecast.forecast_id, forecast.made_at.date(), forecast.told, of, out(told.before),
        median=out(told.point) if band is None else float(band[1]),
        low=None if band is None else float(band[0]),
        high=None if band is None else float(band[2]),
        measured=None if measured is None else out(measured),
        inside=score.grade.inside_90 if score else None,
        z=score.grade.z if score else None,
        crps=None if difference is None else out(difference),
        due=waiting is not None,
    )  # fmt: skip


def visit_table(known: "Remembered") -> list[Cells]:
    """Visits as cells under ``VISIT_HEADER``."""
    found: list[Cells] = []
    for line in known.visits:
        facts, met = line.visit.facts, line.quality
        counts = (met.n_measurements, met.n_fitted, met.n_within) if met else ("", "", "")
        found.append((facts.patient_id, line.visit.visit_id, facts.day, facts.case_digest, *counts))
    return found


def parameter_table(known: "Remembered") -> list[Cells]:
    """All parameters at all visits as cells under ``PARAMETER_HEADER``."""
    found: list[Cells] = []
    for series in known.series:
        title = known.titles[series.name]
        found += [
            (title.label, series.name, p.visit_id, p.day, p.value, p.sd, p.low, p.high,
             title.unit, "yes" if p.determined else "no")
            for p in parameter_points(series, title.unit)
        ]  # fmt: skip
    return found


def forecast_table(rows: Sequence[ForecastRow]) -> list[Cells]:
    """Rows of forecasts as cells under ``FORECAST_HEADER``; what is not known stays empty."""
    told = {True: "yes", False: "no", None: ""}
    return [
        (r.forecast_id, r.made, r.plan, r.quantity.name, r.before, r.median, r.low, r.high,
         None if r.due else r.measured, r.quantity.unit, told[r.inside], r.z, r.crps)
        for r in rows
    ]  # fmt: skip


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Cells]) -> None:
    """Write a table with a header; a failure of the disk raises ``OSError``."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
