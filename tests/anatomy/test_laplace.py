"""Harmonic fields and lengths against exact solutions and dense algebra."""

import numpy as np
import pytest

from organtwin.anatomy.laplace import (
    element_gradient,
    harmonic,
    held,
    length_along,
    linear_elements,
    nodal_average,
    place_between,
)
from organtwin.anatomy.laplace_kernels import stiffness
from organtwin.anatomy.laplace_solver import aggregates
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.stuffing import stuffed

INNER, OUTER = 10.0, 22.0


@pytest.fixture(scope="module")
def ball():
    """A thick shell between two spheres."""

    def shell(points):
        radius = np.linalg.norm(points, axis=1)
        return np.maximum(radius - OUTER, INNER - radius)

    nodes, tets = stuffed(shell, np.full(3, -26.0), np.full(3, 26.0), 3.0)
    return linear_elements(nodes, tets), np.linalg.norm(nodes, axis=1)


def _walls(ball):
    """Nodes of both surfaces; cuts of the lattice lie off the spheres by up to 0.2."""
    elements, radius = ball
    surface = np.unique(outer_faces(elements.tets)[0])
    inside = radius[surface] < (INNER + OUTER) / 2
    return (surface[inside], 0.0), (surface[~inside], 1.0)


def test_a_linear_field_is_met_exactly(ball):
    elements, _ = ball
    field = elements.nodes @ np.array([0.3, -1.2, 0.7])
    rim = np.flatnonzero(np.linalg.norm(elements.nodes, axis=1) > 18.0)
    rim = np.union1d(rim, np.flatnonzero(np.linalg.norm(elements.nodes, axis=1) < 14.0))
    fixed = held(len(field), *((np.array([i]), field[i]) for i in rim))
    assert harmonic(elements, fixed) == pytest.approx(field, abs=1e-4)
    gradient = element_gradient(elements, field)
    assert np.allclose(gradient, [0.3, -1.2, 0.7])
    assert np.allclose(nodal_average(elements, gradient), [0.3, -1.2, 0.7])


def test_the_field_between_spheres_falls_as_one_over_radius(ball):
    elements, radius = ball
    found = harmonic(elements, held(len(radius), *_walls(ball)))
    exact = (1 / INNER - 1 / radius) / (1 / INNER - 1 / OUTER)
    assert np.abs(found - exact).max() < 0.03


def test_place_is_even_in_length_where_the_harmonic_field_is_not(ball):
    elements, radius = ball
    place = place_between(elements, held(len(radius), *_walls(ball)))
    exact = (radius - INNER) / (OUTER - INNER)
    assert np.abs(place - exact).max() < 0.03


def test_length_along_the_radius_is_the_distance_from_the_sphere(ball):
    elements, radius = ball
    middles = elements.nodes[elements.tets].mean(axis=1)
    outward = middles / np.linalg.norm(middles, axis=1, keepdims=True)
    start = _walls(ball)[0][0]
    assert np.abs(length_along(elements, outward, start) - (radius - INNER)).max() < 0.4


def test_the_solver_agrees_with_dense_algebra(ball):
    elements, radius = ball
    data = stiffness(elements.gradients, elements.volumes, elements.slots, len(elements.columns))
    n = len(radius)
    dense = np.zeros((n, n))
    for gradient, volume, tet in zip(
        elements.gradients, elements.volumes, elements.tets, strict=True
    ):
        dense[np.ix_(tet, tet)] += volume * gradient @ gradient.T
    rows = np.repeat(np.arange(n), np.diff(elements.row_starts))
    assert np.allclose(dense[rows, elements.columns], data)
    assert np.count_nonzero(np.abs(dense) > 1e-12) <= len(data)
    fixed = held(n, *_walls(ball))
    free = np.setdiff1d(np.arange(n), fixed.nodes)
    load = -dense[np.ix_(free, fixed.nodes)] @ fixed.values
    expected = np.linalg.solve(dense[np.ix_(free, free)], load)
    assert np.abs(harmonic(elements, fixed)[free] - expected).max() < 1e-6


def test_a_part_without_held_nodes_is_unknown_not_guessed():
    one = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
    elements = linear_elements(
        np.concatenate([one, one + 5.0]), np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    )
    field = harmonic(elements, held(8, (np.array([0, 1]), 0.0), (np.array([2]), 1.0)))
    assert np.isnan(field[4:]).all()
    assert 0.0 <= field[3] <= 1.0


def test_a_node_claimed_by_two_sides_stays_free():
    fixed = held(5, (np.array([0, 1]), 0.0), (np.array([1, 2, 2]), 1.0))
    assert fixed.nodes.tolist() == [0, 2]
    assert fixed.values.tolist() == [0.0, 1.0]


def test_patches_of_the_solver_are_many_and_of_bounded_size(ball):
    elements, _ = ball
    patches = aggregates(elements.row_starts, elements.columns, 60)
    sizes = np.bincount(patches)
    assert patches.min() == 0
    assert sizes.min() > 0
    assert sizes.max() < 150
