"""What a twin and its prediction say, on a heart that is known beforehand."""

from itertools import pairwise

import numpy as np
import pytest

from organtwin.errors import ParameterError
from organtwin.physiology.electrophysiology.conduction import template_activations
from organtwin.simulation.beat import Outcome
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.model_error import REACH_50, REACH_90, model_error
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin import prediction as prediction_module
from organtwin.twin.prediction import predict, predicting
from organtwin.units import CM2, ML, PER_MIN
from tests.unfitted_twin import (
    WIDTH,
    normal_twin,
    numbers,
    record,
    twin_under,
    unfitted_twin,
    with_members,
)

NORMAL = Conditions()


def plan(*texts: str) -> TherapyPlan:
    return TherapyPlan(tuple(parse_therapy(text) for text in texts))


def test_rows_keep_the_order_of_the_record_and_z_is_positive_where_the_twin_is_larger():
    twin = normal_twin()
    rows = twin.fit.rows
    assert [row.measurement.name for row in rows] == ["lv_edv", "heart_rate", "systolic_pressure"]
    edv, rate, _ = rows
    assert edv.model == twin.numbers["lv_edv"]
    assert edv.z == pytest.approx((edv.model - 100 * ML) / (5 * ML))
    assert edv.z > 3
    assert (rate.direct, rate.z) == (True, 0.0)
    assert (twin.fit.n_targets, twin.fit.within_two_sd) == (2, 1)


def test_findings_tell_what_was_missed_and_what_was_not_used():
    findings = normal_twin().fit.findings
    missed = [f for f in findings if f.startswith("not reached")]
    assert len(missed) == 1
    assert missed[0].startswith("not reached: LVEDV measured 100 mL, twin 1")
    assert "(+" in missed[0]
    assert "not used: QT" in findings


def test_an_empty_record_is_told_to_be_a_normal_heart():
    twin = twin_under(NORMAL)
    assert twin.fit.rows == ()
    assert any(finding.startswith("nothing to fit") for finding in twin.fit.findings)


def test_a_fitted_parameter_tells_its_start_and_its_doubt_in_its_own_unit():
    twin = unfitted_twin(record(lv_edv=(150, 5)), lever=0.2)
    for parameter in twin.fit.parameters:
        assert parameter.prior == twin.observation.conditions.parameters[parameter.spec.name]
        assert parameter.value == pytest.approx(parameter.prior * np.exp(0.2))
        assert parameter.sd == pytest.approx(WIDTH * parameter.value)
    narrow = {p.label: p.narrowing for p in twin.fit.parameters}
    assert narrow["Left contractility"] == pytest.approx(WIDTH / 0.5)
    loose = next(p for p in twin.fit.parameters if p.label == "Duration of contraction")
    assert loose.narrowing == pytest.approx(1.0)
    assert not loose.determined


def test_bands_of_identical_members_leave_the_model_error_where_no_response_varies():
    found = predict(normal_twin(), plan("heart_rate 90 1/min"))
    for name in ("lv_edv", "cardiac_output", "mean_arterial_pressure"):
        before, after, error = found.before[name], found.after[name], model_error().outputs[name]
        assert after != before
        assert found.members[name] == pytest.approx([after] * 2, rel=1e-9)
        band, change = found.bands[name], found.change_bands[name]
        for edge, step, z in ((band.low90, change.low90, -REACH_90),
                              (band.high50, change.high50, REACH_50)):  # fmt: skip
            assert edge == pytest.approx(error.moved(after, z), rel=1e-9)
            assert step == pytest.approx(edge - before, rel=1e-6)


def test_identical_hearts_respond_each_in_its_own_way():
    """With no doubt about the patient the band is the therapy's own, and drivers say so."""
    twin = normal_twin()
    found = predict(with_members(twin, *twin.ensemble[:1] * 40), plan("nitroprusside 2 ug/kg/min"))
    band, pressure = found.bands["mean_arterial_pressure"], found.after["mean_arterial_pressure"]
    assert band.low90 < band.low50 < pressure < band.high50 < band.high90
    assert found.survivors == tuple(range(40))
    drivers = found.drivers["mean_arterial_pressure"]
    assert drivers.therapy > 0.85
    assert drivers.patient == 0.0
    assert "Nitroprusside" in drivers.ranked[0].label


def test_a_member_keeps_its_response_when_the_plan_grows():
    twin = normal_twin()
    many = with_members(twin, *twin.ensemble[:1] * 8)
    alone, beside = (
        predict(many, plan(*texts)).members["systemic_vascular_resistance"]
        for texts in (
            ("nitroprusside 2 ug/kg/min",),
            ("nitroprusside 2 ug/kg/min", "heart_rate 75 1/min"),
        )
    )
    assert np.argsort(alone).tolist() == np.argsort(beside).tolist()


def test_the_same_question_has_the_same_answer():
    twin = normal_twin()
    one, other = (predict(twin, plan("dobutamine 5 ug/kg/min")).members for _ in range(2))
    assert one == other


