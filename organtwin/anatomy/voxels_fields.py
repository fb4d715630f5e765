"""Fields on a regular grid, as kernels: sampling, distance to a zero level, nearest owner.

Distances solve |grad d| = 1 by fast sweeping (Zhao, "A fast sweeping method for eikonal equations",
Math. Comp. 2005) from the voxels beside the zero level, whose distance follows from where the
level changes sign along the axes. Grids have one spacing along all axes.
"""

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import Float32Array, FloatArray
from organtwin.compilation import kernel

ByteArray = NDArray[np.uint8]
Indices = NDArray[np.integer]

_HALF = np.array(
    [[0, 0, 1], [0, 1, -1], [0, 1, 0], [0, 1, 1]]
    + [[1, q, r] for q in (-1, 0, 1) for r in (-1, 0, 1)],
    np.int64,
)
"""Half of a voxel's 26 neighbours: those that come later in C order."""


@kernel
def sampled(field: Float32Array, places: FloatArray) -> FloatArray:
    """Trilinear values ``(n,)`` at grid indices ``(n, 3)``; the outermost values go on outside."""
    out = np.empty(len(places))
    for n in range(len(places)):
        out[n] = sample(field, places[n, 0], places[n, 1], places[n, 2])
    return out


@kernel
def sample(field: Float32Array, x: float, y: float, z: float) -> float:
    """One value of ``sampled``."""
    nx, ny, nz = field.shape
    x, y, z = min(max(x, 0.0), nx - 1.0), min(max(y, 0.0), ny - 1.0), min(max(z, 0.0), nz - 1.0)
    i, j, k = min(int(x), nx - 2), min(int(y), ny - 2), min(int(z), nz - 2)
    a, b, c = x - i, y - j, z - k
    low = (field[i, j, k] * (1 - c) + field[i, j, k + 1] * c) * (1 - b) + (
        field[i, j + 1, k] * (1 - c) + field[i, j + 1, k + 1] * c
    ) * b
    high = (field[i + 1, j, k] * (1 - c) + field[i + 1, j, k + 1] * c) * (1 - b) + (
        field[i + 1, j + 1, k] * (1 - c) + field[i + 1, j + 1, k + 1] * c
    ) * b
    return float(low * (1 - a) + high * a)


@kernel
def resampled(
    field: Float32Array, matrix: FloatArray, start: FloatArray, shape: tuple[int, int, int]
) -> Float32Array:
    """The field on another grid, whose index ``i`` lies at ``start + matrix @ i`` of this one."""
    out = np.empty(shape, np.float32)
    for i in range(shape[0]):
        for j in range(shape[1]):
            x = start[0] + matrix[0, 0] * i + matrix[0, 1] * j
            y = start[1] + matrix[1, 0] * i + matrix[1, 1] * j
            z = start[2] + matrix[2, 0] * i + matrix[2, 1] * j
            for k in range(shape[2]):
                out[i, j, k] = sample(
                    field, x + matrix[0, 2] * k, y + matrix[1, 2] * k, z + matrix[2, 2] * k
                )
    return out


@kernel
def nearest_resampled(
    labels: ByteArray, matrix: FloatArray, start: FloatArray, shape: tuple[int, int, int]
) -> ByteArray:
    """``resampled`` for labels: the nearest voxel's."""
    out = np.zeros(shape, np.uint8)
    at = np.empty(3, np.int64)
    for i in range(shape[0]):
        for j in range(shape[1]):
            for k in range(shape[2]):
                for axis in range(3):
                    place = start[axis] + matrix[axis, 0] * i
                    place += matrix[axis, 1] * j + matrix[axis, 2] * k
                    at[axis] = min(max(int(np.floor(place + 0.5)), 0), labels.shape[axis] - 1)
                out[i, j, k] = labels[at[0], at[1], at[2]]
    return out


