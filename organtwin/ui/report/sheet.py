"""A sheet of paper to write on: lengths in mm from its top left corner, colours for print."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPaintDevice, QPainter, QPen

from organtwin.session.report_words import Cell
from organtwin.ui.theme import LIGHT

RESOLUTION = 1440
"""Dots per inch: 20 to a point, so that letters of any size stand where they belong."""
DOT = RESOLUTION / 25.4
"""Dots to a mm."""
TONES = {
    "ink": LIGHT.text, "muted": LIGHT.muted, "good": LIGHT.good, "watch": LIGHT.watch,
    "bad": LIGHT.bad,
}  # fmt: skip
POINT = 25.4 / 72.0
"""[mm]"""
LEADING = 1.22
"""Height of a line, of the size of its letters."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Something that was painted, for whoever checks that nothing is cut off."""

    what: str
    rect: QRectF
    needed: QRectF


class Sheet:
    """Paints, or with ``dry`` only tells how much room things take; ``scale`` is of all letters."""

    def __init__(self, painter: QPainter, device: QPaintDevice, scale: float) -> None:
        self.painter, self._device, self.scale = painter, device, scale
        self.dry = True
        self.placed: list[Placed] = []

    def font(self, size: float, *, bold: bool = False, struck: bool = False) -> QFont:
        """Letters of a size [points] before scaling."""
        font = QFont("DejaVu Sans")
        font.setStyleHint(QFont.StyleHint.SansSerif)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setPixelSize(max(round(size * self.scale * POINT * DOT), 1))
        font.setBold(bold)
        font.setStrikeOut(struck)
        return font

    def line(self, size: float) -> float:
        """Height of a line [mm]."""
        return size * self.scale * POINT * LEADING

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide a text is in one line [mm]."""
        metrics = QFontMetricsF(self.font(size, bold=bold), self._device)
        return metrics.horizontalAdvance(text) / DOT

    def height(self, text: str, size: float, width: float, *, bold: bool = False) -> float:
        """How high a text is, wrapped to a width [mm]."""
        metrics = QFontMetricsF(self.font(size, bold=bold), self._device)
        box = QRectF(0.0, 0.0, width * DOT, 1e7)
        return max(metrics.boundingRect(box, _WRAPPED, text).height() / DOT, self.line(size))

    def write(
        self, cell: Cell, x: float, y: float, width: float, size: float, *, right: bool = False,
        color: str = "",
    ) -> None:  # fmt: skip
        """A text in one line."""
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        box = QRectF(x, y, width, self.line(size))
        self._text(cell, box, size, int(side | Qt.AlignmentFlag.AlignVCenter), color)

    def wrap(self, cell: Cell, x: float, y: float, width: float, size: float) -> float:
        """A text in as many lines as it needs; gives their height [mm]."""
        height = self.height(cell.text, size, width, bold=cell.bold)
        self._text(cell, QRectF(x, y, width, height), size, _WRAPPED, "")
        return height

    def rule(self, x: float, y: float, width: float, color: str = LIGHT.border) -> None:
        """A thin line across."""
        if not self.dry:
            self.painter.setPen(QPen(QColor(color), 0.15 * DOT))
            self.painter.drawLine(QPointF(x * DOT, y * DOT), QPointF((x + width) * DOT, y * DOT))

    def note(self, what: str, rect: QRectF, needed: QRectF) -> None:
        """Remember where something was painted [mm]."""
        if not self.dry:
            self.placed.append(Placed(what, rect, needed))

    def _text(self, cell: Cell, box: QRectF, size: float, flags: int, color: str) -> None:
        if self.dry or not cell.text:
            return
        painter = self.painter
        painter.setFont(self.font(size, bold=cell.bold, struck=cell.struck))
        painter.setPen(QColor(color or TONES[cell.tone]))
        where = QRectF(box.x() * DOT, box.y() * DOT, box.width() * DOT, box.height() * DOT)
        # Without clipping: a text that needs more room than was measured is still readable.
        painter.drawText(where, flags | Qt.TextFlag.TextDontClip, cell.text)
        metrics = QFontMetricsF(painter.font(), self._device)
        needed = metrics.boundingRect(where, flags, cell.text)
        self.note(cell.text, box, QRectF(
            needed.x() / DOT, needed.y() / DOT, needed.width() / DOT, needed.height() / DOT
        ))  # fmt: skip


_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
