"""Pressure over volume of both ventricles: the untreated heart as a ghost behind the plan."""

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from organtwin.session.answers import Heartbeat
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Dot
from organtwin.units import ML, MMHG

_VENTRICLES = (("LV", "lv"), ("RV", "rv"))


class PvLoopView(QWidget):
    """Two loops on common axes; the axes only ever widen while one twin is open."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.chart = Chart("Pressure–volume loops", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.chart)
        self._extents: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._twin_changed()
        session.twin_changed.connect(self._twin_changed)
        session.prediction_changed.connect(self._show_curves)
        session.playhead.moved.connect(self._show_phase)
        session.selection.events.theme.connect(self._show_theme)
        self._show_theme(session.selection.theme)

    @Slot()
    def _twin_changed(self) -> None:
        self._extents = None
        self._show_curves()

    @Slot()
    def _show_curves(self) -> None:
        session = self._session
        if session.baseline is None or session.shown is None:
            self.chart.set_empty("Pressure–volume loops appear with the twin.")
            return
        curves = _loops(session.shown, ghost=False)
        if session.shown is not session.baseline:
            curves += _loops(session.baseline, ghost=True)
        extents = (
            joined(*((float(c.x.min()), float(c.x.max())) for c in curves)),
            joined((0.0, 0.0), *((float(c.y.min()), float(c.y.max())) for c in curves)),
        )
        if self._extents is not None:
            extents = (joined(extents[0], self._extents[0]), joined(extents[1], self._extents[1]))
        self._extents = extents
        self.chart.set_extrapolated(session.extrapolated and session.planned is not None)
        self.chart.set_curves(
            Axis.covering("volume", "mL", extents[0], ticks=4),
            Axis.covering("pressure", "mmHg", extents[1]),
            curves,
        )
        self._show_phase()

    @Slot()
    def _show_phase(self) -> None:
        shown = self._session.shown
        if shown is None:
            return
        time = self._session.playhead.phase * shown.beat.duration
        dots = [
            Dot(
                float(shown.beat[f"{key}_volume"](time)) / ML,
                float(shown.beat[f"{key}_pressure"](time)) / MMHG,
                key,
            )
            for _, key in _VENTRICLES
        ]
        self.chart.set_marks(None, dots)

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        self.chart.set_theme(theme(name))


def _loops(heartbeat: Heartbeat, *, ghost: bool) -> list[Curve]:
    traces = heartbeat.beat.traces
    return [
        Curve(
            label,
            key,
            _closed(traces[f"{key}_volume"] / ML),
            _closed(traces[f"{key}_pressure"] / MMHG),
            ghost,
        )
        for label, key in _VENTRICLES
    ]


def _closed(values: np.ndarray) -> np.ndarray:
    return np.append(values, values[0])
