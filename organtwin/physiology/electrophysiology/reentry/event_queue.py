"""A binary heap of pending activations: earliest first, in flat arrays."""

from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel


@kernel
def pushed(times: FloatArray, nodes: IntArray, size: int, time: float, node: int) -> int:
    """Add an event; returns the new size. The arrays must have room."""
    i = size
    while i > 0:
        above = (i - 1) // 2
        if times[above] <= time:
            break
        times[i], nodes[i] = times[above], nodes[above]
        i = above
    times[i], nodes[i] = time, node
    return size + 1


@kernel
def popped(times: FloatArray, nodes: IntArray, size: int) -> int:
    """Remove the earliest event, which stands first; returns the new size."""
    size -= 1
    time, node = times[size], nodes[size]
    i = 0
    while True:
        below = 2 * i + 1
        if below >= size:
            break
        if below + 1 < size and times[below + 1] < times[below]:
            below += 1
        if time <= times[below]:
            break
        times[i], nodes[i] = times[below], nodes[below]
        i = below
    times[i], nodes[i] = time, node
    return size
