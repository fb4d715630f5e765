"""Edges, rims and orientation of triangle meshes.

Two neighbours agree when they run along their common edge in opposite directions. Orientation is
spread from triangle to triangle; whether the whole points outward is told by its signed volume.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from organtwin.arrays import FloatArray, IntArray
from organtwin.patient.geometry.surface_kernels import spread_orientation

Indices = NDArray[np.intp]

SAME_POINT = 1e-6
"""Points closer than this [m] are one: far above the rounding of float32, far below any edge."""


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of a mesh: ``ends`` ``(n, 2)``, lower point first.

    ``counts`` ``(n,)`` triangles at each; ``number`` ``(3 m,)`` edge of each side of each triangle
    (01, 12, 20); ``forward`` ``(3 m,)`` whether the triangle runs from the lower to the higher.
    """

    ends: Indices
    counts: Indices
    number: Indices
    forward: NDArray[np.bool_]


def edges_of(triangles: IntArray) -> Edges:
    """All edges of a mesh."""
    sides = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    forward = sides[:, 0] < sides[:, 1]
    low, high = sides.min(axis=1), sides.max(axis=1)
    base = int(high.max()) + 1 if len(high) else 1
    keys, number, counts = np.unique(low * base + high, return_inverse=True, return_counts=True)
    ends = np.stack([keys // base, keys % base], axis=1)
    return Edges(ends, counts, number.ravel(), forward)


def welded(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray, int]:
    """The mesh with points at the same place made one, and how many were too many."""
    pairs = cKDTree(points).query_pairs(SAME_POINT, output_type="ndarray")
    if not len(pairs):
        return points, triangles, 0
    n = len(points)
    graph = sparse.coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (n, n))
    count, group = connected_components(graph, directed=False)
    first = np.full(count, n)
    np.minimum.at(first, group, np.arange(n))
    return points[first], group[triangles].astype(np.int32), n - count


def components(triangles: IntArray, n_points: int) -> tuple[int, Indices]:
    """Connected pieces, and the piece ``(m,)`` of every triangle."""
    sides = triangles[:, [0, 1, 1, 2]].reshape(-1, 2)
    graph = sparse.coo_array(
        (np.ones(len(sides), np.int8), (sides[:, 0], sides[:, 1])), (n_points, n_points)
    )
    _, of_point = connected_components(graph, directed=False)
    kinds, of_triangle = np.unique(of_point[triangles[:, 0]], return_inverse=True)
    return len(kinds), of_triangle.ravel()


def consistent(triangles: IntArray) -> tuple[IntArray, int, int]:
    """Triangles turned to agree with their neighbours; how many were turned, how many edges fail.

    Of each piece the smaller part is turned. Edges that still fail mean a one-sided surface.
    """
    edges = edges_of(triangles)
    order = np.argsort(edges.number, kind="stable")
    starts = np.searchsorted(edges.number[order], np.arange(len(edges.ends) + 1))
    flip = spread_orientation(edges.number, edges.forward, order, starts)
    turned = triangles.copy()
    turned[flip] = turned[flip][:, [0, 2, 1]]
    return turned, int(flip.sum()), int(_disagreeing(turned).sum())


def _disagreeing(triangles: IntArray) -> NDArray[np.bool_]:
    """Edges whose two triangles run along them in the same direction."""
    edges = edges_of(triangles)
    runs = np.bincount(edges.number, weights=np.where(edges.forward, 1.0, -1.0))
    return np.asarray((edges.counts == 2) & (runs != 0.0))


def signed_volume(points: FloatArray, triangles: IntArray) -> float:
    """Volume [m3] enclosed by a closed surface, positive when its normals point outward."""
    a, b, c = (points[triangles[:, i]] - points[triangles[0, 0]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def rims(triangles: IntArray) -> list[Indices]:
    """Open edges as closed loops of points, in the direction that would close the surface.

    Where rims touch in one point they are parted there.
    """
    edges = edges_of(triangles)
    open_sides = edges.counts[edges.number] == 1
    sides = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)[open_sides]
    leaving: dict[int, list[int]] = {}
    for start, end in sides[:, ::-1].tolist():
        leaving.setdefault(start, []).append(end)
    loops = []
    while leaving:
        first = next(iter(leaving))
        walk, seen = [first], {first: 0}
        while walk and walk[-1] in leaving:
            ends = leaving[walk[-1]]
            point = ends.pop()
            if not ends:
                del leaving[walk[-1]]
            if point in seen:
                start = seen[point]
                loops.append(np.array(walk[start:], np.intp))
                for passed in walk[start + 1 :]:
                    del seen[passed]
                walk = walk[: start + 1]
            else:
                seen[point] = len(walk)
                walk.append(point)
    return loops


def capped(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray, list[Indices]]:
    """The surface closed by a fan over each rim, from the rim's centre; and the rims."""
    loops = [loop for loop in rims(triangles) if len(loop) > 2]
    places, fans = [points], [triangles]
    for number, loop in enumerate(loops):
        middle = np.full(len(loop), len(points) + number)
        places.append(points[loop].mean(axis=0)[None])
        fans.append(np.stack([loop, np.roll(loop, -1), middle], axis=1).astype(np.int32))
    return np.concatenate(places), np.concatenate(fans), loops
