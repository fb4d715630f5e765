"""A case packed into one file comes out as it went in."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.store.archive_layout import Limits
from organtwin.store.digests import record_digest
from organtwin.store.packing import pack
from organtwin.store.unpacking import unpack
from tests.patient.written_recordings import ecg_steps, write_wfdb
from tests.store.made_archives import HEAD, MEASURED

BEATS = np.arange(0.5, 10.0, 1.0)


def written_case(folder: Path, text: str = "", name: str = "case.toml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(HEAD + MEASURED + text, encoding="utf-8")
    return path


def came_out(case: Path, tmp_path: Path) -> Path:
    """The case after packing and unpacking."""
    pack(case, tmp_path / "case.otwin")
    return unpack(tmp_path / "case.otwin", tmp_path / "out" / "p1")


def test_a_case_file_comes_out_byte_by_byte(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in", "# a comment with ünicode\r\n")
    again = came_out(case, tmp_path)
    assert again == tmp_path / "out" / "p1" / "case.toml"
    assert again.read_bytes() == case.read_bytes()
    assert record_digest(load_case(again)) == record_digest(load_case(case))


@pytest.mark.parametrize("written", ["ecg/two.hea", "ecg/two.dat", "ecg/two", "./ecg/two.hea"])
def test_a_recording_comes_with_its_signal_file(tmp_path: Path, written: str) -> None:
    case = written_case(tmp_path / "in", f'[[waveform]]\nfile = "{written}"\n')
    (case.parent / "ecg").mkdir()
    write_wfdb(case.parent / "ecg", "two", {"I": ecg_steps(BEATS), "II": ecg_steps(BEATS)})
    again = came_out(case, tmp_path)
    inside = {p.relative_to(again.parent).as_posix() for p in again.parent.rglob("*.*")}
    assert inside == {"case.toml", "ecg/two.hea", "ecg/two.dat"}
    assert record_digest(load_case(again)) == record_digest(load_case(case))
    assert again.read_bytes() == case.read_bytes()


def test_a_table_comes_with_the_file_that_describes_it(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in", '[[waveform]]\nfile = "ecg.csv"\n')
    steps = ecg_steps(BEATS)
    (case.parent / "ecg.csv").write_text("II\n" + "\n".join(f"{s / 1000}" for s in steps))
    (case.parent / "ecg.csv.toml").write_text(
        'rate = 500\n[channels]\nII = { column = "II", unit = "mV" }\n'
    )
    again = came_out(case, tmp_path)
    assert record_digest(load_case(again)) == record_digest(load_case(case))


def test_files_from_elsewhere_move_in_and_the_case_names_them_there(tmp_path: Path) -> None:
    for name in ("far", "near"):
        (tmp_path / name).mkdir()
        write_wfdb(tmp_path / name, "two", {"I" if name == "far" else "II": ecg_steps(BEATS)})
    absolute = (tmp_path / "far" / "two").as_posix()
    case = written_case(
        tmp_path / "in",
        f'[[waveform]]\nfile = "{absolute}" # far\n[[waveform]]\nfile = "../near/two.hea"\n',
    )
    again = came_out(case, tmp_path)
    text = again.read_text("utf-8")
    assert 'file = "files-1/two" # far' in text
    assert 'file = "files-2/two.hea"' in text
    for file in (tmp_path / "far", tmp_path / "near"):
        for inner in file.iterdir():
            inner.unlink()
    assert set(load_case(again).waveforms) == {"I", "II"}


def test_the_files_of_a_heart_come_along(tmp_path: Path) -> None:
    text = '[heart]\nfiles = ["../scan.nii", "lv.stl"]\nlabels = "mine.toml"\n'
    case = written_case(tmp_path / "in", text + 'parts = ["../scan.nii = lv_blood"]\n')
    for name in ("../scan.nii", "lv.stl", "mine.toml"):
        (case.parent / name).write_bytes(name.encode())
    again = came_out(case, tmp_path)
    heart = load_case(again).heart
    assert heart is not None
    assert [file.read_bytes() for file in heart.files] == [b"../scan.nii", b"lv.stl"]
    assert all(file.is_relative_to(again.parent) for file in heart.files)
    assert Path(str(heart.mapping)).read_bytes() == b"mine.toml"
    assert list(heart.parts) == ["scan.nii"]


def test_a_json_case_with_a_file_elsewhere_comes_out(tmp_path: Path) -> None:
    from organtwin.patient.case_file import save_case

    write_wfdb(tmp_path, "two", {"II": ecg_steps(BEATS)})
    folder = tmp_path / "in"
    case = written_case(folder, '[[waveform]]\nfile = "../two.hea"\n')
    save_case(load_case(case), folder / "case.json")
    again = came_out(folder / "case.json", tmp_path)
    assert record_digest(load_case(again)) == record_digest(load_case(case))


def test_the_same_case_packs_to_the_same_bytes(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in")
    digests = set()
    for name in ("a.otwin", "b.otwin"):
        pack(case, tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_what_deflates_as_only_bombs_do_is_packed_as_it_is(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in", '[heart]\nfiles = ["empty.nii"]\n')
    (case.parent / "empty.nii").write_bytes(bytes(1 << 20))
    again = came_out(case, tmp_path)
    assert (again.parent / "empty.nii").stat().st_size == 1 << 20
    with zipfile.ZipFile(tmp_path / "case.otwin") as packed:
        assert packed.getinfo("empty.nii").compress_type == zipfile.ZIP_STORED
        assert packed.getinfo("case.toml").compress_type == zipfile.ZIP_DEFLATED


def test_a_bundled_case_packs_with_what_ships_in_a_package_left_there(tmp_path: Path) -> None:
    pack("default", tmp_path / "d.otwin")
    again = unpack(tmp_path / "d.otwin", tmp_path / "d")
    assert record_digest(load_case(again)) == record_digest(load_case("default"))


@pytest.mark.parametrize(
    ("name", "told"),
    [("con.nii", "device"), ("a\u202eb.nii", "invisible"), ("e\u0301.nii", "NFC")],
)
def test_a_name_that_another_system_cannot_write_is_not_packed(tmp_path, name, told) -> None:
    case = written_case(tmp_path / "in", f'[heart]\nfiles = ["{name}"]\n')
    (case.parent / name).touch()
    with pytest.raises(RecordError, match=told):
        pack(case, tmp_path / "case.otwin")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_a_case_that_is_too_large_or_alone_is_not_packed(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in")
    with pytest.raises(RecordError, match="Leave out of the case"):
        pack(case, tmp_path / "case.otwin", Limits(total=100))
    with pytest.raises(RecordError, match=r"ends in \.otwin"):
        pack(case, tmp_path / "case.zip")
    alone = write_wfdb(tmp_path / "in", "two", {"II": ecg_steps(BEATS)})
    with pytest.raises(RecordError, match="Save it as a case first"):
        pack(alone, tmp_path / "case.otwin")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in", '[[waveform]]\nfile = "two.hea"\n')
    with pytest.raises(RecordError, match="no such file"):
        pack(case, tmp_path / "case.otwin")


def test_an_archive_is_written_over_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    case = written_case(tmp_path / "in")
    archive = tmp_path / "case.otwin"
    pack(case, archive)
    before = archive.read_bytes()
    case.write_text(HEAD + "[heart]\nfiles = ['none.nii']", encoding="utf-8")
    with pytest.raises(RecordError):
        pack(case, archive)
    assert archive.read_bytes() == before
