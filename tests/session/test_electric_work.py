"""The session's electrics: when they are asked for, and what they change."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.session.draft import Draft
from organtwin.session.measuring import ABLATE, PACE
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.therapy.catalogue import parse_therapy
from tests.fake_values import KINDS


def test_the_ecg_comes_after_the_fit(bench, lab):
    lab.with_leads = True
    lab.fit_gate.clear()
    bench.session.open("one")
    bench.until(lambda: bench.session.shown is not None)
    assert bench.session.ecg is None
    lab.fit_gate.set()
    bench.settle()
    assert bench.session.ecg.model.leads[0] == "I"


def test_the_untreated_heart_shows_the_computed_activation(bench):
    bench.fit()
    assert bench.session.baseline.motion.electrics == "computed"


def test_the_planned_heart_shows_it_too(bench):
    bench.fit()
    bench.session.draft = Draft((KINDS["pacing"].at(90.0),))
    bench.settle()
    assert bench.session.planned.motion.electrics == "computed"


def test_another_patient_has_no_ecg_of_the_last_one(bench, lab):
    lab.with_leads = True
    bench.fit()
    lab.fit_gate.clear()
    bench.session.open("two")
    bench.until(lambda: bench.session.record.title == "Case two")
    assert bench.session.ecg is None
    lab.fit_gate.set()
    bench.settle()


HERE = Anchor(SURFACE, (3,), (1.0,))


def test_a_click_with_the_pacing_tool_paces_there(bench, lab):
    lab.with_leads = True
    bench.fit()
    bench.session.measuring.take(PACE)
    bench.session.measuring.set_point(HERE)
    bench.settle()
    assert [step.where for step in lab.replans[-1].paced] == [HERE]
    assert bench.session.ecg.planned is not None
    assert bench.session.baseline.motion.electrics == "computed for 1"
    assert [marking.name for marking in bench.session.electrics.placed] == ["Pacing site 1"]
    assert bench.session.measuring.tool == PACE, "the tool stays in hand"


def test_a_click_with_the_ablation_tool_ablates_and_undo_takes_it_back(bench, lab):
    lab.with_leads = True
    bench.fit()
    own = bench.session.ecg
    bench.session.measuring.take(ABLATE)
    bench.session.measuring.set_point(HERE)
    bench.settle()
    assert len(lab.replans[-1].ablated) == 1
    bench.session.undo()
    bench.settle()
    assert bench.session.ecg is own
    assert bench.session.baseline.motion.electrics == "computed"


def test_nothing_is_paced_before_the_electrics_are_there(bench):
    bench.session.measuring.take(PACE)
    bench.session.measuring.set_point(HERE)
    assert not bench.session.draft.electrics


def test_the_first_change_colours_a_plain_heart_by_activation(bench):
    bench.fit()
    bench.session.electrics.edit(ElectricPlan("rbbb"))
    assert bench.session.selection.field == "activation"
    bench.session.selection.field = "voltage"
    bench.session.electrics.edit(ElectricPlan("lbbb"))
    assert bench.session.selection.field == "voltage"


def test_the_pump_is_predicted_under_the_changed_conduction(bench, lab):
    bench.fit()
    bench.session.draft = Draft((KINDS["pacing"].at(90.0),))
    bench.settle()
    bench.session.electrics.edit(ElectricPlan("rbbb"))
    bench.settle()
    assert lab.predicted[-1].excitation == "pump under rbbb"
    assert [therapy.dose for therapy in lab.predicted[-1].therapies] == [90.0]
    assert bench.session.planned.motion.electrics == "computed for 0"
    assert bench.session.up_to_date
    bench.session.electrics.edit(ElectricPlan())
    bench.settle()
    assert bench.session.prediction.plan.excitation is None


PACED = replace(KINDS["pacing"], conduction="rv_paced")


def test_a_therapy_that_paces_is_the_pacemaker_in_leads_map_and_pump(bench, lab):
    bench.fit()
    bench.session.draft = Draft((PACED.at(4.0),))
    bench.settle()
    assert lab.replans[-1].pacemaker == Pacemaker(Mode.RV, sensed_av=4e-3)
    assert lab.predicted[-1].excitation == "pump under RV only"
    assert bench.session.planned.motion.electrics == "computed for 0"
    bench.session.draft = Draft()
    bench.settle()
    assert bench.session.baseline.motion.electrics == "computed"


def test_a_pacemaker_that_is_set_takes_the_place_of_a_therapy_that_paces():
    set_so = ElectricPlan().paced_by(Pacemaker(Mode.LV, sensed_av=0.12))
    assert Draft((PACED.at(100.0),), electrics=set_so).electric_plan == set_so


@pytest.mark.parametrize(
    ("therapy", "mode"),
    [
        ("biventricular_pacing", Mode.BIVENTRICULAR), ("lv_pacing", Mode.LV),
        ("rv_pacing", Mode.RV), ("left_bundle_pacing", Mode.LEFT_BUNDLE),
    ],
)  # fmt: skip
def test_therapy_and_card_ask_for_the_same_electrics(therapy, mode):
    """So they give the same numbers: map, leads and pump follow from these alone."""
    card = ElectricPlan("lafb").paced_by(Pacemaker(mode, sensed_av=0.11))
    given = Draft((parse_therapy(f"{therapy} 110 ms"),), electrics=ElectricPlan("lafb"))
    assert given.electric_part == Draft(electrics=card).electric_part


def test_a_changed_conduction_alone_is_a_plan(bench, lab):
    bench.fit()
    bench.session.electrics.edit(ElectricPlan("rbbb"))
    bench.settle()
    assert bench.session.planned is not None
    bench.session.undo()
    bench.settle()
    assert bench.session.planned is None


def test_ventricles_that_are_not_excited_are_told_and_not_predicted(bench, lab):
    bench.fit()
    bench.session.electrics.edit(ElectricPlan().blocking("AV_NODE", blocked=True))
    bench.settle()
    assert bench.session.notice.title == "The ventricles are not excited"
    assert bench.session.planned is None


def test_another_patient_starts_without_the_electric_plan(bench):
    bench.fit()
    bench.session.electrics.edit(ElectricPlan("rbbb"))
    bench.fit("two")
    assert not bench.session.electrics.plan
    assert bench.session.baseline.motion.electrics == "computed"


def test_the_fit_replaces_the_electrics_and_says_what_it_found(bench, lab):
    lab.with_leads = True
    bench.fit()
    assert bench.session.electrics.fittable
    bench.session.electrics.fit()
    assert not bench.session.electrics.fittable, "one at a time"
    bench.settle()
    assert bench.session.electrics.fitted.qrs_correlation == 0.953
    assert bench.session.baseline.motion.electrics == "fitted"


def test_a_plan_made_before_the_fit_is_answered_anew_from_what_was_fitted(bench, lab):
    lab.with_leads = True
    bench.fit()
    bench.session.electrics.edit(ElectricPlan("rbbb"))
    bench.settle()
    before = len(lab.replans)
    bench.session.electrics.fit()
    bench.settle()
    assert len(lab.replans) == before + 1
    assert bench.session.baseline.motion.electrics == "doubted"


def test_a_cancelled_fit_leaves_the_electrics_as_they_were(bench, lab):
    lab.with_leads = True
    bench.fit()
    lab.fit_gate.clear()
    bench.session.electrics.fit()
    bench.until(lambda: bench.session.jobs.statuses)
    bench.session.jobs.cancel(bench.session.jobs.statuses[0].number)
    lab.fit_gate.set()
    bench.settle()
    assert bench.session.electrics.fitted is None
    assert bench.session.baseline.motion.electrics == "computed"
    assert bench.session.electrics.fittable


def test_without_a_recorded_ecg_there_is_nothing_to_fit(bench):
    bench.fit()
    assert not bench.session.electrics.fittable
    bench.session.electrics.fit()
    assert not bench.session.jobs.statuses


BLOCKER = replace(
    KINDS["fluid"], name="blocker", upper=99.0, drug=SimpleNamespace(changes_electrics=True)
)


def test_a_drug_on_channels_changes_activation_and_ecg_and_the_verdict_says_what(bench, lab):
    lab.with_leads = True
    bench.fit()
    bench.session.draft = Draft((BLOCKER.at(20.0),))
    bench.settle()
    assert bench.session.planned.motion.electrics == "under 20"
    assert bench.session.ecg.intervals["QTc"][2] == pytest.approx(0.6)
    assert bench.session.electrics.remarks == (
        "Sodium current is low.", "QTc 600 ms, longer than 500 ms.",
    )  # fmt: skip
    assert lab.predicted[-1].excitation is None, "the drug slows the pump by itself"
    bench.session.draft = Draft()
    bench.settle()
    assert bench.session.baseline.motion.electrics == "computed"
    assert bench.session.electrics.remarks == ()


def test_the_rate_under_the_plan_sets_the_cycle_of_the_cells(bench, lab):
    bench.fit()
    bench.session.draft = Draft((BLOCKER.at(1.0), KINDS["pacing"].at(10.0)))
    bench.settle()
    assert lab.drugged[-1][2] == pytest.approx(60.0 / 80.0)
    asked = len(lab.drugged)
    bench.session.prediction_work.ask()
    bench.settle()
    assert len(lab.drugged) == asked, "the same rate asks for nothing"


def test_a_dose_that_cells_refuse_is_told_in_the_verdict_and_shows_the_untreated_ecg(bench, lab):
    lab.with_leads = True
    bench.fit()
    own = bench.session.ecg
    bench.session.draft = Draft((BLOCKER.at(60.0),))
    bench.settle()
    assert bench.session.ecg is own
    assert "not computed" in bench.session.electrics.remarks[0]
    assert bench.session.notice is None


def test_the_untreated_pump_beats_with_the_activation_that_was_fitted(bench, lab):
    lab.with_leads = True
    bench.fit()
    before = bench.session.twin
    bench.session.electrics.fit()
    bench.settle()
    assert lab.excited == ["own pump"]
    assert bench.session.twin is not before
    assert bench.session.baseline.motion.electrics == "fitted"


def test_a_plan_after_the_fit_comes_with_its_doubt_and_before_it_without(bench, lab):
    lab.with_leads = True
    bench.fit()
    bench.session.electrics.edit(ElectricPlan("rbbb"))
    bench.settle()
    assert bench.session.baseline.motion.electrics == "computed for 0"
    bench.session.electrics.fit()
    bench.settle()
    assert len(lab.doubted) == 1
    assert bench.session.baseline.motion.electrics == "doubted"
