"""Dose-response curves: computed in the background for the therapies whose curve is open.

A curve depends on the rest of the plan and not on the dose of its own therapy, so it is kept by
that: moving its own slider computes nothing. Doses outside what was checked have no value unless
the user insists.
"""

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from psygnal import Signal

from organtwin.errors import OrganTwinError
from organtwin.session.jobs import busy, watched
from organtwin.session.notice import notice_of
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from organtwin.session.draft import Draft
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.therapy.kind import Therapy
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.dose_response import DoseResponse
    from organtwin.twin.twin import Twin

RUNNING = "Dose-response curve"
KEPT = 32
"""Curves that are remembered, a few kB each."""


class Dosing(Protocol):
    """Where the plan is made: the session; of dose curves and ramp tests."""

    science: "Science"
    jobs: "JobBoard"

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def draft(self) -> "Draft": ...
    @property
    def plan(self) -> "TherapyPlan": ...
    def report(self, error: BaseException, doing: str) -> None: ...


class DoseDesk:
    """Answers for one open curve after the other."""

    changed = Signal()

    def __init__(self, session: Dosing) -> None:
        self._session = session
        self._open: list[str] = []
        self._kept: dict[Hashable, DoseResponse | str] = {}
        self._job: Job[Any] | None = None
        self._asked: Hashable = None
        self._ended: set[Hashable] = set()
        """What was answered as well as it can be: a twin without members has no bands."""

    def show(self, name: str, shown: bool) -> None:
        """Open or close the curve of a therapy."""
        self._open = [other for other in self._open if other != name]
        if shown:
            self._open.insert(0, name)
        self.follow()

    def response(self, name: str) -> "DoseResponse | str | None":
        """The curve under the present plan, why there is none, or ``None`` while it is awaited."""
        therapy = self._therapy(name)
        return None if therapy is None else self._kept.get(self._key(therapy))

    def follow(self) -> None:
        """Work on the first open curve that is missing; what is no longer wanted is given up."""
        wanted = [t for name in self._open if (t := self._therapy(name)) is not None]
        missing = [t for t in wanted if not self._done(self._key(t))]
        if busy(self._job):
            if any(self._key(therapy) == self._asked for therapy in missing):
                return
            self._session.jobs.lanes.doses.cancel_all()
        if missing:
            self._ask(missing[0])
        self.changed.emit()

    def forget(self) -> None:
        """Drop all, as for another twin; what is open is asked for anew."""
        self._session.jobs.lanes.doses.cancel_all()
        self._kept.clear()
        self._ended.clear()
        self._job = None
        self.follow()

    def _done(self, key: Hashable) -> bool:
        return key in self._kept and key in self._ended

    def _therapy(self, name: str) -> "Therapy | None":
        return next((t for t in self._session.draft.therapies if t.kind.name == name), None)

    def _others(self, name: str) -> "tuple[Therapy, ...]":
        return tuple(t for t in self._session.draft.applied if t.kind.name != name)

    def _key(self, therapy: "Therapy") -> Hashable:
        name = therapy.kind.name
        others = tuple((t.kind.name, t.dose) for t in self._others(name))
        insist = self._session.draft.insist
        return name, frozenset(others), id(self._session.plan.excitation), insist

    def _ask(self, therapy: "Therapy") -> None:
        session, name, key = self._session, therapy.kind.name, self._key(therapy)
        twin = session.twin
        if twin is None:
            return
        plan = replace(session.plan, therapies=(*self._others(name), therapy))
        planning, insist = session.science.planning, session.draft.insist
        self._asked = key
        self._job = session.jobs.start(
            session.jobs.lanes.doses,
            f"{RUNNING}: {therapy.kind.label}",
            lambda progress: _publish(planning.doses(twin, plan, name, insist=insist), progress),
            on_result=lambda _: self._end(key),
            on_error=lambda error: self._fail(key, error),
            on_partial=lambda found: self._keep(key, found),
        )

    def _keep(self, key: Hashable, found: Any) -> None:
        self._kept.pop(key, None)
        self._kept[key] = found
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        self.changed.emit()

    def _end(self, key: Hashable) -> None:
        self._job = None
        self._ended.add(key)
        self.follow()

    def _fail(self, key: Hashable, error: BaseException) -> None:
        self._job = None
        if not isinstance(error, OrganTwinError):
            self._session.report(error, RUNNING)
        told = notice_of(error, RUNNING)
        self._keep(key, f"Declined. {told.brief}" if told.declined else str(error))
        self._end(key)


def _publish(steps: Any, progress: Progress) -> None:
    for step in watched(steps, progress):
        if step.response is not None:
            progress.publish(step.response)
