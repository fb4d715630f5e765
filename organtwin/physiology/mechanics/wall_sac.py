"""The pericardium in motion: a sac that goes along with the outside of the heart.

    x_s(t) = X_s + A^m F (x(t) - X)

``x`` are the points of the drawing surface, ``X`` and ``X_s`` those of surface and sac in the
template. ``F`` takes the points of the heart nearest to each point of the sac, ``A`` averages over
neighbours on the sac. A picture, not mechanics: that the real sac glides and hardly stretches is
not shown. Its pressure is the circulation's (``physiology.stepping``), its hold on the wall in
``wall_body``.
"""

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Surface
from organtwin.arrays import Float32Array, FloatArray
from organtwin.physiology.mechanics.wall_riding import neighbour_average

NEIGHBOURS, REACH = 32, 3e-3
"""Points of the heart that a point of the sac follows, and how fast farther ones count less [m]."""
PASSES = 12
"""Averages: about 15 mm on triangles of 4 mm, so that the grooves of the heart do not show."""


class FollowingSac:
    """A sac tied to the heart's surface, both of the same template."""

    def __init__(self, sac: Surface, heart: Surface) -> None:
        self._sac, self._heart = sac.points, heart.points
        self._average = neighbour_average(sac)
        count = min(NEIGHBOURS, len(heart.points))
        distance, places = cKDTree(heart.points).query(sac.points, k=count)
        weights = np.exp(-(((distance - distance[:, :1]) / REACH) ** 2))
        weights /= weights.sum(axis=1, keepdims=True)
        rows = np.repeat(np.arange(len(sac.points)), count)
        shape = (len(sac.points), len(heart.points))
        follows = sparse.coo_array((weights.ravel(), (rows, places.ravel())), shape)
        self._follows = sparse.csr_array(follows, dtype=np.float32)

    def points(self, heart: Float32Array) -> FloatArray:
        """Where the sac is ``(n_sac, 3)`` [m] when the heart's surface is at ``heart``."""
        moved = self._follows @ (heart - self._heart.astype(np.float32))
        for _ in range(PASSES):
            moved = self._average @ moved
        return np.asarray(self._sac + moved)
