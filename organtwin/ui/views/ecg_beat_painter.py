"""What stands still on the paper of one beat: grid, curves, names, legend and caption."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPen

from organtwin.arrays import FloatArray
from organtwin.twin.ecg_comparison import EcgComparison
from organtwin.ui.theme import Theme
from organtwin.ui.views import ecg_leads as inks
from organtwin.ui.views.ecg_leads import Ink
from organtwin.ui.views.ecg_paper import MV
from organtwin.ui.views.ecg_rhythm import RhythmStrip
from organtwin.ui.views.ecg_sheet import RHYTHM, Cell, Sheet
from organtwin.ui.widgets.wording import number, signed
from organtwin.units import MS

NOTHING_MEASURED = "no ECG was measured"
_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NARROW = 90.0
"""Width of a lead [pixels] below which its name is written small, to leave room for more."""
_SAMPLE = 22.0
"""Length of the line beside each word of the legend [pixels]."""


@dataclass(frozen=True, eq=False, slots=True)
class Drawing:
    """All that is needed to paint one page; ``paper`` is the area of the paper [pixels]."""

    ecg: EcgComparison
    sheet: Sheet
    paper: QRectF
    colors: Theme
    font: QFont
    rhythm: RhythmStrip | None

    def paint(self, painter: QPainter) -> None:
        painter.fillRect(self.paper, QColor(self.colors.paper))
        painter.save()
        painter.setClipRect(self.paper)
        self.sheet.paper.paint_grid(painter, self.paper, self.colors)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter)
        for cell in self.sheet.cells:
            if cell.key == RHYTHM:
                self._paint_rhythm(painter, cell)
            elif not inks.absence(self.ecg, cell.lead):
                self._paint_curves(painter, cell)
        # Names last, so that no curve of a row above runs through them.
        for cell in self.sheet.cells:
            self._paint_name(painter, cell)
        painter.restore()
        painter.setPen(QPen(QColor(self.colors.paper_major), 1))
        painter.drawRect(self.paper.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(self.colors.ink), 1.1))
        below = self.paper.top()
        for level in self.sheet.levels:
            # Rows may stand closer than 1 mV; a mark does not run into the one above.
            if level - MV * self.sheet.paper.pixels_per_volt < below:
                continue
            below = level
            painter.drawPolyline(self.sheet.paper.calibration(self.sheet.left, level))

    def _paint_curves(self, painter: QPainter, cell: Cell) -> None:
        paper, ecg = self.sheet.paper, self.ecg
        own, planned = inks.band(ecg, cell.lead), inks.planned_band(ecg, cell.lead)
        if own is not None:
            self._paint_band(painter, cell, ecg.model.times, own, self.colors.model)
        if planned is not None and ecg.planned is not None:
            self._paint_band(painter, cell, ecg.planned.times, planned, self.colors.plan)
        for ink, signals in inks.curves(ecg):
            volts = inks.volts(signals, cell.lead)
            if volts is not None:
                painter.setPen(ink.pen(self.colors))
                painter.drawPolyline(paper.line(cell.origin, signals.times, volts))

    def _paint_band(
        self, painter: QPainter, cell: Cell, times: FloatArray, band: FloatArray, name: str
    ) -> None:
        color = QColor(name)
        color.setAlphaF(0.26)
        there_and_back = np.concatenate((times, times[::-1]))
        around = np.concatenate((band[0], band[1][::-1]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(self.sheet.paper.line(cell.origin, there_and_back, around))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_rhythm(self, painter: QPainter, cell: Cell) -> None:
        if self.rhythm is not None:
            painter.setPen(self.rhythm.ink.pen(self.colors))
            line = self.sheet.paper.line(cell.origin, self.rhythm.times, self.rhythm.volts)
            painter.save()
            painter.setClipRect(
                cell.box.adjusted(0, -cell.box.height(), 0, 0), Qt.ClipOperation.IntersectClip
            )
            painter.drawPolyline(line)
            painter.restore()

    def _paint_name(self, painter: QPainter, cell: Cell) -> None:
        small = _small(self.font)
        bold = _bold(small if cell.box.width() < _NARROW else self.font)
        note, color = self._note(cell)
        if cell.key == RHYTHM and not note:
            return
        bold.setStrikeOut(cell.key in self.ecg.excluded)
        place = cell.box.topLeft() + QPointF(1.0, QFontMetricsF(bold).ascent() + 2.0)
        end = self._paint_word(painter, place, cell.lead, bold, self.colors.text) + 4
        room = max(cell.box.right() - end - 2, 0.0)
        empty = cell.key != RHYTHM and bool(inks.absence(self.ecg, cell.lead))
        if empty and QFontMetricsF(small).horizontalAdvance(note) > room:
            below = cell.box.adjusted(1.0, QFontMetricsF(bold).height() + 2.0, -2.0, 0.0)
            painter.setFont(small)
            painter.setPen(QColor(color))
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap), note)
            return
        note = QFontMetricsF(small).elidedText(note, Qt.TextElideMode.ElideRight, room)
        if note:
            self._paint_word(painter, QPointF(end, place.y()), note, small, color)

    def _note(self, cell: Cell) -> tuple[str, str]:
        """What stands beside the name of a lead, and its colour."""
        if cell.key == RHYTHM:
            return self.rhythm.label if self.rhythm is not None else "", self.colors.muted
        if why := inks.absence(self.ecg, cell.lead):
            excluded = cell.lead in self.ecg.excluded
            return why, self.colors.watch if excluded else self.colors.muted
        correlation = self.ecg.correlations.get(cell.lead)
        text = "" if correlation is None else f"r {number(correlation, 2)}"
        return text, self.colors.muted

    def _paint_word(
        self, painter: QPainter, place: QPointF, text: str, font: QFont, color: str
    ) -> float:
        """Write on a patch of plain paper; gives the right end of the text."""
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(text)
        ground = QColor(self.colors.paper)
        ground.setAlphaF(0.82)
        painter.fillRect(
            QRectF(place.x() - 1, place.y() - metrics.ascent(), width + 2, metrics.height()), ground
        )
        painter.setFont(font)
        painter.setPen(QColor(color))
        painter.drawText(place, text)
        return place.x() + width


def paint_legend(painter: QPainter, area: QRectF, ecg: EcgComparison, colors: Theme) -> None:
    """Name each kind of curve with a sample of its line, from the left; what has no room, drops."""
    font = _small(painter.font())
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics = QFontMetricsF(font)
    x, y = area.left() + 2, area.center().y()
    words = legend(ecg)
    length = sum(_SAMPLE + 19 + metrics.horizontalAdvance(text) for _, (text, _) in words)
    if ecg.measured is None:
        length += metrics.horizontalAdvance(NOTHING_MEASURED)
    short = int(length > area.width())
    for ink, text in words:
        if ink is None:
            color = QColor(colors.model)
            color.setAlphaF(0.32)
            painter.fillRect(QRectF(x, y - 4, _SAMPLE, 8), color)
        else:
            painter.setPen(ink.pen(colors))
            painter.drawLine(QLineF(x, y, x + _SAMPLE, y))
        painter.setPen(QColor(colors.text))
        place = QPointF(x + _SAMPLE + 5, y + (metrics.ascent() - metrics.descent()) / 2)
        painter.drawText(place, text[short])
        x += _SAMPLE + 5 + metrics.horizontalAdvance(text[short]) + 14
    if ecg.measured is None:
        painter.setPen(QColor(colors.muted))
        painter.drawText(area.adjusted(x, 0, 0, 0), _MIDDLE, NOTHING_MEASURED)


def legend(ecg: EcgComparison) -> list[tuple[Ink | None, tuple[str, str]]]:
    """Words of the legend, in full and in short; the ink is ``None`` for the band."""
    factor = "" if ecg.amplitude == 1.0 else f" × {number(ecg.amplitude, 2)}"
    if abs(ecg.shift) >= MS:
        factor += f", {signed(ecg.shift / MS, 0)} ms"
    measured, simulated, predicted = inks.MEASURED, inks.SIMULATED, inks.PREDICTED
    words: list[tuple[Ink | None, tuple[str, str]]] = []
    if ecg.measured is not None:
        words.append((measured, (measured.label, measured.label)))
    words.append((simulated, (simulated.label + factor, simulated.label + factor)))
    if ecg.planned is not None:
        words.append((predicted, (predicted.label, predicted.label.split()[0])))
    if ecg.bands is not None:
        words.append((None, ("90 % of the fitted hearts", "90 %")))
    return words


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(max(QFontInfo(font).pixelSize() - 1, 9))
    return small


def paint_doubt(painter: QPainter, paper: QRectF, told: str, colors: Theme) -> None:
    """Hatch the paper and say along its lower edge why the plan's curves are not to be believed."""
    color = QColor(colors.bad)
    color.setAlphaF(0.22)
    painter.fillRect(paper, QBrush(color, Qt.BrushStyle.BDiagPattern))
    metrics = painter.fontMetrics()
    line = QRectF(paper.left(), paper.bottom() - metrics.height() - 4, paper.width(), 0.0)
    line.setHeight(metrics.height() + 4)
    painter.fillRect(line, QColor(colors.panel))
    painter.setPen(QColor(colors.bad))
    text = metrics.elidedText(f"plan {told}", Qt.TextElideMode.ElideRight, int(line.width()) - 8)
    painter.drawText(line.adjusted(4, 0, -4, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
