"""``predict``, ``ramp`` and ``evidence`` on the command line, on a heart that is known."""

import json
from dataclasses import replace

import pytest

from organtwin.__main__ import main
from organtwin.commands import twins
from organtwin.simulation.conditions import Conditions
from organtwin.store import evidence_results
from tests.unfitted_twin import record, twin_under, unfitted_twin

OUTSIDE = ["predict", "default", "--therapy", "dobutamine 15 ug/kg/min"]


@pytest.fixture
def known(monkeypatch):
    fit = unfitted_twin(record(systolic_pressure=(118, 20))).fit
    twin = replace(twin_under(Conditions()), fit=fit)
    monkeypatch.setattr(twins, "fitted_twin", lambda case: twin)


def test_outside_there_is_a_reason_and_no_number(known, capsys):
    assert main([*OUTSIDE, "--json"]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told["error"]["type"] == "DeclinedError"
    assert "0 to 10 ug/kg/min" in told["error"]["message"]
    assert "after" not in told


def test_who_insists_gets_numbers_struck_through(known, capsys):
    assert main([*OUTSIDE, "--insist"]) == 0
    out = capsys.readouterr().out
    assert "EXTRAPOLATION" in out
    (rate,) = (line for line in out.splitlines() if line.startswith("HR "))
    assert rate.count("~~") == 6
    assert main([*OUTSIDE, "--insist", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["extrapolation"]


def test_inside_nothing_is_struck(known, capsys):
    assert main(["predict", "default", "--therapy", "dobutamine 5 ug/kg/min"]) == 0
    out = capsys.readouterr().out
    assert "~~" not in out
    assert "EXTRAPOLATION" not in out


def test_an_extrapolation_is_not_entered_in_the_ledger(known, capsys, tmp_path):
    library = ["--patient", "p1", "--library", str(tmp_path / "l.db")]
    assert main([*OUTSIDE, "--insist", *library]) == 2
    assert "extrapolation" in capsys.readouterr().err
    assert not (tmp_path / "l.db").exists()


def test_evidence_of_one_and_of_all(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv(evidence_results.PLACE, str(tmp_path / "none.json"))
    assert main(["evidence", "lvad"]) == 0
    out = capsys.readouterr().out
    for part in ("Context of use", "Bench test validation", "Population-based validation: absent",
                 "not run here yet", "influence low"):  # fmt: skip
        assert part in out
    assert main(["evidence", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert len(cards["dobutamine"]["kinds"]) == 8
    assert main(["evidence"]) == 0
    assert "0 of" in capsys.readouterr().out


def test_evidence_of_a_misspelt_therapy_offers_the_nearest(capsys):
    assert main(["evidence", "dobutamin"]) == 1
    assert "did you mean 'dobutamine'" in capsys.readouterr().err
