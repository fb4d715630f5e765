"""Meshes as voxels, and voxels as outlines, against shapes of known size."""

import numpy as np
import pytest

from organtwin.anatomy.contour import is_closed, surface_net
from organtwin.anatomy.mesh import Surface, Tissue
from organtwin.anatomy.stuffing import stuffed
from organtwin.anatomy.warping_raster import Grid, closed, lumen, outline

RADIUS = 20e-3
BALL = 4.0 / 3.0 * np.pi * RADIUS**3


def ball(points):
    return np.linalg.norm(points, axis=1) - RADIUS


def test_a_closed_surface_is_filled():
    points, triangles = surface_net(ball, np.full(3, -25e-3), np.full(3, 25e-3), 2e-3)
    grid = Grid.around(np.full(3, -25e-3), np.full(3, 25e-3), 1e-3)
    inside = grid.filled(Surface(points, triangles, np.zeros(len(points), np.int32)))
    expected = (ball(grid.centres(np.ones(grid.shape, np.bool_))) < 0).reshape(grid.shape)
    assert np.mean(inside != expected) < 0.02
    assert inside.sum() * 1e-9 == pytest.approx(BALL, rel=0.02)


def test_tetrahedra_are_filled_by_region():
    nodes, tets = stuffed(ball, np.full(3, -25e-3), np.full(3, 25e-3), 4e-3)
    right = nodes[tets].mean(axis=1)[:, 0] > 0
    tissue = Tissue(nodes, tets, right.astype(np.int32))
    grid = Grid.around(np.full(3, -25e-3), np.full(3, 25e-3), 1e-3)
    both = grid.occupied(tissue, (0, 1))
    assert both.sum() * 1e-9 == pytest.approx(BALL, rel=0.03)
    one = grid.occupied(tissue, (1,))
    assert one.sum() == pytest.approx(both.sum() / 2, rel=0.05)
    assert grid.centres(one)[:, 0].min() > -4e-3


def test_grooves_are_bridged_and_the_outside_kept():
    blocks = np.zeros((30, 20, 20), np.bool_)
    blocks[3:13, 3:17, 3:17] = blocks[16:27, 3:17, 3:17] = True
    bridged = closed(blocks, 3.0)
    assert bridged[13:16, 8:12, 8:12].all()
    assert not bridged[:3].any()
    assert not bridged[:, :, :3].any()


@pytest.mark.parametrize("slope", [0.0, 0.6])
def test_the_inside_of_an_open_tube_is_found(slope):
    x, y, z = np.meshgrid(*(np.arange(n) for n in (40, 40, 50)), indexing="ij")
    axis = 12 + slope * (z - 10) * 0.5
    r = np.hypot(x - axis, y - 20)
    wall, blood = (r >= 6) & (r < 8.5), r < 6
    wall &= (z > 5) & (z < 45)
    inside = lumen(wall, 8.0)
    middle = blood & (z > 10) & (z < 40)
    assert inside[middle].mean() > 0.97
    assert not inside[(r >= 8.5)].any()
    assert not inside[(z < 3) | (z > 47)].any()


def test_a_gutter_has_no_inside():
    x, y, _ = np.meshgrid(*(np.arange(n) for n in (40, 40, 50)), indexing="ij")
    r = np.hypot(x - 20, y - 20)
    wall = (r >= 6) & (r < 8.5) & (y < 20)
    assert not lumen(wall, 8.0)[16:24, 14:20, 15:35].any()


def test_an_outline_is_closed_outward_and_of_the_right_size():
    index = np.stack(np.meshgrid(*(np.arange(50),) * 3, indexing="ij"), -1)
    inside = np.linalg.norm(index - 24.3, axis=3) < 20.0
    points, triangles = outline(inside)
    assert is_closed(triangles)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    assert np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0 == pytest.approx(inside.sum(), rel=0.01)
    assert np.abs(np.linalg.norm(points - 24.3, axis=1) - 20.0).max() < 0.8
