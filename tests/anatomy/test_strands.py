"""Strands tied to tissue: in place at rest, carried along, straight through blood."""

import numpy as np

from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.strands import Line, tied_strands
from tests.synthetic_heart import block_tissue


def tied(tissue, points):
    line = np.arange(len(points), dtype=np.int32)
    radii = np.full(len(points), 1e-3)
    return tied_strands(
        tissue, points, [Line(line, radii, 3, blocked=False)], times=np.zeros(len(points))
    )


def test_at_rest_every_point_is_where_it_was_given():
    tissue = block_tissue((0.0, 0.0, 0.0), (0.06, 0.06, 0.06))
    points = np.array([[0.01, 0.02, 0.03], [0.02, 0.06, 0.031], [0.03, 0.0612, 0.05]])
    np.testing.assert_allclose(tied(tissue, points).places(tissue.nodes), points, atol=1e-12)


def test_points_in_the_tissue_follow_its_stretch():
    tissue = block_tissue((0.0, 0.0, 0.0), (0.06, 0.06, 0.06))
    points = np.array([[0.01, 0.02, 0.03], [0.025, 0.041, 0.031]])
    moved = tied(tissue, points).places(tissue.nodes * [1.0, 1.0, 1.3] + [0.0, 0.01, 0.0])
    np.testing.assert_allclose(moved, points * [1.0, 1.0, 1.3] + [0.0, 0.01, 0.0], atol=1e-12)


def test_a_band_through_blood_stays_straight_between_walls_that_part():
    near, far = (
        block_tissue((x, 0.0, 0.0), (x + 0.01, 0.06, 0.06)) for x in (0.0, 0.04)
    )  # fmt: skip
    tissue = Tissue(
        np.concatenate([near.nodes, far.nodes]),
        np.concatenate([near.tets, far.tets + len(near.nodes)]).astype(np.int32),
        np.concatenate([near.regions, far.regions]),
    )
    points = np.stack([np.linspace(0.01, 0.04, 13), np.full(13, 0.03), np.full(13, 0.03)], 1)
    apart = tissue.nodes.copy()
    apart[len(near.nodes) :, 2] += 0.012
    moved = tied(tissue, points).places(apart)
    # within 3 mm a wall holds a point: a tenth of the way, a tenth of 12 mm
    np.testing.assert_allclose(moved[:, 2], np.linspace(0.03, 0.042, 13), atol=1.2e-3)
