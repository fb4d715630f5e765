"""What the plan changes: each number before, after, and by how much."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from organtwin.quantities import QUANTITIES, Quantity
from organtwin.session.session import Session
from organtwin.ui.panels.drivers_page import DriversPage
from organtwin.ui.theme import Theme, theme
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.titled_panel import TitledPanel
from organtwin.ui.widgets.wording import ABSENT, number, pretty_unit, signed

if TYPE_CHECKING:
    from organtwin.twin.model_doubt import Band

SHOWN = (
    "heart_rate", "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure",
    "cardiac_output", "stroke_volume", "lv_ef", "lv_edv", "lv_esv", "lv_edp", "pcwp",
    "pa_mean", "ra_pressure", "dp_dt_max", "systemic_vascular_resistance",
    "pulmonary_vascular_resistance",
)  # fmt: skip
_VALVE_NUMBERS = (
    "valve_area", "mean_gradient", "leak_area", "regurgitant_volume", "regurgitant_fraction"
)  # fmt: skip
VALVES = (
    *(f"aortic_{name}" for name in _VALVE_NUMBERS[:2]),
    "aortic_net_gradient", "aortic_peak_velocity", "lvot_gradient",
    *(f"aortic_{name}" for name in _VALVE_NUMBERS[2:]),
    *(f"{valve}_{name}" for valve in ("mitral", "tricuspid", "pulmonary")
      for name in _VALVE_NUMBERS),
)  # fmt: skip
"""Areas, gradients by Doppler and by catheter (net), and what runs back, valve by valve."""
SUPPORT = (
    "mean_arterial_pressure", "pulse_pressure", "cardiac_output", "native_output", "pump_flow",
    "rvad_flow", "ecmo_flow", "lv_edv", "pcwp", "pa_mean", "rv_edv", "ra_pressure",
    "systemic_vascular_resistance", "pulmonary_vascular_resistance",
)  # fmt: skip
"""What machines carry, what is left to the heart, and what both sides of it are filled with."""
_COLUMNS = (
    Column("quantity", "AV mean grad", numeric=False),
    Column("before", "12.00", tooltip="Simulated: the fitted twin, untreated"),
    Column("after", "12.00", tooltip="Predicted: the twin under the plan"),
    Column("change", "+1200", tooltip="after − before"),
    Column(
        "90 % band",
        "12.00 to 14.00",
        tooltip="Where this patient's value after will lie: doubt of the fit, how patients\n"
        "respond, and how far the model is from published studies",
    ),
    Column("unit", "mmHg/s", numeric=False),
)
CIRCULATION, VALVE_PAGE, SUPPORT_PAGE, DRIVERS = range(4)
PAGES = (
    ("Circulation", CIRCULATION), ("Valves", VALVE_PAGE), ("Pumps", SUPPORT_PAGE),
    ("What drives this", DRIVERS),
)  # fmt: skip
_ROWS = {CIRCULATION: SHOWN, VALVE_PAGE: VALVES, SUPPORT_PAGE: SUPPORT, DRIVERS: SHOWN}
_NO_NUMBERS: Mapping[str, float] = {}


class ResponsePanel(TitledPanel):
    """Rows never move; a plan without an answer shows dashes and the reason above."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Response", parent)
        self._session = session
        self.status = ElidedLabel(self)  # a longer word must not widen the panel
        self.status.setObjectName("status")
        self.status.setAccessibleName("State of the prediction")
        self.header.addWidget(self.status)
        self.page: ChoiceBox[int] = ChoiceBox("Page of the response", PAGES, self)
        self.page.setToolTip(
            "The circulation, its valves, its machines, or what the change depends on"
        )
        self.header.addWidget(self.page)
        self.table = FactTable("Response to the plan", _COLUMNS, self)
        self.drivers = DriversPage(session, SHOWN, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.drivers)
        self.body.addWidget(self._pages, 1)
        self.page.currentIndexChanged.connect(self._turn)
        for signal in (
            session.twin_changed, session.draft_changed, session.prediction_changed,
            session.electrics_changed,
        ):  # fmt: skip
            signal.connect(self._show)
        session.jobs.changed.connect(self._show_status)
        session.selection.events.theme.connect(self._show)
        self._show()

    @Slot()
    def _turn(self) -> None:
        self._pages.setCurrentWidget(self.drivers if self.page.value == DRIVERS else self.table)
        self._show()

    @Slot()
    def _show(self) -> None:
        session = self._session
        colors = theme(session.selection.theme)
        before = session.baseline.numbers if session.baseline else _NO_NUMBERS
        after = session.planned.numbers if session.planned else _NO_NUMBERS
        bands = session.prediction.bands if session.prediction and session.planned else {}
        if session.timeline.heartbeat is not None:
            bands = {}  # of the steady plan
        rows = [
            _cells(QUANTITIES[name], before.get(name), after.get(name), bands.get(name), colors)
            for name in _ROWS[self.page.value]
        ]
        if session.extrapolated and session.planned:
            rows = [_crossed_out(row, colors) for row in rows]
        self.table.show_rows(rows)
        self.drivers.show_drivers()
        self.table.setToolTip(_severity(before, after))
        self._show_status()

    @Slot()
    def _show_status(self) -> None:
        text, level = self._state()
        if text == self.status.text():
            return
        self.status.setText(text)
        self.status.setProperty("level", level)
        self.status.style().unpolish(self.status)
        self.status.style().polish(self.status)

    def _state(self) -> tuple[str, str]:
        session = self._session
        if session.twin is None:
            return "", ""
        if not session.plan:
            if session.draft.electrics and session.electrics.computing:
                return "waits for the ECG", ""
            return "no plan", ""
        if session.timeline.heartbeat is not None:
            if session.extrapolated:
                return "extrapolated moment", "bad"
            return "a moment of the course", "good"
        if session.predicting and session.planned and session.up_to_date:
            if session.electrics.awaited:
                return "conduction follows …", "watch"
            if session.extrapolated:
                return "extrapolated, bands follow …", "bad"
            return "predicted, bands follow …", "good"
        if session.predicting:
            return "predicting …", ""
        if session.planned is not None and session.electrics.awaited:
            return "conduction follows …", "watch"
        if session.refusal is not None:
            return "declined" if session.refusal.declined else "no answer", "bad"
        if not session.up_to_date:
            return "not predicted", "watch"
        if session.planned is None:
            return "no answer", "bad"
        return ("extrapolated", "bad") if session.extrapolated else ("predicted", "good")


