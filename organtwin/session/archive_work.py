"""A case as one file: writing it, and unpacking one that came from elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from organtwin.session.notice import Notice

if TYPE_CHECKING:
    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.saving import Saving

SUFFIX = ".otwin"
"""As ``store.archive_layout.SUFFIX``; not imported from there, so that the window starts sooner."""


class Sender(Protocol):
    """Whose case it is: the session."""

    jobs: "JobBoard"
    record: "PatientRecord | None"
    saving: "Saving"

    @property
    def notice(self) -> Notice | None: ...
    @notice.setter
    def notice(self, notice: Notice | None) -> None: ...
    def open(self, source: str) -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class ArchiveWork:
    """Packs the case that is open, and opens a case out of an archive."""

    def __init__(self, session: Sender) -> None:
        self._session = session

    def pack(self, archive: Path) -> None:
        """Write the case as its file says, with all that belongs to it."""
        session, record = self._session, self._session.record
        doing = f"Exporting {archive.name}"
        case = record.case_file if record is not None else None
        if case is None or session.saving.unsaved:
            text = "The case is not saved as it is shown." if case else "There is no case file yet."
            session.notice = Notice(doing, text, "Save the case first (File > Save case).")
            return

        def pack() -> None:
            from organtwin.store.packing import pack

            pack(case, archive)

        self._start(doing, pack, lambda _: None)

    def open(self, archive: Path, folder: Path) -> None:
        """Unpack an archive into a folder that does not exist yet, and open the case in it."""

        def unpacked() -> Path:
            from organtwin.store.unpacking import unpack

            return unpack(archive, folder)

        self._start(
            f"Unpacking {archive.name}", unpacked, lambda case: self._session.open(str(case))
        )

    def _start(
        self, doing: str, work: "Callable[[], Path | None]",
        then: "Callable[[Path | None], None]",
    ) -> None:  # fmt: skip
        session = self._session
        session.jobs.start(
            session.jobs.lanes.reading,
            doing,
            lambda progress: work(),
            on_result=then,
            on_error=lambda error: session.report(error, doing),
        )


def free_folder(parent: Path, archive: Path) -> Path:
    """A folder in ``parent`` that is not there yet, named like the archive."""
    number, folder = 1, parent / archive.stem
    while folder.exists() or folder.is_symlink():
        number += 1
        folder = parent / f"{archive.stem}-{number}"
    return folder
