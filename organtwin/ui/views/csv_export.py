"""A button that writes a table of the library to a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from organtwin.session.memory_tables import Cells, write_csv
from organtwin.session.notice import notice_of
from organtwin.session.session import Session


class ExportButton(QPushButton):
    """``rows`` is asked when the button is pressed."""

    def __init__(
        self, session: Session, name: str, header: Sequence[str],
        rows: Callable[[], Sequence[Cells]], parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__("Export CSV…", parent)
        self.setAccessibleName(f"Export {name}")
        self.setAutoDefault(False)
        self._session, self._name, self._header, self._rows = session, name, header, rows
        self.clicked.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, f"Export the {self._name}", f"{self._name}.csv", "Table (*.csv)"
        )
        if path:
            named = Path(path)
            self.write(named if named.suffix else named.with_suffix(".csv"))

    def write(self, path: Path) -> None:
        """Write the table; a failure is shown in the window."""
        try:
            write_csv(path, self._header, self._rows())
        except OSError as error:
            self._session.notice = notice_of(error, f"Exporting the {self._name}")
