"""Triangle surfaces of implicit shapes: surface nets, relaxed on the exact surface.

Dual cells of a regular grid give evenly sized triangles (Gibson, "Constrained elastic surface
nets", 1998); every point is then drawn to its neighbours' mean and put back on the zero level, so
neither the grid nor the smoothing changes the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from organtwin.anatomy.implicit import Shape, gradient
from organtwin.arrays import BoolArray, FloatArray, IntArray

Indices = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Opening:
    """A plane that cuts a vessel open.

    ``centre`` ``(3,)``, unit ``outward`` ``(3,)``, and the ``reach`` from the axis within which
    it cuts.
    """

    name: str
    centre: FloatArray
    outward: FloatArray
    reach: float

    def beyond(self, points: FloatArray) -> FloatArray:
        """Depth past the plane ``(n,)``; negative before it or away from the vessel."""
        offset = points - self.centre
        depth = offset @ self.outward
        radial = np.linalg.norm(offset - depth[:, None] * self.outward, axis=1)
        return np.asarray(
            np.minimum(depth, np.minimum(self.reach - radial, 3.0 * self.reach - depth))
        )


def surface_net(
    shape: Shape, lower: FloatArray, upper: FloatArray, spacing: float
) -> tuple[FloatArray, IntArray]:
    """Points ``(n, 3)`` and outward triangles ``(m, 3)`` of the zero level within a box.

    A cell crossed by several sheets gets one point per sheet (Nielson, "Dual marching cubes",
    2004), so neighbouring vessels do not grow together at a point.
    """
    counts = np.ceil((upper - lower) / spacing).astype(int) + 1
    axes = [lower[a] + spacing * np.arange(counts[a]) for a in range(3)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    values = shape(grid).reshape(tuple(counts))
    sheets, case = _sheet_table(), _corner_case(values < 0)
    strides = np.array([counts[1] * counts[2], counts[2], 1])
    keys, places, quads = [], [], []
    for axis in range(3):
        first = np.moveaxis(np.moveaxis(values, axis, 0)[:-1], 0, axis)
        second = np.moveaxis(np.moveaxis(values, axis, 0)[1:], 0, axis)
        crossing = (first < 0) != (second < 0)
        index = np.argwhere(crossing)
        start, end = first[crossing], second[crossing]
        place = index.astype(float)
        place[:, axis] += start / (start - end)
        u, v = (axis + 1) % 3, (axis + 2) % 3
        around = []
        for du, dv in ((0, 0), (1, 0), (1, 1), (0, 1)):
            cell = index @ strides - du * strides[u] - dv * strides[v]
            around.append(4 * cell + sheets[case[cell], 4 * axis + 2 * du + dv])
            places.append(place)
        keys += around
        quad = np.stack(around, axis=1)
        quads.append(np.where((start < 0)[:, None], quad, quad[:, ::-1]))
    used, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    summed = [np.bincount(inverse, weights=w) for w in np.concatenate(places).T]
    points = lower + spacing * np.stack(summed, axis=1) / np.bincount(inverse)[:, None]
    return points, _split(points, np.searchsorted(used, np.concatenate(quads)))


def relaxed(
    points: FloatArray, triangles: IntArray, shape: Shape, *, rounds: int, step: float
) -> FloatArray:
    """Points drawn to their neighbours' mean and projected back to the zero level ``rounds`` times.

    Border points slide along their border only; ``step`` is the difference step of the gradient.
    """
    mean = _neighbour_mean(len(points), triangles)
    for _ in range(rounds):
        points = points + 0.6 * (mean @ points - points)
        points = projected(points, shape, step=step)
    return points


def smoothed_rims(
    points: FloatArray,
    triangles: IntArray,
    shape: Shape,
    openings: Sequence[Opening],
    *,
    rounds: int,
    step: float,
) -> FloatArray:
    """``relaxed`` for a surface already cut: border points stay on the plane of their opening."""
    loops = border_loops(triangles)
    nearest = [
        min(openings, key=lambda o: float(np.linalg.norm(points[loop].mean(axis=0) - o.centre)))
        for loop in loops
    ]
    for _ in range(rounds):
        points = relaxed(points, triangles, shape, rounds=1, step=step)
        for loop, opening in zip(loops, nearest, strict=True):
            depth = (points[loop] - opening.centre) @ opening.outward
            points[loop] -= depth[:, None] * opening.outward
    return points


def projected(points: FloatArray, shape: Shape, *, step: float) -> FloatArray:
    """One Newton step along the gradient towards the zero level, no longer than five ``step``."""
    slope = gradient(shape, points, step)
    square = np.maximum(np.einsum("ij,ij->i", slope, slope), 0.05)
    move = -(shape(points) / square)[:, None] * slope
    length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-12)
    return np.asarray(points + move * np.minimum(1.0, 5.0 * step / length))


def cut(
    points: FloatArray, triangles: IntArray, opening: Opening, *, snap: float
) -> tuple[FloatArray, IntArray]:
    """The surface up to an opening; points within ``snap`` of its plane move onto it."""
    depth = opening.beyond(points)
    near = np.abs((points - opening.centre) @ opening.outward) < snap
    near &= np.abs(depth) < snap
    points = points - np.where(near, depth, 0.0)[:, None] * opening.outward
    return trimmed(points, triangles, np.where(near, 0.0, depth))


def trimmed(
    points: FloatArray, triangles: IntArray, depth: FloatArray
) -> tuple[FloatArray, IntArray]:
    """The part of a surface where ``depth`` ``(n_points,)`` is not positive, cut at zero."""
    outside = depth > 0
    n_outside = outside[triangles].sum(axis=1)
    kept = [triangles[(n_outside == 0)]]
    fresh: list[FloatArray] = []
    known: dict[tuple[int, int], int] = {}

    def crossing(inner: int, outer: int) -> int:
        if depth[inner] == 0.0:
            return inner
        key = (inner, outer)
        if key not in known:
            t = depth[inner] / (depth[inner] - depth[outer])
            known[key] = len(points) + len(fresh)
            fresh.append(points[inner] + t * (points[outer] - points[inner]))
        return known[key]

    clipped = []
    for triangle in triangles[(n_outside > 0) & (n_outside < 3)]:
        ring: list[int] = []
        for a, b in zip(triangle, np.roll(triangle, -1), strict=True):
            if not outside[a]:
                ring.append(int(a))
            if outside[a] != outside[b]:
                corner = crossing(int(b), int(a)) if outside[a] else crossing(int(a), int(b))
                ring.append(corner)
        ring = [r for i, r in enumerate(ring) if r != ring[i - 1]]
        clipped += [(ring[0], ring[i], ring[i + 1]) for i in range(1, len(ring) - 1)]
    kept.append(np.asarray(clipped, np.int64).reshape(-1, 3))
    return compacted(
        np.concatenate([points, np.asarray(fresh).reshape(-1, 3)]), np.concatenate(kept)
    )


def compacted(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray]:
    """The same surface without unused points."""
    used, inverse = np.unique(triangles, return_inverse=True)
    return points[used], inverse.reshape(-1, 3).astype(np.int32)


def border_loops(triangles: IntArray) -> list[IntArray]:
    """Closed loops of border points, each in the direction of its triangles' edges."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    base = int(triangles.max()) + 1
    there, back = edges[:, 0] * base + edges[:, 1], edges[:, 1] * base + edges[:, 0]
    border = edges[~np.isin(there, back)]
    successor = dict(border.tolist())
    loops = []
    while successor:
        loop = [next(iter(successor))]
        while (following := successor.pop(loop[-1], None)) is not None and following != loop[0]:
            loop.append(following)
        loops.append(np.asarray(loop, np.int32))
    return loops


