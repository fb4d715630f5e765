"""How a fitted parameter went from visit to visit."""

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.session.memory_tables import (
    PARAMETER_HEADER,
    Cells,
    ParameterPoint,
    parameter_points,
    parameter_table,
)
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis
from organtwin.ui.views.chart import Chart, Curve, Dot, Strip
from organtwin.ui.views.csv_export import ExportButton
from organtwin.ui.views.date_axis import DateAxis
from organtwin.ui.widgets.wording import pretty_unit, significant

COLOR = "accent"
NOTHING = "No visit of this patient is in the library yet.\nFile > Add visit to the library"
_LEGEND = "Line: fitted value, band: 90 % of its doubt. Open circle: not determined at that visit."


class ParameterHistory(QWidget):
    """A chooser, a chart over time, and what changed in a sentence."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.choice = QComboBox(self)
        self.choice.setAccessibleName("Parameter")
        self.choice.setMinimumContentsLength(24)
        self.chart = Chart("Parameter over the visits", self)
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        legend = QLabel(_LEGEND, self)
        legend.setObjectName("small")
        self.export = ExportButton(session, "parameters", PARAMETER_HEADER, self._table, self)
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.choice)
        above.addWidget(self.told, 1)
        below.addWidget(legend, 1)
        below.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.addLayout(above)
        layout.addWidget(self.chart, 1)
        layout.addLayout(below)
        self.choice.currentIndexChanged.connect(self._draw)

    def show_known(self) -> None:
        """Show what the library holds now; the chosen parameter stays chosen."""
        known = self._session.library.known
        chosen = self.choice.currentData()
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for series in known.series if known else ():
                self.choice.addItem(known.titles[series.name].label if known else "", series.name)
            self.choice.setCurrentIndex(max(self.choice.findData(chosen), 0))
        self._draw()

    def _table(self) -> list[Cells]:
        known = self._session.library.known
        return parameter_table(known) if known is not None else []

    @Slot()
    def _draw(self) -> None:
        self.chart.set_theme(theme(self._session.selection.theme))
        known, name = self._session.library.known, self.choice.currentData()
        series = next((s for s in known.series if s.name == name), None) if known else None
        self.export.setEnabled(series is not None)
        if known is None or series is None:
            self.chart.set_empty(NOTHING)
            self.told.setText("")
            return
        title = known.titles[name]
        points = parameter_points(series, title.unit)
        self._show_points(points, title.label, title.unit)
        self.told.setText(_sentence(points, title.unit))

    def _show_points(self, points: tuple[ParameterPoint, ...], label: str, unit: str) -> None:
        days = np.array([float(p.day.toordinal()) for p in points])
        value, low, high = (
            np.array([getattr(p, part) for p in points]) for part in ("value", "low", "high")
        )
        spans = [
            Curve(label, COLOR, np.full(2, day), np.array(span), ghost=True)
            for day, *span in zip(days, low, high, strict=True)
        ]
        extent = (float(low.min()), float(high.max()))
        self.chart.set_curves(
            DateAxis.of_days(points[0].day, points[-1].day),
            Axis.covering(label, unit, extent),
            [*spans, Curve("", COLOR, days, value)],
            [Strip(COLOR, days, low, high)],
        )
        dots = [
            Dot(day, p.value, COLOR, hollow=not p.determined)
            for day, p in zip(days, points, strict=True)
        ]
        self.chart.set_marks(None, dots)


def _sentence(points: tuple[ParameterPoint, ...], unit: str) -> str:
    last = points[-1]
    shown = pretty_unit(unit)
    text = f"{significant(last.value)} {shown} on {last.day}"
    text += f", 90 % {significant(last.low)} to {significant(last.high)}"
    return text if last.determined else f"{text}; not determined by what was measured"
