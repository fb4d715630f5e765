"""The library beside the record that is open: visits, forecasts and how they turned out.

The library is opened for each piece of work, off the GUI thread, and closed again: other windows
and the command line may use it at the same time. What it holds then is ``LibraryDesk.known``.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from organtwin.patient.measurement import Measurement, Provenance
from organtwin.session.fit_work import FitWork
from organtwin.session.notice import Notice
from organtwin.tasks.job import Job

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.store.library import Library
    from organtwin.store.remembering import Remembered
    from organtwin.twin.prediction import Prediction
    from organtwin.twin.twin import Twin

READING = "Reading the library"
ADDING = "Adding the visit to the library"
KEEPING = "Keeping the forecast"
SCORING = "Scoring the forecast"


class Archive(Protocol):
    """Whose record it is: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    fit_work: FitWork

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def fitting(self) -> bool: ...
    @property
    def predicting(self) -> bool: ...
    @property
    def up_to_date(self) -> bool: ...
    @property
    def prediction(self) -> "Prediction | None": ...
    @property
    def notice(self) -> Notice | None: ...
    @notice.setter
    def notice(self, notice: Notice | None) -> None: ...
    @property
    def library_changed(self) -> "SignalInstance": ...
    def report(self, error: BaseException, doing: str) -> None: ...


class LibraryDesk:
    """Reads and writes the library; what was read last is ``known``."""

    def __init__(self, session: Archive) -> None:
        self._session = session
        self.known: Remembered | None = None
        """``None`` without a library, or before it was read."""
        self._chosen = ""
        self._fresh: tuple[Measurement, ...] = ()
        self._before: PatientRecord | None = None
        self._record_number = 0
        self._reading: Job[Any] | None = None

    @property
    def patient_id(self) -> str:
        """Whose record is open; empty where somebody has to say so first."""
        record = self._session.record
        if record is None:
            return ""
        if self._chosen or self.known is not None:
            return self._chosen or (self.known.patient_id if self.known else "")
        return "" if self._session.science.library().exists() else record.case_id

    @property
    def day(self) -> date | None:
        """When the record says that the patient was seen."""
        from organtwin.store.visits import stated_day

        return stated_day(self._session.record) if self._session.record else None

    @property
    def can_add(self) -> bool:
        """The twin has its posterior."""
        session = self._session
        return session.twin is not None and bool(session.twin.ensemble) and not session.fitting

    @property
    def can_fit_from_last(self) -> bool:
        """The patient was here before."""
        return self.known is not None and bool(self.known.earlier) and not self._session.fitting

    @property
    def can_keep(self) -> bool:
        """The prediction that is shown answers the plan, and has its bands."""
        session = self._session
        return session.prediction is not None and session.up_to_date and not session.predicting

    def follow(self, record: "PatientRecord") -> None:
        """Another record is open: ask what is known of its patient."""
        before, self._before = self._before, record
        same = before is not None and before.case_id == record.case_id
        told = before.measurements if same and before is not None else ()
        self._fresh = tuple(
            m for m in record.measurements
            if m.provenance is Provenance.MEASURED and m not in told
        )  # fmt: skip
        self._record_number += 1
        self._chosen = self._chosen if same else ""
        self.known = None
        self._session.library_changed.emit()
        self.read()

    def read(self) -> None:
        """Ask again what the library holds; without a library nothing is asked."""
        if self._session.science.library().exists():
            self._reading = self._work(READING, lambda library: None, create=False)

    def add_visit(
        self, patient_id: str = "", day: date | None = None, followed: Sequence[int] = ()
    ) -> None:
        """Enter the fitted twin as a visit, and score the forecasts whose plans were followed.

        ``patient_id`` and ``day`` may be left out where they are clear.
        """
        session, twin = self._session, self._session.twin
        self._chosen = patient_id or self.patient_id
        when = day or self.day
        if twin is None or not self.can_add:
            session.notice = Notice(
                ADDING, "There is no twin yet with its doubt.", "Wait until the fit is over."
            )
        elif not self._chosen or when is None:
            session.notice = Notice(
                ADDING, "It is not clear whose visit this is, or when it was.",
                "Name patient and day.",
            )  # fmt: skip
        else:
            whose, known = self._chosen, session.fit_work.known
            measured = {d.forecast.forecast_id: d.measured for d in self._due}

            def enter(library: "Library") -> None:
                from organtwin.store.ledger import check_followed, score_visit
                from organtwin.store.visits import enter_visit, visit_facts

                facts = visit_facts(whose, twin.record, when, known)
                library.check_visit(facts)
                check_followed(library, facts, followed)
                library.add_patient(whose, twin.record.title)
                visit = enter_visit(library, whose, twin, when, known)
                for number in followed:
                    score_visit(library, visit, measured.get(number, ()), (number,))

            self._work(ADDING, enter)

    def keep_forecast(self, patient_id: str = "") -> None:
        """Enter the prediction that is shown, with its bands; the same one is entered once."""
        session = self._session
        twin, prediction = session.twin, session.prediction
        self._chosen = patient_id or self.patient_id
        if twin is None or prediction is None or not self.can_keep:
            session.notice = Notice(
                KEEPING, "There is no finished prediction of the plan that is shown.",
                "Make a plan, and wait for its bands.",
            )  # fmt: skip
        elif not self._chosen:
            session.notice = Notice(
                KEEPING, "It is not clear whose forecast this is.", "Name the patient."
            )
        else:
            whose = self._chosen

            def keep(library: "Library") -> None:
                from organtwin.store.ledger import note_forecast

                note_forecast(library, twin, prediction, whose)

            self._work(KEEPING, keep)

    def score(self, forecast_id: int) -> None:
        """The plan of a forecast was followed: score it by what was measured since."""
        measured = next(
            (d.measured for d in self._due if d.forecast.forecast_id == forecast_id), ()
        )
        if not measured:
            self._session.notice = Notice(
                SCORING, "Nothing was measured since that this forecast foretold.",
                "Open or import the measurements that were taken under the plan.",
            )  # fmt: skip
            return

        def enter(library: "Library") -> None:
            from organtwin.store.ledger import score

            score(library, forecast_id, measured)

        self._work(SCORING, enter, create=False)

    def fit_from_last(self) -> None:
        """Fit the record again, beginning from what the patient's last visit left."""
        session = self._session
        if session.record is not None:
            session.fit_work.ask_from_last(session.record, self.patient_id)

    @property
    def _due(self) -> tuple[Any, ...]:
        return self.known.due if self.known is not None else ()

    def _work(
        self, doing: str, work: "Callable[[Library], None]", *, create: bool = True
    ) -> Job[Any]:
        """Do something to the library, then read what it holds."""
        session, number = self._session, self._record_number
        path, whose, fresh = session.science.library(), self._chosen, self._fresh
        record = session.twin.record if session.twin else session.record

        def receive(found: "Remembered | None") -> None:
            if number == self._record_number:
                self.known = found
                session.library_changed.emit()

        return session.jobs.start(
            session.jobs.lanes.reading,
            doing,
            lambda progress: _done(path, create, work, record, fresh, whose),
            on_result=receive,
            on_error=lambda error: session.report(error, doing),
        )


def _done(
    path: Path, create: bool, work: "Callable[[Library], None]", record: "PatientRecord | None",
    fresh: Sequence[Measurement], patient_id: str,
) -> "Remembered | None":  # fmt: skip
    from organtwin.store.library import Library
    from organtwin.store.remembering import remembered

    with Library.open(path, create=create) as library:
        work(library)
        return None if record is None else remembered(library, record, fresh, patient_id)
