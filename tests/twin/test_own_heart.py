"""From files to a heart, on label images of known volumes.

Images of 3 to 4 mm and tissue of 5 mm: the shape is coarse, the way through is the whole one.
"""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.anatomy.completion import Provenance
from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.regions import Cavity
from organtwin.errors import InputError
from organtwin.patient.geometry.mapping import mapping_text, preset, preset_names
from organtwin.patient.geometry.source import HeartSource
from organtwin.twin import own_heart
from organtwin.twin.own_heart import CHAMBERS, building_heart
from tests.label_maps import BODY, biventricular_map, whole_heart_map
from tests.own_hearts import four_chambers, written_map
from tests.patient.geometry.written_images import small_heart, write_nifti
from tests.patient.geometry.written_meshes import dome, lattice_cup, write_carp, write_ply

SPACING = 5e-3
CHAMBER_OF = dict(zip(CHAMBERS, Cavity, strict=True))


def steps_of(source):
    return list(building_heart(source, tissue_spacing=SPACING))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The steps from an image of four chambers, built once."""
    return steps_of(
        HeartSource((four_chambers(tmp_path_factory.mktemp("ct") / "ct.nii.gz"),), "organtwin")
    )


@pytest.fixture(scope="module")
def two_ventricles(tmp_path_factory):
    file = tmp_path_factory.mktemp("cmr") / "cmr.nii"
    return steps_of(HeartSource((written_map(file, biventricular_map((4.0,) * 3)),), "organtwin"))


def assert_sentences(findings):
    assert findings
    for text in findings:
        assert text[0].isupper() or text[0].isdigit(), text
        assert text.endswith((".", "?")), text


def assert_heart(heart, cavities):
    assert heart.volumes.keys() == heart.anatomy.cavities.keys() == set(cavities)
    assert heart.quality.inverted == 0
    assert heart.anatomy.architecture is not None
    assert_sentences(heart.findings)


def test_progress_never_goes_back_and_ends_with_the_heart(whole, two_ventricles):
    for steps in (whole, two_ventricles):
        fractions = [step.fraction for step in steps]
        assert fractions == sorted(fractions)
        assert fractions[0] == 0.0
        assert fractions[-1] == 1.0
        assert max(np.diff(fractions)) < 0.35
        assert [step.heart is not None for step in steps] == [False] * (len(steps) - 1) + [True]
        assert all(step.message for step in steps)


def test_four_chambers_become_a_heart_of_their_volumes(whole):
    heart = whole[-1].heart
    assert_heart(heart, Cavity)
    values, affine = small_heart(4.0)
    voxel = abs(np.linalg.det(affine[:3, :3])) * 1e-9
    for structure, cavity in CHAMBER_OF.items():
        labelled = voxel * np.count_nonzero(values == structure)
        assert heart.given[cavity] == pytest.approx(labelled, rel=0.03)
        assert heart.volumes[cavity] == pytest.approx(labelled, rel=0.03)


def test_what_the_image_shows_is_measured(whole):
    heart = whole[-1].heart
    assert heart.provenance == dict.fromkeys(
        (*CHAMBERS, Structure.LV_MUSCLE), Provenance.MEASURED
    )  # fmt: skip


def test_the_warp_brings_the_template_to_the_patient(whole):
    from organtwin.anatomy.template_file import load_template

    heart = whole[-1].heart
    for cavity in (Cavity.LV, Cavity.RV):
        there = heart.warp.carried(load_template().cavities[cavity].points).mean(axis=0)
        own = heart.anatomy.cavities[cavity].points.mean(axis=0)
        assert np.linalg.norm(there - own) < 12e-3


def test_two_ventricles_are_a_heart_without_atria(two_ventricles):
    heart = two_ventricles[-1].heart
    assert_heart(heart, (Cavity.LV, Cavity.RV))
    assert Structure.LA_BLOOD not in heart.provenance
    assert any("LA_BLOOD" in text for text in heart.findings)
    for cavity in (Cavity.LV, Cavity.RV):
        assert heart.volumes[cavity] == pytest.approx(heart.given[cavity], rel=0.03)


def outline(path):
    labels = whole_heart_map(2.5)
    return written_map(
        path, replace(labels, labels=np.uint8(Structure.HEART) * (labels.labels > 0))
    )


def test_the_outline_of_a_heart_is_refused_unless_the_template_may_fill_it(tmp_path):
    source = HeartSource((outline(tmp_path / "heart.nii"),), "organtwin")
    with pytest.raises(InputError, match="complete = true") as caught:
        steps_of(source)
    assert caught.value.field == "chambers"
    assert "mL" in caught.value.got


@pytest.mark.slow
def test_the_outline_of_a_heart_is_filled_from_the_template(tmp_path):
    source = HeartSource((outline(tmp_path / "heart.nii"),), "organtwin", complete=True)
    steps = steps_of(source)
    heart = steps[-1].heart
    assert_heart(heart, Cavity)
    assert Provenance.MEASURED not in {heart.provenance[chamber] for chamber in CHAMBERS}
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)


def surfaces(folder):
    heights = {"epicardium": (36.0, 34.0, 52.0), "lv_endocardium": (26.0, 24.0, 42.0)}
    files = []
    for part, semi in heights.items():
        points, triangles = dome(semi, 0.2)
        files.append(write_ply(folder / f"{part}.ply", points @ BODY, triangles))
    return tuple(files)


def cup(folder):
    points, tets = lattice_cup(4.0)
    return (write_carp(folder / "cup.elem", points @ BODY, tets),)


@pytest.mark.parametrize("files", [surfaces, cup])
def test_meshes_are_read_and_filled_before_the_template_is_brought_to_them(tmp_path, files):
    steps = building_heart(HeartSource(files(tmp_path), unit="mm", axes="LPS"))
    assert "Reading" in next(steps).message
    assert "template" in next(steps).message


@pytest.mark.slow
@pytest.mark.parametrize("files", [surfaces, cup])
def test_meshes_become_a_left_ventricle(tmp_path, files):
    source = HeartSource(files(tmp_path), unit="mm", axes="LPS")
    heart = steps_of(source)[-1].heart
    assert_heart(heart, (Cavity.LV,))
    assert heart.volumes[Cavity.LV] == pytest.approx(heart.given[Cavity.LV], rel=0.03)


@pytest.mark.slow
def test_contours_bring_the_template_to_them(shared_data):
    file = shared_data / "images" / "cmr-contours" / "patient_2_gpdata" / "GPFile_012.txt"
    if not file.is_file():
        pytest.skip("no contours in shared/data")
    steps = steps_of(HeartSource((file,)))
    heart = steps[-1].heart
    assert_heart(heart, Cavity)
    assert heart.provenance[Structure.LV_BLOOD] is Provenance.MEASURED
    assert heart.provenance[Structure.LA_BLOOD] is not Provenance.MEASURED
    assert not heart.given
    assert any("RV_INSERT" in text for text in heart.findings)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_a_frame_that_the_contours_lack_is_told_with_those_they_have(shared_data):
    file = shared_data / "images" / "cmr-contours" / "patient_1_gpdata" / "GPFile_000.txt"
    if not file.is_file():
        pytest.skip("no contours in shared/data")
    with pytest.raises(InputError, match="frame: expected one of 0, 1, got 7"):
        steps_of(HeartSource((file,), frame=7))


@cache
def numbered(name):
    """The same heart with numbers of its own."""
    values, affine = small_heart(12.0)
    return values + (values > 0) * 130, affine


def written(folder, name="own.nii"):
    return write_nifti(folder / name, *numbered(name))


def test_numbers_that_no_preset_knows_ask_for_a_mapping(tmp_path):
    with pytest.raises(InputError, match="label mapping") as caught:
        steps_of(HeartSource((written(tmp_path),)))
    for name in preset_names():
        assert name in caught.value.remedy


def test_an_unknown_mapping_is_told_with_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="'totalsegmentor'") as caught:
        steps_of(HeartSource((written(tmp_path),), "totalsegmentor"))
    for name in preset_names():
        assert name in caught.value.remedy


def test_a_mapping_file_gives_numbers_their_meaning(tmp_path):
    usual = preset("organtwin")
    mine = replace(usual, values={value + 130: kind for value, kind in usual.values.items()})
    (tmp_path / "mine.toml").write_text(mapping_text(mine), encoding="utf-8")
    file = write_nifti(tmp_path / "own.nii", *numbered("own"))
    steps = building_heart(HeartSource((file,), str(tmp_path / "mine.toml")))
    next(steps)
    assert "template" in next(steps).message  # the labels were read


def test_masks_of_one_structure_do_not_hide_one_another(tmp_path):
    files = tuple(written(tmp_path, f"{name}.nii") for name in ("lv_blood", "other"))
    source = HeartSource(files, parts={"other.nii": Structure.LV_BLOOD})
    with pytest.raises(InputError, match=r"lv_blood\.nii, other\.nii for the same"):
        steps_of(source)


def test_an_open_shell_is_no_mask(tmp_path):
    files = tuple(written(tmp_path, f"{name}.nii") for name in ("lv_blood", "epicardium"))
    with pytest.raises(InputError, match="expected a structure"):
        steps_of(HeartSource(files))


def test_a_closed_surface_beside_tetrahedra_is_not_left_out_silently(tmp_path):
    mesh = write_carp(tmp_path / "cup.elem", *lattice_cup(8.0))
    atrium = write_ply(tmp_path / "la_blood.ply", *dome((20.0, 20.0, 20.0)))
    with pytest.raises(InputError, match="expected endocardia"):
        steps_of(HeartSource((mesh, atrium), unit="mm"))


def test_a_surface_beside_an_image_is_not_left_out_silently(tmp_path):
    files = (written(tmp_path), *surfaces(tmp_path))
    with pytest.raises(InputError, match="files of one kind"):
        steps_of(HeartSource(files, "organtwin"))


def test_what_the_warp_found_is_told_with_label_images_too(tmp_path, monkeypatch):
    def warped(source, targets, end):
        yield from ()
        return None, SimpleNamespace(findings=("The LV is met to 9.0 mm only.",))

    def meshed(source, labels, spacing):
        yield from ()
        return SimpleNamespace(anatomy=None, cavity_volumes={}, findings=(), quality=None)

    monkeypatch.setattr(own_heart, "_warped", warped)
    monkeypatch.setattr(own_heart, "_meshed", meshed)
    monkeypatch.setattr(own_heart, "_with_architecture", lambda anatomy: anatomy)
    source = HeartSource((four_chambers(tmp_path / "ct.nii.gz"),), "organtwin")
    assert "The LV is met to 9.0 mm only." in steps_of(source)[-1].heart.findings
