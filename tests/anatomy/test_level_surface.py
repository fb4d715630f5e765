import numpy as np
import pytest

from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.level_surface import level_surface, with_volume
from organtwin.anatomy.mesh import Surface, enclosed_volume
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.simplices import parts_of

BOX = np.full(3, -13.0), np.full(3, 13.0)


def ball(radius):
    return lambda points: np.linalg.norm(points, axis=1) - radius


def below(height):
    return lambda points: points[:, 2] - height


def as_surface(points, triangles):
    return Surface(points, triangles, np.zeros(len(points), np.int32))


def test_a_ball_is_closed_faces_outwards_and_lies_on_its_level():
    points, triangles = level_surface((ball(10.0),), *BOX, 1.5)
    assert is_closed(triangles)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 10.0, atol=0.01)
    volume = enclosed_volume(as_surface(points, triangles))
    np.testing.assert_allclose(volume, 4 / 3 * np.pi * 1000, rtol=0.01)


def test_a_thin_wall_keeps_its_two_sides_apart():
    spacing, wall = 1.5, 1.75
    sides = (ball(10.0), lambda points: 10.0 - wall - np.linalg.norm(points, axis=1))
    points, triangles = level_surface(sides, *BOX, spacing)
    assert is_closed(triangles)
    assert parts_of(triangles, len(points)).max() == 1
    radius = np.linalg.norm(points, axis=1)
    off = np.minimum(np.abs(radius - 10.0), np.abs(radius - 10.0 + wall))
    assert off.max() < 0.05
    a, b, c = (points[triangles[:, i]] for i in range(3))
    flat = np.abs(np.einsum("ij,ij->i", np.cross(b - a, c - a), a + b + c))
    across = flat / (
        np.linalg.norm(np.cross(b - a, c - a), axis=1) * np.linalg.norm(a + b + c, axis=1)
    )
    assert across.min() > 0.8


def test_a_cut_meets_the_other_side_in_a_sharp_edge():
    points, triangles = level_surface((ball(10.0),), *BOX, 1.5, cut=below(3.2))
    assert is_closed(triangles)
    radius, height = np.linalg.norm(points, axis=1), points[:, 2]
    assert np.minimum(np.abs(radius - 10.0), np.abs(height - 3.2)).max() < 0.02
    edge = (np.abs(radius - 10.0) < 0.02) & (np.abs(height - 3.2) < 0.02)
    rim = 2 * np.pi * np.sqrt(100 - 3.2**2)
    assert np.count_nonzero(edge) > 0.6 * rim / 1.5


@pytest.mark.parametrize("seed", range(4))
def test_any_level_gives_a_closed_surface(seed):
    generator = np.random.default_rng(seed)
    waves = generator.normal(size=(12, 3)) * 0.5
    phases = generator.uniform(0, 6, 12)

    def rough(points):
        return np.sin(points @ waves.T + phases).sum(axis=1)

    points, triangles = level_surface((rough,), *BOX, 1.5)
    assert is_closed(triangles)
    assert np.isfinite(points).all()


def test_a_surface_is_given_its_volume():
    surface = as_surface(*level_surface((ball(10.0),), *BOX, 3.0))
    free = surface.points[:, 2] > -5.0
    wanted = 4 / 3 * np.pi * 1000
    assert enclosed_volume(surface) < 0.99 * wanted
    grown = with_volume(surface, wanted, free, 1.0)
    np.testing.assert_allclose(enclosed_volume(grown), wanted, rtol=1e-4)
    np.testing.assert_array_equal(grown.points[~free], surface.points[~free])
    little = with_volume(surface, 2 * wanted, free, 0.1)
    moved = np.linalg.norm(little.points - surface.points, axis=1)
    np.testing.assert_allclose(moved.max(), 0.1, rtol=0.05)


def test_outer_faces_of_two_tetrahedra_face_outwards():
    nodes = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    tets = np.array([[0, 1, 2, 3], [1, 2, 3, 4]], np.int32)
    faces, owners = outer_faces(tets)
    np.testing.assert_array_equal(owners, [0, 0, 0, 1, 1, 1])
    assert is_closed(faces)
    assert {1, 2, 3} not in [set(face) for face in faces.tolist()]
    volume = np.einsum(
        "ij,ij->", nodes[faces[:, 0]], np.cross(nodes[faces[:, 1]], nodes[faces[:, 2]])
    )
    np.testing.assert_allclose(volume / 6, 1 / 6 + 1 / 3)


def test_parts_are_numbered_by_their_first_node():
    part = parts_of(np.array([[4, 5, 6], [0, 1, 2], [2, 3, 0]], np.int32), 8)
    np.testing.assert_array_equal(part, [0, 0, 0, 0, 1, 1, 1, 2])