def rounded_rim(
    points: FloatArray, outer: IntArray, inner: IntArray, opening: Opening
) -> tuple[FloatArray, IntArray]:
    """Close the wall at a vessel's end: a strip between its two border loops, bulging outwards.

    Returns all points, with those of the crest added, and the new triangles.
    """
    axis = opening.outward
    first = np.cross(axis, [1.0, 0.0, 0.0] if abs(axis[0]) < 0.9 else [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    offset = points - opening.centre
    across, up = offset @ first, offset @ second
    angle = np.arctan2(up, across)
    rising, facing = _by_angle(outer, angle), _by_angle(inner, angle)
    inner_radius = np.interp(
        angle[rising], angle[facing], np.hypot(across, up)[facing], period=2.0 * np.pi
    )
    radius = np.hypot(across, up)[rising]
    middle = 0.5 * (inner_radius + radius)
    spoke = np.cos(angle[rising])[:, None] * first + np.sin(angle[rising])[:, None] * second
    bulge = 0.4 * (radius - inner_radius)[:, None] * axis
    crest = len(points) + np.arange(len(rising))
    points = np.concatenate([points, opening.centre + middle[:, None] * spoke + bulge])
    angle = np.append(angle, angle[rising])
    strip = np.concatenate([_zipped(rising, crest, angle), _zipped(crest, facing, angle)])
    return points, strip.astype(np.int32)


def _by_angle(loop: Indices, angle: FloatArray) -> Indices:
    """A loop turned and, if need be, reversed so that its angle rises from its least value."""
    if np.sum(np.sin(np.roll(angle[loop], -1) - angle[loop])) < 0:
        loop = loop[::-1]
    return np.roll(loop, -int(np.argmin(angle[loop])))


def _zipped(a: Indices, b: Indices, angle: FloatArray) -> IntArray:
    """Triangles between two rising loops, always advancing the one that is behind."""
    at = np.append(np.maximum.accumulate(angle[a]), angle[a[0]] + 2.0 * np.pi)
    bt = np.append(np.maximum.accumulate(angle[b]), angle[b[0]] + 2.0 * np.pi)
    a, b = np.append(a, a[0]), np.append(b, b[0])
    i = j = 0
    strip = []
    while i < len(a) - 1 or j < len(b) - 1:
        if j == len(b) - 1 or (i < len(a) - 1 and at[i + 1] <= bt[j + 1]):
            strip.append((a[i], a[i + 1], b[j]))
            i += 1
        else:
            strip.append((a[i], b[j + 1], b[j]))
            j += 1
    return np.asarray(strip, np.int32)


def is_closed(triangles: IntArray) -> bool:
    """Every edge is walked exactly once in each direction."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    base = int(triangles.max()) + 1
    there = np.sort(edges[:, 0] * base + edges[:, 1])
    back = np.sort(edges[:, 1] * base + edges[:, 0])
    return bool(np.array_equal(there, back) and np.all(np.diff(there) > 0))


def _corner_case(inside: BoolArray) -> IntArray:
    """Bit pattern of the eight corners of every cell, at the index of its lowest corner."""
    case = np.zeros(inside.shape, np.int32)
    for bit in range(8):
        low = [(bit >> a) & 1 for a in range(3)]
        source = inside[tuple(slice(o, None) for o in low)]
        case[tuple(slice(0, n) for n in source.shape)] |= source.astype(np.int32) << bit
    return case.ravel()


def _sheet_table() -> Indices:
    """``(256, 12)``: which sheet of its cell each crossed edge belongs to, for every corner case.

    Edge ``4 axis + 2 du + dv``; on a face with four crossings the inside corners stay apart.
    """
    corner = np.array([[(i >> a) & 1 for a in range(3)] for i in range(8)])
    ends = np.empty((12, 2), int)
    for axis in range(3):
        for du in (0, 1):
            for dv in (0, 1):
                base = (du << (axis + 1) % 3) + (dv << (axis + 2) % 3)
                ends[4 * axis + 2 * du + dv] = base, base + (1 << axis)
    faces = [np.flatnonzero(corner[:, axis] == side) for axis in range(3) for side in (0, 1)]
    on_face = [np.flatnonzero(np.isin(ends, face).all(axis=1)) for face in faces]
    table = np.zeros((256, 12), np.int64)
    for case in range(256):
        inside = np.array([(case >> i) & 1 for i in range(8)], bool)
        sheet = np.arange(12)
        for edges in on_face:
            crossed = [int(e) for e in edges if inside[ends[e, 0]] != inside[ends[e, 1]]]
            for e in crossed:
                for other in crossed:
                    shared = np.intersect1d(ends[e], ends[other])
                    if len(crossed) == 2 or (len(shared) == 1 and inside[shared[0]]):
                        sheet[sheet == sheet[other]] = sheet[e]
        crossed = [e for e in range(12) if inside[ends[e, 0]] != inside[ends[e, 1]]]
        table[case, crossed] = np.unique(sheet[crossed], return_inverse=True)[1]
    return table


def _split(points: FloatArray, quads: Indices) -> IntArray:
    one = np.linalg.norm(points[quads[:, 0]] - points[quads[:, 2]], axis=1)
    two = np.linalg.norm(points[quads[:, 1]] - points[quads[:, 3]], axis=1)
    short = (one <= two)[:, None]
    first = np.where(short, quads[:, [0, 1, 2]], quads[:, [0, 1, 3]])
    second = np.where(short, quads[:, [0, 2, 3]], quads[:, [1, 2, 3]])
    return np.concatenate([first, second]).astype(np.int32)


def _neighbour_mean(n_points: int, triangles: IntArray) -> sparse.csr_array:
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    both = np.concatenate([edges, edges[:, ::-1]])
    ones = np.ones(len(both))
    adjacency = sparse.csr_array((ones, (both[:, 0], both[:, 1])), shape=(n_points, n_points))
    border = _border_points(n_points, triangles)
    if border.any():
        loops = np.concatenate([np.stack([x, np.roll(x, -1)], 1) for x in border_loops(triangles)])
        rim = np.concatenate([loops, loops[:, ::-1]])
        along = sparse.csr_array((np.ones(len(rim)), (rim[:, 0], rim[:, 1])), shape=adjacency.shape)
        inside = sparse.diags_array((~border).astype(float))
        adjacency = sparse.csr_array(inside @ adjacency + along)
    adjacency.data[:] = 1.0
    degree: FloatArray = np.asarray(adjacency.sum(axis=1)).ravel()
    return sparse.csr_array(sparse.diags_array(1.0 / np.maximum(degree, 1.0)) @ adjacency)


def _border_points(n_points: int, triangles: IntArray) -> BoolArray:
    border = np.zeros(n_points, dtype=bool)
    for loop in border_loops(triangles):
        border[loop] = True
    return border
