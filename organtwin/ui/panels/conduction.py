"""The card of the electric plan: rhythm and conduction, blocks, pacing sites, lesions."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from organtwin.session.measuring import ABLATE, ABLATE_LINE, PACE
from organtwin.session.session import Session
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.step_row import StepRow
from organtwin.ui.widgets.wording import number

if TYPE_CHECKING:
    from organtwin.patient.record import PatientRecord
    from organtwin.simulation.electric_plan import Step
    from organtwin.twin.ecg_fitting import FittedElectrics

CONDUCTIONS = (
    ("as recorded", ""), ("normal", "normal"), ("LBBB", "lbbb"), ("RBBB", "rbbb"),
    ("incomplete LBBB", "incomplete_lbbb"), ("incomplete RBBB", "incomplete_rbbb"),
    ("left anterior fascicular block", "lafb"), ("left posterior fascicular block", "lpfb"),
    ("AV block I", "av_block_1"), ("AV block II, dropped beat", "av_block_2"),
    ("AV block III", "av_block_3"), ("WPW, left pathway", "wpw_left"),
    ("WPW, right pathway", "wpw_right"),
)  # fmt: skip
"""Words and names of ``conduction.PATTERNS``; pacing is done by sites."""
BRANCHES = (
    ("AV node", "AV_NODE"), ("Left bundle", "LEFT_BUNDLE"), ("Right bundle", "RIGHT_BUNDLE"),
    ("Left anterior fascicle", "LEFT_ANTERIOR_FASCICLE"),
    ("Left posterior fascicle", "LEFT_POSTERIOR_FASCICLE"),
)  # fmt: skip
SITES = (
    "apex of the right ventricle", "right side of the septum",
    "right ventricular outflow tract", "His bundle", "left bundle branch area",
    "lateral vein of the left ventricle", "posterolateral vein of the left ventricle",
    "anterior vein of the left ventricle", "endocardium at the apex of the left ventricle",
    "right atrial appendage",
)  # fmt: skip
"""Names of ``sites.Site``."""


LEAST_SHARE = 0.05
"""Of the explanations, for a block to be told."""


NOT_FITTED = "The leads are the model's; nothing of them is fitted yet."


class ConductionCard(QFrame):
    """Shows the plan of the session and edits it; disabled until the electrics are computed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self.rows: list[StepRow] = []
        self.conduction = ChoiceBox("Conduction", CONDUCTIONS, self)
        self.conduction.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.conduction.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.conduction.setMinimumContentsLength(8)
        self.pace = _button("Pace", "Set an electrode: click on the heart, or a usual site", self)
        self.ablate = _button("Ablate", "Click on the heart where muscle is to be ablated", self)
        self.line = _button(
            "Line", "Ablate along a line: click its points on the heart, then double-click", self
        )
        self.block = _button("Block", "Block a branch of the conduction system", self)
        self._sites, self._branches = QMenu(self), QMenu(self)
        self.fit = _button("Fit to the ECG", "Explain the recorded ECG, with the doubt left", self)
        self.fit.setCheckable(False)
        self.told = QLabel(self)
        self.told.setObjectName("small")
        self.told.setWordWrap(True)
        self._steps = QVBoxLayout()
        self._steps.setSpacing(1)
        self._lay_out()
        self._fill_menus()
        self.conduction.activated.connect(self._choose)
        self.ablate.clicked.connect(self._take_ablate)
        self.line.clicked.connect(self._take_line)
        self.fit.clicked.connect(session.electrics.fit)
        self._sites.triggered.connect(self._pace)
        self._branches.triggered.connect(self._block)
        for signal in (
            session.draft_changed, session.electrics_changed, session.record_changed,
            session.measuring.changed, session.jobs.changed,
        ):  # fmt: skip
            signal.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.setHorizontalSpacing(6)
        top.addWidget(QLabel("Pattern", self), 0, 0)
        top.addWidget(self.conduction, 0, 1)
        top.setColumnStretch(1, 1)
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for button in (self.pace, self.ablate, self.line, self.block):
            tools.addWidget(button)
        tools.addStretch(1)
        told = QHBoxLayout()
        told.addWidget(self.told, 1)
        told.addWidget(self.fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 6, 5)
        layout.setSpacing(3)
        layout.addLayout(top)
        layout.addLayout(tools)
        layout.addLayout(self._steps)
        layout.addLayout(told)

    def _fill_menus(self) -> None:
        self._sites.addAction("Where I click on the heart").setData("")
        self._sites.addSeparator()
        for site in SITES:
            self._sites.addAction(f"{site[:1].upper()}{site[1:]}").setData(site)
        for words, branch in BRANCHES:
            action = self._branches.addAction(words)
            action.setData(branch)
            action.setCheckable(True)
        self.pace.setMenu(self._sites)
        self.block.setMenu(self._branches)
        for button in (self.pace, self.block):
            button.setText(f"{button.text()} ▾")
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    @Slot()
    def _show(self) -> None:
        """Show the plan as it is in the session; emits nothing."""
        session, plan = self._session, self._session.electrics.plan
        self.setEnabled(session.electrics.ready)
        self.conduction.select(plan.conduction)
        record = session.record
        own = recorded_told(record)
        self.conduction.setItemText(0, own)
        tool = session.measuring.tool
        self.pace.setChecked(tool == PACE)
        self.ablate.setChecked(tool == ABLATE)
        self.line.setChecked(tool == ABLATE_LINE)
        self.block.setChecked(bool(plan.blocked))
        for action in self._branches.actions():
            with QSignalBlocker(action):
                action.setChecked(action.data() in plan.blocked)
        self._show_steps(plan.steps)
        self.fit.setVisible(session.ecg is not None and session.ecg.measured is not None)
        self.fit.setEnabled(session.electrics.fittable)
        found = session.electrics.fitted
        told = NOT_FITTED if found is None else _told(found)
        ready = session.electrics.ready
        self.told.setText(told if ready else waiting_told(session))
        self.told.setVisible(not ready or not self.fit.isHidden())

    def _show_steps(self, steps: "tuple[Step, ...]") -> None:
        kinds = [type(step) for step in steps]
        if kinds != [type(row.step) for row in self.rows]:
            for row in self.rows:
                self._steps.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [StepRow(place, step, self) for place, step in enumerate(steps)]
            for row in self.rows:
                row.changed.connect(self._change)
                row.settled.connect(self._session.end_gesture)
                row.removed.connect(self._remove)
                self._steps.addWidget(row)
        for row, step in zip(self.rows, steps, strict=True):
            row.show_step(step)

    @Slot(int)
    def _choose(self, _index: int) -> None:
        desk = self._session.electrics
        desk.edit(replace(desk.plan, conduction=self.conduction.value))

    @Slot()
    def _take_ablate(self) -> None:
        self._take(ABLATE)

    @Slot()
    def _take_line(self) -> None:
        self._take(ABLATE_LINE)

    def _take(self, tool: str) -> None:
        measuring = self._session.measuring
        measuring.take("" if measuring.tool == tool else tool)
        self._show()

    @Slot(QAction)
    def _pace(self, action: QAction) -> None:
        desk = self._session.electrics
        if action.data():
            desk.edit(desk.plan.pacing(action.data()))
        else:
            self._take(PACE)

    @Slot(QAction)
    def _block(self, action: QAction) -> None:
        desk = self._session.electrics
        desk.edit(desk.plan.blocking(action.data(), action.isChecked()))

    @Slot(int, object)
    def _change(self, row: int, step: "Step") -> None:
        desk = self._session.electrics
        desk.edit(desk.plan.changed(row, step), merge=f"electric step {row}")

    @Slot(int)
    def _remove(self, row: int) -> None:
        desk = self._session.electrics
        self._session.end_gesture()
        desk.edit(desk.plan.without(row))


def recorded_told(record: "PatientRecord | None") -> str:
    """The pattern that came with the patient, in the words of the list."""
    if record is None:
        return "as recorded"
    words = {name: text for text, name in CONDUCTIONS}
    return f"as recorded: {words.get(record.conduction, record.conduction)}"


def waiting_told(session: Session) -> str:
    """Why conduction and pacing cannot be changed yet."""
    if session.electrics.computing or session.fitting:
        return "Can be set once activation and ECG are computed; see below how far that is."
    return "Needs the activation of a fitted heart, and there is none."


def _told(found: "FittedElectrics") -> str:
    """What the fit found, and how well, in a sentence or two."""
    blocks = [
        f"{words.lower()} blocked in {number(100.0 * found.blocked[branch.lower()], 0)} %"
        for words, branch in BRANCHES
        if found.blocked.get(branch.lower(), 0.0) >= LEAST_SHARE
    ]
    fit = f"QRS r {number(found.qrs_correlation, 2)}, with T {number(found.qrst_correlation, 2)}"
    what = ", ".join(blocks) or "no branch blocked"
    return f"{len(found.members)} explanations of the ECG: {fit}; {what}."


def _button(text: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
