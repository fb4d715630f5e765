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


@kernel
def preconditioned(
    starts: IntArray, columns: IntArray, values: FloatArray, middle: IntArray, patch: IntArray,
    inverse: FloatArray, residual: FloatArray, out: FloatArray,
) -> FloatArray:  # fmt: skip
    """Fill ``out`` and return the size ``(LANES,)`` of each residual in this norm."""
    size = np.empty(LANES)
    _swept(starts, columns, values, middle, residual, out)
    _lifted(patch, inverse, residual, out)
    _dots(residual, out, size)
    return size


@fast_kernel
def advanced(
    starts: IntArray, columns: IntArray, values: FloatArray, middle: IntArray, patch: IntArray,
    inverse: FloatArray, x: FloatArray, residual: FloatArray, step: FloatArray, size: FloatArray,
    target: FloatArray, n_steps: int,
) -> bool:  # fmt: skip
    """Take steps of conjugate gradients in place; whether all sizes are down to the target."""
    n = len(x)
    product, sweep = np.empty((n, LANES)), np.empty((n, LANES))
    below, rate = np.empty(LANES), np.empty(LANES)
    for _ in range(n_steps):
        if (size <= target).all():
            return True
        _product(starts, columns, values, step, product)
        _dots(step, product, below)
        for lane in range(LANES):
            rate[lane] = size[lane] / below[lane] if below[lane] > 0.0 else 0.0
        for i in range(n):
            for lane in range(LANES):
                x[i, lane] += rate[lane] * step[i, lane]
                residual[i, lane] -= rate[lane] * product[i, lane]
        after = preconditioned(
            starts, columns, values, middle, patch, inverse, residual, sweep
        )  # fmt: skip
        for lane in range(LANES):
            rate[lane] = after[lane] / size[lane] if size[lane] > 0.0 else 0.0
            size[lane] = after[lane]
        for i in range(n):
            for lane in range(LANES):
                step[i, lane] = sweep[i, lane] + rate[lane] * step[i, lane]
    return bool((size <= target).all())
