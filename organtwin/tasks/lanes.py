"""Where jobs run: threads in which the newest wins, and threads in which they queue.

One thread each on purpose: a preview never waits behind a fit, two fits never compete for the
same two cores, and a file is read while a fit runs or a heart is meshed. Threads suffice because
the kernels release the interpreter lock.
"""

from collections import deque
from threading import Condition, Thread
from time import monotonic
from typing import Any

from organtwin.tasks.job import Deliver, Job

SHUTDOWN_PATIENCE = 2.0
"""How long leaving waits for work that was asked to stop [s]."""


class Lane:
    """One daemon thread that runs jobs in the order of submission.

    ``deliver`` is called from the lane's thread and must hand the callable to the owner's thread.
    A job is cancelled through itself, by any thread; what it has already posted is dropped on
    arrival, so a cancelled job never answers.
    """

    def __init__(self, name: str, deliver: Deliver) -> None:
        self.name = name
        self._deliver = deliver
        self._waiting: deque[Job[Any]] = deque()
        self._current: Job[Any] | None = None
        self._changed = Condition()
        self._closing = False
        self._thread = Thread(target=self._work, name=f"organtwin {name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job[Any]) -> None:
        """Queue a job. After ``close`` the job is cancelled instead."""
        with self._changed:
            if self._closing:
                job.cancel()
                return
            self._waiting.append(job)
            self._changed.notify_all()

    def cancel_all(self) -> None:
        """Cancel the running job and everything that waits."""
        with self._changed:
            for job in (*self._waiting, *([self._current] if self._current else [])):
                job.cancel()

    def close(self) -> None:
        """Cancel everything and let the thread end; returns at once."""
        self.cancel_all()
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait for the thread to end [s]; False when it is still busy."""
        self._thread.join(max(timeout, 0.0))
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.run(self._deliver)
            with self._changed:
                self._current = None

    def _next(self) -> Job[Any] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._waiting)
            if self._closing:
                return None
            self._current = self._waiting.popleft()
            return self._current


class NewestWins(Lane):
    """A lane in which submitting cancels what was submitted before, finished or not.

    An answer that is already on its way when the newer request comes is dropped on arrival, so
    the newest request is the last to answer.
    """

    _newest: Job[Any] | None = None

    def submit(self, job: Job[Any]) -> None:
        if self._newest is not None:
            self._newest.cancel()
        self._newest = job
        super().submit(job)

    def cancel_all(self) -> None:
        super().cancel_all()
        if self._newest is not None:
            self._newest.cancel()


class Lanes:
    """The lanes of the program.

    ``preview`` answers a moving slider, ``electric`` a change of conduction; ``background`` fits,
    ``reading`` reads files and modules, ``building`` makes a heart of files. ``stream`` listens to
    a live source as long as there is one, ``live`` draws the heart as it is now.
    ``keeping`` writes down what is not saved. ``course`` runs a plan in time, ``doses`` a therapy
    over its doses, ``moment`` shows one beat of a course.
    """

    def __init__(self, deliver: Deliver) -> None:
        self.preview = NewestWins("preview", deliver)
        self.electric = NewestWins("electric", deliver)
        self.background = Lane("background", deliver)
        self.reading = Lane("reading", deliver)
        self.building = Lane("building", deliver)
        self.stream = NewestWins("stream", deliver)
        self.live = NewestWins("live", deliver)
        self.keeping = NewestWins("keeping", deliver)
        self.course = NewestWins("course", deliver)
        self.doses = NewestWins("doses", deliver)
        self.moment = NewestWins("moment", deliver)

    def shutdown(self, patience: float = SHUTDOWN_PATIENCE) -> bool:
        """Cancel all, wait at most ``patience`` [s]; False when a thread had to be left behind."""
        lanes = (
            self.preview, self.electric, self.background, self.reading, self.building,
            self.stream, self.live, self.keeping, self.course, self.doses, self.moment,
        )  # fmt: skip
        for lane in lanes:
            lane.close()
        deadline = monotonic() + patience
        return all(lane.join(deadline - monotonic()) for lane in lanes)