def test_assumed_spreads_are_named():
    warnings = predict(normal_twin(), plan("norepinephrine 0.1 ug/kg/min")).warnings
    assert "how much patients differ is assumed, in part or whole: Norepinephrine" in warnings
    assert not any("patients differ" in w for w in predict(
        normal_twin(), plan("heart_rate 80 1/min")).warnings)  # fmt: skip


def test_progress_of_a_prediction_never_goes_back():
    steps = list(predicting(normal_twin(), plan("fluid 500 mL")))
    assert all(later.fraction >= earlier.fraction for earlier, later in pairwise(steps))
    assert steps[-1].fraction == 1.0


def test_without_enough_surviving_members_there_are_no_bands_but_a_warning():
    slow = normal_twin()
    fast = twin_under(NORMAL.with_parameters(heart_rate=200 * PER_MIN)).ensemble[0]
    most = plan("dobutamine 20 ug/kg/min")
    few = predict(with_members(slow, slow.ensemble[0], fast, fast), most)
    assert not few.bands
    assert any("only 1 of 3 hearts" in warning for warning in few.warnings)
    enough = predict(with_members(slow, slow.ensemble[0], slow.ensemble[0], fast), most)
    assert enough.bands
    assert not any("only" in warning for warning in enough.warnings)


def test_a_plan_that_does_not_settle_has_no_bands_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr(prediction_module, "RULE", Periodicity(1e-9, beat_limit=2))
    (only,) = predicting(normal_twin(), plan("fluid 500 mL"))
    assert only.fraction == 1.0
    assert only.prediction.solution.outcome is Outcome.BEAT_LIMIT
    assert not only.prediction.bands
    assert any(Outcome.BEAT_LIMIT.remedy in warning for warning in only.prediction.warnings)


def test_a_pressure_nobody_lives_with_is_warned_about():
    full = twin_under(NORMAL.scaled(blood_volume=2.2))
    assert not any("PCWP" in w for w in predict(full, TherapyPlan()).warnings)
    warnings = predict(full, plan("fluid 1 L")).warnings
    assert any("PCWP" in warning and "living adult" in warning for warning in warnings)


def test_a_prosthesis_smaller_than_the_own_valve_is_warned_about():
    smaller = "the new aortic orifice is smaller than the patient's own"
    assert smaller in predict(normal_twin(), plan("aortic_valve 1.6 cm2")).warnings
    stenosed = twin_under(NORMAL.with_parameters(aortic_open_area=0.8 * CM2))
    assert smaller not in predict(stenosed, plan("aortic_valve 1.6 cm2")).warnings


def test_a_failing_heart_answers_dobutamine_with_less_rate():
    failing = Conditions(chronic_heart_failure=True)
    healthy, sick = (
        predict(twin_under(c), plan("dobutamine 10 ug/kg/min")).after["heart_rate"]
        for c in (NORMAL, failing)
    )
    normal_rate = NORMAL.parameters["heart_rate"]
    assert sick / normal_rate == pytest.approx(1.07, abs=0.005)
    assert healthy / normal_rate > 1.25


def test_a_plan_beyond_the_model_names_the_therapy_and_the_way_out():
    fast = twin_under(NORMAL.with_parameters(heart_rate=200 * PER_MIN))
    with pytest.raises(
        ParameterError, match=r"Dobutamine 20.0 ug/kg/min: heart_rate.*smaller dose"
    ):
        predict(fast, plan("dobutamine 20 ug/kg/min"))


def test_members_answer_with_their_own_heart():
    """A band is made of the responses of its members, not of the point's."""
    slow = normal_twin()
    other = twin_under(NORMAL.scaled(systemic_resistance=1.3)).ensemble[0]
    found = predict(with_members(slow, other, other), plan("fluid 500 mL"))
    untreated = numbers(other)["mean_arterial_pressure"]
    lowest = min(found.members["mean_arterial_pressure"])
    assert lowest > max(untreated, found.after["mean_arterial_pressure"])
    band, change = (b["mean_arterial_pressure"] for b in (found.bands, found.change_bands))
    assert band.low50 < lowest < band.high50
    assert change.low50 < lowest - untreated < change.high50


def test_a_qrs_beyond_the_pattern_is_told_to_be_reached_in_part():
    narrow = unfitted_twin(record(qrs_duration=(50, 5)))
    (row,) = narrow.fit.rows
    assert row.model == pytest.approx(template_activations()["normal"].qrs_duration / 1.3)
    assert any(f.startswith("reached in part: QRS measured 50 ms, twin 70 ms") for f in
               narrow.fit.findings)  # fmt: skip
    wide = unfitted_twin(record(qrs_duration=(140, 10)))
    assert wide.fit.rows[0].model == pytest.approx(0.140)
    assert not any("in part" in finding for finding in wide.fit.findings)
