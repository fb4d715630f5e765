"""Pressures and volumes over one beat, of the left or the right heart."""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from organtwin.arrays import FloatArray
from organtwin.session.answers import Heartbeat
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Dot
from organtwin.units import ML, MMHG, MS


@dataclass(frozen=True, slots=True)
class _Plot:
    """Which traces share a pair of axes: ``(label, trace, colour)``."""

    label: str
    unit: str
    scale: float
    traces: tuple[tuple[str, str, str], ...]


_PLOTS = {
    "left": (
        _Plot(
            "pressure", "mmHg", MMHG,
            (("LV", "lv_pressure", "lv"), ("aorta", "aortic_pressure", "aorta"),
             ("LA", "la_pressure", "la")),
        ),
        _Plot("volume", "mL", ML, (("LV", "lv_volume", "lv"), ("LA", "la_volume", "la"))),
    ),
    "right": (
        _Plot(
            "pressure", "mmHg", MMHG,
            (("RV", "rv_pressure", "rv"),
             ("PA", "pulmonary_artery_pressure", "pulmonary_artery"),
             ("RA", "ra_pressure", "ra")),
        ),
        _Plot("volume", "mL", ML, (("RV", "rv_volume", "rv"), ("RA", "ra_volume", "ra"))),
    ),
}  # fmt: skip


class TraceView(QWidget):
    """Two charts on one time axis; the ranges only ever widen while one twin is open."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.charts = (Chart("Pressures", self), Chart("Volumes", self))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for chart in self.charts:
            layout.addWidget(chart, 1)
        self._extents: dict[tuple[str, str], tuple[float, float]] = {}
        self._twin_changed()
        session.twin_changed.connect(self._twin_changed)
        session.prediction_changed.connect(self._show_curves)
        session.playhead.moved.connect(self._show_phase)
        session.selection.events.side.connect(self._show_curves)
        session.selection.events.theme.connect(self._show_theme)
        self._show_theme(session.selection.theme)

    @Slot()
    def _twin_changed(self) -> None:
        self._extents.clear()
        self._show_curves()

    @Slot()
    def _show_curves(self) -> None:
        session = self._session
        if session.baseline is None or session.shown is None:
            for chart in self.charts:
                chart.set_empty("")
            return
        beats = [(session.shown, False)]
        if session.shown is not session.baseline:
            beats.append((session.baseline, True))
        time_axis = Axis.spanning(
            "time", "ms", self._widest("time", (0.0, max(b.beat.duration for b, _ in beats) / MS))
        )
        untitled = replace(time_axis, label="", unit="")
        doubtful = session.extrapolated and session.planned is not None
        for chart, plot in zip(self.charts, _PLOTS[session.selection.side], strict=True):
            chart.set_extrapolated(doubtful)
            curves = [c for heartbeat, ghost in beats for c in _curves(heartbeat, plot, ghost)]
            extent = joined((0.0, 0.0), *((float(c.y.min()), float(c.y.max())) for c in curves))
            axis = Axis.covering(plot.label, plot.unit, self._widest(plot.label, extent), ticks=3)
            chart.set_curves(time_axis if chart is self.charts[-1] else untitled, axis, curves)
        self._show_phase()

    def _widest(self, what: str, extent: tuple[float, float]) -> tuple[float, float]:
        key = (self._session.selection.side, what)
        self._extents[key] = joined(extent, self._extents.get(key, extent))
        return self._extents[key]

    @Slot()
    def _show_phase(self) -> None:
        shown = self._session.shown
        if shown is None:
            return
        time = self._session.playhead.phase * shown.beat.duration
        for chart, plot in zip(self.charts, _PLOTS[self._session.selection.side], strict=True):
            dots = [
                Dot(time / MS, float(shown.beat[name](time)) / plot.scale, color)
                for _, name, color in plot.traces
            ]
            chart.set_marks(time / MS, dots)

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        for chart in self.charts:
            chart.set_theme(theme(name))


def _curves(heartbeat: Heartbeat, plot: _Plot, ghost: bool) -> list[Curve]:
    beat = heartbeat.beat
    times: FloatArray = np.append(beat.times, beat.duration) / MS
    return [
        Curve(label, color, times, _periodic(beat.traces[name]) / plot.scale, ghost)
        for label, name, color in plot.traces
    ]


def _periodic(values: FloatArray) -> FloatArray:
    return np.append(values, values[0])
