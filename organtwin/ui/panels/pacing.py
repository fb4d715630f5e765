"""The card of the pacemaker: mode, delays, and where each of its leads lies."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from organtwin.session.session import Session
from organtwin.simulation.pacing import AV_RANGE, VV_RANGE, Mode, Pacemaker, vv_told
from organtwin.ui.panels.conduction import waiting_told
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.lead_row import LeadRow
from organtwin.units import MS

MODES = (
    ("off", Mode.OFF), ("RV only", Mode.RV), ("LV only", Mode.LV),
    ("biventricular", Mode.BIVENTRICULAR), ("multipoint LV", Mode.MULTIPOINT),
    ("multipoint biventricular", Mode.MULTIPOINT_BIVENTRICULAR), ("His bundle", Mode.HIS),
    ("left bundle area", Mode.LEFT_BUNDLE),
)  # fmt: skip


DELAY_WIDTH = 74
"""Room for ``-80 ms`` and the arrows [pixels before scaling]."""


class PacingCard(QFrame):
    """Shows the pacemaker of the plan and edits it; disabled until the electrics are computed."""

    map_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self.rows: list[LeadRow] = []
        self.mode = ChoiceBox("Pacing mode", MODES, self)
        self.mode.setToolTip("Which electrodes pace the ventricles")
        self.mode.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.atrial = QCheckBox("pace atrium", self)
        self.atrial.setToolTip("The atrial lead begins the beat; the paced AV delay counts")
        self.sensed = _delay("Sensed AV delay", "After the sinus impulse", AV_RANGE, self)
        self.paced = _delay("Paced AV delay", "After the atrial lead", AV_RANGE, self)
        sides = "LV first where positive, RV first where negative"
        self.vv = _delay("VV delay", sides, VV_RANGE, self)
        self.past_block = QCheckBox("corrects bundle block", self)
        self.past_block.setToolTip(
            "His pacing also excites a blocked left bundle, as where the block lies within the His"
        )
        self.map = QPushButton("Map of settings…", self)
        self.map.setToolTip("Try a hundred settings and show which are best (Ctrl+M)")
        self.told = QLabel(self)
        self.told.setObjectName("small")
        self.told.setWordWrap(True)
        self._leads = QVBoxLayout()
        self._leads.setSpacing(1)
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(3)
        grid.addWidget(QLabel("Mode", self), 0, 0)
        grid.addWidget(self.mode, 0, 1, 1, 3)
        for column, (name, box) in enumerate((("AV sensed", self.sensed), ("paced", self.paced))):
            grid.addWidget(QLabel(name, self), 1, 2 * column)
            grid.addWidget(box, 1, 2 * column + 1)
        grid.addWidget(QLabel("VV", self), 2, 0)
        grid.addWidget(self.vv, 2, 1)
        grid.addWidget(self.atrial, 2, 2, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 3, 4, 4)
        layout.setSpacing(3)
        layout.addLayout(grid)
        layout.addWidget(self.past_block)
        layout.addLayout(self._leads)
        layout.addWidget(self.told)
        layout.addWidget(self.map)

    def _connect(self) -> None:
        session = self._session
        self.mode.activated.connect(self._choose)
        self.atrial.toggled.connect(self._edit)
        self.past_block.toggled.connect(self._edit)
        for box in (self.sensed, self.paced, self.vv):
            box.valueChanged.connect(self._edit)
            box.editingFinished.connect(session.end_gesture)
        self.map.clicked.connect(self.map_asked)
        for signal in (
            session.draft_changed, session.electrics_changed, session.record_changed,
            session.twin_changed, session.measuring.changed, session.jobs.changed,
        ):  # fmt: skip
            signal.connect(self._show)

    @Slot()
    def _show(self) -> None:
        """Show the pacemaker as it is in the session; emits nothing."""
        session = self._session
        pacemaker = session.electrics.plan.pacemaker
        self.setEnabled(session.electrics.ready)
        self.map.setEnabled(session.pacing.ready)
        self.mode.select(pacemaker.mode)
        for box, value in (
            (self.sensed, pacemaker.sensed_av), (self.paced, pacemaker.paced_av),
            (self.vv, pacemaker.vv),
        ):  # fmt: skip
            with QSignalBlocker(box):
                box.setValue(value / MS)
        for check, on in (
            (self.atrial, pacemaker.atrial), (self.past_block, pacemaker.past_block)
        ):  # fmt: skip
            with QSignalBlocker(check):
                check.setChecked(on)
        self.sensed.setEnabled(not pacemaker.atrial)
        self.paced.setEnabled(pacemaker.atrial)
        self.vv.setEnabled(pacemaker.resynchronising)
        self.past_block.setVisible(pacemaker.mode is Mode.HIS)
        self._show_leads(pacemaker)
        ready = session.electrics.ready
        self.told.setText(self._sentence(pacemaker) if ready else waiting_told(session))
        self.told.setVisible(bool(pacemaker) or not ready)

    def _show_leads(self, pacemaker: Pacemaker) -> None:
        if [row.lead for row in self.rows] != list(pacemaker.leads):
            for row in self.rows:
                self._leads.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [LeadRow(lead, self) for lead in pacemaker.leads]
            for row in self.rows:
                row.changed.connect(self._place)
                row.tool_taken.connect(self._take)
                row.settled.connect(self._session.end_gesture)
                self._leads.addWidget(row)
        for row in self.rows:
            row.show_placement(pacemaker.placement(row.lead), self._session.measuring.tool)

    def _sentence(self, pacemaker: Pacemaker) -> str:
        """What the delays mean beside the heart's own conduction."""
        parts = [vv_told(pacemaker.vv)] if pacemaker.resynchronising else []
        own = self._session.electrics.own
        if own is not None and pacemaker.mode is not Mode.OFF and not pacemaker.atrial:
            onset = own.beat.activation.ventricular_onset
            late = pacemaker.av > onset
            parts.append(
                f"own conduction arrives after {onset / MS:.0f} ms, "
                + ("before the pacing: fusion" if late else "after the pacing")
            )
        return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:]

    @Slot()
    def _choose(self) -> None:
        self._session.end_gesture()
        self._edit()

    @Slot()
    def _edit(self) -> None:
        desk = self._session.electrics
        pacemaker = replace(
            desk.plan.pacemaker, mode=self.mode.value, atrial=self.atrial.isChecked(),
            sensed_av=self.sensed.value() * MS, paced_av=self.paced.value() * MS,
            vv=self.vv.value() * MS, past_block=self.past_block.isChecked(),
        )  # fmt: skip
        desk.edit(desk.plan.paced_by(pacemaker), merge="pacemaker")

    @Slot(object, object)
    def _place(self, lead: object, placement: object) -> None:
        desk = self._session.electrics
        pacemaker = desk.plan.pacemaker.placing(lead, placement)  # type: ignore[arg-type]
        desk.edit(desk.plan.paced_by(pacemaker), merge=f"lead {lead}")

    @Slot(str)
    def _take(self, tool: str) -> None:
        measuring = self._session.measuring
        measuring.take("" if measuring.tool == tool else tool)
        self._show()


def _delay(
    name: str, tip: str, limits: tuple[float, float], parent: QWidget
) -> QDoubleSpinBox:  # fmt: skip
    box = QDoubleSpinBox(parent)
    box.setRange(limits[0] / MS, limits[1] / MS)
    box.setDecimals(0)
    box.setSingleStep(10.0)
    box.setSuffix(" ms")
    box.setToolTip(tip)
    box.setAccessibleName(name)
    box.setMinimumWidth(DELAY_WIDTH)
    box.setKeyboardTracking(False)
    return box
