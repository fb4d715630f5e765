"""Spreading of arrival times from node to node until no element can lower one."""

import math
from typing import NamedTuple

import numpy as np

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.eikonal.updates import (
    UNSET,
    along_edge,
    may_lower,
    through_face,
)
from organtwin.physiology.electrophysiology.eikonal.waiting import Waiting, earliest, join

OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]], np.int32)
"""For each corner o of a tetrahedron the three others, a, b and c."""
_PLACE = np.array([[-1, 0, 1, 2], [0, -1, 3, 4], [1, 3, -1, 5], [2, 4, 5, -1]])
SIX = np.array([
    [_PLACE[o, a], _PLACE[o, b], _PLACE[o, c], _PLACE[a, b], _PLACE[a, c], _PLACE[b, c]]
    for o, (a, b, c) in enumerate(OTHERS)
], np.int32)  # fmt: skip
"""Where the pairs oa, ob, oc, ab, ac, bc are kept."""
SMALLEST = np.float32(2e-5)
"""Least gain [ms] worth passing on: some roundings of a time. Saves every twentieth turn."""


class Elements(NamedTuple):
    """Elements and where each node has them, see ``Geometry``."""

    tets: IntArray
    first_tet: IntArray
    own_tets: IntArray
    faces: IntArray
    first_face: IntArray
    own_faces: IntArray
    cables: IntArray
    first_cable: IntArray
    own_cables: IntArray


class Forms(NamedTuple):
    """What one set of speeds makes of the elements.

    ``numbers`` ``(n_tets, 12)``: six of K [1/ms2], then six squared lengths [ms2], all inf where
    nothing conducts. ``sides`` ``(n_faces, 3)`` [ms2] inf where off; ``delays`` ``(n_cables, 2)``
    [ms].
    """

    numbers: RealArray
    sides: RealArray
    delays: RealArray


@kernel
def combined(parts: RealArray, kinds: IntArray, tissue: FloatArray, numbers: RealArray) -> float:
    """Fill the numbers of all tetrahedra; the mean [ms] of their shortest edges, 1 without any."""
    weights = np.empty((2, 3), numbers.dtype)
    total, count = 0.0, 0
    for e in range(len(kinds)):
        speed = tissue[kinds[e]]
        if speed[0] == 0.0:
            for i in range(12):
                numbers[e, i] = UNSET
            continue
        for d in range(3):
            weights[0, d] = speed[d] * speed[d]
            weights[1, d] = 1.0 / (speed[d] * speed[d])
        for i in range(12):
            w = weights[i // 6]
            numbers[e, i] = w[0] * parts[e, 0, i] + w[1] * parts[e, 1, i] + w[2] * parts[e, 2, i]
        shortest = numbers[e, 6]
        for i in range(7, 12):
            shortest = min(shortest, numbers[e, i])
        total += math.sqrt(shortest)
        count += 1
    return total / count if count else 1.0


@kernel
def spread(
    elements: Elements, forms: Forms, times: RealArray, waiting: Waiting, per_time: float
) -> int:
    """Lower the times until nothing changes; the number of nodes that spread, repeats counted.

    A tetrahedron is read once for its three other corners. Its part stands here, and takes no row
    out of an array: tuples of arrays handed on, and rows, have their references counted, which
    takes 1.4 to 2.5 times as long.
    """
    first, own, tets, numbers = elements.first_tet, elements.own_tets, elements.tets, forms.numbers
    turns = 0
    while True:
        node = earliest(waiting, times, per_time)
        if node < 0:
            return turns
        turns += 1
        now = times[node]
        for k in range(first[node], first[node + 1]):
            e, o = own[k] >> 2, own[k] & 3
            if numbers[e, 0] == UNSET:
                continue
            ia, ib, ic = tets[e, OTHERS[o, 0]], tets[e, OTHERS[o, 1]], tets[e, OTHERS[o, 2]]
            pa, pb, pc = SIX[o, 0], SIX[o, 1], SIX[o, 2]
            pab, pac, pbc = SIX[o, 3], SIX[o, 4], SIX[o, 5]
            oa, ob, oc = numbers[e, pa], numbers[e, pb], numbers[e, pc]
            ab, ac, bc = numbers[e, pab], numbers[e, pac], numbers[e, pbc]
            a, b, c = times[ia] - now, times[ib] - now, times[ic] - now
            if may_lower(a, b, c, oa, ob, oc, ab, ac, bc):
                delay = through_face(
                    b, c, a, oa, ob, oc, ab, ac, bc, numbers[e, 6 + pa], numbers[e, 6 + pb],
                    numbers[e, 6 + pc], numbers[e, 6 + pab], numbers[e, 6 + pac],
                )  # fmt: skip
                if delay < a - SMALLEST:
                    a = delay
                    times[ia] = now + delay
                    join(waiting, ia, now + delay, per_time)
            if may_lower(b, a, c, ob, oa, oc, ab, bc, ac):
                delay = through_face(
                    a, c, b, ob, oa, oc, ab, bc, ac, numbers[e, 6 + pb], numbers[e, 6 + pa],
                    numbers[e, 6 + pc], numbers[e, 6 + pab], numbers[e, 6 + pbc],
                )  # fmt: skip
                if delay < b - SMALLEST:
                    b = delay
                    times[ib] = now + delay
                    join(waiting, ib, now + delay, per_time)
            if may_lower(c, a, b, oc, oa, ob, ac, bc, ab):
                delay = through_face(
                    a, b, c, oc, oa, ob, ac, bc, ab, numbers[e, 6 + pc], numbers[e, 6 + pa],
                    numbers[e, 6 + pb], numbers[e, 6 + pac], numbers[e, 6 + pbc],
                )  # fmt: skip
                if delay < c - SMALLEST:
                    times[ic] = now + delay
                    join(waiting, ic, now + delay, per_time)
        for k in range(elements.first_face[node], elements.first_face[node + 1]):
            _along_face(elements, forms, times, waiting, per_time, node, elements.own_faces[k])
        for k in range(elements.first_cable[node], elements.first_cable[node + 1]):
            cable, end = divmod(elements.own_cables[k], 2)
            arrival = times[node] + forms.delays[cable, end]
            _lower(times, waiting, per_time, elements.cables[cable, 1 - end], arrival)


@kernel
def _lower(times: RealArray, waiting: Waiting, per_time: float, node: int, arrival: float) -> None:
    if arrival < times[node] - SMALLEST:
        times[node] = arrival
        join(waiting, node, arrival, per_time)


@kernel
def _along_face(
    elements: Elements, forms: Forms, times: RealArray, waiting: Waiting, per_time: float,
    node: int, corner: int,
) -> None:  # fmt: skip
    """Offer a node's time to the two other corners of one triangle of a layer."""
    face, own = divmod(corner, 3)
    i, j = (own + 1) % 3, (own + 2) % 3
    x, y = elements.faces[face, i], elements.faces[face, j]
    q_xy, q_oy, q_ox = forms.sides[face, own], forms.sides[face, i], forms.sides[face, j]
    if q_xy == UNSET:
        return
    now = times[node]
    t_x, t_y = times[x] - now, times[y] - now
    delay = along_edge(t_y, t_x, q_ox, q_xy, q_oy) if t_y < UNSET else min(t_x, math.sqrt(q_ox))
    if delay < t_x:
        _lower(times, waiting, per_time, x, now + delay)
    delay = along_edge(t_x, t_y, q_oy, q_xy, q_ox) if t_x < UNSET else min(t_y, math.sqrt(q_oy))
    if delay < t_y:
        _lower(times, waiting, per_time, y, now + delay)
