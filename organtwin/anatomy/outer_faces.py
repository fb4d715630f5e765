"""Outer faces of tetrahedra, and finding faces by their corners."""

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import BoolArray, IntArray
from organtwin.compilation import kernel

Indices = NDArray[np.integer]


def outer_faces(tets: Indices) -> tuple[IntArray, IntArray]:
    """Faces ``(k, 3)`` that one tetrahedron alone has, seen counter-clockwise from outside.

    Also the tetrahedron ``(k,)`` that each belongs to. Tetrahedra ``(m, 4)`` must be positive.
    """
    if len(tets) == 0:
        return np.empty((0, 3), np.int32), np.empty(0, np.int32)
    faces, owners = _alone(np.ascontiguousarray(tets, np.int32), int(tets.max()) + 1)
    return faces, owners


def matched(faces: Indices, among: Indices) -> tuple[Indices, BoolArray]:
    """Row ``(k,)`` of each face in a list of faces, whatever the order of its corners.

    The second array tells where there is one; elsewhere the row means nothing.
    """
    if len(among) == 0:
        return np.zeros(len(faces), np.int64), np.zeros(len(faces), np.bool_)
    names = _names(among)
    order = np.argsort(names)
    wanted = _names(faces)
    place = np.minimum(np.searchsorted(names[order], wanted), len(names) - 1)
    row = order[place]
    return row, names[row] == wanted


def _names(faces: Indices) -> NDArray[np.int64]:
    """One number per face from its sorted corners; holds for up to two million nodes."""
    corners = np.sort(faces.astype(np.int64), axis=1)
    return np.asarray((corners[:, 0] << 42) | (corners[:, 1] << 21) | corners[:, 2])


@kernel
def _alone(tets: IntArray, n_nodes: int) -> tuple[IntArray, IntArray]:
    """Faces that belong to one tetrahedron only, and that tetrahedron."""
    sides = ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1))
    head = np.full(n_nodes, -1, np.int32)
    following = np.full(4 * len(tets), -1, np.int32)
    middle, last = np.zeros(4 * len(tets), np.int32), np.zeros(4 * len(tets), np.int32)
    alone = np.ones(4 * len(tets), np.bool_)
    for f in range(4 * len(tets)):
        m, side = f // 4, f % 4
        a, b, c = tets[m, sides[side][0]], tets[m, sides[side][1]], tets[m, sides[side][2]]
        low, high = min(a, b, c), max(a, b, c)
        between = a + b + c - low - high
        other = head[low]
        while other >= 0 and not (middle[other] == between and last[other] == high):
            other = following[other]
        if other >= 0:
            alone[other] = alone[f] = False
        else:
            middle[f], last[f] = between, high
            following[f] = head[low]
            head[low] = f
    faces = np.empty((np.count_nonzero(alone), 3), np.int32)
    owners = np.empty(len(faces), np.int32)
    n = 0
    for f in range(4 * len(tets)):
        if alone[f]:
            for c in range(3):
                faces[n, c] = tets[f // 4, sides[f % 4][c]]
            owners[n] = f // 4
            n += 1
    return faces, owners
