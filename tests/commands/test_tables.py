"""What the tables and the JSON of the command line say, and the exit status of bad endings."""

import json

import pytest

from organtwin.__main__ import main
from organtwin.commands import twins
from organtwin.commands.tables import (
    RESPONSE,
    fit_text,
    prediction_json,
    prediction_text,
    twin_json,
)
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin import prediction as prediction_module
from organtwin.twin.model_doubt import Band
from organtwin.twin.prediction import Prediction
from organtwin.units import L_PER_MIN, PER_MIN
from tests.unfitted_twin import normal_twin, twin_under


def prediction() -> Prediction:
    """Cardiac output from 4 to 5 L/min, by 0.6 to 1.4 (90 %) or 0.8 to 1.2 (50 %)."""
    before = dict.fromkeys(RESPONSE, 0.0) | {"cardiac_output": 4.0 * L_PER_MIN}
    after = before | {"cardiac_output": 5.0 * L_PER_MIN}
    band = Band(*(x * L_PER_MIN for x in (4.6, 4.8, 5.2, 5.4)))
    change = Band(*(x * L_PER_MIN for x in (0.6, 0.8, 1.2, 1.4)))
    return Prediction(
        plan=TherapyPlan((parse_therapy("norepinephrine 0.1 ug/kg/min"),)),
        conditions=Conditions(), solution=normal_twin().baseline, before=before, after=after,
        warnings=("mind the gap",), bands={"cardiac_output": band},
        change_bands={"cardiac_output": change},
    )  # fmt: skip


def row(text: str, label: str) -> list[str]:
    return next(line for line in text.splitlines() if line.split()[:1] == [label]).split()


def test_a_response_row_tells_before_after_change_and_the_band_of_the_change():
    text = prediction_text(prediction())
    assert row(text, "CO") == ["CO", "4.00", "5.00", "+1.00", "+0.60", "to", "+1.40", "L/min"]
    assert row(text, "HR") == ["HR", "0", "0", "+0", "1/min"]
    assert "! mind the gap" in text
    assert "Norepinephrine: evidence assumed" in text


def test_a_response_as_json_is_in_clinical_units():
    facts = prediction_json(prediction())
    assert facts["warnings"] == ["mind the gap"]
    assert facts["before"]["cardiac_output"] == {"value": 4.0, "unit": "L/min"}
    assert facts["bands"]["cardiac_output"]["90"] == pytest.approx([4.6, 5.4])
    assert facts["bands"]["cardiac_output"]["50"] == pytest.approx([4.8, 5.2])
    assert facts["change_bands"]["cardiac_output"]["90"] == pytest.approx([0.6, 1.4])
    (therapy,) = facts["plan"]
    assert (therapy["name"], therapy["dose"], therapy["evidence"]) == (
        "norepinephrine", 0.1, "assumed",
    )  # fmt: skip


def test_a_fit_row_tells_measured_sd_and_twin_in_this_order():
    twin = normal_twin()
    text = fit_text(twin)
    edv = twin.fit.rows[0]
    volume = f"{edv.model * 1e6:.0f}"
    assert row(text, "LVEDV") == ["LVEDV", "100", "5", volume, "mL", f"{edv.z:+.1f}", "measured"]
    assert row(text, "HR") == ["HR", "70", "2", "70", "1/min", "set", "measured"]
    assert "1 of 2 fitted measurements within 2 sd" in text
    assert "- not used: QT" in text


def test_a_fit_as_json_has_no_z_for_what_was_put_in():
    rows = {row["name"]: row for row in twin_json(normal_twin())["fit"]}
    assert rows["heart_rate"]["z"] is None
    assert rows["heart_rate"]["measured"] == pytest.approx(70)
    assert rows["lv_edv"]["z"] == normal_twin().fit.rows[0].z
    assert rows["lv_edv"]["twin"] == pytest.approx(normal_twin().numbers["lv_edv"] * 1e6)


def test_a_plan_that_does_not_settle_has_status_one(capsys, monkeypatch):
    monkeypatch.setattr(twins, "fitted_twin", lambda case: normal_twin())
    monkeypatch.setattr(prediction_module, "RULE", Periodicity(1e-9, beat_limit=2))
    assert main(["predict", "default", "--therapy", "fluid 500 mL", "--insist"]) == 1
    assert "not yet steady" in capsys.readouterr().out


def test_a_plan_beyond_the_model_has_status_one_and_names_the_therapy(capsys, monkeypatch):
    fast = twin_under(Conditions().with_parameters(heart_rate=200 * PER_MIN))
    monkeypatch.setattr(twins, "fitted_twin", lambda case: fast)
    assert (
        main(["predict", "default", "--therapy", "dobutamine 20 ug/kg/min", "--json", "--insist"])
        == 1
    )
    captured = capsys.readouterr()
    assert captured.err.startswith("organtwin: Dobutamine 20.0 ug/kg/min: heart_rate")
    assert "smaller dose" in json.loads(captured.out)["error"]["message"]


CASE = """
format = "organtwin-case"
version = 1
id = "written"
title = "Written by hand"
diagnosis = "none"

[[measurement]]
name = "heart_rate"
value = 100
unit = "1/min"
source = "hand"

[[measurement]]
name = "{name}"
value = {value}
unit = "{unit}"
source = "hand"
"""


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("mitral_valve_area", 25, "cm2", "0.2 to 12 cm2"),
        ("pr_interval", 300, "ms", "30 ms to 270 ms"),
        ("lv_mass", 650, "g", "19 g to 583 g"),
        ("rv_mass", 250, "g", "8 g to 232 g"),
    ],
)
def test_a_value_the_model_cannot_take_is_told_with_its_field(
    capsys, tmp_path, name, value, unit, expected
):
    case = tmp_path / "hand.toml"
    case.write_text(CASE.format(name=name, value=value, unit=unit), encoding="utf-8")
    assert main(["fit", str(case), "--json"]) == 1
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert error["type"] == "RecordError"
    assert name in error["field"] + error["expected"]
    assert expected in error["expected"]
    assert str(value) in error["got"]
    assert error["remedy"]
    assert error["source"] in (str(case), "Written by hand")


def test_one_therapy_given_twice_is_refused_before_the_fit(capsys, monkeypatch):
    monkeypatch.setattr(twins, "fitted_twin", lambda case: pytest.fail("fitted first"))
    arguments = ["predict", "default", "--therapy", "fluid 250 mL", "--therapy", "fluid 500 mL"]
    assert main(arguments) == 2
    assert "fluid a second time" in capsys.readouterr().err


def test_therapies_that_contradict_each_other_are_refused_before_the_fit(capsys, monkeypatch):
    monkeypatch.setattr(twins, "fitted_twin", lambda case: pytest.fail("fitted first"))
    arguments = [
        "predict",
        "default",
        "--therapy",
        "lv_pacing 100 ms",
        "--therapy",
        "rv_pacing 100 ms",
    ]
    assert main(arguments) == 2
    assert "got lv_pacing and rv_pacing" in capsys.readouterr().err
