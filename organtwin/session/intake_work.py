"""From dropped files to a case: reading them, asking about them, making the case, taking it back.

A case that was made takes the place of the one before in one step, which undo takes back; the files
that were written stay.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from psygnal import SignalInstance

from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from organtwin.anatomy.marking import Marking
    from organtwin.patient.intake import Intake
    from organtwin.patient.intake_reading import TakenFile
    from organtwin.patient.intake_saving import SavedIntake
    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.saving import Saving
    from organtwin.session.science import Science

READING = "Reading the files to import"
MAKING = "Making the case"


class Workplace(Protocol):
    """Where the work is asked for and its results lie: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    saving: "Saving"
    intake: "Intake | None"

    @property
    def markings(self) -> "tuple[Marking, ...]": ...
    @property
    def intake_changed(self) -> SignalInstance: ...
    def receive_record(self, record: "PatientRecord") -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class IntakeWork:
    """The jobs of an import, and the record on the other side of the last one."""

    def __init__(self, session: Workplace) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self._other: PatientRecord | None = None
        self._imported = False

    @property
    def can_undo(self) -> bool:
        """What is shown was imported in place of another record."""
        return self._other is not None and self._imported

    @property
    def can_redo(self) -> bool:
        """An import was taken back."""
        return self._other is not None and not self._imported

    def forget(self) -> None:
        """Another case was opened: there is no way back to what an import replaced."""
        self._other, self._imported = None, False

    def read(self, files: Sequence[Path]) -> None:
        """Read files; ``intake`` then holds what they are."""
        session = self._session
        if self._job is not None:
            self._job.cancel()
        self._job = session.jobs.start(
            session.jobs.lanes.reading,
            READING,
            lambda progress: _read(session.science, tuple(files), progress),
            on_result=self._receive_intake,
            on_error=lambda error: session.report(error, READING),
        )

    def _receive_intake(self, intake: "Intake") -> None:
        self._session.intake = intake
        self._session.intake_changed.emit()

    def use(self, intake: "Intake", target: Path) -> None:
        """Make or extend the case at ``target``, and show it."""
        session = self._session
        session.intake = None
        if not session.saving.may_leave:
            return
        self._job = session.jobs.start(
            session.jobs.lanes.reading,
            MAKING,
            lambda progress: session.science.make_case(intake, target),
            on_result=self._receive_case,
            on_error=lambda error: session.report(error, MAKING),
        )

    def _receive_case(self, saved: "SavedIntake") -> None:
        self._other, self._imported = self._now(), True
        self._session.receive_record(saved.record)

    def undo(self) -> None:
        """Show again what was shown before the import."""
        if self.can_undo:
            self._swap()

    def redo(self) -> None:
        """Show the imported case again."""
        if self.can_redo:
            self._swap()

    def _swap(self) -> None:
        wanted, self._other = self._other, self._now()
        self._imported = not self._imported
        if wanted is not None:
            self._session.receive_record(wanted)

    def _now(self) -> "PatientRecord | None":
        """The record that is shown, with the markings made on it."""
        session = self._session
        return session.record and replace(session.record, markings=session.markings)


def _read(science: "Science", files: Sequence[Path], progress: Progress) -> "Intake":
    from organtwin.patient.intake import Intake

    taken: list[TakenFile] = []
    progress.check()
    for file in science.take_in(files):
        taken.append(file)
        progress.report(len(taken) / len(files), file.path.name)
        progress.check()
    return Intake(tuple(taken))
