"""A saved case has its markings and has lost nothing, and damaged markings are refused."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from organtwin.anatomy.anchor import SURFACE, TISSUE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.case_saving import is_bundled, saved_case
from organtwin.patient.geometry.source import HeartSource

CASE = """# Kept by hand.
format = "organtwin-case"
version = 1   # the first
id = "p"
title = "Visit"
diagnosis = "healthy"

[[measurement]]
name = "lv_ef"   # echo
value = 60
unit = "%"
source = "echo"

[heart]
files = ["scans/heart.nii"]   # CT
parts = ["scans/heart.nii = lv_blood"]

# about the last table
[patient]
sex = "female"
"""
A, B = Anchor(SURFACE, (3, 7, 9), (0.25, 0.5, 0.25)), Anchor(TISSUE, (2,), (1.0,))
DISTANCE = Marking(Kind.DISTANCE, 'Mitral "ring"', (A, B))
APEX = Marking(Kind.LANDMARK, "Apex", (B,))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "heart.nii").touch()
    (tmp_path / "scans" / "other.nii").touch()
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


def marked(path: Path, *markings: Marking):
    return replace(load_case(path), markings=markings)


def test_markings_come_back_as_they_were(case: Path) -> None:
    saved_case(marked(case, DISTANCE, APEX), case)
    assert load_case(case).markings == (DISTANCE, APEX)


def test_every_line_written_by_hand_stays(case: Path) -> None:
    saved_case(marked(case, DISTANCE), case)
    assert case.read_text(encoding="utf-8").startswith(CASE)


def test_markings_taken_away_leave_the_file_as_it_was(case: Path) -> None:
    saved_case(marked(case, DISTANCE, APEX), case)
    saved_case(marked(case), case)
    assert case.read_text(encoding="utf-8").strip() == CASE.strip()


def test_files_are_named_as_seen_from_another_folder(case: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    record = saved_case(marked(case, APEX), elsewhere / "copy.toml")
    assert record.case_file == elsewhere / "copy.toml"
    heart = load_case(elsewhere / "copy.toml").heart
    assert heart is not None
    assert [file.resolve() for file in heart.files] == [tmp_path / "scans" / "heart.nii"]
    assert "# CT" in (elsewhere / "copy.toml").read_text(encoding="utf-8")


def test_another_heart_is_saved_in_place_of_the_first(case: Path, tmp_path: Path) -> None:
    other = HeartSource((tmp_path / "scans" / "other.nii",), complete=True)
    saved_case(replace(load_case(case), heart=other), case)
    read = load_case(case)
    assert read.heart == other
    assert read.demographics.sex == "female"
    assert "# about the last table" in case.read_text(encoding="utf-8")


def test_a_json_case_keeps_its_entries(tmp_path: Path, case: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(tomllib.loads(CASE)), encoding="utf-8")
    saved_case(marked(path, APEX), path)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written.pop("markings") == [APEX.to_dict()]
    assert written == tomllib.loads(CASE)


def test_a_layout_that_would_lose_something_is_left_alone(case: Path) -> None:
    inline = "markings = []\n" + CASE
    case.write_text(inline, encoding="utf-8")
    with pytest.raises(RecordError, match="without loss"):
        saved_case(marked(case, APEX), case)
    assert case.read_text(encoding="utf-8") == inline


def test_windows_line_ends_stay(case: Path) -> None:
    case.write_bytes(CASE.replace("\n", "\r\n").encode())
    saved_case(marked(case, APEX), case)
    written = case.read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n")


def test_another_kind_of_file_is_refused(case: Path) -> None:
    with pytest.raises(RecordError, match=r"ends in \.toml"):
        saved_case(marked(case, APEX), case.with_suffix(".json"))


def test_a_place_that_cannot_be_written_leaves_no_half_file(case: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="can be written"):
        saved_case(marked(case, APEX), tmp_path / "absent" / "copy.toml")


def test_a_case_of_the_program_is_known_as_such(case: Path) -> None:
    assert is_bundled(load_case("default"))
    assert not is_bundled(load_case(case))


GOOD = 'kind = "landmark"\nname = "Apex"\nanchors = [{on = "tissue", nodes = [2], weights = [1.0]}]'


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("name", "nmae", r"markings\[1\]\.nmae"),
        ('"landmark"', '"length"', r"markings\[1\]\.kind: expected one of landmark"),
        ('"landmark"', '"angle"', r"markings\[1\]\.anchors: expected 3 for .*, got 1"),
        ("[1.0]", "[nan]", r"markings\[1\]\.anchors\[1\]\.weights: .* finite"),
        ("[1.0]", "[0.5]", r"markings\[1\]\.anchors\[1\]\.weights: .* sum to 1"),
        ("[2]", "[-2]", r"markings\[1\]\.anchors\[1\]\.nodes"),
        ("[2]", "[true]", r"markings\[1\]\.anchors\[1\]\.nodes"),
        ("[1.0]}", "[1.0], of = 2.5}", r"markings\[1\]\.anchors\[1\]\.of: .* whole"),
        ('"tissue"', '"blood"', r"markings\[1\]\.anchors\[1\]\.on"),
        ('"Apex"', '""', r"markings\[1\]\.name"),
    ],
)
def test_a_damaged_marking_is_refused_with_its_field(
    case: Path, old: str, new: str, field: str
) -> None:
    case.write_text(f"{CASE}\n[[markings]]\n{GOOD.replace(old, new, 1)}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=field):
        load_case(case)


def test_the_size_of_the_heart_a_marking_was_set_on_comes_back(case: Path, tmp_path: Path) -> None:
    anchor = Anchor("surface", (2, 5), (0.5, 0.5), of=9)
    saved = saved_case(marked(case, Marking(Kind.LANDMARK, "Apex", (anchor,))), tmp_path / "b.toml")
    assert load_case(saved.case_file).markings[0].anchors == (anchor,)


def test_two_markings_of_one_name_are_refused(case: Path) -> None:
    case.write_text(f"{CASE}\n[[markings]]\n{GOOD}\n[[markings]]\n{GOOD}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"markings\[2\]\.name"):
        load_case(case)
