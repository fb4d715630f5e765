import numpy as np
import pytest

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Border, Cavity
from organtwin.anatomy.template import TISSUE_SPACING, least_wall
from organtwin.anatomy.template_file import load_template


@pytest.fixture(scope="module")
def heart():
    return load_template()


def areas(heart):
    a, b, c = (heart.tissue.nodes[heart.boundary.faces[:, i]] for i in range(3))
    return 0.5 * np.cross(b - a, c - a)


def test_faces_of_one_tetrahedron_point_outward():
    nodes = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    faces, _ = outer_faces(np.array([[0, 1, 2, 3]], np.int32))
    middle = nodes.mean(axis=0)
    for face in faces:
        a, b, c = nodes[face]
        assert np.cross(b - a, c - a) @ (a - middle) > 0


def test_a_shared_face_is_not_outer():
    faces, _ = outer_faces(np.array([[0, 1, 2, 3], [1, 2, 3, 4]], np.int32))
    assert len(faces) == 6
    assert {1, 2, 3} not in [set(face) for face in faces.tolist()]


def test_boundary_is_watertight_and_bounds_the_tissue(heart):
    np.testing.assert_allclose(areas(heart).sum(axis=0), 0.0, atol=1e-10)
    faces, nodes = heart.boundary.faces, heart.tissue.nodes
    edges = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    there, back = edges @ [2**31, 1], edges @ [1, 2**31]
    np.testing.assert_array_equal(np.sort(there), np.sort(back))
    a, b, c = (nodes[faces[:, i]] for i in range(3))
    enclosed = np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0
    t = nodes[heart.tissue.tets]
    filled = np.einsum("ij,ij->", np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), t[:, 3] - t[:, 0])
    assert enclosed == pytest.approx(filled / 6.0, rel=1e-6)


def test_every_chamber_borders_on_its_own_blood(heart):
    places = heart.tissue.nodes[heart.boundary.faces].mean(axis=1) * 1e3
    for cavity, border in (
        (Cavity.LV, Border.LV_BLOOD),
        (Cavity.RV, Border.RV_BLOOD),
        (Cavity.LA, Border.LA_BLOOD),
        (Cavity.RA, Border.RA_BLOOD),
    ):
        own = heart.boundary.borders == border
        distance = np.abs(shape.cavity(cavity)(places[own]))
        assert np.percentile(distance, 90) < 3.0, border
        # The area of a ball of the cavity's volume is the least that could bound it.
        least = 4.84 * (_volume(heart.cavities[cavity])) ** (2 / 3)
        assert np.linalg.norm(areas(heart)[own], axis=1).sum() > 0.85 * least, border


def _volume(surface):
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    return np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0


def test_cuts_lie_in_the_planes_of_the_openings(heart):
    cut = heart.boundary.borders == Border.CUT
    places = heart.tissue.nodes[heart.boundary.faces[cut]].mean(axis=1) * 1e3
    nearest = np.array(
        [
            np.linalg.norm(places - opening.centre, axis=1) / opening.reach
            for opening in shape.OPENINGS
        ]
    )
    assert set(np.argmin(nearest, axis=0)) == set(range(len(shape.OPENINGS)))
    assert nearest.min(axis=0).max() < 1.6


def test_no_outer_face_lies_within_a_wall(heart):
    places = heart.tissue.nodes[heart.boundary.faces].mean(axis=1) * 1e3
    thin = least_wall(TISSUE_SPACING)
    ends = np.max([opening.beyond(places) for opening in shape.OPENINGS], axis=0)
    blood = shape.left_blood(places, thin), shape.right_blood(places, thin)
    distance = np.abs([shape.outside(places), *blood, ends]).min(axis=0)
    assert (distance > 1.0).sum() < 100


def test_epicardium_looks_away_from_the_heart(heart):
    outside = heart.boundary.borders == Border.OUTSIDE
    places = heart.tissue.nodes[heart.boundary.faces[outside]].mean(axis=1) * 1e3
    normal = areas(heart)[outside]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    assert (shape.outside(places + 0.5 * normal) > 0).mean() > 0.97
