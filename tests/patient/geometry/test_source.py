"""Which of the named files are read as what."""

from pathlib import Path

import pytest

from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.source import PART_NAMES, HeartSource
from organtwin.patient.geometry.voxelizing import Part, Shell


def source(*names: str, **parts: Part) -> HeartSource:
    return HeartSource(
        tuple(map(Path, names)), parts={f"{name}.vtk": part for name, part in parts.items()}
    )


def names(files: tuple[Path, ...]) -> list[str]:
    return [file.name for file in files]


def test_the_extension_decides_packed_or_not() -> None:
    of = source("a.nii", "b.NII.gz", "c.seg.nrrd", "d.dcm")
    assert of.images == of.files
    assert of.surfaces == of.tets == of.contours == ()
    assert source("p.txt").contours
    assert names(source("a.vtu", "b.ply").tets) == ["a.vtu"]


def test_a_vtk_file_holds_tetrahedra_unless_something_says_what_surface_it_is() -> None:
    assert names(source("lv_endocardium.vtk").tets) == ["lv_endocardium.vtk"]
    both = source("mesh.vtk", "lv_endocardium.vtk")
    assert names(both.tets) == ["mesh.vtk"]
    assert names(both.surfaces) == ["lv_endocardium.vtk"]
    shells = source("epicardium.vtk", "lv_endocardium.vtk")
    assert not shells.tets
    assert len(shells.surfaces) == 2
    assert names(source("x.vtk", x=Shell.EPICARDIUM).surfaces) == ["x.vtk"]


@pytest.mark.parametrize(
    ("files", "got"),
    [
        ((), "none of these"),
        (("heart.jpg",), "'heart.jpg'"),
        (("heart.nii", "notes.pdf"), "'notes.pdf'"),
        (("heart",), "'heart'"),
        (("heart.nii", "lv_endocardium.ply"), "label images and meshes"),
        (("heart.nii", "points.txt"), "label images and contours"),
        (("a.txt", "b.txt"), "2"),
        (("a.vtu", "b.vtu"), "2"),
        (("a.vtk", "b.vtk"), "2"),
    ],
)
def test_files_that_cannot_be_one_heart_are_refused(files: tuple[str, ...], got: str) -> None:
    with pytest.raises(InputError) as caught:
        source(*files).check_files()
    assert caught.value.field == "files"
    assert caught.value.got == got


@pytest.mark.parametrize(
    "files",
    [("a.nii",), ("a.nii", "b.nrrd"), ("a.ply", "b.stl"), ("a.vtu", "b.ply"), ("a.txt",)],
)
def test_files_of_one_heart_are_accepted(files: tuple[str, ...]) -> None:
    source(*files).check_files()


def test_a_part_is_told_by_word_or_by_name() -> None:
    of = source("x.vtk", "lv_blood.nii", x=Shell.BASE)
    assert of.part_of(Path("x.vtk")) is Shell.BASE
    assert of.part_of(Path("lv_blood.nii")) is Structure.LV_BLOOD
    with pytest.raises(InputError, match="lv_endocardium, rv_endocardium"):
        of.part_of(Path("x17.nii"))


def test_every_part_but_the_background_has_one_name() -> None:
    assert set(PART_NAMES.values()) == {*Shell, *Structure} - {Structure.BACKGROUND}


def test_files_beside_those_named_are_known(tmp_path: Path) -> None:
    (tmp_path / "scan.nhdr").write_bytes(b"NRRD0004\ntype: uint8\nData File: voxels of scan.raw\n")
    (tmp_path / "whole.nrrd").write_bytes(b"NRRD0004\ntype: uint8\n\ndata file: no.raw\n")
    of = HeartSource(
        tuple(tmp_path / name for name in ("scan.nhdr", "whole.nrrd", "m.elem", "lost.nrrd"))
    )
    assert names(of.companions) == ["voxels of scan.raw", "m.pts", "m.lon"]
