"""One therapy on the table: switch, dose, limits, what it rests on, and a way to take it off."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from organtwin.therapy.times import ALL_ALONG, Times
from organtwin.ui.widgets.dose_control import DoseControl
from organtwin.ui.widgets.elided_check_box import ElidedCheckBox
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.ui.widgets.times_row import TimesRow
from organtwin.ui.widgets.wording import number, pretty_unit, sentence

if TYPE_CHECKING:
    from organtwin.therapy.kind import Therapy, TherapyKind


class TherapyCard(QFrame):
    """Emits what the user does; shows what it is given. ``name`` tells which therapy it is.

    ``curve`` is folded out when asked for. The card is dragged by its ground; ``dragged`` carries
    the height on the screen, ``moved`` steps.
    """

    dose_changed = Signal(str, float)
    settled = Signal()
    switched = Signal(str, bool)
    removed = Signal(str)
    evidence_asked = Signal(str)
    timed = Signal(str, object)
    dragged = Signal(str, int)
    moved = Signal(str, int)
    curve_shown = Signal(str, bool)
    unfolded = Signal(str)
    ramp_asked = Signal(str)

    def __init__(
        self,
        kind: "TherapyKind",
        curve: QWidget,
        parent: QWidget | None = None,
        *,
        badge: str = "",
        ramped: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.name = kind.name
        # In the order in which they are seen, as Tab then visits them.
        self.on = ElidedCheckBox(kind.label, self)
        self.on.setToolTip(f"Apply this therapy: {kind.label}")
        self.remove = _button("✕", "Take this therapy off the plan", f"Remove {kind.label}", self)
        self.dose = DoseControl(
            kind.label, kind.unit, (kind.lower, kind.upper), step=kind.step,
            decimals=kind.decimals, parent=self,
        )  # fmt: skip
        self.clock = _fold("Times", f"When {kind.label} is given, in the plan in time", self)
        self.curve_button = _fold("Curve", f"Response over the dose of {kind.label}", self)
        bounds = ElidedLabel(_bounds(kind), self)
        bounds.setObjectName("small")
        self.whole = ElidedLabel(f"100 %: {kind.whole}", self)
        self.whole.setObjectName("small")
        self.whole.setVisible(bool(kind.whole))
        self.badge = _button(
            badge, "Grade of the evidence, risk class; press for all of the evidence",
            f"Evidence of {kind.label}: {badge}", self,
        )  # fmt: skip
        self.badge.setObjectName("badge")
        self.badge.setVisible(bool(badge))
        self.trouble = _trouble(kind.label, self)
        self.details = _small_print(_details(kind), self)
        self.ramp = _button(
            "Ramp…", "Step the device through its settings: flows, filling, signs at each",
            f"Ramp test of {kind.label}", self,
        )  # fmt: skip
        self.ramp.setVisible(ramped)
        self.more = _fold("Why", "Equation, source, evidence and limits", self)
        self.more.setAccessibleName(f"Why: {kind.label}")
        self.times = TimesRow(kind.label, self)
        self.times.hide()
        self.curve = curve
        self.curve.hide()
        self._pressed: QPoint | None = None
        self._dragging = False
        self._lay_out(bounds)
        self._listen()

    def _listen(self) -> None:
        self.on.toggled.connect(self._switch)
        self.more.toggled.connect(self.details.setVisible)
        self.remove.clicked.connect(self._remove)
        self.badge.clicked.connect(self._ask_evidence)
        self.ramp.clicked.connect(self._ask_ramp)
        self.dose.changed.connect(self._dose_changed)
        self.dose.settled.connect(self.settled)
        self.clock.toggled.connect(self.times.setVisible)
        self.times.changed.connect(self._times_changed)
        self.curve_button.toggled.connect(self._show_curve)
        for fold in (self.more, self.clock, self.curve_button):
            fold.toggled.connect(self._tell_unfolded)
        for key, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self._move_up if step < 0 else self._move_down)

    def show_therapy(self, therapy: "Therapy", *, applied: bool, times: Times = ALL_ALONG) -> None:
        """Show dose, switch and times as they are in the session; emits nothing."""
        self.dose.show_value(therapy.dose)
        self.times.show_times(times)
        self.clock.setText("Times" if times == ALL_ALONG else "Times •")
        with QSignalBlocker(self.on):
            self.on.setChecked(applied)
        if self.property("applied") != applied:
            self.setProperty("applied", applied)
            self.dose.setEnabled(applied)
            self.style().unpolish(self)
            self.style().polish(self)

    def show_trouble(self, why: str) -> bool:
        """Say why the plan is outside what was checked because of it; whether that is news."""
        news = bool(why) and self.trouble.isHidden()
        self.trouble.setText(sentence(why) if why else "")
        self.trouble.setVisible(bool(why))
        return news

    def _lay_out(self, bounds: QLabel) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.on, 1)
        top.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 6, 6)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.dose)
        below = QHBoxLayout()
        below.setSpacing(2)
        below.addWidget(_handle(self))
        below.addWidget(bounds, 1)
        below.addWidget(self.clock)
        below.addWidget(self.curve_button)
        layout.addLayout(below)
        layout.addWidget(self.whole)
        layout.addWidget(self.trouble)
        line = QHBoxLayout()  # of its own: beside the buttons above the badge would be cut off
        line.addWidget(self.badge)
        line.addStretch(1)
        line.addWidget(self.ramp)
        line.addWidget(self.more)
        layout.addLayout(line)
        layout.addWidget(self.times)
        layout.addWidget(self.curve)
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

    @Slot()
    def _ask_ramp(self) -> None:
        self.ramp_asked.emit(self.name)

    @Slot(float)
    def _dose_changed(self, dose: float) -> None:
        self.dose_changed.emit(self.name, dose)

    @Slot(object)
    def _times_changed(self, times: Times) -> None:
        self.timed.emit(self.name, times)

    @Slot(bool)
    def _show_curve(self, shown: bool) -> None:
        self.curve.setVisible(shown)
        self.curve_shown.emit(self.name, shown)

    @Slot(bool)
    def _tell_unfolded(self, shown: bool) -> None:
        if shown:
            self.unfolded.emit(self.name)

    @Slot()
    def _move_up(self) -> None:
        self.moved.emit(self.name, -1)

    @Slot()
    def _move_down(self) -> None:
        self.moved.emit(self.name, 1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Move up\tAlt+Up", self._move_up)
        menu.addAction("Move down\tAlt+Down", self._move_down)
        menu.addAction("Remove", self._remove)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.globalPosition().toPoint()
        if self._pressed is None:
            return
        far = (place - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        self._dragging = self._dragging or far
        if self._dragging:
            self.dragged.emit(self.name, place.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed, dragged, self._dragging = None, self._dragging, False
        if dragged:
            self.settled.emit()


def _handle(parent: QWidget) -> QLabel:
    handle = QLabel("⠿", parent)
    handle.setObjectName("small")
    handle.setToolTip("Drag to another place of the plan, or press Alt+Up or Alt+Down")
    handle.setCursor(Qt.CursorShape.OpenHandCursor)
    return handle


def _button(text: str, tip: str, name: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    return button


def _fold(text: str, tip: str, parent: QWidget) -> QToolButton:
    button = _button(text, tip, tip, parent)
    button.setCheckable(True)
    return button


def _trouble(label: str, parent: QWidget) -> QLabel:
    trouble = QLabel(parent)
    trouble.setObjectName("trouble")
    trouble.setAccessibleName(f"Why {label} is outside what was checked")
    trouble.setWordWrap(True)
    trouble.hide()
    return trouble


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
