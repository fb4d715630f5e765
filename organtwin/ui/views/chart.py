"""Curves on fixed axes with moving marks.

What stands still is painted once into a picture; a frame of playback only copies the strips in
which a mark was and is. That keeps all charts together well under a millisecond or two a frame,
where a general plotting library took four to five.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.arrays import FloatArray
from organtwin.ui.theme import DARK, Theme
from organtwin.ui.views.axis import Axis
from organtwin.ui.widgets.wording import pretty_unit

DOT_RADIUS = 4
_TICK_SIZE = 10


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """``x`` and ``y`` ``(n,)`` in the axes' units; ``color`` is a field of ``Theme``.

    A ghost is the untreated heart behind a plan: same colour, thin and dashed.
    """

    label: str
    color: str
    x: FloatArray
    y: FloatArray
    ghost: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Strip:
    """Where values lie: between ``low`` and ``high`` ``(n,)`` over ``x``; NaN leaves a hole."""

    color: str
    x: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle, or an open one for what is not sure."""

    x: float
    y: float
    color: str
    hollow: bool = False


class Chart(QWidget):
    """One pair of axes. Give it curves seldom, marks often."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme = DARK
        self._axes: tuple[Axis, Axis] | None = None
        self._curves: tuple[Curve, ...] = ()
        self._strips: tuple[Strip, ...] = ()
        self._empty_text = ""
        self._picture: QPixmap | None = None
        self._dots: tuple[Dot, ...] = ()
        self._cursor: float | None = None
        self._extrapolated = False

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._repaint_all()

    def set_curves(
        self, x_axis: Axis, y_axis: Axis, curves: Sequence[Curve], strips: Sequence[Strip] = ()
    ) -> None:
        self._axes, self._curves = (x_axis, y_axis), tuple(curves)
        self._strips = tuple(strips)
        self._repaint_all()

    def set_extrapolated(self, extrapolated: bool) -> None:
        """Hatch the plot: its curves lie outside what was checked."""
        if extrapolated != self._extrapolated:
            self._extrapolated = extrapolated
            self._repaint_all()

    def set_empty(self, text: str) -> None:
        """Show a sentence instead of axes."""
        self._axes, self._curves, self._dots, self._cursor = None, (), (), None
        self._empty_text = text
        self._repaint_all()

    def set_marks(self, cursor: float | None, dots: Sequence[Dot]) -> None:
        """Move the vertical line (x value) and the dots; only their surroundings are painted."""
        before = self._mark_rects()
        self._cursor, self._dots = cursor, tuple(dots)
        for rect in (*before, *self._mark_rects()):
            self.update(rect)

    def plot_rect(self) -> QRectF:
        """Where the curves are drawn, inside the labels [pixels]."""
        titled = self._axes is not None and bool(self._axes[0].label)
        below = 30 if titled else 17
        return QRectF(36, 20, max(self.width() - 46, 1), max(self.height() - 20 - below, 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 100)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._painted()
        painter = QPainter(self)
        ratio = self._picture.devicePixelRatio()
        area = event.rect()
        source = QRectF(
            area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio
        )
        painter.drawPixmap(QRectF(area), self._picture, source)
        self._paint_marks(painter)
        painter.end()

    def _repaint_all(self) -> None:
        self._picture = None
        self.update()

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self._theme.panel))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._axes is None:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(
                QRectF(self.rect()).adjusted(12, 0, -12, 0),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                self._empty_text,
            )
        else:
            self._paint_axes(painter, *self._axes)
            if self._extrapolated:
                self._paint_hatching(painter)
            self._paint_curves(painter)
            self._paint_legend(painter)
        painter.end()
        return picture

    def _paint_axes(self, painter: QPainter, x_axis: Axis, y_axis: Axis) -> None:
        plot = self.plot_rect()
        font = painter.font()
        font.setPixelSize(_TICK_SIZE)
        painter.setFont(font)
        grid, label = QPen(QColor(self._theme.grid), 1), QPen(QColor(self._theme.muted))
        for mark in x_axis.marks:
            x = round(self._point(mark, y_axis.lower).x()) + 0.5
            painter.setPen(grid)
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(label)
            box = self._mark_box(painter, x, x_axis.text(mark))
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, x_axis.text(mark))
        for mark in y_axis.marks:
            y = round(self._point(x_axis.lower, mark).y()) + 0.5
            painter.setPen(grid)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(label)
            box = QRectF(0, y - 6, plot.left() - 5, 12)
            alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, int(alignment), y_axis.text(mark))
        painter.drawText(QPointF(2, 10), _axis_title(y_axis))
        below = QRectF(plot.left(), plot.bottom() + 14, plot.width(), 13)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, _axis_title(x_axis))

    def _mark_box(self, painter: QPainter, x: float, text: str) -> QRectF:
        """Under its mark, but clear of the labels on the left and of the right edge."""
        plot, width = self.plot_rect(), painter.fontMetrics().horizontalAdvance(text) + 2.0
        left = min(max(x - 0.5 * width, plot.left() - 4.0), self.width() - width)
        return QRectF(left, plot.bottom() + 2.0, width, 12.0)

    def _paint_curves(self, painter: QPainter) -> None:
        painter.save()
        painter.setClipRect(self.plot_rect().adjusted(-1, -1, 1, 1))
        for strip in self._strips:
            self._paint_strip(painter, strip)
        for curve in sorted(self._curves, key=lambda curve: not curve.ghost):
            color = QColor(getattr(self._theme, curve.color))
            pen = QPen(color, 1.0 if curve.ghost else 1.6)
            if curve.ghost:
                color.setAlphaF(0.65)
                pen = QPen(color, 1.0, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            for piece in whole_pieces(curve.y):
                painter.drawPolyline(self._polygon(curve.x[piece], curve.y[piece]))
        painter.restore()

    def _paint_hatching(self, painter: QPainter) -> None:
        color = QColor(self._theme.bad)
        color.setAlphaF(0.35)
        plot = self.plot_rect()
        painter.fillRect(plot, QBrush(color, Qt.BrushStyle.BDiagPattern))
        painter.setPen(QColor(self._theme.bad))
        inside = plot.adjusted(4, 2, -4, -2)
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight, "extrapolation")

    def _paint_strip(self, painter: QPainter, strip: Strip) -> None:
        color = QColor(getattr(self._theme, strip.color))
        color.setAlphaF(0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for piece in whole_pieces(strip.low + strip.high):
            x = np.concatenate([strip.x[piece], strip.x[piece][::-1]])
            y = np.concatenate([strip.low[piece], strip.high[piece][::-1]])
            painter.drawPolygon(self._polygon(x, y))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_legend(self, painter: QPainter) -> None:
        metrics = painter.fontMetrics()
        right = self.plot_rect().right()
        labels = {curve.label: curve.color for curve in self._curves if not curve.ghost}
        for label, color in reversed(labels.items()):
            width = metrics.horizontalAdvance(label)
            painter.setPen(QColor(getattr(self._theme, color)))
            painter.drawText(QPointF(right - width, 10), label)
            right -= width + 10

    def _paint_marks(self, painter: QPainter) -> None:
        if self._axes is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._cursor is not None:
            x = round(self._point(self._cursor, self._axes[1].lower).x()) + 0.5
            painter.setPen(QPen(QColor(self._theme.cursor), 1))
            plot = self.plot_rect()
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        panel = QColor(self._theme.panel)
        for dot in self._dots:
            color = QColor(getattr(self._theme, dot.color))
            painter.setPen(QPen(color, 1.6) if dot.hollow else QPen(panel, 1))
            painter.setBrush(panel if dot.hollow else color)
            painter.drawEllipse(self._point(dot.x, dot.y), DOT_RADIUS, DOT_RADIUS)

    def _mark_rects(self) -> list[QRect]:
        if self._axes is None:
            return []
        reach = DOT_RADIUS + 2
        rects = []
        for dot in self._dots:
            point = self._point(dot.x, dot.y).toPoint()
            rects.append(QRect(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach))
        if self._cursor is not None:
            x = round(self._point(self._cursor, self._axes[1].lower).x())
            rects.append(QRect(x - 1, 0, 4, self.height()))
        return rects

    def _point(self, x: float, y: float) -> QPointF:
        plot = self.plot_rect()
        if self._axes is None:
            return plot.topLeft()
        horizontal, vertical = self._axes[0].fraction(x), self._axes[1].fraction(y)
        return QPointF(
            plot.left() + horizontal * plot.width(), plot.bottom() - vertical * plot.height()
        )

    def _polygon(self, across: FloatArray, up: FloatArray) -> QPolygonF:
        plot = self.plot_rect()
        if self._axes is None:
            return QPolygonF()
        x_axis, y_axis = self._axes
        x = plot.left() + plot.width() * (across - x_axis.lower) / (x_axis.upper - x_axis.lower)
        y = plot.bottom() - plot.height() * (up - y_axis.lower) / (y_axis.upper - y_axis.lower)
        return QPolygonF([QPointF(*point) for point in np.column_stack((x, y)).tolist()])


def whole_pieces(values: FloatArray) -> list[slice]:
    """Stretches without NaN."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    borders = np.flatnonzero(known[1:] != known[:-1])
    return [slice(int(a), int(b)) for a, b in borders.reshape(-1, 2)]


def _axis_title(axis: Axis) -> str:
    return f"{axis.label} [{pretty_unit(axis.unit)}]" if axis.unit else axis.label
