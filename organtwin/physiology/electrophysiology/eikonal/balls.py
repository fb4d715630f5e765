"""Exact arrival in a few elements around a point where excitation starts.

A front from a point curves too much for any element at it, and what is late there stays late. In
tissue whose speeds change little over a few elements the front runs straight,

    t = t_source + sqrt(d' M d),    M the mean of the inverse velocity tensors at both ends.

The ball ends where elements of another kind, or none, begin, as such a line may run through them.
"""

import math
from typing import NamedTuple

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.eikonal.spreading import SIX
from organtwin.physiology.electrophysiology.eikonal.updates import UNSET

RINGS = 3
"""Rings of elements in a ball."""
_MOST = 4000
"""More nodes than three rings hold in any mesh of tetrahedra of even size; further ones wait."""


class Balls(NamedTuple):
    """What the balls so far offer each node.

    ``times`` ``(n_nodes,)`` [ms] and ``source`` the node it comes from; ``metrics``
    ``(n_nodes, 6)`` [ms2/mm2] xx, yy, zz, xy, xz, yz where ``measured``; ``mark`` the last source
    that visited; ``queue`` room for one visit.
    """

    times: FloatArray
    source: IntArray
    metrics: FloatArray
    measured: BoolArray
    mark: IntArray
    queue: IntArray


def no_balls(n_nodes: int) -> Balls:
    """Nothing offered yet."""
    return Balls(
        np.full(n_nodes, np.inf), np.full(n_nodes, -1, np.int32), np.zeros((n_nodes, 6)),
        np.zeros(n_nodes, np.bool_), np.full(n_nodes, -1, np.int32), np.empty(_MOST, np.int32),
    )  # fmt: skip


@kernel
def offer_ball(
    source: int, time: float, first: IntArray, own: IntArray, tets: IntArray, kinds: IntArray,
    numbers: RealArray, places: FloatArray, balls: Balls,
) -> None:  # fmt: skip
    """Offer the time from one source to the nodes of its ball."""
    if not _same_kind(source, first, own, kinds, numbers):
        return
    kind = kinds[own[first[source]] >> 2]
    balls.queue[0], balls.mark[source] = source, source
    begin, end = 0, 1
    for _ in range(RINGS):
        last = end
        for place in range(begin, last):
            node = balls.queue[place]
            for k in range(first[node], first[node + 1]):
                for corner in range(4):
                    other = tets[own[k] >> 2, corner]
                    if balls.mark[other] == source or end == _MOST:
                        continue
                    balls.mark[other] = source
                    inside = _same_kind(other, first, own, kinds, numbers)
                    if inside and kinds[own[first[other]] >> 2] == kind:
                        balls.queue[end] = other
                        end += 1
        begin = last
    _measure(source, first, own, tets, numbers, places, balls)
    for place in range(1, end):
        node = balls.queue[place]
        _measure(node, first, own, tets, numbers, places, balls)
        m = balls.metrics
        x, y, z = (places[node, 0] - places[source, 0], places[node, 1] - places[source, 1],
                   places[node, 2] - places[source, 2])  # fmt: skip
        square = 0.0
        for at in (source, node):
            square += 0.5 * (m[at, 0] * x * x + m[at, 1] * y * y + m[at, 2] * z * z)
            square += m[at, 3] * x * y + m[at, 4] * x * z + m[at, 5] * y * z
        arrival = time + math.sqrt(square)
        if arrival < balls.times[node]:
            balls.times[node], balls.source[node] = arrival, source


@kernel
def _same_kind(
    node: int, first: IntArray, own: IntArray, kinds: IntArray, numbers: RealArray
) -> bool:
    """Whether all tissue around a node is of one kind and conducts; no without any."""
    if first[node] == first[node + 1]:
        return False
    kind = kinds[own[first[node]] >> 2]
    if numbers[own[first[node]] >> 2, 0] == UNSET:
        return False
    same = True
    for k in range(first[node] + 1, first[node + 1]):
        same = same and kinds[own[k] >> 2] == kind
    return same


@kernel
def _measure(
    node: int, first: IntArray, own: IntArray, tets: IntArray, numbers: RealArray,
    places: FloatArray, balls: Balls,
) -> None:  # fmt: skip
    """Mean inverse velocity tensor of the tetrahedra around a node, unless known already."""
    if balls.measured[node]:
        return
    balls.measured[node] = True
    share = 1.0 / (first[node + 1] - first[node])
    slopes, metric = np.empty((3, 3)), balls.metrics[node]
    for k in range(first[node], first[node + 1]):
        e = own[k] >> 2
        _slopes(places, tets, e, slopes)
        for i in range(3):
            for j in range(3):
                inner = 0.5 * (numbers[e, 6 + i] + numbers[e, 6 + j])
                if i != j:
                    inner -= 0.5 * numbers[e, 6 + SIX[0, 2 + i + j]]
                metric[0] += share * inner * slopes[i, 0] * slopes[j, 0]
                metric[1] += share * inner * slopes[i, 1] * slopes[j, 1]
                metric[2] += share * inner * slopes[i, 2] * slopes[j, 2]
                metric[3] += share * inner * slopes[i, 0] * slopes[j, 1]
                metric[4] += share * inner * slopes[i, 0] * slopes[j, 2]
                metric[5] += share * inner * slopes[i, 1] * slopes[j, 2]


@kernel
def _slopes(places: FloatArray, tets: IntArray, e: int, slopes: FloatArray) -> None:
    """Gradients of the shares of the last three corners."""
    o = tets[e, 0]
    for i in range(3):
        b, c = tets[e, 1 + (i + 1) % 3], tets[e, 1 + (i + 2) % 3]
        for k in range(3):
            x, y = (k + 1) % 3, (k + 2) % 3
            slopes[i, k] = (places[b, x] - places[o, x]) * (places[c, y] - places[o, y])
            slopes[i, k] -= (places[b, y] - places[o, y]) * (places[c, x] - places[o, x])
    six_volumes = 0.0
    for k in range(3):
        six_volumes += slopes[0, k] * (places[tets[e, 1], k] - places[o, k])
    for i in range(3):
        for k in range(3):
            slopes[i, k] /= six_volumes


@kernel
def gradient_in_ball(
    node: int, time: float, places: FloatArray, balls: Balls
) -> tuple[float, float, float]:
    """Gradient [ms/mm] of the front from the source of a node's ball, ``time`` after it."""
    source = balls.source[node]
    m = 0.5 * (balls.metrics[source] + balls.metrics[node]) / time
    x, y, z = (places[node, 0] - places[source, 0], places[node, 1] - places[source, 1],
               places[node, 2] - places[source, 2])  # fmt: skip
    return (m[0] * x + m[3] * y + m[4] * z, m[3] * x + m[1] * y + m[5] * z,
            m[4] * x + m[5] * y + m[2] * z)  # fmt: skip
