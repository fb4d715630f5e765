"""The leads of all plans over each other: all twelve, or one of them."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.session.plan_table import Beside
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.plan_wording import COLORS
from organtwin.units import MS

LEADS = ("I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6")
"""In the order of rows of a 3 x 4 record."""
COLUMNS = 4
MV = 1e-3
_NOTE = "Dashed: untreated, and every plan that is not drawn: it leaves the electrics alone."
_NOTHING = "The ECG appears once activation and leads are computed."


class EcgPage(QWidget):
    """Twelve charts on common axes; choosing a lead leaves one, drawn large."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[Beside, ...] = ()
        choices = (("All 12 leads", ""), *((f"Lead {lead}", lead) for lead in sorted(LEADS)))
        self.lead = ChoiceBox[str]("Lead", choices, self)
        self.lead.setToolTip("All leads, or one drawn large")
        self.lead.activated.connect(self._draw)
        self.note = QLabel(_NOTE, self)
        self.note.setObjectName("small")
        self.charts = {lead: Chart(f"Lead {lead} of all plans", self) for lead in LEADS}
        above = QHBoxLayout()
        above.addWidget(self.lead)
        above.addWidget(self.note, 1)
        grid = QGridLayout()
        grid.setSpacing(1)
        for place, chart in enumerate(self.charts.values()):
            grid.addWidget(chart, place // COLUMNS, place % COLUMNS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(above)
        layout.addLayout(grid, 1)

    def show_plans(self, shown: Sequence[Beside]) -> None:
        """Draw the plans whose leads are known."""
        own = shown[0].leads if shown else None
        self._shown = tuple(
            plan for plan in shown
            if plan.leads is not None and not (plan.letter and plan.leads is own)
        )  # fmt: skip
        self._draw()

    @Slot()
    def _draw(self) -> None:
        chosen = self.lead.value
        doubted = [plan.letter for plan in self._shown if plan.doubted_leads]
        told = f" Outside what was checked: {', '.join(doubted)}." if doubted else ""
        self.note.setText(f"{_NOTE}{told}" if self._shown else _NOTHING)
        curves = {lead: _curves(lead, self._shown) for lead in LEADS}
        drawn = [c for lead in LEADS if chosen in ("", lead) for c in curves[lead]]
        for lead, chart in self.charts.items():
            chart.setVisible(chosen in ("", lead))
            chart.set_theme(theme(self._session.selection.theme))
            chart.set_extrapolated(bool(doubted))
            if not curves[lead]:
                chart.set_empty("")
                continue
            across = joined(*((float(c.x.min()), float(c.x.max())) for c in drawn))
            up = joined(*((float(c.y.min()), float(c.y.max())) for c in drawn))
            time = Axis.covering("time", "ms", across, ticks=4)
            if not chosen:
                time = replace(time, label="", unit="")
            chart.set_curves(time, Axis.covering(lead, "mV", up, ticks=6), curves[lead])


def _curves(lead: str, shown: Sequence[Beside]) -> list[Curve]:
    found = []
    for plan in shown:
        signals = plan.leads
        if signals is not None and lead in signals.leads:
            volts = signals.volts[signals.leads.index(lead)] / MV
            color, ghost = COLORS[plan.letter], not plan.letter
            found.append(Curve(plan.letter, color, signals.times / MS, volts, ghost))
    return found