def _crossed_out(row: tuple[Cell, ...], colors: Theme) -> tuple[Cell, ...]:
    """What comes after the untreated value, struck through."""
    told = "Extrapolation: nobody knows this. The reasons stand under the plan"
    return tuple(
        replace(cell, struck=cell.text not in ("", ABSENT), color=colors.bad, tooltip=told)
        if 2 <= column <= 4
        else cell
        for column, cell in enumerate(row)
    )


def _severity(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    """Lesions that are severe by guideline cut-offs, untreated and under the plan."""
    if not before:
        return ""
    from organtwin.simulation.valve_numbers import severe_lesions

    told = [f"untreated: {lesion}" for lesion in severe_lesions(before)]
    told += [f"under the plan: {lesion}" for lesion in severe_lesions(after)] if after else []
    return "\n".join(told) or "No valve lesion is severe by the cut-offs at hand."


def _cells(
    quantity: Quantity,
    before: float | None,
    after: float | None,
    band: "Band | None",
    colors: Theme,
) -> tuple[Cell, ...]:
    def text(value: float | None) -> str:
        return ABSENT if value is None else number(quantity.from_si(value), quantity.decimals)

    change = ABSENT
    if before is not None and after is not None:
        # Of the rounded values, so that the row adds up as it is read.
        scale = 10**quantity.decimals
        rounded = [round(quantity.from_si(x) * scale) / scale for x in (before, after)]
        change = signed(rounded[1] - rounded[0], quantity.decimals)
    doubt = about = ""
    if band is not None:
        doubt = f"{text(band.low90)} to {text(band.high90)}"
        about = f"50 % band {text(band.low50)} to {text(band.high50)}"
    return (
        Cell(quantity.label, colors.text, quantity.meaning),
        Cell(text(before), colors.muted, "simulated"),
        Cell(text(after), colors.text, f"predicted\n{about}".strip()),
        Cell(change, colors.accent),
        Cell(doubt, colors.muted, about),
        Cell(pretty_unit(quantity.unit), colors.muted),
    )
