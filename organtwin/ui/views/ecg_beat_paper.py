"""The paper of one beat in all leads, and the cursor on it."""

from PySide6.QtCore import QEvent, QLineF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.session.electric_doubt import electric_doubt
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme
from organtwin.ui.views import ecg_leads
from organtwin.ui.views.ecg_beat_painter import Drawing, paint_doubt, paint_legend
from organtwin.ui.views.ecg_paper import Resolution, resolution, size_note
from organtwin.ui.views.ecg_rhythm import page_and_time, reach, rhythm
from organtwin.ui.views.ecg_sheet import RHYTHM, Cell, Room, Sheet, Wish, sheet, single

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_SPACE = 12
"""Between two phrases of the caption [pixels]."""


class EcgBeatPaper(QWidget):
    """A frame of playback only moves the cursor; all else is painted once into a picture."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("ECG of one beat, measured and simulated")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._session = session
        self._theme: Theme = theme(session.selection.theme)
        self._picture: QPixmap | None = None
        self._sheet: Sheet | None = None
        self._page = 0
        self._told = ""
        self._cursor: list[QLineF] = []
        """As it was last painted."""
        for signal in (
            session.ecg_changed,
            session.record_changed,
            session.twin_changed,
            session.prediction_changed,
            session.electrics_changed,
        ):
            signal.connect(self._lay_out)
        session.jobs.changed.connect(self._wait)
        session.playhead.moved.connect(self._show_phase)
        chosen = session.selection.events
        for choice in (
            chosen.lead,
            chosen.ecg_speed_mm_s,
            chosen.ecg_gain_mm_mv,
            chosen.ecg_layout,
            chosen.ecg_fills,
        ):
            choice.connect(self._lay_out)
        chosen.theme.connect(self._show_theme)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 100)

    @property
    def sheet(self) -> Sheet | None:
        """Where each lead lies; ``None`` without an ECG."""
        ecg = self._session.ecg
        if ecg is not None and self._sheet is None:
            chosen, true = self._session.selection, self._resolution()
            room = Room(self.paper_rect(), *ecg_leads.stretch(ecg))
            wish = Wish(
                chosen.ecg_layout, chosen.ecg_speed_mm_s, chosen.ecg_gain_mm_mv,
                true.pixels_per_mm, chosen.ecg_fills,
            )  # fmt: skip
            extents = dict(ecg_leads.extents(ecg))
            if (strip := reach(self._session)) is not None:
                extents[RHYTHM] = strip
            alone = chosen.lead in extents
            laid = single(chosen.lead, room, wish, extents) if alone else None
            self._sheet = laid or sheet(room, wish, extents)
        return self._sheet

    @property
    def readout(self) -> str:
        """What is read off the paper, for the right end of the caption."""
        return ""

    def paper_rect(self) -> QRectF:
        """Between legend and caption [pixels]."""
        line = self._line_height()
        return QRectF(0, line, self.width(), max(self.height() - 2 * line, 1))

    def cursor_lines(self) -> list[QLineF]:
        """One line in each lead that is drawn, where the playhead stands."""
        laid, ecg, shown = self.sheet, self._session.ecg, self._session.shown
        if laid is None or ecg is None or shown is None:
            return []
        start, end = ecg_leads.stretch(ecg)
        beat, playhead = shown.beat, self._session.playhead
        time = playhead.phase * beat.duration - beat.av_delay
        time = start + (time - start) % beat.duration
        lines = []
        for cell in laid.cells:
            at: float | None = time if time <= end else None
            if cell.key == RHYTHM:
                _, at = page_and_time(self._session, self._strip_duration(laid, cell))
            elif ecg_leads.absence(ecg, cell.lead):
                continue
            if at is not None:
                x = round(cell.origin.x() + at * laid.paper.pixels_per_second) + 0.5
                lines.append(QLineF(x, cell.box.top(), x, cell.box.bottom()))
        return lines

    @Slot()
    def _wait(self) -> None:
        """Say anew why there is no ECG, where that has changed."""
        if self._session.ecg is None and self.empty_text() != self._told:
            self._lay_out()

    @Slot()
    def _lay_out(self) -> None:
        self._picture = self._sheet = None
        self.update()

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        self._theme = theme(name)
        self._lay_out()

    @Slot()
    def _show_phase(self) -> None:
        if self._picture is None or (laid := self.sheet) is None:
            return
        strip = laid.cell(RHYTHM)
        if strip is not None:
            page, _ = page_and_time(self._session, self._strip_duration(laid, strip))
            if page != self._page:
                self._turn_page(page)
                return
        for line in (*self._cursor, *self.cursor_lines()):
            self.update(QRect(int(line.x1()) - 2, int(line.y1()), 5, int(line.dy()) + 2))

    def _turn_page(self, page: int) -> None:
        self._page, self._picture = page, None
        self.update()

    def _paint_over(self, painter: QPainter) -> None:
        """Paint what lies on the paper and moves by hand."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ScreenChangeInternal):
            self._lay_out()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._painted()
        painter = QPainter(self)
        ratio, area = self._picture.devicePixelRatio(), event.rect()
        source = QRectF(
            area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio
        )
        painter.drawPixmap(QRectF(area), self._picture, source)
        self._cursor = self.cursor_lines()
        painter.setPen(QPen(QColor(self._theme.accent), 1.0))
        painter.drawLines(self._cursor)
        self._paint_over(painter)
        if area.intersects(self._caption_rect()):
            self._paint_caption(painter)
        painter.end()

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self._theme.panel))
        painter = QPainter(picture)
        painter.setFont(self.font())
        ecg, laid = self._session.ecg, self.sheet
        if ecg is None or laid is None:
            painter.setPen(QColor(self._theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            self._told = self.empty_text()
            painter.drawText(self.rect().adjusted(12, 0, -12, 0), int(flags), self._told)
        else:
            strip = laid.cell(RHYTHM)
            lasting = self._strip_duration(laid, strip) if strip is not None else 0.0
            line = rhythm(self._session, self._page, lasting) if strip is not None else None
            Drawing(ecg, laid, self.paper_rect(), self._theme, self.font(), line).paint(painter)
            painter.setFont(self.font())
            legend = QRectF(0, 0, self.width(), self._line_height())
            paint_legend(painter, legend, ecg, self._theme)
            if (doubt := electric_doubt(self._session)) is not None:
                paint_doubt(painter, self.paper_rect(), str(doubt), self._theme)
        painter.end()
        return picture

    def empty_text(self) -> str:
        """Say why there is no ECG."""
        session = self._session
        if session.record is None:
            return "No ECG yet: open a case."
        if session.fitting:
            return "No ECG yet: it is computed once the heart is fitted and its doubt known."
        if session.electrics.computing:
            return "No ECG yet: activation and ECG of the fitted heart are being computed."
        return "No ECG yet: none has been computed for this heart."

    def _caption_rect(self) -> QRect:
        line = self._line_height()
        return QRect(0, self.height() - line, self.width(), line)

    def _paint_caption(self, painter: QPainter) -> None:
        """Scale on the left; on the right what is read off, for which the rest makes room."""
        laid = self.sheet
        if laid is None:
            return
        area = QRectF(self._caption_rect()).adjusted(2, 0, -2, 0)
        painter.setFont(self.font())
        metrics = QFontMetrics(self.font())
        words = [(laid.paper.caption(), self._theme.text)]
        note = size_note(laid.paper, self._resolution())
        taken = metrics.horizontalAdvance(words[0][0]) + _SPACE
        end = metrics.horizontalAdvance(self.readout) + _SPACE if self.readout else 0
        if taken + metrics.horizontalAdvance(note) + end <= area.width():
            words.append((note, self._theme.muted))
        x = area.left()
        for text, color in words if taken + end <= area.width() else []:
            painter.setPen(QColor(color))
            painter.drawText(area.adjusted(x - area.left(), 0, 0, 0), _LEFT, text)
            x += metrics.horizontalAdvance(text) + _SPACE
        painter.setPen(QColor(self._theme.text))
        right = metrics.elidedText(self.readout, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, _RIGHT, right)

    def _line_height(self) -> int:
        return QFontMetrics(self.font()).height() + 4

    def _resolution(self) -> Resolution:
        return resolution(self.screen(), self.logicalDpiX())

    def _strip_duration(self, laid: Sheet, strip: Cell) -> float:
        """How long a stretch of the recording has room on the strip [s]."""
        return (strip.box.right() - strip.origin.x()) / laid.paper.pixels_per_second
