"""Loops over triangles: orientation, crossings of triangles, and what lies inside.

Inside is told by the winding number. Along every column of voxel centres each triangle is crossed
with a sign, and the running sum is the winding number: exact for a closed surface at the cost of a
drawing. A column whose sum does not return to zero has passed through a gap. Where columns along
the three axes do not settle a voxel, the solid angles of all triangles are summed (Jacobson,
Kavan & Sorkine-Hornung, "Robust inside-outside segmentation using generalized winding numbers",
SIGGRAPH 2013; solid angle of a triangle by Van Oosterom & Strackee, IEEE TBME 30, 1983, eq. 8).
"""

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.compilation import kernel

Indices = NDArray[np.intp]


@kernel
def spread_orientation(
    edge_of_side: Indices, forward: BoolArray, order: Indices, starts: Indices
) -> BoolArray:
    """Which triangles ``(m,)`` to turn so that neighbours over two-sided edges agree.

    Sides are numbered ``3 triangle + corner``; ``order`` lists sides by edge, from ``starts``.
    """
    n = edge_of_side.size // 3
    flip = np.zeros(n, np.bool_)
    seen = np.zeros(n, np.bool_)
    piece = np.empty(n, np.int64)
    for first in range(n):
        if seen[first]:
            continue
        seen[first] = True
        piece[0] = first
        count, done, turned = 1, 0, 0
        while done < count:
            triangle = piece[done]
            done += 1
            turned += flip[triangle]
            for corner in range(3):
                side = 3 * triangle + corner
                edge = edge_of_side[side]
                if starts[edge + 1] - starts[edge] != 2:
                    continue
                other = order[starts[edge]]
                if other == side:
                    other = order[starts[edge] + 1]
                neighbour = other // 3
                if not seen[neighbour]:
                    seen[neighbour] = True
                    same = forward[side] == forward[other]
                    flip[neighbour] = flip[triangle] != same
                    piece[count] = neighbour
                    count += 1
        if 2 * turned > count:
            for i in range(count):
                flip[piece[i]] = not flip[piece[i]]
    return flip


@kernel
def column_crossings(
    points: FloatArray, triangles: IntArray, shape: IntArray, axis: int
) -> NDArray[np.int16]:
    """Winding number of every voxel along columns of one axis.

    ``points`` are in voxel units (voxel ``i`` has its centre at ``i``). Returns
    ``(shape[u], shape[v], shape[axis] + 1)`` with u, v the axes after ``axis``; the last entry
    of a column is the sum over all of it, zero unless the column passed a gap.
    """
    u, v = (axis + 1) % 3, (axis + 2) % 3
    nu, nv, nw = shape[u], shape[v], shape[axis]
    found = np.zeros((nu, nv, nw + 1), np.int16)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        lower_u = min(points[a, u], points[b, u], points[c, u])
        upper_u = max(points[a, u], points[b, u], points[c, u])
        lower_v = min(points[a, v], points[b, v], points[c, v])
        upper_v = max(points[a, v], points[b, v], points[c, v])
        for i in range(max(0, int(np.ceil(lower_u))), min(nu - 1, int(np.floor(upper_u))) + 1):
            for j in range(max(0, int(np.ceil(lower_v))), min(nv - 1, int(np.floor(upper_v))) + 1):
                e0 = _side(points, b, c, u, v, i, j)
                e1 = _side(points, c, a, u, v, i, j)
                e2 = _side(points, a, b, u, v, i, j)
                if (e0 > 0.0) != (e1 > 0.0) or (e1 > 0.0) != (e2 > 0.0):
                    continue
                area = e0 + e1 + e2
                if area == 0.0:
                    continue
                w = (e0 * points[a, axis] + e1 * points[b, axis] + e2 * points[c, axis]) / area
                k = min(max(int(np.ceil(w)), 0), nw)
                found[i, j, k] += -1 if area > 0.0 else 1
    for i in range(nu):
        for j in range(nv):
            for k in range(1, nw + 1):
                found[i, j, k] += found[i, j, k - 1]
    return found


