import numpy as np

from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.stuffing import least_dihedral_angle, stuffed, volumes


def shell(points):
    outer, inner = ellipsoid((0, 0, 0), (10, 10, 10)), ellipsoid((0, 0, 0), (7, 7, 7))
    return np.maximum(outer(points), -inner(points))


def test_a_shell_is_filled_without_slivers_or_inverted_tetrahedra():
    nodes, tets = stuffed(shell, np.full(3, -12.0), np.full(3, 12.0), 1.5)
    size = volumes(nodes, tets)
    assert size.min() > 0
    np.testing.assert_allclose(size.sum(), 4 / 3 * np.pi * (10**3 - 7**3), rtol=0.02)
    assert np.degrees(least_dihedral_angle(nodes, tets).min()) > 10.0


def test_neighbouring_tetrahedra_share_whole_faces():
    _, tets = stuffed(shell, np.full(3, -12.0), np.full(3, 12.0), 2.0)
    faces = np.sort(tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), axis=1)
    border, counts = np.unique(faces, axis=0, return_counts=True)
    assert counts.max() == 2
    edges = np.sort(border[counts == 1][:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] % 2 == 0).all()


def test_dihedral_angle_of_a_regular_tetrahedron():
    nodes = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    angle = least_dihedral_angle(nodes, np.array([[0, 1, 2, 3]]))
    np.testing.assert_allclose(angle, np.arccos(1 / 3))
