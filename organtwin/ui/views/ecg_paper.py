"""ECG paper: how seconds and volts become millimetres, and millimetres pixels.

A millimetre is a millimetre where the screen tells its own size. Qt gives the screen's width in
pixels and in millimetres; a size that no screen has (a projector or a virtual screen often reports
none, or nonsense) is not believed, and the usual resolution stands in for it. The caption says so.
"""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QScreen

from organtwin.arrays import FloatArray
from organtwin.ui.theme import Theme

MV = 1e-3
CALIBRATION_MM = 5.0
"""Width of the calibration mark on paper; it is 1 mV tall."""
FINEST_GRID = 2.6
"""[pixels per mm] Below this the lines of each millimetre run together into a veil."""
_BELIEVED = (1.4, 24.0)
"""[pixels per mm] From a wall-sized television to a telephone held as a screen."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Pixels per true millimetre, and whether the screen itself told it."""

    pixels_per_mm: float
    known: bool


def resolution(screen: QScreen | None, logical_dpi: float) -> Resolution:
    """Give the pixels (before scaling by the screen) that make a millimetre."""
    if screen is not None:
        size, geometry = screen.physicalSize(), screen.geometry()
        if size.width() > 0.0 and size.height() > 0.0:
            across, down = geometry.width() / size.width(), geometry.height() / size.height()
            square = abs(across / down - 1.0) < 0.1
            if square and _BELIEVED[0] <= across <= _BELIEVED[1]:
                return Resolution(across, known=True)
    return Resolution(logical_dpi / 25.4, known=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """``scale`` [pixels/mm], ``speed`` [mm/s], ``gain`` [mm/mV]."""

    scale: float
    speed: float
    gain: float

    @property
    def pixels_per_second(self) -> float:
        return self.speed * self.scale

    @property
    def pixels_per_volt(self) -> float:
        return self.gain / MV * self.scale

    def line(self, origin: QPointF, times: FloatArray, volts: FloatArray) -> QPolygonF:
        """``volts`` ``(n,)`` [V] at ``times`` [s] around ``origin``, where 0 s and 0 V lie."""
        x = origin.x() + times * self.pixels_per_second
        y = origin.y() - volts * self.pixels_per_volt
        present = np.isfinite(y)
        points = np.column_stack((x[present], y[present])).tolist()
        return QPolygonF([QPointF(*point) for point in points])

    def paint_grid(self, painter: QPainter, area: QRectF, colors: Theme) -> None:
        """Lines each millimetre and each fifth, from the upper left corner of ``area``."""
        spacings = [(5.0, colors.paper_major)]
        if self.scale >= FINEST_GRID:
            spacings.insert(0, (1.0, colors.paper_minor))
        for spacing, color in spacings:
            painter.setPen(QPen(QColor(color), 1))
            step = spacing * self.scale
            across = np.arange(area.left(), area.right(), step)
            down = np.arange(area.top(), area.bottom(), step)
            lines = [
                QLineF(round(x) + 0.5, area.top(), round(x) + 0.5, area.bottom())
                for x in across.tolist()
            ]
            lines += [
                QLineF(area.left(), round(y) + 0.5, area.right(), round(y) + 0.5)
                for y in down.tolist()
            ]
            painter.drawLines(lines)

    def calibration(self, left: float, level: float) -> QPolygonF:
        """Give the mark of 1 mV, its foot at ``level`` [pixels]."""
        foot, width = 0.7 * self.scale, CALIBRATION_MM * self.scale
        top = level - MV * self.pixels_per_volt
        inner = left + foot
        corners = [(left, level), (inner, level), (inner, top), (inner + width - 2 * foot, top),
                   (inner + width - 2 * foot, level), (left + width, level)]  # fmt: skip
        return QPolygonF([QPointF(x, y) for x, y in corners])

    def caption(self) -> str:
        """``25 mm/s  10 mm/mV``."""
        return f"{self.speed:g} mm/s  {self.gain:g} mm/mV"


def size_note(paper: Paper, true: Resolution) -> str:
    """Say how large a millimetre of this paper is, and how that is known."""
    factor = paper.scale / true.pixels_per_mm
    how = "by the screen's own size" if true.known else "at 96 dpi, as the screen tells no size"
    if abs(factor - 1.0) < 5e-3:
        return f"true size {how}"
    return f"{'enlarged' if factor > 1.0 else 'reduced'} to {100.0 * factor:.0f} % of true size"
