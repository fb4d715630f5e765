"""Drugs together: shared receptors, competition, shared channels, the reflex left alone."""

from dataclasses import replace

import pytest

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.interactions import Given, combined_factors, open_channels
from organtwin.therapy.pharmacy import bundled_drugs
from organtwin.therapy.plan import TherapyPlan
from tests.therapy.written_drugs import drug

NORMAL = Conditions()


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
    assert after.reflex_held == {"contractility", "systemic_resistance", "heart_rate"}
    assert plan("nifedipine 7.7 nmol/L").apply(NORMAL).reflex_held == frozenset()


def test_a_chronic_plan_leaves_the_reflex_off():
    assert not plan("sacubitril_valsartan 100 %").apply(NORMAL).reflex
    assert plan("sacubitril_valsartan 100 %", "furosemide 1 mg/kg").apply(NORMAL).reflex


def test_exposures_that_are_not_steady_take_the_place_of_the_doses():
    full = plan("dobutamine 10 ug/kg/min", "milrinone 0.5 ug/kg/min")
    early = full.apply(NORMAL, {"dobutamine": 5.0, "milrinone": 0.0}).parameters
    half = plan("dobutamine 5 ug/kg/min").apply(NORMAL).parameters
    assert dict(early) == pytest.approx(dict(half))
