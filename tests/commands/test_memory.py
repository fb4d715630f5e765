"""The library and the ledger from the command line."""

import json
from pathlib import Path

import pytest

from organtwin.__main__ import main
from organtwin.commands.written import written_measurement
from organtwin.errors import UsageError
from organtwin.store.ledger import note_forecast
from organtwin.store.library import Library
from organtwin.units import MMHG
from tests.store.made_forecasts import prediction
from tests.unfitted_twin import normal_twin


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        note_forecast(library, normal_twin(), prediction(), "p1")
    return path


def test_an_open_forecast_is_listed(capsys, ledger) -> None:
    status, out, _ = run(capsys, "ledger", "--library", ledger)
    assert status == 0
    assert "1 forecasts, 1 of them open" in out
    assert "Crystalloid fluid 500 mL" in out
    assert "not for clinical decisions" in out


def test_a_measurement_scores_a_forecast_and_the_hit_rate_is_shown(capsys, ledger) -> None:
    scored = ("ledger", "--library", ledger, "--score", 1, "--on", "2026-01-02")
    values = ("--measured", "systolic_pressure 300 mmHg 5", "--measured", "lv_ef 60 %")
    status, out, _ = run(capsys, *scored, *values)
    assert status == 0
    row = next(line for line in out.splitlines() if " SBP " in line)
    assert row.split()[-2:] == ["no", "no"]
    assert "2 measurements score 1 forecasts, 2 foretold in hindsight" in out
    assert "inside the 90% band: 1 of 2, 50%" in out
    status, out, err = run(capsys, *scored, "--measured", "systolic_pressure 130 mmHg")
    assert (status, out) == (1, "")
    assert "no score yet" in err


def test_the_ledger_as_json_is_in_clinical_units(capsys, ledger) -> None:
    _, out, _ = run(
        capsys, "ledger", "--library", ledger, "--json", "--score", 1,
        "--measured", "systolic_pressure 39 kPa 1",
    )  # fmt: skip
    facts = json.loads(out)
    (forecast,) = facts["forecasts"]
    (found,) = forecast["scores"]
    assert (found["unit"], found["measured"]) == ("mmHg", pytest.approx(39e3 / MMHG))
    assert found["sd"] == pytest.approx(1e3 / MMHG)
    assert facts["reliability"]["90"]["hits"] == 0
    assert facts["by_quantity"]["systolic_pressure"]["bias"] > 100


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--score", "1"), "both or neither"),
        (("--measured", "lv_ef 60 %"), "both or neither"),
        (("--score", "1", "--measured", "lv_eff 60 %"), "'lv_ef'"),
        (("--score", "1", "--measured", "lv_ef 60"), "name, value, unit"),
        (("--score", "1", "--measured", "lv_ef sixty %"), "name, value, unit"),
        (("--score", "1", "--measured", "lv_ef 60 mmHg"), "mmHg"),
        (("--score", "1", "--measured", "lv_ef 99 %"), "No living adult"),
        (("--score", "1", "--measured", "lv_ef 60 % 0"), "name, value, unit"),
        (("--score", "1", "--measured", "lv_ef 60 %", "--on", "May"), "--on"),
    ],
)
def test_what_is_written_wrongly_is_told_before_anything_is_scored(
    capsys, ledger, arguments: tuple[str, ...], told: str
) -> None:
    status, _, err = run(capsys, "ledger", "--library", ledger, *arguments)
    assert status == 2
    assert told in err


def test_a_measurement_without_a_doubt_has_the_default_and_says_so() -> None:
    found = written_measurement("ledger", "--measured", "systolic_pressure 120 mmHg", None)
    assert found.value == pytest.approx(120 * MMHG)
    assert (found.sd, found.sd_assumed) == (pytest.approx(5 * MMHG), True)
    with pytest.raises(UsageError, match="name, value, unit"):
        written_measurement("ledger", "--measured", "systolic_pressure nan mmHg", None)


def test_a_library_that_is_not_there_is_told(capsys, tmp_path) -> None:
    status, _, err = run(capsys, "ledger", "--library", tmp_path / "none.db")
    assert status == 1
    assert "no such file" in err


def test_an_unknown_patient_is_told(capsys, ledger) -> None:
    status, _, err = run(capsys, "ledger", "--library", ledger, "--patient", "p2")
    assert status == 1
    assert "known: p1" in err


def test_a_case_is_packed_and_unpacked(capsys, tmp_path) -> None:
    archive, folder = tmp_path / "d.otwin", tmp_path / "d"
    status, out, _ = run(capsys, "pack", "default", archive)
    assert status == 0
    assert "1 files" in out
    status, out, _ = run(capsys, "unpack", archive, folder)
    assert (status, out.strip()) == (0, str(folder / "default.toml"))
    status, _, err = run(capsys, "unpack", archive, folder)
    assert status == 1
    assert "nothing is written over" in err
