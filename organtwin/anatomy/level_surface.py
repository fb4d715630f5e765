"""Triangle surfaces of level functions, in compiled code: surface nets, relaxed and put back.

One point per cell and sheet of the surface (Gibson 1998; Nielson, "Dual marching cubes", 2004), in
the mean of the crossings of its cell's edges; each crossed edge gives a quadrilateral. Points are
then drawn to their neighbours' mean and put back on the zero level by Newton steps.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.implicit import Shape, gradient
from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.simplices import parts_of
from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel

Indices = NDArray[np.integer]

_ROUNDS = 4
_DRAW = 0.6
_LEAST_PART = 0.01
"""Closed parts with less than this share of the largest one's points are dropped as splinters."""


def level_surface(
    shape: Shape, lower: FloatArray, upper: FloatArray, spacing: float
) -> tuple[FloatArray, IntArray]:
    """Points ``(n, 3)`` and outward triangles ``(m, 3)`` of the closed zero level inside a box."""
    counts = np.ceil((np.asarray(upper) - lower) / spacing).astype(np.int64) + 1
    values = grid_levels(shape, np.asarray(lower, float), counts, spacing)
    cells, quads = _net(values, _sheet_table())
    points = lower + spacing * cells
    triangles = _halved(points, quads)
    points = _relaxed(points, triangles, shape, spacing)
    return _without_splinters(points, _halved(points, quads))


def enclosed_volume(surface: Surface) -> float:
    """Volume [m3] inside a closed surface."""
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def grid_levels(shape: Shape, lower: FloatArray, counts: Indices, spacing: float) -> FloatArray:
    """Values ``counts`` on a regular grid, one slab at a time; its outermost layer is outside."""
    values = np.empty(tuple(counts))
    y, z = (lower[a] + spacing * np.arange(counts[a]) for a in (1, 2))
    slab = np.empty((counts[1], counts[2], 3))
    slab[..., 1], slab[..., 2] = y[:, None], z[None, :]
    for i in range(counts[0]):
        slab[..., 0] = lower[0] + spacing * i
        values[i] = np.asarray(shape(slab.reshape(-1, 3))).reshape(counts[1], counts[2])
    for axis in range(3):
        side = np.moveaxis(values, axis, 0)
        side[[0, -1]] = np.maximum(side[[0, -1]], 1e-3 * spacing)
    return values


def _relaxed(points: FloatArray, triangles: IntArray, shape: Shape, spacing: float) -> FloatArray:
    step = 0.25 * spacing
    for turn in range(_ROUNDS + 1):
        if turn < _ROUNDS:
            points = points + _DRAW * (_neighbour_mean(points, triangles) - points)
        slope = gradient(shape, points, step)
        square = np.maximum(np.einsum("ij,ij->i", slope, slope), 0.05)
        move = -(shape(points) / square)[:, None] * slope
        length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-12)
        points = points + move * np.minimum(1.0, 0.5 * spacing / length)
    return points


def _without_splinters(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray]:
    part = parts_of(triangles, len(points))
    sizes = np.bincount(part)
    kept = sizes[part] >= _LEAST_PART * sizes.max()
    number = np.cumsum(kept) - 1
    return points[kept], number[triangles[kept[triangles[:, 0]]]].astype(np.int32)


@kernel
def _neighbour_mean(points: FloatArray, triangles: IntArray) -> FloatArray:
    total, count = np.zeros_like(points), np.zeros(len(points))
    for m in range(len(triangles)):
        for c in range(3):
            here, there = triangles[m, c], triangles[m, (c + 1) % 3]
            count[here] += 1.0
            for axis in range(3):
                total[here, axis] += points[there, axis]
    for n in range(len(points)):
        for axis in range(3):
            total[n, axis] /= max(count[n], 1.0)
    return total


@kernel
def _halved(points: FloatArray, quads: IntArray) -> IntArray:
    """Quadrilaterals split along their shorter diagonal."""
    triangles = np.empty((2 * len(quads), 3), np.int32)
    for q in range(len(quads)):
        a, b, c, d = quads[q, 0], quads[q, 1], quads[q, 2], quads[q, 3]
        one = two = 0.0
        for axis in range(3):
            one += (points[a, axis] - points[c, axis]) ** 2
            two += (points[b, axis] - points[d, axis]) ** 2
        if one <= two:
            triangles[2 * q, 0], triangles[2 * q, 1], triangles[2 * q, 2] = a, b, c
            triangles[2 * q + 1, 0], triangles[2 * q + 1, 1], triangles[2 * q + 1, 2] = a, c, d
        else:
            triangles[2 * q, 0], triangles[2 * q, 1], triangles[2 * q, 2] = a, b, d
            triangles[2 * q + 1, 0], triangles[2 * q + 1, 1], triangles[2 * q + 1, 2] = b, c, d
    return triangles


