"""``organtwin import`` as a user types it."""

import json
from pathlib import Path

import pytest

from organtwin.__main__ import main
from organtwin.patient.case_file import load_case
from tests.patient.numbers.written_numbers import observation, write_bundle, write_message

SYSTOLIC = "NM|8480-6^Systolic^LN||122|mm[Hg]|||||F"


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user's key and new cases lie in the folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    unknown = observation("2339-0", 90, "mg/dL")
    return write_bundle(tmp_path / "Quillfeather.json", observation("8867-4", 72, "/min"), unknown)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["import", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_case_is_made_and_every_file_is_explained(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, str(bundle), "--into", "case.toml")
    assert status == 0
    assert "FHIR R4, 1 quantities" in out
    assert "HR 72 1/min" in out
    assert "not used: 2339-0: no quantity of this program" in out
    assert "removed: name of the file, Patient.id" in out
    assert load_case("case.toml")["heart_rate"].value == pytest.approx(1.2)


def test_without_a_name_a_new_case_lies_in_this_folder(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, str(bundle))[0] == 0
    (case,) = tmp_path.glob("case-*.toml")
    assert "Quillfeather" not in case.read_text()


def test_a_check_writes_nothing(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, str(bundle), "--into", "case.toml", "--check")
    assert status == 0
    assert "nothing was written" in out
    assert [path.name for path in tmp_path.iterdir()] == [bundle.name]


def test_a_refused_file_is_told_by_the_status_though_the_others_make_a_case(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, "no.hl7", str(bundle), "--into", "case.toml")
    assert status == 1
    assert "refused: no.hl7: file: expected" in out
    assert Path("case.toml").exists()


def test_two_patients_make_no_case_unless_told(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_message(tmp_path / "m.hl7", SYSTOLIC, patient="PID|1||OTHER")
    status, out, err = run(capsys, str(bundle), str(other), "--into", "case.toml")
    assert status == 1
    assert "different patient numbers" in out + err
    assert not Path("case.toml").exists()
    assert run(capsys, str(bundle), str(other), "--into", "case.toml", "--same-patient")[0] == 0


def test_programs_get_json(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, str(bundle), "--into", "case.toml", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["files"][0]["quantities"]["heart_rate"] == {
        "value": pytest.approx(72), "unit": "1/min"
    }  # fmt: skip
    assert found["ignored"][0]["reason"] == "no quantity of this program"
    assert found["case"] == "case.toml"
    assert "Patient.name" in found["files"][0]["removed"]


def test_the_key_of_the_user_is_made_once_and_readable_to_nobody_else(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from organtwin.resources import user_secret

    run(capsys, str(bundle), "--into", "case.toml")
    first = user_secret()
    assert len(first) == 32
    assert user_secret() == first
    assert first.hex() not in (tmp_path / "case.toml").read_text()
