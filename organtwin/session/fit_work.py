"""From a record to its fitted twin, begun from a normal adult or from the visit before.

What comes of it are attributes of the session; the twin before stays until the new one is there.
"""

from typing import TYPE_CHECKING, Any, Protocol

from organtwin.errors import RecordError
from organtwin.session.answers import Fitted, fit
from organtwin.session.jobs import busy
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.electric_work import ElectricDesk
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.store.carrying import Carried
    from organtwin.twin.own_heart import OwnHeart


class Workplace(Protocol):
    """Where the work is asked for and its results lie: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    fitted: Fitted | None
    own_heart: "OwnHeart | None"

    @property
    def electrics(self) -> "ElectricDesk": ...
    @property
    def twin_changed(self) -> "SignalInstance": ...
    def receive_twin(self, answer: object) -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class FitWork:
    """The fit of the record that is open; a newer one cancels the older."""

    def __init__(self, session: Workplace) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self.known: Carried | None = None
        """What an earlier visit said before the fit; ``None`` for a fit from a normal adult."""

    @property
    def going_on(self) -> bool:
        """The twin is absent or provisional, and work on it goes on."""
        return busy(self._job)

    def ask(self, record: "PatientRecord") -> None:
        """Fit a record as that of a patient whom nobody has seen before."""
        session = self._session
        self.known = None
        self._job = session.jobs.start(
            session.jobs.lanes.background,
            record.title,
            lambda progress: fit(session.science, record, lambda: session.own_heart, progress),
            on_result=self._finish,
            on_error=self._fail,
            on_partial=session.receive_twin,
        )

    def ask_from_last(self, record: "PatientRecord", patient_id: str) -> None:
        """Fit it again, from what the patient's last visit left."""
        session = self._session
        if self._job is not None:
            self._job.cancel()
        self._job = session.jobs.start(
            session.jobs.lanes.background,
            f"{record.title}, from the last visit",
            lambda progress: self._from_last(record, patient_id, progress),
            on_result=self._finish_carried,
            on_error=self._fail,
        )

    def _from_last(
        self, record: "PatientRecord", patient_id: str, progress: Progress
    ) -> "tuple[Fitted, Carried]":
        session = self._session
        known = carried_prior(session.science, record, patient_id)
        fitted = fit(
            session.science, record, lambda: session.own_heart, progress, known.prior
        )  # fmt: skip
        return fitted, known

    def _finish_carried(self, answer: "tuple[Fitted, Carried]") -> None:
        fitted, self.known = answer
        self._finish(fitted)

    def _finish(self, fitted: Fitted) -> None:
        session = self._session
        if fitted is session.fitted:
            session.twin_changed.emit()
        else:
            session.receive_twin(fitted)
        session.electrics.ask()

    def _fail(self, error: BaseException) -> None:
        session = self._session
        session.twin_changed.emit()
        session.report(error, f"Fitting {session.record.title}" if session.record else "Fitting")


def carried_prior(science: "Science", record: "PatientRecord", patient_id: str) -> "Carried":
    """What the last visit before this record says of it.

    Raises
    ------
    RecordError
        There is none, or the last visit is this very record.
    """
    from datetime import date

    from organtwin.store.digests import record_digest
    from organtwin.store.library import Library
    from organtwin.store.visits import prior_of_visit, stated_day

    path = science.library()
    day = stated_day(record) or date.today()
    with Library.open(path, create=False) as library:
        earlier = [visit for visit in library.visits(patient_id) if visit.day <= day]
        if earlier and earlier[-1].facts.case_digest == record_digest(record):
            raise RecordError(
                str(path), "visit", expected="a visit before this record",
                got=f"this very record, entered for {earlier[-1].day}",
                remedy="Its measurements would count twice. Open the record of the next visit.",
            )  # fmt: skip
        known = prior_of_visit(library, patient_id, record, day)
    if known is None:
        raise RecordError(
            str(path), "visit", expected=f"a visit of {patient_id} up to {day}", got="none",
            remedy="Add the earlier visit to the library first.",
        )  # fmt: skip
    return known
