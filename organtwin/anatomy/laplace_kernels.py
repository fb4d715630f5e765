"""Sparse matrices of linear tetrahedra: pattern, assembly, solution. Flat loops for ``laplace``."""

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.compilation import kernel


@kernel
def pattern(tets: IntArray, n_nodes: int) -> tuple[IntArray, IntArray, IntArray]:
    """Row starts, columns in order, and where the 16 entries of every element go."""
    counts = np.zeros(n_nodes + 1, np.int32)
    for e in range(len(tets)):
        for i in range(4):
            counts[tets[e, i] + 1] += 1
    first = np.cumsum(counts).astype(np.int32)
    owned = np.empty(first[-1], np.int32)
    fill = first[:-1].copy()
    for e in range(len(tets)):
        for i in range(4):
            owned[fill[tets[e, i]]] = e
            fill[tets[e, i]] += 1
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
        columns[begin:used] = np.sort(columns[begin:used])
        starts[node + 1] = used
    slots = np.empty((len(tets), 16), np.int32)
    for e in range(len(tets)):
        for i in range(4):
            begin, end = starts[tets[e, i]], starts[tets[e, i] + 1]
            for j in range(4):
                slots[e, 4 * i + j] = begin + np.searchsorted(columns[begin:end], tets[e, j])
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
            total[node] /= weight[node]
    return total


@kernel
def _product(
    starts: IntArray, columns: IntArray, data: FloatArray, free: BoolArray,
    x: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    for i in range(len(x)):
        total = 0.0
        if free[i]:
            for k in range(starts[i], starts[i + 1]):
                total += data[k] * x[columns[k]]
        out[i] = total


@kernel
def _swept(
    starts: IntArray, columns: IntArray, data: FloatArray, diagonal: FloatArray,
    free: BoolArray, residual: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """One symmetric Gauss-Seidel sweep on the residual, from zero."""
    for i in range(len(residual)):
        total = 0.0
        if free[i]:
            total = residual[i]
            for k in range(starts[i], starts[i + 1]):
                if columns[k] >= i:
                    break
                total -= data[k] * out[columns[k]]
            total /= diagonal[i]
        out[i] = total
    for i in range(len(residual) - 1, -1, -1):
        if free[i]:
            total = 0.0
            for k in range(starts[i + 1] - 1, starts[i] - 1, -1):
                if columns[k] <= i:
                    break
                total += data[k] * out[columns[k]]
            out[i] -= total / diagonal[i]


@kernel
def conjugate_gradients(
    starts: IntArray, columns: IntArray, data: FloatArray, free: BoolArray,
    load: FloatArray, x: FloatArray, tolerance: float, most: int,
) -> FloatArray:  # fmt: skip
    n = len(x)
    diagonal = np.ones(n)
    for i in range(n):
        for k in range(starts[i], starts[i + 1]):
            if columns[k] == i:
                diagonal[i] = data[k]
    product, sweep = np.empty(n), np.empty(n)
    _product(starts, columns, data, free, x, product)
    residual = np.where(free, load - product, 0.0)
    _swept(starts, columns, data, diagonal, free, residual, sweep)
    step = sweep.copy()
    size = residual @ sweep
    target = tolerance * tolerance * size
    for _ in range(most):
        if size <= target or size == 0.0:
            break
        _product(starts, columns, data, free, step, product)
        rate = size / (step @ product)
        x = x + rate * step
        residual = residual - rate * product
        _swept(starts, columns, data, diagonal, free, residual, sweep)
        new_size = residual @ sweep
        step = sweep + (new_size / size) * step
        size = new_size
    return x
