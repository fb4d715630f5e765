"""Every forecast of the patient beside what was measured, and how often the bands held."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from organtwin.session.memory_tables import (
    FORECAST_HEADER,
    Cells,
    ForecastRow,
    forecast_rows,
    forecast_table,
)
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme
from organtwin.ui.views.csv_export import ExportButton
from organtwin.ui.views.reliability_chart import ReliabilityChart
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.wording import ABSENT, number, pretty_unit, signed, significant

if TYPE_CHECKING:
    from organtwin.store.reliability import HitRate
    from organtwin.store.remembering import Remembered

_COLUMNS = (
    Column("made", "2025-03-01", numeric=False, tooltip="Day of the forecast"),
    Column("plan", "Dobutamine 12.5 ug/kg/min", numeric=False),
    Column("quantity", "AV mean grad", numeric=False),
    Column("predicted", "1200.0", tooltip="Median of the hearts that explain the patient"),
    Column("90 % band", "1200.0 to 1400.0", tooltip="Of the same hearts, as they were foretold"),
    Column("measured", "1200.0"),
    Column("unit", "mmHg/s", numeric=False),
    Column("inside", "waits", numeric=False, tooltip="Whether the 90 % band held"),
    Column("z", "−10.0", tooltip="(measured − mean) / spread of hearts and measurement"),
    Column("CRPS", "0.0123", tooltip="Continuous ranked probability score in the unit; smaller "
           "is better"),
)  # fmt: skip
_FOLLOWED = "The plan was followed: score it"


class ForecastsPage(QWidget):
    """Hit rate and reliability above, forecasts below."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: tuple[ForecastRow, ...] = ()
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.reliability = ReliabilityChart(self)
        self.reliability.setFixedHeight(160)
        self.reliability.setMaximumWidth(240)
        self.table = FactTable("Forecasts", _COLUMNS, self)
        self.everything = QCheckBox("All quantities", self)
        self.followed = QPushButton(_FOLLOWED, self)
        self.followed.setAutoDefault(False)
        self.followed.setToolTip("Scores the chosen forecast by what the open record measured.")
        self.export = ExportButton(session, "forecasts", FORECAST_HEADER, self._table, self)
        self._lay_out()
        self.everything.clicked.connect(self.show_known)
        self.followed.clicked.connect(self._score)
        self.table.selectionModel().selectionChanged.connect(self._show_choice)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.told, 1)
        above.addWidget(self.reliability)
        for widget in (self.everything, self.followed, self.export):
            below.addWidget(widget)
        below.insertStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(above)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)

    @Slot()
    def show_known(self) -> None:
        """Show what the library holds now."""
        known = self._session.library.known
        colors = theme(self._session.selection.theme)
        self.reliability.set_theme(colors)
        self.reliability.show_known(known)
        self.told.setText(_summary(known))
        everything = self.everything.isChecked()
        self._rows = forecast_rows(known, everything=everything) if known else ()
        self.table.show_rows([_cells(row, colors) for row in self._rows])
        self.export.setEnabled(bool(self._rows))
        self._show_choice()

    @property
    def _chosen(self) -> int | None:
        """The due forecast of the chosen row; the only one that is due needs no choosing."""
        due = {row.forecast_id for row in self._rows if row.due}
        row = self.table.currentIndex().row()
        if 0 <= row < len(self._rows) and self._rows[row].forecast_id in due:
            return self._rows[row].forecast_id
        return due.pop() if len(due) == 1 else None

    @Slot()
    def _show_choice(self) -> None:
        self.followed.setEnabled(self._chosen is not None)

    @Slot()
    def _score(self) -> None:
        if self._chosen is not None:
            self._session.library.score(self._chosen)

    def _table(self) -> list[Cells]:
        return forecast_table(self._rows)


def _cells(row: ForecastRow, colors: Theme) -> tuple[Cell, ...]:
    decimals = max(row.quantity.decimals, 1)
    muted, plan = colors.muted, row.plan.replace(" ug/", " µg/")

    def told(value: float | None) -> str:
        return ABSENT if value is None else number(value, decimals)

    band = ABSENT if row.low is None else f"{told(row.low)} to {told(row.high)}"
    verdict = {True: ("yes", colors.good), False: ("no", colors.watch), None: (ABSENT, muted)}
    inside, color = ("waits", muted) if row.due else verdict[row.inside]
    about = f"{row.quantity.meaning}\nuntreated {told(row.before)} {row.quantity.unit}"
    return (
        Cell(row.made.isoformat(), muted),
        Cell(plan, colors.text, plan),
        Cell(row.quantity.label, colors.text, about),
        Cell(told(row.median), colors.text, about),
        Cell(band, muted, about),
        Cell(told(row.measured), muted if row.due else colors.measured),
        Cell(pretty_unit(row.quantity.unit), muted),
        Cell(inside, color),
        Cell(ABSENT if row.z is None else signed(row.z, 1), muted),
        Cell(ABSENT if row.crps is None else significant(row.crps), muted),
    )


def _summary(known: "Remembered | None") -> str:
    if known is None or not known.forecasts:
        return "No forecast of this patient has been kept yet.\nFile > Keep this forecast"
    scored = {score.forecast_id for score in known.scores}
    n_open = len(known.forecasts) - len(scored)
    lines = [f"{_count(len(known.forecasts), 'forecast')}, {n_open} of them open."]
    found = known.reliability
    if found is not None and found.n_numbers:
        lines += [_rate(band) for band in (found.band_90, found.band_50) if band.n]
        if found.without_bands:
            lines.append(f"{_count(found.without_bands, 'score')} without a band.")
        if found.in_hindsight:
            lines.append(f"{_count(found.in_hindsight, 'score')} foretold in hindsight.")
    if known.due:
        lines.append(
            f"What the open record measured can score {_count(len(known.due), 'forecast')}, "
            "once you say which plans were followed."
        )
    return "\n".join(lines)


def _rate(band: "HitRate") -> str:
    rate = 0.0 if band.rate is None else band.rate
    text = (
        f"Inside the {_percent(band.nominal)} band: {band.hits} of {band.n}, {_percent(rate)} "
        f"(95 % interval {_percent(band.low)} to {_percent(band.high)})"
    )
    return f"{text}{'' if band.as_promised else ': not as promised'}."


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _count(number_of: int, noun: str) -> str:
    return f"{number_of} {noun}{'' if number_of == 1 else 's'}"
