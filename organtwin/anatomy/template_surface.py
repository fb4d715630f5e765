"""The drawing surface of the template and its pericardium.

Parts are closed and know their region, so that each can be shown or left out; those that grow out
of a wall reach a little into it.
"""

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.ndimage import distance_transform_edt, gaussian_filter

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import (
    border_loops,
    cut,
    relaxed,
    rounded_rim,
    smoothed_rims,
    surface_net,
    trimmed,
)
from organtwin.anatomy.coronaries import coronary_tubes
from organtwin.anatomy.implicit import Shape
from organtwin.anatomy.mesh import Leaflets, Surface
from organtwin.anatomy.regions import Region, Valve
from organtwin.anatomy.template_frame import AORTIC, LOWER, OPENINGS, PULMONARY, UPPER
from organtwin.anatomy.template_inside import chordae, papillary_muscles
from organtwin.anatomy.template_valves import valve_sheets
from organtwin.arrays import FloatArray, IntArray

DIFFERENCE_STEP = 0.3

PERICARDIAL_DISTANCE, PERICARDIAL_BALL = 3.0, 22.0
"""From the heart's outside to the sac, and the ball that does not fit into its grooves [mm]."""
ARTERIAL_ROOTS, VENOUS_ROOTS = 42.0, 8.0
"""How far the sac follows the great arteries from their valves, veins from the atria [mm]."""
PERICARDIAL_SPACING = 4.0
PERICARDIAL_HOLD = -0.7
"""How deep the sac reaches into a vessel's wall [mm], so that no gap shows between them."""

_MILLIMETRE = 1e-3


class _Parts:
    """Closed parts gathered into one surface."""

    def __init__(self) -> None:
        self._points: list[FloatArray] = []
        self._triangles: list[IntArray] = []
        self._regions: list[IntArray] = []
        self.count = 0

    def add(self, points: FloatArray, triangles: IntArray, regions: IntArray | Region) -> IntArray:
        """Take a part in; returns the places of its points ``(n,)``."""
        places = np.arange(self.count, self.count + len(points), dtype=np.int32)
        self._points.append(points)
        self._triangles.append(triangles + self.count)
        self._regions.append(np.broadcast_to(np.asarray(regions, np.int32), len(points)))
        self.count += len(points)
        return places

    def surface(self) -> Surface:
        return Surface(
            np.concatenate(self._points) * _MILLIMETRE,
            np.concatenate(self._triangles).astype(np.int32),
            np.concatenate(self._regions).astype(np.int32),
        )


def drawing_surface(spacing: float) -> tuple[Surface, dict[Valve, Leaflets]]:
    """Everything that is drawn, valves closed; ``spacing`` of the walls in mm."""
    parts = _Parts()
    points, triangles = wall_surface(spacing)
    parts.add(points, triangles, shape.regions(points))
    parts.add(*coronary_tubes())
    leaflets = {}
    for valve in Valve:
        sheets = valve_sheets(valve)
        places, opening = [], []
        for own in (sheets, chordae(valve, sheets)):
            if len(own.closed):
                places.append(parts.add(own.closed, own.triangles, Region.VALVE_LEAFLET))
                opening.append((own.opened - own.closed) * _MILLIMETRE)
        leaflets[valve] = Leaflets(np.concatenate(places), np.concatenate(opening))
    parts.add(*papillary_muscles(), Region.PAPILLARY_MUSCLE)
    return parts.surface(), leaflets


def wall_surface(spacing: float) -> tuple[FloatArray, IntArray]:
    """Outside and both blood sides [template mm], joined by a rim at every opening."""
    sides = [
        _cut_side(side, spacing)
        for side in (shape.outside, shape.drawn_left_blood, shape.drawn_right_blood)
    ]
    points = np.concatenate([p for p, _ in sides])
    starts = np.cumsum([0, *(len(p) for p, _ in sides)])
    loops = [
        loop + start
        for (_, triangles), start in zip(sides, starts[:-1], strict=True)
        for loop in border_loops(triangles)
    ]
    pieces = [sides[0][1]] + [
        triangles[:, ::-1] + start
        for (_, triangles), start in zip(sides[1:], starts[1:-1], strict=True)
    ]
    for opening in OPENINGS:
        middles = np.array([points[loop].mean(axis=0) for loop in loops])
        own = np.argsort(np.linalg.norm(middles - opening.centre, axis=1))[:2]
        outer, inner = (loops[i] for i in sorted(own))
        points, rim = rounded_rim(points, outer, inner, opening)
        pieces.append(rim)
    return points, np.concatenate(pieces).astype(np.int32)


def pericardium(spacing: float = PERICARDIAL_SPACING) -> Surface:
    """A smooth sac around chambers and vessel roots, open where the vessels leave it.

    It is the chambers and roots closed with a ball of ``PERICARDIAL_BALL``: it spans the grooves
    that such a ball does not reach into.
    """
    sac = _sac()
    points, triangles = surface_net(sac, LOWER, UPPER, spacing)
    points = relaxed(points, triangles, sac, rounds=8, step=1.5)
    points, triangles = trimmed(
        points, triangles, PERICARDIAL_HOLD - np.minimum(*_outsides(points)[1:])
    )
    regions = np.full(len(points), Region.PERICARDIUM, np.int32)
    return Surface(points * _MILLIMETRE, triangles, regions)


def _sac() -> Shape:
    """Signed distance to the sac [mm], interpolated on a grid."""
    step = 0.5 * PERICARDIAL_SPACING
    margin = PERICARDIAL_BALL + 2.0 * step
    axes = [
        np.arange(low - margin, high + margin, step) for low, high in zip(LOWER, UPPER, strict=True)
    ]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    flat = places.reshape(-1, 3)
    chambers, arteries, veins = _outsides(flat)
    roots = [np.linalg.norm(flat - v.centre, axis=1) - ARTERIAL_ROOTS for v in (AORTIC, PULMONARY)]
    body = np.minimum(chambers, np.maximum(arteries, np.minimum(*roots)))
    body = np.minimum(body, np.maximum(veins, chambers - VENOUS_ROOTS))
    beyond = step * distance_transform_edt((body > 0.0).reshape(places.shape[:3]))
    inside = step * distance_transform_edt(beyond < PERICARDIAL_BALL)
    level = gaussian_filter(PERICARDIAL_BALL - PERICARDIAL_DISTANCE - inside, 1.0)
    at = RegularGridInterpolator(axes, level, bounds_error=False, fill_value=float(level.max()))
    return lambda points: np.asarray(at(points))


def _outsides(points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Signed distance ``(n,)`` [mm] to the outside of chambers, great arteries and great veins."""
    depth = shape.lumens(points) - shape.thickness(points)
    return depth[:, :4].min(axis=1), depth[:, 4:6].min(axis=1), depth[:, 6:].min(axis=1)


def _cut_side(side: Shape, spacing: float) -> tuple[FloatArray, IntArray]:
    step = DIFFERENCE_STEP
    points, triangles = surface_net(side, LOWER, UPPER, spacing)
    points = relaxed(points, triangles, side, rounds=5, step=step)
    for opening in OPENINGS:
        points, triangles = cut(points, triangles, opening, snap=0.35 * spacing)
    points = smoothed_rims(points, triangles, side, OPENINGS, rounds=3, step=step)
    return points, triangles
