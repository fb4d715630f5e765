"""Label images of every format arrive as they were written: values, places, names, units."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.patient.geometry.raw import LabelImage
from organtwin.patient.geometry.reading import read_label_image
from tests.patient.geometry.written_images import (
    small_heart,
    write_dicom_seg,
    write_nifti,
    write_nrrd,
)


def turned_affine(order: tuple[int, int, int], signs: tuple[int, int, int]) -> np.ndarray:
    """Axes along the patient's, permuted and reversed, with an oblique turn [mm]."""
    axes = np.eye(3)[:, list(order)] * signs * np.array([1.1, 2.0, 3.0])
    angle = 0.3
    oblique = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]]
    )
    affine = np.eye(4)
    affine[:3, :3] = oblique @ axes
    affine[:3, 3] = [12.0, -34.0, 56.0]
    return affine


VALUES = np.arange(4 * 5 * 6).reshape(4, 5, 6) % 7
ORIENTATIONS = [
    turned_affine(order, signs)
    for order in ((0, 1, 2), (1, 2, 0), (2, 1, 0))
    for signs in ((1, 1, 1), (-1, -1, 1), (-1, 1, 1), (1, -1, -1))
]


def assert_same(image: LabelImage, lps_mm: np.ndarray) -> None:
    np.testing.assert_array_equal(image.values, VALUES)
    expected = lps_mm.copy()
    expected[:3] *= 1e-3
    np.testing.assert_allclose(image.affine, expected, atol=2e-8)


def assumed_units(image: LabelImage) -> list[str]:
    return [
        finding.text
        for finding in image.findings
        if finding.kind is GeometryFindingKind.CONFIRM and finding.field == "unit"
    ]


@pytest.mark.parametrize("lps", ORIENTATIONS)
@pytest.mark.parametrize("forms", ["s", "q", "sq"])
def test_nifti_places_voxels_whatever_its_axes(tmp_path: Path, lps: np.ndarray, forms: str) -> None:
    path = write_nifti(tmp_path / "a.nii", VALUES.astype("u1"), lps, forms=forms)
    image = read_label_image(path)
    np.testing.assert_array_equal(image.values, VALUES)
    expected = lps.copy()
    expected[:3] *= 1e-3
    # The quaternion is kept in float32.
    np.testing.assert_allclose(image.affine, expected, atol=5e-8 if forms == "s" else 1e-7)
    assert image.findings == ()


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "i8", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("version", [1, 2])
def test_nifti_of_either_byte_order_and_version(
    tmp_path: Path, kind: str, order: str, version: int
) -> None:
    path = tmp_path / "a.nii.gz"
    write_nifti(path, VALUES.astype(kind), ORIENTATIONS[0], order=order, version=version)
    assert_same(read_label_image(path), ORIENTATIONS[0])


def test_nifti_with_a_last_axis_of_one_is_three_dimensional(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii", VALUES.astype("u1")[..., None], ORIENTATIONS[0])
    assert_same(read_label_image(path), ORIENTATIONS[0])


@pytest.mark.parametrize(("units", "factor"), [(1, 1e-3), (2, 1.0), (3, 1e3)])
def test_nifti_units_are_obeyed(tmp_path: Path, units: int, factor: float) -> None:
    stored = ORIENTATIONS[1].copy()
    stored[:3] *= factor
    path = write_nifti(tmp_path / "a.nii", VALUES.astype("u1"), stored, units=units)
    image = read_label_image(path)
    assert_same(image, ORIENTATIONS[1])
    assert not assumed_units(image)


@pytest.mark.parametrize(("factor", "unit"), [(1e-3, "as m "), (1.0, "as mm"), (1e3, "as um")])
def test_a_missing_unit_is_proposed_from_the_voxels_and_told(
    tmp_path: Path, factor: float, unit: str
) -> None:
    stored = ORIENTATIONS[1].copy()
    stored[:3] *= factor
    image = read_label_image(write_nifti(tmp_path / "a.nii", VALUES.astype("u1"), stored, units=0))
    assert_same(image, ORIENTATIONS[1])
    (text,) = assumed_units(image)
    assert unit in text


def test_nifti_that_places_the_image_in_two_ways_asks_which(tmp_path: Path) -> None:
    moved = ORIENTATIONS[0].copy()
    moved[:3, 3] += [4.0, 0.0, 0.0]
    path = write_nifti(tmp_path / "a.nii", VALUES.astype("u1"), ORIENTATIONS[0], forms="sq",
                       qform=moved)  # fmt: skip
    image = read_label_image(path)
    assert_same(image, ORIENTATIONS[0])
    (finding,) = image.findings
    assert finding.kind is GeometryFindingKind.CONFIRM
    assert "4.0 mm" in finding.text


def test_nifti_label_names_are_read_from_its_extension(tmp_path: Path) -> None:
    table = (
        b'<Label Key="3" Red="0"><![CDATA[heart_ventricle_left]]></Label><Label Key="5">rv</Label>'
    )
    path = write_nifti(tmp_path / "a.nii", VALUES.astype("u1"), ORIENTATIONS[0], extension=table)
    image = read_label_image(path)
    assert_same(image, ORIENTATIONS[0])
    assert image.names == {3: "heart_ventricle_left", 5: "rv"}


@pytest.mark.parametrize("lps", ORIENTATIONS[:4])
@pytest.mark.parametrize(
    "space", ["left-posterior-superior", "right-anterior-superior", "left-anterior-superior"]
)
def test_nrrd_places_voxels_in_every_space(tmp_path: Path, lps: np.ndarray, space: str) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", VALUES.astype("u1"), lps, space=space)
    assert_same(read_label_image(path), lps)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "ascii"])
