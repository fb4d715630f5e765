"""The conditions of the patient as somebody states them in the window.

They change no number of the twin, only what is predicted of it; so the fit stays, and the twin is
asked anew.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from organtwin.session.answers import Fitted

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.course_work import CourseDesk
    from organtwin.session.dose_work import DoseDesk
    from organtwin.session.pacing_work import PacingDesk
    from organtwin.session.prediction_work import PredictionWork
    from organtwin.session.ramp_work import RampDesk


class Place(Protocol):
    """Where record, twin and edits lie: the session."""

    record: "PatientRecord | None"
    fitted: Fitted | None
    conditions: tuple[str, ...]
    timeline: "CourseDesk"
    doses: "DoseDesk"
    ramps: "RampDesk"
    pacing: "PacingDesk"
    prediction_work: "PredictionWork"

    @property
    def conditions_changed(self) -> "SignalInstance": ...
    @property
    def twin_changed(self) -> "SignalInstance": ...


class Stating:
    """Adds and takes away conditions, each as one step of undo."""

    def __init__(self, session: Place) -> None:
        self._session = session

    @property
    def questions(self) -> tuple[str, ...]:
        """Conditions that diagnosis or remarks mention and nobody states."""
        from organtwin.patient.stated import asked_about

        record = self._session.record
        return () if record is None else asked_about(record)

    def add(self, text: str) -> str:
        """State a condition by any of its names; gives the name under which it stands.

        Raises
        ------
        UnknownNameError
            The vocabulary has none of that name; the nearest are offered.
        """
        from organtwin.patient.conditions import condition_named

        name, stated = condition_named(text), self._session.conditions
        if name not in stated:
            self._session.conditions = (*stated, name)
        return name

    def remove(self, name: str) -> None:
        """State it no longer."""
        stated = self._session.conditions
        self._session.conditions = tuple(other for other in stated if other != name)

    def follow(self) -> None:
        """Put what is stated into record and twin, and have the plans judged by it."""
        from organtwin.patient.stated import with_conditions

        session = self._session
        if session.record is None:
            return
        session.record = with_conditions(session.record, session.conditions)
        if session.fitted is not None:
            session.fitted = self.restated(session.fitted)
        session.timeline.forget()
        session.doses.forget()
        session.ramps.forget()
        session.pacing.forget()
        session.conditions_changed.emit()
        session.twin_changed.emit()
        session.prediction_work.ask()

    def restated(self, fitted: Fitted) -> Fitted:
        """A twin that was fitted while conditions were stated."""
        from organtwin.twin.restating import restated

        twin, names = fitted.twin, self._session.conditions
        if twin.record.conditions == names:
            return fitted
        return replace(fitted, twin=restated(twin, names))
