"""The bull's eye of the left ventricle, linked with the heart: point at one, see it in both."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QSizePolicy, QToolTip, QWidget

from organtwin.arrays import FloatArray
from organtwin.scene.colormaps import color_table
from organtwin.scene.fields import FIELDS, Field
from organtwin.scene.motion import Motion
from organtwin.scene.surface_segments import segment_means, segment_name, surface_segments
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.bullseye import SECTORS, segment_under
from organtwin.ui.widgets.wording import ABSENT, number

FRAMES = 40
"""Phases of a beat at which the segments are read."""
NOW, PEAK, ARRIVAL = "now", "peak", "activation"
QUANTITIES = ((NOW, "Strain now"), (PEAK, "Peak strain"), (ARRIVAL, "Activation"))
_LEGEND_HEIGHT = 26
_CHOICE_HEIGHT = 24


@dataclass(frozen=True, eq=False)
class Readings:
    """Segment means: ``strain`` ``(FRAMES, 18)``, ``activation`` ``(18,)`` [s]; 0 is unused."""

    strain: FloatArray
    activation: FloatArray
    source: str
    """Where the segments come from."""

    def of(self, quantity: str, phase: float) -> FloatArray:
        """``(18,)`` values of a quantity."""
        if quantity == ARRIVAL:
            return self.activation
        if quantity == PEAK:
            return np.asarray(self.strain.min(axis=0))
        place = phase % 1.0 * FRAMES
        first, share = int(place) % FRAMES, place % 1.0
        following = self.strain[(first + 1) % FRAMES]
        return np.asarray((1.0 - share) * self.strain[first] + share * following)


def readings(motion: Motion) -> Readings | None:
    """Read a motion once; None where its heart has no segments."""
    found = surface_segments(motion.anatomy)
    if found is None:
        return None
    values = np.empty(len(motion.anatomy.surface.points), dtype=np.float32)
    rows = []
    for frame in range(FRAMES):
        motion.surface_field("strain", frame / FRAMES, values)
        rows.append(segment_means(values, found.segments))
    motion.surface_field("activation", 0.0, values)
    return Readings(np.array(rows), segment_means(values, found.segments), found.source)


class BullseyeView(QWidget):
    """Reads the shown heart when it is first painted, so a hidden page costs nothing."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._read: object = None
        self._readings: Readings | None = None
        self.setAccessibleName("Bull's eye of the left ventricle")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.quantity = QComboBox(self)
        self.quantity.setAccessibleName("Quantity of the bull's eye")
        for name, label in QUANTITIES:
            self.quantity.addItem(label, name)
        self.quantity.currentIndexChanged.connect(self._follow_field)
        session.twin_changed.connect(self._repaint)
        session.prediction_changed.connect(self._repaint)
        session.electrics_changed.connect(self._read_again)
        session.playhead.moved.connect(self._show_phase)
        chosen = session.selection.events
        for signal in (chosen.segment, chosen.pointed, chosen.theme):
            signal.connect(self._repaint)
        chosen.field.connect(self._show_field)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 150)

    @property
    def field(self) -> Field:
        """Table, limits and unit of the quantity."""
        return FIELDS["activation" if self.quantity.currentData() == ARRIVAL else "strain"]

    def values(self) -> FloatArray | None:
        """``(18,)`` what is shown, in SI; None where there is nothing to show."""
        motion = self._session.shown.motion if self._session.shown else None
        if motion is not self._read:
            self._read = motion
            self._readings = readings(motion) if isinstance(motion, Motion) else None
        if self._readings is None:
            return None
        return self._readings.of(self.quantity.currentData(), self._session.playhead.phase)

    def resizeEvent(self, _event: QEvent) -> None:
        self.quantity.adjustSize()
        self.quantity.move(self.width() - self.quantity.width(), 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        values = self.values()
        if values is None:
            self._paint_sentence(painter)
        else:
            self._paint_target(painter, values)
            self._paint_legend(painter)
            self._paint_source(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        segment = self._under(event.position())
        self._session.selection.point_at(segment)
        values = self.values()
        if segment and values is not None:
            text = f"{segment}  {segment_name(segment)}: {self._written(values[segment])}"
            QToolTip.showText(event.globalPosition().toPoint(), text, self)
        else:
            QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._session.selection.choose_segment(self._under(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        self._session.selection.point_at(0)

    @Slot()
    def _read_again(self) -> None:
        self._read = None
        self.update()

    @Slot()
    def _repaint(self) -> None:
        self.update()

    @Slot()
    def _show_phase(self) -> None:
        if self.isVisible() and self.quantity.currentData() == NOW:
            self.update()

    @Slot(str)
    def _show_field(self, name: str) -> None:
        """Follow the colours of the heart."""
        shows_strain = self.quantity.currentData() != ARRIVAL
        if name in FIELDS and shows_strain != (name == "strain"):
            with QSignalBlocker(self.quantity):
                self.quantity.setCurrentIndex(
                    self.quantity.findData(NOW if name == "strain" else ARRIVAL)
                )
            self.update()

    @Slot()
    def _follow_field(self) -> None:
        """Colour the heart, unless it shows its anatomy, by what the bull's eye shows."""
        chosen = self._session.selection
        if chosen.field in FIELDS:
            chosen.field = self.field.name
        self.update()

    def _geometry(self) -> tuple[QPointF, float]:
        room = QRectF(self.rect()).adjusted(4, _CHOICE_HEIGHT, -4, -_LEGEND_HEIGHT)
        return room.center(), max(0.5 * min(room.width(), room.height()) - 1.0, 10.0)

    def _under(self, position: QPointF) -> int:
        if self._readings is None:
            return 0
        centre, radius = self._geometry()
        away = (position - centre) / radius
        return segment_under(away.x(), -away.y())

    def _written(self, value: float) -> str:
        if not np.isfinite(value):
            return ABSENT
        return f"{number(value * self.field.per_unit, 0)} {self.field.unit}"

    def _color(self, value: float) -> QColor:
        if not np.isfinite(value):
            return QColor(theme(self._session.selection.theme).border)
        field = self.field
        share = (value - field.low) / (field.high - field.low)
        row = color_table(field.table)[round(255 * min(max(share, 0.0), 1.0))]
        return QColor(*(int(channel) for channel in row))

    def _paint_target(self, painter: QPainter, values: FloatArray) -> None:
        centre, radius = self._geometry()
        colors, chosen = theme(self._session.selection.theme), self._session.selection
        font = painter.font()
        font.setPixelSize(11 if radius > 70 else 9)
        painter.setFont(font)
        for sector in SECTORS:
            fill = self._color(values[sector.segment])
            painter.setPen(QPen(QColor(colors.panel), 1.5))
            painter.setBrush(fill)
            painter.drawPath(sector.path(centre, radius))
            painter.setPen(QColor("#16181b" if fill.lightnessF() > 0.45 else "#f4f6f8"))
            middle = sector.middle(centre, radius)
            box = QRectF(middle.x() - 24, middle.y() - 8, 48, 16)
            text = self._written(values[sector.segment]).split(" ")[0]
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for sector in SECTORS:
            if sector.segment in (chosen.segment, chosen.pointed):
                painter.setPen(QPen(QColor(colors.accent), 2.5))
                painter.drawPath(sector.path(centre, radius))
        self._paint_walls(painter, centre, radius)

    def _paint_walls(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        painter.setPen(QColor(theme(self._session.selection.theme).muted))
        if centre.x() - radius < 44:
            return
        for text, x, align in (
            ("septal", centre.x() - radius - 46, Qt.AlignmentFlag.AlignRight),
            ("lateral", centre.x() + radius + 4, Qt.AlignmentFlag.AlignLeft),
        ):
            box = QRectF(x, centre.y() - 8, 42, 16)
            painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_legend(self, painter: QPainter) -> None:
        field, colors = self.field, theme(self._session.selection.theme)
        bar = QRectF(0.2 * self.width(), self.height() - 20, 0.6 * self.width(), 6)
        ramp = QLinearGradient(bar.topLeft(), bar.topRight())
        for share in np.linspace(0.0, 1.0, 17):
            ramp.setColorAt(share, self._color(field.low + share * (field.high - field.low)))
        painter.fillRect(bar, ramp)
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        painter.setPen(QColor(colors.muted))
        for tick in (field.ticks[0], field.ticks[2], field.ticks[4]):
            share = (tick / field.per_unit - field.low) / (field.high - field.low)
            box = QRectF(bar.left() + share * bar.width() - 20, bar.bottom() + 1, 40, 12)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), number(tick, 0))
        unit = QRectF(bar.right() + 14, bar.top() - 4, 40, 14)
        painter.drawText(unit, int(Qt.AlignmentFlag.AlignLeft), field.unit)

    def _paint_source(self, painter: QPainter) -> None:
        if self._readings is None:
            return
        painter.setPen(QColor(theme(self._session.selection.theme).muted))
        room = QRectF(2, 0, self.quantity.x() - 8, _CHOICE_HEIGHT)
        metrics = painter.fontMetrics()
        text = metrics.elidedText(
            f"segments: {self._readings.source}", Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_sentence(self, painter: QPainter) -> None:
        shown = self._session.shown is not None
        text = (
            "This heart has no left-ventricular segments to show."
            if shown
            else "The bull's eye appears with the twin."
        )
        painter.setPen(QColor(theme(self._session.selection.theme).muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(12, 0, -12, 0), int(flags), text)
