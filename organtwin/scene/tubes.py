"""Tubes around polylines that move: triangles once, points and normals anew for every frame.

Each point of a line carries a ring. Its first direction is led along the line once, at rest, so
that rings do not twist; moved, it is only made square to the line again.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from organtwin.arrays import Float32Array, FloatArray, IntArray

SIDES = 8
_CAP = 0.7
"""How far the ends reach beyond a line, in radii; the last ring has a third of the radius."""
_TIP = 0.35


class Tubes:
    """Tubes around ``lines`` of points, ``radii`` ``(k,)`` [m] for each point of each line.

    ``owners`` ``(n_vertices,)`` is the point that each vertex belongs to, ``pieces`` its line;
    ``sides`` corners make a ring.
    """

    def __init__(
        self,
        lines: Sequence[IntArray],
        radii: Sequence[FloatArray],
        rest: FloatArray,
        sides: int = SIDES,
    ) -> None:
        self._sides = sides
        rings = [np.concatenate([line[:1], line, line[-1:]]) for line in lines]
        starts = np.cumsum([0, *(len(ring) for ring in rings)])
        self._points = np.concatenate(rings)
        before, after = np.arange(len(self._points)), np.arange(len(self._points))
        self._along = np.zeros(len(self._points))
        self._radii = np.concatenate([np.concatenate([r[:1], r, r[-1:]]) for r in radii])
        for start, end in pairwise(starts.tolist()):
            inner = np.arange(start + 1, end - 1)
            before[inner], after[inner] = inner - 1, inner + 1
            before[start], after[start] = start + 1, start + 2
            before[end - 1], after[end - 1] = end - 3, end - 2
            before[start + 1], after[end - 2] = start + 1, end - 2
            self._along[[start, end - 1]] = np.array([-_CAP, _CAP]) * self._radii[[start, end - 1]]
            self._radii[[start, end - 1]] *= _TIP
        self._before, self._after = before, after
        self.owners = np.repeat(self._points, sides)
        self.pieces = np.repeat(np.arange(len(lines)), np.diff(starts) * sides)
        self.triangles = _triangles(starts, sides)
        self._across = self._led(rest, starts)

    def shape(self, points: FloatArray) -> tuple[Float32Array, Float32Array]:
        """Vertices ``(n_vertices, 3)`` [m] and their normals around ``points`` ``(n, 3)`` [m]."""
        tangent = self._tangents(points)
        across = _square(self._across, tangent)
        beside = np.cross(tangent, across)
        turn = 2.0 * np.pi * np.arange(self._sides) / self._sides
        out = (
            np.cos(turn)[:, None] * across[:, None] + np.sin(turn)[:, None] * beside[:, None]
        )  # fmt: skip
        middle = points[self._points] + self._along[:, None] * tangent
        vertices = middle[:, None] + self._radii[:, None, None] * out
        lean = np.sign(self._along)[:, None] * tangent
        normals = out + lean[:, None]
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        return (
            vertices.reshape(-1, 3).astype(np.float32),
            normals.reshape(-1, 3).astype(np.float32),
        )

    def _tangents(self, points: FloatArray) -> FloatArray:
        own = points[self._points]
        return _unit(own[self._after] - own[self._before])

    def _led(self, rest: FloatArray, starts: IntArray) -> FloatArray:
        tangent = self._tangents(rest)
        across = np.empty_like(tangent)
        firsts = set(starts[:-1].tolist())
        for k, along in enumerate(tangent):
            if k in firsts:
                led = np.eye(3)[np.argmin(np.abs(along))]
            led = led - along * (led @ along)
            led = led / np.linalg.norm(led)
            across[k] = led
        return across


def _triangles(starts: IntArray, sides: int) -> IntArray:
    """Two to each quadrilateral between neighbouring rings of one line, seen from outside."""
    first = np.concatenate([np.arange(a, b - 1) for a, b in pairwise(starts.tolist())])
    side = np.arange(sides)
    a = first[:, None] * sides + side
    b = first[:, None] * sides + (side + 1) % sides
    c, d = a + sides, b + sides
    both = np.concatenate([np.stack([a, b, d], -1), np.stack([a, d, c], -1)])
    return both.reshape(-1, 3).astype(np.int32)


def _square(vectors: FloatArray, tangent: FloatArray) -> FloatArray:
    return _unit(vectors - tangent * np.einsum("ij,ij->i", vectors, tangent)[:, None])


def _unit(vectors: FloatArray) -> FloatArray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12))
