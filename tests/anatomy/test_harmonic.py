"""Filling a nodal field of a tissue in from the nodes where it is known."""

import numpy as np
import pytest

from organtwin.anatomy.harmonic import filled, laplacian
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.stuffing import stuffed


@pytest.fixture(scope="module")
def ball():
    nodes, tets = stuffed(
        lambda p: np.linalg.norm(p, axis=1) - 20e-3, np.full(3, -24e-3), np.full(3, 24e-3), 4e-3
    )
    return Tissue(nodes, tets, np.zeros(len(tets), np.int32))


def test_a_linear_field_is_filled_in_exactly_within_its_known_nodes(ball):
    field = (ball.nodes @ np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.3]])).astype(np.float32)
    free = np.linalg.norm(ball.nodes, axis=1) < 12e-3
    wrong = np.where(free[:, None], np.float32(7.0), field)
    np.testing.assert_allclose(filled(ball, wrong, free), field, atol=1e-7)


def test_a_free_end_takes_no_flux(ball):
    """What is constant where it is known stays constant out to the surface."""
    free = ball.nodes[:, 0] > 0.0
    field = np.where(free, 9.0, 3.0).astype(np.float32)[:, None]
    np.testing.assert_allclose(filled(ball, field, free), 3.0, rtol=1e-6)


def test_known_values_are_kept(ball):
    field = np.random.default_rng(3).standard_normal((len(ball.nodes), 2)).astype(np.float32)
    free = ball.nodes[:, 2] > 5e-3
    np.testing.assert_array_equal(filled(ball, field, free)[~free], field[~free])


def test_a_part_without_known_nodes_keeps_its_values(ball):
    n = len(ball.nodes)
    both = Tissue(
        np.concatenate([ball.nodes, ball.nodes + 0.1]),
        np.concatenate([ball.tets, ball.tets + n]),
        np.tile(ball.regions, 2),
    )
    field = np.arange(2 * n, dtype=np.float32)[:, None]
    free = np.arange(2 * n) >= n
    np.testing.assert_array_equal(filled(both, field, free), field)


def test_the_laplacian_knows_the_energy_of_a_slope(ball):
    """``f . K f`` is the volume times the squared slope."""
    edges = ball.nodes[ball.tets[:, 1:]] - ball.nodes[ball.tets[:, :1]]
    volume = np.abs(np.linalg.det(edges)).sum() / 6.0
    field = 3.0 * ball.nodes[:, 1]
    assert field @ (laplacian(ball) @ field) == pytest.approx(9.0 * volume, rel=1e-9)
