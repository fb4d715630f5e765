"""Straight lines that meet a surface: what lies under the cursor, how thick a wall is.

Moeller and Trumbore 1997, J Graphics Tools 2:21, over all triangles: 0.3 ms for 60,000.
"""

import math
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.compilation import kernel


@dataclass(frozen=True, slots=True)
class Hit:
    """``triangle`` in the list searched; ``weights`` of its corners; ``distance`` [m]."""

    triangle: int
    weights: tuple[float, float, float]
    distance: float
    from_outside: bool
    """Whether the ray meets the outer side of the wall."""


def first_hit(
    points: Float32Array,
    triangles: IntArray,
    origin: FloatArray,
    direction: FloatArray,
    near: float = 0.0,
    far: float = math.inf,
) -> Hit | None:
    """What a ray along the unit vector ``direction`` meets first between two distances [m]."""
    index, distance, second, third, outside = nearest_hit(
        points, triangles, origin.astype(np.float64), direction.astype(np.float64), near, far
    )
    if index < 0:
        return None
    return Hit(int(index), (1.0 - second - third, second, third), distance, outside)


@kernel
def nearest_hit(
    points: Float32Array,
    triangles: IntArray,
    origin: FloatArray,
    direction: FloatArray,
    near: float,
    far: float,
) -> tuple[int, float, float, float, bool]:
    """Triangle (-1 for none), distance, two barycentric weights, and whether met from outside."""
    best, found, best_u, best_v, outside = far, -1, 0.0, 0.0, False
    dx, dy, dz = direction[0], direction[1], direction[2]
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, vx = float(points[b, 0] - points[a, 0]), float(points[c, 0] - points[a, 0])
        uy, vy = float(points[b, 1] - points[a, 1]), float(points[c, 1] - points[a, 1])
        uz, vz = float(points[b, 2] - points[a, 2]), float(points[c, 2] - points[a, 2])
        px, py, pz = dy * vz - dz * vy, dz * vx - dx * vz, dx * vy - dy * vx
        determinant = ux * px + uy * py + uz * pz
        if abs(determinant) < 1e-16:
            continue
        sx, sy, sz = origin[0] - points[a, 0], origin[1] - points[a, 1], origin[2] - points[a, 2]
        u = (sx * px + sy * py + sz * pz) / determinant
        if u < 0.0 or u > 1.0:
            continue
        qx, qy, qz = sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux
        v = (dx * qx + dy * qy + dz * qz) / determinant
        if v < 0.0 or u + v > 1.0:
            continue
        distance = (vx * qx + vy * qy + vz * qz) / determinant
        if near < distance < best:
            best, found, best_u, best_v, outside = distance, t, u, v, determinant > 0.0
    return found, best, best_u, best_v, outside
