import numpy as np
import pytest

from organtwin.physiology.mechanics.deformation_bricks import (
    Bricks,
    brick_matrices,
    elastic_matrix,
    solve,
)


@pytest.fixture(scope="module")
def grid():
    return Bricks(30.0)


def test_stiffness_of_a_brick_resists_strain_and_no_rigid_motion():
    shear, volumetric = brick_matrices(2.0)
    corners = 2.0 * np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    shift = np.tile([1.0, 2.0, 3.0], 8)
    turn = np.cross([0.1, 0.2, 0.3], corners).ravel()
    for rigid in (shift, turn):
        np.testing.assert_allclose(shear @ rigid, 0.0, atol=1e-12)
        np.testing.assert_allclose(volumetric @ rigid, 0.0, atol=1e-12)
    stretch = corners.ravel()
    # Energy of a unit dilation: mu 2 e:e V = 6 V and lambda tr(e)^2 V = 9 V.
    np.testing.assert_allclose(stretch @ shear @ stretch, 2.0 * 3.0 * 8.0)
    np.testing.assert_allclose(stretch @ volumetric @ stretch, 9.0 * 8.0)


def test_strain_of_a_linear_displacement_is_its_gradient(grid):
    slope = np.array([[0.1, 0.2, 0.0], [0.0, -0.3, 0.1], [0.05, 0.0, 0.2]])
    strain = grid.strain((grid.nodes @ slope.T).ravel())
    np.testing.assert_allclose(strain, np.broadcast_to(slope, strain.shape), atol=1e-12)


def test_pressure_in_one_brick_pushes_outwards_and_in_balance(grid):
    inside = np.zeros(len(grid.bricks))
    inside[len(inside) // 2] = 1.0
    force = grid.load(-inside[:, None, None] * np.eye(3)).reshape(-1, 3)
    np.testing.assert_allclose(force.sum(axis=0), 0.0, atol=1e-9)
    centre = grid.centres[len(inside) // 2]
    assert np.einsum("ij,ij->", force, grid.nodes - centre) > 0


def test_solution_balances_its_load(grid):
    matrix = elastic_matrix(grid, np.ones((2, len(grid.bricks))), np.zeros(len(grid.nodes)))
    load = np.random.default_rng(1).normal(size=(matrix.shape[0], 2))
    load[np.repeat(grid.fixed, 3)] = 0.0
    displacement = solve(matrix, load)
    np.testing.assert_allclose(matrix @ displacement, load, atol=1e-4 * np.abs(load).max())
    assert np.abs(displacement[np.repeat(grid.fixed, 3)]).max() < 1e-4
