"""What must be said before a visit or a forecast goes into the library."""

from datetime import date

from PySide6.QtCore import QDate, Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from organtwin.quantities import quantity
from organtwin.session.session import Session
from organtwin.ui.widgets.choice_box import ChoiceBox

NEW = ""
"""Stands for a patient whom the library does not know."""
_FOLLOWED = "Tick the plans that were carried out before this visit; only those are scored by it."


class PatientDialog(QDialog):
    """Asks whose forecast it is, and keeps it."""

    title, verb = "Keep this forecast", "Keep"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(self.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self.form = QFormLayout()
        self.patient = ChoiceBox("Patient", self._choices(), self)
        self.patient.select(session.library.patient_id)
        if self.patient.currentIndex() < 0:
            self.patient.select(NEW)
        self.new_id = QLineEdit(session.record.case_id if session.record else "", self)
        self.new_id.setAccessibleName("Id of the new patient")
        self.form.addRow("Patient", self.patient)
        self.form.addRow("Id", self.new_id)
        layout = QVBoxLayout(self)
        layout.addLayout(self.form)
        self._fill(layout)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self.done_button = buttons.addButton(self.verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.done_button.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.patient.currentIndexChanged.connect(self._show)
        self.new_id.textChanged.connect(self._show)
        self._show()

    @property
    def patient_id(self) -> str:
        """Who was chosen."""
        return self.patient.value or self.new_id.text().strip()

    def accept(self) -> None:
        """Hand the answer to the session."""
        self._send()
        super().accept()

    def _send(self) -> None:
        self._session.library.keep_forecast(self.patient_id)

    def _fill(self, layout: QVBoxLayout) -> None:
        """Ask for more than the patient; nothing here."""

    def _choices(self) -> list[tuple[str, str]]:
        known = self._session.library.known
        patients = known.patients if known is not None else ()
        listed = [
            (p.patient_id if p.label in ("", p.patient_id) else f"{p.patient_id} · {p.label}",
             p.patient_id)
            for p in patients
        ]  # fmt: skip
        return [*listed, ("A new patient", NEW)]

    @Slot()
    def _show(self) -> None:
        self.form.setRowVisible(self.new_id, self.patient.value == NEW)
        self.done_button.setEnabled(bool(self.patient_id))


class VisitDialog(PatientDialog):
    """Asks whose visit it is, when it was, and which plans were followed before it."""

    title, verb = "Add this visit to the library", "Add visit"

    def _fill(self, layout: QVBoxLayout) -> None:
        desk = self._session.library
        self.day = QDateEdit(self)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setCalendarPopup(True)
        self.day.setMaximumDate(QDate.currentDate())
        stated = desk.day or date.today()
        self.day.setDate(QDate(stated.year, stated.month, stated.day))
        self.form.addRow("Day of the visit", self.day)
        self.plans = QListWidget(self)
        self.plans.setAccessibleName("Plans that were carried out")
        for due in desk.known.due if desk.known is not None else ():
            names = ", ".join(quantity(m.name).label for m in due.measured)
            made = f"{due.forecast.made_at:%Y-%m-%d}"
            item = QListWidgetItem(f"{due.forecast.told}   foretold {made}; scores {names}")
            item.setData(Qt.ItemDataRole.UserRole, due.forecast.forecast_id)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.plans.addItem(item)
        self.plans.setMaximumHeight(110)
        note = QLabel(_FOLLOWED, self)
        note.setObjectName("small")
        note.setWordWrap(True)
        for widget in (note, self.plans):
            widget.setVisible(self.plans.count() > 0)
            layout.addWidget(widget)

    @property
    def followed(self) -> tuple[int, ...]:
        """Numbers of the forecasts that were ticked."""
        items = [self.plans.item(row) for row in range(self.plans.count())]
        ticked = Qt.CheckState.Checked
        return tuple(
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == ticked
        )

    def _send(self) -> None:
        day = self.day.date()
        self._session.library.add_visit(
            self.patient_id, date(day.year(), day.month(), day.day()), self.followed
        )
