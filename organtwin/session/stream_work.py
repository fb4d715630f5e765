"""A live source and the twin that follows it: opening, listening, drawing, telling.

The loop runs in a thread of its own and publishes every step; what comes of it are attributes of
``StreamDesk``, set on the GUI thread. Nothing that takes long stands in the loop: the heart that is
drawn, and the cause of a fall, are worked out in other lanes.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from psygnal import SignalInstance

from organtwin.errors import OrganTwinError
from organtwin.session.answers import Heartbeat, live
from organtwin.session.notice import Notice
from organtwin.session.phase_lock import PhaseLock
from organtwin.session.selection import Selection
from organtwin.session.stream_tail import Tail
from organtwin.session.stream_trends import Trends
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from organtwin.assimilation.causes import Cause
    from organtwin.assimilation.falls import Fallen
    from organtwin.link.data_link import DataLink
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.stream_loop import FollowStep
    from organtwin.twin.twin import Twin

FOLLOWING = "Following the live source"
NAMING = "Naming the cause of the fall in pressure"
PAUSE = 0.01
"""[s] between two looks at the source when nothing has come."""
REDRAWN = 8
"""Beats after which the heart is drawn as it is now."""


class Bedside(Protocol):
    """Where the work is asked for and its results lie: the session."""

    science: "Science"
    jobs: "JobBoard"

    own_heart: "OwnHeart | None"
    selection: Selection

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def notice(self) -> Notice | None: ...
    @notice.setter
    def notice(self, notice: Notice | None) -> None: ...
    @property
    def stream_changed(self) -> SignalInstance: ...
    @property
    def twin_changed(self) -> SignalInstance: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class StreamDesk:
    """What is known of the live source; everything is empty without one."""

    def __init__(self, session: Bedside) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self._drawn_at = 0
        self._intervals: deque[float] = deque(maxlen=REDRAWN)
        self.name = ""
        self.tails: dict[str, Tail] = {}
        self.trends = Trends()
        self.lock = PhaseLock()
        self.step: FollowStep | None = None
        """The last step of the loop."""
        self.heartbeat: Heartbeat | None = None
        """How the heart beats now, once the twin has followed some beats."""
        self.causes: tuple[Cause, ...] = ()
        self.fallen: Fallen | None = None

    @property
    def going_on(self) -> bool:
        """A source is connected or looked for."""
        return self._job is not None and not self._job.status.state.over

    @property
    def interval(self) -> float:
        """Of the last beats [s]; 0 before any."""
        return float(np.median(self._intervals)) if self._intervals else 0.0

    @property
    def possible(self) -> bool:
        """Whether there is a twin whose hearts can follow."""
        return self._session.twin is not None and bool(self._session.twin.ensemble)

    def connect(self, opening: "Callable[[], DataLink]", name: str) -> None:
        """Follow a source; ``opening`` is called in the thread of the loop."""
        session, twin = self._session, self._session.twin
        if twin is None or not self.possible:
            session.notice = Notice(
                FOLLOWING, "There is no fitted twin yet whose hearts could follow.",
                "Wait until the fit is over.",
            )  # fmt: skip
            return
        self.disconnect()
        self.name = name
        session.selection.ecg_page = "live"
        self._job = Job(
            FOLLOWING,
            lambda progress: self._listen(twin, opening, progress),
            on_result=lambda _: session.stream_changed.emit(),
            on_error=self._fail,
            on_partial=self._take,
            on_status=lambda _: session.stream_changed.emit(),
        )
        session.jobs.lanes.stream.submit(self._job)
        session.stream_changed.emit()

    def disconnect(self) -> None:
        """End following; what was drawn and noted goes with it."""
        if self._job is not None:
            self._job.cancel()
        self._job, self.name, self.step = None, "", None
        self.tails.clear()
        self.trends.clear()
        self.lock.forget()
        self.heartbeat, self.causes, self.fallen, self._drawn_at = None, (), None, 0
        self._intervals.clear()
        self._session.stream_changed.emit()
        self._session.twin_changed.emit()

    def _listen(self, twin: "Twin", opening: "Callable[[], DataLink]", progress: Progress) -> None:
        link = opening()
        try:
            for step in self._session.science.follow(twin, link):
                progress.report(0.0, "")  # raises when it was cancelled
                if step.news:
                    progress.publish(step)
                else:
                    time.sleep(PAUSE)
        finally:
            link.close()

    def _take(self, answer: object) -> None:
        from organtwin.twin.stream_loop import courses

        step: FollowStep = answer  # type: ignore[assignment]
        self.step = step
        for chunk in step.samples:
            for name, values in zip(chunk.channels, chunk.values, strict=True):
                tail = self.tails.get(name)
                if tail is None:
                    tail = self.tails[name] = Tail(chunk.rate)
                tail.push(chunk.start, values)
        for peak in step.r_peaks:
            self.lock.note(peak)
        for followed in step.followed:
            self._intervals.append(followed.interval)
            self.trends.note(followed.time, followed.measured, courses(followed))
        if step.fallen is not None:
            self._name_cause(step.fallen)
        if step.followed and step.used - self._drawn_at >= REDRAWN:
            self._draw(step)
        self._session.stream_changed.emit()

    def _draw(self, step: "FollowStep") -> None:
        session, twin, heart = self._session, self._session.twin, step.heart
        if twin is None or heart is None:
            return
        self._drawn_at = step.used
        # One early beat is not how the heart beats now.
        interval = self.interval
        job: Job[Heartbeat | None] = Job(
            "Drawing the heart as it is now",
            lambda progress: live(session.science, twin, heart, interval, session.own_heart),
            on_result=self._receive_heartbeat,
            on_error=lambda error: session.report(error, FOLLOWING),
        )
        session.jobs.lanes.live.submit(job)

    def _receive_heartbeat(self, heartbeat: Heartbeat | None) -> None:
        if heartbeat is not None and self.name:
            self.heartbeat = heartbeat
            self._session.twin_changed.emit()

    def _name_cause(self, fallen: "Fallen") -> None:
        session = self._session
        self.fallen, self.causes = fallen, ()
        session.jobs.start(
            session.jobs.lanes.reading,
            NAMING,
            lambda progress: session.science.causes(fallen),
            on_result=self._receive_causes,
            on_error=lambda error: session.report(error, NAMING),
        )

    def _receive_causes(self, causes: "tuple[Cause, ...]") -> None:
        self.causes = causes
        self._session.stream_changed.emit()

    def _fail(self, error: BaseException) -> None:
        session = self._session
        session.report(error, FOLLOWING)
        if isinstance(error, OrganTwinError):
            session.stream_changed.emit()
