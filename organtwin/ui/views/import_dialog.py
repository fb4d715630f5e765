"""What dropped files hold, what of it is used, and what is removed, before a case is made of it."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QListWidget,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from organtwin.errors import InputError
from organtwin.patient.intake import Intake
from organtwin.patient.intake_reading import TakenFile
from organtwin.patient.intake_saving import new_case_id
from organtwin.session.session import Session

COLUMNS = ("file", "what it is", "used", "not used", "removed")
SIZE = (980, 560)
"""Fits a screen of 1366 x 768 with its frame."""
_CASE = "Case (*.toml *.json)"


class ImportDialog(QDialog):
    """Shows an ``Intake`` and changes how it is taken; accepting hands it to the session."""

    def __init__(self, session: Session, intake: Intake, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self.intake = session, intake
        self.setWindowTitle("Import files of one patient")
        self.resize(*SIZE)
        layout = QVBoxLayout(self)
        self.files = self._table()
        self.details = QListWidget(self)
        self.details.setAccessibleName("What is said of the chosen file")
        self.details.setWordWrap(True)
        self.keep_identity = QCheckBox(
            "&Keep names, dates and files as they are (local case)", self
        )
        self.same_patient = QCheckBox("These files are of &one patient all the same", self)
        self.notes = QLabel("\n".join(intake.notes), self)
        self.notes.setObjectName("small")
        self.notes.setVisible(bool(intake.notes))
        self.problem = QLabel(self)
        self.problem.setObjectName("status")
        self.problem.setProperty("level", "watch")
        self.problem.setWordWrap(True)
        self.problem.setAccessibleName("What stands against the import")
        layout.addWidget(self.files, 3)
        layout.addWidget(self.details, 2)
        for widget in (self.notes, self.keep_identity, self.same_patient, self.problem):
            layout.addWidget(widget)
        self.buttons, self.make = self._buttons()
        layout.addWidget(self.buttons)
        self.keep_identity.clicked.connect(self._choose)
        self.same_patient.clicked.connect(self._choose)
        self.files.currentCellChanged.connect(self._show_details)
        self._show()
        self.files.setCurrentCell(0, 0)

    def accept(self) -> None:
        """Ask where the case is to lie, and make it there."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Make or extend a case", f"{new_case_id()}.toml", _CASE,
            options=QFileDialog.Option.DontConfirmOverwrite,  # a case that is there is added to
        )  # fmt: skip
        if path:
            named = Path(path)
            self._session.imports.use(
                self.intake, named if named.suffix else named.with_suffix(".toml")
            )
            super().accept()

    @Slot()
    def _choose(self) -> None:
        self.intake = replace(
            self.intake, keep_identity=self.keep_identity.isChecked(),
            same_patient=self.same_patient.isChecked(),
        )  # fmt: skip
        self._show()
        self._show_details()

    def _show(self) -> None:
        removed = {file.path: fields for file, fields in self.intake.removed}
        for row, file in enumerate(self.intake.files):
            count = sum(u.count for owner, u in self.intake.ignored if owner is file)
            cells = (
                file.path.name, file.kind, _used(file), str(count) if count else "",
                f"{len(removed[file.path])} fields" if removed.get(file.path) else "",
            )  # fmt: skip
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(str(file.path))
                self.files.setItem(row, column, item)
        self.files.resizeColumnsToContents()
        problem = self._problem()
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.same_patient.setVisible(bool(self.intake.conflict) or self.intake.same_patient)
        self.make.setEnabled(not problem)

    def _problem(self) -> str:
        try:
            self.intake.check()
        except InputError as error:
            return f"{error.field}: {error.got}. {error.remedy}"
        return ""

    @Slot()
    def _show_details(self) -> None:
        """Quantities, what is removed, and what is not used and why, of the chosen file."""
        row = self.files.currentRow()
        self.details.clear()
        if not 0 <= row < len(self.intake.files):
            return
        file = self.intake.files[row]
        if file.error is not None:
            self.details.addItem(f"Refused: {file.error}")
        for entry in file.measurements:
            value = f"{entry.quantity.label} {entry.quantity.text(entry.value)}"
            self.details.addItem(f"Used: {value}" + (f", {entry.taken}" if entry.taken else ""))
        for owner, fields in self.intake.removed:
            if owner is file:
                self.details.addItem(f"Removed: {', '.join(fields)}")
        for owner, unused in self.intake.ignored:
            if owner is file:
                self.details.addItem(f"Not used: {unused}")

    def _table(self) -> QTableWidget:
        table = QTableWidget(len(self.intake.files), len(COLUMNS), self)
        table.setAccessibleName("Files")
        table.setHorizontalHeaderLabels(list(COLUMNS))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.horizontalHeader().setStretchLastSection(True)
        return table

    def _buttons(self) -> tuple[QDialogButtonBox, QPushButton]:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        # The style's red cross is louder than anything else here.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        make = buttons.addButton("Make the case…", QDialogButtonBox.ButtonRole.AcceptRole)
        make.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons, make


def _used(file: TakenFile) -> str:
    if file.error is not None:
        return "refused"
    return file.about or f"{len(file.measurements)} quantities"
