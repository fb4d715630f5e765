"""What was measured on the patient, what the twin makes of it, and what had to be assumed."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from organtwin.patient.measurement import Measurement, Provenance
from organtwin.patient.record import PatientRecord
from organtwin.patient.stated import findings_now
from organtwin.session.session import Session
from organtwin.twin.heart_report import TEMPLATE, heart_report
from organtwin.ui.panels.conditions import ConditionsLine
from organtwin.ui.panels.fit_page import FitPage
from organtwin.ui.panels.sync import SyncPage
from organtwin.ui.theme import Theme, theme
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.residual_plot import Residual
from organtwin.ui.widgets.titled_panel import TitledPanel
from organtwin.ui.widgets.wording import ABSENT, number, pretty_unit, signed, significant
from organtwin.units import from_si

if TYPE_CHECKING:
    from organtwin.store.remembering import Remembered
    from organtwin.twin.twin import FitRow, FittedParameter, Twin

MARKS = {Provenance.MEASURED: "●", Provenance.PUBLISHED: "◐", Provenance.TYPICAL: "○"}
AGREEMENT = 2.0
"""Standard deviations within which the twin counts as agreeing with a measurement."""
_LEGEND = "● measured   ◐ published group   ○ typical\nz: (twin − measured) / sd"
_OPEN = "open: not determined by the data,\nthe value stays near its prior"
_FIT_COLUMNS = (
    Column("", "●", numeric=False, tooltip="Where the value comes from"),
    Column("quantity", "AV mean grad", numeric=False),
    Column("measured", "1200", tooltip="The value in the record"),
    Column("± sd", "± 0.55", tooltip="Its standard deviation"),
    Column("twin", "1200", tooltip="The same quantity of the simulated beat"),
    Column("z", "−10.0", tooltip="(twin − measured) / sd"),
    Column("unit", "mmHg/s", numeric=False),
)
_PARAMETER_COLUMNS = (
    Column("parameter", "Pulmonary artery stiffness", numeric=False),
    Column("prior", "0.123", tooltip="Value before the fit"),
    Column("fitted", "0.123"),
    Column("± sd", "±0.012", tooltip="Standard deviation after the fit"),
    # A little less than mmHg·s/mL, which fits all the same: the window must fit 1280 pixels.
    Column("unit", "mmHg·s/m.", numeric=False),
)


class PatientPanel(TitledPanel):
    """Three pages: measured against twin, fitted parameters, notes on the record."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Patient", parent)
        self._session = session
        self._diagnosis = QLabel(self)
        self._diagnosis.setObjectName("muted")
        self._diagnosis.setWordWrap(True)
        self.memory = QLabel(self)
        self.memory.setObjectName("small")
        self.memory.setAccessibleName("What the library holds of this patient")
        self.fit_table = FactTable("Measured against twin", _FIT_COLUMNS, self)
        self.parameter_table = FactTable("Fitted parameters", _PARAMETER_COLUMNS, self)
        self.notes = QPlainTextEdit(self)
        self.notes.setReadOnly(True)
        self.notes.setAccessibleName("Notes on the record and the fit")
        self.pages = QTabWidget(self)
        self.pages.setAccessibleName("Patient pages")
        self.pages.tabBar().setAccessibleName("Patient pages")
        self.pages.setDocumentMode(True)
        self.fit_page = FitPage(self.fit_table, _LEGEND, self)
        self.pages.addTab(self.fit_page, "Measured | twin")
        self.pages.addTab(_page(self.parameter_table, _OPEN, self), "Parameters")
        self.pages.addTab(self.notes, "Notes")
        self.sync = SyncPage(session, self)
        self.pages.addTab(self.sync, "Live")
        self.conditions = ConditionsLine(session, self)
        self.body.addWidget(self._diagnosis)
        self.body.addWidget(self.conditions)
        self.body.addWidget(self.memory)
        self.body.addWidget(self.pages, 1)
        self._listen(session)
        self._show()
        self._show_memory()

    def _listen(self, session: Session) -> None:
        session.library_changed.connect(self._show_memory)
        session.record_changed.connect(self._show)
        session.twin_changed.connect(self._show)
        session.heart_changed.connect(self._show)
        session.selection.events.theme.connect(self._show)

    def add_posterior(self, page: QWidget) -> None:
        """Put the page that draws posteriors beside the table of the parameters."""
        self.pages.insertTab(2, page, "Posterior")

    @Slot()
    def _show_memory(self) -> None:
        text = _memory(self._session.library.known)
        self.memory.setText(text)
        self.memory.setVisible(bool(text))

    @Slot()
    def _show(self) -> None:
        record, twin = self._session.record, self._session.twin
        colors = theme(self._session.selection.theme)
        if record is None:
            self._diagnosis.setText("Open a case, or drop a file on the window.")
            return
        self._diagnosis.setText(" · ".join(filter(None, (record.diagnosis, _person(record)))))
        fitted = {row.measurement.name: row for row in twin.fit.rows} if twin else {}
        self.fit_table.show_rows(
            [_fit_cells(m, fitted.get(m.name), colors) for m in record.measurements]
        )
        self.fit_page.show_residuals(
            [
                Residual(r.measurement.quantity.label, r.z, _deviation(r, colors)[1])
                for r in fitted.values() if not r.direct
            ],
            colors,
        )  # fmt: skip
        parameters = twin.fit.parameters if twin else ()
        self.parameter_table.show_rows([_parameter_cells(p, colors) for p in parameters])
        notes = "\n\n".join(
            (_heart_notes(self._session), _notes(record, twin.fit.findings if twin else ()))
        )
        if notes != self.notes.toPlainText():
            self.notes.setPlainText(notes)


