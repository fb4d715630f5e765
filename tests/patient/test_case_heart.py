"""The ``[heart]`` table of a case file."""

from pathlib import Path

import pytest

from organtwin.anatomy.label_map import Structure
from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case, save_case
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.mapping import preset_names
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.voxelizing import Shell

HEAD = 'format = "organtwin-case"\nversion = 1\nid = "p"\ntitle = "t"\ndiagnosis = "d"\n'
FILES = 'files = ["scan.nii", "meshes/lv = old.ply"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "meshes").mkdir()
    for name in ("scan.nii", "meshes/lv = old.ply", "mine.toml"):
        (tmp_path / name).touch()
    return tmp_path


def case(folder: Path, heart: str) -> Path:
    path = folder / "case.toml"
    path.write_text(f"{HEAD}[heart]\n{heart}", encoding="utf-8")
    return path


def read(folder: Path, heart: str) -> HeartSource:
    source = load_case(case(folder, heart)).heart
    assert source is not None
    return source


def test_a_case_without_the_table_has_no_heart(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(HEAD, encoding="utf-8")
    assert load_case(path).heart is None


def test_files_alone_leave_the_rest_to_them(folder: Path) -> None:
    assert read(folder, 'files = ["scan.nii"]') == HeartSource((folder / "scan.nii",))


FULL = FILES + (
    'labels = "mine.toml"\nparts = ["meshes/lv = old.ply = lv_endocardium"]\nunit = "mm"\n'
    'axes = "RAS"\nframe = 3\ncomplete = true\nany_position = true\n'
)


def test_everything_that_can_be_said_is_read(folder: Path) -> None:
    assert read(folder, FULL) == HeartSource(
        (folder / "scan.nii", folder / "meshes" / "lv = old.ply"),
        str(folder / "mine.toml"),
        {"lv = old.ply": Shell.LV_ENDOCARDIUM},
        "mm",
        "RAS",
        3,
        complete=True,
        position=Position.ANY,
    )


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_stays_a_name(folder: Path, name: str) -> None:
    assert read(folder, f'files = ["scan.nii"]\nlabels = "{name}"').mapping == name


@pytest.mark.parametrize(
    ("heart", "field", "words"),
    [
        ("", "files", "Name the files"),
        ("files = []", "files", "Name the files"),
        ('files = "scan.nii"', "files", "a list of texts"),
        ('files = ["lost.nii"]', "files", "'lost.nii', which is not there"),
        ('files = ["scan.nii", ""]', "files", "'', which is not there"),
        ('files = ["meshes"]', "files", "'meshes', which is not there"),
        (FILES + 'labels = "totalsegmentor"', "labels", ", ".join(preset_names())),
        (FILES + "labels = 1", "labels", "a text"),
        (FILES + 'parts = ["scan.nii = lv"]', "parts", "lv_endocardium"),
        (FILES + 'parts = ["scan.nii"]', "parts", "FILE = PART"),
        (FILES + 'parts = ["other.nii = lv_blood"]', "parts", "FILE one of files"),
        (FILES + 'parts = ["scan.nii = background"]', "parts", "'scan.nii = background'"),
        (FILES + 'unit = "inch"', "unit", "m, cm, mm, um"),
        (FILES + 'axes = "LAS"', "axes", "LPS, RAS, unknown"),
        (FILES + "frame = 2.5", "frame", "a whole number, got 2.5"),
        (FILES + 'frame = "2"', "frame", "without quotes"),
        (FILES + "complete = 1", "complete", "true or false"),
        (FILES + 'any_position = "yes"', "any_position", "true or false"),
        (FILES + 'part = "lv"', "part", "did you mean 'parts'"),
    ],
)
def test_what_cannot_be_is_named_with_a_remedy(
    folder: Path, heart: str, field: str, words: str
) -> None:
    path = case(folder, heart)
    with pytest.raises(RecordError) as caught:
        load_case(path)
    assert caught.value.source == str(path)
    assert caught.value.field == f"heart.{field}"
    assert words in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("heart", [FULL, 'files = ["scan.nii"]\nlabels = "acdc"'])
def test_a_saved_case_reads_back_from_another_folder(folder: Path, heart: str) -> None:
    record = load_case(case(folder, heart))
    (folder / "saved").mkdir()
    save_case(record, folder / "saved" / "case.json")
    found = load_case(folder / "saved" / "case.json").heart
    assert found is not None
    assert record.heart is not None
    assert [f.resolve() for f in found.files] == [f.resolve() for f in record.heart.files]
    if record.heart.mapping not in preset_names():
        assert Path(found.mapping).samefile(record.heart.mapping)
    else:
        assert found.mapping == record.heart.mapping
    for name in ("parts", "unit", "axes", "frame", "complete", "position"):
        assert getattr(found, name) == getattr(record.heart, name)


def test_a_saved_case_names_its_files_relative_to_itself(folder: Path) -> None:
    record = load_case(case(folder, FULL))
    save_case(record, folder / "copy.json")
    assert '"scan.nii"' in (folder / "copy.json").read_text(encoding="utf-8")


def test_masks_keep_what_they_show(folder: Path) -> None:
    heart = 'files = ["scan.nii"]\nparts = ["scan.nii = la_blood"]'
    assert read(folder, heart).parts == {"scan.nii": Structure.LA_BLOOD}
