"""The only place where science and background work meet."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from psygnal import Signal

from organtwin.errors import OrganTwinError
from organtwin.tasks.job import Job, JobStatus
from organtwin.tasks.lanes import Lane, Lanes
from organtwin.tasks.progress import Progress

Result = TypeVar("Result")


class Step(Protocol):
    """What a long computation yields: how far it is, and what it is doing."""

    @property
    def fraction(self) -> float: ...
    @property
    def message(self) -> str: ...


AnyStep = TypeVar("AnyStep", bound=Step)


def watched(steps: Iterable[AnyStep], progress: Progress) -> Iterator[AnyStep]:
    """Pass the steps on and report each; raises ``Cancelled`` between two of them."""
    progress.check()
    for step in steps:
        progress.report(step.fraction, step.message)
        yield step


def last_answer(
    steps: Iterable[AnyStep], progress: Progress, answer_of: Callable[[AnyStep], Result | None],
    otherwise: str,
) -> Result:  # fmt: skip
    """What the last step with an answer carries.

    Raises
    ------
    OrganTwinError
        No step carries one; ``otherwise`` says so.
    """
    answer: Result | None = None
    for step in watched(steps, progress):
        found = answer_of(step)
        answer = answer if found is None else found
    if answer is None:
        raise OrganTwinError(otherwise)
    return answer


def busy(job: Job[Any] | None) -> bool:
    """Whether work goes on: the job waits or runs, and nobody has cancelled it."""
    return job is not None and not job.cancelled and not job.status.state.over


class JobBoard:
    """The jobs that wait or run, as a tuple of their states. Lives on the GUI thread."""

    changed = Signal(tuple)

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self._jobs: dict[int, Job[Any]] = {}

    @property
    def statuses(self) -> tuple[JobStatus, ...]:
        """Oldest first."""
        return tuple(job.status for job in self._jobs.values())

    def start(
        self,
        lane: Lane,
        title: str,
        work: Callable[[Progress], Result],
        *,
        on_result: Callable[[Result], None],
        on_error: Callable[[BaseException], None],
        on_partial: Callable[[object], None] | None = None,
    ) -> Job[Result]:
        """Submit work to one of ``lanes`` and keep its state on the board until it is over."""
        job = Job(
            title,
            work,
            on_result=on_result,
            on_error=on_error,
            on_partial=on_partial,
            on_status=self._note,
        )
        self._jobs[job.status.number] = job
        lane.submit(job)
        self.changed.emit(self.statuses)
        return job

    def cancel(self, number: int) -> None:
        """Ask a job to stop; unknown or finished numbers are no fault of the caller's."""
        if number in self._jobs:
            self._jobs[number].cancel()

    def _note(self, status: JobStatus) -> None:
        if status.state.over:
            self._jobs.pop(status.number, None)
        self.changed.emit(self.statuses)
