"""Shells that should meet at their rims, made one closed surface.

Programs that cut a heart's surface into parts often drop the triangles along the cuts, so that the
rims face each other over a narrow gap. Such rims are zipped together: from a pair of near points
the walk advances on whichever side the new edge is shorter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.arrays import FloatArray, IntArray
from organtwin.patient.geometry.raw import SurfaceFile
from organtwin.patient.geometry.topology import capped, rims, welded

Indices = NDArray[np.intp]

WIDEST_GAP = 6e-3
"""Rims whose median distance is larger [m] do not belong together: twice the longest edges of
the meshes seen."""


@dataclass(frozen=True, eq=False)
class Closed:
    """One surface; ``gaps`` middle places and median widths ``(k, 4)`` [m] of zipped rims."""

    points: FloatArray
    triangles: IntArray
    gaps: FloatArray
    caps: list[Indices]


def stitched(outward: SurfaceFile, base: SurfaceFile, inner: list[SurfaceFile]) -> Closed:
    """The wall between an outer surface, a base and inner surfaces, normals out of the wall.

    All surfaces come with normals away from the space they hold; those of the base may point
    either way.
    """
    parts = [(outward.points, outward.triangles)]
    parts.append((base.points, _facing(base, outward)))
    parts += [(s.points, s.triangles[:, [0, 2, 1]]) for s in inner]
    shifts = np.cumsum([0, *(len(points) for points, _ in parts)])
    points, triangles, _ = welded(
        np.concatenate([points for points, _ in parts]),
        np.concatenate([t + int(n) for (_, t), n in zip(parts, shifts, strict=False)]).astype(
            np.int32
        ),
    )
    bridges, gaps = [triangles], []
    loops = [loop for loop in rims(triangles) if len(loop) > 2]
    while len(loops) > 1:
        first, second, width = _nearest_pair(points, loops)
        if width > WIDEST_GAP:
            break
        one, other = loops[first], loops[second]
        bridges.append(zipped(points, one, other))
        gaps.append([*points[one].mean(axis=0), width])
        loops = [loop for n, loop in enumerate(loops) if n not in (first, second)]
    points, triangles, caps = capped(points, np.concatenate(bridges))
    return Closed(points, triangles, np.array(gaps).reshape(-1, 4), caps)


def zipped(points: FloatArray, one: Indices, other: Indices) -> IntArray:
    """Triangles between two rims that run in opposite directions around the gap."""
    start = int(cKDTree(points[other]).query(points[one[0]])[1])
    n, m = len(one), len(other)
    triangles = []
    i = j = 0
    while i < n or j < m:
        a, b = one[i % n], other[(start - j) % m]
        next_a, next_b = one[(i + 1) % n], other[(start - j - 1) % m]
        along_one = _apart(points, next_a, b) <= _apart(points, a, next_b)
        if j == m or (along_one and i < n):
            triangles.append((a, next_a, b))
            i += 1
        else:
            triangles.append((next_b, b, a))
            j += 1
    return np.array(triangles, np.int32)


def _apart(points: FloatArray, a: int, b: int) -> float:
    return float(np.linalg.norm(points[a] - points[b]))


def vector_area(loop: FloatArray) -> FloatArray:
    """Area vector ``(3,)`` [m2] of a closed polygon."""
    around = loop - loop.mean(axis=0)
    return np.asarray(np.cross(around, np.roll(around, -1, axis=0)).sum(axis=0) / 2)


def _facing(base: SurfaceFile, outward: SurfaceFile) -> IntArray:
    """Triangles of the base, turned so that its rim runs against the outer surface's."""
    mine, theirs = rims(base.triangles), rims(outward.triangles)
    if not mine or not theirs:
        return base.triangles
    loops = [(base.points[a], outward.points[b]) for a in mine for b in theirs]
    rim, partner = min(loops, key=lambda pair: _distance(*pair))
    if vector_area(rim) @ vector_area(partner) > 0.0:
        return base.triangles[:, [0, 2, 1]]
    return base.triangles


def _distance(one: FloatArray, other: FloatArray) -> float:
    """Median distance of two rims, whichever way it is larger."""
    there = np.median(cKDTree(one).query(other)[0])
    return float(max(there, np.median(cKDTree(other).query(one)[0])))


def _nearest_pair(points: FloatArray, loops: list[Indices]) -> tuple[int, int, float]:
    """The two loops that are nearest to each other and run against each other."""
    best = (0, 1, np.inf)
    areas = [vector_area(points[loop]) for loop in loops]
    for i in range(len(loops)):
        for j in range(i + 1, len(loops)):
            width = _distance(points[loops[i]], points[loops[j]])
            if width < best[2] and areas[i] @ areas[j] < 0.0:
                best = (i, j, width)
    return best
