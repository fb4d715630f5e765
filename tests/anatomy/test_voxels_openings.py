from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.voxels_axes import heart_axes, turned
from organtwin.anatomy.voxels_openings import continued, found_openings, open_faces
from tests.label_maps import (
    BODY,
    LV_RADII,
    MM,
    TO_BASE,
    TO_RIGHT,
    biventricular_map,
    left_ventricle_map,
    rotation,
)


@pytest.fixture(scope="module")
def cut_heart():
    return biventricular_map((2.0, 2.0, 2.0))


@pytest.fixture(scope="module")
def closed_heart():
    return left_ventricle_map()


def with_hole(heart, radius_mm, direction=(1.0, 0.0, 0.0)):
    """The LV with its wall taken away around one direction of its own frame."""
    index = np.argwhere(heart.labels == Structure.LV_MUSCLE)
    own = (index @ heart.affine[:3, :3].T + heart.affine[:3, 3]) / MM @ BODY.T
    direction = np.array(direction)
    across = np.linalg.norm(own - np.outer(own @ direction, direction), axis=1)
    gone = index[(across < radius_mm) & (own @ direction > 0)]
    labels = heart.labels.copy()
    labels[tuple(gone.T)] = 0
    return replace(heart, labels=labels)


def test_open_faces_add_up_to_the_area_of_a_flat_opening(cut_heart):
    faces, total = open_faces(cut_heart, Structure.LV_BLOOD)
    area = faces.areas.sum(axis=0)
    np.testing.assert_allclose(
        np.linalg.norm(area), np.pi * LV_RADII[0] * LV_RADII[1] * MM**2, rtol=0.03
    )
    assert area @ TO_BASE > 0.99 * np.linalg.norm(area)
    assert 0 < len(faces.centres) < 0.5 * total


@pytest.mark.parametrize(
    ("voxel", "axes"),
    [
        ((2.0, 2.0, 2.0), None),
        ((1.5, 1.5, 3.0), rotation((1, -1, 2), 35)),
        ((2, 2, 2), np.diag([1, -1, 1])),
    ],
)
def test_a_flat_base_is_one_cut_where_it_is(voxel, axes):
    cuts, holed, told = found_openings(biventricular_map(voxel, axes))
    assert not holed
    assert [f.kind for f in told] == [GeometryFindingKind.TOLD] * 2
    assert len(cuts.base_centres) == 1
    assert cuts.base_normals[0] @ TO_BASE > 0.9999
    assert abs(cuts.base_centres[0] @ TO_BASE) < 0.1 * MM


@pytest.mark.parametrize("rv_base", [-6.0, 0.0, 3.0])
def test_blood_without_a_wall_is_cut_where_it_ends_flat(rv_base):
    heart = biventricular_map((2.0, 2.0, 2.0), rv_muscle=False, rv_base=rv_base)
    cuts, _, _ = found_openings(heart)
    heights = np.sort(cuts.base_centres @ TO_BASE / MM)
    wanted = [0.0] if rv_base == 0.0 else sorted([0.0, rv_base])
    np.testing.assert_allclose(heights, wanted, atol=0.3)


def test_the_labels_go_on_mirrored_beyond_a_cut(cut_heart):
    cuts, _, _ = found_openings(cut_heart)
    whole = continued(cut_heart, cuts, 8e-3)
    inverse = np.linalg.inv(whole.affine[:3, :3])
    for height, label in ((5.0, Structure.LV_BLOOD), (12.0, 0)):
        index = np.rint(inverse @ (TO_BASE * height * MM - whole.affine[:3, 3])).astype(int)
        assert whole.labels[tuple(index)] == label


def test_what_goes_on_beyond_a_cut_is_the_mirror_image(cut_heart):
    depth = 30.0
    cuts, _, _ = found_openings(cut_heart)
    whole = continued(cut_heart, cuts, depth * MM)
    a, b, c = LV_RADII
    below = np.pi * a * b * (depth - depth**3 / (3 * c**2)) * MM**3
    added = whole.volume(Structure.LV_BLOOD) - cut_heart.volume(Structure.LV_BLOOD)
    np.testing.assert_allclose(added, below, rtol=0.01)


