"""Getting kernels and colours ready ahead of the first picture.

On the first start kernels are compiled, which takes seconds; later they are read from disk. Call
``prepare`` off the GUI thread: it touches neither VTK nor Qt.
"""

import numpy as np

from organtwin.anatomy.mesh import Anatomy, MuscleMap, Surface, Tissue
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template_file import load_template
from organtwin.scene.colormaps import color_table
from organtwin.scene.edges import shared_edges
from organtwin.scene.illustration import illustration_colors
from organtwin.scene.kernels import (
    kept_triangles,
    level_lines,
    outline,
    paint,
    top_down_argb,
    weighted_points,
)
from organtwin.scene.occlusion import openness
from organtwin.scene.painting import painting
from organtwin.scene.planes import Plane
from organtwin.scene.rays import first_hit
from organtwin.scene.section_filling import fill_section
from organtwin.scene.section_map import SectionMap, clear_empty, color_regions
from organtwin.scene.surface_segments import surface_segments
from organtwin.scene.tissue_values import transfer


def prepare() -> None:
    """Run every kernel once on an octahedron, and paint the template heart."""
    anatomy = _octahedron()
    surface = anatomy.surface
    illustration_colors(anatomy, openness(surface))
    points, triangles = surface.points.astype(np.float32), surface.triangles
    values = points[:, 2].copy()
    segments = np.zeros((30, 2, 3), dtype=np.float32)
    level_lines(points, triangles, values, 1.0, 1.0, segments)
    everywhere = np.ones(len(points), dtype=np.bool_)
    eye = np.array([0.0, -1.0, 0.0], dtype=np.float32)
    outline(points, triangles, shared_edges(triangles), eye, 0.01, everywhere, segments)
    colors = np.zeros((len(points), 3), dtype=np.uint8)
    paint(values, -1.0, 1.0, color_table("vik"), colors[0].copy(), values, colors)
    pixels = np.zeros((2, 2), dtype=np.uint32)
    top_down_argb(pixels, pixels.copy())
    painting(load_template())


def prepare_tools() -> None:
    """Run the kernels of cuts and probe once, and tie the template's tissue to its surface.

    Nobody needs them for the first heart, so they can come after it.
    """
    anatomy = _octahedron()
    surface, tissue = anatomy.surface, anatomy.tissue
    points = surface.points.astype(np.float32)
    normal = np.array([0.0, 0.0, 1.0], dtype=np.float32)
    kept_triangles(points, surface.triangles, normal, normal, surface.triangles.copy())
    corners = np.array([[0, 1, 2, 3]], dtype=np.int32)
    weighted_points(tissue.nodes, corners, np.full((1, 4), 0.25, np.float32), points[:1].copy())
    eye, ahead = np.array([0.0, -1.0, 0.0]), np.array([0.0, 1.0, 0.0])
    first_hit(points, surface.triangles, eye, ahead)
    values = np.zeros(len(tissue.nodes), dtype=np.float32)
    cut = SectionMap(tissue)
    frame = cut.frame(Plane((0.001, 0.001, 0.001), (0.3, 0.4, 0.5)))
    cut.fill(tissue.nodes, values, np.ones(1, dtype=np.bool_), frame)
    pixels = np.zeros((cut.elements.size, 4), dtype=np.uint8)
    palette = np.zeros((max(Region) + 1, 3), dtype=np.uint8)
    color_regions(cut.elements.ravel(), tissue.regions, palette, pixels)
    clear_empty(cut.elements.ravel(), pixels)
    lines, counts = np.zeros((4, 8), dtype=np.float32), np.zeros(4, dtype=np.int32)
    picture = np.zeros((4, 4, 4), dtype=np.uint8)
    color = np.zeros(4, dtype=np.uint8)
    fill_section(frame.local(surface.points), surface.triangles, color, lines, counts, picture)
    transfer(anatomy).to_nodes(points[:, 2].copy(), values)
    transfer(load_template())
    surface_segments(load_template())


def _octahedron() -> Anatomy:
    corners = 0.03 * np.vstack([np.eye(3), -np.eye(3)])
    faces = [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2], [1, 0, 5], [3, 1, 5], [4, 3, 5], [0, 4, 5]]
    regions = np.array([Region.LV, Region.LV, Region.LA, Region.LV, Region.LV, Region.LV], np.int32)
    surface = Surface(corners, np.array(faces, dtype=np.int32), regions)
    shares = np.eye(5, dtype=np.float32)[regions]
    tissue = Tissue(corners[:4], np.array([[0, 1, 2, 3]], np.int32), regions[:1])
    cavities = dict.fromkeys(Cavity, surface)
    return Anatomy("octahedron", tissue, surface, cavities, MuscleMap(shares, shares))
