"""Building the template heart from its shapes: deterministic, about a minute at full resolution.

The program itself only reads the finished asset, with ``template_file``.
"""

import numpy as np

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import (
    border_loops,
    cut,
    projected,
    relaxed,
    rounded_rim,
    smoothed_rims,
    surface_net,
)
from organtwin.anatomy.coronaries import coronary_tubes
from organtwin.anatomy.implicit import Shape
from organtwin.anatomy.mesh import Anatomy, MuscleMap, Surface, Tissue
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.stuffing import stuffed
from organtwin.anatomy.template_muscle import courses, wall_shares
from organtwin.arrays import FloatArray, IntArray

LOWER, UPPER = np.array([-95.0, -95.0, -105.0]), np.array([75.0, 85.0, 135.0])
"""Box around all shapes [mm]."""

SURFACE_SPACING, TISSUE_SPACING, CAVITY_SPACING = 3.15, 3.5, 4.0
"""Grid spacings [mm]: 59 000 triangles, 149 000 tetrahedra, 9 000 cavity triangles."""

LEAST_WALL_SPACINGS = 1.15
"""Thin walls are thickened inwards to this many lattice spacings in the tissue mesh (the drawing
surface keeps the true thickness); below 1.12 the lattice can miss a wall."""

_DIFFERENCE_STEP = 0.3
_MILLIMETRE = 1e-3


def build_template(
    surface_spacing: float = SURFACE_SPACING,
    tissue_spacing: float = TISSUE_SPACING,
    cavity_spacing: float = CAVITY_SPACING,
) -> Anatomy:
    """Mesh the template shapes; spacings in millimetres."""
    surface = _wall_surface(surface_spacing)
    places = surface.points / _MILLIMETRE
    return Anatomy(
        "template heart",
        _tissue(tissue_spacing),
        surface,
        {cavity: _cavity_surface(cavity, cavity_spacing) for cavity in Cavity},
        MuscleMap(wall_shares(places).astype(np.float32), courses(places).astype(np.float32)),
    )


def _tissue(spacing: float) -> Tissue:
    least_wall = LEAST_WALL_SPACINGS * spacing
    nodes, tets = stuffed(lambda points: shape.wall(points, least_wall), LOWER, UPPER, spacing)
    return Tissue(nodes * _MILLIMETRE, tets, shape.regions(nodes[tets].mean(axis=1)))


def _wall_surface(spacing: float) -> Surface:
    """Outside and both blood sides, joined by a rim at every opening, and the coronary arteries."""
    sides = [
        _cut_side(side, spacing) for side in (shape.outside, shape.left_blood, shape.right_blood)
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
    for opening in shape.OPENINGS:
        middles = np.array([points[loop].mean(axis=0) for loop in loops])
        own = np.argsort(np.linalg.norm(middles - opening.centre, axis=1))[:2]
        outer, inner = (loops[i] for i in sorted(own))
        points, rim = rounded_rim(points, outer, inner, opening)
        pieces.append(rim)
    arteries, artery_triangles = coronary_tubes()
    pieces.append(artery_triangles + len(points))
    regions = np.concatenate(
        [shape.regions(points), np.full(len(arteries), Region.CORONARY_ARTERY, np.int32)]
    )
    points = np.concatenate([points, arteries])
    return Surface(points * _MILLIMETRE, np.concatenate(pieces).astype(np.int32), regions)


def _cut_side(side: Shape, spacing: float) -> tuple[FloatArray, IntArray]:
    points, triangles = surface_net(side, LOWER, UPPER, spacing)
    points = relaxed(points, triangles, side, rounds=5, step=_DIFFERENCE_STEP)
    for opening in shape.OPENINGS:
        points, triangles = cut(points, triangles, opening, snap=0.35 * spacing)
    step = _DIFFERENCE_STEP
    points = smoothed_rims(points, triangles, side, shape.OPENINGS, rounds=3, step=step)
    return points, triangles


def _cavity_surface(cavity: Cavity, spacing: float) -> Surface:
    space = shape.cavity(cavity)
    points, triangles = surface_net(space, LOWER, UPPER, spacing)
    points = relaxed(points, triangles, space, rounds=2, step=_DIFFERENCE_STEP)
    points = projected(points, space, step=_DIFFERENCE_STEP)
    return Surface(points * _MILLIMETRE, triangles, shape.regions(points))
