"""Turn elements of a moved tissue mesh right side out again by moving as few nodes as that takes.

Every element must keep a share of its volume at rest. One that does not is brought there by the
smallest motion of its own four nodes, along the slopes of its volume; elements around it that this
harms wait in line for their turn, until none is left (Gauss and Seidel's projections onto volume
constraints, as in Mueller et al. 2007, "Position based dynamics"). All other nodes stay where they
are. The same points always give the same answer.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.stuffing import volumes
from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import fast_kernel

LEAST_SHARE, AIM = 0.1, 0.2
"""Share of its volume at rest below which an element is mended, and what it is given then. A lower
aim leaves walls no nearer to their volume and takes up to three times as long."""

MOST_MOVES = 200_000
"""Elements mended in one call, 0.3 s of work; the worst frame of five hearts took 10 000."""

_LONGEST_MOVE = 0.5
"""A node moves by no more than this share of the element's edge at once, lest it overshoot."""


class Righting:
    """Rights the elements of one tissue mesh, whose nodes at rest are ``nodes`` ``(n, 3)`` [m].

    Elements that are turned over or flat at rest are given the size they have there, or hardly any.
    """

    def __init__(self, tissue: Tissue, nodes: FloatArray) -> None:
        self._tets = tissue.tets
        self._starts, self._elements = elements_around(tissue)
        size = np.abs(volumes(nodes, tissue.tets))
        self._rest: FloatArray = np.maximum(size, 1e-6 * size.mean())

    def right(self, points: FloatArray) -> int:
        """Move ``points`` ``(n, 3)`` [m] in place; how many elements are still not right.

        None, unless ``MOST_MOVES`` were too few.
        """
        return int(
            _righted(points, self._tets, self._rest, self._starts, self._elements, MOST_MOVES)
        )


@lru_cache(maxsize=4)
def elements_around(tissue: Tissue) -> tuple[NDArray[np.int64], IntArray]:
    """Elements at each node: those of node ``i`` are ``elements[starts[i] : starts[i + 1]]``."""
    nodes = tissue.tets.ravel()
    order = np.argsort(nodes, kind="stable")
    starts = np.searchsorted(nodes[order], np.arange(len(tissue.nodes) + 1))
    return starts.astype(np.int64), (order // 4).astype(np.int32)


@fast_kernel
def _righted(
    points: FloatArray,
    tets: IntArray,
    rest: FloatArray,
    starts: NDArray[np.int64],
    elements: IntArray,
    most: int,
) -> int:
    n = len(tets)
    slopes, room = np.empty((4, 3)), n + 1
    line, waits = np.empty(room, np.int32), np.zeros(n, np.bool_)
    first, length, moves = 0, 0, 0
    for e in range(n):
        if _volume(points, tets[e], slopes) < LEAST_SHARE * rest[e]:
            line[length], waits[e] = e, True
            length += 1
    while length > 0 and moves < most:
        e = line[first]
        waits[e] = False
        first, length = (first + 1) % room, length - 1
        volume = _volume(points, tets[e], slopes)
        if volume >= LEAST_SHARE * rest[e]:
            continue
        moves += 1
        _move(points, tets[e], slopes, AIM * rest[e] - volume, rest[e])
        for node in tets[e]:
            for j in range(starts[node], starts[node + 1]):
                other = elements[j]
                if waits[other]:
                    continue
                if _volume(points, tets[other], slopes) < LEAST_SHARE * rest[other]:
                    line[(first + length) % room], waits[other] = other, True
                    length += 1
    return length


@fast_kernel
def _move(points: FloatArray, tet: IntArray, slopes: FloatArray, lacks: float, rest: float) -> None:
    """Move the nodes of an element by the least that gives it the volume it lacks [m3]."""
    total, steepest = 0.0, 0.0
    for i in range(4):
        slope = slopes[i, 0] ** 2 + slopes[i, 1] ** 2 + slopes[i, 2] ** 2
        total, steepest = total + slope, max(steepest, slope)
    if total <= 0.0:
        return
    longest = _LONGEST_MOVE * (6.0 * np.sqrt(2.0) * rest) ** (1.0 / 3.0)
    share = min(lacks / total, longest / np.sqrt(steepest))
    for i in range(4):
        for d in range(3):
            points[tet[i], d] += share * slopes[i, d]


@fast_kernel
def _volume(points: FloatArray, tet: IntArray, slopes: FloatArray) -> float:
    """Signed volume of an element [m3], and its ``slopes`` (4, 3) by the places of its nodes."""
    a, b, c, d = tet[0], tet[1], tet[2], tet[3]
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        bi, bj = points[b, i] - points[a, i], points[b, j] - points[a, j]
        ci, cj = points[c, i] - points[a, i], points[c, j] - points[a, j]
        di, dj = points[d, i] - points[a, i], points[d, j] - points[a, j]
        slopes[1, k] = (ci * dj - cj * di) / 6.0
        slopes[2, k] = (di * bj - dj * bi) / 6.0
        slopes[3, k] = (bi * cj - bj * ci) / 6.0
        slopes[0, k] = -slopes[1, k] - slopes[2, k] - slopes[3, k]
    volume = 0.0
    for k in range(3):
        volume += (points[b, k] - points[a, k]) * slopes[1, k]
    return volume
