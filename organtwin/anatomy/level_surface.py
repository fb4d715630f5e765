"""Triangle surfaces of level functions, in compiled code: surface nets, relaxed and put back.

One point per cell and sheet of the surface (Gibson 1998; Nielson, "Dual marching cubes", 2004), in
the mean of the crossings of its cell's edges; each crossed edge gives a quadrilateral. Points are
then drawn to their neighbours' mean and put back on the zero level by Newton steps.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.implicit import Shape, gradient
from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.simplices import parts_of
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.compilation import kernel

Indices = NDArray[np.integer]

_ROUNDS = 4
_MENDING_ROUNDS = 12
_DRAW = 0.6
_LEAST_PART = 0.01
"""Closed parts with less than this share of the largest one's points are dropped as splinters."""


def level_surface(
    sides: Sequence[Shape],
    lower: FloatArray,
    upper: FloatArray,
    spacing: float,
    *,
    cut: Shape | None = None,
) -> tuple[FloatArray, IntArray]:
    """Points ``(n, 3)`` and outward triangles ``(m, 3)`` of what lies inside of all ``sides``.

    Each point stays on the side it starts on, so the two sides of a wall little thicker than the
    spacing do not tangle. ``cut`` is a further side that meets the others in a sharp edge, which
    gets points of its own. The surface is closed; it is cut off at the box.
    """
    n_smooth = len(sides)
    sides = sides if cut is None else (*sides, cut)
    lower = np.asarray(lower, float)
    counts = np.ceil((np.asarray(upper) - lower) / spacing).astype(np.int64) + 1
    values = _grid_levels(sides, lower, counts, spacing)
    sheets = _sheet_table()
    for _ in range(_MENDING_ROUNDS):
        if not _mended(values, sheets, 1e-3 * spacing):
            break
    cells, quads = _net(values, sheets)
    points = lower + spacing * cells
    points = _relaxed(points, _halved(points, quads), sides, n_smooth, spacing)
    return _without_splinters(points, _halved(points, quads))


def with_volume(surface: Surface, volume: float, free: BoolArray, most: float) -> Surface:
    """A closed surface whose ``free`` points are moved outwards alike to enclose a volume [m3].

    Triangles cut the corners of round surfaces: a few percent of a small chamber at usual spacings.
    Points move by ``most`` [m] at most: a larger want has another reason and is left.
    """
    points = surface.points.copy()
    left = most
    for _ in range(3):
        a, b, c = (points[surface.triangles[:, i]] for i in range(3))
        area = np.cross(b - a, c - a) / 6.0
        normal = np.stack(
            [
                np.bincount(surface.triangles.ravel(), np.repeat(area[:, x], 3), len(points))
                for x in range(3)
            ],
            axis=1,
        )
        size = np.linalg.norm(normal, axis=1)
        moved = free & (size > 0)
        enclosed = float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)
        wanted = (volume - enclosed) / max(float(size[moved].sum()), 1e-30)
        step = float(np.clip(wanted, -left, left))
        left -= abs(step)
        points[moved] += step * normal[moved] / size[moved, None]
    return replace(surface, points=points)


def _grid_levels(
    sides: Sequence[Shape], lower: FloatArray, counts: Indices, spacing: float
) -> FloatArray:
    """Values ``counts`` on a regular grid, one slab at a time; its outermost layer is outside."""
    values = np.empty(tuple(counts))
    y, z = (lower[a] + spacing * np.arange(counts[a]) for a in (1, 2))
    slab = np.empty((counts[1], counts[2], 3))
    slab[..., 1], slab[..., 2] = y[:, None], z[None, :]
    for i in range(counts[0]):
        slab[..., 0] = lower[0] + spacing * i
        level = np.max([shape(slab.reshape(-1, 3)) for shape in sides], axis=0)
        values[i] = level.reshape(counts[1], counts[2])
    for axis in range(3):
        layer = np.moveaxis(values, axis, 0)
        layer[[0, -1]] = np.maximum(layer[[0, -1]], 1e-3 * spacing)
    return values


def _relaxed(
    points: FloatArray,
    triangles: IntArray,
    sides: Sequence[Shape],
    n_smooth: int,
    spacing: float,
) -> FloatArray:
    own = np.argmax([shape(points) for shape in sides], axis=0).astype(np.int32)
    beside = _sides_beside_cut(own, triangles, n_smooth)
    for turn in range(_ROUNDS + 1):
        if turn < _ROUNDS:
            mean = _neighbour_mean(points, triangles, beside)
            points = points + _DRAW * (mean - points)
        for side, shape in enumerate(sides):
            _put_back(points, shape, np.flatnonzero((own == side) | (beside == side)), spacing)
        if len(sides) > n_smooth:
            _put_back(points, sides[-1], np.flatnonzero(own == n_smooth), spacing)
    return points


def _put_back(points: FloatArray, shape: Shape, some: Indices, spacing: float) -> None:
    """Move some points by a Newton step towards a zero level, at most half a spacing."""
    here = points[some]
    slope = gradient(shape, here, 0.25 * spacing)
    square = np.maximum(np.einsum("ij,ij->i", slope, slope), 0.05)
    move = -(shape(here) / square)[:, None] * slope
    length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-12)
    points[some] = here + move * np.minimum(1.0, 0.5 * spacing / length)


