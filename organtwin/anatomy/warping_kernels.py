"""Compiled loops of the warp: cubic splines on a lattice, and nearest places on triangles."""

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel

Indices = NDArray[np.int64]


@kernel
def _cubic(t: float, value: FloatArray, slope: FloatArray) -> None:
    """The four splines that are not zero at fraction ``t`` of a cell, and their slopes."""
    r = 1.0 - t
    value[0] = r * r * r / 6.0
    value[1] = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    value[2] = (3.0 * r * r * r - 6.0 * r * r + 4.0) / 6.0
    value[3] = t * t * t / 6.0
    slope[0] = -0.5 * r * r
    slope[1] = 1.5 * t * t - 2.0 * t
    slope[2] = -1.5 * r * r + 2.0 * r
    slope[3] = 0.5 * t * t


@kernel
def _cell(
    point: FloatArray,
    lower: FloatArray,
    spacing: float,
    first: Indices,
    b: FloatArray,
    s: FloatArray,
) -> None:
    for d in range(3):
        place = (point[d] - lower[d]) / spacing
        cell = int(np.floor(place))
        first[d] = cell - 1
        _cubic(place - cell, b[d], s[d])


@kernel
def spline_moves(
    points: FloatArray, lower: FloatArray, spacing: float, field: FloatArray, out: FloatArray
) -> None:
    """Displacement ``(n, 3)``; lattice points beyond the field count as zero."""
    first, b, s = np.empty(3, np.int64), np.empty((3, 4)), np.empty((3, 4))
    for n in range(points.shape[0]):
        _cell(points[n], lower, spacing, first, b, s)
        out[n] = 0.0
        for i in range(max(0, -first[0]), min(4, field.shape[0] - first[0])):
            for j in range(max(0, -first[1]), min(4, field.shape[1] - first[1])):
                for k in range(max(0, -first[2]), min(4, field.shape[2] - first[2])):
                    weight = b[0, i] * b[1, j] * b[2, k]
                    for d in range(3):
                        out[n, d] += weight * field[first[0] + i, first[1] + j, first[2] + k, d]


@kernel
def spline_slopes(
    points: FloatArray, lower: FloatArray, spacing: float, field: FloatArray, out: FloatArray
) -> None:
    """Derivative ``(n, 3, 3)`` of the moved place with respect to the place."""
    first, b, s = np.empty(3, np.int64), np.empty((3, 4)), np.empty((3, 4))
    for n in range(points.shape[0]):
        _cell(points[n], lower, spacing, first, b, s)
        out[n] = np.eye(3)
        for i in range(max(0, -first[0]), min(4, field.shape[0] - first[0])):
            for j in range(max(0, -first[1]), min(4, field.shape[1] - first[1])):
                for k in range(max(0, -first[2]), min(4, field.shape[2] - first[2])):
                    x = s[0, i] * b[1, j] * b[2, k] / spacing
                    y = b[0, i] * s[1, j] * b[2, k] / spacing
                    z = b[0, i] * b[1, j] * s[2, k] / spacing
                    for d in range(3):
                        c = field[first[0] + i, first[1] + j, first[2] + k, d]
                        out[n, d, 0] += c * x
                        out[n, d, 1] += c * y
                        out[n, d, 2] += c * z


@kernel
def spline_weights(
    points: FloatArray,
    lower: FloatArray,
    spacing: float,
    shape: Indices,
    index: Indices,
    weight: FloatArray,
) -> None:
    """The 64 lattice points around each point and their splines' values; zero outside."""
    first, b, s = np.empty(3, np.int64), np.empty((3, 4)), np.empty((3, 4))
    for n in range(points.shape[0]):
        _cell(points[n], lower, spacing, first, b, s)
        entry = 0
        for i in range(4):
            for j in range(4):
                for k in range(4):
                    x, y, z = first[0] + i, first[1] + j, first[2] + k
                    inside = 0 <= x < shape[0] and 0 <= y < shape[1] and 0 <= z < shape[2]
                    index[n, entry] = (x * shape[1] + y) * shape[2] + z if inside else 0
                    weight[n, entry] = b[0, i] * b[1, j] * b[2, k] if inside else 0.0
                    entry += 1


@kernel
def _on_segment(p: FloatArray, a: FloatArray, b: FloatArray) -> float:
    dot, length = 0.0, 0.0
    for d in range(3):
        dot += (b[d] - a[d]) * (p[d] - a[d])
        length += (b[d] - a[d]) ** 2
    return min(1.0, max(0.0, dot / length)) if length > 0.0 else 0.0


@kernel
def _on_triangle(p: FloatArray, corners: FloatArray, weights: FloatArray) -> None:
    """Barycentric weights of the place within the triangle's plane nearest to ``p``."""
    a, b, c = corners[0], corners[1], corners[2]
    uu, uv, vv, up, vp = 0.0, 0.0, 0.0, 0.0, 0.0
    for d in range(3):
        u, v, w = b[d] - a[d], c[d] - a[d], p[d] - a[d]
        uu += u * u
        uv += u * v
        vv += v * v
        up += u * w
        vp += v * w
    det = uu * vv - uv * uv
    if det > 1e-12 * uu * vv:
        weights[1] = (vv * up - uv * vp) / det
        weights[2] = (uu * vp - uv * up) / det
        weights[0] = 1.0 - weights[1] - weights[2]
    else:
        weights[:] = -1.0


@kernel
def nearest_places(
    points: FloatArray,
    corners: FloatArray,
    candidates: Indices,
    element: IntArray,
    weights: FloatArray,
) -> None:
    """The nearest place on candidate triangles ``(n, k)``: its triangle and its weights ``(n, 3)``.

    A triangle with two equal corners is a line.
    """
    trial = np.empty(3)
    for n in range(points.shape[0]):
        p = points[n]
        best = 1e300
        for candidate in candidates[n]:
            corner = corners[candidate]
            _on_triangle(p, corner, trial)
            sides = 1 if trial.min() >= 0.0 else 3
            for side in range(sides):
                if sides == 3:
                    i, j = side, (side + 1) % 3
                    t = _on_segment(p, corner[i], corner[j])
                    trial[:] = 0.0
                    trial[i] = 1.0 - t
                    trial[j] += t
                square = 0.0
                for d in range(3):
                    x = trial[0] * corner[0, d] + trial[1] * corner[1, d] + trial[2] * corner[2, d]
                    square += (p[d] - x) ** 2
                if square < best:
                    best = square
                    element[n] = candidate
                    weights[n] = trial
