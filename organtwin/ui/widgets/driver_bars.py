"""What a response depends on: a line each, its name, a bar, its share and its direction."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from organtwin.ui.theme import DARK, Theme

ROWS = 5
ROW = 24
"""[pixels]"""
_NAME_SHARE, _SHARE_WIDTH, _GAP, _BAR = 0.56, 58, 8, 9


@dataclass(frozen=True, slots=True)
class DriverRow:
    """``share`` 0 to 1; ``color`` is a colour to paint with; ``about`` is read out and shown."""

    label: str
    share: float
    rising: bool
    color: str
    about: str
    place: str = ""
    """``1``, or ``2–4`` where the order is not certain."""


class DriverBars(QWidget):
    """Room for ``ROWS`` lines, whether or not there are so many: nothing moves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.rows: tuple[DriverRow, ...] = ()
        self.nothing = ""
        self._theme = DARK
        self.show_rows((), "", DARK)

    def show_rows(self, rows: Sequence[DriverRow], nothing: str, theme: Theme) -> None:
        """Show the first rows, or the sentence ``nothing`` where there are none."""
        self.rows, self.nothing, self._theme = tuple(rows[:ROWS]), nothing, theme
        told = "; ".join(row.about for row in self.rows) or nothing
        self.setAccessibleName("What drives this")
        self.setAccessibleDescription(told)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, ROW * ROWS)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 16 * ROWS)

    def event(self, event: QEvent) -> bool:
        """A line's whole text under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = int(event.pos().y() // self._height)
            told = self.rows[place].about if 0 <= place < len(self.rows) else ""
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)

    @property
    def _height(self) -> float:
        return min(max(self.height() / ROWS, 1.0), float(ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.rows:
            painter.setPen(QColor(self._theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self.nothing)
        for place, row in enumerate(self.rows):
            self._paint_row(painter, row, place * self._height)
        painter.end()

    def _paint_row(self, painter: QPainter, row: DriverRow, top: float) -> None:
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        metrics = painter.fontMetrics()
        begin = metrics.horizontalAdvance("2–10 ")
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QRectF(0.0, top, begin, self._height), middle, row.place)
        name = QRectF(begin, top, _NAME_SHARE * self.width() - begin, self._height)
        text = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, int(name.width()))
        painter.setPen(QColor(self._theme.text))
        painter.drawText(name, middle | int(Qt.AlignmentFlag.AlignLeft), text)
        left = name.right() + _GAP
        room = max(self.width() - left - _SHARE_WIDTH, 1.0)
        bar = QRectF(left, top + (self._height - _BAR) / 2.0, room, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.grid))
        painter.drawRoundedRect(bar, 2.0, 2.0)
        bar.setWidth(max(room * row.share, 2.0))
        painter.setBrush(QColor(row.color))
        painter.drawRoundedRect(bar, 2.0, 2.0)
        painter.setPen(QColor(self._theme.muted))
        share = QRectF(self.width() - _SHARE_WIDTH, top, _SHARE_WIDTH, self._height)
        arrow = "↑" if row.rising else "↓"
        painter.drawText(
            share, middle | int(Qt.AlignmentFlag.AlignRight), f"{arrow} {row.share:.0%}"
        )
