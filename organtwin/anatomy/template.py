"""Building the template heart from its shapes: deterministic, about a minute at full resolution.

The program itself only reads the finished asset, with ``template_file``.
"""

import numpy as np

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.contour import projected, relaxed, surface_net
from organtwin.anatomy.mesh import Anatomy, MuscleMap, Surface, Tissue
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.stuffing import stuffed
from organtwin.anatomy.template_boundary import template_boundary
from organtwin.anatomy.template_frame import LOWER as LOWER
from organtwin.anatomy.template_frame import UPPER as UPPER
from organtwin.anatomy.template_muscle import courses, wall_shares
from organtwin.anatomy.template_surface import DIFFERENCE_STEP, drawing_surface, pericardium

SURFACE_SPACING, TISSUE_SPACING, CAVITY_SPACING = 2.85, 3.5, 4.0
"""Grid spacings [mm]: 94 000 triangles, 154 000 tetrahedra, 9 000 cavity triangles."""

LEAST_WALL_SPACINGS = 1.3
"""Thin walls are thickened inwards to this many lattice spacings in the tissue mesh (the drawing
surface keeps the true thickness). Where a wall is thinner, lattice elements with all corners on
its two faces are lost: 1559 of 52 000 outer faces lie within a wall at 1.15, 50 at 1.3."""

_MILLIMETRE = 1e-3


def build_template(
    surface_spacing: float = SURFACE_SPACING,
    tissue_spacing: float = TISSUE_SPACING,
    cavity_spacing: float = CAVITY_SPACING,
) -> Anatomy:
    """Mesh the template shapes; spacings in millimetres."""
    surface, leaflets = drawing_surface(surface_spacing)
    places = surface.points / _MILLIMETRE
    tissue = template_tissue(tissue_spacing)
    boundary = template_boundary(tissue, least_wall(tissue_spacing))
    return Anatomy(
        "template heart",
        tissue,
        surface,
        {cavity: _cavity_surface(cavity, cavity_spacing) for cavity in Cavity},
        MuscleMap(wall_shares(places).astype(np.float32), courses(places).astype(np.float32)),
        boundary,
        architecture(tissue, boundary),
        leaflets,
        pericardium(),
    )


def template_tissue(spacing: float = TISSUE_SPACING) -> Tissue:
    """Tetrahedra of the template's walls; ``spacing`` is the edge of the lattice [mm].

    3.5 mm for mechanics, 1.3 to 1.5 mm for electrics, built when they are asked for.
    """
    thin = least_wall(spacing)
    nodes, tets = stuffed(lambda points: shape.wall(points, thin), LOWER, UPPER, spacing)
    return Tissue(nodes * _MILLIMETRE, tets, shape.regions(nodes[tets].mean(axis=1)))


def least_wall(spacing: float) -> float:
    """Thickness [mm] that no wall of the tissue mesh of this spacing falls below."""
    return LEAST_WALL_SPACINGS * spacing


def _cavity_surface(cavity: Cavity, spacing: float) -> Surface:
    space = shape.cavity(cavity)
    points, triangles = surface_net(space, LOWER, UPPER, spacing)
    points = relaxed(points, triangles, space, rounds=2, step=DIFFERENCE_STEP)
    points = projected(points, space, step=DIFFERENCE_STEP)
    return Surface(points * _MILLIMETRE, triangles, shape.regions(points))
