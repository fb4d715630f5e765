from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.voxels_checks import examined
from tests.label_maps import BODY, left_ventricle_map


@pytest.fixture(scope="module")
def heart():
    return left_ventricle_map()


def refusal(label_map):
    refused = [f for f in examined(label_map)[1] if f.kind is GeometryFindingKind.REFUSED]
    assert refused
    assert all(f.remedy for f in refused)
    return refused[0]


def place_of(label_map, *index):
    return label_map.affine[:3, :3] @ index + label_map.affine[:3, 3]


def test_a_sound_heart_is_left_as_it_is(heart):
    cleaned, findings = examined(heart)
    np.testing.assert_array_equal(cleaned.labels, heart.labels)
    assert {f.kind for f in findings} == {GeometryFindingKind.TOLD}


def test_an_empty_map_is_refused(heart):
    assert "no voxel" in refusal(replace(heart, labels=np.zeros_like(heart.labels))).text


def test_an_undivided_heart_is_sent_to_the_template(heart):
    labels = np.where(heart.labels > 0, Structure.HEART, 0).astype(np.uint8)
    assert "template" in refusal(replace(heart, labels=labels)).remedy


def test_muscle_that_encloses_nothing_is_refused(heart):
    labels = np.where(heart.labels > 0, Structure.LV_MUSCLE, 0).astype(np.uint8)
    assert "blood" in refusal(replace(heart, labels=labels)).text


def test_unknown_label_values_are_named(heart):
    labels = heart.labels.copy()
    labels[:3], labels[3] = 77, 200
    assert "77, 200" in refusal(replace(heart, labels=labels)).text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda a: a * 0.0, "inverted"),
        (lambda a: a @ np.diag([1.0, 1.0, 0.0, 1.0]), "inverted"),
        (lambda a: np.full((4, 4), np.nan), "finite"),
    ],
)
def test_an_affine_that_cannot_be_used_is_refused(heart, change, told):
    assert told in refusal(replace(heart, affine=change(heart.affine))).text


def test_a_single_slice_is_refused(heart):
    middle = heart.labels.shape[2] // 2
    assert "slices" in refusal(replace(heart, labels=heart.labels[:, :, middle : middle + 1])).text


@pytest.mark.parametrize(
    ("factor", "told"),
    [
        (1e3, "too long by 1000"),
        (1e-3, "too short by 1000"),
        (10.0, "too long by 10"),
        (0.1, "too short by 10"),
    ],
)
def test_lengths_in_another_unit_are_caught(heart, factor, told):
    scaled = replace(heart, affine=heart.affine @ np.diag([factor] * 3 + [1.0]))
    assert told in refusal(scaled).text


def test_two_hearts_are_refused_and_the_second_located(heart):
    labels = np.concatenate([heart.labels, heart.labels], axis=0)
    finding = refusal(LabelMap(labels, heart.affine))
    assert "two large parts" in finding.text
    n = heart.labels.shape[0]
    first, second = place_of(heart, n / 2, 31, 31), place_of(heart, 1.5 * n, 31, 31)
    gap = min(np.linalg.norm(np.array(finding.places[0]) - c) for c in (first, second))
    assert gap < 5e-3


def test_specks_are_removed_counted_and_located(heart):
    labels = heart.labels.copy()
    labels[2:4, 2:4, 2:4] = labels[57:59, 3:5, 50:52] = Structure.LV_BLOOD
    cleaned, findings = examined(replace(heart, labels=labels))
    np.testing.assert_array_equal(cleaned.labels, heart.labels)
    (finding,) = [f for f in findings if f.kind is GeometryFindingKind.REPAIRED]
    assert finding.text == "2 loose specks of LV_BLOOD removed, 0.13 mL"


def test_a_speck_inside_another_structure_becomes_that(heart):
    labels = heart.labels.copy()
    middle = tuple(n // 2 for n in labels.shape)
    labels[middle] = Structure.RV_BLOOD
    labels[5:30, 5:8, 5:30] = Structure.RV_BLOOD
    cleaned, _ = examined(replace(heart, labels=labels))
    assert cleaned.labels[middle] == Structure.LV_BLOOD


def test_enclosed_holes_are_filled_with_what_surrounds_them(heart):
    labels = heart.labels.copy()
    middle = tuple(slice(n // 2 - 1, n // 2 + 1) for n in labels.shape)
    labels[middle] = Structure.BACKGROUND
    cleaned, findings = examined(replace(heart, labels=labels))
    np.testing.assert_array_equal(cleaned.labels, heart.labels)
    (finding,) = [f for f in findings if f.kind is GeometryFindingKind.REPAIRED]
    assert finding.text == "1 enclosed hole filled, 0.064 mL"
    np.testing.assert_allclose(finding.places[0], place_of(heart, 31, 31, 31), atol=2e-3)


def test_a_cavity_enclosed_by_unlabelled_blood_is_taken_for_blood(heart):
    labels = np.where(heart.labels == Structure.LV_BLOOD, 0, heart.labels).astype(np.uint8)
    cleaned, findings = examined(replace(heart, labels=labels))
    np.testing.assert_array_equal(cleaned.labels, heart.labels)
    assert [f.structure for f in findings if f.kind is GeometryFindingKind.REPAIRED] == [
        Structure.LV_BLOOD
    ]


def test_labels_at_the_edge_are_told_with_their_place(heart):
    cropped = replace(heart, labels=heart.labels[:, :, :40].copy())
    told = [f for f in examined(cropped)[1] if "edge" in f.text]
    assert {f.structure for f in told} == {Structure.LV_BLOOD, Structure.LV_MUSCLE}
    edge = place_of(heart, 0, 0, 39)[2]
    np.testing.assert_allclose([f.places[0, 2] for f in told], edge)


def test_missing_chambers_are_told(heart):
    missing = {f.structure for f in examined(heart)[1] if "no such chamber" in f.text}
    assert missing == {Structure.RV_BLOOD, Structure.LA_BLOOD, Structure.RA_BLOOD}


def test_the_body_frame_of_the_test_hearts_is_right():
    np.testing.assert_allclose(BODY @ BODY.T, np.eye(3), atol=1e-12)
