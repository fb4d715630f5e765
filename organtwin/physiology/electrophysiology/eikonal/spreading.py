"""Spreading of arrival times from node to node until no element can lower one."""

import math
from typing import NamedTuple

import numpy as np

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.eikonal.updates import (
    ONE,
    TWO,
    UNSET,
    ZERO,
    along_edge,
    through_face,
)
from organtwin.physiology.electrophysiology.eikonal.waiting import Waiting, earliest, join

LINE = 16
"""Places per tetrahedron: four corners, six of K, six squared lengths; a cache line of 64 bytes."""

TARGETS = np.array([
    [[1, 2, 3], [2, 1, 3], [3, 1, 2]], [[0, 2, 3], [2, 0, 3], [3, 0, 2]],
    [[0, 1, 3], [1, 0, 3], [3, 0, 1]], [[0, 1, 2], [1, 0, 2], [2, 0, 1]],
], np.int32)  # fmt: skip
"""For each corner o of a tetrahedron the three others as v, and with each the remaining a and b."""
_PLACE = np.array([[-1, 0, 1, 2], [0, -1, 3, 4], [1, 3, -1, 5], [2, 4, 5, -1]])
TARGET_PAIRS = np.array([
    [[_PLACE[o, v], _PLACE[o, a], _PLACE[o, b], _PLACE[v, a], _PLACE[v, b], _PLACE[a, b]]
     for v, a, b in TARGETS[o]] for o in range(4)
], np.int32)  # fmt: skip
"""Where the pairs ov, oa, ob, va, vb, ab are kept."""
SMALLEST = np.float32(2e-5)
"""Least gain [ms] worth passing on: some roundings of a time. Saves every twentieth turn."""


class Elements(NamedTuple):
    """Elements around each node, see ``Geometry``."""

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

    ``corners`` and ``numbers`` share ``LINE`` places per tetrahedron; squared lengths of inf mean
    that it does not conduct. ``sides`` ``(n_faces, 3)`` [ms2] inf where off; ``delays``
    ``(n_cables, 2)`` [ms].
    """

    corners: IntArray
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
        base = e * LINE + 4
        if speed[0] == 0.0:
            for i in range(12):
                numbers[base + i] = UNSET
            continue
        for d in range(3):
            weights[0, d] = speed[d] * speed[d]
            weights[1, d] = 1.0 / (speed[d] * speed[d])
        for i in range(12):
            w = weights[i // 6]
            numbers[base + i] = (
                w[0] * parts[e, 0, i] + w[1] * parts[e, 1, i] + w[2] * parts[e, 2, i]
            )
        shortest = numbers[base + 6]
        for i in range(7, 12):
            shortest = min(shortest, numbers[base + i])
        total += math.sqrt(shortest)
        count += 1
    return total / count if count else 1.0


@kernel
def spread(
    elements: Elements, forms: Forms, times: RealArray, waiting: Waiting, per_time: float
) -> int:
    """Lower the times until nothing changes; the number of nodes that spread, repeats counted."""
    first_tet, own_tets = elements.first_tet, elements.own_tets
    corners, numbers = forms.corners, forms.numbers
    turns = 0
    while True:
        node = earliest(waiting, times, per_time)
        if node < 0:
            return turns
        turns += 1
        for k in range(first_tet[node], first_tet[node + 1]):
            own, base = own_tets[k] & 3, (own_tets[k] >> 2) * LINE
            if numbers[base + 4] == UNSET:
                continue
            for i in range(3):
                target = corners[base + TARGETS[own, i, 0]]
                arrival = _arrival(corners, numbers, times, node, target, own, i, base)
                if arrival < times[target] - SMALLEST:
                    times[target] = arrival
                    join(waiting, target, arrival, per_time)
        for k in range(elements.first_face[node], elements.first_face[node + 1]):
            _along_face(elements, forms, times, waiting, per_time, node, elements.own_faces[k])
        for k in range(elements.first_cable[node], elements.first_cable[node + 1]):
            cable, end = divmod(elements.own_cables[k], 2)
            arrival = times[node] + forms.delays[cable, end]
            _lower(times, waiting, per_time, elements.cables[cable, 1 - end], arrival)


@kernel
def _arrival(
    corners: IntArray, numbers: RealArray, times: RealArray, node: int, target: int,
    own: int, i: int, base: int,
) -> float:  # fmt: skip
    """Arrival at one corner of a tetrahedron through the face that holds a node; inf if later."""
    now: float = times[node]
    limit: float = times[target] - now
    a = times[corners[base + TARGETS[own, i, 1]]] - now
    b = times[corners[base + TARGETS[own, i, 2]]] - now
    if limit <= ZERO and limit <= a and limit <= b:
        return UNSET
    pairs = TARGET_PAIRS[own, i]
    k, q = base + 4, base + 10
    k_ov, k_oa, k_ob = numbers[k + pairs[0]], numbers[k + pairs[1]], numbers[k + pairs[2]]
    k_va, k_vb, k_ab = numbers[k + pairs[3]], numbers[k + pairs[4]], numbers[k + pairs[5]]
    if limit < UNSET and a < UNSET and b < UNSET:
        k_vv = k_ov + k_va + k_vb
        slope = k_va * a + k_vb * b
        rest = b * (TWO * k_ab * a - (k_ob + k_ab + k_vb) * b) - (k_oa + k_ab + k_va) * a * a - ONE
        lead = slope - k_vv * limit
        if (lead + slope) * limit + rest <= ZERO:
            return UNSET  # the plane front through all three, a lower bound, is later
        if lead <= ZERO and slope * slope + k_vv * rest >= ZERO:
            return UNSET  # likewise; the other root of the quadratic is the earlier one
    return now + through_face(
        a, b, limit, k_ov, k_oa, k_ob, k_va, k_vb, k_ab,
        numbers[q + pairs[0]], numbers[q + pairs[1]], numbers[q + pairs[2]],
        numbers[q + pairs[3]], numbers[q + pairs[4]],
    )  # fmt: skip


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
