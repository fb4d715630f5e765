"""Conjugate gradients for several current patterns at once, as flat loops for ``conductor``.

Eight patterns share every pass over the matrix, side by side in memory. Preconditioner: one
symmetric Gauss-Seidel sweep plus the exact answer for constants on patches of nodes.
"""

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import fast_kernel, kernel

LANES = 8
"""Patterns solved side by side: one row of 64 bytes."""


@kernel
def assembled(
    nodes: FloatArray, tets: IntArray, tensors: FloatArray, slots: IntArray, size: int
) -> FloatArray:
    """Values of the stiffness matrix with conductivity tensors xx, yy, zz, xy, yz, xz."""
    values = np.zeros(size)
    grad, edge = np.empty((4, 3)), np.empty((3, 3))
    for e in range(len(tets)):
        for i in range(3):
            for j in range(3):
                edge[i, j] = nodes[tets[e, i + 1], j] - nodes[tets[e, 0], j]
        for i in range(3):
            p, q = (i + 1) % 3, (i + 2) % 3
            for j in range(3):
                u, v = (j + 1) % 3, (j + 2) % 3
                grad[i + 1, j] = edge[p, u] * edge[q, v] - edge[p, v] * edge[q, u]
        determinant = 0.0
        for j in range(3):
            determinant += edge[0, j] * grad[1, j]
            grad[0, j] = -(grad[1, j] + grad[2, j] + grad[3, j])
        # Gradients carry the determinant: twice divided out, once needed for the volume.
        scale = 1.0 / (6.0 * determinant)
        s = tensors[e]
        for a in range(4):
            fx = scale * (s[0] * grad[a, 0] + s[3] * grad[a, 1] + s[5] * grad[a, 2])
            fy = scale * (s[3] * grad[a, 0] + s[1] * grad[a, 1] + s[4] * grad[a, 2])
            fz = scale * (s[5] * grad[a, 0] + s[4] * grad[a, 1] + s[2] * grad[a, 2])
            for b in range(4):
                values[slots[e, 4 * a + b]] += fx * grad[b, 0] + fy * grad[b, 1] + fz * grad[b, 2]
    return values


@fast_kernel
def _product(
    starts: IntArray, columns: IntArray, values: FloatArray, x: FloatArray, out: FloatArray
) -> None:
    total = np.empty(LANES)
    for i in range(len(x)):
        for lane in range(LANES):
            total[lane] = 0.0
        for k in range(starts[i], starts[i + 1]):
            value, j = values[k], columns[k]
            for lane in range(LANES):
                total[lane] += value * x[j, lane]
        for lane in range(LANES):
            out[i, lane] = total[lane]


@fast_kernel
def _dots(one: FloatArray, two: FloatArray, out: FloatArray) -> None:
    out[:] = 0.0
    for i in range(len(one)):
        for lane in range(LANES):
            out[lane] += one[i, lane] * two[i, lane]


@fast_kernel
def _swept(
    starts: IntArray, columns: IntArray, values: FloatArray, middle: IntArray,
    residual: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """One symmetric Gauss-Seidel sweep on the residual, from zero."""
    total = np.empty(LANES)
    n = len(residual)
    for i in range(n):
        for lane in range(LANES):
            total[lane] = residual[i, lane]
        for k in range(starts[i], middle[i]):
            value, j = values[k], columns[k]
            for lane in range(LANES):
                total[lane] -= value * out[j, lane]
        over = 1.0 / values[middle[i]]
        for lane in range(LANES):
            out[i, lane] = total[lane] * over
    for i in range(n - 1, -1, -1):
        for lane in range(LANES):
            total[lane] = 0.0
        for k in range(middle[i] + 1, starts[i + 1]):
            value, j = values[k], columns[k]
            for lane in range(LANES):
                total[lane] += value * out[j, lane]
        over = 1.0 / values[middle[i]]
        for lane in range(LANES):
            out[i, lane] -= total[lane] * over


@fast_kernel
def _lifted(patch: IntArray, inverse: FloatArray, residual: FloatArray, out: FloatArray) -> None:
    """Add the exact answer for constants on patches."""
    n = len(inverse)
    sums, lift = np.zeros((n, LANES)), np.zeros((n, LANES))
    for i in range(len(residual)):
        for lane in range(LANES):
            sums[patch[i], lane] += residual[i, lane]
    for i in range(n):
        for j in range(n):
            value = inverse[i, j]
            for lane in range(LANES):
                lift[i, lane] += value * sums[j, lane]
    for i in range(len(residual)):
        for lane in range(LANES):
            out[i, lane] += lift[patch[i], lane]


@kernel
def diagonal_places(starts: IntArray, columns: IntArray) -> IntArray:
    """Where each row keeps its diagonal."""
    middle = np.zeros(len(starts) - 1, np.int32)
    for i in range(len(middle)):
        for k in range(starts[i], starts[i + 1]):
            if columns[k] == i:
                middle[i] = k
    return middle


@fast_kernel
def conjugate_gradients(
    starts: IntArray, columns: IntArray, values: FloatArray, middle: IntArray, patch: IntArray,
    inverse: FloatArray, load: FloatArray, tolerance: float, most: int,
) -> tuple[FloatArray, int]:  # fmt: skip
    """Solutions ``(n, LANES)`` for loads that sum to zero, and the number of steps.

    Stops when every residual, in the preconditioner's norm, has fallen by the tolerance.
    """
    n = len(load)
    x, residual = np.zeros((n, LANES)), load.copy()
    product, sweep = np.empty((n, LANES)), np.empty((n, LANES))
    size, below, before = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    _swept(starts, columns, values, middle, residual, sweep)
    _lifted(patch, inverse, residual, sweep)
    step = sweep.copy()
    _dots(residual, sweep, size)
    target = tolerance * tolerance * size
    rate = np.empty(LANES)
    for count in range(most):
        going = False
        for lane in range(LANES):
            going |= size[lane] > target[lane]
        if not going:
            return x, count
        _product(starts, columns, values, step, product)
        _dots(step, product, below)
        for lane in range(LANES):
            rate[lane] = size[lane] / below[lane] if below[lane] > 0.0 else 0.0
        for i in range(n):
            for lane in range(LANES):
                x[i, lane] += rate[lane] * step[i, lane]
                residual[i, lane] -= rate[lane] * product[i, lane]
        _swept(starts, columns, values, middle, residual, sweep)
        _lifted(patch, inverse, residual, sweep)
        before[:] = size
        _dots(residual, sweep, size)
        for lane in range(LANES):
            rate[lane] = size[lane] / before[lane] if before[lane] > 0.0 else 0.0
        for i in range(n):
            for lane in range(LANES):
                step[i, lane] = sweep[i, lane] + rate[lane] * step[i, lane]
    return x, most