@kernel
def signed_distance(level: Float32Array, spacing: float, reach: float) -> Float32Array:
    """Distance to the zero level, negative inside, cut off at ``reach``."""
    nx, ny, nz = level.shape
    distance = np.full(level.shape, reach, np.float32)
    fixed = np.zeros(level.shape, np.bool_)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                inverse = _crossings(level, i, j, k)
                if inverse > 0.0:
                    distance[i, j, k] = spacing / np.sqrt(inverse)
                    fixed[i, j, k] = True
    for turn in range(8):
        _sweep(distance, fixed, spacing, reach, turn)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if level[i, j, k] < 0.0:
                    distance[i, j, k] = -distance[i, j, k]
    return distance


@kernel
def _crossings(level: Float32Array, i: int, j: int, k: int) -> float:
    """Sum over the axes of the squared inverse of the nearest crossing, in voxels."""
    here = level[i, j, k]
    total = 0.0
    for axis in range(3):
        best = 2.0
        for side in (-1, 1):
            a = i + side if axis == 0 else i
            b = j + side if axis == 1 else j
            c = k + side if axis == 2 else k
            if min(a, b, c) < 0 or a >= level.shape[0] or b >= level.shape[1]:
                continue
            if c >= level.shape[2]:
                continue
            there = level[a, b, c]
            if (here < 0.0) != (there < 0.0):
                best = min(best, here / (here - there))
        if best < 2.0:
            total += 1.0 / max(best, 1e-3) ** 2
    return total


@kernel
def _sweep(
    distance: Float32Array, fixed: NDArray[np.bool_], spacing: float, far: float, turn: int
) -> None:
    nx, ny, nz = distance.shape
    for a in range(nx):
        i = nx - 1 - a if turn & 1 else a
        for b in range(ny):
            j = ny - 1 - b if turn & 2 else b
            for c in range(nz):
                k = nz - 1 - c if turn & 4 else c
                if fixed[i, j, k]:
                    continue
                x = min(distance[max(i - 1, 0), j, k], distance[min(i + 1, nx - 1), j, k])
                y = min(distance[i, max(j - 1, 0), k], distance[i, min(j + 1, ny - 1), k])
                z = min(distance[i, j, max(k - 1, 0)], distance[i, j, min(k + 1, nz - 1)])
                if min(x, y, z) >= far:
                    continue
                distance[i, j, k] = min(distance[i, j, k], _eikonal(x, y, z, spacing))


@kernel
def _eikonal(x: float, y: float, z: float, spacing: float) -> float:
    low, high = min(x, y, z), max(x, y, z)
    middle = x + y + z - low - high
    value = low + spacing
    if value > middle:
        value = 0.5 * (low + middle + np.sqrt(max(2.0 * spacing**2 - (low - middle) ** 2, 0.0)))
        if value > high:
            total = low + middle + high
            rest = total**2 - 3.0 * (low**2 + middle**2 + high**2 - spacing**2)
            value = (total + np.sqrt(max(rest, 0.0))) / 3.0
    return float(value)


@kernel
def spread_owners(owner: ByteArray, nobody: int) -> None:
    """Give every voxel without an owner the nearest one's, in place (chamfer distance)."""
    nx, ny, nz = owner.shape
    distance = np.zeros(owner.shape, np.float32)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if owner[i, j, k] == nobody:
                    distance[i, j, k] = 1e9
    for side in (-1, 1):
        for a in range(nx):
            i = a if side < 0 else nx - 1 - a
            for b in range(ny):
                j = b if side < 0 else ny - 1 - b
                for c in range(nz):
                    k = c if side < 0 else nz - 1 - c
                    if distance[i, j, k] > 0.0:
                        _take_nearest(owner, distance, i, j, k, side)


@kernel
def _take_nearest(
    owner: ByteArray, distance: Float32Array, i: int, j: int, k: int, side: int
) -> None:
    for n in range(len(_HALF)):
        p, q, r = _HALF[n, 0], _HALF[n, 1], _HALF[n, 2]
        a, b, c = i + side * p, j + side * q, k + side * r
        if min(a, b, c) < 0 or a >= owner.shape[0] or b >= owner.shape[1] or c >= owner.shape[2]:
            continue
        there = distance[a, b, c] + np.sqrt(float(p * p + q * q + r * r))
        if there < distance[i, j, k]:
            distance[i, j, k] = there
            owner[i, j, k] = owner[a, b, c]
