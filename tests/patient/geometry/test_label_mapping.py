"""Values and names of a segmentation become structures, and nothing is dropped unsaid."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.finding import Findings, GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError, UnknownNameError
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.labels import fitting_presets, label_map
from organtwin.patient.geometry.mapping import (
    LabelMapping,
    mapping_text,
    preset,
    preset_names,
    read_mapping,
)
from organtwin.patient.geometry.masks import label_map_of_masks
from organtwin.patient.geometry.raw import LabelImage
from tests.patient.geometry.written_images import small_heart

OWN = preset("organtwin")


def heart_image(values: np.ndarray | None = None) -> LabelImage:
    own, affine = small_heart()
    affine = affine.copy()
    affine[:3] *= 1e-3
    return LabelImage(own if values is None else values, affine, "heart.nii")


def texts(findings: Findings, kind: GeometryFindingKind) -> str:
    return "\n".join(str(finding) for finding in findings if finding.kind is kind)


def test_volumes_of_a_mapped_heart_are_those_of_its_voxels() -> None:
    image = heart_image()
    heart = label_map(image, OWN)
    np.testing.assert_array_equal(heart.map.labels, image.values)
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(
        (image.values == Structure.LV_BLOOD).sum() * 0.003**3
    )
    # Of an ellipsoid with these semi-axes; what the atria cover is small.
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(
        4 / 3 * np.pi * 0.025 * 0.023 * 0.031, rel=0.03
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("mm_whs", {5: 500, 6: 600, 7: 420, 8: 550, 1: 205}),
        ("totalsegmentator_v1", {5: 46, 6: 48, 7: 45, 8: 47, 1: 44}),
        ("totalsegmentator_chambers", {5: 3, 6: 5, 7: 2, 8: 4, 1: 1}),
    ],
)
def test_presets_read_the_numbers_of_their_programs(name: str, values: dict[int, int]) -> None:
    own = small_heart()[0]
    foreign = np.zeros_like(own)
    for kind, value in values.items():
        foreign[own == kind] = value
    np.testing.assert_array_equal(label_map(heart_image(foreign), preset(name)).map.labels, own)
    assert name in fitting_presets(heart_image(foreign))


def test_acdc_has_two_ventricles() -> None:
    own = small_heart()[0]
    foreign = np.zeros_like(own)
    for kind, value in ((6, 1), (1, 2), (5, 3)):
        foreign[own == kind] = value
    heart = label_map(heart_image(foreign), preset("acdc"))
    assert set(heart.volumes) == {Structure.RV_BLOOD, Structure.LV_MUSCLE, Structure.LV_BLOOD}


def test_every_preset_can_be_read_and_written_back(tmp_path: Path) -> None:
    assert len(preset_names()) >= 7
    for name in preset_names():
        mapping = preset(name)
        path = tmp_path / f"{name}.toml"
        path.write_text(mapping_text(mapping))
        assert read_mapping(path) == mapping


def test_an_unknown_preset_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="mm_whs"):
        preset("mmwhs")


def test_names_of_segments_are_mapped_without_regard_to_their_spelling() -> None:
    own = small_heart()[0]
    names = {1: "LV-Myocardium", 5: "Left  Ventricle", 6: "heart_ventricle_right",
             7: "Left Atrium", 8: "RA"}  # fmt: skip
    heart = label_map(replace(heart_image(), names=names), preset("names"))
    np.testing.assert_array_equal(heart.map.labels, own)


def test_a_value_beats_a_range_and_a_range_beats_a_name() -> None:
    mapping = LabelMapping(
        "x",
        {7: Structure.LA_BLOOD},
        {(5, 9): Structure.RA_BLOOD},
        {"liver": None, "aorta": Structure.AORTA},
    )
    assert mapping.structure(7, "aorta") is Structure.LA_BLOOD
    assert mapping.structure(8, "aorta") is Structure.RA_BLOOD
    assert mapping.structure(3, "Aorta") is Structure.AORTA
    assert mapping.knows(2, "Liver")
    assert not mapping.knows(2, "spleen")


def test_ignored_values_are_told_with_their_voxels() -> None:
    values = small_heart()[0].copy()
    values[0, 0, :5] = 40
    mapping = replace(OWN, values={**OWN.values, 40: None})
    heart = label_map(replace(heart_image(values), names={40: "liver"}), mapping)
    told = texts(heart.findings, GeometryFindingKind.NOT_USED)
    assert "40 (liver) in 5 voxels" in told


def test_structures_that_the_mapping_awaits_and_the_image_lacks_are_told() -> None:
    told = texts(label_map(heart_image(), OWN).findings, GeometryFindingKind.TOLD)
    assert "pulmonary_artery" in told


def test_stray_voxels_are_located() -> None:
    values = small_heart()[0].copy()
    values[1:3, 1:3, 1:3] = Structure.LV_BLOOD
    heart = label_map(heart_image(values), OWN)
    (finding,) = [f for f in heart.findings if f.kind is GeometryFindingKind.DEFECT]
    affine = heart.map.affine
    expected = affine[:3, :3] @ [1.5, 1.5, 1.5] + affine[:3, 3]
    np.testing.assert_allclose(finding.places, [expected])
    assert "0.22 mL" in finding.text


@pytest.mark.parametrize(
    ("flip", "word"), [((0,), "mirrored"), ((1,), "mirrored"), ((0, 1), "turned")]
)
def test_a_mirrored_or_turned_heart_is_refused_unless_any_position_is_allowed(
    flip: tuple[int, ...], word: str
) -> None:
    image = heart_image(np.flip(small_heart()[0], flip))
    with pytest.raises(InputError, match=word):
        label_map(image, OWN)
    told = texts(label_map(image, OWN, position=Position.ANY).findings, GeometryFindingKind.CONFIRM)
    assert word in told


def test_masks_on_other_grids_meet_in_space() -> None:
    whole = heart_image()
    lv = LabelImage((whole.values == Structure.LV_BLOOD).astype(np.int32), whole.affine, "lv")
    # The same right ventricle, cut out, reversed along x, and on voxels of half the edge.
    rv = whole.values == Structure.RV_BLOOD
    fine = np.repeat(np.repeat(np.repeat(rv, 2, 0), 2, 1), 2, 2)[:, 10:, :]
    step = np.diag([0.5, 0.5, 0.5, 1.0])
    step[:3, 3] = -0.25
    affine = whole.affine @ step
    affine[:3, 3] += affine[:3, :3] @ [len(fine) - 1, 10, 0]
    affine[:3, 0] *= -1
    other = LabelImage(fine[::-1].astype(np.int32), affine, "rv")
    muscle = LabelImage((whole.values == 1).astype(np.int32), whole.affine, "muscle")
    heart = label_map_of_masks(
        {Structure.LV_BLOOD: lv, Structure.RV_BLOOD: other, Structure.LV_MUSCLE: muscle}
    )
    expected = np.where(np.isin(whole.values, (1, 5, 6)), whole.values, 0)
    np.testing.assert_array_equal(heart.map.labels, expected)
    assert "rv: another grid" in texts(heart.findings, GeometryFindingKind.TOLD)


def test_the_grid_grows_to_hold_every_mask() -> None:
    whole = heart_image()
    cropped = whole.values[15:, :, :-5]
    affine = whole.affine.copy()
    affine[:3, 3] += affine[:3, 0] * 15
    lv = LabelImage((cropped == Structure.LV_BLOOD).astype(np.int32), affine, "lv")
    rest = LabelImage((whole.values == Structure.RV_BLOOD).astype(np.int32), whole.affine, "rv")
    muscle = LabelImage((whole.values == 1).astype(np.int32), whole.affine, "muscle")
    heart = label_map_of_masks(
        {Structure.LV_BLOOD: lv, Structure.RV_BLOOD: rest, Structure.LV_MUSCLE: muscle}
    )
    for kind in (Structure.LV_BLOOD, Structure.RV_BLOOD):
        assert heart.map.volume(kind) == pytest.approx((whole.values == kind).sum() * 0.003**3)
    moved = heart.map.affine[:3, :3] @ np.argwhere(heart.map.labels == 6)[0]
    first = whole.affine[:3, :3] @ np.argwhere(whole.values == 6)[0] + whole.affine[:3, 3]
    np.testing.assert_allclose(moved + heart.map.affine[:3, 3], first)


def test_a_segmentation_of_chambers_lacks_no_undivided_heart() -> None:
    told = texts(label_map(heart_image(), OWN).findings, GeometryFindingKind.TOLD)
    assert "heart" not in told


def test_a_refusal_says_where_the_second_heart_is() -> None:
    values = small_heart()[0]
    image = heart_image(np.concatenate([values, np.zeros_like(values)[:3], values]))
    with pytest.raises(InputError, match="one connected heart") as refused:
        label_map(image, OWN, position=Position.ANY)
    first, second = np.array(refused.value.places)
    apart = image.affine[:3, 0] * (len(values) + 3)
    np.testing.assert_allclose(np.abs(second - first), np.abs(apart), atol=1e-9)
