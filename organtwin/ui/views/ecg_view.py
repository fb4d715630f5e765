"""The recorded ECG on grid paper: 25 mm/s and 10 mm/mV, with a calibration pulse.

All twelve leads are laid out as on a printed sheet (four columns of 2.5 s) and reduced to fit;
a single lead is drawn at full scale and turns its page with the cursor.
"""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.arrays import FloatArray
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.waveform import Waveform
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme

SHEET = (
    ("I", "aVR", "V1", "V4"),
    ("II", "aVL", "V2", "V5"),
    ("III", "aVF", "V3", "V6"),
)
PAPER_SPEED = 25.0
"""[mm/s]"""
GAIN = 10_000.0
"""[mm/V], i.e. 10 mm/mV."""
SHEET_DURATION = 10.0
"""Four columns of 2.5 s."""
_PULSE = 5.0
"""Width of the calibration pulse [mm], 0.2 s."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A piece of one lead: its box on screen [pixels] and the time at the box's left edge [s]."""

    lead: str
    box: QRectF
    start: float
    duration: float


class EcgView(QWidget):
    """Paints the paper and the leads once a page; a frame of playback only moves the cursor."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Measured ECG")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._session = session
        self._theme: Theme = theme(session.selection.theme)
        self._picture: QPixmap | None = None
        self._page = 0
        self._strips: tuple[Strip, ...] = ()
        self._time: float | None = None
        session.record_changed.connect(self._repaint_all)
        session.twin_changed.connect(self._show_phase)
        session.playhead.moved.connect(self._show_phase)
        session.selection.events.lead.connect(self._repaint_all)
        session.selection.events.theme.connect(self._show_theme)

    def leads(self) -> dict[str, Waveform]:
        """Give the ECG leads of the open record, in the order of the paper record."""
        record = self._session.record
        recorded = record.waveforms if record is not None else {}
        return {
            lead: recorded[lead] for lead in (*ECG_LEADS, *FURTHER_ECG_LEADS) if lead in recorded
        }

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 100)

    @property
    def cursor_time(self) -> float | None:
        """Where the cursor stands in the recording [s]; ``None`` without an ECG."""
        return self._time

    @Slot()
    def _repaint_all(self) -> None:
        self._picture, self._page, self._time = None, 0, None
        self._show_phase()
        self.update()

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        self._theme = theme(name)
        self._picture = None
        self.update()

    @Slot()
    def _show_phase(self) -> None:
        clock, playhead = self._session.ecg_clock, self._session.playhead
        if clock is None or not self.leads():
            self._time = None
            return
        before = self._cursor_lines()
        self._time = clock.time(playhead.beat, playhead.phase)
        page = int(self._time // self._page_duration())
        if page != self._page:
            self._page, self._picture = page, None
            self.update()
            return
        for line in (*before, *self._cursor_lines()):
            self.update(QRect(int(line.x1()) - 2, int(line.y1()), 5, int(line.dy()) + 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._painted()
        painter = QPainter(self)
        ratio, area = self._picture.devicePixelRatio(), event.rect()
        source = QRectF(
            area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio
        )
        painter.drawPixmap(QRectF(area), self._picture, source)
        painter.setPen(QPen(QColor(self._theme.accent), 1.5))
        painter.drawLines(self._cursor_lines())
        painter.end()

    def _cursor_lines(self) -> list[QLineF]:
        if self._time is None:
            return []
        lines = []
        for strip in self._strips:
            along = (self._time - strip.start) / strip.duration
            if 0.0 <= along < 1.0:
                x = strip.box.left() + along * strip.box.width()
                lines.append(QLineF(x, strip.box.top(), x, strip.box.bottom()))
        return lines

    def _full_scale(self) -> float:
        """Pixels per millimetre as the screen reports them."""
        return self.logicalDpiX() / 25.4

    def _whole_sheet(self) -> bool:
        return not self._session.selection.lead or self._session.selection.lead not in self.leads()

    def _scale(self) -> float:
        """Pixels per millimetre of paper."""
        if not self._whole_sheet():
            return self._full_scale()
        sheet = SHEET_DURATION * PAPER_SPEED + 2 * _PULSE
        return min(self._full_scale(), self.width() / sheet)

    def _page_duration(self) -> float:
        if self._whole_sheet():
            return SHEET_DURATION
        return max((self.width() / self._scale() - 2 * _PULSE) / PAPER_SPEED, 0.5)

    def _laid_out(self) -> tuple[Strip, ...]:
        leads, scale = self.leads(), self._scale()
        left = 2 * _PULSE * scale
        width = self._page_duration() * PAPER_SPEED * scale
        start = self._page * self._page_duration()
        top, height = 14.0, self.height() - 28.0
        if not self._whole_sheet():
            box = QRectF(left, top, width, height)
            return (Strip(self._session.selection.lead, box, start, self._page_duration()),)
        rows = SHEET if set(leads) >= set(ECG_LEADS) else tuple((lead,) for lead in leads)
        strips = []
        for row, names in enumerate(rows):
            part = self._page_duration() / len(names)
            for column, lead in enumerate(names):
                box = QRectF(
                    left + column * width / len(names),
                    top + row * height / len(rows),
                    width / len(names),
                    height / len(rows),
                )
                strips.append(Strip(lead, box, start + column * part, part))
        return tuple(strips)

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self._theme.paper))
        painter = QPainter(picture)
        leads = self.leads()
        self._strips = self._laid_out() if leads else ()
        if leads:
            self._paint_grid(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for strip in self._strips:
                self._paint_strip(painter, strip, leads[strip.lead])
            self._paint_caption(painter)
        else:
            painter.setPen(QColor(self._theme.muted))
            without = "This record has no ECG." if self._session.record else ""
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, without)
        painter.end()
        return picture

    def _paint_grid(self, painter: QPainter) -> None:
        scale = self._scale()
        # Below about 3 pixels the fine grid turns into a grey veil.
        spacings = [(5.0, self._theme.paper_major)]
        if scale >= 3.0:
            spacings.insert(0, (1.0, self._theme.paper_minor))
        for spacing, color in spacings:
            painter.setPen(QPen(QColor(color), 1))
            step = spacing * scale
            lines = [
                QLineF(round(x) + 0.5, 0, round(x) + 0.5, self.height())
                for x in np.arange(0, self.width(), step).tolist()
            ]
            lines += [
                QLineF(0, round(y) + 0.5, self.width(), round(y) + 0.5)
                for y in np.arange(0, self.height(), step).tolist()
            ]
            painter.drawLines(lines)

    def _paint_strip(self, painter: QPainter, strip: Strip, waveform: Waveform) -> None:
        scale, middle = self._scale(), strip.box.center().y()
        painter.setPen(QPen(QColor(self._theme.ink), 1.1))
        for piece in _pieces(waveform, strip, scale, middle):
            painter.drawPolyline(piece)
        name = strip.box.topLeft() + QPointF(3, 10)
        if strip.box.left() <= 2 * _PULSE * scale + 1:
            height = 1e-3 * GAIN * scale
            left, right = _PULSE * 0.5 * scale, _PULSE * 1.5 * scale
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(0, middle), QPointF(left, middle), QPointF(left, middle - height),
                        QPointF(right, middle - height), QPointF(right, middle),
                        QPointF(strip.box.left(), middle),
                    ]
                )
            )  # fmt: skip
        painter.setPen(QColor(self._theme.text))
        painter.drawText(name, strip.lead)

    def _paint_caption(self, painter: QPainter) -> None:
        reduced = self._scale() / self._full_scale()
        note = "" if reduced > 0.999 else f", reduced to {100 * reduced:.0f} %"
        painter.setPen(QColor(self._theme.muted))
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        text = f"measured · 25 mm/s · 10 mm/mV{note}"
        width = painter.fontMetrics().horizontalAdvance(text)
        box = QRectF(self.width() - width - 8, self.height() - 15, width + 8, 15)
        painter.fillRect(box, QColor(self._theme.paper))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _pieces(waveform: Waveform, strip: Strip, scale: float, middle: float) -> list[QPolygonF]:
    """Cut the lead at its gaps; its middle voltage lies on the middle of the strip."""
    first, last = np.searchsorted(waveform.times, (strip.start, strip.start + strip.duration))
    times, values = waveform.times[first : last + 1], waveform.values[first : last + 1]
    present = np.isfinite(values)
    if not present.any():
        return []
    level = float(np.nanmedian(waveform.values))
    x: FloatArray = strip.box.left() + (times - strip.start) * PAPER_SPEED * scale
    y: FloatArray = middle - (values - level) * GAIN * scale
    edges = np.flatnonzero(np.diff(np.concatenate(([0], present.astype(np.int8), [0]))))
    return [
        QPolygonF([QPointF(*point) for point in np.column_stack((x[a:b], y[a:b])).tolist()])
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
