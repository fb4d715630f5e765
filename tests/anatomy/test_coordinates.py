"""Coordinates on shells whose own are known, in any pose and numbering."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.coordinates import INSERTION, Landmarks
from organtwin.anatomy.mesh import Boundary, Tissue
from organtwin.anatomy.outer_faces import matched, outer_faces
from organtwin.anatomy.regions import Border, Region, Segment
from organtwin.anatomy.stuffing import stuffed
from organtwin.anatomy.ventricles import ventricles, with_walls
from organtwin.errors import InputError
from tests.anatomy.hearts import (
    LENGTH,
    RADIUS,
    WALL,
    biventricular,
    lv_alone,
    rv_shape,
    shuffled,
    template,
    template_architecture,
)


@pytest.fixture(scope="module")
def alone():
    return architecture(*lv_alone())


@pytest.fixture(scope="module")
def both():
    return architecture(*biventricular())


def _depth(points):
    """Share of the wall between the ellipsoids of the shell, by bisection."""
    low, high = np.full(len(points), -3.0), np.full(len(points), WALL + 3.0)
    for _ in range(40):
        grown = (low + high) / 2
        level = (points[:, 0] ** 2 + points[:, 1] ** 2) / (RADIUS + grown) ** 2
        outside = level + points[:, 2] ** 2 / (LENGTH + grown) ** 2 > 1
        low, high = np.where(outside, grown, low), np.where(outside, high, grown)
    return grown / WALL


def _meridian_share(points):
    """Arc length along the middle ellipsoid from apex to base, as a share of the whole."""
    a, c = RADIUS + WALL / 2, LENGTH + WALL / 2
    angle = np.linspace(0, np.pi / 2, 2000)
    speed = np.hypot(a * np.cos(angle), c * np.sin(angle))
    length = np.concatenate([[0], np.cumsum((speed[1:] + speed[:-1]) / 2 * np.diff(angle))])
    own = np.arctan2(np.hypot(points[:, 0], points[:, 1]) / a, -points[:, 2] / c)
    return np.interp(own, angle, length / length[-1])


def test_transmural_is_even_through_the_wall(alone):
    points = lv_alone()[0].nodes * 1e3
    wall = (points[:, 2] > -55) & (points[:, 2] < -4)  # below the rim, whose nodes are on two sides
    error = alone.transmural[wall] - _depth(points[wall])
    assert np.abs(error).max() < 0.03
    assert np.corrcoef(alone.transmural[wall], _depth(points[wall]))[0, 1] ** 2 > 0.999


def test_apicobasal_is_even_in_arc_length_and_rises_from_apex_to_base(alone):
    points = lv_alone()[0].nodes * 1e3
    middle = np.abs(alone.transmural - 0.5) < 0.2
    share = _meridian_share(points[middle])
    assert np.abs(alone.apicobasal[middle] - share).max() < 0.06
    assert spearmanr(alone.apicobasal[middle], share).statistic > 0.998
    assert alone.apicobasal.min() == 0.0
    assert alone.apicobasal.max() == 1.0


def test_rotation_without_rv_is_the_angle_from_right_and_forward(alone):
    points = lv_alone()[0].nodes * 1e3
    off_axis = np.hypot(points[:, 0], points[:, 1]) > 5
    # base up, septum towards (-1, -1): anterior is upward x septal = (1, -1)
    angle = np.arctan2(points @ np.array([1, -1, 0]), points @ np.array([-1, -1, 0]))
    gap = np.angle(np.exp(1j * (alone.rotational - angle)))[off_axis]
    assert np.degrees(np.abs(gap)).max() < 6


def test_given_insertions_turn_the_zero_of_rotation(alone):
    tissue, boundary = lv_alone()
    places = {
        "anterior_insertion": np.array([0.03, 0.02, -0.02]),
        "inferior_insertion": np.array([0.03, -0.02, -0.02]),
    }
    turned = architecture(tissue, boundary, landmarks=Landmarks(**places))
    for name, rotation in (("anterior_insertion", INSERTION), ("inferior_insertion", -INSERTION)):
        near = np.linalg.norm(tissue.nodes - places[name], axis=1).argmin()
        assert turned.rotational[near] == pytest.approx(rotation, abs=0.15)


def test_a_given_apex_is_where_the_height_begins():
    tissue, boundary = lv_alone()
    apex = np.array([0.010, 0.0, -0.0765])
    moved = architecture(tissue, boundary, landmarks=Landmarks(apex=apex))
    lowest = tissue.nodes[moved.apicobasal == 0]
    assert np.linalg.norm(lowest - apex, axis=1).min() < 4e-3
    assert lowest[:, 0].max() > 0.008


def test_right_ventricle_is_told_from_the_left_without_labels(both):
    tissue, boundary = biventricular()
    walls = with_walls(tissue, boundary).regions
    middles = tissue.nodes[tissue.tets].mean(axis=1) * 1e3
    scaled = np.hypot(middles[:, 0], middles[:, 1]) / (RADIUS + WALL)
    beyond_lv = scaled**2 + (middles[:, 2] / (LENGTH + WALL)) ** 2 > 1.0
    agree = (walls == Region.RV) == beyond_lv
    assert agree.mean() > 0.97
    blood = rv_shape(middles)[0]
    thin = (walls == Region.SEPTUM) & (blood > 14)
    assert thin.sum() < 0.02 * (walls == Region.SEPTUM).sum()


def test_insertions_lie_at_a_third_of_pi(both):
    tissue, boundary = biventricular()
    muscle = ventricles(tissue, boundary)
    joint = np.intersect1d(muscle.touching(Region.LV), muscle.touching(Region.SEPTUM))
    joint = joint[(both.right[joint] == 0) & (both.apicobasal[joint] > 0.3)]
    away = np.degrees(np.abs(np.abs(both.rotational[joint]) - INSERTION))
    assert np.median(away) < 5
    assert np.percentile(away, 90) < 12
    right = both.rotational[both.right == 1]
    assert np.abs(right).max() <= INSERTION + 1e-6
    assert np.histogram(right, 6, (-INSERTION, INSERTION))[0].min() > 0.1 * len(right)


def test_coordinates_do_not_depend_on_numbering(both):
    tissue, boundary, order, _ = shuffled(*biventricular(), seed=3)
    other = architecture(tissue, boundary)
    for name in ("apicobasal", "transmural", "right"):
        assert np.allclose(getattr(other, name), getattr(both, name)[order], atol=1e-4), name
    turned = np.angle(np.exp(1j * (other.rotational - both.rotational[order])))
    assert np.abs(turned[other.apicobasal > 0.05]).max() < 1e-3


def test_coordinates_do_not_depend_on_the_pose(both):
    tissue, boundary = biventricular()
    random = np.random.default_rng(5)
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    moved = architecture(Tissue(tissue.nodes @ turn.T + 0.3, tissue.tets, tissue.regions), boundary)
    off_axis = both.apicobasal > 0.05
    for name in ("apicobasal", "transmural"):
        assert np.abs(getattr(moved, name) - getattr(both, name)).max() < 1e-3, name
    gap = np.angle(np.exp(1j * (moved.rotational - both.rotational)))[off_axis]
    assert np.abs(gap).max() < 1e-2


def test_the_whole_heart_has_coordinates_in_its_ventricles_only():
    tissue, boundary = template()
    heart = template_architecture()
    inside = np.zeros(len(tissue.nodes), bool)
    inside[tissue.tets[tissue.regions <= Region.RV]] = True
    for name in ("apicobasal", "transmural", "rotational", "right"):
        assert (np.isnan(getattr(heart, name)) == ~inside).all(), name
    left = boundary.faces[boundary.borders == Border.LV_BLOOD]
    assert np.nanpercentile(heart.transmural[left], 95) == 0.0


def test_a_closed_ventricle_has_its_base_at_the_upper_end_of_its_cavity():
    def shell(points):
        scale = np.array([25.0, 25, 42])
        inner = (np.linalg.norm(points / scale, axis=1) - 1) * 25
        return np.maximum(-inner, (np.linalg.norm(points / (scale + 10), axis=1) - 1) * 35)

    nodes, tets = stuffed(shell, np.full(3, -60.0), np.full(3, 60.0), 4.0)
    upward = np.array([-1.0, 1.0, 1.0]) / np.sqrt(3)
    side = np.cross(upward, [1.0, 0, 0])
    side /= np.linalg.norm(side)
    turn = np.stack([side, np.cross(upward, side), upward], axis=1)
    faces, _ = outer_faces(tets)
    outer = np.linalg.norm(nodes[faces].mean(axis=1) / [30, 30, 47], axis=1) > 1
    borders = np.where(outer, Border.OUTSIDE, Border.LV_BLOOD).astype(np.int32)
    tissue = Tissue(nodes @ turn.T * 1e-3, tets, np.zeros(len(tets), np.int32))
    heart = architecture(tissue, Boundary(faces, borders))
    assert nodes[heart.apicobasal == 1.0][:, 2].min() == pytest.approx(33.6, abs=4)
    assert nodes[heart.apicobasal == 0.0][:, 2].max() < -38
    assert np.linalg.norm(heart.fibers, axis=1).min() > 0.999


@pytest.mark.parametrize("missing", [Border.LV_BLOOD, Border.OUTSIDE])
def test_a_heart_that_lacks_a_side_is_refused(missing):
    tissue, boundary = lv_alone()
    wrong = np.where(boundary.borders == missing, Border.VESSEL_BLOOD, boundary.borders)
    with pytest.raises(InputError, match="borders"):
        architecture(tissue, Boundary(boundary.faces, wrong.astype(np.int32)))


def test_a_heart_without_ventricles_is_refused():
    tissue, boundary = lv_alone()
    atrium = Tissue(tissue.nodes, tissue.tets, np.full(len(tissue.tets), Region.LA, np.int32))
    with pytest.raises(InputError, match="regions"):
        architecture(atrium, boundary)


def test_a_vessel_that_lies_against_the_wall_is_no_base(alone):
    tissue, boundary = lv_alone()
    middles = tissue.nodes[tissue.tets].mean(axis=1) * 1e3
    x, _, z = middles.T
    beside = (x > 22) & ((z > -6) | ((_depth(middles) > 0.6) & (z > -45)))  # root, then alongside
    regions = np.where(beside, Region.AORTA, tissue.regions).astype(np.int32)
    assert beside.sum() > 50
    heart = architecture(Tissue(tissue.nodes, tissue.tets, regions), boundary)
    low = ~np.isnan(heart.apicobasal) & (tissue.nodes[:, 2] < -0.025)
    assert np.abs(heart.apicobasal - alone.apicobasal)[low].max() < 0.2


def test_a_crumb_beside_the_heart_takes_the_coordinates_nearest_to_it(alone):
    tissue, boundary = lv_alone()
    crumb = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [0, 0, 2]]) * 1e-3 + [0.0, 0.04, -0.03]
    n = len(tissue.nodes)
    tets = np.concatenate([tissue.tets, [[n, n + 1, n + 2, n + 3]]]).astype(np.int32)
    regions = np.append(tissue.regions, np.int32(Region.LV))
    faces, _ = outer_faces(tets)
    row, found = matched(faces, boundary.faces)
    borders = np.where(found, boundary.borders[row], Border.OUTSIDE).astype(np.int32)
    nodes = np.concatenate([tissue.nodes, crumb])
    heart = architecture(Tissue(nodes, tets, regions), Boundary(faces, borders))
    assert np.allclose(heart.apicobasal[:n], alone.apicobasal, atol=1e-4)
    assert np.isfinite(heart.apicobasal[n:]).all()
    assert heart.transmural[n:].min() == 1.0
    assert np.linalg.norm(heart.fibers[-1]) == pytest.approx(1.0)


def test_a_left_ventricle_with_its_atrium_needs_no_right_heart():
    tissue, boundary = template()
    kept = np.isin(tissue.regions, (Region.LV, Region.SEPTUM, Region.LA, Region.AORTA))
    nodes, tets = np.unique(tissue.tets[kept], return_inverse=True)
    part = Tissue(tissue.nodes[nodes], tets.reshape(-1, 4), tissue.regions[kept])
    faces, _ = outer_faces(part.tets)
    row, found = matched(nodes[faces], boundary.faces)
    blood = np.where(found, boundary.borders[row], Border.OUTSIDE)
    blood[~np.isin(blood, (Border.LV_BLOOD, Border.LA_BLOOD))] = Border.OUTSIDE
    heart = architecture(part, Boundary(faces, blood.astype(np.int32)))
    assert set(np.unique(heart.segments)) == {*range(18), Segment.LEFT_ATRIUM}
    muscle = part.regions != Region.AORTA
    assert np.linalg.norm(heart.fibers[muscle], axis=1).min() > 0.999
