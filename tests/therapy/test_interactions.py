"""Drugs together: shared receptors, competition, shared channels, the reflex left alone."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.settling import steady_under
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.interactions import Given, combined_factors, held_targets, open_channels
from organtwin.therapy.pharmacy import bundled_drugs
from organtwin.therapy.plan import TherapyPlan
from tests.therapy.written_drugs import drug

NORMAL = Conditions()
DOBUTAMINE_HOLDS = ("contractility", "heart_rate")


def plan(*texts):
    return TherapyPlan(tuple(parse_therapy(text) for text in texts))


def factors(*given):
    return combined_factors(given, heart_failure=False)


def test_two_agonists_of_one_receptor_share_it(tmp_path):
    one = drug(tmp_path, {"receptor": "r"}, name="one")
    both = factors(Given(one, 2.0), Given(replace(one, name="two"), 2.0))
    assert both["contractility"] == pytest.approx(factors(Given(one, 4.0))["contractility"])
    flood = factors(Given(one, 1e6), Given(replace(one, name="two"), 1e6))
    assert flood["contractility"] == pytest.approx(1.5, abs=1e-5)


def test_effects_without_a_shared_receptor_multiply(tmp_path):
    one = drug(tmp_path, {"receptor": "r"}, name="one")
    other = drug(tmp_path, {"receptor": "s"}, name="other")
    alone = factors(Given(one, 2.0))["contractility"]
    assert factors(Given(one, 2.0), Given(other, 2.0))["contractility"] == pytest.approx(alone**2)


def test_an_antagonist_shifts_the_agonists_curve_and_keeps_its_own_effect(tmp_path):
    agonist = drug(tmp_path, {"receptor": "r"}, name="agonist")
    antagonist = drug(
        tmp_path, {"receptor": "r", "maximum": -0.2, "antagonist": True}, name="antagonist"
    )
    own = factors(Given(antagonist, 4.0))["contractility"]
    assert own == pytest.approx(1 - 0.2 * 4 / 6)
    both = factors(Given(agonist, 6.0), Given(antagonist, 4.0))["contractility"]
    shifted = factors(Given(agonist, 6.0 / 3.0))["contractility"]
    assert both == pytest.approx(own * shifted)


def test_esmolol_takes_force_and_rate_from_dobutamine_but_not_its_widening_of_vessels():
    alone = plan("dobutamine 10 ug/kg/min").apply(NORMAL).parameters
    blocker = plan("esmolol 16 mg/min").apply(NORMAL).parameters
    both = plan("dobutamine 10 ug/kg/min", "esmolol 16 mg/min").apply(NORMAL).parameters
    usual = NORMAL.parameters
    for name in ("lv_active_stress", "heart_rate"):
        independent = alone[name] * blocker[name] / usual[name]
        assert both[name] < 0.97 * independent
    assert both["systemic_resistance"] == pytest.approx(alone["systemic_resistance"])


def test_esmolol_takes_force_and_rate_from_norepinephrine_but_not_its_narrowing_of_vessels():
    """Propranolol took all of the rate from hearts without nerves (Cannom 1975)."""
    alone = plan("norepinephrine 0.2 ug/kg/min").apply(NORMAL).parameters
    blocker = plan("esmolol 16 mg/min").apply(NORMAL).parameters
    both = plan("norepinephrine 0.2 ug/kg/min", "esmolol 16 mg/min").apply(NORMAL).parameters
    usual = NORMAL.parameters
    for name in ("lv_active_stress", "heart_rate"):
        assert alone[name] > 1.05 * usual[name]
        assert both[name] < 0.97 * alone[name] * blocker[name] / usual[name]
    assert both["systemic_resistance"] == pytest.approx(alone["systemic_resistance"])


def test_two_blockers_of_one_channel_share_it():
    verapamil, diltiazem = bundled_drugs()["verapamil"].drug, bundled_drugs()["diltiazem"].drug
    one = open_channels([Given(verapamil, 81.0)])["I_CaL"]
    other = open_channels([Given(diltiazem, 122.0)])["I_CaL"]
    both = open_channels([Given(verapamil, 81.0), Given(diltiazem, 122.0)])["I_CaL"]
    assert one == pytest.approx(1 / (1 + (81 / 201.7832944) ** 1.096809669))
    assert both == pytest.approx(1 / (1 / one + 1 / other - 1))
    assert both > one * other


def test_flecainide_blocks_sodium_channels_far_more_in_use():
    flecainide = bundled_drugs()["flecainide"].drug
    assert open_channels([Given(flecainide, 753.0)])["I_Na"] == pytest.approx(0.984, abs=0.001)
    assert open_channels([Given(flecainide, 753.0)], used=True)["I_Na"] == pytest.approx(
        0.65, abs=0.002
    )


def test_an_acute_plan_turns_the_reflex_on_and_holds_what_was_measured_with_it():
    after = plan("dobutamine 5 ug/kg/min").apply(NORMAL)
    assert after.reflex
    assert after.reflex_held == dict.fromkeys(DOBUTAMINE_HOLDS, 1.0)
    assert plan("nifedipine 7.7 nmol/L").apply(NORMAL).reflex_held == {}


def held(text):
    return plan(text).apply(NORMAL).reflex_held


def test_the_usual_dose_of_every_drug_holds_fully():
    for dosed in bundled_drugs().values():
        found = held_targets([Given(dosed.drug, dosed.drug.exposure(dosed.default))])
        assert set(found.values()) <= {1.0}, dosed.drug.name


def test_a_trace_of_a_drug_holds_a_trace():
    assert all(share < 3e-3 for share in held("dobutamine 0.005 ug/kg/min").values())
    assert held("dobutamine 0 ug/kg/min") == {}


def test_the_hold_grows_with_the_dose_without_a_jump_to_the_lowest_dose_measured():
    doses = np.linspace(0.01, 5.0, 500)
    shares = np.array(
        [
            [held(f"dobutamine {dose:.3f} ug/kg/min")[target] for target in DOBUTAMINE_HOLDS]
            for dose in doses
        ]
    )
    steps = np.diff(shares, axis=0)
    assert np.all(steps >= 0.0)
    assert steps.max() < 0.01  # the steepest, of Hill exponent 1.5, rises by 0.006 per 0.01
    assert np.all(shares[doses >= 2.5] == 1.0)
    assert np.all(shares[doses < 2.49] < 1.0)


def test_a_trace_of_nitroglycerin_does_not_disturb_dobutamine():
    """Held fully from the first trace on, output fell by 0.1 L/min and pressure by 1.5 mmHg."""
    rule = Periodicity(tolerance=3e-4, beat_limit=150)
    rest = to_steady_state(beats(NORMAL), rule).beat
    seen = []
    for texts in (
        ["dobutamine 5 ug/kg/min"],
        ["dobutamine 5 ug/kg/min", "nitroglycerin 0.1 ug/min"],
    ):
        found, conditions = steady_under(plan(*texts).apply(NORMAL), rest, rule)
        seen.append(biomarkers(found.beat, conditions))
    alone, both = seen
    assert both["cardiac_output"] == pytest.approx(alone["cardiac_output"], rel=1e-3)
    assert both["mean_arterial_pressure"] == pytest.approx(
        alone["mean_arterial_pressure"], rel=1e-3
    )


def test_half_of_the_effect_holds_half_in_proportion(tmp_path):
    one = drug(tmp_path, {}, measured_from=2.0)  # half effect there, so 1/4 of the maximum at 2/3
    assert held_targets([Given(one, 2.0 / 3.0)]) == pytest.approx({"contractility": 0.5})
    assert held("furosemide 0.25 mg/kg") == pytest.approx({"blood_volume": 0.25})  # usual 1 mg/kg


def test_drugs_hold_of_what_the_others_leave(tmp_path):
    one = drug(tmp_path, {}, measured_from=2.0)
    trace = Given(one, 2.0 / 3.0)
    assert held_targets([trace, trace]) == pytest.approx({"contractility": 0.75})
    assert held_targets([trace], {"contractility": 0.2}) == pytest.approx({"contractility": 0.6})
    assert held_targets([trace, Given(one, 5.0)]) == {"contractility": 1.0}


def test_a_chronic_plan_leaves_the_reflex_off():
    assert not plan("sacubitril_valsartan 100 %").apply(NORMAL).reflex
    assert plan("sacubitril_valsartan 100 %", "furosemide 1 mg/kg").apply(NORMAL).reflex


def test_exposures_that_are_not_steady_take_the_place_of_the_doses():
    full = plan("dobutamine 10 ug/kg/min", "milrinone 0.5 ug/kg/min")
    early = full.apply(NORMAL, {"dobutamine": 5.0, "milrinone": 0.0}).parameters
    half = plan("dobutamine 5 ug/kg/min").apply(NORMAL).parameters
    assert dict(early) == pytest.approx(dict(half))
