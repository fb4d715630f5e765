"""Public images and meshes of real patients, where they lie beside the checkout.

Sets: TotalSegmentator's reference files, biv-me's guide points, Cobiveco's geo2, crtdemo, and a
left ventricle of pyansys-heart. Expected numbers were counted in the files themselves by another
way: voxels times voxel volume, sums of tetrahedra, bounding boxes.
"""

from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.labels import label_map
from organtwin.patient.geometry.mapping import preset
from organtwin.patient.geometry.masks import label_map_of_masks
from organtwin.patient.geometry.raw import SurfaceFile, TetFile
from organtwin.patient.geometry.reading import (
    read_contours,
    read_label_image,
    read_surface,
    read_surfaces,
    read_tets,
    with_point_fields,
)
from organtwin.patient.geometry.tet_checks import tet_volumes
from organtwin.patient.geometry.voxelizing import Part, Shell, likely_part, voxelized
from organtwin.patient.geometry.voxelizing_tets import voxelized_tets

ML = 1e-6


@pytest.fixture
def meshes(shared_data: Path) -> Path:
    return shared_data / "meshes"


@pytest.fixture
def images(shared_data: Path) -> Path:
    return shared_data / "images"


@pytest.fixture
def left_ventricle(meshes: Path) -> TetFile:
    return read_tets(meshes / "pyansys-heart" / "heart_model.vtu", unit="mm")


@pytest.fixture
def crtdemo(meshes: Path) -> TetFile:
    return read_tets(meshes / "crtdemo" / "crtdemo_mesh_oriented.vtk", unit="mm")


def test_the_whole_heart_mask_of_the_ct_has_its_volume(images: Path) -> None:
    image = read_label_image(images / "ct-dissection" / "pulmonary_report__heart.nii.gz")
    assert image.values.shape == (233, 167, 191)
    heart = label_map(image, preset("whole_heart"))
    # 198176 voxels of 1.5 mm.
    assert heart.volumes == {Structure.HEART: pytest.approx(668.844 * ML)}


def test_masks_of_the_ct_on_three_grids_join(images: Path) -> None:
    folder = images / "ct-dissection"
    heart = label_map_of_masks({
        Structure.HEART: read_label_image(folder / "pulmonary_report__heart.nii.gz"),
        Structure.AORTA: read_label_image(folder / "aorta_report__aorta.nii.gz"),
        Structure.PULMONARY_ARTERY: read_label_image(
            folder / "pulmonary_report__pulmonary_artery.nii.gz"
        ),
    })  # fmt: skip
    # 72810 and 14261 voxels of 1.5 mm; the artery runs through the heart's mask.
    assert heart.volumes[Structure.AORTA] == pytest.approx(245.73375 * ML)
    assert heart.volumes[Structure.PULMONARY_ARTERY] == pytest.approx(48.130875 * ML)
    assert heart.volumes[Structure.HEART] < 668.844 * ML


def test_a_thorax_without_a_heart_says_so(images: Path) -> None:
    image = read_label_image(images / "ct-multilabel-thorax" / "example_seg.nii.gz")
    assert image.names[52] == "aorta"
    assert len(image.names) == 117
    with pytest.raises(InputError, match="no heart"):
        label_map(image, preset("totalsegmentator_v2"))


def test_a_ct_is_no_segmentation(images: Path) -> None:
    image = read_label_image(images / "ct-multilabel-thorax" / "example_ct_sm.nii.gz")
    with pytest.raises(InputError, match="1710 different values, as in an image"):
        label_map(image, preset("totalsegmentator_v2"))


@pytest.mark.parametrize(
    ("file", "frames", "counts"),
    [
        ("patient_1_gpdata/GPFile_000.txt", [0, 1], [7666, 7667]),
        ("patient_1_gpdata/GPFile_001.txt", [1], [7667]),
        ("patient_2_gpdata/GPFile_000.txt", [1], [7502]),
        ("patient_2_gpdata/GPFile_012.txt", [12], [5596]),
    ],
)
def test_contours_of_two_patients(
    images: Path, file: str, frames: list[int], counts: list[int]
) -> None:
    path = images / "cmr-contours" / file
    contours = read_contours(path)
    assert [one.frame for one in contours] == frames
    assert [len(one.points) for one in contours] == counts
    for one in contours:
        assert one.unit == "mm"
        labels = np.array(one.labels)
        left = one.points[labels == "SAX_LV_ENDOCARDIAL"].mean(axis=0)
        right = one.points[labels == "SAX_RV_FREEWALL"].mean(axis=0)
        # The left ventricle lies to the left of the right one and behind it.
        assert left[0] > right[0] + 0.02
        assert left[1] > right[1]


def test_contours_lie_on_the_reference_model(images: Path) -> None:
    """Control points of the fitted model beside the contours: the same place and size."""
    folder = images / "cmr-contours" / "patient_2_gpdata"
    (contours,) = read_contours(folder / "GPFile_012.txt")
    model = np.loadtxt(
        folder / "reference_model" / "patient_2_gpdata_model_frame_012.txt",
        delimiter=",", skiprows=1,
    )[:, :3]  # fmt: skip
    middle = contours.points.mean(axis=0)
    assert np.linalg.norm(middle - 1e-3 * model.mean(axis=0)) < 0.02


