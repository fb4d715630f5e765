"""How far the twin lies from each measurement, in standard deviations, one dot a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.ui.theme import DARK, Theme
from organtwin.ui.widgets.wording import number, signed

LIMIT, AGREEMENT = 3.0, 2.0
"""[sd] drawn to either side, and shaded as agreement."""
ROW, SCALE = 12, 15
"""[pixels] of a line, and of the scale under them."""
_NAME, _EDGE, _RADIUS = 90, 26, 3.5
_MARKS = (-3, -2, -1, 0, 1, 2, 3)
_SMALL = 10


@dataclass(frozen=True, slots=True)
class Residual:
    """``z`` is (twin - measured)/sd; ``color`` is a colour to paint with."""

    label: str
    z: float
    color: str


class ResidualPlot(QWidget):
    """Fixed in height by its lines. What lies beyond the scale points outwards with its number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Residuals: twin minus measured, in standard deviations")
        self.setToolTip("(twin − measured) / sd; shaded within 2 sd")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.rows: tuple[Residual, ...] = ()
        self._theme = DARK

    def show_rows(self, rows: Sequence[Residual], theme: Theme) -> None:
        self.rows, self._theme = tuple(rows), theme
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, ROW * len(self.rows) + SCALE + 4 if self.rows else 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def position(self, z: float) -> float:
        """Where a residual is drawn across [pixels]; at the end of the scale if beyond it."""
        plot = self._plot()
        inside = min(max(z, -LIMIT), LIMIT)
        return plot.left() + plot.width() * (inside + LIMIT) / (2.0 * LIMIT)

    def _plot(self) -> QRectF:
        return QRectF(_NAME, 2, max(self.width() - _NAME - _EDGE, 1), ROW * len(self.rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(_SMALL)
        painter.setFont(font)
        if self.rows:
            self._paint_scale(painter)
        for index, row in enumerate(self.rows):
            self._paint_row(painter, row, 2 + ROW * index)
        painter.end()

    def _paint_scale(self, painter: QPainter) -> None:
        plot, colors = self._plot(), self._theme
        shade = QColor(colors.good)
        shade.setAlphaF(0.12)
        left, right = self.position(-AGREEMENT), self.position(AGREEMENT)
        painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), shade)
        for mark in _MARKS:
            x = round(self.position(mark)) + 0.5
            painter.setPen(QPen(QColor(colors.muted if mark == 0 else colors.grid), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(colors.muted))
            box = QRectF(x - 15, plot.bottom() + 2, 30, SCALE - 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, number(mark, 0))
        title = QRectF(0, plot.bottom() + 2, _NAME - 10, SCALE - 2)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, "z [sd]")

    def _paint_row(self, painter: QPainter, row: Residual, top: float) -> None:
        middle, x = top + ROW / 2, self.position(row.z)
        painter.setPen(QColor(self._theme.muted))
        name = QRectF(0, top, _NAME - 10, ROW)
        painter.drawText(
            name, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), row.label
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(row.color))
        if abs(row.z) <= LIMIT:
            painter.drawEllipse(QPointF(x, middle), _RADIUS, _RADIUS)
            return
        tip = _RADIUS * 2.0 if row.z > 0 else -_RADIUS * 2.0
        points = ((x + tip, middle), (x, middle - 4.0), (x, middle + 4.0))
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in points]))
        painter.setPen(QColor(row.color))
        side = -1.0 if row.z > 0 else 1.0  # towards the middle, where there is room
        box = QRectF(x + side * 20 - 16, top, 32, ROW)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), signed(row.z, 1))
