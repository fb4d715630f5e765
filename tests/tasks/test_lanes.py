"""Deliveries are collected in a queue and run on the test's own thread, as the window does."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic

import pytest

from organtwin.tasks.job import Job, JobState
from organtwin.tasks.lanes import Lane, Lanes, NewestWins
from organtwin.tasks.progress import Cancelled, Progress


class Owner:
    """The thread that owns the jobs: runs what was delivered, until told enough."""

    def __init__(self) -> None:
        self.posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.results: list[object] = []
        self.partials: list[object] = []
        self.errors: list[BaseException] = []
        self.threads: set[int] = set()

    def job(self, work, title="work", on_status=None):
        def result(value):
            self.threads.add(threading.get_ident())
            self.results.append(value)

        return Job(
            title,
            work,
            on_result=result,
            on_error=self.errors.append,
            on_partial=self.partials.append,
            on_status=on_status,
        )

    def run_until(self, condition: Callable[[], bool], patience: float = 5.0) -> None:
        deadline = monotonic() + patience
        while not condition():
            left = deadline - monotonic()
            assert left > 0, "timed out"
            try:
                self.posted.get(timeout=min(left, 0.05))()
            except Empty:
                continue

    def drain(self) -> None:
        while not self.posted.empty():
            self.posted.get()()


@pytest.fixture
def owner():
    return Owner()


@pytest.fixture
def lanes(owner):
    lanes = Lanes(owner.posted.put)
    yield lanes
    assert lanes.shutdown()


def forever(progress: Progress) -> None:
    pause = threading.Event()
    while True:
        progress.report(0.5, "still busy")
        pause.wait(0.002)


def test_a_result_arrives_on_the_owners_thread(owner, lanes):
    lanes.background.submit(owner.job(lambda progress: threading.get_ident()))
    owner.run_until(lambda: bool(owner.results))
    assert owner.threads == {threading.get_ident()}
    assert owner.results[0] != threading.get_ident()


def test_of_300_rapid_previews_only_the_newest_answers(owner, lanes):
    def answer(number):
        def work(progress):
            for step in range(5):
                progress.report(step / 5, "")
            return number

        return work

    jobs = [owner.job(answer(number)) for number in range(300)]
    for number, job in enumerate(jobs):
        lanes.preview.submit(job)
        if number % 7 == 0 and not owner.posted.empty():
            owner.posted.get()()
    owner.run_until(lambda: all(job.status.state.over for job in jobs))
    late = [value for value in owner.results if value != 299]
    # Early ones may finish between two submissions; nothing may arrive after the newest.
    assert owner.results[-1] == 299
    assert late == sorted(late)
    assert owner.errors == []


def test_an_answer_already_posted_is_dropped_when_a_newer_request_came_first(owner, lanes):
    finished = threading.Event()

    def old(progress):
        finished.set()
        return "old"

    first, second = owner.job(old), owner.job(lambda progress: "new")
    lanes.preview.submit(first)
    assert finished.wait(5)
    lanes.preview.submit(second)
    owner.run_until(lambda: second.status.state.over)
    assert owner.results == ["new"]
    assert first.status.state is JobState.CANCELLED


def test_partial_answers_of_an_outdated_preview_are_dropped(owner, lanes):
    shown = threading.Event()

    def old(progress):
        progress.publish("half")
        shown.set()
        forever(progress)

    lanes.preview.submit(owner.job(old))
    assert shown.wait(5)
    newest = owner.job(lambda progress: "new")
    lanes.preview.submit(newest)
    owner.run_until(lambda: newest.status.state.over)
    assert owner.partials == []


def test_background_jobs_run_one_after_another_in_order(owner, lanes):
    running, most = [], []

    def work(number):
        def inner(progress):
            running.append(number)
            most.append(len(running))
            running.remove(number)
            return number

        return inner

    for number in range(20):
        lanes.background.submit(owner.job(work(number)))
    owner.run_until(lambda: len(owner.results) == 20)
    assert owner.results == list(range(20))
    assert max(most) == 1


def test_an_exception_is_delivered_whole_and_the_lane_goes_on(owner, lanes):
    def fails(progress):
        raise ValueError("lead V2: expected 12 bits")

    job = owner.job(fails)
    lanes.background.submit(job)
    lanes.background.submit(owner.job(lambda progress: "next"))
    owner.run_until(lambda: bool(owner.results))
    (error,) = owner.errors
    assert isinstance(error, ValueError)
    assert error.__traceback__ is not None
    assert "fails" in {entry.name for entry in _frames(error)}
    assert job.status.state is JobState.FAILED
    assert job.status.message == "lead V2: expected 12 bits"


def _frames(error):
    import traceback

    return traceback.extract_tb(error.__traceback__)


def test_cancelling_stops_the_work_and_calls_nobody(owner, lanes):
    job = owner.job(forever)
    lanes.background.submit(job)
    owner.run_until(lambda: job.status.state is JobState.RUNNING)
    job.cancel()
    owner.run_until(lambda: job.status.state.over)
    assert job.status.state is JobState.CANCELLED
    assert (owner.results, owner.errors) == ([], [])


def test_a_job_cancelled_while_waiting_never_starts(owner, lanes):
    started = []
    gate = threading.Event()
    lanes.background.submit(owner.job(lambda progress: gate.wait(5)))
    waiting = owner.job(lambda progress: started.append(True))
    lanes.background.submit(waiting)
    waiting.cancel()
    gate.set()
    owner.run_until(lambda: waiting.status.state.over)
    assert started == []


def test_progress_reaches_the_status_with_its_message(owner, lanes):
    seen = []
    gate = threading.Event()

    def work(progress):
        progress.report(0.25, "beat 3")
        return gate.wait(5)

    lanes.background.submit(owner.job(work, on_status=seen.append))
    owner.run_until(lambda: any(status.message == "beat 3" for status in seen))
    assert next(s.fraction for s in seen if s.message == "beat 3") == 0.25
    gate.set()
    owner.run_until(lambda: seen[-1].state.over)
    assert seen[-1].fraction == 1.0


def test_ten_thousand_reports_do_not_flood_the_owner(owner, lanes):
    def chatty(progress):
        for step in range(10_000):
            progress.report(step / 10_000, "")

    seen = []
    lanes.background.submit(owner.job(chatty, on_status=seen.append))
    owner.run_until(lambda: bool(seen) and seen[-1].state.over)
    assert len(seen) < 100


def test_shutdown_ends_within_two_seconds_and_cancels_everything(owner):
    lanes = Lanes(owner.posted.put)
    jobs = [owner.job(forever) for _ in range(4)]
    lanes.preview.submit(jobs[0])
    for job in jobs[1:]:
        lanes.background.submit(job)
    begin = monotonic()
    assert lanes.shutdown()
    assert monotonic() - begin < 2.0
    assert all(job.cancelled for job in jobs)
    owner.drain()
    assert owner.results == []


def test_shutdown_leaves_stubborn_work_behind_after_its_patience(owner):
    lane_gate = threading.Event()
    lanes = Lanes(owner.posted.put)
    started = threading.Event()

    def stubborn(progress):
        started.set()
        lane_gate.wait(10)

    lanes.background.submit(owner.job(stubborn))
    assert started.wait(5)
    begin = monotonic()
    assert not lanes.shutdown(patience=0.1)
    assert monotonic() - begin < 1.0
    lane_gate.set()
    assert lanes.background.join(5)


@pytest.mark.parametrize("kind", [Lane, NewestWins])
def test_a_closed_lane_refuses_work(owner, kind):
    lane = kind("closed", owner.posted.put)
    lane.close()
    assert lane.join(2)
    job = owner.job(lambda progress: 1)
    lane.submit(job)
    assert job.cancelled


def test_report_raises_once_cancelled():
    progress = Progress(lambda fraction, message: None, lambda answer: None)
    progress.report(0.1)
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.report(0.2)
    with pytest.raises(Cancelled):
        progress.publish("late")
