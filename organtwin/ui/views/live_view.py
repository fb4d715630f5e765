"""What arrives, as on a bedside monitor: a pen that writes from left to right and over the old.

Each channel has a strip. The pen stands where the newest sample is; a gap stays a gap. Only what
has arrived is drawn, nothing is smoothed or held.
"""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.arrays import FloatArray
from organtwin.session.session import Session
from organtwin.session.stream_tail import SWEEP, Tail
from organtwin.ui.theme import Theme, theme
from organtwin.ui.views.chart import whole_pieces
from organtwin.units import MMHG

INTERVAL = 50
"""[ms] between pictures."""
GAP = 0.25
"""[s] kept free before the pen."""
_COLORS = {
    "ABP": "lv",
    "ART": "lv",
    "AOP": "lv",
    "PAP": "pulmonary_artery",
    "CVP": "rv",
    "RAP": "rv",
}
_NOTHING = "No live source.\nConnect one with File > Connect a live source."


class LiveView(QWidget):
    """Paints the tails of the stream while it is on screen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Live signals")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._session = session
        self._theme: Theme = theme(session.selection.theme)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.update)
        session.stream_changed.connect(self._follow)
        session.selection.events.theme.connect(self._show_theme)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 100)

    @Slot()
    def _follow(self) -> None:
        if self._session.stream.going_on != self._timer.isActive():
            self._timer.start() if self._session.stream.going_on else self._timer.stop()
        self.update()

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        self._theme = theme(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        tails = self._session.stream.tails
        if not tails:
            painter.setPen(QColor(self._theme.muted))
            centred = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(12, 0, -12, 0), centred, _NOTHING)
        else:
            height = self.height() / len(tails)
            newest = max(tail.end_time for tail in tails.values())
            for number, (name, tail) in enumerate(tails.items()):
                box = QRectF(0.0, number * height, self.width(), height)
                self._paint_strip(painter, box, name, tail, newest)
        painter.end()

    def _paint_strip(
        self, painter: QPainter, box: QRectF, name: str, tail: Tail, newest: float
    ) -> None:
        color = QColor(getattr(self._theme, _COLORS.get(name, "good")))
        times, values = tail.last(SWEEP - GAP)
        low, high = tail.range
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QPointF(box.left() + 4, box.top() + 12), _label(name, tail))
        if not len(times):
            return
        inner = box.adjusted(2, 15, -2, -3)
        span = max(high - low, 1e-12)
        x = inner.left() + inner.width() * ((times % SWEEP) / SWEEP)
        y = inner.bottom() - inner.height() * (values - low) / span
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1.4))
        painter.setClipRect(box)
        for piece in whole_pieces(_broken(x, y)):
            points = np.column_stack((x[piece], y[piece])).tolist()
            painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))
        pen = inner.left() + inner.width() * ((newest % SWEEP) / SWEEP)
        painter.setPen(QPen(QColor(self._theme.cursor), 1))
        painter.drawLine(QPointF(pen, inner.top()), QPointF(pen, inner.bottom()))
        painter.setClipping(False)


def _broken(x: FloatArray, y: FloatArray) -> FloatArray:
    """``y`` with a hole where the pen returns to the left."""
    broken = y.copy()
    broken[1:][np.diff(x) < 0.0] = np.nan
    return broken


def _label(name: str, tail: Tail) -> str:
    low, high = tail.range
    if name in _COLORS:
        return f"{name}   {low / MMHG:.0f} to {high / MMHG:.0f} mmHg"
    return f"{name}   {1e3 * (high - low):.1f} mV"
