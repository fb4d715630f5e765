"""Simulating many hearts: the kernel releases the interpreter, so two threads use two cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

MOST_THREADS = 8


def side_by_side(
    work: Callable[[Asked], Found], asked: Sequence[Asked], threads: int | None = None
) -> Iterator[Found]:
    """Do ``work`` on everything asked, on several cores; results come in the order asked.

    Whoever stops iterating waits for at most the work that has begun.
    """
    count = threads or min(os.cpu_count() or 1, MOST_THREADS)
    if count == 1 or len(asked) < 2:
        yield from map(work, asked)
        return
    pool = ThreadPoolExecutor(count, thread_name_prefix="heart")
    try:
        coming = iter(asked)
        begun: deque[Future[Found]] = deque(
            pool.submit(work, one) for one in islice(coming, 2 * count)
        )
        while begun:
            yield begun.popleft().result()
            begun.extend(pool.submit(work, one) for one in islice(coming, 1))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
