"""The calipers as they lie on the paper: two edges, the levels between them, and the numbers."""

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from organtwin.ui.theme import Theme
from organtwin.ui.views.ecg_caliper import Caliper, Point
from organtwin.ui.views.ecg_sheet import Cell, Sheet

_REACH = 5.0
"""How near the mouse must come to take an edge [pixels]."""


def point_at(laid: Sheet, cell: Cell, place: QPointF) -> Point:
    """Give time and volts of ``place`` [pixels] on the paper of ``cell``."""
    across, up = place.x() - cell.origin.x(), cell.origin.y() - place.y()
    return Point(across / laid.paper.pixels_per_second, up / laid.paper.pixels_per_volt)


def place_of(laid: Sheet, cell: Cell, point: Point) -> QPointF:
    """Give the pixels of a point; the inverse of ``point_at``."""
    across = point.time * laid.paper.pixels_per_second
    return cell.origin + QPointF(across, -point.volts * laid.paper.pixels_per_volt)


def grabbed(caliper: Caliper | None, laid: Sheet, place: QPointF) -> int | None:
    """Which end of the calipers is under the mouse."""
    ends = _ends(caliper, laid) if caliper is not None else []
    near = [(QLineF(end, place).length(), number) for number, end in enumerate(ends)]
    distance, number = min(near, default=(_REACH + 1.0, 0))
    return number if distance <= _REACH else None


def mark_rect(caliper: Caliper, laid: Sheet, font: QFont) -> QRect:
    """Give all that the mark paints [pixels]."""
    ends = _ends(caliper, laid)
    if not ends:
        return QRect()
    edges = QRectF(*ends).normalized().united(_edge_area(caliper, laid, ends))
    return (
        edges.united(_label_rect(caliper, ends, laid, font)).toAlignedRect().adjusted(-8, -8, 8, 8)
    )


def paint_mark(painter: QPainter, caliper: Caliper, laid: Sheet, colors: Theme) -> None:
    ends = _ends(caliper, laid)
    if not ends:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shade, line = QColor(colors.accent), QColor(colors.text)
    shade.setAlphaF(0.14)
    area = _edge_area(caliper, laid, ends)
    painter.fillRect(QRectF(*ends).normalized(), shade)
    for number, end in enumerate(ends):
        held = number == caliper.active
        painter.setPen(QPen(line, 1.6 if held else 0.9))
        painter.drawLine(QLineF(end.x(), area.top(), end.x(), area.bottom()))
        painter.setPen(QPen(line, 0.9, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(area.left(), end.y(), area.right(), end.y()))
        painter.setPen(QPen(line, 1.2))
        painter.setBrush(QColor(colors.accent if held else colors.paper))
        painter.drawEllipse(end, 3.0, 3.0)
    box = _label_rect(caliper, ends, laid, painter.font())
    painter.setPen(QPen(QColor(colors.border), 1))
    painter.setBrush(QColor(colors.raised))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(colors.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), caliper.text())


def _ends(caliper: Caliper, laid: Sheet) -> list[QPointF]:
    cell = laid.cell(caliper.key)
    return [place_of(laid, cell, point) for point in caliper.points] if cell is not None else []


def _edge_area(caliper: Caliper, laid: Sheet, ends: list[QPointF]) -> QRectF:
    """From the top to the bottom of the lead, or of the drag where that went further."""
    cell = laid.cell(caliper.key)
    box = cell.box if cell is not None else QRectF()
    dragged = QRectF(*ends).normalized()
    top, bottom = min(box.top(), dragged.top()), max(box.bottom(), dragged.bottom())
    return QRectF(QPointF(dragged.left(), top), QPointF(dragged.right(), bottom))


def _label_rect(caliper: Caliper, ends: list[QPointF], laid: Sheet, font: QFont) -> QRectF:
    """Above the calipers, inside the sheet."""
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(caliper.text()) + 12, metrics.height() + 4
    area = _edge_area(caliper, laid, ends)
    left = min(cell.box.left() for cell in laid.cells)
    right = max(cell.box.right() for cell in laid.cells)
    x = min(max(area.center().x() - width / 2, left), right - width)
    top = min(cell.box.top() for cell in laid.cells)
    return QRectF(max(x, 1.0), max(area.top() - height - 2, top), width, height)
