"""From files to the patient's own heart on screen: reading, looking at, building, moving it.

What comes of it are attributes of the session. A build that fails or is cancelled leaves all as it
was; what was shown stays until the new heart is there.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from psygnal import SignalInstance

from organtwin.session.answers import Fitted, build, shown
from organtwin.session.notice import Notice
from organtwin.tasks.job import Job

if TYPE_CHECKING:
    from organtwin.patient.geometry.inspection import HeartFiles
    from organtwin.patient.geometry.source import HeartSource
    from organtwin.patient.record import PatientRecord
    from organtwin.session.electric_work import ElectricDesk
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.twin.heart_examination import Examination
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.twin import Twin

BUILDING = "Building the patient's own heart"
MOVING = "Moving the patient's own heart"
READING = "Reading the patient's heart"
EXAMINING = "Looking for faults in the files"


class Workplace(Protocol):
    """Where the work is asked for and its results lie: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    fitted: Fitted | None
    own_heart: "OwnHeart | None"
    heart_files: "HeartFiles | None"
    examination: "Examination | None"

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def notice(self) -> Notice | None: ...
    @notice.setter
    def notice(self, notice: Notice | None) -> None: ...
    @property
    def record_changed(self) -> SignalInstance: ...
    @property
    def heart_changed(self) -> SignalInstance: ...
    @property
    def heart_examined(self) -> SignalInstance: ...
    @property
    def electrics(self) -> "ElectricDesk": ...
    def report(self, error: BaseException, doing: str) -> None: ...
    def receive_twin(self, answer: object) -> None: ...


class HeartWork:
    """The jobs that lead to an own heart; a newer one of a kind cancels the older."""

    def __init__(self, session: Workplace) -> None:
        self._session = session
        self._jobs: dict[str, Job[Any]] = {}

    def read(self, files: Sequence[Path]) -> None:
        """Read files of the patient's heart; ``heart_files`` then holds what they are."""
        session = self._session
        if session.record is None:
            session.notice = Notice(READING, "There is no patient yet.", "Open a case first.")
            return
        self._cancel(READING)
        self._jobs[READING] = session.jobs.start(
            session.jobs.lanes.reading,
            READING,
            lambda progress: session.science.inspect(files),
            on_result=self._receive_files,
            on_error=lambda error: session.report(error, READING),
        )

    def _receive_files(self, files: "HeartFiles") -> None:
        self._session.heart_files = files
        self._session.examination = None
        self._session.heart_changed.emit()

    def examine(self, source: "HeartSource") -> None:
        """Look for faults in files; ``examination`` then holds them."""
        session = self._session
        self._cancel(EXAMINING)
        self._jobs[EXAMINING] = session.jobs.start(
            session.jobs.lanes.reading,
            EXAMINING,
            lambda progress: session.science.examine(source),
            on_result=self._receive_examination,
            on_error=lambda error: session.report(error, EXAMINING),
        )

    def _receive_examination(self, examination: "Examination") -> None:
        self._session.examination = examination
        self._session.heart_examined.emit()

    def build(self, source: "HeartSource") -> None:
        """Build the heart; once that succeeded, the record names its files."""
        session = self._session
        self._cancel(EXAMINING, BUILDING)
        self._jobs[BUILDING] = session.jobs.start(
            session.jobs.lanes.building,
            BUILDING,
            lambda progress: build(session.science, source, progress),
            on_result=lambda heart: self._receive_heart(heart, source),
            on_error=lambda error: session.report(error, BUILDING),
        )

    def forget(self) -> None:
        """Cancel everything, as for another patient."""
        self._cancel(*self._jobs)

    def _cancel(self, *which: str) -> None:
        for name in which:
            if name in self._jobs:
                self._jobs[name].cancel()

    def _receive_heart(self, heart: "OwnHeart", source: "HeartSource") -> None:
        session = self._session
        session.own_heart = heart
        if session.record is not None and session.record.heart is not source:
            session.record = replace(session.record, heart=source)
            session.record_changed.emit()
        session.heart_changed.emit()
        fitted = session.fitted
        if fitted is not None:
            self._cancel(MOVING)
            self._jobs[MOVING] = session.jobs.start(
                session.jobs.lanes.building,
                MOVING,
                lambda progress: shown(session.science, fitted.twin, heart),
                on_result=self._receive_redrawn,
                on_error=lambda error: session.report(error, MOVING),
            )

    def _receive_redrawn(self, fitted: Fitted) -> None:
        # A fit that went on meanwhile has drawn the newer twin in the own heart itself.
        if fitted.twin is self._session.twin:
            self._session.receive_twin(fitted)
            self._session.electrics.ask()
