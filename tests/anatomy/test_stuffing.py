import numpy as np
import pytest

from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.stuffing import (
    GREATEST_ANGLE,
    LEAST_ANGLE,
    least_dihedral_angle,
    quality,
    stuffed,
    stuffed_lattice,
    volumes,
)

BOX = np.full(3, -12.0), np.full(3, 12.0)
SHELL_VOLUME = 4 / 3 * np.pi * (10**3 - 7**3)


def shell(points):
    outer, inner = ellipsoid((0, 0, 0), (10, 10, 10)), ellipsoid((0, 0, 0), (7, 7, 7))
    return np.maximum(outer(points), -inner(points))


def random_mesh(seed, values):
    counts = np.array([18, 17, 16])
    n_points = np.prod(counts) + np.prod(counts - 1)
    generator = np.random.default_rng(seed)
    return stuffed_lattice(values(generator, n_points), counts, np.zeros(3), 1.0)


HARD_VALUES = {
    "any": lambda g, n: g.normal(size=n),
    "cuts at the ends of their range": lambda g, n: (
        g.choice([-1, 1], size=n) * g.choice([1, 3.0, 0.25, 0.4, 1.42], size=n)
    ),
    "mostly inside": lambda g, n: (
        g.choice([-1, -1, -1, 1], size=n) * g.choice([1, 3.0, 1.43, 0.333, 0.7], size=n)
    ),
}


def test_a_shell_is_filled_without_slivers_or_inverted_tetrahedra():
    nodes, tets = stuffed(shell, *BOX, 1.5)
    found = quality(nodes, tets)
    assert found.inverted == 0
    np.testing.assert_allclose(found.volume, SHELL_VOLUME, rtol=0.01)
    assert found.least_angle > 18.0
    assert found.greatest_angle < 150.0


@pytest.mark.parametrize("values", HARD_VALUES.values(), ids=HARD_VALUES.keys())
@pytest.mark.parametrize("seed", range(4))
def test_angles_keep_their_bounds_whatever_the_values(values, seed):
    found = quality(*random_mesh(seed, values))
    assert found.inverted == 0
    assert found.least_angle > LEAST_ANGLE
    assert found.greatest_angle < GREATEST_ANGLE


@pytest.mark.parametrize(
    "make", [lambda: stuffed(shell, *BOX, 2.0), lambda: random_mesh(3, HARD_VALUES["any"])]
)
def test_neighbouring_tetrahedra_share_whole_faces(make):
    _, tets = make()
    faces = np.sort(tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), axis=1)
    border, counts = np.unique(faces, axis=0, return_counts=True)
    assert counts.max() == 2
    edges = np.sort(border[counts == 1][:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] % 2 == 0).all()


def test_every_node_is_used_once():
    nodes, tets = stuffed(shell, *BOX, 2.0)
    np.testing.assert_array_equal(np.unique(tets), np.arange(len(nodes)))
    assert len(np.unique(nodes.round(6), axis=0)) == len(nodes)


def test_the_same_shape_gives_the_same_mesh():
    first, second = stuffed(shell, *BOX, 1.7), stuffed(shell, *BOX, 1.7)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_boundary_nodes_lie_on_the_surface():
    nodes, tets = stuffed(shell, *BOX, 1.0)
    faces = np.sort(tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), axis=1)
    border, counts = np.unique(faces, axis=0, return_counts=True)
    assert np.abs(shell(nodes[np.unique(border[counts == 1])])).max() < 0.03


def test_a_shape_is_read_near_its_surface_only():
    read = 0

    def ball(points):
        nonlocal read
        read += len(points)
        return np.linalg.norm(points, axis=1) - 10.0

    spacing, half = 0.5, 24.0
    stuffed(ball, np.full(3, -half), np.full(3, half), spacing)
    assert read < 0.25 * 2 * (2 * half / spacing) ** 3


def test_leaving_out_far_points_does_not_change_the_mesh(monkeypatch):
    near = stuffed(shell, *BOX, 0.8)
    monkeypatch.setattr("organtwin.anatomy.stuffing._STEEPER", 1e9)
    everywhere = stuffed(shell, *BOX, 0.8)
    np.testing.assert_array_equal(near[1], everywhere[1])
    np.testing.assert_allclose(near[0], everywhere[0], atol=1e-12)


def test_dihedral_angles_of_a_regular_tetrahedron():
    nodes = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    tets = np.array([[0, 1, 2, 3]])
    np.testing.assert_allclose(least_dihedral_angle(nodes, tets), np.arccos(1 / 3))
    assert quality(nodes, tets).greatest_angle == pytest.approx(np.degrees(np.arccos(1 / 3)))
    np.testing.assert_allclose(volumes(nodes, tets), -8 / 3)
    np.testing.assert_allclose(volumes(nodes, tets[:, [0, 1, 3, 2]]), 8 / 3)
