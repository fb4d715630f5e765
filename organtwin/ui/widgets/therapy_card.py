"""One therapy on the table: switch, dose, limits, what it rests on, and a way to take it off."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from organtwin.ui.widgets.dose_control import DoseControl
from organtwin.ui.widgets.wording import number, pretty_unit

if TYPE_CHECKING:
    from organtwin.therapy.kind import Therapy, TherapyKind


class TherapyCard(QFrame):
    """Emits what the user does; shows what it is given. ``name`` tells which therapy it is."""

    dose_changed = Signal(str, float)
    settled = Signal()
    switched = Signal(str, bool)
    removed = Signal(str)
    evidence_asked = Signal(str)

    def __init__(
        self, kind: "TherapyKind", parent: QWidget | None = None, *, badge: str = ""
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.name = kind.name
        self.on = QCheckBox(kind.label, self)
        self.on.setToolTip("Apply this therapy")
        self.more = QToolButton(self)
        self.more.setText("Why")
        self.more.setCheckable(True)
        self.more.setToolTip("Equation, source, evidence and limits")
        self.more.setAccessibleName(f"Why: {kind.label}")
        self.remove = QToolButton(self)
        self.remove.setText("✕")
        self.remove.setToolTip("Take this therapy off the plan")
        self.remove.setAccessibleName(f"Remove {kind.label}")
        self.dose = DoseControl(
            kind.label,
            kind.unit,
            (kind.lower, kind.upper),
            step=kind.step,
            decimals=kind.decimals,
            parent=self,
        )
        bounds = QLabel(_bounds(kind), self)
        bounds.setObjectName("small")
        self.badge = QToolButton(self)
        self.badge.setObjectName("badge")
        self.badge.setText(badge)
        self.badge.setVisible(bool(badge))
        self.badge.setToolTip("Grade of the evidence, risk class; press for all of the evidence")
        self.badge.setAccessibleName(f"Evidence of {kind.label}: {badge}")
        self.details = _small_print(_details(kind), self)
        self._lay_out(bounds)
        self.on.toggled.connect(self._switch)
        self.more.toggled.connect(self.details.setVisible)
        self.remove.clicked.connect(self._remove)
        self.badge.clicked.connect(self._ask_evidence)
        self.dose.changed.connect(self._dose_changed)
        self.dose.settled.connect(self.settled)

    def show_therapy(self, therapy: "Therapy", *, applied: bool) -> None:
        """Show dose and switch as they are in the session; emits nothing."""
        self.dose.show_value(therapy.dose)
        with QSignalBlocker(self.on):
            self.on.setChecked(applied)
        if self.property("applied") != applied:
            self.setProperty("applied", applied)
            self.dose.setEnabled(applied)
            self.style().unpolish(self)
            self.style().polish(self)

    def _lay_out(self, bounds: QLabel) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.on, 1)
        top.addWidget(self.more)
        top.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 6, 6)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.dose)
        below = QHBoxLayout()
        below.addWidget(bounds, 1)
        below.addWidget(self.badge)
        layout.addLayout(below)
        layout.addWidget(self.details)

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        self.switched.emit(self.name, on)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.name)

    @Slot()
    def _ask_evidence(self) -> None:
        self.evidence_asked.emit(self.name)

    @Slot(float)
    def _dose_changed(self, dose: float) -> None:
        self.dose_changed.emit(self.name, dose)


def _small_print(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setObjectName("small")
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.hide()
    return label


def _bounds(kind: "TherapyKind") -> str:
    lower, upper = number(kind.lower, kind.decimals), number(kind.upper, kind.decimals)
    return f"{lower} to {upper} {pretty_unit(kind.unit)}"


def _details(kind: "TherapyKind") -> str:
    parts = (
        ("Equation", kind.equation),
        ("Evidence", kind.evidence),
        ("Seen in", kind.population),
        ("Limits", kind.limits),
        ("Source", kind.source),
    )
    return "<br>".join(f"<b>{title}:</b> {escape(text)}" for title, text in parts if text)
