"""Strips over one time axis, bars of the therapies under them, and a playhead through all.

Dragging in the strips moves the playhead; dragging the end of a bar moves start or stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.arrays import FloatArray
from organtwin.therapy.times import Times
from organtwin.ui.theme import DARK, Theme
from organtwin.ui.views.axis import Axis

LEFT, RIGHT, BAR, AXIS_HEIGHT = 32, 8, 12, 14
GRIP = 6
"""Pixels around the end of a bar in which it is caught."""
KEY_STEP = 1 / 50
"""Of the duration, per arrow key."""


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """``values`` ``(n,)`` at ``times`` ``(n,)`` [s]; ``band`` ``(2, m)`` at ``band_times``."""

    label: str
    color: str
    times: FloatArray
    values: FloatArray
    band_times: FloatArray
    band: FloatArray | None = None


@dataclass(frozen=True, eq=False, slots=True)
class StripPlot:
    unit: str
    decimals: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    label: str
    times: Times


class CoursePlot(QWidget):
    """``looked`` carries a time [s]; ``timed`` the name of a therapy and its new ``Times``."""

    looked = Signal(float)
    timed = Signal(str, object)
    settled = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Plan in time")
        self.setToolTip(
            "Drag to see the heart at a moment (arrow keys; Esc: back to the steady plan).\n"
            "Drag the end of a bar to start or stop a therapy at another time."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme: Theme = DARK
        self._strips: tuple[StripPlot, ...] = ()
        self._bars: tuple[Bar, ...] = ()
        self._duration, self._stale = 3600.0, False
        self._extrapolated: tuple[tuple[float, float], ...] = ()
        self._time: float | None = None
        self._text = ""
        self._caught: tuple[str, str] | None = None

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_course(
        self, strips: Sequence[StripPlot], bars: Sequence[Bar], duration: float, *,
        time: float | None, stale: bool, text: str,
        extrapolated: Sequence[tuple[float, float]] = (),
    ) -> None:  # fmt: skip
        """Show strips, bars and playhead [s]; ``text`` where there are no strips.

        Stretches of time [s] that are ``extrapolated`` are hatched: outside what was checked.
        """
        self._strips, self._bars, self._duration = tuple(strips), tuple(bars), duration
        self._time, self._stale, self._text = time, stale, text
        self._extrapolated = tuple(extrapolated)
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def x_of(self, time: float) -> float:
        return LEFT + (self.width() - LEFT - RIGHT) * time / self._duration

    def time_of(self, x: float) -> float:
        share = (x - LEFT) / (self.width() - LEFT - RIGHT)
        return min(max(share, 0.0), 1.0) * self._duration

    def bars_top(self) -> float:
        return self.height() - AXIS_HEIGHT - BAR * len(self._bars) - 2.0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._strips:
            height = self.bars_top() / len(self._strips)
            for place, strip in enumerate(self._strips):
                box = QRectF(LEFT, place * height, self.width() - LEFT - RIGHT, height)
                self._paint_strip(painter, box, strip)
            self._paint_hatching(painter)
        else:
            painter.setPen(QColor(self._theme.muted))
            box = QRectF(8, 0, self.width() - 16, max(self.bars_top(), 40))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(flags), self._text)
        self._paint_bars(painter)
        self._paint_axis(painter)
        if self._time is not None:
            x = round(self.x_of(self._time)) + 0.5
            painter.setPen(QPen(QColor(self._theme.cursor), 1.4))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height() - AXIS_HEIGHT))
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_hatching(self, painter: QPainter) -> None:
        color = QColor(self._theme.bad)
        color.setAlphaF(0.3)
        for start, stop in self._extrapolated:
            first, last = self.x_of(start), self.x_of(min(stop, self._duration))
            box = QRectF(first, 0, max(last - first, 2.0), self.bars_top())
            painter.fillRect(box, QBrush(color, Qt.BrushStyle.BDiagPattern))

    def _paint_strip(self, painter: QPainter, box: QRectF, strip: StripPlot) -> None:
        plot = box.adjusted(0, 12, 0, -3)
        low, high = _extent(strip)
        painter.setPen(QColor(self._theme.muted))
        for value, y in ((high, plot.top() + 3), (low, plot.bottom() - 4)):
            text = f"{value:.{strip.decimals}f}"
            painter.drawText(QRectF(0, y - 6, LEFT - 4, 12), int(Qt.AlignmentFlag.AlignRight), text)
        painter.setPen(QPen(QColor(self._theme.grid), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())

        def points(times: FloatArray, values: FloatArray) -> list[QPointF]:
            x = LEFT + plot.width() * times / self._duration
            y = plot.bottom() - plot.height() * (values - low) / (high - low)
            return [QPointF(*point) for point in np.column_stack((x, y)).tolist()]

        labels = box.left()
        for line in strip.lines:
            color = QColor(getattr(self._theme, line.color))
            color.setAlphaF(0.45 if self._stale else 1.0)
            if line.band is not None:
                shade = QColor(color)
                shade.setAlphaF(0.22)
                edge = points(line.band_times, line.band[0])
                edge += points(line.band_times, line.band[1])[::-1]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(shade)
                painter.drawPolygon(QPolygonF(edge))
            painter.setPen(QPen(color, 1.5))
            painter.drawPolyline(QPolygonF(points(line.times, line.values)))
            text = self._label(line, strip)
            painter.drawText(QPointF(labels, box.top() + 10), text)
            labels += painter.fontMetrics().horizontalAdvance(text) + 10
        painter.setPen(QColor(self._theme.muted))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        painter.drawText(box, int(flags), strip.unit)

    def _label(self, line: Line, strip: StripPlot) -> str:
        if self._time is None:
            return line.label
        value = float(np.interp(self._time, line.times, line.values))
        return f"{line.label} {value:.{strip.decimals}f}"

    def _paint_bars(self, painter: QPainter) -> None:
        for bar, box in zip(self._bars, self.bar_boxes(), strict=True):
            color = QColor(self._theme.plan)
            color.setAlphaF(0.35)
            painter.setPen(QPen(QColor(self._theme.plan), 1))
            painter.setBrush(color)
            painter.drawRect(box)
            painter.setPen(QColor(self._theme.text))
            metrics = painter.fontMetrics()
            row = QRectF(LEFT + 3, box.top() - 1, self.width() - LEFT - RIGHT - 6, BAR)
            text = metrics.elidedText(bar.label, Qt.TextElideMode.ElideRight, int(row.width()))
            painter.drawText(row, int(Qt.AlignmentFlag.AlignVCenter), text)

    def bar_boxes(self) -> list[QRectF]:
        """Where each therapy is given [pixels]; past the end of the axis it is cut."""
        top, boxes = self.bars_top(), []
        for place, bar in enumerate(self._bars):
            stop = self._duration if bar.times.stop is None else bar.times.stop
            first = self.x_of(min(bar.times.start, self._duration))
            last = self.x_of(min(stop, self._duration))
            boxes.append(QRectF(first, top + place * BAR, max(last - first, 1.0), BAR - 2.0))
        return boxes

    def _paint_axis(self, painter: QPainter) -> None:
        scale, unit = (60.0, "min") if self._duration <= 2 * 3600.0 else (3600.0, "h")
        axis = Axis.covering("", unit, (0.0, self._duration / scale), ticks=5)
        painter.setPen(QColor(self._theme.muted))
        for mark in axis.marks:
            if mark * scale > self._duration * 1.001:
                continue
            x, last = self.x_of(mark * scale), mark * scale >= self._duration * 0.999
            text = f"{axis.text(mark)} {unit}" if last else axis.text(mark)
            width = painter.fontMetrics().horizontalAdvance(text)
            left = min(x - width / 2, self.width() - width - 2)
            painter.drawText(QPointF(left, self.height() - 3), text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._caught = self._edge_at(event.position())
        if self._caught is None:
            self.looked.emit(self.time_of(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton:
            edge = self._edge_at(event.position())
            shape = Qt.CursorShape.SplitHCursor if edge else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
        elif self._caught is None:
            self.looked.emit(self.time_of(event.position().x()))
        else:
            self._drag_edge(*self._caught, self.time_of(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._caught is not None:
            self._caught = None
            self.settled.emit()

    def _edge_at(self, place: QPointF) -> tuple[str, str] | None:
        for bar, box in zip(self._bars, self.bar_boxes(), strict=True):
            if box.top() <= place.y() <= box.bottom():
                if abs(place.x() - box.right()) <= GRIP:
                    return bar.name, "stop"
                if abs(place.x() - box.left()) <= GRIP:
                    return bar.name, "start"
        return None

    def _drag_edge(self, name: str, edge: str, time: float) -> None:
        """To whole 200ths of the axis; a stop at its end is none."""
        grain = self._duration / 200.0
        time = round(time / grain) * grain
        now = next(bar.times for bar in self._bars if bar.name == name)
        stop = self._duration if now.stop is None else now.stop
        if edge == "start":
            times = Times(min(time, stop - grain), now.stop)
        else:
            time = max(time, now.start + grain)
            times = Times(now.start, None if time >= self._duration else time)
        self.timed.emit(name, times)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps:
            step = steps[Qt.Key(event.key())] * KEY_STEP * self._duration
            self.looked.emit(min(max((self._time or 0.0) + step, 0.0), self._duration))
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _extent(strip: StripPlot) -> tuple[float, float]:
    """Lowest and highest value to be shown, apart by what the labels can tell."""
    series = [line.values for line in strip.lines]
    series += [line.band.ravel() for line in strip.lines if line.band is not None]
    known = np.concatenate(series)
    grain = 10.0**-strip.decimals
    low = np.floor(float(known.min()) / grain) * grain
    high = np.ceil(float(known.max()) / grain) * grain
    return (low, high) if high - low >= 2 * grain else (low - grain, high + grain)