def _page(table: FactTable, legend: str, parent: QWidget) -> QWidget:
    page = QWidget(parent)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(table, 1)
    below = QLabel(legend, page)
    below.setObjectName("small")
    layout.addWidget(below)
    return page


def _memory(known: "Remembered | None") -> str:
    """What the library holds, in a line; empty where it holds nothing of this patient."""
    if known is None or not (known.visits or known.forecasts):
        return ""
    here = next((line.visit.day for line in known.visits if line.here), None)
    count = len(known.visits)
    visits = f"{count or 'no'} visit{'' if count == 1 else 's'}"
    parts = [f"Library: {known.patient_id}, {visits}"]
    if here is not None:
        parts.append(f"this one of {here}")
    if known.forecasts:
        scored = {score.forecast_id for score in known.scores}
        parts.append(f"{len(scored)} of {len(known.forecasts)} forecasts scored")
    return " · ".join(parts)


def _person(record: PatientRecord) -> str:
    who = record.demographics
    age = f"{who.age:.0f} years" if who.age is not None else ""
    return ", ".join(filter(None, (who.sex or "", age)))


def _fit_cells(measurement: Measurement, row: "FitRow | None", colors: Theme) -> tuple[Cell, ...]:
    quantity = measurement.quantity
    origin = measurement.provenance
    about = f"{quantity.meaning}\n{origin.value}: {measurement.source}"
    if measurement.taken is not None:
        about += f", {measurement.taken.isoformat()}"
    value, sd = quantity.from_si(measurement.value), quantity.from_si(measurement.sd)
    decimals = quantity.decimals
    sd_decimals = decimals if sd >= 0.5 * 10**-decimals else decimals + 1
    twin = number(quantity.from_si(row.model), decimals) if row else ABSENT
    z, z_color = _deviation(row, colors)
    dim = colors.text if origin is Provenance.MEASURED else colors.muted
    return (
        Cell(MARKS[origin], dim, about),
        Cell(quantity.label, dim, about),
        Cell(number(value, decimals), dim, about),
        Cell(f"± {number(sd, sd_decimals)}", colors.muted, about),
        Cell(twin, colors.text),
        Cell(z, z_color, "Put into the model, not fitted" if row and row.direct else ""),
        Cell(pretty_unit(quantity.unit), colors.muted),
    )


def _deviation(row: "FitRow | None", colors: Theme) -> tuple[str, str]:
    """Calm inside two standard deviations, attention to three, then alarm."""
    if row is None:
        return ABSENT, colors.muted
    if row.direct:
        return "set", colors.muted
    if abs(row.z) <= AGREEMENT:
        return signed(row.z, 1), colors.good
    return signed(row.z, 1), colors.watch if abs(row.z) <= 3.0 else colors.bad


def _parameter_cells(parameter: "FittedParameter", colors: Theme) -> tuple[Cell, ...]:
    spec = parameter.spec
    prior, value = parameter.read(parameter.prior), parameter.read(parameter.value)
    sd = from_si(parameter.sd, spec.unit)
    about = f"{spec.meaning}\n{spec.source}"
    color = colors.text if parameter.determined else colors.muted
    if not parameter.determined:
        about += "\nNot determined by the data: the value stays near its prior."
    return (
        Cell(parameter.label, color, about),
        Cell(significant(prior), colors.muted, about),
        Cell(significant(value), color, about),
        Cell(f"±{significant(sd, 2)}" if parameter.determined else "open", color, about),
        Cell(pretty_unit(spec.unit), colors.muted, about),
    )


def _notes(record: PatientRecord, fit_findings: tuple[str, ...]) -> str:
    findings = findings_now(record, fit_findings)  # those of a fit repeat those of its record
    # Remarks come with the line breaks of the file; those inside a sentence go.
    remarks = re.sub(r"(?<![.:!?])\n(?!\n)", " ", record.remarks.strip())
    parts = (
        "\n".join(f"• {finding}" for finding in findings),
        f"Rhythm: {record.rhythm or 'not stated'}. Conduction: {record.conduction}.",
        remarks,
    )
    return "\n\n".join(filter(None, parts))


def _said_of_walls(twin: "Twin | None") -> str:
    if twin is None:
        return ""
    # The window is on screen before the mechanics are loaded; a twin has loaded them.
    from organtwin.twin.drawn_walls import drawn_walls, tells_walls

    return drawn_walls(twin).said if tells_walls(twin.record) else ""


def _heart_notes(session: Session) -> str:
    heart, twin = session.own_heart, session.twin
    if heart is None:
        return f"Heart: {TEMPLATE}. {_said_of_walls(twin)}".strip()
    report = heart_report(heart, twin.numbers["lv_edv"] if twin else None)
    return f"Heart: the patient's own.\n{report}"
