"""A session without a window, and a science that answers at once."""

from queue import Empty, SimpleQueue
from time import monotonic

import pytest

from organtwin.session.session import Session
from organtwin.tasks.lanes import Lanes
from tests.fake_science import Lab


class Bench:
    """A session whose callbacks run when the test says so."""

    def __init__(self, lab: Lab) -> None:
        self.posted: SimpleQueue = SimpleQueue()
        self.session = Session(lab.science(), Lanes(self.posted.put))
        self.session.jobs.changed.connect(lambda statuses: None)

    def until(self, condition, patience=5.0):
        deadline = monotonic() + patience
        while not condition():
            assert monotonic() < deadline, "timed out"
            try:
                self.posted.get(timeout=0.02)()
            except Empty:
                continue

    def settle(self):
        self.until(lambda: not self.session.jobs.statuses)

    def fit(self, source="one"):
        self.session.open(source)
        self.settle()
        assert self.session.twin is not None


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def bench(lab):
    bench = Bench(lab)
    yield bench
    lab.fit_gate.set()
    lab.predict_gate.set()
    lab.band_gate.set()
    lab.heart_gate.set()
    assert bench.session.shutdown()
