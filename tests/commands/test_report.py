"""``organtwin report``: what it writes, and what it refuses before the fit."""

import json
import zipfile
from dataclasses import replace

import pytest

from organtwin.__main__ import main
from organtwin.commands import report
from organtwin.simulation.conditions import Conditions
from tests.unfitted_twin import record, twin_under, unfitted_twin

INSIDE = ("--plan", "dobutamine 5 ug/kg/min")
OUTSIDE = ("--plan", "dobutamine 15 ug/kg/min")


@pytest.fixture
def known(monkeypatch):
    fit = unfitted_twin(record(systolic_pressure=(118, 20))).fit
    twin = replace(twin_under(Conditions()), fit=fit)
    monkeypatch.setattr(report, "fitted_twin", lambda case: twin)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ending:
        raise SystemExit(main(["report", "default", *arguments]))
    return int(ending.value.code or 0)


def test_report_and_bundle_are_written(known, capsys, tmp_path):
    out, bundle = tmp_path / "x.pdf", tmp_path / "x.zip"
    assert run(*INSIDE, "--out", str(out), "--bundle", str(bundle), "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["written"] == [str(out), str(bundle)]
    assert facts["plans"] == {"A": "predicted"}
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read("report.pdf") == out.read_bytes()
        foretold = json.loads(archive.read("prediction.json"))
    assert foretold["plans"][0]["quantities"]["cardiac_output"]["unit"] == "L/min"
    assert out.read_bytes().count(b"/Subtype /Image") >= 2  # both hearts


def test_a_plan_outside_stands_on_the_page_as_declined(known, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "_painted", lambda found, *_: found.plans[0].shown.why.encode())
    out = tmp_path / "x.pdf"
    assert run(*OUTSIDE, *INSIDE, "--out", str(out)) == 1
    assert "0 to 10 ug/kg/min" in out.read_text()
    told = capsys.readouterr().out.splitlines()
    assert told == [str(out), "plan A: declined", "plan B: predicted"]


def test_who_insists_gets_an_extrapolation(known, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "_painted", lambda *_: b"%PDF")
    assert run(*OUTSIDE, "--insist", "--out", str(tmp_path / "x.pdf")) == 0
    assert "plan A: extrapolated" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (INSIDE, "neither --out nor --bundle"),
        ((*INSIDE, "--out", "x.png"), ".pdf"),
        ((*INSIDE, "--bundle", "x.pdf"), ".zip"),
        (("--therapy", "nothing at all", "--out", "x.pdf"), "name of a therapy"),
        ((*INSIDE * 4, "--therapy", "fluid 1 mL", "--out", "x.pdf"), "at most 4 plans"),
    ],
)
def test_wrong_usage_is_told_before_the_fit(
    monkeypatch, capsys, tmp_path, arguments, hint
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "fitted_twin", lambda case: pytest.fail("fitted"))
    assert run(*arguments) == 2
    assert hint in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_before_the_fit(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(report, "fitted_twin", lambda case: pytest.fail("fitted"))
    assert run(*INSIDE, "--out", str(tmp_path / "nowhere" / "x.pdf")) == 1
    assert "Make the folder" in capsys.readouterr().err
