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


def case_file(folder: Path, day: str, pressure: float) -> Path:
    path = folder / f"visit-{day}.toml"
    path.write_text(
        'format = "organtwin-case"\nversion = 1\nid = "p"\ntitle = "Anna"\ndiagnosis = "none"\n'
        f'[[measurement]]\nname = "systolic_pressure"\nvalue = {pressure}\nunit = "mmHg"\n'
        f'sd = 4\ntaken = {day}\nsource = "cuff"\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def few_members(monkeypatch) -> None:
    from organtwin.commands import visits
    from organtwin.store.visits import fitting_visit

    monkeypatch.setattr(visits, "fitting_visit", lambda *known: fitting_visit(*known, members=1))


def test_visits_are_fitted_one_from_the_other_and_their_history_is_shown(
    capsys, tmp_path, few_members
) -> None:
    library = tmp_path / "library.db"
    first, second = case_file(tmp_path, "2025-03-01", 150), case_file(tmp_path, "2025-06-01", 128)
    status, out, _ = run(capsys, "visit", first, "--patient", "p1", "--library", library)
    assert status == 0
    assert "visit 1 of p1 on 2025-03-01" in out
    _, out, _ = run(capsys, "visit", second, "--patient", "p1", "--library", library, "--json")
    facts = json.loads(out)["visit"]
    assert (facts["number"], facts["prior_visit"], facts["day"]) == (2, 1, "2025-06-01")
    assert "92 days before" in facts["findings"][0]
    asked = ("history", "p1", "--library", library, "--parameter", "systemic_resistance")
    status, out, _ = run(capsys, *asked)
    assert status == 0
    rows = [line.split() for line in out.splitlines() if line.startswith("systemic_resistance")]
    assert [row[1] for row in rows] == ["2025-03-01", "2025-06-01"]
    _, out, _ = run(capsys, *asked, "--json")
    (series,) = json.loads(out)["parameters"]
    early, late = series["points"]
    assert early["90"][0] < early["50"][0] < early["value"] < early["50"][1] < early["90"][1]
    assert late["value"] != early["value"]


def test_what_cannot_be_entered_is_told_before_the_fit(capsys, tmp_path, monkeypatch) -> None:
    from organtwin.commands import visits

    library = tmp_path / "library.db"
    case = case_file(tmp_path, "2025-03-01", 150)
    monkeypatch.setattr(visits, "fitting_visit", lambda *known: pytest.fail("fitted first"))
    base = ("visit", case, "--patient", "p1", "--library", library)
    status, _, err = run(capsys, *base, "--followed", 7)
    assert status == 1
    assert "forecast '7'" in err
    status, _, err = run(capsys, *base, "--day", "2025-02-01")
    assert status == 2
    assert "2025-03-01 or later" in err
    status, _, err = run(capsys, "visit", "hfpef", "--patient", "p1", "--library", library)
    assert status == 2
    assert "--day" in err
    with Library.open(library) as opened:
        assert opened.patients() == ()


def test_a_visit_scores_what_was_foretold(capsys, ledger, tmp_path, few_members) -> None:
    case = case_file(tmp_path, "2026-01-05", 125)
    visit = ("visit", case, "--patient", "p1", "--library", ledger)
    status, out, _ = run(capsys, *visit, "--followed", 1)
    assert status == 0
    assert "1 numbers foretold before: 1 inside the 90 % band" in out
