"""``organtwin ramp``: its table, its JSON, and what it refuses before the fit."""

import json

import pytest

from organtwin.__main__ import main
from organtwin.commands import ramp
from organtwin.simulation.conditions import Conditions
from tests.unfitted_twin import twin_under


@pytest.fixture
def known(monkeypatch):
    weak = Conditions().scaled(lv_active_stress=0.35, septum_active_stress=0.35)
    monkeypatch.setattr(ramp, "fitted_twin", lambda case: twin_under(weak))


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ending:
        raise SystemExit(main(arguments))
    return int(ending.value.code or 0)


def test_the_table_has_a_line_for_each_speed_and_says_what_is_wrong(known, capsys):
    assert run(["ramp", "default", "--speeds", "4600,7000", "--insist"]) == 0
    text = capsys.readouterr().out
    assert "Ramp of LVAD (HeartMate 3)" in text
    lines = [line.split() for line in text.splitlines()]
    assert [line[0] for line in lines if line and line[0] in ("4600", "7000")] == ["4600", "7000"]
    assert "! 7000 rpm: the aortic valve never opens" in text


def test_the_json_names_units(known, capsys):
    assert run(["ramp", "default", "--device", "ecmo", "--speeds", "2", "--json", "--insist"]) == 0
    facts = json.loads(capsys.readouterr().out)
    (step,) = facts["steps"]
    assert facts["unit"] == "L/min"
    assert step["flow_l_per_min"] == pytest.approx(1.9, abs=0.2)
    assert step["outcome"] == "STEADY"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--device", "aspirin"], "one of lvad"),
        (["--speeds", "fast"], "with commas between"),
        (["--speeds", "100"], "3000 to 9000 rpm"),
        (["--therapy", "nothing"], "name of a therapy"),
    ],
)
def test_wrong_usage_is_told_before_the_fit(monkeypatch, capsys, arguments, hint):
    monkeypatch.setattr(ramp, "fitted_twin", lambda case: pytest.fail("fitted"))
    assert run(["ramp", "default", *arguments]) == 2
    assert hint in capsys.readouterr().err
