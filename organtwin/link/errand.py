"""Work that waits for a disk or a network, kept off the thread that polls."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Start = Callable[[Callable[[], None]], None]
"""Begins a piece of work and returns; tests do it at once."""

T = TypeVar("T")


def on_a_thread(work: Callable[[], None]) -> None:
    """Do it beside the program; it does not keep the program from ending."""
    threading.Thread(target=work, name="organtwin-link", daemon=True).start()


class Errand(Generic[T]):
    """One piece of work at a time; what it hands over is collected by whoever polls."""

    def __init__(self, start: Start = on_a_thread) -> None:
        self._start = start
        self._results: SimpleQueue[T] = SimpleQueue()
        self._under_way = threading.Event()

    @property
    def under_way(self) -> bool:
        return self._under_way.is_set()

    def begin(self, work: Callable[[Callable[[T], None]], None]) -> None:
        """Start ``work``, which hands each result to the function it is given."""

        def done() -> None:
            try:
                work(self._results.put)
            finally:
                self._under_way.clear()

        self._under_way.set()
        self._start(done)

    def collect(self) -> list[T]:
        """Results since the last call, in order."""
        found: list[T] = []
        while True:
            try:
                found.append(self._results.get_nowait())
            except Empty:
                return found
