"""A table of coloured cells to be chosen from: rows and columns of settings, one value each."""

from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from organtwin.arrays import BoolArray, FloatArray
from organtwin.scene.colormaps import color_table
from organtwin.ui.theme import Theme, theme

_STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
_LIGHT = 0.55


class HeatMap(QWidget):
    """Arrow keys move the choice from the best, Return or a click takes it; computes nothing."""

    chosen = Signal(int)
    """Number of the cell, row by row, that the user took."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of settings")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme: Theme = theme("dark")
        self.rows: Sequence[str] = ()
        self.columns: Sequence[str] = ()
        self._titles = ("", "")
        self._texts: Sequence[str] = ()
        self._tips: Sequence[str] = ()
        self._shares: FloatArray = np.empty(0)
        self._good: BoolArray = np.empty(0, np.bool_)
        self.best, self.cell = -1, -1
        self.doubted: frozenset[int] = frozenset()

    def set_theme(self, name: str) -> None:
        self._theme = theme(name)
        self.update()

    def set_axes(
        self, titles: tuple[str, str], rows: Sequence[str], columns: Sequence[str]
    ) -> None:
        """Titles of rows and columns, and their names."""
        if (tuple(rows), tuple(columns)) != (tuple(self.rows), tuple(self.columns)):
            self.cell = -1
        self._titles, self.rows, self.columns = titles, rows, columns
        self.updateGeometry()

    def set_cells(
        self, texts: Sequence[str], tips: Sequence[str], shares: FloatArray, good: BoolArray,
        best: int, doubted: Collection[int] = (),
    ) -> None:  # fmt: skip
        """What stands in every cell, row by row; ``shares`` 0 to 1 give colours, NaN none.

        ``good`` cells are enclosed as one region, the ``best`` gets a mark; ``doubted`` ones, by
        number, are hatched.
        """
        self._texts, self._tips, self._shares = texts, tips, shares
        self._good, self.best, self.doubted = good, best, frozenset(doubted)
        if self.cell < 0:
            self.cell = max(best, 0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(620, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, 240)

    def cell_rect(self, number: int) -> QRectF:
        """Where a cell lies in the widget."""
        row, column = divmod(number, max(len(self.columns), 1))
        area = self._area()
        wide, high = (
            area.width() / max(len(self.columns), 1),
            area.height() / max(len(self.rows), 1),
        )
        return QRectF(area.x() + column * wide, area.y() + row * high, wide, high)

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        line = metrics.height()
        names = max((metrics.horizontalAdvance(name) for name in self.rows), default=0)
        left = min(names, 0.4 * self.width()) + 10.0
        top = 2.0 * line + 8.0
        return QRectF(left, top, self.width() - left - 4.0, self.height() - top - 4.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if not len(self._texts):
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No map yet")
            return
        self._paint_axes(painter)
        for number in range(len(self._texts)):
            self._paint_cell(painter, number)
        self._paint_region(painter)
        self._paint_marks(painter)

    def _paint_axes(self, painter: QPainter) -> None:
        area, line = self._area(), self.fontMetrics().height()
        painter.setPen(QColor(self._theme.muted))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(4, 0, self.width(), line + 2),
            flags | Qt.AlignmentFlag.AlignLeft,
            self._titles[0],
        )
        title = self.fontMetrics().elidedText(
            self._titles[1], Qt.TextElideMode.ElideRight,
            int(self.width() - 20 - self.fontMetrics().horizontalAdvance(self._titles[0])),
        )  # fmt: skip
        painter.drawText(
            QRectF(0, 0, self.width() - 4, line + 2), flags | Qt.AlignmentFlag.AlignRight, title
        )
        painter.setPen(QColor(self._theme.text))
        for column, name in enumerate(self.columns):
            box = self.cell_rect(column)
            above = QRectF(box.x(), line + 2, box.width(), line + 4)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, name)
        for row, name in enumerate(self.rows):
            box = self.cell_rect(row * len(self.columns))
            beside = QRectF(2, box.y(), area.x() - 8, box.height())
            short = self.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, int(beside.width())
            )
            painter.drawText(beside, flags | Qt.AlignmentFlag.AlignRight, short)

    def _paint_cell(self, painter: QPainter, number: int) -> None:
        box, share = self.cell_rect(number), float(self._shares[number])
        if np.isnan(share):
            painter.setPen(QColor(self._theme.muted))
            painter.fillRect(box, QColor(self._theme.raised))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "-")
            return
        red, green, blue = (int(c) for c in color_table("viridis")[round(255 * share)])
        painter.fillRect(box, QColor(red, green, blue))
        painter.setPen(QColor("#101418" if share > _LIGHT else "#ffffff"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._texts[number])
        if number in self.doubted:
            painter.fillRect(box, QBrush(QColor(self._theme.bad), Qt.BrushStyle.BDiagPattern))

    def _paint_region(self, painter: QPainter) -> None:
        """A line around all cells that are as good as the best."""
        width = len(self.columns)
        for halo, stroke in ((QColor("#101418"), 5.0), (QColor("#ffffff"), 2.5)):
            painter.setPen(QPen(halo, stroke))
            for number in np.flatnonzero(self._good).tolist():
                row, column = divmod(number, width)
                box = self.cell_rect(number)
                for down, right, start, end in (
                    (-1, 0, box.topLeft(), box.topRight()),
                    (1, 0, box.bottomLeft(), box.bottomRight()),
                    (0, -1, box.topLeft(), box.bottomLeft()),
                    (0, 1, box.topRight(), box.bottomRight()),
                ):
                    if not self._is_good(row + down, column + right):
                        painter.drawLine(start, end)

    def _is_good(self, row: int, column: int) -> bool:
        inside = 0 <= row < len(self.rows) and 0 <= column < len(self.columns)
        return inside and bool(self._good[row * len(self.columns) + column])

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.best >= 0:
            corner = self.cell_rect(self.best).topRight() + QPointF(-7.0, 7.0)
            painter.setPen(QPen(QColor("#101418"), 1.5))
            painter.setBrush(QColor("#ffffff"))
            painter.drawEllipse(corner, 4.0, 4.0)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.bad), 2.0, Qt.PenStyle.DashLine))
            box = self.cell_rect(self.cell)
            inset = min(3.0, 0.1 * box.height())
            painter.drawRect(box.adjusted(3, inset, -3, -inset))

    def cell_at(self, position: QPointF) -> int:
        """Number of the cell there, -1 outside."""
        return next(
            (k for k in range(len(self._texts)) if self.cell_rect(k).contains(position)), -1
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.cell_at(event.position())
        if number >= 0:
            self.cell = number
            self.chosen.emit(number)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS and self._texts:
            row, column = divmod(self.cell, len(self.columns))
            row = min(max(row + _STEPS[key][0], 0), len(self.rows) - 1)
            column = min(max(column + _STEPS[key][1], 0), len(self.columns) - 1)
            self.cell = row * len(self.columns) + column
            self.setAccessibleDescription(self._tips[self.cell])
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._texts:
            self.chosen.emit(self.cell)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self.cell_at(QPointF(event.pos()))
            if number >= 0:
                QToolTip.showText(event.globalPos(), self._tips[number], self)
                return True
        return super().event(event)
