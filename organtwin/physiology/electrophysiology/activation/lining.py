"""Surfaces of the heart that conduction tracts run along, and ways over them.

A way is the shortest one over the edges of the triangles, drawn tight: it is smoothed and put back
onto the surface in turns, because a path over edges zigzags and is some 10 % too long. What is left
of the zigzag was measured in the test on a cylinder.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from organtwin.arrays import FloatArray, IntArray

Indices = NDArray[np.integer]

STEP = 2e-3
"""Distance of the points of a way [m]."""

_STEPS, _ROUNDS = (8e-3, 4e-3, STEP), 20
"""Coarse steps first: smoothing alone would take hundreds of rounds to straighten a long bend."""

_CANDIDATES = 12


@dataclass(frozen=True, eq=False)
class Lining:
    """Triangles ``(n_triangles, 3)`` on tissue nodes ``places`` ``(n_nodes, 3)`` [m].

    ``nodes`` are those the triangles use.
    """

    places: FloatArray
    triangles: IntArray
    nodes: Indices
    graph: sparse.csr_array
    tree: cKDTree

    def way(self, *stops: int) -> FloatArray:
        """Points ``(k, 3)`` [m] of the way over the surface through some of its nodes.

        Between nodes that no edges join the way is straight.
        """
        pieces = [self._edges(a, b) for a, b in itertools.pairwise(stops)]
        points = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
        for step in _STEPS:
            points = resampled(points, step)
            points[1:-1] = self.projected(points[1:-1])
            for _ in range(_ROUNDS):
                points[1:-1] = 0.25 * points[:-2] + 0.5 * points[1:-1] + 0.25 * points[2:]
                points[1:-1] = self.projected(points[1:-1])
        return points

    def projected(self, points: FloatArray) -> FloatArray:
        """The nearest places ``(k, 3)`` [m] on the surface."""
        count = min(_CANDIDATES, len(self.triangles))
        tried = self.tree.query(points, k=count)[1].reshape(len(points), count)
        corners = self.places[self.triangles[tried]]
        places = _nearest_in(points[:, None], corners)
        distance = np.linalg.norm(places - points[:, None], axis=2)
        return np.asarray(places[np.arange(len(points)), np.argmin(distance, axis=1)])

    def _edges(self, start: int, end: int) -> FloatArray:
        a, b = np.searchsorted(self.nodes, (start, end))
        _, before = dijkstra(self.graph, directed=False, indices=a, return_predecessors=True)
        if a == b or before[b] < 0:
            return np.asarray(self.places[[start, end]])
        row = [int(b)]
        while row[-1] != a:
            row.append(int(before[row[-1]]))
        return np.asarray(self.places[self.nodes[row[::-1]]])


def lining(places: FloatArray, triangles: IntArray) -> Lining:
    """Prepare a surface for ways over it."""
    nodes, numbered = np.unique(triangles, return_inverse=True)
    numbered = numbered.reshape(-1, 3)
    pairs = np.concatenate([numbered[:, [0, 1]], numbered[:, [1, 2]], numbered[:, [2, 0]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = np.linalg.norm(places[nodes[pairs[:, 0]]] - places[nodes[pairs[:, 1]]], axis=1)
    n = len(nodes)
    graph = sparse.coo_array((length, (pairs[:, 0], pairs[:, 1])), (n, n)).tocsr()
    return Lining(places, triangles, nodes, graph, cKDTree(places[triangles].mean(axis=1)))


def resampled(points: FloatArray, step: float) -> FloatArray:
    """The same polyline with points about ``step`` [m] apart, ends kept."""
    length = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    if length[-1] <= 0.0:
        return points[[0, -1]].copy()
    at = np.linspace(0.0, length[-1], max(round(length[-1] / step), 1) + 1)
    return np.stack([np.interp(at, length, points[:, axis]) for axis in range(3)], axis=1)


def _nearest_in(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Nearest place in each triangle ``(..., 3, 3)``: the foot on its plane or on an edge."""
    a = corners[..., 0, :]
    edges = corners[..., 1:, :] - a[..., None, :]
    gram = np.einsum("...ik,...jk->...ij", edges, edges)
    right = np.einsum("...ik,...k->...i", edges, points - a)
    det = np.maximum(gram[..., 0, 0] * gram[..., 1, 1] - gram[..., 0, 1] ** 2, 1e-30)
    u = (gram[..., 1, 1] * right[..., 0] - gram[..., 0, 1] * right[..., 1]) / det
    v = (gram[..., 0, 0] * right[..., 1] - gram[..., 0, 1] * right[..., 0]) / det
    inside = (u >= 0) & (v >= 0) & (u + v <= 1)
    best = a + u[..., None] * edges[..., 0, :] + v[..., None] * edges[..., 1, :]
    gap = np.where(inside, np.sum((best - points) ** 2, axis=-1), np.inf)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        start, along = corners[..., i, :], corners[..., j, :] - corners[..., i, :]
        share = np.sum((points - start) * along, axis=-1) / np.maximum(
            np.sum(along**2, axis=-1), 1e-30
        )
        place = start + np.clip(share, 0.0, 1.0)[..., None] * along
        far = np.sum((place - points) ** 2, axis=-1)
        best = np.where((far < gap)[..., None], place, best)
        gap = np.minimum(far, gap)
    return np.asarray(best)
