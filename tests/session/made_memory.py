"""What a library holds of one patient, invented: two visits, and forecasts scored and open."""

from dataclasses import replace
from datetime import UTC, date, datetime

from organtwin.patient.measurement import Measurement
from organtwin.store.entries import FitQuality, Visit, VisitFacts
from organtwin.store.history import Point, Series
from organtwin.store.ledger import Forecast, Foretold, Score
from organtwin.store.reliability import coverage, reliability
from organtwin.store.remembering import Due, Remembered, Title, VisitLine
from organtwin.store.scoring import graded
from organtwin.units import ML, MMHG

DAYS = (date(2025, 3, 1), date(2025, 9, 1))
MADE = datetime(2025, 3, 2, 10, tzinfo=UTC)
SPREAD = [0.95 + 0.1 * k / 23 for k in range(24)]


def forecast(number: int) -> Forecast:
    foretold = {
        name: Foretold(value, value, tuple(value * s for s in SPREAD))
        for name, value in (("systolic_pressure", 120 * MMHG), ("lv_edv", 150 * ML),
                            ("stroke_volume", 80 * ML))
    }  # fmt: skip
    return Forecast(
        number, "anna", MADE, "d", "{}", f"Fluid {number} mL", "p", "0.1", "STEADY", foretold
    )


def score(number: int, of: int, name: str, measured: float) -> Score:
    told = forecast(of).foretold[name]
    grade = graded(told.point, told.members, measured, 0.01 * measured)
    return Score(number, of, name, measured, 0.01 * measured, DAYS[1], "cuff", MADE, grade)


def visit_line(number: int, *, here: bool = False) -> VisitLine:
    facts = VisitFacts("anna", DAYS[number], f"{number}abcdef0123456789", "", "0.1", number or None)
    met = FitQuality(9, 7, 6) if number else None
    return VisitLine(Visit(number + 1, facts, MADE), met, here)


def memory() -> Remembered:
    """Forecast 1 was scored twice, inside and outside its band; 2 is due, 3 is open."""
    points = tuple(
        Point(k + 1, day, value * MMHG, 3 * MMHG, determined)
        for k, (day, value, determined) in enumerate(zip(DAYS, (100, 110), (True, False),
                                                         strict=True))
    )  # fmt: skip
    series = (Series("lv_active_stress", points), Series("vanished", points))
    made = (forecast(1), forecast(2), forecast(3))
    scores = (score(1, 1, "systolic_pressure", 121 * MMHG), score(2, 1, "lv_edv", 190 * ML))
    waiting = Measurement("lv_edv", 151 * ML, 5 * ML, DAYS[1], "echo")
    titles = {"lv_active_stress": Title("Left contractility", "mmHg"),
              "vanished": Title("vanished", "SI")}  # fmt: skip
    return Remembered(
        (), "anna", (visit_line(0), visit_line(1, here=True)), series, titles, made, scores,
        (Due(made[1], (waiting,)),), reliability(scores, made), coverage(scores),
    )  # fmt: skip


def without_forecasts() -> Remembered:
    return replace(memory(), forecasts=(), scores=(), due=(), coverage=(), reliability=None)