def _without_splinters(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray]:
    part = parts_of(triangles, len(points))
    sizes = np.bincount(part)
    kept = sizes[part] >= _LEAST_PART * sizes.max()
    number = np.cumsum(kept) - 1
    return points[kept], number[triangles[kept[triangles[:, 0]]]].astype(np.int32)


@kernel
def _sides_beside_cut(own: IntArray, triangles: IntArray, cut: int) -> IntArray:
    """For points on the cut with a neighbour that is not, the neighbour's side; else -1."""
    beside = np.full(len(own), -1, np.int32)
    for m in range(len(triangles)):
        for c in range(3):
            here, there = triangles[m, c], triangles[m, (c + 1) % 3]
            if own[here] == cut and own[there] != cut:
                beside[here] = max(beside[here], own[there])
            elif own[there] == cut and own[here] != cut:
                beside[there] = max(beside[there], own[here])
    return beside


@kernel
def _neighbour_mean(points: FloatArray, triangles: IntArray, beside: IntArray) -> FloatArray:
    """Mean of each point's neighbours, on a sharp edge of those on the edge alone."""
    total, count = np.zeros_like(points), np.zeros(len(points))
    for m in range(len(triangles)):
        for c in range(3):
            here, there = triangles[m, c], triangles[m, (c + 1) % 3]
            for one, other in ((here, there), (there, here)):
                if beside[one] >= 0 and beside[other] < 0:
                    continue
                count[one] += 0.5
                for axis in range(3):
                    total[one, axis] += 0.5 * points[other, axis]
    for n in range(len(points)):
        for axis in range(3):
            total[n, axis] = total[n, axis] / count[n] if count[n] > 0 else points[n, axis]
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


@kernel
def _mended(values: FloatArray, sheets: Indices, least: float) -> int:
    """Take in a corner wherever two cells share a face with four crossings of one sheet each.

    There four triangles would meet at one edge. Returns the number of such faces.
    """
    nx, ny, nz = values.shape
    at, corner = np.empty(3, np.int64), np.empty((4, 3), np.int64)
    found = 0
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for i in range(nx):
            for j in range(ny):
                for k in range(nz):
                    at[:] = (i, j, k)
                    if at[axis] == 0 or at[axis] >= values.shape[axis] - 1:
                        continue
                    if at[u] >= values.shape[u] - 1 or at[v] >= values.shape[v] - 1:
                        continue
                    for n in range(4):
                        corner[n] = at
                        corner[n, u] += n & 1
                        corner[n, v] += n >> 1
                    inside = [values[c[0], c[1], c[2]] < 0.0 for c in corner]
                    if inside[0] != inside[3] or inside[1] != inside[2] or inside[0] == inside[1]:
                        continue
                    if not (
                        _one_sheet(values, sheets, at, axis, 0)
                        and _one_sheet(values, sheets, at, axis, 1)
                    ):
                        continue
                    found += 1
                    a, b = (corner[1], corner[2]) if inside[0] else (corner[0], corner[3])
                    nearer = a if values[a[0], a[1], a[2]] < values[b[0], b[1], b[2]] else b
                    values[nearer[0], nearer[1], nearer[2]] = -least
    return found


@kernel
def _one_sheet(values: FloatArray, sheets: Indices, at: Indices, axis: int, before: int) -> bool:
    """Whether the crossings of a cell's face belong to one sheet; ``before``: the lower cell."""
    u, v = (axis + 1) % 3, (axis + 2) % 3
    cell = at.copy()
    cell[axis] -= before
    bits = 0
    for bit in range(8):
        if values[cell[0] + (bit & 1), cell[1] + (bit >> 1 & 1), cell[2] + (bit >> 2)] < 0.0:
            bits |= 1 << bit
    # Edges of the face: along u at offsets (v, axis), along v at offsets (axis, u).
    first = sheets[bits, 4 * u + before]
    return bool(
        first == sheets[bits, 4 * u + 2 + before]
        and first == sheets[bits, 4 * v + 2 * before]
        and first == sheets[bits, 4 * v + 2 * before + 1]
    )


@cache
def _sheet_table() -> Indices:
    """``(256, 13)``: the sheet each of a cell's 12 edges belongs to; last the number of sheets.

    Edge ``4 axis + 2 du + dv`` runs along ``axis`` at offsets ``du``, ``dv`` along the next two.
    On a face with four crossings the inside corners are joined, seen from both cells alike, so
    that thin walls hold together.
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
                    if len(here) == 2 or (len(shared) == 1 and not inside[min(shared)]):
                        old, new = sheet[other], sheet[e]
                        sheet.update({x: new for x in crossed if sheet[x] == old})
        numbers = {s: n for n, s in enumerate(sorted(set(sheet.values())))}
        for e in crossed:
            table[case, e] = numbers[sheet[e]]
        table[case, 12] = len(numbers)
    return table
