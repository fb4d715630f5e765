"""Label maps that hold a part of a heart only, completed from the template."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from organtwin.anatomy.completion import Provenance, anatomy_provenance, completed, divided
from organtwin.anatomy.completion_filling import NAMES, template_labels
from organtwin.anatomy.from_labels import anatomy_from_labels
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping_parts import Part
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.errors import InputError
from tests.warped_hearts import hidden_warp, last

VENTRICLES = (
    Structure.LV_MUSCLE,
    Structure.LV_BLOOD,
    Structure.RV_MUSCLE,
    Structure.RV_BLOOD,
)
BLOOD = (Structure.LV_BLOOD, Structure.RV_BLOOD, Structure.LA_BLOOD, Structure.RA_BLOOD)


@pytest.fixture(scope="module")
def heart():
    return load_template()


@pytest.fixture(scope="module")
def whole(heart):
    """All structures of a heart the fit does not know, voxels of 2.5 mm, patient axes RAI."""
    truth = hidden_warp(1)
    places = truth.carried(heart.tissue.nodes)
    affine = np.diag([-2.5e-3, 2.5e-3, 2.5e-3, 1.0])
    affine[:3, 3] = np.where(np.diag(affine)[:3] > 0, places.min(axis=0), places.max(axis=0))
    empty = LabelMap(np.zeros((4, 4, 4), np.uint8), affine)
    return template_labels(empty, heart, truth)[1]


def only(whole, structures):
    kept = np.isin(whole.labels, structures)
    return LabelMap(np.where(kept, whole.labels, 0).astype(np.uint8), whole.affine)


@pytest.fixture(scope="module")
def finished(heart, whole):
    given = only(whole, VENTRICLES)
    return given, last(completed(given, heart)).completion


def test_measured_voxels_stay_as_they_are(finished):
    given, answer = finished
    for structure in VENTRICLES:
        assert answer.label_map.volume(structure) == pytest.approx(given.volume(structure))
        one, two = (
            np.argwhere(m.labels == structure) @ m.affine[:3, :3].T + m.affine[:3, 3]
            for m in (given, answer.label_map)
        )
        np.testing.assert_allclose(one, two, atol=1e-9)


def test_atria_and_vessels_are_added_near_their_true_size(finished, whole):
    answer = finished[1].label_map
    for structure in (Structure.LA_BLOOD, Structure.RA_BLOOD, Structure.AORTA):
        assert answer.volume(structure) == pytest.approx(whole.volume(structure), rel=0.2)


def test_everything_added_is_said_to_be_the_templates(finished):
    answer = finished[1]
    assert set(answer.provenance) == set(NAMES)
    for structure, provenance in answer.provenance.items():
        measured = structure in VENTRICLES
        assert provenance is (Provenance.MEASURED if measured else Provenance.TEMPLATE)
    (sentence,) = [s for s in answer.findings if "estimates" in s]
    assert "left atrium" in sentence
    assert "left ventricle" not in sentence


@pytest.mark.slow
def test_blood_pools_get_their_walls(heart, whole):
    answer = last(completed(only(whole, BLOOD), heart)).completion
    muscle = answer.label_map.volume(Structure.LV_MUSCLE)
    assert muscle == pytest.approx(whole.volume(Structure.LV_MUSCLE), rel=0.15)
    assert answer.provenance[Structure.LV_MUSCLE] is Provenance.TEMPLATE


@pytest.mark.slow
def test_an_undivided_heart_is_divided_within_its_outline(heart, whole):
    inside = np.isin(whole.labels, range(1, 9))
    given = LabelMap((inside * np.uint8(Structure.HEART)).astype(np.uint8), whole.affine)
    answer = last(completed(given, heart)).completion
    assert answer.provenance[Structure.LV_BLOOD] is Provenance.DIVIDED
    assert answer.provenance[Structure.AORTA] is Provenance.TEMPLATE
    total = sum(answer.label_map.volume(s) for s in Structure if 0 < s < 9)
    assert total <= given.volume(Structure.HEART) * 1.001
    for structure in BLOOD:
        assert answer.label_map.volume(structure) == pytest.approx(
            whole.volume(structure), rel=0.25
        )


def test_coarse_voxels_are_divided_and_every_volume_stays(whole):
    coarse = LabelMap(whole.labels, whole.affine @ np.diag([1.6, 2.2, 0.8, 1.0]))
    fine, told = divided(coarse)
    assert fine.labels.shape == tuple(np.array(coarse.labels.shape) * [2, 3, 1])
    for structure in VENTRICLES:
        assert fine.volume(structure) == pytest.approx(coarse.volume(structure), rel=1e-12)
        one, two = (
            (np.argwhere(m.labels == structure) @ m.affine[:3, :3].T + m.affine[:3, 3]).mean(axis=0)
            for m in (coarse, fine)
        )
        np.testing.assert_allclose(one, two, atol=1e-9)
    assert "4.0 x 5.5 x 2.0 mm" in told[0]
    assert divided(whole) == (whole, ())


@pytest.mark.slow
def test_an_outline_on_coarse_voxels_is_completed_and_meshed(heart, whole):
    inside = np.isin(whole.labels, range(1, 9))
    larger = 4.0 / 2.5
    index = np.indices((np.array(inside.shape) / larger).astype(int)) * larger
    seen = map_coordinates(inside.astype(float), index, order=1) > 0.5
    given = LabelMap(
        (seen * np.uint8(Structure.HEART)).astype(np.uint8),
        whole.affine @ np.diag([larger, larger, larger, 1.0]),
    )
    size = np.isin(whole.labels, range(1, 9)).sum() * whole.voxel_volume
    assert given.volume(Structure.HEART) == pytest.approx(size, rel=0.03)
    answer = last(completed(given, heart)).completion
    assert any("divided into 2.0" in finding for finding in answer.findings)
    meshed = last(anatomy_from_labels(answer.label_map, tissue_spacing=4e-3)).result
    assert set(meshed.anatomy.cavities) == set(Cavity)


def test_a_map_without_a_chamber_is_refused(heart, whole):
    with pytest.raises(InputError, match="at least one chamber"):
        last(completed(only(whole, (Structure.AORTA,)), heart))
    empty = LabelMap(np.zeros((5, 5, 5), np.uint8), np.eye(4) * 1e-3)
    with pytest.raises(InputError, match="background only"):
        last(completed(empty, heart))


def test_an_anatomy_says_what_its_targets_showed():
    points = Target(np.zeros((1, 3)))
    parts = (Part.LV_ENDOCARDIUM, Part.LV_EPICARDIUM, Part.RV_FREE_WALL, Part.RV_SEPTUM)
    found = anatomy_provenance(
        Targets(dict.fromkeys(parts, points), {Cavity.LA: 60e-6}),
    )
    measured = {s for s, p in found.items() if p is Provenance.MEASURED}
    assert measured == {Structure.LV_BLOOD, Structure.LV_MUSCLE, Structure.RV_BLOOD}
    assert found[Structure.LA_BLOOD] is Provenance.SIZED
    assert found[Structure.RA_BLOOD] is Provenance.TEMPLATE
    outlined = anatomy_provenance(Targets({Part.HEART: points}))
    assert outlined[Structure.LV_MUSCLE] is Provenance.DIVIDED
    assert outlined[Structure.AORTA] is Provenance.TEMPLATE
