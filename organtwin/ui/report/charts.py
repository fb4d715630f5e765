"""Curves on paper: axes, curves of all plans, hatching where they are extrapolated."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen, QPolygonF, QTransform

from organtwin.session.report_words import Cell, Chart
from organtwin.ui.report.sheet import DOT, Sheet
from organtwin.ui.theme import LIGHT
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.widgets.plan_wording import COLORS

SIZE = 6.0
LEFT, BELOW, ABOVE = 8.5, 5.6, 5.0
"""Room for labels around a plot [mm]."""
_PALE = 190
"""[%] How much lighter the hatching is than its words, so that curves stand out."""


def color_of(letter: str) -> str:
    """Of a plan, or with an empty letter of the untreated heart."""
    return str(getattr(LIGHT, COLORS[letter])) if letter else LIGHT.muted


def lettered(found: tuple[Chart, ...]) -> frozenset[str]:
    """Letters of the plans that have a curve."""
    return frozenset(curve.letter for shown in found for curve in shown.curves)


def chart(sheet: Sheet, found: Chart, box: QRectF) -> None:
    """Paint it into a box [mm]."""
    sheet.write(Cell(found.title, bold=True), box.x(), box.y(), box.width(), SIZE + 0.4)
    if sheet.dry or not found.curves:
        return
    across, up = _axes(found)
    plot = QRectF(
        box.x() + LEFT, box.y() + ABOVE, box.width() - LEFT - 2.0, box.height() - ABOVE - BELOW
    )
    unit = f"{found.up[0]} [{found.up[1]}]"
    sheet.write(Cell(unit, "muted"), box.x(), box.y(), box.width() - 2.0, SIZE, right=True)
    _grid(sheet, plot, across, up)
    below = plot.bottom() + sheet.line(SIZE)
    sheet.write(
        Cell(f"{found.across[0]} [{found.across[1]}]", "muted"), plot.x(), below, plot.width(),
        SIZE, right=True,
    )  # fmt: skip
    if found.doubtful:
        _hatching(sheet, plot, found.doubtful)
    _curves(sheet, found, plot, across, up)


def _axes(found: Chart) -> tuple[Axis, Axis]:
    x = joined(*((float(c.x.min()), float(c.x.max())) for c in found.curves))
    y = joined(*((float(c.y.min()), float(c.y.max())) for c in found.curves))
    if found.up[1] == "mmHg":
        y = joined((0.0, 0.0), y)
    return Axis.covering(*found.across, x, ticks=4), Axis.covering(*found.up, y, ticks=4)


def _grid(sheet: Sheet, plot: QRectF, across: Axis, up: Axis) -> None:
    painter, line = sheet.painter, sheet.line(SIZE)
    pen = QPen(QColor(LIGHT.grid), 0.12 * DOT)
    for mark in across.marks:
        x = plot.left() + plot.width() * across.fraction(mark)
        painter.setPen(pen)
        painter.drawLine(_point(x, plot.top()), _point(x, plot.bottom()))
        text, half = across.text(mark), 0.5 * sheet.width(across.text(mark), SIZE) + 0.2
        left = min(x - half, plot.right() + 2.0 - 2 * half)
        sheet.write(Cell(text, "muted"), left, plot.bottom() + 0.2, 2 * half, SIZE)
    for mark in up.marks:
        y = plot.bottom() - plot.height() * up.fraction(mark)
        painter.setPen(pen)
        painter.drawLine(_point(plot.left(), y), _point(plot.right(), y))
        sheet.write(
            Cell(up.text(mark), "muted"), plot.left() - LEFT, y - 0.5 * line, LEFT - 0.8, SIZE,
            right=True,
        )  # fmt: skip


def _hatching(sheet: Sheet, plot: QRectF, words: str) -> None:
    painter = sheet.painter
    painter.setPen(QPen(QColor(LIGHT.bad).lighter(_PALE), 0.1 * DOT))
    painter.save()
    painter.setClipRect(_scaled(plot))
    step, height = 1.6, plot.height()
    for count in range(int((plot.width() + height) / step) + 1):
        x = plot.left() - height + count * step
        painter.drawLine(_point(x, plot.bottom()), _point(x + height, plot.top()))
    painter.restore()
    text = Cell(words, "bad", bold=True)
    width = sheet.width(text.text, SIZE, bold=True) + 0.6
    place = QRectF(plot.right() - width, plot.top(), width, sheet.line(SIZE))
    painter.fillRect(_scaled(place), QBrush(QColor(Qt.GlobalColor.white)))
    sheet.write(text, place.x() + 0.3, place.y(), width, SIZE)


def _curves(sheet: Sheet, found: Chart, plot: QRectF, across: Axis, up: Axis) -> None:
    painter = sheet.painter
    painter.save()
    place = QTransform()
    place.translate(plot.left() * DOT, plot.bottom() * DOT)
    place.scale(
        plot.width() * DOT / (across.upper - across.lower),
        -plot.height() * DOT / (up.upper - up.lower),
    )
    place.translate(-across.lower, -up.lower)
    for curve in found.curves:
        pen = QPen(QColor(color_of(curve.letter)), (0.3 if curve.letter else 0.22) * DOT)
        if not curve.letter:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        known = np.isfinite(curve.x) & np.isfinite(curve.y)
        points = np.column_stack((curve.x[known], curve.y[known])).tolist()
        painter.drawPolyline(place.map(QPolygonF([QPointF(*point) for point in points])))
    painter.restore()


def _point(x: float, y: float) -> QPointF:
    return QPointF(x * DOT, y * DOT)


def _scaled(box: QRectF) -> QRectF:
    return QRectF(box.x() * DOT, box.y() * DOT, box.width() * DOT, box.height() * DOT)
