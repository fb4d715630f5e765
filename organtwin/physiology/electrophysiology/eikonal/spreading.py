"""Spreading of arrival times from node to node until no element can lower one."""

import math
from typing import NamedTuple

import numpy as np

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.eikonal.updates import UNSET, along_edge, through_face
from organtwin.physiology.electrophysiology.eikonal.waiting import Waiting, earliest, join

LINE = 16
"""Places per tetrahedron: four corners, six of K, six squared lengths; a cache line of 64 bytes."""

OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]], np.int32)
"""The other corners of a tetrahedron, for each corner o, called x, y, z."""
OWN_PAIRS = np.array(
    [[0, 1, 2, 3, 4, 5], [0, 3, 4, 1, 2, 5], [1, 3, 5, 0, 2, 4], [2, 4, 5, 0, 1, 3]], np.int32
)
"""Where the pairs ox, oy, oz, xy, xz, yz of each corner are kept."""


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
    turns = 0
    while True:
        node = earliest(waiting, times, per_time)
        if node < 0:
            return turns
        turns += 1
        for k in range(elements.first_tet[node], elements.first_tet[node + 1]):
            _through_tet(forms, times, waiting, per_time, node, elements.own_tets[k])
        for k in range(elements.first_face[node], elements.first_face[node + 1]):
            _along_face(elements, forms, times, waiting, per_time, node, elements.own_faces[k])
        for k in range(elements.first_cable[node], elements.first_cable[node + 1]):
            cable, end = divmod(elements.own_cables[k], 2)
            arrival = times[node] + forms.delays[cable, end]
            _lower(times, waiting, per_time, elements.cables[cable, 1 - end], arrival)


@kernel
def _lower(times: RealArray, waiting: Waiting, per_time: float, node: int, arrival: float) -> None:
    if arrival < times[node]:
        times[node] = arrival
        join(waiting, node, arrival, per_time)


@kernel
def _through_tet(
    forms: Forms, times: RealArray, waiting: Waiting, per_time: float, node: int, corner: int
) -> None:
    """Offer a node's time to the three other corners of one tetrahedron."""
    own = corner & 3
    base = (corner >> 2) * LINE
    numbers, pairs = forms.numbers, OWN_PAIRS[own]
    k, q = base + 4, base + 10
    q_ox = numbers[q + pairs[0]]
    if q_ox == UNSET:
        return
    x, y, z = (forms.corners[base + OTHERS[own, 0]], forms.corners[base + OTHERS[own, 1]],
               forms.corners[base + OTHERS[own, 2]])  # fmt: skip
    now = times[node]
    t_x, t_y, t_z = times[x] - now, times[y] - now, times[z] - now
    k_ox, k_oy, k_oz = numbers[k + pairs[0]], numbers[k + pairs[1]], numbers[k + pairs[2]]
    k_xy, k_xz, k_yz = numbers[k + pairs[3]], numbers[k + pairs[4]], numbers[k + pairs[5]]
    q_oy, q_oz = numbers[q + pairs[1]], numbers[q + pairs[2]]
    q_xy, q_xz, q_yz = numbers[q + pairs[3]], numbers[q + pairs[4]], numbers[q + pairs[5]]
    if t_x > 0 or t_x > t_y or t_x > t_z:
        delay = through_face(t_y, t_z, t_x, k_ox, k_oy, k_oz, k_xy, k_xz, k_yz,
                             q_ox, q_oy, q_oz, q_xy, q_xz)  # fmt: skip
        if delay < t_x:
            _lower(times, waiting, per_time, x, now + delay)
    if t_y > 0 or t_y > t_x or t_y > t_z:
        delay = through_face(t_x, t_z, t_y, k_oy, k_ox, k_oz, k_xy, k_yz, k_xz,
                             q_oy, q_ox, q_oz, q_xy, q_yz)  # fmt: skip
        if delay < t_y:
            _lower(times, waiting, per_time, y, now + delay)
    if t_z > 0 or t_z > t_x or t_z > t_y:
        delay = through_face(t_x, t_y, t_z, k_oz, k_ox, k_oy, k_xz, k_yz, k_xy,
                             q_oz, q_ox, q_oy, q_xz, q_yz)  # fmt: skip
        if delay < t_z:
            _lower(times, waiting, per_time, z, now + delay)


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