@pytest.mark.parametrize("endian", ["little", "big"])
@pytest.mark.parametrize("kind", ["u1", "i2", "i4", "f4"])
@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr"])
def test_nrrd_of_every_encoding_attached_or_not(
    tmp_path: Path, encoding: str, endian: str, kind: str, name: str
) -> None:
    write_nrrd(tmp_path / name, VALUES.astype(kind), ORIENTATIONS[0], encoding=encoding,
               endian=endian)  # fmt: skip
    assert_same(read_label_image(tmp_path / name), ORIENTATIONS[0])


def test_nrrd_units_are_obeyed(tmp_path: Path) -> None:
    stored = ORIENTATIONS[0].copy()
    stored[:3] *= 1e-3
    path = tmp_path / "a.nrrd"
    write_nrrd(path, VALUES.astype("u1"), stored, units='"m" "m" "m"')
    image = read_label_image(path)
    assert_same(image, ORIENTATIONS[0])
    assert not assumed_units(image)


def test_nrrd_names_are_those_of_its_segments(tmp_path: Path) -> None:
    keys = ("Segment0_LabelValue:=2", "Segment0_Name:=Left Ventricle", "Segment1_LabelValue:=4",
            "Segment1_Name:=Aorta")  # fmt: skip
    path = write_nrrd(tmp_path / "a.seg.nrrd", VALUES.astype("u1"), ORIENTATIONS[0], extra=keys)
    assert read_label_image(path).names == {2: "Left Ventricle", 4: "Aorta"}


def heart_masks() -> tuple[dict[int, np.ndarray], dict[int, str], np.ndarray, np.ndarray]:
    values, affine = small_heart(5.0)
    names = {int(kind): kind.name for kind in Structure if (values == kind).any() and kind}
    return {number: values == number for number in names}, names, values, affine


def test_dicom_seg_places_its_segments(tmp_path: Path) -> None:
    masks, names, values, _ = heart_masks()
    lps = turned_affine((1, 2, 0), (1, -1, 1))
    if np.linalg.det(lps[:3, :3]) < 0:
        lps[:3, 2] *= -1.0
    image = read_label_image(write_dicom_seg(tmp_path / "a.dcm", masks, names, lps))
    assert image.names == names
    assert image.findings == ()
    # Empty slices at both ends are not in the file.
    full = np.flatnonzero(values.any(axis=(0, 1)))
    np.testing.assert_array_equal(image.values, values[:, :, full[0] : full[-1] + 1])
    first = lps @ [0.0, 0.0, full[0], 1.0]
    np.testing.assert_allclose(image.affine[:3, 3], 1e-3 * first[:3], atol=1e-8)
    np.testing.assert_allclose(image.affine[:3, :3], 1e-3 * lps[:3, :3], atol=1e-8)


def test_dicom_seg_keeps_the_gap_of_an_empty_slice(tmp_path: Path) -> None:
    mask = np.zeros((6, 5, 7), bool)
    mask[2:4, 1:3, [1, 2, 5]] = True
    path = write_dicom_seg(tmp_path / "a.dcm", {1: mask}, {1: "lv"}, np.diag([2.0, 2.0, 3.0, 1.0]))
    np.testing.assert_array_equal(read_label_image(path).values > 0, mask[:, :, 1:6])


def test_dicom_seg_of_fractions_is_cut_at_one_half_and_told(tmp_path: Path) -> None:
    fractions = np.zeros((6, 5, 4), np.uint8)
    fractions[1:4, 1:4] = 255
    fractions[1] = 127
    fractions[2] = 128
    path = write_dicom_seg(tmp_path / "a.dcm", {1: fractions > 0}, {1: "lv"},
                           np.diag([2.0, 2.0, 3.0, 1.0]), fractional=fractions)  # fmt: skip
    image = read_label_image(path)
    np.testing.assert_array_equal(image.values > 0, fractions >= 128)
    (finding,) = image.findings
    assert finding.kind is GeometryFindingKind.CONFIRM
    assert "40 voxels were neither" in finding.text
