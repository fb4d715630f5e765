"""How open each point of a surface lies to the light around it, computed once at end-diastole.

The surface is marked in a coarse voxel grid; from every point, rays over the hemisphere of its
normal walk through the grid until they meet tissue. The share of light that arrives darkens
grooves, vessel roots and the inside of chambers, as ambient light does. It is illustration: the
grid is coarse and does not follow the beat.
"""

import numpy as np

from organtwin.anatomy.mesh import Surface
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.compilation import kernel
from organtwin.scene.kernels import ByteArray, vertex_normals

CELL = 2.0e-3
"""Edge of a voxel [m]: about one triangle edge of the template surface."""
REACH = 26.0e-3
"""How far a neighbour can cast a shade [m]: about the depth of the atrioventricular groove."""
N_RAYS = 96
"""Fewer rays leave blotches; more no longer change the picture."""


def openness(surface: Surface) -> Float32Array:
    """``(n_points,)`` share of ambient light, 0 (buried) to 1 (open); 1 where no triangle is."""
    points = np.ascontiguousarray(surface.points, dtype=np.float32)
    triangles = np.ascontiguousarray(surface.triangles, dtype=np.int32)
    normals = np.empty_like(points)
    vertex_normals(points, triangles, normals)
    corner = points.min(axis=0) - CELL
    grid = _occupied(points, triangles, corner)
    light = np.empty(len(points), dtype=np.float32)
    _gather(points, normals, corner, grid, _directions(N_RAYS), CELL, int(REACH / CELL), light)
    return smoothed(light[:, np.newaxis], triangles, 2)[:, 0]


def smoothed(values: Float32Array, triangles: IntArray, passes: int) -> Float32Array:
    """``values`` ``(n_points, k)`` averaged over neighbours, ``passes`` times."""
    current = np.ascontiguousarray(values, dtype=np.float32)
    for _ in range(passes):
        following = np.empty_like(current)
        _average(current, triangles, following)
        current = following
    return current


def _occupied(points: Float32Array, triangles: IntArray, corner: Float32Array) -> ByteArray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    samples = np.concatenate([a, (a + b + c) / 3, (a + b) / 2, (b + c) / 2, (c + a) / 2])
    cells = ((samples - corner) / CELL).astype(np.int32)
    grid = np.zeros(cells.max(axis=0) + 2, dtype=np.uint8)
    grid[cells[:, 0], cells[:, 1], cells[:, 2]] = 1
    return grid


def _directions(count: int) -> Float32Array:
    """``(count, 3)`` evenly spread unit vectors on a Fibonacci spiral."""
    index = np.arange(count) + 0.5
    height = 1.0 - 2.0 * index / count
    angle = np.pi * (1.0 + np.sqrt(5.0)) * index
    ring: FloatArray = np.sqrt(1.0 - height * height)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=1).astype(np.float32)


@kernel
def _gather(
    points: Float32Array,
    normals: Float32Array,
    corner: Float32Array,
    grid: ByteArray,
    directions: Float32Array,
    cell: float,
    steps: int,
    light: Float32Array,
) -> None:
    for i in range(points.shape[0]):
        arriving = total = 0.0
        # Two cells along the normal clear the voxels of the point's own patch.
        x = (points[i, 0] - corner[0]) / cell + 2.0 * normals[i, 0]
        y = (points[i, 1] - corner[1]) / cell + 2.0 * normals[i, 1]
        z = (points[i, 2] - corner[2]) / cell + 2.0 * normals[i, 2]
        for ray in range(directions.shape[0]):
            cosine = (
                normals[i, 0] * directions[ray, 0]
                + normals[i, 1] * directions[ray, 1]
                + normals[i, 2] * directions[ray, 2]
            )
            if cosine < 0.1:
                continue
            total += cosine
            blocked = 0.0
            for step in range(1, steps):
                dx, dy, dz = (
                    step * directions[ray, 0],
                    step * directions[ray, 1],
                    step * directions[ray, 2],
                )
                if _marked(x + dx, y + dy, z + dz, grid):
                    blocked = 1.0 - step / steps
                    break
            arriving += cosine * (1.0 - blocked)
        light[i] = arriving / total if total > 0.0 else 1.0


@kernel
def _marked(x: float, y: float, z: float, grid: ByteArray) -> bool:
    if x < 0.0 or y < 0.0 or z < 0.0:
        return False
    i, j, k = int(x), int(y), int(z)
    return i < grid.shape[0] and j < grid.shape[1] and k < grid.shape[2] and grid[i, j, k] > 0


@kernel
def _average(values: Float32Array, triangles: IntArray, out: Float32Array) -> None:
    n, k = values.shape
    weight = np.ones(n, np.float32)
    out[:] = values
    for t in range(triangles.shape[0]):
        for corner in range(3):
            i, j = triangles[t, corner], triangles[t, (corner + 1) % 3]
            weight[i] += np.float32(1.0)
            weight[j] += np.float32(1.0)
            for column in range(k):
                out[i, column] += values[j, column]
                out[j, column] += values[i, column]
    for i in range(n):
        for column in range(k):
            out[i, column] /= weight[i]