def cobiveco(meshes: Path) -> dict[Part, SurfaceFile]:
    files = sorted((meshes / "cobiveco-geo2").glob("*.ply"))
    surfaces = read_surfaces(files)
    return {part: one for one in surfaces if (part := likely_part(one.part)) is not None}


def test_four_open_surfaces_become_a_biventricular_heart(meshes: Path) -> None:
    surfaces = cobiveco(meshes)
    assert set(surfaces) == {
        Shell.BASE, Shell.EPICARDIUM, Shell.LV_ENDOCARDIUM, Shell.RV_ENDOCARDIUM
    }  # fmt: skip
    heart = voxelized(surfaces)
    coarse = voxelized(surfaces, 1.5e-3)
    assert set(heart.volumes) == {
        Structure.LV_MUSCLE, Structure.RV_MUSCLE, Structure.LV_BLOOD, Structure.RV_BLOOD
    }  # fmt: skip
    for kind, volume in heart.volumes.items():
        assert volume == pytest.approx(coarse.volumes[kind], rel=0.02)
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(251.8 * ML, rel=0.01)
    seams = [f for f in heart.findings if f.field == "seams"]
    assert [f.kind for f in seams] == [GeometryFindingKind.REPAIRED]
    assert len(seams[0].places) == 3


def test_tetrahedra_of_crtdemo_are_filled_exactly(crtdemo: TetFile, meshes: Path) -> None:
    endocardia = {
        shell: read_surface(meshes / "crtdemo" / f"crtdemo_{name}endo_heart_cut.obj", unit="mm")
        for shell, name in ((Shell.LV_ENDOCARDIUM, "LV"), (Shell.RV_ENDOCARDIUM, "RV"))
    }
    heart = voxelized_tets(crtdemo, endocardia=endocardia)
    muscle = heart.volumes[Structure.LV_MUSCLE] + heart.volumes[Structure.RV_MUSCLE]
    assert muscle == pytest.approx(tet_volumes(crtdemo.points, crtdemo.tets).sum(), rel=1e-3)
    # The space inside the muscle, found without the surfaces, is the same.
    found = voxelized_tets(crtdemo)
    for kind in (Structure.LV_BLOOD, Structure.RV_BLOOD):
        assert found.volumes[kind] == pytest.approx(heart.volumes[kind], rel=0.03)


def test_fibres_of_crtdemo_come_in_another_order_and_find_their_points(
    crtdemo: TetFile, meshes: Path
) -> None:
    mesh = with_point_fields(crtdemo, meshes / "crtdemo" / "crtdemo_f0_oriented.vtk")
    assert mesh.point_fields["fiber"].shape == (4569, 3)
    assert any("another order" in finding.text for finding in mesh.findings)
    # Neighbours have similar fibres only when each is at its own point.
    fiber = mesh.point_fields["fiber"] / 20.0
    a, b = mesh.tets[:, 0], mesh.tets[:, 1]
    shuffled = np.roll(fiber, 1000, axis=0)
    assert np.abs(np.einsum("ij,ij->i", fiber[a], fiber[b])).mean() > 0.8
    assert np.abs(np.einsum("ij,ij->i", shuffled[a], shuffled[b])).mean() < 0.7


def triangles_of(mesh: TetFile, field: str, values: tuple[int, ...]) -> SurfaceFile:
    chosen = mesh.triangles[np.isin(mesh.triangle_fields[field], values)]
    used, numbers = np.unique(chosen, return_inverse=True)
    triangles = numbers.reshape(-1, 3).astype(np.int32)
    return SurfaceFile(mesh.points[used], triangles, mesh.source, "lv", mesh.unit, mesh.orientation)


def test_the_left_ventricle_has_the_volumes_of_its_elements(left_ventricle: TetFile) -> None:
    mesh = left_ventricle
    assert len(mesh.tets) == 24206
    assert len(mesh.triangles) == 7437
    np.testing.assert_allclose(np.linalg.norm(mesh.cell_fields["fiber"], axis=1), 1.0, atol=1e-6)
    muscle = tet_volumes(mesh.points, mesh.tets).sum()
    volumes = []
    # The cavity as a whole; endocardium and its two caps; endocardium with our own caps.
    for ids in ((34729,), (34722, 1001, 1002), (34722,)):
        endo = triangles_of(mesh, "_surface-id", ids)
        heart = voxelized_tets(mesh, endocardia={Shell.LV_ENDOCARDIUM: endo})
        assert heart.volumes[Structure.LV_MUSCLE] == pytest.approx(muscle, rel=1e-3)
        volumes.append(heart.volumes[Structure.LV_BLOOD])
    np.testing.assert_allclose(volumes, volumes[0], rtol=2e-3)
    open_base = voxelized_tets(mesh).volumes[Structure.LV_BLOOD]
    # A flat base reaches above the valve planes that the file's caps follow.
    assert volumes[0] < open_base < 1.1 * volumes[0]


def test_the_left_atrium_is_a_surface_with_six_openings(meshes: Path) -> None:
    surface = read_surface(meshes / "pyansys-heart" / "la_endo.vtk")
    heart = voxelized({Shell.LA_ENDOCARDIUM: surface})
    (rims,) = [f for f in heart.findings if f.field == "rims"]
    assert "6 rims" in rims.text
    assert 40 * ML < heart.volumes[Structure.LA_BLOOD] < 200 * ML
