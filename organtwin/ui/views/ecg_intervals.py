"""Intervals and axis: measured, simulated, under the plan."""

from collections.abc import Mapping
from dataclasses import replace
from math import degrees

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from organtwin.patient.record import PatientRecord
from organtwin.session.electric_doubt import electric_doubt
from organtwin.session.session import Session
from organtwin.twin.ecg_comparison import EcgComparison
from organtwin.ui.theme import Theme, theme
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.wording import ABSENT, number, signed
from organtwin.units import MS

USUAL_SD: Mapping[str, float] = {"PR": 10e-3, "QRS": 10e-3, "QT": 30e-3, "QTc": 30e-3}
"""[s] Assumed scatter of automatic readings around those of cardiologists; QTc as QT. It stands in
where the record gives no error of its own."""
BEYOND = 2.0
"""Standard deviations above which a difference is marked, as in the table of the fit."""
_QUANTITIES = {"PR": "pr_interval", "QRS": "qrs_duration", "QT": "qt_interval"}
_MARK = " ▲"
_COLUMNS = (
    Column("", "QRS axis", numeric=False),
    Column("measured", "1000"),
    Column("simulated", "1000"),
    Column("Δ", f"−1000{_MARK}", tooltip="simulated minus measured; marked beyond 2 sd"),
    Column("plan", "1000", tooltip="predicted under the plan"),
    Column("", "ms", numeric=False),
)
_PLAN = 4
"""The column of the plan."""
Row = tuple[Cell, ...]


class EcgIntervals(FactTable):
    """A small table beside the beat; rows stand still while their numbers change."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Intervals of the ECG", _COLUMNS, parent)
        self._session = session
        for signal in (
            session.ecg_changed, session.record_changed, session.prediction_changed,
            session.electrics_changed, session.selection.events.theme,
        ):  # fmt: skip
            signal.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        session = self._session
        colors = theme(session.selection.theme)
        table = rows(session.ecg, session.record, colors) if session.ecg else []
        if (doubt := electric_doubt(session)) is not None:
            table = [_doubted(row, f"{doubt.word}\n{doubt.text}", colors) for row in table]
        self.show_rows(table)


def _doubted(row: Row, why: str, colors: Theme) -> Row:
    """The value under the plan struck through."""
    plan = row[_PLAN]
    struck = replace(plan, struck=plan.text != ABSENT, color=colors.bad, tooltip=why)
    return (*row[:_PLAN], struck, *row[_PLAN + 1 :])


def rows(ecg: EcgComparison, record: PatientRecord | None, colors: Theme) -> list[Row]:
    """One row an interval, in ms, and one for the axis, in degrees."""
    table = []
    for name, (measured, model, planned) in ecg.intervals.items():
        sd, source = error_of(name, record)
        beyond = _beyond(measured, model, sd)
        why = f"error of the measurement {1e3 * sd:.0f} ms ({source})" if sd is not None else ""
        values = [_text(value, MS) for value in (measured, model, planned)]
        apart = _apart(measured, model, MS)
        difference = _difference(apart, beyond, why, colors)
        table.append(_row(name, values, difference, "ms", ecg.body))
    if any(value is not None for value in ecg.axis):
        turned = [None if value is None else degrees(value) for value in ecg.axis]
        values = [_text(value, 1.0) for value in turned]
        apart = _apart(turned[0], turned[1], 1.0)
        if apart is not None:
            apart = (apart + 180.0) % 360.0 - 180.0
        difference = _difference(apart, False, "", colors)
        table.append(_row("QRS axis", values, difference, "°", ecg.body))
    return table


def brief(ecg: EcgComparison | None) -> str:
    """The width of the QRS in one phrase, for where there is no room for the table."""
    measured, model, planned = (ecg.intervals if ecg else {}).get("QRS", (None, None, None))
    told = [_text(value, MS) for value in (model, planned) if value is not None]
    first = f"{_text(measured, MS)} ms measured, " if measured is not None else ""
    return f"QRS {first}{' → '.join(told)} ms" if told else ""


def error_of(name: str, record: PatientRecord | None) -> tuple[float | None, str]:
    """Give the standard deviation of a measured interval [s], and where it is from."""
    for measured in record.measurements if record is not None else ():
        if measured.name == _QUANTITIES.get(name):
            return measured.sd, "as recorded"
    return USUAL_SD.get(name), "assumed"


def _row(name: str, values: list[str], difference: Cell, unit: str, body: str) -> Row:
    measured, model, planned = map(Cell, values)
    model = Cell(model.text, None, f"simulated: {body}" if body else "")
    return (Cell(name, None, model.tooltip), measured, model, difference, planned, Cell(unit))


def _text(value: float | None, unit: float) -> str:
    return ABSENT if value is None else number(value / unit, 0)


def _apart(measured: float | None, model: float | None, unit: float) -> float | None:
    return None if measured is None or model is None else (model - measured) / unit


def _beyond(measured: float | None, model: float | None, sd: float | None) -> bool:
    apart = _apart(measured, model, 1.0)
    return apart is not None and sd is not None and abs(apart) > BEYOND * sd


def _difference(apart: float | None, beyond: bool, why: str, colors: Theme) -> Cell:
    if apart is None:
        return Cell("")
    text = signed(apart, 0)
    return Cell(text + _MARK, colors.watch, why) if beyond else Cell(text, None, why)
