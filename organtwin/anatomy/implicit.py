"""Shapes as signed distance functions: negative inside, positive outside, zero on the surface.

A shape is a function from points ``(n, 3)`` to values ``(n,)``, both in one length unit. Ellipsoids
are distances to first order near their surface only (Quilez, "ellipsoid SDF"), which is where we
read them. Blends use the quadratic polynomial smooth minimum, which is exact where the two shapes
differ by more than the blend width ``k``.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel

Shape = Callable[[FloatArray], FloatArray]
Place = Sequence[float] | FloatArray

SEGMENTS_PER_SPAN = 8


def ellipsoid(
    centre: Sequence[float], semi_axes: Sequence[float], axes: FloatArray | None = None
) -> Shape:
    """Ellipsoid; the rows of ``axes`` are its directions, the frame's own by default."""
    middle, radii = np.asarray(centre, float), np.asarray(semi_axes, float)
    directions = np.eye(3) if axes is None else np.asarray(axes, float)

    def distance(points: FloatArray) -> FloatArray:
        scaled = (points - middle) @ directions.T / radii
        norm = np.linalg.norm(scaled, axis=1)
        gradient = np.maximum(np.linalg.norm(scaled / radii, axis=1), 1e-12)
        return np.asarray(norm * (norm - 1.0) / gradient)

    return distance


def tapered(
    centre: Sequence[float],
    semi_axes: Sequence[float],
    axes: FloatArray,
    taper: tuple[float, float],
) -> Shape:
    """Ellipsoid like an egg: its first two semi-axes grow by ``taper`` from middle to end.

    The growth is relative, linear along the third axis, and reversed on the other side.
    """
    middle, radii = np.asarray(centre, float), np.asarray(semi_axes, float)
    directions, growth = np.asarray(axes, float), np.array([*taper, 0.0])

    def distance(points: FloatArray) -> FloatArray:
        local = (points - middle) @ directions.T / radii
        width = np.maximum(1.0 + growth * local[:, 2:], 0.35)
        scaled = local / width
        norm = np.linalg.norm(scaled, axis=1)
        gradient = np.maximum(np.linalg.norm(scaled / (radii * width), axis=1), 1e-12)
        return np.asarray(norm * (norm - 1.0) / gradient)

    return distance


def balls(centres: Sequence[Place], radii: Sequence[float], k: float) -> Shape:
    """Balls grown together over the blend width ``k``."""
    places, sizes = [np.asarray(centre, float) for centre in centres], list(radii)

    def distance(points: FloatArray) -> FloatArray:
        total = np.linalg.norm(points - places[0], axis=1) - sizes[0]
        for place, size in zip(places[1:], sizes[1:], strict=True):
            total = smooth_minimum(total, np.linalg.norm(points - place, axis=1) - size, k)
        return np.asarray(total)

    return distance


def tube(centres: Sequence[Place], radii: Sequence[float]) -> Shape:
    """Tube along the cubic spline through ``centres``, radius interpolated along it."""
    knots = np.arange(len(centres), dtype=float)
    samples = np.linspace(0.0, knots[-1], SEGMENTS_PER_SPAN * (len(centres) - 1) + 1)
    course = CubicSpline(knots, np.asarray(centres, float), bc_type="natural")
    line = np.ascontiguousarray(course(samples))
    width = np.interp(samples, knots, np.asarray(radii, float))

    def distance(points: FloatArray) -> FloatArray:
        return np.asarray(_tube_distance(np.ascontiguousarray(points), line, width))

    return distance


def smooth_minimum(a: FloatArray, b: FloatArray, k: float) -> FloatArray:
    """Union of two shapes whose edge is rounded over the width ``k``."""
    overlap = np.maximum(k - np.abs(a - b), 0.0) / k
    return np.minimum(a, b) - 0.25 * k * overlap**2


def smooth_maximum(a: FloatArray, b: FloatArray, k: float) -> FloatArray:
    """Intersection of two shapes whose edge is rounded over the width ``k``."""
    return -smooth_minimum(-a, -b, k)


def gradient(shape: Shape, points: FloatArray, step: float) -> FloatArray:
    """Central differences ``(n, 3)`` of a shape."""
    slope = np.empty_like(points)
    for axis in range(3):
        shift = np.zeros(3)
        shift[axis] = step
        slope[:, axis] = (shape(points + shift) - shape(points - shift)) / (2.0 * step)
    return slope


@kernel
def _tube_distance(points: FloatArray, line: FloatArray, width: FloatArray) -> FloatArray:
    out = np.empty(points.shape[0])
    for i in range(points.shape[0]):
        best = 1e30
        for j in range(line.shape[0] - 1):
            dot = 0.0
            length = 0.0
            for c in range(3):
                edge = line[j + 1, c] - line[j, c]
                dot += edge * (points[i, c] - line[j, c])
                length += edge * edge
            t = min(1.0, max(0.0, dot / length))
            square = 0.0
            for c in range(3):
                gap = points[i, c] - line[j, c] - t * (line[j + 1, c] - line[j, c])
                square += gap * gap
            best = min(best, np.sqrt(square) - (width[j] + t * (width[j + 1] - width[j])))
        out[i] = best
    return out
