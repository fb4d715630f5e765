"""One piece of background work and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from typing import Generic, TypeVar

from organtwin.tasks.progress import Cancelled, Progress

Result = TypeVar("Result")
Deliver = Callable[[Callable[[], None]], None]
"""Runs a callable on the thread that owns the jobs; in the window, the GUI thread."""

_numbers = count(1)


class JobState(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What a job looks like from outside, at one moment."""

    number: int
    title: str
    state: JobState = JobState.WAITING
    fraction: float = 0.0
    message: str = ""


class Job(Generic[Result]):
    """Work that runs in a lane; every callback comes through the lane's ``deliver``.

    Parameters
    ----------
    title
        What the user reads, e.g. ``Fitting Case 7``.
    work
        Called in the lane's thread with a ``Progress``; its return value is the result.
    on_result, on_error, on_partial
        Receive the result, the exception with its traceback, or an intermediate answer. A
        cancelled or outdated job calls none of them.
    on_status
        Told of every change of ``status``, whatever the ending.
    """

    def __init__(
        self,
        title: str,
        work: Callable[[Progress], Result],
        *,
        on_result: Callable[[Result], None],
        on_error: Callable[[BaseException], None],
        on_partial: Callable[[object], None] | None = None,
        on_status: Callable[[JobStatus], None] | None = None,
    ) -> None:
        self.status = JobStatus(next(_numbers), title)
        self._work = work
        self._on_result, self._on_error = on_result, on_error
        self._on_partial, self._on_status = on_partial, on_status
        self._deliver: Deliver | None = None
        self._progress = Progress(self._notify, self._publish)

    @property
    def cancelled(self) -> bool:
        return self._progress.cancelled

    def cancel(self) -> None:
        """Ask the work to stop at its next report; from now on nothing but its status arrives."""
        self._progress.cancel()

    def run(self, deliver: Deliver) -> None:
        """Do the work on the calling thread. Never raises: the ending is delivered."""
        self._deliver = deliver
        if self.cancelled:
            deliver(lambda: self._change(state=JobState.CANCELLED))
            return
        deliver(lambda: self._change(state=JobState.RUNNING))
        try:
            result = self._work(self._progress)
        except Cancelled:
            deliver(lambda: self._change(state=JobState.CANCELLED))
        except BaseException as error:
            self._fail(deliver, error)
        else:
            deliver(lambda: self._finish(result))

    def _fail(self, deliver: Deliver, error: BaseException) -> None:
        def ending() -> None:
            if self.cancelled:
                self._change(state=JobState.CANCELLED)
                return
            self._change(state=JobState.FAILED, message=str(error))
            self._on_error(error)

        deliver(ending)

    def _finish(self, result: Result) -> None:
        if self.cancelled:
            self._change(state=JobState.CANCELLED)
            return
        self._change(state=JobState.DONE, fraction=1.0)
        self._on_result(result)

    def _notify(self, fraction: float, message: str) -> None:
        if self._deliver is not None:
            self._deliver(lambda: self._advance(fraction, message))

    def _advance(self, fraction: float, message: str) -> None:
        if self.status.state is JobState.RUNNING:
            self._change(fraction=fraction, message=message)

    def _publish(self, answer: object) -> None:
        if self._deliver is not None:
            self._deliver(lambda: self._show(answer))

    def _show(self, answer: object) -> None:
        if not self.cancelled and self._on_partial is not None:
            self._on_partial(answer)

    def _change(self, **changes: object) -> None:
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]
        if self._on_status is not None:
            self._on_status(self.status)
