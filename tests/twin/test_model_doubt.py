"""Bands hold the model's own error beside what the hearts of an ensemble differ."""

import math
from dataclasses import replace

import numpy as np
import pytest

from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.model_error import REACH_50, REACH_90, model_error
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.dose_response import dose_responding
from organtwin.twin.model_doubt import bands_of, change_bands_of, foretold, limits_of, quantiles
from organtwin.twin.prediction import predict
from organtwin.twin.time_course import Scheduled, error_share_at
from organtwin.units import L_PER_MIN, MMHG
from tests.unfitted_twin import normal_twin, with_members

FLOW = "cardiac_output"
VALUES = [L_PER_MIN * (5.0 + 0.01 * k) for k in range(-50, 51)]
ALIKE = [5.0 * L_PER_MIN] * 30


def plan(*texts):
    return TherapyPlan(tuple(parse_therapy(text) for text in texts))


def test_without_a_therapy_bands_are_those_of_the_hearts():
    band = bands_of({FLOW: VALUES})[FLOW]
    low, _, _, _, high = quantiles(VALUES)
    assert (band.low90, band.high90) == (low, high)


def test_hearts_that_are_alike_still_leave_the_models_error():
    band, sd = bands_of({FLOW: ALIKE}, 1.0)[FLOW], model_error().outputs[FLOW].sd
    assert band.high90 == pytest.approx(ALIKE[0] * math.exp(REACH_90 * sd))
    assert band.low90 == pytest.approx(ALIKE[0] * math.exp(-REACH_90 * sd))
    assert band.high50 == pytest.approx(ALIKE[0] * math.exp(REACH_50 * sd))


def test_both_doubts_add_in_quadrature():
    values, error = [MMHG * k for k in range(5, 26)], model_error().outputs["pcwp"]
    alone, both = (bands_of({"pcwp": values}, share)["pcwp"] for share in (0.0, 1.0))
    middle = 15.0 * MMHG
    assert both.high90 - middle == pytest.approx(
        math.hypot(alone.high90 - middle, REACH_90 * error.sd)
    )
    assert middle - both.low90 == pytest.approx(both.high90 - middle)


def test_a_wide_band_of_an_ejection_fraction_stays_below_one():
    band = bands_of({"lv_ef": [0.7 + 0.01 * k for k in range(30)]}, 3.0)["lv_ef"]
    assert 0.0 < band.low90 < band.low50 < band.high50 < band.high90 < 1.0


def test_a_change_is_widened_as_the_value_after_it():
    changes = change_bands_of({FLOW: [0.0] * 30}, {FLOW: ALIKE}, 1.0)[FLOW]
    after = bands_of({FLOW: ALIKE}, 1.0)[FLOW]
    assert changes.high90 == pytest.approx(after.high90 - ALIKE[0])
    assert changes.low50 == pytest.approx(after.low50 - ALIKE[0])


def test_a_quantity_without_published_responses_keeps_its_band():
    band = bands_of({"pump_flow": VALUES}, 1.0)["pump_flow"]
    assert band == bands_of({"pump_flow": VALUES})["pump_flow"]


def test_limits_over_time_follow_the_share():
    values = np.repeat(np.array(VALUES)[:, np.newaxis], 3, axis=1)
    low, high = limits_of(FLOW, values, np.array([0.0, 0.5, 1.0]))
    assert np.all(np.diff(high) > 0.0)
    assert np.all(np.diff(low) < 0.0)
    assert high[2] == bands_of({FLOW: VALUES}, 1.0)[FLOW].high90


def test_a_forecast_moves_each_heart_by_its_own_draw():
    places = tuple(range(100))
    moved = np.log(np.array(foretold(FLOW, [1.0] * 100, places, 1.0)))
    assert moved.std() == pytest.approx(model_error().outputs[FLOW].sd, rel=0.03)
    assert abs(moved.mean()) < 1e-9  # a stratum each
    assert foretold(FLOW, [1.0] * 100, places, 0.0) == [1.0] * 100


def test_a_prediction_holds_it_and_a_set_rate_is_certain():
    twin = with_members(normal_twin(), *normal_twin().ensemble[:1] * 12)
    found = predict(twin, plan("heart_rate 90 1/min", "fluid 500 mL"))
    bare = replace(found, error_share=0.0)
    assert found.certain == {"heart_rate"}
    assert found.foretold("heart_rate") == found.members["heart_rate"]
    assert np.std(found.foretold(FLOW)) > np.std(bare.foretold(FLOW))
    rate, flow = found.change_bands["heart_rate"], found.bands[FLOW]
    assert rate.high90 - rate.low90 == pytest.approx(0.0, abs=1e-9)
    assert flow.high90 / flow.low90 > math.exp(2.0 * REACH_90 * model_error().outputs[FLOW].sd)


def test_the_error_comes_and_goes_with_a_drug_in_time():
    course = (Scheduled(parse_therapy("dobutamine 10 ug/kg/min"), 60.0, 600.0),)
    at = [error_share_at(course, t, excited=False) for t in (0.0, 70.0, 590.0, 3600.0)]
    assert at[0] == 0.0
    assert 0.0 < at[1] < at[2] == 1.0
    assert at[3] < 0.01
    assert error_share_at(course, 0.0, excited=True) == 1.0


def test_the_dose_curve_has_the_bands_of_the_prediction_and_none_at_dose_zero():
    twin = with_members(normal_twin(), *normal_twin().ensemble[:1] * 12)
    given = plan("fluid 500 mL")
    steps = dose_responding(twin, given, "fluid", 12, insist=True)
    curve = [step.response for step in steps if step.response][-1]
    low, high = curve.bands[FLOW]
    width = high - low
    assert width[0] == pytest.approx(0.0, abs=1e-9)
    assert np.all(np.diff(width[:3]) > 0.0)


def test_a_set_rate_is_certain_on_the_dose_curve_too():
    twin = with_members(normal_twin(), *normal_twin().ensemble[:1] * 12)
    given = plan("heart_rate 90 1/min", "fluid 500 mL")
    steps = dose_responding(twin, given, "fluid", 12, insist=True)
    low, high = [step.response for step in steps if step.response][-1].bands["heart_rate"]
    assert high - low == pytest.approx(np.zeros(len(low)), abs=1e-9)


def test_the_same_drug_twice_is_one_drug_with_one_error():
    drug = parse_therapy("dobutamine 10 ug/kg/min")
    course = (Scheduled(drug, 0.0, 3600.0), Scheduled(drug, 60.0, 3600.0))
    assert error_share_at(course, 3000.0, excited=False) == 1.0
