"""The table of a report: each number untreated and under every plan."""

from collections.abc import Iterator

from organtwin.quantities import Quantity, quantity
from organtwin.session.report import Reported, ReportedPlan
from organtwin.session.report_words import ABSENT, Cell, Table, UnitText, number, signed

SHOWN = (
    "heart_rate", "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure",
    "cardiac_output", "stroke_volume", "lv_ef", "lv_edv", "lv_esv", "lv_edp", "pcwp", "pa_mean",
    "ra_pressure", "dp_dt_max",
)  # fmt: skip
WHERE_IT_CHANGES = (
    "pulmonary_vascular_resistance",
    "aortic_valve_area", "aortic_mean_gradient", "aortic_regurgitant_volume",
    "mitral_mean_gradient", "mitral_regurgitant_volume", "tricuspid_regurgitant_volume",
    "pulmonary_mean_gradient", "pump_flow", "rvad_flow", "ecmo_flow", "pericardial_effusion",
)  # fmt: skip
"""Listed only where a plan changes the number as it is written."""
WORTH_A_ROW = 3.0
"""By how many of its last written digits."""
ROOM_FOR_BAND = 2
"""With more plans there is no room for the doubt of the untreated heart."""


def response(found: Reported, unit_text: UnitText = str) -> Table:
    """Value, 90 % band and change under each plan; struck through where extrapolated."""
    from organtwin.therapy.model_error import model_error

    banded = len(found.plans) <= ROOM_FOR_BAND
    header = ["quantity", "unit", "untreated", *(["90 % band"] if banded else [])]
    for plan in found.plans:
        header += [f"plan {plan.letter}", "90 % band", "change"]
    known = found.untreated.numbers
    names = [*SHOWN, *(name for name in WHERE_IT_CHANGES if _changes(found, name))]
    rows = tuple(
        _row(found, quantity(name), unit_text, banded=banded) for name in names if name in known
    )
    note = (
        "Simulated (untreated) and predicted (plans) by the fitted twin. Bands: doubt of the fit, "
        f"under plans also how much patients differ in their response, and {model_error().told}."
    )
    if any(plan.extrapolated for plan in found.plans):
        note += " Struck through: extrapolation outside the checked range, nobody knows this."
    return Table("Response", tuple(header), rows, frozenset((0, 1)), note)


def _changes(found: Reported, name: str) -> bool:
    before = found.untreated.numbers.get(name)
    if before is None:
        return False
    q = quantity(name)
    after = [plan.shown.numbers[name] for plan in found.plans if name in plan.shown.numbers]
    least = WORTH_A_ROW * 10**-q.decimals
    return any(abs(q.from_si(value) - q.from_si(before)) >= least for value in after)


def _row(
    found: Reported, q: Quantity, unit_text: UnitText, *, banded: bool
) -> tuple[Cell, ...]:  # fmt: skip
    before, band = found.untreated.numbers[q.name], found.untreated.bands.get(q.name)
    cells = [Cell(q.label), Cell(unit_text(q.unit), "muted"), Cell(_written(q, before))]
    if banded:
        ends = "" if band is None else _between(q, band.low90, band.high90)
        cells.append(Cell(ends, "muted"))
    for plan in found.plans:
        cells += _cells(plan, q, before)
    return tuple(cells)


def _cells(plan: ReportedPlan, q: Quantity, before: float) -> Iterator[Cell]:
    value, band = plan.shown.numbers.get(q.name), plan.shown.bands.get(q.name)
    if value is None:
        yield from (Cell(ABSENT, "muted"), Cell(""), Cell(ABSENT, "muted"))
        return
    doubtful = plan.extrapolated
    scale = 10**q.decimals
    # Of the rounded values, so that the row adds up as it is read.
    one, other = (round(q.from_si(x) * scale) / scale for x in (before, value))
    ends = "" if band is None else _between(q, band.low90, band.high90)
    tones = ("bad",) * 3 if doubtful else ("ink", "muted", "ink")
    texts = (_written(q, value), ends, signed(other - one, q.decimals))
    for text, tone in zip(texts, tones, strict=True):
        yield Cell(text, tone, struck=doubtful and bool(text), bold=tone == "ink" and text != ends)


def _written(q: Quantity, value: float) -> str:
    return number(q.from_si(value), q.decimals)


def _between(q: Quantity, low: float, high: float) -> str:
    return f"{_written(q, low)} to {_written(q, high)}"