def test_a_margin_is_left_around_the_labels(closed_heart):
    cuts, _, _ = found_openings(closed_heart)
    whole = continued(closed_heart, cuts, 7e-3)
    used = np.argwhere(whole.labels > 0)
    np.testing.assert_array_equal(used.min(axis=0), 4)
    np.testing.assert_array_equal(np.array(whole.labels.shape) - 1 - used.max(axis=0), 4)
    assert whole.volume(Structure.LV_BLOOD) == closed_heart.volume(Structure.LV_BLOOD)
    first, same = np.argwhere(closed_heart.labels > 0)[0], used[0]
    np.testing.assert_allclose(
        closed_heart.affine @ [*first, 1], whole.affine @ [*same, 1], atol=1e-12
    )


def test_the_edge_of_the_image_is_a_cut(closed_heart):
    cropped = LabelMap(closed_heart.labels[:, :, :36].copy(), closed_heart.affine)
    cuts, _, _ = found_openings(cropped)
    np.testing.assert_allclose(cuts.edge_normals, [[0, 0, 1]], atol=1e-12)
    edge = closed_heart.affine[2, 3] + 35.5 * closed_heart.affine[2, 2]
    points = np.array([[0.0, 0.0, edge - 0.003], [0.0, 0.0, edge + 0.002]])
    np.testing.assert_allclose(cuts.beyond(points), [-0.003, 0.002], atol=1e-12)


def test_a_hole_in_a_wall_is_repaired_and_located(closed_heart):
    _, holed, told = found_openings(with_hole(closed_heart, 9.0))
    assert holed == {Structure.LV_BLOOD}
    (finding,) = told
    assert finding.kind is GeometryFindingKind.REPAIRED
    own = BODY @ np.array(finding.places[0]) / MM
    np.testing.assert_allclose(own, [24.0, 0.0, 0.0], atol=3.0)


def test_a_wall_that_is_mostly_missing_is_refused(closed_heart):
    half = with_hole(with_hole(closed_heart, 80.0), 80.0, (0.0, 1.0, 0.0))
    _, _, told = found_openings(half)
    assert [f.kind for f in told] == [GeometryFindingKind.REFUSED]
    assert "open" in told[0].text


def test_axes_follow_the_heart(cut_heart):
    axes = heart_axes(cut_heart, found_openings(cut_heart)[0])
    assert axes.to_base @ TO_BASE > 0.999
    assert axes.to_right @ TO_RIGHT > 0.98
    np.testing.assert_allclose(axes.apex @ TO_BASE / MM, -80.0, atol=3.0)
    assert axes.has_right
    heights = axes.heights(np.array([axes.apex, 0.5 * (axes.apex + axes.base), axes.base]))
    np.testing.assert_allclose(heights, [0.0, 0.5, 1.0], atol=1e-9)


@pytest.mark.parametrize(
    ("flips", "told"),
    [
        ((1, 1, 1), None),
        ((-1, 1, 1), "left and right exchanged: a mirror image"),
        ((1, -1, 1), "front and back exchanged: a mirror image"),
        ((1, 1, -1), "head and foot exchanged: a mirror image"),
        ((-1, -1, 1), "left and right and front and back exchanged: turned by half a turn"),
    ],
)
def test_a_mirrored_heart_is_told_and_not_turned(cut_heart, flips, told):
    turn = np.diag([*map(float, flips), 1.0])
    heart = LabelMap(cut_heart.labels, turn @ cut_heart.affine)
    findings = turned(heart_axes(heart, found_openings(heart)[0]))
    if told is None:
        assert not findings
    else:
        assert told in findings[0].text
        assert findings[0].kind is GeometryFindingKind.TOLD
