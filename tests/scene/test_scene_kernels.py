import numpy as np
import pytest

from organtwin.anatomy.mesh import Surface
from organtwin.scene.edges import shared_edges
from organtwin.scene.kernels import (
    level_lines,
    outline,
    paint,
    search_nearest,
    vertex_normals,
)
from organtwin.scene.occlusion import openness
from tests.synthetic_heart import synthetic_anatomy


def _sphere(radius=0.04, rings=12):
    surface = synthetic_anatomy(rings).surface
    count = np.flatnonzero(np.diff(surface.regions))[0] // 2 + 1  # the first shell
    triangles = surface.triangles[(surface.triangles < count).all(axis=1)]
    points = surface.points[:count] - surface.points[:count].mean(axis=0)
    points *= radius / np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), triangles


def everywhere(points):
    return np.ones(len(points), dtype=np.bool_)


def test_normals_agree_with_a_plain_numpy_sum():
    surface = synthetic_anatomy(10).surface
    points = surface.points.astype(np.float32)
    normals = np.empty_like(points)
    vertex_normals(points, surface.triangles, normals)

    a, b, c = (points[surface.triangles[:, k]].astype(float) for k in range(3))
    expected = np.zeros((len(points), 3))
    for corner in range(3):
        np.add.at(expected, surface.triangles[:, corner], np.cross(b - a, c - a))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    # Single precision on edges of a few millimetres leaves about 1e-4.
    np.testing.assert_allclose(normals, expected, atol=1e-3)


def test_normals_of_an_outer_wall_point_outwards():
    points, triangles = _sphere()
    normals = np.empty_like(points)
    vertex_normals(points, triangles, normals)
    assert (np.einsum("ij,ij->i", normals, points) > 0.0).all()


def test_paint_takes_ends_of_the_table_beyond_the_limits_and_grey_for_nan():
    table = np.stack([np.arange(256)] * 3, axis=1).astype(np.uint8)
    missing = np.array([7, 8, 9], dtype=np.uint8)
    values = np.array([-9.0, -1.0, 0.0, 1.0, 9.0, np.nan], dtype=np.float32)
    colors = np.zeros((6, 3), dtype=np.uint8)
    paint(values, -1.0, 1.0, table, missing, np.ones(6, dtype=np.float32), colors)
    assert colors.tolist() == [[0] * 3, [0] * 3, [128] * 3, [255] * 3, [255] * 3, [7, 8, 9]]


def test_paint_darkens_by_the_shade():
    table = np.full((256, 3), 200, dtype=np.uint8)
    colors = np.zeros((1, 3), dtype=np.uint8)
    zero, half = np.zeros(1, dtype=np.float32), np.full(1, 0.5, dtype=np.float32)
    paint(zero, 0.0, 1.0, table, table[0], half, colors)
    assert colors.tolist() == [[100] * 3]


def test_outline_of_a_sphere_is_its_horizon():
    points, triangles = _sphere(0.04)
    segments = np.zeros((2000, 2, 3), dtype=np.float32)
    eye = np.array([0.0, -0.4, 0.0], dtype=np.float32)
    count = outline(
        points, triangles, shared_edges(triangles), eye, 0.0, everywhere(points), segments
    )
    # Seen from distance d, the horizon of a sphere of radius r lies at r^2/d towards the eye.
    assert count > 20
    assert segments[:count, :, 1].mean() == pytest.approx(-0.004, abs=0.002)


def test_outline_leaves_out_walls_seen_from_inside_their_hollow():
    points, triangles = _sphere(0.04)
    hollow = np.ascontiguousarray(triangles[:, ::-1])
    segments = np.zeros((2000, 2, 3), dtype=np.float32)
    eye = np.array([0.0, -0.4, 0.0], dtype=np.float32)
    assert (
        outline(points, hollow, shared_edges(hollow), eye, 0.0, everywhere(points), segments) == 0
    )


def test_outline_is_drawn_only_where_wanted():
    points, triangles = _sphere(0.04)
    segments = np.zeros((2000, 2, 3), dtype=np.float32)
    eye = np.array([0.0, -0.4, 0.0], dtype=np.float32)
    upper = points[:, 2] > 0.0
    count = outline(points, triangles, shared_edges(triangles), eye, 0.0, upper, segments)
    assert count > 10
    assert segments[:count, :, 2].min() > 0.0


