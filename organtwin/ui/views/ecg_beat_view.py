"""One beat in all leads, the measured over the simulated, and what a hand does with it.

A drag measures, a double click enlarges a lead, the wheel turns the gain, arrow keys move the
calipers.
"""

from PySide6.QtCore import QEvent, QPointF, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from organtwin.session.session import Session
from organtwin.ui.views import ecg_leads
from organtwin.ui.views.ecg_beat_paper import EcgBeatPaper
from organtwin.ui.views.ecg_caliper import Caliper
from organtwin.ui.views.ecg_caliper_mark import grabbed, mark_rect, paint_mark, point_at
from organtwin.ui.views.ecg_sheet import RHYTHM, Cell, Sheet
from organtwin.ui.widgets.wording import number
from organtwin.units import MS

STEP = 1e-3
"""[s] One press of an arrow key; ten times as much with shift."""
RISE = 1e-5
"""[V] The same, up and down: a tenth of a millimetre."""
_NOTCH = 120
"""Qt's measure of one notch of a wheel."""
_ARROWS = {
    Qt.Key.Key_Left: (-STEP, 0.0), Qt.Key.Key_Right: (STEP, 0.0),
    Qt.Key.Key_Up: (0.0, RISE), Qt.Key.Key_Down: (0.0, -RISE),
}  # fmt: skip
_EDGES = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: 1}


class EcgBeatView(EcgBeatPaper):
    """The paper under the mouse and the keyboard."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._caliper: Caliper | None = None
        self._pressed: tuple[Cell, QPointF] | None = None
        self._dragging = False
        self._turned = 0
        self._hovered = self.brief = ""
        session.ecg_changed.connect(self._begin_anew)
        session.selection.events.lead.connect(self._begin_anew)

    @property
    def caliper(self) -> Caliper | None:
        return self._caliper

    @property
    def readout(self) -> str:
        """What the calipers measure, else the curves under the mouse, else the width of the QRS."""
        return self._caliper.text() if self._caliper is not None else self._hovered or self.brief

    @Slot()
    def _begin_anew(self) -> None:
        self._caliper, self._hovered = None, ""
        self.update()

    def _turn_page(self, page: int) -> None:
        if self._caliper is not None and self._caliper.key == RHYTHM:
            self._caliper = None
        super()._turn_page(page)

    def _paint_over(self, painter: QPainter) -> None:
        if self._caliper is not None and (laid := self.sheet) is not None:
            paint_mark(painter, self._caliper, laid, self._theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        laid, place = self.sheet, event.position()
        if laid is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        edge = grabbed(self._caliper, laid, place)
        if self._caliper is not None and edge is not None:
            self._set_caliper(self._caliper.held(edge))
            self._dragging = True
        elif (cell := laid.at(place)) is not None:
            self._pressed = (cell, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        laid, place = self.sheet, event.position()
        if laid is None:
            return
        if self._dragging and self._caliper is not None:
            cell = laid.cell(self._caliper.key)
            if cell is not None:
                self._set_caliper(self._caliper.at(point_at(laid, cell, place)))
        elif self._pressed is not None:
            cell, start = self._pressed
            if (place - start).manhattanLength() >= QApplication.startDragDistance():
                ends = (point_at(laid, cell, start), point_at(laid, cell, place))
                self._dragging = True
                self._set_caliper(Caliper(cell.key, ends))
        else:
            self._show_readout(laid, place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = None, False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        chosen, laid = self._session.selection, self.sheet
        cell = laid.at(event.position()) if laid is not None else None
        if chosen.lead:
            chosen.lead = ""
        elif cell is not None:
            chosen.lead = cell.lead

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self._session.selection.step_ecg_gain(notches)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = ""
        self.update(self._caption_rect())
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        # The calipers' keys are theirs while there are calipers, whatever menu uses them else.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._caliper is not None
            and event.key() in (*_ARROWS, *_EDGES, Qt.Key.Key_Escape)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        caliper, key = self._caliper, Qt.Key(event.key())
        if caliper is None:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            seconds, volts = _ARROWS[key]
            times = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._set_caliper(caliper.moved(times * seconds, times * volts))
        elif key in _EDGES:
            self._set_caliper(caliper.held(_EDGES[key]))
        elif key == Qt.Key.Key_Escape:
            self._set_caliper(None)
        else:
            super().keyPressEvent(event)

    def _set_caliper(self, caliper: Caliper | None) -> None:
        for mark in (self._caliper, caliper):
            if mark is not None and (laid := self.sheet) is not None:
                self.update(mark_rect(mark, laid, self.font()))
        self._caliper = caliper
        self.update(self._caption_rect())

    def _show_readout(self, laid: Sheet, place: QPointF) -> None:
        cell, ecg = laid.at(place), self._session.ecg
        text = ""
        if cell is not None and ecg is not None and cell.key != RHYTHM:
            point = point_at(laid, cell, place)
            values = ecg_leads.absence(ecg, cell.lead) or ecg_leads.readout(
                ecg, cell.lead, point.time
            )
            text = f"{cell.lead}  {number(point.time / MS, 0)} ms  {values}"
        if text != self._hovered:
            self._hovered = text
            self.update(self._caption_rect())
        held = grabbed(self._caliper, laid, place) is not None
        self.setCursor(Qt.CursorShape.SizeAllCursor if held else Qt.CursorShape.CrossCursor)
