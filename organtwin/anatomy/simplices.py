"""Connected parts of tetrahedra and triangles."""

import numpy as np

from organtwin.arrays import IntArray
from organtwin.compilation import kernel


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
