"""The electrics of the patient on screen: leads for the ECG, activation for the heart.

Computed after the fit, so that they do not hold it up; the heart is coloured by its patches until
they are there. Whoever shows a new heartbeat has it coloured.
"""

from typing import TYPE_CHECKING, Any, Protocol

from organtwin.errors import OrganTwinError
from organtwin.session.answers import Heartbeat
from organtwin.session.jobs import watched
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.twin.ecg_comparison import EcgComparison
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart

COMPUTING = "Computing activation and ECG"


class Ward(Protocol):
    """Where the work is asked for and shown: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    own_heart: "OwnHeart | None"
    ecg: "EcgComparison | None"

    @property
    def shown_hearts(self) -> tuple[Heartbeat, ...]: ...
    @property
    def twin_changed(self) -> "SignalInstance": ...
    def report(self, error: BaseException, doing: str) -> None: ...


class ElectricDesk:
    """Asks for the electrics and hands them on; a newer question cancels the older."""

    def __init__(self, session: Ward) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self._answer: ElectricAnswer | None = None
        self._heart: OwnHeart | None = None

    def ask(self) -> None:
        """Compute for the record and the heart that are there now."""
        session = self._session
        record, heart = session.record, session.own_heart
        if record is None:
            return
        self.forget()
        self._heart = heart
        self._job = session.jobs.start(
            session.jobs.lanes.building,
            COMPUTING,
            lambda progress: computed(session.science, record, heart, progress),
            on_result=self._receive,
            on_error=lambda error: session.report(error, COMPUTING),
        )

    def forget(self) -> None:
        """Cancel, and colour no longer, as for another patient."""
        if self._job is not None:
            self._job.cancel()
        self._answer = None

    def colour(self, heartbeat: Heartbeat | None) -> None:
        """Put the computed values on a heart that is about to be shown."""
        if heartbeat is not None and self._answer is not None and heartbeat.heart is self._heart:
            heartbeat.motion.electrics = self._answer.surface

    def _receive(self, answer: "ElectricAnswer") -> None:
        self._answer = answer
        for heartbeat in self._session.shown_hearts:
            self.colour(heartbeat)
        self._session.ecg = answer.comparison
        self._session.twin_changed.emit()


def computed(
    science: "Science", record: "PatientRecord", heart: "OwnHeart | None", progress: Progress
) -> "ElectricAnswer":
    """The electrics, with progress."""
    answer: ElectricAnswer | None = None
    for step in watched(science.electrics(record, heart), progress):
        answer = step.answer or answer
    if answer is None:
        raise OrganTwinError(f"{record.title}: the electrics ended without an answer")
    return answer
