"""A vasoreactivity test by the guideline's rule, and the lung that floods a weak left ventricle."""

from functools import cache

import pytest

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.lung_findings import lung_findings
from organtwin.twin.prediction import predict
from organtwin.units import L_PER_MIN, MMHG
from tests.unfitted_twin import twin_under

NITRIC_OXIDE = (parse_therapy("inhaled_nitric_oxide 20 ppm"),)


def state(pressure, output=4.0, wedge=9.0):
    return {"pa_mean": pressure * MMHG, "cardiac_output": output * L_PER_MIN, "pcwp": wedge * MMHG}


def told(before, after, therapies=NITRIC_OXIDE):
    return " ".join(lung_findings(therapies, before, after))


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (state(50), state(38), "positive"), (state(50), state(40), "positive"),
        (state(45), state(36), "negative"),  # less than 10 mmHg
        (state(60), state(42), "negative"),  # not to 40 mmHg
        (state(50), state(38, output=3.5), "negative"),  # output lower
    ],
)  # fmt: skip
def test_a_vasoreactivity_test_is_judged_by_the_three_conditions(before, after, verdict):
    assert f"vasoreactivity test {verdict}: PA mean" in told(before, after)


def test_it_is_no_test_without_precapillary_disease_or_beside_another_drug():
    assert told(state(18), state(8)) == ""
    assert told(state(50, wedge=20), state(38, wedge=18)) == ""
    both = (*NITRIC_OXIDE, parse_therapy("sildenafil 20 mg"))
    assert told(state(50), state(38), both) == ""
    assert told(state(50), state(38), (parse_therapy("sildenafil 20 mg"),)) == ""


def test_a_rising_high_wedge_pressure_is_named():
    assert "risk of pulmonary oedema" in told(state(38, wedge=24), state(36, wedge=27))
    assert told(state(38, wedge=24), state(36, wedge=24.5)) == ""
    assert "oedema" not in told(state(50, wedge=9), state(45, wedge=11))
    other = (parse_therapy("norepinephrine 0.1 ug/kg/min"),)
    assert told(state(38, wedge=24), state(36, wedge=27), other) == ""


@cache
def nitric_oxide_in(force, resistance, volume):
    """80 ppm for a heart of that LV force, lung resistance and blood volume, as shares of usual."""
    sick = Conditions().scaled(
        lv_active_stress=force, septum_active_stress=force, pulmonary_resistance=resistance,
        blood_volume=volume,
    )  # fmt: skip
    plan = TherapyPlan((parse_therapy("inhaled_nitric_oxide 80 ppm"),))
    return predict(twin_under(sick), plan)


def test_nitric_oxide_floods_the_lung_of_a_weak_left_ventricle_by_mechanism():
    """Loh 1994: wedge pressure rises, PVR falls, systemic pressure stays."""
    found = nitric_oxide_in(0.35, 2.5, 1.4)
    before, after = found.before, found.after
    assert before["pcwp"] > 18.0 * MMHG
    assert after["pcwp"] > before["pcwp"] + 0.5 * MMHG
    assert after["pulmonary_vascular_resistance"] < 0.9 * before["pulmonary_vascular_resistance"]
    assert after["mean_arterial_pressure"] == pytest.approx(
        before["mean_arterial_pressure"], rel=0.06
    )


def test_in_precapillary_disease_pulmonary_pressure_falls_and_output_rises():
    found = nitric_oxide_in(1.0, 6.0, 1.1)
    before, after = found.before, found.after
    assert before["pa_mean"] > 30.0 * MMHG
    assert after["pa_mean"] < before["pa_mean"] - 2.0 * MMHG
    assert after["cardiac_output"] > before["cardiac_output"]
    assert any("vasoreactivity test" in text for text in found.warnings)
