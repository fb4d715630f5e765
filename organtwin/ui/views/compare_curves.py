"""Loops and traces of all plans over each other, of the left or the right heart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.arrays import FloatArray
from organtwin.session.plan_table import Beside
from organtwin.session.session import Session
from organtwin.simulation.beat import Beat
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Dot
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.plan_wording import COLORS
from organtwin.units import ML, MMHG, MS


@dataclass(frozen=True, slots=True)
class _Side:
    ventricle: str
    pressures: tuple[tuple[str, tuple[str, ...]], ...]
    volume: str


_SIDES = {
    "left": _Side(
        "lv", (("LV and aortic pressure", ("lv_pressure", "aortic_pressure")),
               ("LA pressure", ("la_pressure",))), "lv_volume",
    ),
    "right": _Side(
        "rv", (("RV and PA pressure", ("rv_pressure", "pulmonary_artery_pressure")),
               ("RA pressure", ("ra_pressure",))), "rv_volume",
    ),
}  # fmt: skip
_NOTE = "Dashed: untreated. Time counts from the sinus impulse."


class CurvesPage(QWidget):
    """PV loops on the left; pressures and volume over one beat on the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[Beside, ...] = ()
        self.side = ChoiceBox[str](
            "Side of the heart", (("Left heart", "left"), ("Right heart", "right")), self
        )
        self.side.setToolTip("Left or right heart, here and in the window (R)")
        self.side.activated.connect(self._choose_side)
        self.loops = Chart("Pressure–volume loops of all plans", self)
        self.traces = tuple(Chart(name, self) for name in ("Pressures", "Filling", "Volume"))
        above = QHBoxLayout()
        note = QLabel(_NOTE, self)
        note.setObjectName("small")
        above.addWidget(self.side)
        above.addWidget(note, 1)
        grid = QGridLayout()
        grid.setSpacing(2)
        grid.addWidget(self.loops, 0, 0, 3, 1)
        for row, chart in enumerate(self.traces):
            grid.addWidget(chart, row, 1)
            grid.setRowStretch(row, 2 if row == 0 else 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(above)
        layout.addLayout(grid, 1)
        session.selection.events.side.connect(self._draw)
        session.playhead.moved.connect(self._show_phase)

    def show_plans(self, shown: Sequence[Beside]) -> None:
        """Draw the plans that have a heartbeat."""
        self._shown = tuple(plan for plan in shown if plan.heartbeat is not None)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        chosen = self._session.selection
        self.side.select(chosen.side)
        doubtful = any(plan.extrapolation for plan in self._shown)
        for chart in (self.loops, *self.traces):
            chart.set_theme(theme(chosen.theme))
            chart.set_extrapolated(doubtful)
        if not self._shown:
            for chart in (self.loops, *self.traces):
                chart.set_empty("")
            return
        side = _SIDES[chosen.side]
        self._draw_loops(side.ventricle)
        beats = [(plan, plan.heartbeat.beat) for plan in self._shown if plan.heartbeat]
        duration = max(beat.duration for _, beat in beats) / MS
        time = Axis.spanning("time", "ms", (0.0, duration))
        untitled = replace(time, label="", unit="")
        wanted = [(*one, "mmHg", MMHG) for one in side.pressures]
        wanted.append((f"{side.ventricle.upper()} volume", (side.volume,), "mL", ML))
        for chart, (label, names, unit, scale) in zip(self.traces, wanted, strict=True):
            curves = [_trace(p, b, name, scale) for p, b in beats for name in names]
            extent = joined(*((float(c.y.min()), float(c.y.max())) for c in curves))
            axis = Axis.covering(label, unit, joined((0.0, 0.0), extent), ticks=3)
            chart.set_curves(time if chart is self.traces[-1] else untitled, axis, curves)
        self._show_phase()

    def _draw_loops(self, ventricle: str) -> None:
        curves = []
        for plan in self._shown:
            if plan.heartbeat is not None:
                traces = plan.heartbeat.beat.traces
                x, y = (_closed(traces[f"{ventricle}_{what}"]) for what in ("volume", "pressure"))
                curves.append(_curve(plan, x / ML, y / MMHG))
        across = joined(*((float(c.x.min()), float(c.x.max())) for c in curves))
        up = joined((0.0, 0.0), *((float(c.y.min()), float(c.y.max())) for c in curves))
        name = ventricle.upper()
        x_axis = Axis.covering(f"{name} volume", "mL", across, ticks=4)
        self.loops.set_curves(x_axis, Axis.covering(f"{name} pressure", "mmHg", up), curves)

    @Slot()
    def _show_phase(self) -> None:
        """A dot on every loop, at the same share of its beat."""
        if not self.isVisible():
            return
        ventricle = _SIDES[self._session.selection.side].ventricle
        dots = []
        for plan in self._shown:
            if plan.heartbeat is not None:
                beat = plan.heartbeat.beat
                time = self._session.playhead.phase * beat.duration
                volume = float(beat[f"{ventricle}_volume"](time)) / ML
                pressure = float(beat[f"{ventricle}_pressure"](time)) / MMHG
                dots.append(Dot(volume, pressure, COLORS[plan.letter]))
        self.loops.set_marks(None, dots)

    @Slot(int)
    def _choose_side(self, _index: int) -> None:
        self._session.selection.side = self.side.value


def _trace(plan: Beside, beat: Beat, name: str, scale: float) -> Curve:
    times: FloatArray = np.append(beat.times, beat.duration) / MS
    return _curve(plan, times, _closed(beat.traces[name]) / scale)


def _curve(plan: Beside, x: FloatArray, y: FloatArray) -> Curve:
    label = f"{plan.letter} (extrapolation)" if plan.extrapolation else plan.letter
    return Curve(label, COLORS[plan.letter], x, y, ghost=not plan.letter)


def _closed(values: FloatArray) -> FloatArray:
    return np.append(values, values[0])
