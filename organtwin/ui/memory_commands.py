"""What the menus do with the library, with forecasts and with cases as one file."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from organtwin.session.archive_work import SUFFIX, free_folder
from organtwin.session.session import Session
from organtwin.ui.views.visit_dialog import PatientDialog, VisitDialog

if TYPE_CHECKING:
    from organtwin.ui.views.history_dialog import HistoryDialog


class MemoryCommands(QObject):
    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._history: HistoryDialog | None = None

    def add_visit(self) -> None:
        """Add the visit; asks what is not clear, and which plans were followed."""
        desk = self._session.library
        if desk.patient_id and desk.day is not None and not (desk.known and desk.known.due):
            desk.add_visit()
        else:
            VisitDialog(self._session, self._window).open()

    def fit_from_last(self) -> None:
        self._session.library.fit_from_last()

    def keep_forecast(self) -> None:
        """Keep the forecast; asks for the patient only where that is not clear."""
        desk = self._session.library
        if desk.patient_id:
            desk.keep_forecast()
        else:
            PatientDialog(self._session, self._window).open()

    def show_history(self) -> None:
        """Show visits and forecasts of the patient beside the window."""
        if self._history is None:
            from organtwin.ui.views.history_dialog import HistoryDialog

            self._history = HistoryDialog(self._session, self._window)
        self._history.show()
        self._history.raise_()

    def export_archive(self) -> None:
        """Ask for a file and write the case with all that belongs to it."""
        record = self._session.record
        if record is None:
            return
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Export the case as one file", f"{record.case_id}{SUFFIX}",
            f"Case as one file (*{SUFFIX})",
        )  # fmt: skip
        if path:
            named = Path(path)
            self._session.archives.pack(named if named.suffix else named.with_suffix(SUFFIX))

    def open_archive(self, archive: Path) -> None:
        """Ask where to unpack a case; it gets a new folder there, so nothing is written over."""
        parent = QFileDialog.getExistingDirectory(
            self._window, f"Unpack {archive.name} into a new folder in", str(archive.parent)
        )
        if parent:
            self._session.archives.open(archive, free_folder(Path(parent), archive))
