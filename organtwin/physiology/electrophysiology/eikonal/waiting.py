"""Nodes that wait to spread their arrival, in a ring of buckets of equal width in time.

Each bucket is a doubly linked list, so a node whose time falls moves at once. A node later than
the ring is long waits in the last bucket and is filed again when its turn comes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import IntArray, RealArray
from organtwin.compilation import kernel

N_BUCKETS = 1024
"""Longest delay of one element over the width of a bucket is some 30; more only saves filing."""


class Waiting(NamedTuple):
    """The ring.

    ``first`` of each bucket; ``following``, ``preceding`` and ``bucket`` of each node, -1 none;
    ``clock`` holds the present bucket, counted from the beginning, and how many nodes wait.
    """

    first: IntArray
    following: IntArray
    preceding: IntArray
    bucket: IntArray
    clock: NDArray[np.int64]


def nobody_waiting(n_nodes: int) -> Waiting:
    """An empty ring for a number of nodes."""
    return Waiting(
        np.full(N_BUCKETS, -1, np.int32),
        np.full(n_nodes, -1, np.int32),
        np.full(n_nodes, -1, np.int32),
        np.full(n_nodes, -1, np.int32),
        np.zeros(2, np.int64),
    )


@kernel
def leave(waiting: Waiting, node: int) -> None:
    """Take a node out of its bucket."""
    before, after = waiting.preceding[node], waiting.following[node]
    if before >= 0:
        waiting.following[before] = after
    else:
        waiting.first[waiting.bucket[node]] = after
    if after >= 0:
        waiting.preceding[after] = before
    waiting.bucket[node] = -1
    waiting.clock[1] -= 1


@kernel
def join(waiting: Waiting, node: int, time: float, per_time: float) -> None:
    """File a node under its time; one that waits already moves."""
    present = waiting.clock[0]
    wanted = min(max(np.int64(time * per_time), present), present + N_BUCKETS - 1)
    place = np.int32(wanted & (N_BUCKETS - 1))
    if waiting.bucket[node] >= 0:
        if waiting.bucket[node] == place:
            return
        leave(waiting, node)
    head = waiting.first[place]
    waiting.following[node] = head
    waiting.preceding[node] = -1
    if head >= 0:
        waiting.preceding[head] = node
    waiting.first[place] = node
    waiting.bucket[node] = place
    waiting.clock[1] += 1


@kernel
def earliest(waiting: Waiting, times: RealArray, per_time: float) -> int:
    """A node of the earliest bucket, taken out; -1 when nobody waits."""
    while waiting.clock[1] > 0:
        present = waiting.clock[0]
        node = waiting.first[present & (N_BUCKETS - 1)]
        if node < 0:
            waiting.clock[0] += 1
            continue
        leave(waiting, node)
        if np.int64(times[node] * per_time) > present:
            join(waiting, node, times[node], per_time)
            continue
        return int(node)
    return -1
