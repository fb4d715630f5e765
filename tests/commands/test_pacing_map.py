"""``organtwin pacing-map``: settings of a failing heart with left bundle branch block, few each."""

import csv
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from organtwin.commands import pacing
from organtwin.commands.line import run
from organtwin.twin.pacing_grids import mode_grid, site_grid, timing_grid
from tests.own_electrics import electrics, twin

CASE = "hfref_lbbb"
SHORT, LONG = 0.10, 0.16


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small grids on a heart that is known already."""
    monkeypatch.setattr(pacing, "fitted_twin", lambda case, members: twin(case))
    monkeypatch.setattr(pacing, "_electrics", lambda found: electrics(CASE))
    delays = (SHORT, LONG)
    monkeypatch.setattr(
        pacing, "timing_grid", partial(timing_grid, av_delays=delays, vv_delays=(0.0, 0.04))
    )
    monkeypatch.setattr(pacing, "mode_grid", partial(mode_grid, av_delays=delays))
    monkeypatch.setattr(pacing, "site_grid", partial(site_grid, count=3, vv_delays=(0.0, 0.04)))
    return


def told(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["pacing-map", CASE, *options]) == 0
    return capsys.readouterr().out


def facts(capsys: pytest.CaptureFixture[str], *options: str) -> dict:
    return json.loads(told(capsys, "--json", *options))


def test_the_table_has_a_row_for_every_delay_and_marks_the_best(capsys) -> None:
    text = told(capsys)
    rows = {line.split()[0]: line for line in text.splitlines() if line[:3] in ("100", "160")}
    assert set(rows) == {"100", "160"}
    assert "*" in rows["100"]
    assert "*" not in rows["160"]
    assert "not for clinical decisions" in text


def test_lines_of_the_text_fit_on_a_wide_terminal(capsys) -> None:
    assert max(map(len, told(capsys).splitlines())) <= 160


def test_json_names_what_is_as_good_as_the_best(capsys) -> None:
    found = facts(capsys)
    assert len(found["settings"]) == 4
    assert found["without_pacemaker"]["qrs_duration"] == 179
    best = found["best"]["dp_dt_max"]["setting"]
    row = next(row for row in found["settings"] if row["setting"] == best)
    assert "dp_dt_max" in row["as_good_as_best"]
    assert not all("dp_dt_max" in other["as_good_as_best"] for other in found["settings"])
    assert row["dp_dt_max"] == max(other["dp_dt_max"] for other in found["settings"])


def test_a_map_over_modes_has_every_mode(capsys) -> None:
    found = facts(capsys, "--over", "modes")
    assert found["rows"][:2] == ["RV only", "LV only"]
    assert len(found["settings"]) == 2 * len(found["rows"]) == 14


def test_a_map_over_sites_tries_the_left_lead_at_each(capsys, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    found = facts(capsys, "--over", "sites", "--av", "100", "--csv", str(file))
    assert [name.split(".")[0] for name in found["rows"]] == ["1", "2", "3"]
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert len(rows) == len(found["settings"]) == 6
    assert len({row["lv_site"] for row in rows}) == 3
    assert {row["av_ms"] for row in rows} == {"100"}
    values = {float(row["dp_dt_max_mmhg_per_s"]) for row in rows if row["vv_ms_lv_first"] == "0"}
    assert len(values) == 3
    assert [float(row["dp_dt_max_mmhg_per_s"]) for row in rows] == [
        row["dp_dt_max"] for row in found["settings"]
    ]


def test_settings_of_sites_are_told_apart(capsys) -> None:
    names = [row["setting"] for row in facts(capsys, "--over", "sites")["settings"]]
    assert len(set(names)) == len(names)


def test_a_lead_that_does_not_exist_is_refused(capsys) -> None:
    assert run(["pacing-map", CASE, "--lead", "LV=the moon"]) != 0
    assert "lateral vein of the left ventricle" in capsys.readouterr().err


def test_one_side_alone_has_no_map_of_delays_between_sides(capsys) -> None:
    assert run(["pacing-map", CASE, "--mode", "RV only"]) != 0
    assert "map the modes" in capsys.readouterr().err


def test_modes_that_nobody_compared_are_left_out_unless_somebody_insists(
    capsys, tmp_path: Path
) -> None:
    shy = facts(capsys, "--over", "modes")
    assert any(name.startswith("His bundle") for name in shy["refused"])
    assert not any("biventricular pacing" in name for name in shy["refused"])
    file = tmp_path / "modes.csv"
    bold = facts(capsys, "--over", "modes", "--insist", "--csv", str(file))
    assert bold["refused"] == {}
    marked = {row["row"] for row in bold["settings"] if row["extrapolation"]}
    assert "His bundle" in marked
    assert "biventricular" not in marked
    rows = {
        row["mode"]: row["extrapolation"] for row in csv.DictReader(file.read_text().splitlines())
    }
    assert "nobody" in rows["His bundle"]
    assert rows["biventricular"] == ""


def test_the_table_of_an_insisted_map_marks_what_is_outside(capsys) -> None:
    text = told(capsys, "--over", "modes", "--insist")
    (his,) = [line for line in text.splitlines() if line.startswith("His bundle")]
    assert "!" in his
    assert "! extrapolation, outside what was checked" in text
