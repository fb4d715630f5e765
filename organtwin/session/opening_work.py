"""Opening a case, and sorting files that were dropped on the window.

A newer case cancels the one that is still read; a file in error leaves all as it is.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from organtwin.session.science import HEART, IMPORT, Science
from organtwin.tasks.job import Job

if TYPE_CHECKING:
    from organtwin.patient.record import PatientRecord
    from organtwin.session.autosaving import Autosaving
    from organtwin.session.intake_work import IntakeWork
    from organtwin.session.jobs import JobBoard
    from organtwin.session.rhythm_work import RhythmWork
    from organtwin.session.saving import Saving


class Entrance(Protocol):
    """Where what was opened is shown: the session."""

    science: Science
    jobs: "JobBoard"
    saving: "Saving"
    autosaving: "Autosaving"
    imports: "IntakeWork"
    rhythm_work: "RhythmWork"

    def open_heart(self, files: Sequence[Path]) -> None: ...
    def receive_record(self, record: "PatientRecord") -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class OpeningWork:
    """The jobs between a name or a file and the patient on screen."""

    def __init__(self, session: Entrance) -> None:
        self._session = session
        self._opening: Job[Any] | None = None

    def open(self, source: str) -> None:
        """Read a bundled case or a file, then show it; nothing where unsaved work is not left."""
        session = self._session
        if not session.saving.may_leave:
            return
        session.rhythm_work.cancel()
        if self._opening is not None:
            self._opening.cancel()
        doing = f"Opening {source}"
        self._opening = session.jobs.start(
            session.jobs.lanes.reading,
            doing,
            lambda progress: session.science.load(source),
            on_result=lambda record: self._receive(record, source),
            on_error=lambda error: session.report(error, doing),
        )

    def sort(self, files: Sequence[Path]) -> None:
        """Ask about files that show a heart or are to be imported, or else open the first."""
        session = self._session
        doing = f"Opening {files[0].name}"
        session.jobs.start(
            session.jobs.lanes.reading,
            doing,
            lambda progress: session.science.dropped(files),
            on_result=lambda kind: self._receive_kind(kind, files),
            on_error=lambda error: session.report(error, doing),
        )

    def _receive(self, record: "PatientRecord", source: str) -> None:
        session = self._session
        session.imports.forget()
        session.receive_record(record)
        session.autosaving.opened(source)

    def _receive_kind(self, kind: str, files: Sequence[Path]) -> None:
        if kind == HEART:
            self._session.open_heart(files)
        elif kind == IMPORT:
            self._session.imports.read(files)
        else:
            self.open(str(files[0]))
