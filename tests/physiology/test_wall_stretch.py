import numpy as np

from organtwin.anatomy.mesh import MuscleMap
from organtwin.anatomy.regions import Cavity, Region
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.physiology.mechanics.wall_stretch import (
    STRAIN_GAIN,
    WallFrames,
    patch_weights,
    stretches,
    wanted_strain,
)

LAYOUT = PatchLayout()
REGIONS = np.array([Region.LV, Region.RV, Region.LA, Region.AORTA], np.int32)


def frames():
    n = len(REGIONS)
    shares = np.zeros((n, 5), np.float32)
    shares[np.arange(n), [0, 2, 3, 0]] = 1.0
    return WallFrames(
        np.tile([0.0, 0.0, 1.0], (n, 1)),
        np.tile([1.0, 0.0, 0.0], (n, 1)),
        REGIONS,
        MuscleMap(shares, np.full((n, 5), 0.5, np.float32)),
    )


def test_muscle_that_shortens_thickens_and_keeps_its_volume():
    wanted = stretches(frames().strain_tensors(), np.full(4, -0.18))
    np.testing.assert_allclose(np.linalg.det(wanted), 1.0, atol=1e-3)
    assert np.all(wanted[:3, 2, 2] < 0.9)
    assert np.all(wanted[:3, 0, 0] > 1.3)


def test_vessels_want_nothing():
    wanted = stretches(frames().strain_tensors(), np.full(4, -0.18))
    np.testing.assert_allclose(wanted[3], np.eye(3))
    assert not frames().patch_weights(LAYOUT)[3].any()


def test_a_shortening_ventricle_turns_its_base_clockwise_seen_from_the_apex():
    # Seen from the apex the apex turns counter-clockwise: the shear grows from apex to base along
    # ``along x outward``, counter-clockwise seen from the base.
    wanted = stretches(frames().strain_tensors(), np.full(4, -0.18))
    around = np.cross([0.0, 0.0, 1.0], [1.0, 0.0, 0.0])
    assert wanted[0] @ np.array([0.0, 0.0, 1.0]) @ around > 0.05
    assert abs(wanted[2] @ np.array([0.0, 0.0, 1.0]) @ around) < 1e-12


def test_frames_ride_on_a_deformation():
    gradient = np.tile(np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), (4, 1, 1))
    carried = frames().carried(gradient)
    np.testing.assert_allclose(carried.along, frames().along)
    np.testing.assert_allclose(carried.outward, np.tile([0.0, 1.0, 0.0], (4, 1)))


def test_patches_share_a_wall_completely():
    courses = np.tile(np.linspace(0, 1, 21)[:, None], (1, 5)).astype(np.float32)
    shares = np.zeros((21, 5), np.float32)
    shares[:, 0] = 1.0
    weights = patch_weights(MuscleMap(shares, courses), LAYOUT)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
    lv = weights[:, LAYOUT.slice(Wall.LV)]
    assert np.all(np.diff(lv.argmax(axis=1)) >= 0)


def test_ventricles_want_the_circulation_and_atria_their_volume():
    strain = np.full((1, LAYOUT.total), -0.2)
    volumes = np.array([[60e-6, 50e-6, 60e-6, 30e-6]])
    reference = np.array([120e-6, 100e-6, 30e-6, 30e-6])
    wanted = wanted_strain(strain, LAYOUT, volumes, reference, np.array([20e-6, 20e-6]))
    np.testing.assert_allclose(wanted[0, LAYOUT.slice(Wall.LV)], -0.2 * STRAIN_GAIN)
    expected = np.log(70 / 40) / 3
    np.testing.assert_allclose(wanted[0, LAYOUT.slice(Wall.LA)], expected)
    np.testing.assert_allclose(wanted[0, LAYOUT.slice(Wall.RA)], 0.0, atol=1e-12)
    assert volumes[0, Cavity.LA] > reference[Cavity.LA]
