"""How the beating heart carries devices: stiffly with a valve's ring, or point by point.

Stiffly: the turn and shift that best bring the ring's neighbours in the wall to where they are now
(Kabsch). Point by point: a mean of how far the nearest points of the surface went, near ones
counting more; what lies far outside of the heart hardly moves, as a pump in the chest does.
"""

import numpy as np

from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.regions import Region
from organtwin.anatomy.valve_sites import ValveSite
from organtwin.arrays import Float32Array, FloatArray, IntArray

NEIGHBOURS, REACH = 12, 6e-3
"""Points of the surface that a point follows, and how fast farther ones count less [m]."""
WITHIN, FADING = 20e-3, 30e-3
"""Up to the first distance [m], the middle of a chamber, all of the motion is shared; over the
second it fades to a third."""
_CARRIERS = (
    Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA, Region.AORTA,
    Region.PULMONARY_ARTERY, Region.SYSTEMIC_VEIN, Region.PULMONARY_VEIN,
)  # fmt: skip


class Carrier:
    """The surface of a heart at rest; ``points`` ``(n, 3)`` are tied to it."""

    def __init__(self, surface: Surface) -> None:
        from scipy.spatial import cKDTree

        regions = [int(region) for region in _CARRIERS]
        own = np.flatnonzero(np.isin(surface.regions, regions))
        every = np.arange(len(surface.points))
        self._own: IntArray = (own if len(own) else every).astype(np.int32)
        self._rest = surface.points
        self._tree = cKDTree(surface.points[self._own])

    def free(self, points: FloatArray) -> "Riding":
        """Tie points one by one."""
        count = min(NEIGHBOURS, len(self._own))
        distance, places = self._tree.query(points, k=count)
        distance, places = distance.reshape(len(points), -1), places.reshape(len(points), -1)
        weights = np.exp(-(((distance - distance[:, :1]) / REACH) ** 2))
        beyond = np.maximum(distance[:, :1] - WITHIN, 0.0)
        weights *= np.exp(-beyond / FADING) / weights.sum(axis=1, keepdims=True)
        return Riding(points, self._own[places], weights, self._rest)

    def whole(self, points: FloatArray) -> "Riding":
        """Tie points by their middle: all go the same way."""
        middle = self.free(points.mean(axis=0, keepdims=True))
        count = len(points)
        return Riding(
            points, middle.places.repeat(count, axis=0), middle.weights.repeat(count, axis=0),
            self._rest,
        )  # fmt: skip

    def stiff(self, points: FloatArray, site: ValveSite) -> "Stiff":
        """Tie points as one body to a valve's ring."""
        _, places = self._tree.query(site.ring)
        return Stiff(points, self._own[places], self._rest)


class Riding:
    """Points carried one by one."""

    def __init__(
        self, points: FloatArray, places: IntArray, weights: FloatArray, rest: FloatArray
    ) -> None:
        self._points, self.places, self.weights = points, places, weights
        self._rest = rest[places]

    def now(self, surface: Float32Array) -> FloatArray:
        """Where they are ``(n, 3)`` [m] when the heart's surface is at ``surface``."""
        moved = surface[self.places] - self._rest
        return np.asarray(self._points + np.einsum("nk,nkd->nd", self.weights, moved))


class Stiff:
    """Points carried as one body."""

    def __init__(self, points: FloatArray, places: IntArray, rest: FloatArray) -> None:
        ring = rest[places]
        self._places, self._middle = places, ring.mean(axis=0)
        self._ring, self._points = ring - self._middle, points - self._middle

    def now(self, surface: Float32Array) -> FloatArray:
        """Where they are ``(n, 3)`` [m] when the heart's surface is at ``surface``."""
        turn, shift = self.pose(surface)
        return np.asarray(self._points @ turn.T + shift)

    def pose(self, surface: Float32Array) -> tuple[FloatArray, FloatArray]:
        """Turn ``(3, 3)`` about the ring's middle at rest, and where that middle is now."""
        ring = surface[self._places].astype(np.float64)
        middle = ring.mean(axis=0)
        u, _, v = np.linalg.svd((ring - middle).T @ self._ring)
        u[:, 2] *= np.sign(np.linalg.det(u @ v))
        return u @ v, middle
