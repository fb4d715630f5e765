"""What the menus do to write a report or a bundle."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from organtwin.errors import OrganTwinError
from organtwin.session.report import Reported, reported
from organtwin.session.report_digests import ReportDigests
from organtwin.session.report_work import PDF, ZIP, start_writing
from organtwin.session.session import Session

if TYPE_CHECKING:
    from PySide6.QtGui import QImage


class ReportCommands(QObject):
    """The hearts are drawn one by one on the GUI thread, which VTK needs; all else is a job."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._asked: tuple[Reported, Path] | None = None
        self._drawing: Iterator[tuple[str, QImage]] = iter(())
        self._pictures: dict[str, QImage] = {}

    def ask_report(self) -> None:
        """Ask for a file, and write the report there."""
        self._ask("Write a report of one page", PDF, "Report")

    def ask_bundle(self) -> None:
        """Ask for a file, and write report, numbers, curves and case there."""
        self._ask("Write a bundle for other programs", ZIP, "Bundle")

    def write(self, file: Path) -> None:
        """Write what is known now; what it is follows from the ending of the file."""
        found = reported(self._session)
        if found is None:
            return
        self._asked, self._pictures = (found, file), {}
        self._drawing = drawn_hearts(found)
        QTimer.singleShot(0, self, self._draw)

    def _ask(self, title: str, suffix: str, kind: str) -> None:
        record = self._session.record
        if record is None:
            return
        path, _ = QFileDialog.getSaveFileName(
            self._window, title, f"{record.case_id}{suffix}", f"{kind} (*{suffix})"
        )
        if path:
            self.write(Path(path) if path.lower().endswith(suffix) else Path(f"{path}{suffix}"))

    @Slot()
    def _draw(self) -> None:
        """One more heart; between two the window answers. Without graphics there are none."""
        if self._asked is None:
            return
        try:
            letter, picture = next(self._drawing)
        except StopIteration:
            self._start()
            return
        except OrganTwinError as error:
            self._session.report(error, "Drawing the hearts of the report")
            self._start()
            return
        self._pictures[letter] = picture
        QTimer.singleShot(0, self, self._draw)

    def _start(self) -> None:
        if self._asked is None:
            return
        found, file = self._asked
        self._asked = None
        start_writing(self._session, found, file, partial(_painted, self._pictures))


def drawn_hearts(found: Reported) -> "Iterator[tuple[str, QImage]]":
    """Pictures of the hearts, one by one."""
    from organtwin.ui.report.pictures import heart_pictures  # it loads VTK

    return heart_pictures(found)


def _painted(
    pictures: "dict[str, QImage]", found: Reported, digests: ReportDigests, made: datetime
) -> bytes:  # fmt: skip
    from organtwin.ui.report.writing import report_pdf

    return report_pdf(found, digests, made, pictures)
