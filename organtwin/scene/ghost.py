"""The outline of another motion over the shown one, e.g. the baseline over a plan.

Seen whole, it is the rim of the other heart; cut open, its section in the same plane. Where
the two hearts agree nothing is drawn, so that what is drawn is the difference.
"""

import numpy as np

from organtwin.anatomy.regions import Region
from organtwin.arrays import BoolArray, Float32Array
from organtwin.scene.edges import shared_edges
from organtwin.scene.kernels import outline
from organtwin.scene.lines import LineActor
from organtwin.scene.motion import Motion
from organtwin.scene.planes import Plane

LIFT = 15e-3
"""How deep inside the shown heart the outline still shows [m]; more shows inner walls."""
AGREEMENT = 0.5e-3
"""Distance [m] below which two places are drawn as one: less than a pixel or two."""
CELL, RIM = 2e-3, 2
"""Width of a cell of the heart's shadow [m], about that between two points of a surface,
and how many cells from its edge a contour still belongs to the rim. Contours further in, as of an
auricle before the ventricle, would lie over the shown heart like scratches."""

WITHOUT = (
    Region.CORONARY_ARTERY, Region.CORONARY_VEIN, Region.FAT, Region.VALVE_LEAFLET,
    Region.PAPILLARY_MUSCLE,
)  # fmt: skip
"""What lies on or in the walls: beside the rim, its own contours ran parallel to it."""


class Ghost:
    """Follows the phase with ``move``; drawn into ``lines``."""

    def __init__(self, motion: Motion, lines: LineActor) -> None:
        surface = motion.anatomy.surface
        self._motion = motion
        self._lines = lines
        self._points: Float32Array = np.zeros(surface.points.shape, dtype=np.float32)
        self._apart: BoolArray = np.ones(len(surface.points), dtype=np.bool_)
        walls = ~np.isin(surface.regions, WITHOUT)[surface.triangles].any(axis=1)
        self._triangles = np.ascontiguousarray(surface.triangles[walls], dtype=np.int32)
        self._edges = shared_edges(self._triangles)

    def move(self, phase: float, shown: Float32Array) -> None:
        """Go to ``phase``; ``shown`` are the points of the heart that it lies over."""
        self._motion.surface_points(phase, self._points)
        if shown.shape == self._points.shape:
            self._apart = np.abs(self._points - shown).max(axis=1) > AGREEMENT

    def draw_section(self, plane: Plane) -> None:
        self._lines.draw_section(self._points, self._triangles, plane, self._apart)

    def draw_outline(self, eye: Float32Array) -> None:
        """The contour as seen from ``eye`` ``(3,)`` [m]."""
        lines = self._lines
        lines.actor.SetPosition(0.0, 0.0, 0.0)
        lines.show(
            outline(
                self._points, self._triangles, self._edges, eye, LIFT,
                self._apart & on_rim(self._points, eye), lines.segments,
            )
        )  # fmt: skip


def on_rim(points: Float32Array, eye: Float32Array) -> BoolArray:
    """Which points ``(n, 3)`` [m] are seen near the edge of their common shadow from ``eye``."""
    rays = points - eye
    ahead = rays.mean(axis=0)
    distance = float(np.linalg.norm(ahead))
    ahead = ahead / distance
    side = np.cross(ahead, np.eye(3)[np.argmin(np.abs(ahead))])
    side /= np.linalg.norm(side)
    flat = rays @ np.stack([side, np.cross(ahead, side)], axis=1)
    flat *= (distance / np.maximum(rays @ ahead, 1e-6))[:, None]
    cell = ((flat - flat.min(axis=0)) / CELL).astype(np.int64) + RIM + 1
    shadow = np.zeros(cell.max(axis=0) + RIM + 2, np.bool_)
    shadow[cell[:, 0], cell[:, 1]] = True
    closed = ~_grown(~_grown(shadow))  # no holes between points
    outside = ~closed
    for _ in range(RIM):
        outside = _grown(outside)
    return np.asarray(outside[cell[:, 0], cell[:, 1]])


def _grown(mask: BoolArray) -> BoolArray:
    """A mask with the eight neighbours of its cells."""
    tall = mask.copy()
    tall[1:] |= mask[:-1]
    tall[:-1] |= mask[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide
