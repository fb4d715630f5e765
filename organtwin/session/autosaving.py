"""What was done to a case and no file holds yet, written down while the program runs.

Every change is written at once, off the GUI thread; while a slider moves, at most every ``PAUSE``.
A kill at any moment so loses at most the edit it fell into. Work that a crashed program left is
offered at the next start and taken up as unsaved.
"""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from organtwin.anatomy.marking import Marking
from organtwin.session.notice import Notice
from organtwin.session.plans import Plans, kept_plan, taken_up
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.geometry.source import HeartSource
    from organtwin.patient.record import PatientRecord
    from organtwin.session.heart_work import HeartWork
    from organtwin.session.jobs import JobBoard
    from organtwin.session.saving import Saving
    from organtwin.session.science import Science
    from organtwin.store.autosave import Autosave, Found
    from organtwin.store.unsaved import UnsavedWork

KEEPING = "Keeping unsaved work"
LOOKING = "Looking for unsaved work"
PAUSE = 0.05
"""[s] between two writes: a slider moves 60 times a second, the disk confirms in some
milliseconds. People make no two edits within it."""
_STEP = 0.01
"""[s] after which a wait asks whether it was overtaken."""


class Desk(Protocol):
    """Whose work is kept: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    saving: "Saving"
    heart_work: "HeartWork"
    markings: tuple[Marking, ...]
    conditions: tuple[str, ...]
    plans: Plans

    @property
    def notice(self) -> Notice | None: ...
    @notice.setter
    def notice(self, notice: Notice | None) -> None: ...
    @property
    def record_changed(self) -> "SignalInstance": ...
    @property
    def draft_changed(self) -> "SignalInstance": ...
    @property
    def plans_changed(self) -> "SignalInstance": ...
    @property
    def markings_changed(self) -> "SignalInstance": ...
    @property
    def conditions_changed(self) -> "SignalInstance": ...
    @property
    def unsaved_found(self) -> "SignalInstance": ...
    def open(self, source: str) -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


@dataclass(frozen=True)
class _Work:
    """What there is to write; the digest of the case is taken off the GUI thread."""

    case: str
    plans: Plans
    markings: tuple[Marking, ...]
    heart: "HeartSource | None"
    conditions: tuple[str, ...]


class Autosaving:
    """Follows the session once ``look`` was called, as a window does; till then nothing is kept."""

    def __init__(self, session: Desk) -> None:
        self._session = session
        self.found: tuple[Found, ...] = ()
        """What crashed programs left, the latest first."""
        self._opened = ""
        self._taking_up: Found | None = None
        self._taken_up: list[Found] = []
        """To be forgotten once what was done is written down anew."""
        self._store: Autosave | None = None
        self._written_at = 0.0
        self._told = False

    def look(self) -> None:
        """Begin to keep what is done, and ask what was left by a crash."""
        session = self._session
        for signal in (
            session.draft_changed, session.plans_changed, session.markings_changed,
            session.conditions_changed, session.record_changed,
        ):  # fmt: skip
            signal.connect(self._note)
        folder = session.science.unsaved()
        if folder.is_dir():
            session.jobs.start(
                session.jobs.lanes.reading,
                LOOKING,
                lambda progress: _left_in(folder),
                on_result=self._receive_found,
                on_error=lambda error: session.report(error, LOOKING),
            )

    def opened(self, source: str) -> None:
        """A case is shown that was opened by this name; a recording has no case file."""
        self._opened = source
        found, self._taking_up = self._taking_up, None
        # Another case may have been opened meanwhile; the work then stays where it is.
        if found is not None and found.work is not None and found.work.case == source:
            self._take_up(found, found.work)

    def restore(self, found: "Found") -> None:
        """Open the case of unsaved work, and do to it what was done."""
        if found.work is not None:
            self._taking_up = found
            self._session.open(found.work.case)

    def discard(self, found: "Found") -> None:
        """The user does not want it: delete it."""
        self._offered(found)
        self._forget(found)

    def close(self) -> None:
        """Leave in order: what is not saved by now, the user gave up."""
        if self._store is not None:
            self._store.discard()
            self._store.close()
            self._store = None

    def _receive_found(self, found: "tuple[Found, ...]") -> None:
        self.found = found
        self._session.unsaved_found.emit()

    def _offered(self, found: "Found") -> None:
        self.found = tuple(other for other in self.found if other is not found)
        self._session.unsaved_found.emit()

    def _take_up(self, found: "Found", work: "UnsavedWork") -> None:
        session = self._session
        session.plans = _plans(work)
        session.markings = work.markings
        if work.conditions is not None:
            session.conditions = work.conditions
        if work.heart is not None and session.record and session.record.heart != work.heart:
            session.record = replace(session.record, heart=work.heart)
            session.heart_work.build(work.heart)
            session.record_changed.emit()
        changed = work.case_sha256 != _digest(work.case)
        told = [*work.lost, *(("The case file was changed since.",) if changed else ())]
        if told:
            session.notice = Notice(
                "Unsaved work was taken up in part" if work.lost else "Unsaved work was taken up",
                "; ".join(told), "Look through plan and markings before you save.",
            )  # fmt: skip
        self._offered(found)
        self._taken_up.append(found)
        self._note()

    def _note(self) -> None:
        """Have what is not saved written down; a newer request overtakes the older."""
        work = self._work()
        if work is not None or self._store is not None or self._taken_up:
            job: Job[None] = Job(
                KEEPING,
                lambda progress: self._write(work, progress),
                on_result=lambda _: None,
                on_error=self._fail,
            )
            self._session.jobs.lanes.keeping.submit(job)

    def _work(self) -> "_Work | None":
        """Everything that is not in a file; ``None`` where that is nothing."""
        session, record = self._session, self._session.record
        if record is None or (session.plans == Plans() and not session.saving.unsaved):
            return None
        case = str(record.case_file) if record.case_file else self._opened
        return _Work(case, session.plans, session.markings, record.heart, session.conditions)

    def _write(self, work: "_Work | None", progress: Progress) -> None:
        """In the lane: wait for the turn, then write; the newest work cancels the one before."""
        from organtwin.store.autosave import Autosave, forget

        while time.monotonic() < self._written_at + PAUSE:
            progress.check()
            time.sleep(_STEP)
        if work is None:
            if self._store is not None:
                self._store.discard()
        else:
            if self._store is None:
                self._store = Autosave(self._session.science.unsaved())
            self._store.keep(_unsaved(work))
        self._written_at = time.monotonic()
        while self._taken_up:
            forget(self._taken_up.pop())

    def _forget(self, found: "Found") -> None:
        from organtwin.store.autosave import forget

        try:
            forget(found)
        except OSError as error:
            self._session.report(error, "Discarding unsaved work")

    def _fail(self, error: BaseException) -> None:
        """Tell it once: a full disk would otherwise be told at every edit."""
        if not self._told:
            self._told = True
            self._session.report(error, KEEPING)


def _unsaved(work: _Work) -> "UnsavedWork":
    from organtwin.store.unsaved import UnsavedWork

    active = work.plans[work.plans.active]
    others = tuple(kept_plan(plan) for plan in work.plans.items if plan is not active)
    return UnsavedWork(
        work.case, _digest(work.case), kept_plan(active), others, work.markings, work.heart,
        conditions=work.conditions,
    )  # fmt: skip


def _plans(work: "UnsavedWork") -> Plans:
    """The plans of unsaved work, with the one on the table that was there."""
    found = (taken_up(plan) for plan in (work.plan, *work.others))
    return Plans(tuple(sorted(found, key=lambda plan: plan.letter)), work.plan.letter)


def _left_in(folder: Path) -> "tuple[Found, ...]":
    from organtwin.store.autosave import unsaved_work

    return unsaved_work(folder)


def _digest(case: str) -> str:
    """Digest of a case file; empty for what is no file, such as a bundled case by its name."""
    path = Path(case)
    if not path.is_file():
        return ""
    facts = path.stat()
    return _digest_of(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=4)
def _digest_of(path: Path, changed: int, size: int) -> str:
    """A recording may be large: it is read once, and again when it was changed."""
    from organtwin.store.digests import file_digest

    return file_digest(path)
