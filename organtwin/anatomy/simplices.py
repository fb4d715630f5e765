"""Tetrahedra and triangles as bare connectivity: outer faces, connected parts."""

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import IntArray
from organtwin.compilation import kernel

Indices = NDArray[np.integer]


@kernel
def outer_faces(tets: IntArray, n_nodes: int) -> tuple[IntArray, IntArray]:
    """Faces ``(n, 3)`` that belong to one tetrahedron only, seen counter-clockwise from outside.

    Also the tetrahedron ``(n,)`` of each. Tetrahedra are positive.
    """
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


@kernel
def parts_of(simplices: IntArray, n_nodes: int) -> IntArray:
    """Number ``(n_nodes,)`` of the connected part that each node belongs to."""
    parent = np.arange(n_nodes).astype(np.int32)
    for m in range(len(simplices)):
        root = _root(parent, simplices[m, 0])
        for c in range(1, simplices.shape[1]):
            other = _root(parent, simplices[m, c])
            if other < root:
                parent[root] = other
                root = other
            else:
                parent[other] = root
    number = np.full(n_nodes, -1, np.int32)
    part = np.empty(n_nodes, np.int32)
    found = 0
    for n in range(n_nodes):
        root = _root(parent, n)
        if number[root] < 0:
            number[root] = found
            found += 1
        part[n] = number[root]
    return part


@kernel
def _root(parent: IntArray, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
