"""Outlines on parallel slices, and the body between them.

On a slice a body is its signed distance to the outline, positive inside. Between slices the
distances are interpolated linearly (shape-based interpolation: Raya & Udupa, IEEE TMI 9, 1990).
Beyond the last slice towards the apex the outline shrinks like a paraboloid, as the end of an
ellipsoid does, to the depth where the body ends; beyond the last one towards the base it goes on
unchanged.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.arrays import FloatArray

Mask = NDArray[np.bool_]

_OPEN = 0.35
"""Angle [rad] without points, 20 degrees, above which a ring counts as left open."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Axes of a stack of slices: ``turn`` ``(3, 3)``, columns two in the plane and one to the base.

    ``origin`` ``(3,)`` [m] is the centre of the first voxel, ``shape`` and ``spacing`` the grid.
    """

    turn: FloatArray
    origin: FloatArray
    spacing: float
    shape: tuple[int, int, int]

    @property
    def affine(self) -> FloatArray:
        """Voxel indices to LPS [m]."""
        affine = np.eye(4)
        affine[:3, :3] = self.turn * self.spacing
        affine[:3, 3] = self.origin
        return affine

    def in_voxels(self, points: FloatArray) -> FloatArray:
        """Points ``(n, 3)`` [m] in voxel units."""
        return np.asarray((points - self.origin) @ self.turn / self.spacing)


def around(points: FloatArray) -> FloatArray:
    """Points ``(n, 2)`` in the order of their angle around their middle."""
    off = points - (points.min(axis=0) + points.max(axis=0)) / 2.0
    return np.asarray(points[np.argsort(np.arctan2(off[:, 1], off[:, 0]))])


def completed(points: FloatArray, filler: FloatArray) -> FloatArray:
    """A ring ``(n, 2)``; where its angles have a gap, points of another line stand in."""
    both = np.concatenate([points, filler])
    middle = (both.min(axis=0) + both.max(axis=0)) / 2.0
    angle = np.sort(_angles(points, middle))
    steps = np.diff(angle, append=angle[0] + 2.0 * np.pi)
    widest = int(np.argmax(steps))
    if not len(filler) or steps[widest] < _OPEN:
        return around(points)
    into = (_angles(filler, middle) - angle[widest]) % (2.0 * np.pi)
    return around(np.concatenate([points, filler[into < steps[widest]]]))


def _angles(points: FloatArray, middle: FloatArray) -> FloatArray:
    return np.asarray(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))


def joined(one: FloatArray, other: FloatArray) -> FloatArray:
    """A ring ``(n, 2)`` from two lines of points, each listed along itself from any start."""
    first, second = _unrolled(one), _unrolled(other)
    straight = np.linalg.norm(first[-1] - second[0]) + np.linalg.norm(second[-1] - first[0])
    crossed = np.linalg.norm(first[-1] - second[-1]) + np.linalg.norm(second[0] - first[0])
    return np.concatenate([first, second if straight <= crossed else second[::-1]])


def signed_distance(ring: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Distance [voxels] of every voxel of a plane to a closed outline, positive inside."""
    inside = _inside(ring, shape)
    if not inside.any():
        return np.asarray(-ndimage.distance_transform_edt(~inside))
    within = ndimage.distance_transform_edt(inside)
    return np.asarray(np.where(inside, within - 0.5, 0.5 - ndimage.distance_transform_edt(~inside)))


def body(rings: dict[float, FloatArray], shape: tuple[int, int, int], apex: float | None) -> Mask:
    """Voxels inside; ``rings`` by their depth along the last axis [voxels], base upward.

    ``apex`` is the depth at which the body ends; ``None`` ends it with the last slice.
    """
    depths = np.array(sorted(rings))
    levels = np.stack([signed_distance(rings[depth], shape[:2]) for depth in depths])
    inside = np.zeros(shape, bool)
    for k in range(shape[2]):
        if k < depths[0]:
            inside[:, :, k] = _towards_apex(levels[0], depths[0], apex, k)
            continue
        upper = min(int(np.searchsorted(depths, k, side="right")), len(depths) - 1)
        lower = max(upper - 1, 0)
        gap = depths[upper] - depths[lower]
        share = min((k - depths[lower]) / gap, 1.0) if gap else 0.0
        inside[:, :, k] = (1.0 - share) * levels[lower] + share * levels[upper] > 0.0
    return inside


def _towards_apex(level: FloatArray, depth: float, apex: float | None, k: int) -> Mask:
    if apex is None or k <= apex or depth <= apex:
        return np.zeros(level.shape, bool)
    way = (depth - k) / (depth - apex)
    shrunk = max(float(level.max()), 0.0) * (1.0 - np.sqrt(1.0 - way))
    return np.asarray(level > shrunk)


def off_axis(rings: dict[float, FloatArray]) -> dict[float, FloatArray]:
    """How far ``(2,)`` [voxels] the middle of each ring lies from the line through the others.

    The line is that of the median slopes between all pairs (Theil and Sen), which a third of
    misplaced slices does not move.
    """
    depths = np.array(sorted(rings))
    middles = np.array([(r.min(axis=0) + r.max(axis=0)) / 2.0 for _, r in sorted(rings.items())])
    i, j = np.triu_indices(len(depths), 1)
    slope = np.median((middles[j] - middles[i]) / (depths[j] - depths[i])[:, None], axis=0)
    start = np.median(middles - depths[:, None] * slope, axis=0)
    away = middles - start - depths[:, None] * slope
    return dict(zip(depths.tolist(), away, strict=True))


def _unrolled(line: FloatArray) -> FloatArray:
    """The line from one end to the other: its largest step is where it is open."""
    steps = np.linalg.norm(np.roll(line, -1, axis=0) - line, axis=1)
    return np.asarray(np.roll(line, -int(np.argmax(steps)) - 1, axis=0))


def _inside(ring: FloatArray, shape: tuple[int, int]) -> Mask:
    """Even-odd rule, row by row of the plane."""
    x, y = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    inside = np.zeros(shape, bool)
    for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if ay == by:
            continue
        crossed = ((ay > y) != (by > y)) & (x < ax + (y - ay) / (by - ay) * (bx - ax))
        inside ^= crossed
    return inside
