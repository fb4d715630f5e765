"""Flat kernels of the wall motion: spline fields, moving points, amplitudes from volumes."""

import numpy as np

from organtwin.arrays import BoolArray, Float32Array, FloatArray, IntArray, RealArray
from organtwin.compilation import fast_kernel, kernel


@fast_kernel
def spline_field(
    points: RealArray, lower: RealArray, spacing: float, coefficients: RealArray, out: RealArray
) -> None:
    """Values ``out`` (n, count) of the first channels of a cubic spline field at points.

    Outside the grid the field is that of the nearest inner cell.
    """
    nx, ny, nz, _ = coefficients.shape
    count = out.shape[1]
    wx, wy, wz = np.empty(4, np.float32), np.empty(4, np.float32), np.empty(4, np.float32)
    for i in range(points.shape[0]):
        ix = _weights((points[i, 0] - lower[0]) / spacing, nx, wx)
        iy = _weights((points[i, 1] - lower[1]) / spacing, ny, wy)
        iz = _weights((points[i, 2] - lower[2]) / spacing, nz, wz)
        for c in range(count):
            out[i, c] = 0.0
        for a in range(4):
            for b in range(4):
                for d in range(4):
                    w = wx[a] * wy[b] * wz[d]
                    row = coefficients[ix + a, iy + b, iz + d]
                    for c in range(count):
                        out[i, c] += w * row[c]


@kernel
def _weights(x: float, n: int, w: Float32Array) -> int:
    """Cubic B-spline weights into ``w``; returns the first of the four grid points."""
    cell = min(max(int(np.floor(x)), 1), n - 3)
    t = min(max(x - cell, 0.0), 1.0)
    w[0] = (1.0 - t) ** 3 / 6.0
    w[1] = (3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0
    w[2] = (-3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0) / 6.0
    w[3] = t**3 / 6.0
    return cell - 1


@fast_kernel
def displaced(
    points: RealArray,
    basis: RealArray,
    amplitudes: RealArray,
    first: int,
    last: int,
    out: RealArray,
) -> None:
    """``out`` = points + the modes ``first`` to ``last`` - 1 of ``basis`` (n, n_modes, 3)."""
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        for k in range(first, last):
            x += amplitudes[k] * basis[i, k, 0]
            y += amplitudes[k] * basis[i, k, 1]
            z += amplitudes[k] * basis[i, k, 2]
        out[i, 0], out[i, 1], out[i, 2] = x, y, z


@fast_kernel
def spread(weights: RealArray, values: RealArray, visible: BoolArray, out: RealArray) -> None:
    """``out = weights @ values`` where ``visible``, else NaN; small, so BLAS threads cost more."""
    for i in range(weights.shape[0]):
        total = np.float32(0.0)
        for k in range(weights.shape[1]):
            total += weights[i, k] * values[k]
        out[i] = total if visible[i] else np.nan


@kernel
def volume_gradient(points: RealArray, triangles: IntArray, gradient: RealArray) -> float:
    """Volume of a closed surface and its derivative by every point; adds into ``gradient``."""
    volume = 0.0
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            bc = points[b, j] * points[c, k] - points[b, k] * points[c, j]
            ca = points[c, j] * points[a, k] - points[c, k] * points[a, j]
            ab = points[a, j] * points[b, k] - points[a, k] * points[b, j]
            gradient[a, i] += bc / 6.0
            gradient[b, i] += ca / 6.0
            gradient[c, i] += ab / 6.0
            volume += points[a, i] * bc / 6.0
    return volume


@kernel
def volumes_and_slopes(
    points: RealArray,
    triangles: IntArray,
    starts: IntArray,
    point_starts: IntArray,
    fields: RealArray,
    volumes: FloatArray,
    slopes: FloatArray,
) -> None:
    """Volumes (4,) of the cavities and their derivative (4, n_fields) along displacement fields.

    Cavity ``c`` owns triangles ``starts[c]`` to ``starts[c + 1]`` and likewise its points.
    """
    gradient = np.zeros_like(points)
    for c in range(volumes.shape[0]):
        volumes[c] = volume_gradient(points, triangles[starts[c] : starts[c + 1]], gradient)
        for k in range(slopes.shape[1]):
            total = 0.0
            for i in range(point_starts[c], point_starts[c + 1]):
                for d in range(3):
                    total += gradient[i, d] * fields[i, k, d]
            slopes[c, k] = total


@kernel
def match_volumes(
    points: RealArray,
    basis: RealArray,
    triangles: IntArray,
    starts: IntArray,
    point_starts: IntArray,
    amplitudes: FloatArray,
    targets: FloatArray,
    tolerance: float,
    rounds: int,
) -> float:
    """Newton on the first four amplitudes of every frame until the volumes match; largest misfit.

    ``amplitudes`` (n_frames, n_modes) is changed in place; its first four columns hold no start
    value: each frame starts from the course of the two before.
    """
    volumes, slopes = np.empty(4), np.empty((4, 4))
    shortened, moved = np.empty_like(points), np.empty_like(points)
    worst = 0.0
    for frame in range(amplitudes.shape[0]):
        for k in range(4):
            if frame == 1:
                amplitudes[frame, k] = amplitudes[0, k]
            elif frame > 1:
                amplitudes[frame, k] = 2.0 * amplitudes[frame - 1, k] - amplitudes[frame - 2, k]
        displaced(points, basis, amplitudes[frame], 4, basis.shape[1], shortened)
        misfit = 0.0
        for _ in range(rounds):
            displaced(shortened, basis, amplitudes[frame], 0, 4, moved)
            volumes_and_slopes(moved, triangles, starts, point_starts, basis, volumes, slopes)
            misfit = np.max(np.abs(volumes - targets[frame]) / targets[frame])
            if misfit < tolerance:
                break
            amplitudes[frame, :4] += np.linalg.solve(slopes, targets[frame] - volumes)
        worst = max(worst, misfit)
    return worst
