"""The parts found in the template lie where anatomy says."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.mesh import Boundary, enclosed_volume
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Border, Cavity
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping_parts import Part, Piece, heart_voxels, outlines, parts


@pytest.fixture(scope="module")
def heart():
    return load_template()


@pytest.fixture(scope="module")
def pieces(heart):
    return parts(heart)


def test_every_part_is_found(heart, pieces):
    assert {*pieces, *outlines(heart)} == set(Part)


@pytest.mark.parametrize(
    ("part", "opening"),
    [
        (Part.MITRAL_RING, shape.MITRAL),
        (Part.AORTIC_RING, shape.AORTIC),
        (Part.TRICUSPID_RING, shape.TRICUSPID),
        (Part.PULMONARY_RING, shape.PULMONARY),
    ],
)
def test_rings_surround_their_valves(pieces, part, opening):
    ring = pieces[part].points * 1e3
    assert np.linalg.norm(ring.mean(axis=0) - opening.centre) < 8.0
    radius = np.linalg.norm(ring - ring.mean(axis=0), axis=1)
    assert 8.0 < radius.mean() < 25.0
    assert pieces[part].is_line


def test_the_apex_runs_through_the_wall_at_the_tip(pieces):
    inner, outer = pieces[Part.APEX].points
    assert 3e-3 < np.linalg.norm(outer - inner) < 12e-3
    ends = pieces[Part.EPICARDIUM].points @ -shape.HEART_AXES[2]
    assert outer @ -shape.HEART_AXES[2] > ends.max() - 3e-3


def test_endocardium_leaves_out_the_lids(heart, pieces):
    surface = heart.cavities[Cavity.LV]
    whole = Piece(surface.points, surface.triangles)
    assert not whole.at_edge().any()
    assert pieces[Part.LV_ENDOCARDIUM].at_edge().any()
    lid = np.atleast_2d(shape.MITRAL.centre * 1e-3)
    assert pieces[Part.LV_ENDOCARDIUM].distances(lid)[0] > 8e-3
    assert whole.distances(lid)[0] < 2e-3


def test_the_septum_parts_the_ventricles(pieces):
    to_left = pieces[Part.LV_ENDOCARDIUM].distances(pieces[Part.RV_SEPTUM].points)
    assert np.median(to_left) == pytest.approx(9.5e-3, abs=1.5e-3)
    free = pieces[Part.LV_ENDOCARDIUM].distances(pieces[Part.RV_FREE_WALL].points)
    assert np.median(free) > 2 * np.median(to_left)


def test_the_outline_holds_muscle_and_blood(heart):
    grid, inside = heart_voxels(heart)
    volume = inside.sum() * grid.spacing**3
    blood = sum(enclosed_volume(surface) for surface in heart.cavities.values())
    assert 1.5 * blood < volume < 2.0 * blood
    outlined = {part: enclosed_volume(piece) for part, piece in outlines(heart).items()}
    assert outlined[Part.HEART] == pytest.approx(volume, rel=0.02)
    assert 40e-6 < outlined[Part.HEART_AND_TRUNK] - outlined[Part.HEART] < 140e-6


def test_a_boundary_that_is_given_decides_what_is_outside(heart):
    faces, element = outer_faces(heart.tissue.tets)
    middle = heart.tissue.nodes[faces].mean(axis=1)
    borders = np.where(middle[:, 0] > 0.0, Border.OUTSIDE, Border.CUT).astype(np.int32)
    given = parts(replace(heart, boundary=Boundary(faces, borders)))
    assert (
        given[Part.EPICARDIUM].points[given[Part.EPICARDIUM].triangles].mean(axis=1)[:, 0].min() > 0
    )
    assert len(element) == len(faces)


def test_distances_from_a_piece_are_exact(pieces):
    triangle = Piece(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]], np.int32))
    points = np.array([[0.2, 0.2, 0.5], [-1, -1, 0], [2, 0, 0], [1, 1, 0], [0.3, 0.1, 0]])
    expected = [0.5, np.sqrt(2), 1.0, np.sqrt(0.5), 0.0]
    np.testing.assert_allclose(triangle.distances(points), expected, atol=1e-12)
    line = Piece(triangle.points[:2], np.array([[0, 1, 1]], np.int32))
    np.testing.assert_allclose(line.distances(points[[0, 2]]), [np.hypot(0.2, 0.5), 1.0])
