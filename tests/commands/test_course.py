"""``organtwin course``: its table, files and refusals."""

import csv
import json

import pytest

from organtwin.__main__ import main
from organtwin.commands import course
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_course import Stretch
from tests.unfitted_twin import explained_twin

DOBUTAMINE = "dobutamine 5 ug/kg/min from 10 s to 1 min"


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(course, "fitted_twin", lambda case: explained_twin())


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ending:
        raise SystemExit(main(["course", "default", *arguments]))
    return int(ending.value.code or 0)


def test_the_table_and_the_csv_tell_the_course(capsys, tmp_path):
    file = tmp_path / "course.csv"
    words = ("--therapy", DOBUTAMINE, "--duration", "60 s", "--members", "0", "--csv", str(file))
    assert run(*words) == 0
    text = capsys.readouterr().out
    assert "MAP mmHg" in text
    assert "point estimate" in text
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert len(rows) > 60
    assert float(rows[0]["dobutamine ug/kg/min"]) == 0.0
    assert float(rows[-1]["dobutamine ug/kg/min"]) > 1.0


def test_the_json_names_plan_and_bands(capsys):
    assert run("--therapy", DOBUTAMINE, "--duration", "1 min", "--members", "2", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["plan"][0]["start_s"] == 10.0
    assert facts["plan"][0]["stop_s"] == 60.0
    assert len(facts["bands"]["pcwp"]["low90"]) == len(facts["bands"]["pcwp"]["minutes"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--therapy", "dobutamine 5 ug/kg/min from 5 min to 1 min"), "0 <= start < stop"),
        (("--therapy", "dobutamine 5 ug/kg/min from soon now"), "a number and s, min, h or d"),
        (("--therapy", "dobutamine 50 ug/kg/min"), "0 to 20"),
        (("--therapy", DOBUTAMINE, "--duration", "1 s"), "60 s to 7 d"),
        (("--therapy", DOBUTAMINE, "--therapy", DOBUTAMINE), "each therapy once"),
        (("--therapy", DOBUTAMINE, "--members", "-1"), "0 or more"),
    ],
)
def test_what_cannot_be_run_is_refused_before_the_fit(words, told, capsys):
    assert run(*words) == 2
    assert told in capsys.readouterr().err


EPINEPHRINE = ("--therapy", "epinephrine 0.05 ug/kg/min", "--duration", "60 s", "--members", "0")


def test_outside_what_was_checked_it_is_declined(capsys):
    assert run(*EPINEPHRINE) != 0
    told = capsys.readouterr()
    assert "outside the checked range" in told.err
    assert "MAP" not in told.out


def test_who_insists_has_it_marked_in_text_json_and_file(capsys, tmp_path):
    file = tmp_path / "course.csv"
    assert run(*EPINEPHRINE, "--insist", "--csv", str(file)) == 0
    assert "EXTRAPOLATION" in capsys.readouterr().out
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert {row["extrapolation"] for row in rows} == {"True"}
    assert run(*EPINEPHRINE, "--insist", "--json") == 0
    assert "Epinephrine" in json.loads(capsys.readouterr().out)["extrapolation"][0]


def test_a_stretch_outside_what_was_checked_is_marked_in_table_csv_and_json(
    capsys, tmp_path, monkeypatch
):
    why = Beyond("the state that is reached", "MAP 45 mmHg", "50 to 150 mmHg", "", "Stop earlier.")
    half = Stretch(30.0, 60.0, (why,))
    monkeypatch.setattr(course, "stretches_beyond", lambda course: (half,))
    file = tmp_path / "course.csv"
    words = ("--therapy", DOBUTAMINE, "--duration", "60 s", "--members", "0")
    assert run(*words, "--csv", str(file)) == 0
    assert "! 0.5 to 1.0 min is an extrapolation: the state that is reached: MAP 45" in (
        capsys.readouterr().out
    )
    rows = list(csv.DictReader(file.read_text().splitlines()))
    marked = [row["extrapolation"] for row in rows]
    assert (marked[0], marked[-1]) == ("False", "True")
    assert "MAP 45 mmHg" in rows[-1]["extrapolation because"]
    run(*words, "--json")
    (told,) = json.loads(capsys.readouterr().out)["extrapolated_stretches"]
    assert (told["start_s"], told["stop_s"]) == (30.0, 60.0)
