"""Outer faces of tetrahedra and how faces are found again."""

import numpy as np

from organtwin.anatomy.outer_faces import matched, outer_faces
from tests.anatomy.hearts import lv_alone


def test_faces_look_outward_and_enclose_the_volume():
    tissue, _ = lv_alone()
    faces, owners = outer_faces(tissue.tets)
    a, b, c = (tissue.nodes[faces[:, i]] for i in range(3))
    enclosed = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
    edges = tissue.nodes[tissue.tets][:, 1:] - tissue.nodes[tissue.tets][:, :1]
    assert np.isclose(enclosed, np.linalg.det(edges).sum() / 6)
    assert all(
        set(face) <= set(tissue.tets[owner]) for face, owner in zip(faces, owners, strict=True)
    )


def test_faces_are_found_whatever_the_order_of_their_corners():
    among = np.array([[5, 2, 9], [1, 2, 3], [7, 8, 9]])
    row, found = matched(np.array([[9, 8, 7], [2, 5, 9], [1, 2, 4]]), among)
    assert found.tolist() == [True, True, False]
    assert row[:2].tolist() == [2, 0]


def test_nothing_is_found_among_no_faces():
    _, found = matched(np.array([[0, 1, 2]]), np.zeros((0, 3), int))
    assert not found.any()
