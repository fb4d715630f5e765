"""The plan in time: run when asked for, looked at moment by moment.

A course stays on screen when the draft changes, marked as that of another plan; the heart then
shows the steady plan again. Answers to what is no longer asked are dropped with their job.
"""

from typing import TYPE_CHECKING, Any, Protocol

from psygnal import Signal

from organtwin.errors import OrganTwinError
from organtwin.session.answers import Heartbeat, decline
from organtwin.session.jobs import busy, watched
from organtwin.session.notice import Notice, notice_of
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.session.draft import Draft
    from organtwin.session.electric_work import ElectricDesk
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.session.selection import Selection
    from organtwin.simulation.conditions import Excitation
    from organtwin.twin.beyond import Beyond
    from organtwin.twin.checked_course import Stretch
    from organtwin.twin.long_course import Course
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.twin import Twin

RUNNING = "Running the plan in time"
SHOWING = "Showing a moment of the plan"


class Timing(Protocol):
    """Where the plan is made and the course is shown: the session."""

    science: "Science"
    jobs: "JobBoard"
    own_heart: "OwnHeart | None"
    selection: "Selection"

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def draft(self) -> "Draft": ...
    @property
    def electrics(self) -> "ElectricDesk": ...
    @property
    def prediction_changed(self) -> "SignalInstance": ...
    def report(self, error: BaseException, doing: str) -> None: ...


class CourseDesk:
    """Runs the plan in time, and shows the heart of one of its moments."""

    changed = Signal()
    """Course, moment or state of the work."""

    def __init__(self, session: Timing) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self._moment_job: Job[Any] | None = None
        self._asked: Draft | None = None
        self.course: Course | None = None
        self.refusal: Notice | None = None
        """Why there is no course: it leaves the range of the model, or what was checked."""
        self.beyond: tuple[Beyond, ...] = ()
        """Why the course that is shown is an extrapolation as a whole."""
        self.stretches: tuple[Stretch, ...] = ()
        """Where it is one because of the states that it reaches."""
        self.time: float | None = None
        """The moment [s] that is looked at; ``None`` for the steady plan."""
        self.heartbeat: Heartbeat | None = None
        """The heart at that moment, once it is there."""
        self.heart_time = 0.0
        """Of which time [s] it is: it follows the moment that is looked at."""

    @property
    def going_on(self) -> bool:
        return busy(self._job)

    @property
    def doubted_now(self) -> "tuple[Beyond, ...]":
        """Why the moment that is looked at is an extrapolation; nothing where it is none."""
        if self.time is None:
            return ()
        time = self.time
        reached = (reason for one in self.stretches if one.holds(time) for reason in one.reasons)
        return (*self.beyond, *reached)

    @property
    def up_to_date(self) -> bool:
        """The course is that of the draft."""
        return self._asked is not None and _timed(self._asked) == _timed(self._session.draft)

    def run(self) -> None:
        """Run the draft over the chosen duration; a run that goes on is given up."""
        session = self._session
        twin, draft = session.twin, session.draft
        if twin is None:
            return
        self.leave()
        duration = session.selection.course_duration_s
        # A therapy that paces has times of its own, and excites the pump by the template then.
        excitation = session.electrics.excitation if draft.electrics else None
        self._asked, self.refusal, self.beyond, self.stretches = draft, None, (), ()
        self._job = session.jobs.start(
            session.jobs.lanes.course,
            RUNNING,
            lambda progress: self._course(twin, draft, duration, excitation, progress),
            on_result=lambda _: self.changed.emit(),
            on_error=self._fail,
            on_partial=self._receive,
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Stop the run; what it has shown stays."""
        if self._job is not None:
            self._job.cancel()
        self.changed.emit()

    def look(self, time: float) -> None:
        """Show the heart at a time [s] of the course."""
        if self.course is None or not self.up_to_date:
            return
        self.time = min(max(time, 0.0), float(self.course.times[-1]))
        if not busy(self._moment_job):
            self._show_moment(self.time)
        self.changed.emit()

    def leave(self) -> None:
        """Show the steady plan again."""
        if self._moment_job is not None:
            self._moment_job.cancel()
        shown, self.time, self.heartbeat = self.heartbeat, None, None
        if shown is not None:
            self._session.prediction_changed.emit()
        self.changed.emit()

    def follow(self) -> None:
        """The draft is another: the heart shows the steady plan."""
        if not self.up_to_date:
            if self.going_on:
                self.cancel()
            if self.beyond and not self._session.draft.insist:
                self.course, self.beyond = None, ()  # nobody insists any more
                self.stretches = ()
            self.leave()
        self.changed.emit()

    def forget(self) -> None:
        """Cancel and drop all, as for another twin."""
        self._session.jobs.lanes.course.cancel_all()
        self._session.jobs.lanes.moment.cancel_all()
        self.course = self.refusal = self.time = self.heartbeat = self._asked = None
        self.beyond, self.stretches = (), ()
        self.changed.emit()

    def _course(
        self, twin: "Twin", draft: "Draft", duration: float, excitation: "Excitation | None",
        progress: Progress,
    ) -> None:  # fmt: skip
        """In the lane: run it, unless it lies outside what was checked and nobody insists."""
        planning = self._session.science.planning
        reasons = planning.beyond_in_time(twin, draft.course, excitation)
        if not draft.insist:
            decline(reasons)
        steps = planning.course(twin, draft.course, duration, excitation)
        for step in watched(steps, progress):
            if step.course is not None:
                progress.publish((step.course, reasons, planning.stretches(step.course)))

    def _show_moment(self, time: float) -> None:
        session, course = self._session, self.course
        twin = session.twin
        if course is None or twin is None:
            return
        moment, heart = course.at(time), session.own_heart

        def beat(progress: Progress) -> tuple[float, Heartbeat]:
            found = moment.beat
            motion = session.science.motion(found, heart, twin)
            return time, Heartbeat(found, moment.quantities, motion, heart)

        self._moment_job = session.jobs.start(
            session.jobs.lanes.moment, SHOWING, beat,
            on_result=self._receive_moment,
            on_error=lambda error: session.report(error, SHOWING),
        )  # fmt: skip

    def _receive_moment(self, found: tuple[float, Heartbeat]) -> None:
        self.heart_time, self.heartbeat = found
        self._session.electrics.colour(self.heartbeat)
        self._session.prediction_changed.emit()
        if self.time is not None and self.time != self.heart_time:
            self._show_moment(self.time)
        self.changed.emit()

    def _receive(self, found: Any) -> None:
        self.course, self.beyond, self.stretches = found
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self.course = None
        if isinstance(error, OrganTwinError):
            self.refusal = notice_of(error, RUNNING)
        else:
            self._session.report(error, RUNNING)
        self.changed.emit()


def _timed(draft: "Draft") -> object:
    """What of a draft a course depends on."""
    return draft.applied, draft.times, draft.electrics, draft.insist
