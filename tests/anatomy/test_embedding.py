"""Surfaces tied to tissue: what is carried over, and what cannot be."""

import numpy as np
import pytest

from organtwin.anatomy.embedding import embedding, nearest_elements
from organtwin.anatomy.mesh import Surface, Tissue
from organtwin.anatomy.stuffing import stuffed


@pytest.fixture(scope="module")
def bowl():
    """The lower half of a spherical shell, 20 to 26 mm, as tissue."""

    def shape(p):
        r = np.linalg.norm(p, axis=1)
        return np.max([r - 26e-3, 20e-3 - r, p[:, 2]], axis=0)

    nodes, tets = stuffed(shape, np.full(3, -28e-3), np.full(3, 28e-3), 3e-3)
    return Tissue(nodes, tets, np.zeros(len(tets), np.int32))


@pytest.fixture(scope="module")
def lid(bowl):
    """A disc across the opening, from the wall to the middle."""
    n, rings = 24, 5
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    radius = 21e-3 * (np.arange(rings) + 1)[::-1] / rings
    ring = np.stack([np.cos(angle), np.sin(angle), np.full(n, -0.05)], axis=1)
    ring[:, 2] = 0.0
    points = np.concatenate([*(r * ring for r in radius), np.zeros((1, 3))])
    points[:, 2] = -1e-3
    a = (np.arange(rings - 1)[:, None] * n + np.arange(n)).ravel()
    b = (np.arange(rings - 1)[:, None] * n + np.roll(np.arange(n), -1)).ravel()
    last = (rings - 1) * n + np.arange(n)
    fan = np.stack([last, np.roll(last, -1), np.full(n, rings * n)], 1)
    triangles = np.concatenate([np.stack([a, b, a + n], 1), np.stack([b, b + n, a + n], 1), fan])
    return Surface(points, triangles.astype(np.int32), np.zeros(len(points), np.int32))


def test_points_within_the_tissue_are_met_exactly(bowl):
    middle = bowl.nodes[bowl.tets[::7]].mean(axis=1)
    nodes, weights, distance = nearest_elements(bowl, middle)
    assert distance.max() < 1e-12
    np.testing.assert_allclose(
        np.einsum("ni,nij->nj", weights, bowl.nodes[nodes]), middle, atol=1e-12
    )


def test_the_distance_of_a_point_outside_is_the_gap_to_the_wall(bowl):
    far = np.array([[0.0, 0.0, -36e-3]])
    assert nearest_elements(bowl, far)[2][0] == pytest.approx(10e-3, abs=0.3e-3)


def test_a_lid_follows_a_linear_motion_of_the_ring_it_closes(bowl, lid):
    weights = embedding(bowl, lid)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    stretch = np.diag([1.2, 1.2, 1.0])
    carried = lid.points + weights @ (bowl.nodes @ stretch - bowl.nodes)
    np.testing.assert_allclose(carried[:, :2], 1.2 * lid.points[:, :2], atol=0.2e-3)


def test_a_part_that_touches_nothing_is_refused(bowl):
    away = Surface(np.eye(3) + 1.0, np.array([[0, 1, 2]], np.int32), np.zeros(3, np.int32))
    with pytest.raises(ValueError, match="does not touch"):
        embedding(bowl, away)
