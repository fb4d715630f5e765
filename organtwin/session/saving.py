"""What of a case is not yet in its file, and writing it there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from organtwin.anatomy.marking import Marking
from organtwin.errors import OrganTwinError

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.science import Science


class Keeper(Protocol):
    """Whose case is saved: the session."""

    science: "Science"
    record: "PatientRecord | None"

    @property
    def markings(self) -> tuple[Marking, ...]: ...
    @property
    def record_changed(self) -> "SignalInstance": ...
    def report(self, error: BaseException, doing: str) -> None: ...


class Saving:
    """Compares markings, heart and conditions with those that were last read or written."""

    def __init__(self, session: Keeper) -> None:
        self._session = session
        self._saved: tuple[object, ...] = ((), None, ())
        self.may_discard: Callable[[], bool] = lambda: True
        """Asked before another case takes the place of one with unsaved changes."""

    @property
    def unsaved(self) -> bool:
        """Markings, heart or conditions differ from what the case file says."""
        session = self._session
        return session.record is not None and (
            (session.markings, session.record.heart, session.record.conditions) != self._saved
        )

    @property
    def may_leave(self) -> bool:
        """Nothing is lost, or the user does not mind."""
        return not self.unsaved or self.may_discard()

    def note(self, record: "PatientRecord") -> None:
        """The record is as its file says."""
        self._saved = (record.markings, record.heart, record.conditions)

    def save(self, path: Path) -> None:
        """Write the case with its markings; a failure leaves the file as it was and is told."""
        session = self._session
        if session.record is None:
            return
        try:
            record = session.science.save(replace(session.record, markings=session.markings), path)
        except (OrganTwinError, OSError) as error:
            session.report(error, f"Saving {path.name}")
            return
        session.record = record
        self.note(record)
        session.record_changed.emit()
