import numpy as np

from organtwin.anatomy.voxels_fields import (
    nearest_resampled,
    resampled,
    sampled,
    signed_distance,
    spread_owners,
)


def indices(shape):
    return np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)


def test_a_field_linear_in_place_is_sampled_exactly_and_goes_on_outside():
    index = indices((4, 5, 6))
    field = (index @ np.array([1.0, -2.0, 3.0])).astype(np.float32)
    places = np.random.default_rng(1).uniform(0, 3, (50, 3))
    np.testing.assert_allclose(sampled(field, places), places @ [1.0, -2.0, 3.0], atol=1e-5)
    outside = np.array([[-4.0, 2.0, 9.0]])
    np.testing.assert_allclose(sampled(field, outside), [0.0 - 4.0 + 15.0])


def test_resampling_follows_the_matrix_between_the_grids():
    index = indices((8, 8, 8))
    field = (index @ np.array([1.0, 10.0, 100.0])).astype(np.float32)
    matrix, start = np.array([[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0.5]]), np.array([1.0, 2.0, 3.0])
    out = resampled(field, matrix, start, (3, 4, 5))
    where = start + indices((3, 4, 5)) @ matrix.T
    np.testing.assert_allclose(out, where @ [1.0, 10.0, 100.0], rtol=1e-6)
    labels = index[..., 0].astype(np.uint8)
    nearest = nearest_resampled(labels, matrix, start, (3, 4, 5))
    np.testing.assert_array_equal(nearest, np.floor(where[..., 0] + 0.5))


def test_distance_to_a_sphere_is_right_to_a_fraction_of_a_voxel():
    spacing, radius = 0.5, 5.0
    gap = np.linalg.norm(spacing * (indices((41, 41, 41)) - 20.0), axis=-1) - radius
    distance = signed_distance(gap.astype(np.float32), spacing, 4.0)
    off = np.abs(distance - gap)
    assert off[np.abs(gap) < spacing].mean() < 0.1 * spacing
    assert off[np.abs(gap) < 3.5].max() < 0.5 * spacing
    assert np.abs(distance).max() <= 4.0
    np.testing.assert_array_equal(distance < 0, gap < 0)


def test_distance_does_not_depend_on_the_scale_of_the_level():
    gap = np.linalg.norm(indices((21, 21, 21)) - 10.0, axis=-1) - 6.0
    one, two = (signed_distance((s * gap).astype(np.float32), 1.0, 5.0) for s in (1.0, 7.0))
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_voxels_take_the_nearest_owner():
    owner = np.full((20, 9, 9), 255, np.uint8)
    owner[2, 4, 4], owner[16, 4, 4] = 1, 2
    spread_owners(owner, 255)
    np.testing.assert_array_equal(owner[:9], 1)
    np.testing.assert_array_equal(owner[10:], 2)