@kernel
def _net(values: FloatArray, sheets: Indices) -> tuple[FloatArray, IntArray]:
    """Cell points in grid indices and quadrilaterals of every crossed edge."""
    nx, ny, nz = values.shape
    first = np.full((nx, ny, nz), -1, np.int32)
    case = np.zeros((nx, ny, nz), np.uint8)
    n_points = 0
    for i in range(nx - 1):
        for j in range(ny - 1):
            for k in range(nz - 1):
                bits = 0
                for bit in range(8):
                    if values[i + (bit & 1), j + (bit >> 1 & 1), k + (bit >> 2)] < 0.0:
                        bits |= 1 << bit
                if 0 < bits < 255:
                    case[i, j, k] = bits
                    first[i, j, k] = n_points
                    n_points += sheets[bits, 12]
    points, hits = np.zeros((n_points, 3)), np.zeros(n_points)
    quads = np.empty((2 * n_points + 64, 4), np.int32)
    n_quads = 0
    at, cell = np.empty(3, np.int64), np.empty(3, np.int64)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                for axis in range(3):
                    at[:] = (i, j, k)
                    at[axis] += 1
                    if at[axis] >= values.shape[axis]:
                        continue
                    start, end = values[i, j, k], values[at[0], at[1], at[2]]
                    if (start < 0.0) == (end < 0.0):
                        continue
                    at[axis] -= 1
                    if n_quads == len(quads):
                        quads = np.concatenate((quads, np.empty_like(quads)))
                    u, v = (axis + 1) % 3, (axis + 2) % 3
                    for turn in range(4):
                        du, dv = (turn == 1 or turn == 2) + 0, (turn >= 2) + 0
                        cell[:] = at
                        cell[u] -= du
                        cell[v] -= dv
                        bits = case[cell[0], cell[1], cell[2]]
                        own = first[cell[0], cell[1], cell[2]]
                        own += sheets[bits, 4 * axis + 2 * du + dv]
                        quads[n_quads, turn if start < 0.0 else 3 - turn] = own
                        hits[own] += 1.0
                        for c in range(3):
                            points[own, c] += at[c]
                        points[own, axis] += start / (start - end)
                    n_quads += 1
    for n in range(n_points):
        for c in range(3):
            points[n, c] /= hits[n]
    return points, quads[:n_quads].copy()


@cache
def _sheet_table() -> Indices:
    """``(256, 13)``: the sheet each of a cell's 12 edges belongs to; last the number of sheets.

    Edge ``4 axis + 2 du + dv`` runs along ``axis`` at offsets ``du``, ``dv`` along the next two.
    On a face with four crossings the inside corners stay apart, seen from both cells alike.
    """
    corner = np.array([[(i >> a) & 1 for a in range(3)] for i in range(8)])
    edges_from = [
        ((du << (axis + 1) % 3) + (dv << (axis + 2) % 3), (1 << axis))
        for axis in range(3)
        for du in (0, 1)
        for dv in (0, 1)
    ]
    ends = [{low, low + step} for low, step in edges_from]
    faces = [np.flatnonzero(corner[:, axis] == side) for axis in range(3) for side in (0, 1)]
    on_face = [[e for e in range(12) if ends[e] <= set(face.tolist())] for face in faces]
    table = np.zeros((256, 13), np.int64)
    for case in range(256):
        inside = [bool(case >> i & 1) for i in range(8)]
        crossed = [e for e in range(12) if len({inside[c] for c in ends[e]}) == 2]
        sheet = {e: e for e in crossed}
        for edges in on_face:
            here = [e for e in edges if e in sheet]
            for e in here:
                for other in here:
                    shared = ends[e] & ends[other]
                    if len(here) == 2 or (len(shared) == 1 and inside[min(shared)]):
                        old, new = sheet[other], sheet[e]
                        sheet.update({x: new for x in crossed if sheet[x] == old})
        numbers = {s: n for n, s in enumerate(sorted(set(sheet.values())))}
        for e in crossed:
            table[case, e] = numbers[sheet[e]]
        table[case, 12] = len(numbers)
    return table
