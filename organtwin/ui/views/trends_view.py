"""Hours at a glance: what was measured, what the twin said, and what had to change in it.

Lines are measured, bands are the twin's middle 90 %. Parameters are changes since following began.
"""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from organtwin.arrays import FloatArray
from organtwin.session.session import Session
from organtwin.session.stream_trends import Course
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Strip
from organtwin.units import MMHG

_NOTHING = "No beats have been followed yet."
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class _Plot:
    """Rows that share an axis: ``(label, quantity, colour, measured)``."""

    label: str
    unit: str
    scale: float
    rows: tuple[tuple[str, str, str, bool], ...]
    relative: bool = False


_PLOTS = (
    _Plot("pressure", "mmHg", MMHG, (
        ("SBP", "systolic_pressure", "lv", True),
        ("MAP", "mean_arterial_pressure", "aorta", True),
        ("DBP", "diastolic_pressure", "la", True),
        ("CVP", "ra_pressure", "rv", True),
    )),
    _Plot("output", "L/min", 1e-3 / _MINUTE, (("CO", "cardiac_output", "aorta", False),)),
    _Plot("change", "%", 1.0, (
        ("contractility", "contractility", "lv", False),
        ("resistance", "systemic_tone", "aorta", False),
        ("volume", "volume", "rv", False),
    ), relative=True),
)  # fmt: skip


LEAST = 62
"""Height of a chart in which two marks still stand apart [pixels before scaling]."""


class TrendsView(QWidget):
    """Charts on one time axis, redrawn when a beat has been followed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._extents: dict[str, tuple[float, float]] = {}
        self.charts = tuple(Chart(f"Trend of {plot.label}", self) for plot in _PLOTS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for chart in self.charts:
            chart.setMinimumHeight(LEAST)  # three of them must not push the cards off the screen
            layout.addWidget(chart, 1)
        session.stream_changed.connect(self._show)
        session.selection.events.span_s.connect(self._show_span)
        session.selection.events.theme.connect(self._show_theme)
        self._show_theme(session.selection.theme)
        self._show()

    @Slot()
    def _show_span(self) -> None:
        self._extents.clear()
        self._show()

    @Slot()
    def _show(self) -> None:
        trends = self._session.stream.trends
        if len(trends) < 2:
            self._extents.clear()
            for chart in self.charts:
                chart.set_empty(_NOTHING if chart is self.charts[0] else "")
            return
        if not self.isVisible():
            return
        last = self._session.selection.span_s or None
        for chart, plot in zip(self.charts, _PLOTS, strict=True):
            courses = [trends.course(name, last) for _, name, _, _ in plot.rows]
            self._draw(chart, plot, courses)

    def _draw(self, chart: Chart, plot: _Plot, courses: list[Course]) -> None:
        curves, strips = [], []
        newest = float(courses[0].times[-1])
        for (label, _, color, measured), course in zip(plot.rows, courses, strict=True):
            ago = (course.times - newest) / _MINUTE
            low, middle, high = (_shown(y, plot) for y in (course.low, course.middle, course.high))
            line = _shown(course.measured, plot) if measured else middle
            curves.append(Curve(label, color, ago, line))
            strips.append(Strip(color, ago, low, high))
        shown = [y for s in strips for y in (s.low, s.high)] + [c.y for c in curves]
        extent = _extent(shown) if plot.relative else joined((0.0, 0.0), _extent(shown))
        extent = joined(extent, self._extents.get(plot.label, extent))
        self._extents[plot.label] = extent
        across = Axis.covering("minutes ago", "", (float(curves[0].x[0]), 0.0))
        if chart is not self.charts[-1]:
            across = replace(across, label="")
        chart.set_curves(
            across, Axis.covering(plot.label, plot.unit, extent, ticks=3), curves, strips
        )

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._show()

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        for chart in self.charts:
            chart.set_theme(theme(name))


def _shown(values: FloatArray, plot: _Plot) -> FloatArray:
    return 100.0 * np.expm1(values) if plot.relative else values / plot.scale


def _extent(series: list[FloatArray]) -> tuple[float, float]:
    known = np.concatenate(series)
    known = known[np.isfinite(known)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
