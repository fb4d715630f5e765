"""Sparse matrices of linear tetrahedra: pattern and assembly, as flat loops for ``laplace``."""

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.compilation import kernel


@kernel
def _sort(values: IntArray, begin: int, end: int) -> None:
    """Order a short piece in place."""
    for place in range(begin + 1, end):
        value = values[place]
        hole = place
        while hole > begin and values[hole - 1] > value:
            values[hole] = values[hole - 1]
            hole -= 1
        values[hole] = value


@kernel
def _elements_of_nodes(tets: IntArray, n_nodes: int) -> tuple[IntArray, IntArray]:
    """Elements around each node, one node after the other, and where those of each begin."""
    counts = np.zeros(n_nodes + 1, np.int32)
    for e in range(len(tets)):
        for i in range(4):
            counts[tets[e, i] + 1] += 1
    for node in range(n_nodes):
        counts[node + 1] += counts[node]
    first = counts
    owned = np.empty(first[-1], np.int32)
    fill = first[:-1].copy()
    for e in range(len(tets)):
        for i in range(4):
            owned[fill[tets[e, i]]] = e
            fill[tets[e, i]] += 1
    return first, owned


@kernel
def pattern(tets: IntArray, n_nodes: int) -> tuple[IntArray, IntArray, IntArray]:
    """Row starts, columns in order, and where the 16 entries of every element go."""
    first, owned = _elements_of_nodes(tets, n_nodes)
    seen = np.full(n_nodes, -1, np.int32)
    starts = np.zeros(n_nodes + 1, np.int32)
    columns = np.empty(len(tets) * 16, np.int32)
    used = 0
    for node in range(n_nodes):
        begin = used
        for k in range(first[node], first[node + 1]):
            for i in range(4):
                other = tets[owned[k], i]
                if seen[other] != node:
                    seen[other] = node
                    columns[used] = other
                    used += 1
        _sort(columns, begin, used)
        starts[node + 1] = used
    slots = np.empty((len(tets), 16), np.int32)
    for e in range(len(tets)):
        for i in range(4):
            for k in range(starts[tets[e, i]], starts[tets[e, i] + 1]):
                for j in range(4):
                    if columns[k] == tets[e, j]:
                        slots[e, 4 * i + j] = k
    return starts, columns[:used].copy(), slots


@kernel
def reached(starts: IntArray, columns: IntArray, sources: BoolArray) -> BoolArray:
    """Nodes connected to any source."""
    found = sources.copy()
    queue = np.empty(len(sources), np.int32)
    tail = 0
    for node in range(len(sources)):
        if sources[node]:
            queue[tail] = node
            tail += 1
    head = 0
    while head < tail:
        node = queue[head]
        head += 1
        for k in range(starts[node], starts[node + 1]):
            other = columns[k]
            if not found[other]:
                found[other] = True
                queue[tail] = other
                tail += 1
    return found


@kernel
def stiffness(gradients: FloatArray, volumes: FloatArray, slots: IntArray, size: int) -> FloatArray:
    data = np.zeros(size)
    for e in range(len(volumes)):
        for i in range(4):
            for j in range(4):
                inner = 0.0
                for k in range(3):
                    inner += gradients[e, i, k] * gradients[e, j, k]
                data[slots[e, 4 * i + j]] += volumes[e] * inner
    return data


@kernel
def directed(
    gradients: FloatArray, volumes: FloatArray, slots: IntArray, direction: FloatArray,
    tets: IntArray, size: int, n_nodes: int, across: float,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Stiffness mainly along a direction, and the load of unit slope along it."""
    data = np.zeros(size)
    load = np.zeros(n_nodes)
    along = np.empty(4)
    for e in range(len(volumes)):
        for i in range(4):
            along[i] = 0.0
            for k in range(3):
                along[i] += gradients[e, i, k] * direction[e, k]
            load[tets[e, i]] += volumes[e] * along[i]
        for i in range(4):
            for j in range(4):
                inner = 0.0
                for k in range(3):
                    inner += gradients[e, i, k] * gradients[e, j, k]
                entry = (1.0 - across) * along[i] * along[j] + across * inner
                data[slots[e, 4 * i + j]] += volumes[e] * entry
    return data, load


@kernel
def node_means(tets: IntArray, volumes: FloatArray, values: FloatArray, n_nodes: int) -> FloatArray:
    total = np.zeros((n_nodes, values.shape[1]))
    weight = np.zeros(n_nodes)
    for e in range(len(tets)):
        for i in range(4):
            weight[tets[e, i]] += volumes[e]
            for k in range(values.shape[1]):
                total[tets[e, i], k] += volumes[e] * values[e, k]
    for node in range(n_nodes):
        if weight[node] > 0:
            for k in range(values.shape[1]):
                total[node, k] /= weight[node]
    return total
