import numpy as np
import pytest

from organtwin.anatomy.from_labels import result_of
from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.voxels import LV, MUSCLE, partition, work_grid
from tests.label_maps import BODY, MM, left_ventricle_map, rotation

BLOOD = ellipsoid((0, 0, 0), (25, 25, 42))

FRAMES = {
    "1 mm": ((1.0, 1.0, 1.0), None),
    "1 x 1 x 2.5 mm": ((1.0, 1.0, 2.5), None),
    "turned": ((1.5, 1.5, 1.5), rotation((1, 2, 3), 40)),
    "mirrored axes": ((1.5, 1.5, 1.5), np.diag([-1.0, 1.0, 1.0])),
    "sheared": ((1.5, 1.5, 1.5), np.array([[1, 0.15, 0], [0, 1, 0.1], [0, 0, 1.0]])),
}


@pytest.fixture(params=FRAMES.values(), ids=FRAMES.keys(), scope="module")
def found(request):
    voxel, axes = request.param
    label_map = left_ventricle_map(voxel, axes)
    return label_map, result_of(partition(label_map, work_grid(label_map, 0.75e-3)))


def test_the_grid_is_right_handed_evenly_spaced_and_covers_the_image(found):
    label_map, parts = found
    np.testing.assert_allclose(parts.grid.axes.T @ parts.grid.axes, np.eye(3), atol=1e-12)
    assert np.linalg.det(parts.grid.axes) > 0.99
    corners = np.array(np.meshgrid(*((0.0, n - 1.0) for n in label_map.labels.shape)))
    places = corners.reshape(3, -1).T @ label_map.affine[:3, :3].T + label_map.affine[:3, 3]
    index = parts.grid.indices(places)
    assert index.min() > -1e-6
    assert (index < np.array(parts.grid.shape) - 1 + 1e-6).all()


def test_distance_agrees_with_the_true_surface_within_half_a_voxel(found):
    label_map, parts = found
    directions = np.random.default_rng(2).normal(size=(4000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    surface = directions * [25.0, 25.0, 42.0] @ BODY * MM
    distance = parts.grid.values(parts.distance((LV,), 10e-3), surface)
    voxel = np.linalg.norm(label_map.affine[:3, :3], axis=0).max()
    assert abs(distance.mean()) < 0.1 * voxel
    assert np.abs(distance).max() < 0.6 * voxel


def test_the_volume_of_the_level_is_that_of_the_voxels(found):
    label_map, parts = found
    step = 1.0
    axis = np.arange(-45.0, 45.0, step)
    places = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3) * MM
    inside = parts.grid.values(parts.distance((LV,), 10e-3), places) < 0
    volume = np.count_nonzero(inside) * (step * MM) ** 3
    np.testing.assert_allclose(volume, label_map.volume(Structure.LV_BLOOD), rtol=0.01)


def test_levels_are_negative_inside_and_meet_at_one_border(found):
    _, parts = found
    blood, muscle = parts.level((LV,)), parts.level((MUSCLE,))
    assert ((blood < 0) & (muscle < 0)).sum() == 0
    together = parts.level((LV, MUSCLE))
    inner = (blood < -0.5) | (muscle < -0.5)
    assert (together[inner] < 0).all()


def test_fine_images_are_brought_to_the_spacing_that_is_needed():
    label_map = left_ventricle_map((2.0, 2.0, 2.0))
    fine = LabelMap(label_map.labels, label_map.affine @ np.diag([0.2, 0.2, 0.2, 1.0]))
    assert work_grid(fine, 0.75e-3).spacing == pytest.approx(0.75e-3)
    assert work_grid(label_map, 0.75e-3).spacing == pytest.approx(2.0e-3)
