"""What is computed for every frame: normals, colours, outlines and cuts of a moving surface.

Flat loops in single precision over arrays the renderer holds, so that a frame costs about a
millisecond of arithmetic and no copy. NumPy twins are in tests/scene/test_scene_kernels.py.
"""

import math

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import BoolArray, Float32Array, FloatArray, IntArray
from organtwin.compilation import kernel

ByteArray = NDArray[np.uint8]
PixelArray = NDArray[np.uint32]


@kernel
def face_normal(
    points: Float32Array, triangles: IntArray, t: int
) -> tuple[np.float32, np.float32, np.float32]:
    """Outward vector of triangle ``t``, twice its area long."""
    a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
    ux, vx = points[b, 0] - points[a, 0], points[c, 0] - points[a, 0]
    uy, vy = points[b, 1] - points[a, 1], points[c, 1] - points[a, 1]
    uz, vz = points[b, 2] - points[a, 2], points[c, 2] - points[a, 2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@kernel
def vertex_normals(points: Float32Array, triangles: IntArray, normals: Float32Array) -> None:
    """Fill ``normals`` ``(n_points, 3)`` with unit, area-weighted means over the triangles."""
    normals[:] = np.float32(0.0)
    for t in range(triangles.shape[0]):
        nx, ny, nz = face_normal(points, triangles, t)
        for corner in range(3):
            i = triangles[t, corner]
            normals[i, 0] += nx
            normals[i, 1] += ny
            normals[i, 2] += nz
    for i in range(normals.shape[0]):
        x, y, z = normals[i, 0], normals[i, 1], normals[i, 2]
        length = math.sqrt(x * x + y * y + z * z)
        if length > 0.0:
            scale = np.float32(1.0 / length)
            normals[i, 0], normals[i, 1], normals[i, 2] = x * scale, y * scale, z * scale


@kernel
def paint(
    values: Float32Array,
    low: float,
    high: float,
    table: ByteArray,
    missing: ByteArray,
    shade: Float32Array,
    colors: ByteArray,
) -> None:
    """Fill ``colors`` ``(n, 3)`` from ``values`` ``(n,)`` by ``table`` ``(256, 3)`` over low..high.

    Values beyond the limits take the end colour, NaN takes ``missing`` ``(3,)``; ``shade``
    ``(n,)`` in 0..1 darkens what lies in a groove.
    """
    scale = 255.0 / (high - low)
    for i in range(values.shape[0]):
        value = values[i]
        if math.isnan(value):
            red, green, blue = missing[0], missing[1], missing[2]
        else:
            index = int(min(max((value - low) * scale, 0.0), 255.0) + 0.5)
            index = min(index, 255)
            red, green, blue = table[index, 0], table[index, 1], table[index, 2]
        colors[i, 0] = np.uint8(red * shade[i])
        colors[i, 1] = np.uint8(green * shade[i])
        colors[i, 2] = np.uint8(blue * shade[i])


@kernel
def outline(
    points: Float32Array,
    triangles: IntArray,
    edges: IntArray,
    eye: Float32Array,
    lift: float,
    wanted: BoolArray,
    segments: Float32Array,
) -> int:
    """Fill ``segments`` ``(capacity, 2, 3)`` with the contour seen from ``eye``; return how many.

    Only edges between ``wanted`` points ``(n_points,)`` are drawn.

    ``edges`` is ``(n_edges, 4)``: two points, two triangles. An edge belongs to the contour when
    it parts a triangle facing the eye from one facing away, and is convex: a concave contour is
    always hidden by the body itself (Koenderink 1984, Perception 13:321). Each end is moved
    ``lift`` [m] along its ray to the eye, which leaves the picture of the line where it was but
    brings it in front of a slightly larger body.
    """
    count = 0
    facing = np.empty(triangles.shape[0], np.float32)
    for t in range(triangles.shape[0]):
        facing[t] = _height(points, triangles, t, eye[0], eye[1], eye[2])
    for e in range(edges.shape[0]):
        first, second = edges[e, 2], edges[e, 3]
        if (facing[first] > 0.0) == (facing[second] > 0.0) or count == segments.shape[0]:
            continue
        if not (wanted[edges[e, 0]] and wanted[edges[e, 1]]):
            continue
        far = _opposite(triangles, second, edges[e, 0], edges[e, 1])
        if _height(points, triangles, first, points[far, 0], points[far, 1], points[far, 2]) >= 0.0:
            continue
        for end in range(2):
            p = edges[e, end]
            dx, dy, dz = eye[0] - points[p, 0], eye[1] - points[p, 1], eye[2] - points[p, 2]
            share = lift / math.sqrt(dx * dx + dy * dy + dz * dz)
            segments[count, end, 0] = points[p, 0] + dx * share
            segments[count, end, 1] = points[p, 1] + dy * share
            segments[count, end, 2] = points[p, 2] + dz * share
        count += 1
    return count


@kernel
def level_lines(
    points: Float32Array,
    triangles: IntArray,
    values: Float32Array,
    spacing: float,
    steepest: float,
    segments: Float32Array,
) -> int:
    """Fill ``segments`` ``(capacity, 2, 3)`` with lines of equal ``values``; return how many.

    Lines are drawn at every whole multiple of ``spacing``. Triangles over which the value changes
    by more than ``steepest``, or is NaN somewhere, get none.
    """
    count = 0
    for t in range(triangles.shape[0]):
        low = high = values[triangles[t, 0]]
        for corner in range(1, 3):
            value = values[triangles[t, corner]]
            # Comparisons with NaN are false, so a sum is what carries it.
            low, high = min(low, value) + 0.0 * value, max(high, value) + 0.0 * value
        if not high - low <= steepest:
            continue
        first, last = math.ceil(low / spacing), math.ceil(high / spacing)
        for line in range(first, last):
            if count < segments.shape[0]:
                _cross(points, triangles, t, values, spacing * line, segments[count])
                count += 1
    return count


@kernel
def _cross(
    points: Float32Array,
    triangles: IntArray,
    t: int,
    values: Float32Array,
    level: float,
    segment: Float32Array,
) -> None:
    """Where the ``level``, known to pass through triangle ``t``, meets two of its edges."""
    end = 0
    for corner in range(3):
        i, j = triangles[t, corner], triangles[t, (corner + 1) % 3]
        if (values[i] > level) != (values[j] > level) and end < 2:
            share = (level - values[i]) / (values[j] - values[i])
            for axis in range(3):
                segment[end, axis] = points[i, axis] + share * (points[j, axis] - points[i, axis])
            end += 1


@kernel
def weighted_points(
    nodes: FloatArray, indices: IntArray, weights: Float32Array, out: Float32Array
) -> None:
    """Fill ``out`` ``(n, 3)`` with sums of ``nodes``, four to a point."""
    for i in range(indices.shape[0]):
        for axis in range(3):
            total = 0.0
            for k in range(4):
                total += weights[i, k] * nodes[indices[i, k], axis]
            out[i, axis] = total


@kernel
def kept_triangles(
    points: Float32Array,
    triangles: IntArray,
    origin: Float32Array,
    normal: Float32Array,
    out: IntArray,
) -> int:
    """Copy to ``out`` the triangles of which a part lies on the side of ``normal``; how many."""
    count = 0
    low = normal[0] * origin[0] + normal[1] * origin[1] + normal[2] * origin[2]
    for t in range(triangles.shape[0]):
        for corner in range(3):
            i = triangles[t, corner]
            height = points[i, 0] * normal[0] + points[i, 1] * normal[1] + points[i, 2] * normal[2]
            if height >= low:
                for k in range(3):
                    out[count, k] = triangles[t, k]
                count += 1
                break
    return count


@kernel
def search_nearest(
    points: Float32Array, places: Float32Array, index: IntArray, distance: Float32Array
) -> None:
    """Fill ``index`` and ``distance`` ``(n_points,)`` with the nearest of ``places`` ``(n, 3)``.

    Every pair is compared: for a few thousand places that takes less time than loading a library
    with a search tree.
    """
    for i in range(points.shape[0]):
        best, found = np.float32(np.inf), 0
        for j in range(places.shape[0]):
            dx, dy = points[i, 0] - places[j, 0], points[i, 1] - places[j, 1]
            dz = points[i, 2] - places[j, 2]
            square = dx * dx + dy * dy + dz * dz
            if square < best:
                best, found = square, j
        index[i], distance[i] = found, math.sqrt(best)


@kernel
def top_down_argb(source: PixelArray, target: PixelArray) -> None:
    """Flip rows, and swap red and blue: little-endian RGBA bytes to 0xffRRGGBB words."""
    height, width = target.shape
    for row in range(height):
        for column in range(width):
            pixel = source[height - 1 - row, column]
            target[row, column] = (
                np.uint32(0xFF000000)
                | (pixel & np.uint32(0x0000FF00))
                | ((pixel & np.uint32(0xFF)) << np.uint32(16))
                | ((pixel >> np.uint32(16)) & np.uint32(0xFF))
            )


@kernel
def _height(
    points: Float32Array, triangles: IntArray, t: int, x: float, y: float, z: float
) -> float:
    """Signed, unscaled height of a position above the plane of triangle ``t``."""
    a = triangles[t, 0]
    nx, ny, nz = face_normal(points, triangles, t)
    return (x - points[a, 0]) * nx + (y - points[a, 1]) * ny + (z - points[a, 2]) * nz


@kernel
def _opposite(triangles: IntArray, t: int, p: int, q: int) -> int:
    """The corner of triangle ``t`` that is neither ``p`` nor ``q``."""
    for corner in range(3):
        if triangles[t, corner] != p and triangles[t, corner] != q:
            return triangles[t, corner]
    return p
