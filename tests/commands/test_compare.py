"""``organtwin compare``: its table, its JSON, and what it refuses before the fit."""

import json

import pytest

from organtwin.__main__ import main
from organtwin.commands import compare
from tests.unfitted_twin import explained_twin

PLANS = ("--plan", "fluid 500 mL", "--plan", "dobutamine 5 ug/kg/min + fluid 250 mL")


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(compare, "fitted_twin", lambda case: explained_twin())


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ending:
        raise SystemExit(main(arguments))
    return int(ending.value.code or 0)


def test_the_table_has_columns_for_every_plan_and_a_line_for_every_pair(known, capsys):
    assert run(["compare", "default", *PLANS]) == 0
    text = capsys.readouterr().out
    header = next(line for line in text.splitlines() if line.startswith("quantity"))
    assert " ".join(header.split()) == (
        "quantity unit untreated A 90 % band change B 90 % band change"
    )
    assert "B: Dobutamine 5" in text
    assert "better in all of: higher CO and lower PCWP" in text
    assert [line for line in text.splitlines() if line.startswith("- A or B: A better")]


def test_the_json_says_how_often_fluid_raises_output_and_wedge_pressure(known, capsys):
    assert run(["compare", "default", *PLANS, "--outcomes", "cardiac_output,+pcwp", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert list(facts["plans"]) == ["A", "B"]
    assert facts["outcomes"][1] == {"name": "pcwp", "better": "higher"}
    first = facts["dominance"][0]
    assert (first["first"], first["second"], first["hearts"]) == ("A", "untreated", 2)
    assert first["first_better"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--plan", "fluid 500 mL + fluid 250 mL"], "a second time"),
        (["--plan", "nothing at all"], "name of a therapy"),
        (["--plan", "fluid 500 mL", "--outcomes", "cardiac_ouput"], "cardiac_output"),
        (["--plan", "fluid 500 mL"] * 5, "at most 4 plans"),
    ],
)
def test_wrong_usage_is_told_before_the_fit(monkeypatch, capsys, arguments, hint):
    monkeypatch.setattr(compare, "fitted_twin", lambda case: pytest.fail("fitted"))
    assert run(["compare", "default", *arguments]) == 2
    assert hint in capsys.readouterr().err


def test_a_plan_outside_what_was_checked_is_declined_and_the_others_are_shown(known, capsys):
    plans = ("--plan", "fluid 500 mL", "--plan", "epinephrine 0.05 ug/kg/min")
    assert run(["compare", "default", *plans]) == 1
    text = capsys.readouterr().out
    assert "! B declined: Epinephrine" in text
    assert "- A or untreated: A better" in text
    assert "B better" not in text


def test_who_insists_sees_the_plan_struck_through_and_told(known, capsys):
    plans = ("--plan", "fluid 500 mL", "--plan", "epinephrine 0.05 ug/kg/min")
    assert run(["compare", "default", *plans, "--insist"]) == 0
    text = capsys.readouterr().out
    assert "x B EXTRAPOLATION: Epinephrine" in text
    assert next(line for line in text.splitlines() if line.startswith("CO")).count("~") >= 4
    pair = next(line for line in text.splitlines() if line.startswith("- A or B"))
    assert pair.endswith("(extrapolation)")


def test_where_every_plan_is_declined_the_reasons_are_the_answer(known, capsys):
    assert run(["compare", "default", "--plan", "epinephrine 0.05 ug/kg/min"]) == 1
    assert "outside the checked range. A: Epinephrine" in capsys.readouterr().err
