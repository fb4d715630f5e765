"""Conjugate gradients for sparse matrices of tetrahedra, as flat loops for ``laplace``.

Preconditioner: one symmetric Gauss-Seidel sweep, which takes out what changes from node to node,
plus the exact answer for constants on patches of nodes, which takes out what is long-ranged.
"""

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.compilation import kernel


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
def _dot(one: FloatArray, two: FloatArray) -> float:
    total = 0.0
    for i in range(len(one)):
        total += one[i] * two[i]
    return total


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
def aggregates(starts: IntArray, columns: IntArray, size: int) -> IntArray:
    """Patch number of every node: connected patches of up to ``size`` nodes.

    Leftovers under a quarter of that join a neighbour.
    """
    n = len(starts) - 1
    patch = np.full(n, -1, np.int32)
    queue = np.empty(n, np.int32)
    count = 0
    for seed in range(n):
        if patch[seed] >= 0:
            continue
        queue[0], head, tail, patch[seed] = seed, 0, 1, count
        neighbour = -1
        while head < tail:
            node = queue[head]
            head += 1
            for k in range(starts[node], starts[node + 1]):
                other = columns[k]
                if patch[other] < 0 and tail < size:
                    patch[other] = count
                    queue[tail] = other
                    tail += 1
                elif patch[other] >= 0 and patch[other] != count:
                    neighbour = patch[other]
        if tail < size // 4 and neighbour >= 0:
            for k in range(tail):
                patch[queue[k]] = neighbour
        else:
            count += 1
    return patch


@kernel
def coarse_matrix(
    starts: IntArray, columns: IntArray, data: FloatArray, free: BoolArray, patch: IntArray
) -> FloatArray:
    """Matrix of the sums over patches, free nodes only; 1 on the diagonal of patches without."""
    count = 0
    for i in range(len(patch)):
        count = max(count, patch[i] + 1)
    matrix = np.zeros((count, count))
    for i in range(len(starts) - 1):
        if free[i]:
            for k in range(starts[i], starts[i + 1]):
                if free[columns[k]]:
                    matrix[patch[i], patch[columns[k]]] += data[k]
    for i in range(count):
        if matrix[i, i] <= 0.0:
            matrix[i, i] = 1.0
    return matrix


@kernel
def _preconditioned(
    starts: IntArray, columns: IntArray, data: FloatArray, diagonal: FloatArray, free: BoolArray,
    patch: IntArray, inverse: FloatArray, residual: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    _swept(starts, columns, data, diagonal, free, residual, out)
    sums = np.zeros(len(inverse))
    for i in range(len(residual)):
        sums[patch[i]] += residual[i]
    lift = np.zeros(len(inverse))
    for i in range(len(inverse)):
        total = 0.0
        for j in range(len(inverse)):
            total += inverse[i, j] * sums[j]
        lift[i] = total
    for i in range(len(residual)):
        if free[i]:
            out[i] += lift[patch[i]]


@kernel
def conjugate_gradients(
    starts: IntArray, columns: IntArray, data: FloatArray, free: BoolArray, patch: IntArray,
    inverse: FloatArray, load: FloatArray, x: FloatArray, tolerance: float, most: int,
) -> FloatArray:  # fmt: skip
    """Solution on the free nodes, from and into ``x``; stops at the tolerance or after ``most``."""
    n = len(x)
    diagonal = np.ones(n)
    for i in range(n):
        for k in range(starts[i], starts[i + 1]):
            if columns[k] == i:
                diagonal[i] = data[k]
    product, sweep = np.empty(n), np.empty(n)
    _product(starts, columns, data, free, x, product)
    residual = np.zeros(n)
    for i in range(n):
        if free[i]:
            residual[i] = load[i] - product[i]
    _preconditioned(starts, columns, data, diagonal, free, patch, inverse, residual, sweep)
    step = sweep.copy()
    size = _dot(residual, sweep)
    target = tolerance * tolerance * size
    for _ in range(most):
        if size <= target or size == 0.0:
            break
        _product(starts, columns, data, free, step, product)
        rate = size / _dot(step, product)
        for i in range(n):
            x[i] += rate * step[i]
            residual[i] -= rate * product[i]
        _preconditioned(starts, columns, data, diagonal, free, patch, inverse, residual, sweep)
        before, size = size, _dot(residual, sweep)
        for i in range(n):
            step[i] = sweep[i] + (size / before) * step[i]
    return x
