"""The ramp test of a pump: a row for each setting, and what is wrong at it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from organtwin.session.draft import Draft
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.plan_wording import contents
from organtwin.ui.widgets.wording import number, pretty_unit, sentence
from organtwin.units import L_PER_MIN, ML, MMHG

if TYPE_CHECKING:
    from organtwin.session.ramp_work import Ramp
    from organtwin.therapy.kind import TherapyKind
    from organtwin.twin.ramp import RampStep

SIZE = (900, 380)
_COLUMNS = (
    Column("setting", "46000", tooltip="In the unit of the device"),
    Column("flow", "10.00", tooltip="Through the device [L/min]"),
    Column("CO", "10.00", tooltip="Net flow to the aorta, valve and left-sided pumps [L/min]"),
    Column("MAP", "120", tooltip="Mean arterial pressure [mmHg]"),
    Column("PCWP", "30.0", tooltip="Pulmonary capillary wedge pressure [mmHg]"),
    Column("RAP", "30.0", tooltip="Mean right atrial pressure [mmHg]"),
    Column("LVEDV", "300", tooltip="Left ventricular end-diastolic volume [mL]"),
    Column("septum", "−10.0", tooltip="Volume of the septum's cap at the onset of contraction [mL];"
           " positive: it bulges to the right"),
    Column("valve opens", "100 %", tooltip="Share of the beat with flow out of the aortic valve"),
    Column("signs", "suction", numeric=False, tooltip="What is wrong between machine and heart"),
)  # fmt: skip
_HINT = (
    "Steady state at each setting, the rest of the plan held. CO and flow in L/min, pressures in "
    "mmHg, volumes in mL. Double-click a row, or choose it and press the button, to set the pump."
)


class RampDialog(QDialog):
    """Follows ``session.ramps``; a row that is taken becomes the dose of the plan."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.resize(*SIZE)
        self.table = FactTable("Ramp test", _COLUMNS, self)
        self.table.doubleClicked.connect(self._take_row)
        self.state = QLabel(self)
        self.state.setObjectName("status")
        self.state.setAccessibleName("State of the ramp test")
        self.state.setWordWrap(True)
        hint = QLabel(_HINT, self)
        hint.setObjectName("small")
        hint.setWordWrap(True)
        self.again = _button(
            "Run again", "Step through the settings on the plan as it is now", self
        )
        self.use = _button("Use this setting", "Set the pump of the plan to the chosen row", self)
        below = QHBoxLayout()
        below.addWidget(hint, 1)
        below.addWidget(self.again)
        below.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.addWidget(self.state)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        self.again.clicked.connect(self._run_again)
        self.use.clicked.connect(self._take_chosen)
        self.table.selectionModel().selectionChanged.connect(self._show_buttons)
        self._device = ""
        for signal in (session.ramps.changed, session.draft_changed, session.twin_changed,
                       session.selection.events.theme):  # fmt: skip
            signal.connect(self._show)

    def ramp(self, device: str) -> None:
        """Show this device; run it unless its ramp is there."""
        desk, self._device = self._session.ramps, device
        known = desk.ramp is not None and desk.ramp.device == device and desk.up_to_date
        if not known:
            desk.run(device)
        self._show()
        self.show()
        self.raise_()
        self.table.setFocus()

    @Slot()
    def _show(self) -> None:
        session, desk = self._session, self._session.ramps
        kind = session.science.therapies().get(self._device)
        if kind is None:
            return
        self.setWindowTitle(f"Ramp test: {kind.label}")
        colors = theme(session.selection.theme)
        found = desk.ramp if desk.ramp is not None and desk.ramp.device == self._device else None
        self.table.show_rows(_rows(found, kind, colors) if found else [])
        text, level = self._told(found)
        self.state.setText(text)
        self.state.setProperty("level", level)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self._show_buttons()

    def _told(self, found: "Ramp | None") -> tuple[str, str]:
        desk = self._session.ramps
        if desk.refusal is not None:
            told = f"Declined. {desk.refusal.brief}" if desk.refusal.declined else ""
            return told or desk.refusal.text, "bad"
        if found is None:
            return ("Running …" if desk.going_on else "Stopped."), ""
        if not desk.up_to_date:
            return "Of an earlier plan; run it again.", "watch"
        outside = [why for why in found.beyond if why]
        if outside and len(found.steps) > len(found.settings) - len(outside):
            return f"Extrapolation. {outside[0][0].brief}", "bad"
        if outside:
            left = "1 setting is" if len(outside) == 1 else f"{len(outside)} settings are"
            return f"{left} left out. {outside[0][0].brief}", "watch"
        rest = f" on {contents(Draft(found.plan.therapies))}" if found.plan else ""
        return f"{'Running' if desk.going_on else 'Predicted'}{rest}, point estimate.", "good"

    @Slot()
    def _show_buttons(self) -> None:
        there = self._device in [kind.name for kind in self._session.ramps.devices]
        self.again.setEnabled(there and not self._session.ramps.going_on)
        self.use.setEnabled(there and bool(self.table.selectionModel().selectedRows()))

    @Slot()
    def _run_again(self) -> None:
        self._session.ramps.run(self._device)

    @Slot()
    def _take_chosen(self) -> None:
        for index in self.table.selectionModel().selectedRows():
            self._take_row(index)

    @Slot(QModelIndex)
    def _take_row(self, index: QModelIndex) -> None:
        session, found = self._session, self._session.ramps.ramp
        if found is None or self._device not in [kind.name for kind in session.ramps.devices]:
            return
        kind = session.science.therapies()[self._device]
        session.end_gesture()
        session.draft = session.draft.with_(kind.at(found.steps[index.row()].setting))


def _rows(found: "Ramp", kind: "TherapyKind", colors: Theme) -> list[tuple[Cell, ...]]:
    outside = {s: why for s, why in zip(found.settings, found.beyond, strict=True) if why}
    return [_row(step, kind, colors, struck=step.setting in outside) for step in found.steps]


def _row(step: "RampStep", kind: "TherapyKind", colors: Theme, *, struck: bool) -> tuple[Cell, ...]:
    told = "; ".join(step.signs) or ("" if not step.outcome.remedy else step.outcome.meaning)
    texts = (
        number(step.flow / L_PER_MIN, 2), number(step.cardiac_output / L_PER_MIN, 2),
        number(step.mean_arterial_pressure / MMHG, 0), number(step.pcwp / MMHG, 1),
        number(step.ra_pressure / MMHG, 1), number(step.lv_edv / ML, 0),
        number(step.septum / ML, 1), f"{number(100.0 * step.opening, 0)} %",
    )  # fmt: skip
    color = colors.bad if struck else colors.text
    about = "Extrapolation: nobody knows this" if struck else "predicted"
    setting = f"{number(step.setting, kind.decimals)}"
    return (
        Cell(setting, colors.plan, f"{setting} {pretty_unit(kind.unit)}"),
        *(Cell(text, color, about, struck=struck) for text in texts),
        Cell(sentence(told) if told else "", colors.watch, told),
    )


def _button(text: str, tip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
