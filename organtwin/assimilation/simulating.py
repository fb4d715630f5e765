"""Simulating many hearts: the kernel releases the interpreter, so two threads use two cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")


def side_by_side(
    work: Callable[[Asked], Found], asked: Sequence[Asked], threads: int | None = None
) -> Iterator[tuple[int, Found]]:
    """Do ``work`` on everything asked, yielding its place and result as soon as there is one.

    Results do not depend on the order. Whoever stops iterating waits for at most the work begun.
    """
    count = threads or min(os.cpu_count() or 1, 8)
    if count == 1 or len(asked) < 2:
        yield from ((index, work(one)) for index, one in enumerate(asked))
        return
    pool = ThreadPoolExecutor(count, thread_name_prefix="heart")
    try:
        waiting: dict[Future[Found], int] = {}
        coming = iter(enumerate(asked))
        while True:
            for index, one in coming:
                waiting[pool.submit(work, one)] = index
                if len(waiting) >= 2 * count:
                    break
            if not waiting:
                return
            ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in sorted(ready, key=lambda done: waiting[done]):
                yield waiting.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
