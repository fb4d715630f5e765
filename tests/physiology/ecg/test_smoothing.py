import numpy as np
import pytest
from scipy.special import erf

from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.stuffing import stuffed
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.electrophysiology.ecg.smoothing import neighbours, smoothed

Mesh = tuple[FloatArray, IntArray]


@pytest.fixture(scope="module")
def ball() -> Mesh:
    reach = np.full(3, 0.022)
    return stuffed(ellipsoid((0, 0, 0), (0.02,) * 3), -reach, reach, 2e-3)


def test_a_jump_becomes_an_error_function_of_the_length_asked_for(ball: Mesh) -> None:
    nodes, tets = ball
    length = 4e-3
    found = smoothed(neighbours(nodes, tets, length=length), np.sign(nodes[:, 0]))
    inside = np.linalg.norm(nodes, axis=1) < 0.01
    exact = erf(nodes[inside, 0] / (np.sqrt(2) * length))
    # The jump itself is only known to half a spacing, 0.2 of the jump's height here.
    assert np.abs(found[inside] - exact).max() < 0.1
    assert np.sqrt(np.mean((found[inside] - exact) ** 2)) < 0.03


def test_a_uniform_field_stays_and_extremes_never_grow(ball: Mesh) -> None:
    nodes, tets = ball
    prepared = neighbours(nodes, tets)
    np.testing.assert_allclose(smoothed(prepared, np.full(len(nodes), 0.3)), 0.3, rtol=1e-12)
    rough = np.random.default_rng(0).normal(size=len(nodes))
    even = smoothed(prepared, rough)
    assert rough.min() < even.min() < even.max() < rough.max()


def test_a_slope_stays_away_from_the_surface(ball: Mesh) -> None:
    nodes, tets = ball
    found = smoothed(neighbours(nodes, tets, length=2e-3), nodes[:, 1])
    deep = np.linalg.norm(nodes, axis=1) < 0.01
    np.testing.assert_allclose(found[deep], nodes[deep, 1], atol=2e-4)


def test_nodes_of_no_muscle_keep_their_value(ball: Mesh) -> None:
    nodes, tets = ball
    more = np.concatenate([nodes, [[1.0, 0, 0]]])
    values = np.append(nodes[:, 0], 5.0)
    assert smoothed(neighbours(more, tets), values)[-1] == 5.0
