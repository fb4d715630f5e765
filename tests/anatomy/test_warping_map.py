"""Spline steps, their slopes and stiffness, and an anatomy carried through a warp."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.mesh import Architecture, Leaflets
from organtwin.anatomy.regions import Valve
from organtwin.anatomy.warping_field import LARGEST_COEFFICIENT, Lattice, Roughness
from organtwin.anatomy.warping_fit import held_back
from organtwin.anatomy.warping_map import Warp
from tests.synthetic_heart import synthetic_anatomy


@pytest.fixture
def lattice():
    return Lattice.around(np.full(3, -0.05), np.full(3, 0.05), 20e-3)


def random_step(lattice, seed=0, size=4e-3):
    rng = np.random.default_rng(seed)
    return lattice.step(rng.normal(0.0, size, (lattice.size, 3)))


def bump(t):
    """The cubic B-spline, written out."""
    t = np.abs(t)
    near, far = 2.0 / 3.0 - t**2 + t**3 / 2.0, (2.0 - t) ** 3 / 6.0
    return np.where(t < 1, near, np.where(t < 2, far, 0.0))


def test_moves_are_sums_of_splines_at_lattice_points(lattice):
    step = random_step(lattice)
    points = np.random.default_rng(1).uniform(-0.07, 0.07, (50, 3))
    place = (points - lattice.lower) / lattice.spacing
    axes = [bump(place[:, d, None] - np.arange(n)) for d, n in enumerate(lattice.shape)]
    expected = np.einsum("ni,nj,nk,ijkd->nd", *axes, step.coefficients)
    np.testing.assert_allclose(step.moves(points), expected, atol=1e-12)
    weights = lattice.weights(points)
    np.testing.assert_allclose(weights @ step.coefficients.reshape(-1, 3), expected, atol=1e-12)


def test_a_step_moves_nothing_far_from_its_lattice(lattice):
    far = np.full((1, 3), 1.0)
    np.testing.assert_array_equal(random_step(lattice).moves(far), 0.0)


def test_slopes_are_the_derivative_of_the_map(lattice):
    warp = Warp(
        np.array([[1.1, 0.1, 0.0], [-0.1, 0.9, 0.2], [0.0, 0.0, 1.0]]),
        np.array([0.01, 0.0, -0.01]),
        (random_step(lattice), random_step(lattice, 1)),
    )
    points, d = np.random.default_rng(2).uniform(-0.04, 0.04, (30, 3)), 1e-6
    numeric = np.stack(
        [
            (warp.carried(points + d * e) - warp.carried(points - d * e)) / (2 * d)
            for e in np.eye(3)
        ],
        axis=2,
    )
    np.testing.assert_allclose(warp.slopes(points), numeric, atol=1e-6)


def test_a_step_within_the_bound_does_not_fold(lattice):
    rng = np.random.default_rng(3)
    signs = np.sign(rng.normal(size=(lattice.size, 3)))
    step, held = held_back(lattice.step(30e-3 * signs))
    assert held
    assert np.abs(step.coefficients).max() == pytest.approx(LARGEST_COEFFICIENT * 20e-3)
    points = rng.uniform(-0.06, 0.06, (50_000, 3))
    assert np.linalg.det(step.slopes(points)).min() > 0


def test_roughness_is_the_integral_of_squared_derivatives(lattice):
    rng = np.random.default_rng(4)
    step = lattice.step(rng.normal(0.0, 1e-3, (lattice.size, 3)))
    bending, stretch = 2.0, 3.0
    coefficients = step.coefficients.reshape(-1, 3)
    energy = np.sum(coefficients * Roughness(lattice, bending, stretch).times(coefficients))
    h = lattice.spacing / 8
    axes = [
        np.arange(lo - 2 * lattice.spacing + h / 2, lo + (n + 1) * lattice.spacing, h)
        for lo, n in zip(lattice.lower, lattice.shape, strict=True)
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    first = (step.slopes(points) - np.eye(3)).reshape(*(len(a) for a in axes), 3, 3)
    second = [np.gradient(first, h, axis=axis) for axis in range(3)]
    bent, stretched = sum((part**2).sum() for part in second) * h**3, (first**2).sum() * h**3
    expected = bending * 0.05**4 / 1e-3 * bent + stretch * 0.05**2 / 1e-3 * stretched
    assert energy == pytest.approx(expected, rel=0.03), "differences blur by about 2 %"


def test_an_anatomy_is_carried_with_its_fibres_and_leaflets():
    heart = synthetic_anatomy()
    n, m = len(heart.tissue.nodes), len(heart.tissue.tets)
    fibers = np.tile(np.float32([1.0, 0.0, 0.0]), (m, 1))
    fibers[0] = 0.0
    sheets = np.tile(np.float32([0.0, 1.0, 0.0]), (m, 1))
    ones = np.ones(n, np.float32)
    architecture = Architecture(ones, ones, ones, ones, fibers, sheets, np.ones(m, np.int32))
    leaflet = Leaflets(np.array([0, 1], np.int32), np.array([[1e-3, 0, 0], [0, 2e-3, 0]]))
    heart = replace(heart, architecture=architecture, leaflets={Valve.MITRAL: leaflet})
    shear = np.array([[2.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    moved = Warp(shear, np.zeros(3)).anatomy(heart, "sheared")
    np.testing.assert_allclose(moved.tissue.nodes, heart.tissue.nodes @ shear.T)
    np.testing.assert_allclose(moved.architecture.fibers[1:], fibers[1:], atol=1e-6)
    np.testing.assert_array_equal(moved.architecture.fibers[0], 0.0)
    np.testing.assert_allclose(moved.architecture.sheets[1:], sheets[1:], atol=1e-6)
    np.testing.assert_allclose(
        moved.leaflets[Valve.MITRAL].opening, [[2e-3, 0, 0], [1e-3, 2e-3, 0]]
    )
    assert moved.name == "sheared"
    assert moved.muscle is heart.muscle


def test_elements_turned_inside_out_are_counted():
    tissue = synthetic_anatomy().tissue
    assert Warp(np.eye(3), np.zeros(3)).folded_elements(tissue) == 0
    assert Warp(np.diag([-1.0, 1.0, 1.0]), np.zeros(3)).folded_elements(tissue) == len(tissue.tets)
