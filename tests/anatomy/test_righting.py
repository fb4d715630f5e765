"""Elements that are turned over are righted, and nothing else is touched."""

import numpy as np
import pytest

from organtwin.anatomy import righting
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.righting import LEAST_SHARE, Righting, elements_around
from organtwin.anatomy.stuffing import stuffed, volumes


@pytest.fixture(scope="module")
def ball():
    nodes, tets = stuffed(
        lambda p: np.linalg.norm(p, axis=1) - 20e-3, np.full(3, -24e-3), np.full(3, 24e-3), 4e-3
    )
    return Tissue(nodes, tets, np.zeros(len(tets), np.int32))


def shares(ball, points):
    return volumes(points, ball.tets) / volumes(ball.nodes, ball.tets)


def folded(ball):
    """A sheet in the middle is pushed through the one above it."""
    points = ball.nodes.copy()
    points[np.abs(points[:, 2]) < 1e-3, 2] += 6e-3
    return points


def test_every_element_of_a_fold_is_righted(ball):
    points = folded(ball)
    assert np.count_nonzero(shares(ball, points) < 0) > 50
    assert Righting(ball, ball.nodes).right(points) == 0
    assert shares(ball, points).min() >= LEAST_SHARE * (1 - 1e-9)


def test_nodes_away_from_a_fold_stay_where_they_are(ball):
    points = folded(ball)
    before = points.copy()
    Righting(ball, ball.nodes).right(points)
    moved = np.any(points != before, axis=1)
    harmed = np.zeros(len(points), bool)
    harmed[ball.tets[shares(ball, before) < LEAST_SHARE]] = True
    assert harmed.any()
    for _ in range(2):
        harmed[ball.tets[harmed[ball.tets].any(axis=1)]] = True
    assert not np.any(moved & ~harmed)


def test_a_sound_motion_is_left_alone(ball):
    points = ball.nodes * [1.3, 0.9, 0.4]
    before = points.copy()
    assert Righting(ball, ball.nodes).right(points) == 0
    np.testing.assert_array_equal(points, before)


def test_the_volume_of_the_whole_hardly_changes(ball):
    points = ball.nodes.copy()
    points[np.argmin(np.linalg.norm(points, axis=1))] += [8e-3, 0.0, 0.0]
    total = volumes(points, ball.tets).sum()
    Righting(ball, ball.nodes).right(points)
    assert shares(ball, points).min() > 0
    assert volumes(points, ball.tets).sum() == pytest.approx(total, rel=1e-3)


def test_the_same_points_are_righted_alike(ball):
    one, two = folded(ball), folded(ball)
    Righting(ball, ball.nodes).right(one)
    Righting(ball, ball.nodes).right(two)
    np.testing.assert_array_equal(one, two)


def test_an_element_that_is_turned_over_at_rest_is_righted_too(ball):
    rest = folded(ball)
    points = rest.copy()
    assert Righting(ball, rest).right(points) == 0
    assert volumes(points, ball.tets).min() > 0


def test_what_could_not_be_righted_is_counted(ball, monkeypatch):
    monkeypatch.setattr(righting, "MOST_MOVES", 3)
    points = folded(ball)
    assert Righting(ball, ball.nodes).right(points) > 10


def test_the_elements_around_a_node_are_those_that_have_it(ball):
    starts, elements = elements_around(ball)
    for node in (0, 17, len(ball.nodes) - 1):
        own = np.flatnonzero((ball.tets == node).any(axis=1))
        np.testing.assert_array_equal(np.sort(elements[starts[node] : starts[node + 1]]), own)