def test_lifting_an_outline_keeps_it_on_its_line_of_sight():
    points, triangles = _sphere(0.04)
    edges = shared_edges(triangles)
    eye = np.array([0.1, -0.4, 0.2], dtype=np.float32)
    flat, lifted = (np.zeros((2000, 2, 3), dtype=np.float32) for _ in range(2))
    count = outline(points, triangles, edges, eye, 0.0, everywhere(points), flat)
    outline(points, triangles, edges, eye, 0.015, everywhere(points), lifted)
    before, after = flat[:count] - eye, lifted[:count] - eye
    distances = [np.linalg.norm(rays, axis=-1) for rays in (before, after)]
    np.testing.assert_allclose(distances[0] - distances[1], 0.015, atol=1e-6)
    cosine = (before * after).sum(axis=-1) / (distances[0] * distances[1])
    np.testing.assert_allclose(cosine, 1.0, atol=1e-6)


def test_a_level_line_of_height_on_a_sphere_is_a_closed_circle():
    points, triangles = _sphere(0.04)
    segments = np.zeros((2000, 2, 3), dtype=np.float32)
    height = points[:, 2] - np.float32(0.01)
    cut = segments[: level_lines(points, triangles, height, 1.0, 1.0, segments)]
    np.testing.assert_allclose(cut[..., 2], 0.01, atol=1e-6)
    expected = np.sqrt(0.04**2 - 0.01**2)
    np.testing.assert_allclose(np.hypot(cut[..., 0], cut[..., 1]), expected, rtol=0.03)
    length = np.linalg.norm(cut[:, 1] - cut[:, 0], axis=1).sum()
    assert length == pytest.approx(2 * np.pi * expected, rel=0.03)


def test_level_lines_lie_at_every_multiple_of_the_spacing():
    points, triangles = _sphere(0.04)
    segments = np.zeros((9000, 2, 3), dtype=np.float32)
    lines = segments[: level_lines(points, triangles, points[:, 2].copy(), 0.01, 1.0, segments)]
    found = np.unique(np.round(lines[..., 2], 5))
    np.testing.assert_allclose(found, np.arange(-3, 4) * 0.01, atol=1e-5)


def test_level_lines_leave_out_jumps_and_points_without_value():
    points, triangles = _sphere(0.04)
    values = np.where(points[:, 0] > 0, 1.0, 0.0).astype(np.float32) + points[:, 2]
    segments = np.zeros((9000, 2, 3), dtype=np.float32)
    smooth = segments[: level_lines(points, triangles, values, 0.01, 0.1, segments)].copy()
    assert len(smooth) > 20
    values[points[:, 1] > 0] = np.nan
    half = segments[: level_lines(points, triangles, values, 0.01, 0.1, segments)]
    assert 0 < len(half) < len(smooth)
    assert half[..., 1].max() < 0.008
    assert level_lines(points, triangles, 0.0 * values, 0.01, 0.1, segments) == 0


def test_level_lines_stop_at_the_capacity():
    points, triangles = _sphere()
    segments = np.zeros((5, 2, 3), dtype=np.float32)
    assert level_lines(points, triangles, points[:, 2].copy(), 1.0, 1.0, segments) == 5


def test_the_nearest_place_is_found():
    generator = np.random.default_rng(1)
    points, places = (generator.random((n, 3)).astype(np.float32) for n in (50, 30))
    index, distance = np.empty(50, dtype=np.int32), np.empty(50, dtype=np.float32)
    search_nearest(points, places, index, distance)
    all_distances = np.linalg.norm(points[:, None] - places, axis=-1)
    assert (index == all_distances.argmin(axis=1)).all()
    np.testing.assert_allclose(distance, all_distances.min(axis=1), rtol=1e-5)


def test_every_edge_of_a_closed_surface_is_shared_once():
    triangles = synthetic_anatomy(10).surface.triangles
    edges = shared_edges(triangles)
    assert len(edges) == 3 * len(triangles) // 2
    assert (edges[:, 2] != edges[:, 3]).all()


def test_a_narrow_gap_gets_less_light_than_an_open_side():
    points, triangles = _sphere(0.04, rings=36)  # edges of 4 mm: the grid has no holes
    beside = points + np.array([0.086, 0.0, 0.0], dtype=np.float32)  # a gap of 6 mm
    both = Surface(
        np.vstack([points, beside]).astype(float),
        np.vstack([triangles, triangles + len(points)]),
        np.zeros(2 * len(points), dtype=np.int32),
    )
    light = openness(both)[: len(points)]
    gap, free = points[:, 0] > 0.036, points[:, 0] < -0.02
    assert light[free].min() > 0.97
    assert light[gap].mean() < 0.75
    assert light.min() >= 0.0
    assert light.max() <= 1.0 + 1e-5
