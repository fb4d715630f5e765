"""The patient's visits, how the fitted parameters went, and how forecasts turned out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from organtwin.session.memory_tables import VISIT_HEADER, Cells, visit_table
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme
from organtwin.ui.views.csv_export import ExportButton
from organtwin.ui.views.forecasts_page import ForecastsPage
from organtwin.ui.views.parameter_history import ParameterHistory
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.wording import ABSENT

if TYPE_CHECKING:
    from organtwin.store.remembering import Remembered, VisitLine

SHORT = 8
"""Characters of a digest that tell the visits of one patient apart."""
SIZE = (1080, 560)
_COLUMNS = (
    Column("", "●", numeric=False, tooltip="● the record that is open"),
    Column("visit", "2025-03-01", numeric=False),
    Column("case", "0a1b2c3d", numeric=False, tooltip="Begin of the digest of the record"),
    Column("measured", "12", tooltip="Measurements in the record"),
    Column("met", "12 of 12", tooltip="Fitted measurements within 2 sd of the twin"),
    Column(
        "begun from", "2025-03-01", numeric=False, tooltip="Visit whose posterior was the prior"
    ),
)


class HistoryDialog(QDialog):
    """Stays beside the window and follows the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("History and forecasts")
        self.resize(*SIZE)
        self.who = QLabel(self)
        self.who.setObjectName("patientTitle")
        self.visits = FactTable("Visits", _COLUMNS, self)
        self.parameters = ParameterHistory(session, self)
        self.forecasts = ForecastsPage(session, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.parameters, "Parameters")
        self.tabs.addTab(self.forecasts, "Forecasts")
        self.export = ExportButton(session, "visits", VISIT_HEADER, self._table, self)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._timeline())
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(splitter)
        session.library_changed.connect(self._show)
        session.selection.events.theme.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        self._show()
        super().showEvent(event)

    def _timeline(self) -> QWidget:
        side = QWidget(self)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.addWidget(self.who)
        layout.addWidget(self.visits, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.export)
        layout.addLayout(row)
        return side

    @Slot()
    def _show(self) -> None:
        known = self._session.library.known
        colors = theme(self._session.selection.theme)
        days = {line.visit.visit_id: line.visit.day.isoformat() for line in _lines(known)}
        self.who.setText(_who(known, self._session.library.patient_id))
        self.visits.show_rows([_cells(line, days, colors) for line in reversed(_lines(known))])
        self.export.setEnabled(bool(days))
        self.parameters.show_known()
        self.forecasts.show_known()

    def _table(self) -> list[Cells]:
        known = self._session.library.known
        return visit_table(known) if known is not None else []


def _lines(known: "Remembered | None") -> "tuple[VisitLine, ...]":
    return known.visits if known is not None else ()


def _who(known: "Remembered | None", patient_id: str) -> str:
    if not patient_id:
        return "It is not clear whose record this is"
    count = len(_lines(known))
    return f"{patient_id} · {count or 'no'} visit{'' if count == 1 else 's'}"


def _cells(line: "VisitLine", days: dict[int, str], colors: Theme) -> tuple[Cell, ...]:
    facts, met = line.visit.facts, line.quality
    about = f"record {facts.case_digest}\nfitted by {facts.program}\n{facts.case_folder}".strip()
    agrees = met is not None and met.n_within == met.n_fitted
    before = days.get(facts.prior_visit, ABSENT) if facts.prior_visit is not None else ABSENT
    return (
        Cell("●" if line.here else "", colors.accent, "Open now" if line.here else ""),
        Cell(facts.day.isoformat(), colors.text, about),
        Cell(facts.case_digest[:SHORT], colors.muted, about),
        Cell(ABSENT if met is None else str(met.n_measurements), colors.text),
        Cell(
            ABSENT if met is None else f"{met.n_within} of {met.n_fitted}",
            colors.good if agrees else colors.text,
        ),
        Cell(before, colors.muted),
    )