@kernel
def _side(points: FloatArray, a: int, b: int, u: int, v: int, i: int, j: int) -> float:
    """Twice the signed area of edge ab and column (i, j).

    The same number, up to its sign, for both triangles at the edge.
    """
    swapped = a > b
    p, q = (b, a) if swapped else (a, b)
    area = (points[p, u] - i) * (points[q, v] - j) - (points[p, v] - j) * (points[q, u] - i)
    return float(-area if swapped else area)


@kernel
def winding_numbers(points: FloatArray, triangles: IntArray, places: FloatArray) -> FloatArray:
    """Generalised winding number ``(k,)`` of places ``(k, 3)``."""
    numbers = np.zeros(len(places))
    corner = np.empty((3, 3))
    for k in range(len(places)):
        total = 0.0
        for t in range(triangles.shape[0]):
            for i in range(3):
                for axis in range(3):
                    corner[i, axis] = points[triangles[t, i], axis] - places[k, axis]
            total += _solid_angle(corner)
        numbers[k] = total / (4.0 * np.pi)
    return numbers


@kernel
def _solid_angle(corner: FloatArray) -> float:
    a, b, c = corner[0], corner[1], corner[2]
    la = np.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2)
    lb = np.sqrt(b[0] ** 2 + b[1] ** 2 + b[2] ** 2)
    lc = np.sqrt(c[0] ** 2 + c[1] ** 2 + c[2] ** 2)
    triple = (
        a[0] * (b[1] * c[2] - b[2] * c[1])
        + a[1] * (b[2] * c[0] - b[0] * c[2])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    )
    ab = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    bc = b[0] * c[0] + b[1] * c[1] + b[2] * c[2]
    ca = c[0] * a[0] + c[1] * a[1] + c[2] * a[2]
    return float(2.0 * np.arctan2(triple, la * lb * lc + ab * lc + bc * la + ca * lb))


@kernel
def crossing_triangles(
    points: FloatArray, triangles: IntArray, cells: Indices, owners: Indices
) -> BoolArray:
    """Which triangles ``(m,)`` are pierced by an edge of another that shares no point with them.

    ``cells`` sorted, ``owners`` the triangle of each entry: the boxes of a grid that the triangles
    touch. Only triangles in one box are compared.
    """
    crossing = np.zeros(len(triangles), np.bool_)
    start = 0
    while start < len(cells):
        end = start
        while end < len(cells) and cells[end] == cells[start]:
            end += 1
        for i in range(start, end):
            for j in range(i + 1, end):
                s, t = owners[i], owners[j]
                if (crossing[s] and crossing[t]) or _touching(triangles, s, t):
                    continue
                if _pierces(points, triangles, s, t) or _pierces(points, triangles, t, s):
                    crossing[s] = True
                    crossing[t] = True
        start = end
    return crossing


@kernel
def _touching(triangles: IntArray, s: int, t: int) -> bool:
    for i in range(3):
        for j in range(3):
            if triangles[s, i] == triangles[t, j]:
                return True
    return False


@kernel
def _pierces(points: FloatArray, triangles: IntArray, s: int, t: int) -> bool:
    """Whether an edge of triangle s passes through triangle t."""
    a, b, c = points[triangles[t, 0]], points[triangles[t, 1]], points[triangles[t, 2]]
    for i in range(3):
        p, q = points[triangles[s, i]], points[triangles[s, (i + 1) % 3]]
        below, above = _volume(a, b, c, p), _volume(a, b, c, q)
        if (below > 0.0) == (above > 0.0):
            continue
        one, two, three = _volume(p, q, a, b), _volume(p, q, b, c), _volume(p, q, c, a)
        if (one > 0.0) == (two > 0.0) and (two > 0.0) == (three > 0.0):
            return True
    return False


@kernel
def _volume(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> float:
    """Six times the signed volume of a tetrahedron."""
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    cx, cy, cz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    dx, dy, dz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    return float(bx * (cy * dz - cz * dy) + by * (cz * dx - cx * dz) + bz * (cx * dy - cy * dx))
