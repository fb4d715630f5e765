"""The heart with what is marked on it: a probe under the cursor, landmarks and measurements.

Lines and texts are painted over the finished picture, in step with the beat. A click is a press
and a release in one place; anything longer turns the heart, with a tool in hand too.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.arrays import FloatArray
from organtwin.scene.picture import pixel_places
from organtwin.scene.probing import Finding
from organtwin.scene.surface_segments import segment_name
from organtwin.session.measuring import PROBE
from organtwin.ui.views.heart_view import HeartView
from organtwin.ui.widgets.marking_text import place_text, region_text, value_text
from organtwin.ui.widgets.wording import number

CLICK_REACH = 4
"""Pixels between press and release that still make a click."""
_MARK, _HALO, _INK = QColor(255, 232, 120), QColor(16, 18, 22, 200), QColor(240, 243, 246)
_DOT = 4.0


class MarkedHeartView(HeartView):
    """Tells of clicks and of what lies under the cursor; keeps no markings of its own."""

    point_set = Signal(object)
    """An ``Anchor``, where the user clicked with a tool."""
    outline_closed = Signal()
    segment_pointed = Signal(int)
    segment_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = ""
        self._markings: Sequence[Marking] = ()
        self._pending: Sequence[Anchor] = ()
        self._finding: Finding | None = None
        self._pressed = QPointF()
        self.setMouseTracking(True)

    def set_tool(self, tool: str) -> None:
        """What a click does: ``probe``, a kind of marking, or nothing."""
        self._tool = tool
        self._finding = None
        self.setCursor(Qt.CursorShape.CrossCursor if tool else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_markings(self, markings: Sequence[Marking], pending: Sequence[Anchor]) -> None:
        """What is marked, and the points of what is being marked."""
        self._markings, self._pending = markings, pending
        self.update()

    def set_segment(self, segment: int) -> None:
        """Outline a segment of the heart; 0 for none."""
        if self._picture is not None:
            self._picture.scene.set_segment(segment)
            self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._picture is None or self._camera is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for marking in self._markings:
            self._paint_marking(painter, marking)
        if self._pending:
            self._paint_lines(painter, self._seen(self._pending)[1], closed=False)
        if self._tool and self._finding is not None:
            self._paint_finding(painter, self._finding)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons():
            return
        self._finding = self._under(event.position())
        self.segment_pointed.emit(int(self._finding.segment) if self._finding else 0)
        if self._tool:
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        moved = event.position() - self._pressed
        if event.button() != Qt.MouseButton.LeftButton or moved.manhattanLength() > CLICK_REACH:
            return
        found = self._under(event.position())
        if self._tool not in ("", PROBE):
            if found is not None:
                self.point_set.emit(found.anchor)
        else:
            self.segment_chosen.emit(int(found.segment) if found else 0)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._tool:
            self.outline_closed.emit()
        else:
            super().mouseDoubleClickEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:
        self._finding = None
        self.segment_pointed.emit(0)
        self.update()

    def _under(self, position: QPointF) -> Finding | None:
        if self._picture is None:
            return None
        x, y = position.x() / max(self.width(), 1), position.y() / max(self.height(), 1)
        return self._picture.scene.probe(x, y, closely=bool(self._tool))

    def _seen(self, anchors: Sequence[Anchor]) -> tuple[FloatArray, FloatArray]:
        """Places of anchors in the heart [m] and in the widget [pixels]."""
        if self._picture is None or self._camera is None:
            return np.empty((0, 3)), np.empty((0, 2))
        places = self._picture.scene.places(anchors)
        shares = pixel_places(self._camera, self._picture.aspect, places)
        return places, shares * [self.width(), self.height()]

    def _paint_marking(self, painter: QPainter, marking: Marking) -> None:
        places, pixels = self._seen(marking.anchors)
        if not np.isfinite(pixels).all():
            return
        self._paint_lines(painter, pixels, closed=marking.kind is Kind.AREA)
        text = marking.name
        if marking.kind is not Kind.LANDMARK:
            text += "  " + value_text(marking.kind, marking.value(places))
        middle = pixels[1] if marking.kind is Kind.ANGLE else pixels.mean(axis=0)
        _paint_text(painter, QPointF(middle[0] + 9, middle[1] - 9), text)

    def _paint_lines(self, painter: QPainter, pixels: FloatArray, *, closed: bool) -> None:
        if not np.isfinite(pixels).all():
            return
        points = [QPointF(x, y) for x, y in pixels.tolist()]
        line = QPolygonF(points)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((_HALO, 4.0), (_MARK, 1.6)):
            painter.setPen(QPen(color, width))
            (painter.drawPolygon if closed else painter.drawPolyline)(line)
        painter.setPen(QPen(_HALO, 1.5))
        painter.setBrush(_MARK)
        for point in points:
            painter.drawEllipse(point, _DOT, _DOT)

    def _paint_finding(self, painter: QPainter, found: Finding) -> None:
        parts = [segment_name(int(found.segment)) or region_text(found.region)]
        parts.append("cut face" if found.on_cut else "")
        if found.thickness is not None:
            parts.append(f"wall {number(1e3 * found.thickness, 1)} mm")
        if found.field is not None and found.value is not None:
            value = number(found.value * found.field.per_unit, 1)
            parts.append(f"{found.field.label.lower()} {value} {found.field.unit}")
        parts.append(place_text(found.place))
        text = "  ·  ".join(part for part in parts if part)
        width = painter.fontMetrics().horizontalAdvance(text)
        _paint_text(painter, QPointF(0.5 * (self.width() - width), 18.0), text)


def _paint_text(painter: QPainter, position: QPointF, text: str) -> None:
    metrics = painter.fontMetrics()
    box = QRectF(
        position.x() - 4, position.y() - metrics.ascent() - 2,
        metrics.horizontalAdvance(text) + 8, metrics.height() + 4,
    )  # fmt: skip
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_HALO)
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(_INK)
    painter.drawText(position, text)
