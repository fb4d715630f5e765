import numpy as np
import pytest
from scipy.linalg import expm
from scipy.spatial.transform import Rotation

from organtwin.physiology.mechanics.elastic_kernels import cofactor, stress, turned

ROTATION = Rotation.from_euler("xyz", [40, -25, 60], degrees=True).as_matrix()
STRETCH = np.diag([0.8, 0.9, 1 / 0.72])
METRIC = np.diag([1.0, 0.3, 0.1])


def stress_of(f, target=STRETCH, metric=METRIC, weights=(1.0, 20.0), start=None):
    rotation = np.eye(3) if start is None else start.copy()
    out, work = np.empty((3, 3)), np.empty((3, 3, 3))
    for _ in range(20):
        stress(f, target, metric, rotation, *weights, work, out)
    return out, rotation


def test_the_closest_rotation_is_found():
    found = np.eye(3)
    for _ in range(20):
        turned(ROTATION @ np.diag([0.5, 1.0, 2.0]), found)
    np.testing.assert_allclose(found, ROTATION, atol=1e-3)


def test_an_element_turned_inside_out_keeps_a_proper_rotation():
    found = np.eye(3)
    for _ in range(20):
        turned(np.diag([-0.3, 1.0, 1.0]), found)
    np.testing.assert_allclose(np.linalg.det(found), 1.0)


@pytest.mark.parametrize("turn", [np.eye(3), ROTATION])
def test_the_wanted_stretch_is_free_of_stress_in_any_attitude(turn):
    out, _ = stress_of(turn @ STRETCH)
    np.testing.assert_allclose(out, 0.0, atol=1e-3)


def test_swelling_is_answered_by_pressure():
    out, _ = stress_of(1.05 * STRETCH, weights=(0.0, 20.0))
    assert np.all(np.diag(out) > 0)
    out, _ = stress_of(0.95 * STRETCH, weights=(0.0, 20.0))
    assert np.all(np.diag(out) < 0)


def test_the_shape_part_is_the_slope_of_its_energy():
    chance = np.random.default_rng(2)
    f = STRETCH + 0.1 * chance.standard_normal((3, 3))
    step = 1e-4 * chance.standard_normal((3, 3))

    def energy(g):
        _, rotation = stress_of(g, weights=(1.0, 0.0))
        gap = g - rotation @ STRETCH
        return np.trace(gap @ METRIC @ gap.T)

    out, _ = stress_of(f, weights=(1.0, 0.0))
    change = energy(f + step) - energy(f - step)
    np.testing.assert_allclose(change, 2 * 2 * (out * step).sum(), rtol=2e-2)


def test_cofactor_and_determinant():
    chance = np.random.default_rng(3)
    f, out = expm(0.3 * chance.standard_normal((3, 3))), np.empty((3, 3))
    determinant = cofactor(f, out)
    np.testing.assert_allclose(determinant, np.linalg.det(f))
    np.testing.assert_allclose(out, determinant * np.linalg.inv(f).T)
