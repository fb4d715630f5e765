"""What files of a heart hold is told before anything is built from them."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.case_heart import heart_entries
from organtwin.patient.geometry.inspection import FileKind, inspected, may_show_heart
from organtwin.patient.geometry.mapping import LabelMapping, read_mapping
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.voxelizing import Shell
from tests.patient.geometry.written_images import small_heart, write_dicom_seg, write_nifti
from tests.patient.geometry.written_meshes import dome, lattice_cup, write_carp, write_ply


@pytest.fixture
def image(tmp_path: Path) -> Path:
    values, lps = small_heart()
    return write_nifti(tmp_path / "heart.nii", values.astype(np.int16), lps)


def test_every_value_of_an_image_is_counted_with_its_volume(image: Path) -> None:
    told = inspected([image])
    values, _ = small_heart()
    voxels = int((values == Structure.LV_BLOOD).sum())
    row = next(row for row in told.labels if row.value == Structure.LV_BLOOD)
    assert row.voxels == voxels
    assert row.volume == pytest.approx(voxels * 27e-9)
    assert told.files[0].kind is FileKind.IMAGE
    assert "40 x 40 x 40 voxels of 3 x 3 x 3 mm" in told.files[0].about


def test_presets_that_fit_come_first(image: Path) -> None:
    told = inspected([image])
    assert told.fitting[0] == "organtwin"
    assert tuple(told.presets)[: len(told.fitting)] == told.fitting
    assert "mm_whs" in told.presets
    assert "mm_whs" not in told.fitting


def test_a_single_mask_is_taken_for_the_whole_heart_not_for_one_label_of_many(
    tmp_path: Path,
) -> None:
    values, lps = small_heart()
    mask = write_nifti(tmp_path / "mask.nii", (values > 0).astype(np.int16), lps)
    told = inspected([mask])
    assert told.fitting[0] == "whole_heart"
    assert "acdc" in told.fitting


def test_masks_are_told_by_their_names_and_have_no_table(tmp_path: Path) -> None:
    values, lps = small_heart()
    files = [tmp_path / "lv_blood.nii", tmp_path / "other.nii"]
    for file, kind in zip(files, (Structure.LV_BLOOD, Structure.RV_BLOOD), strict=True):
        write_nifti(file, (values == kind).astype(np.int16), lps)
    told = inspected(files)
    assert [file.part for file in told.files] == [Structure.LV_BLOOD, None]
    assert told.labels == ()


def test_surfaces_and_tetrahedra_are_told_apart(tmp_path: Path) -> None:
    inner = write_ply(tmp_path / "endo_lv.ply", *dome((24.0, 24.0, 34.0)))
    cup = write_carp(tmp_path / "cup.elem", *lattice_cup())
    told = inspected([inner, cup])
    assert [file.kind for file in told.files] == [FileKind.SURFACE, FileKind.TETS]
    assert told.files[0].part is Shell.LV_ENDOCARDIUM
    assert "48 x 48 x 68 mm" in told.files[0].about
    assert "tetrahedra" in told.files[1].about


def test_files_of_one_carp_mesh_are_told_to_belong_together(tmp_path: Path) -> None:
    cup = write_carp(tmp_path / "cup.elem", *lattice_cup())
    other = write_carp(tmp_path / "other.elem", *lattice_cup())
    told = inspected([cup, cup.with_suffix(".pts"), other])
    assert told.files[1].about == "belongs to cup.elem"
    assert "not used" in told.files[2].about


def test_a_file_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"extension: expected one of \.nii"):
        inspected([tmp_path / "case.json"])


def test_of_dicom_files_only_segmentations_are_hearts(tmp_path: Path) -> None:
    values, lps = small_heart()
    masks = {1: values == Structure.LV_BLOOD}
    segmentation = write_dicom_seg(tmp_path / "seg.dcm", masks, {1: "LV"}, lps)
    recording = tmp_path / "ecg.dcm"
    recording.write_bytes(segmentation.read_bytes().replace(b"SEG ", b"ECG "))
    assert may_show_heart(segmentation)
    assert not may_show_heart(recording)
    assert not may_show_heart(tmp_path / "absent.dcm")
    assert not may_show_heart(Path("case.json"))
    assert may_show_heart(Path("HEART.NII.GZ"))


def test_a_table_chosen_on_screen_is_kept_beside_the_case(image: Path) -> None:
    table = LabelMapping("mine", {1: Structure.LV_MUSCLE, 2: None})
    entries = heart_entries(HeartSource((image,), table), image.parent)
    written = read_mapping(image.parent / str(entries["labels"]))
    assert written.values == table.values
