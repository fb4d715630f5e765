"""Several plans beside each other: edits, undo, and an answer for each."""

from dataclasses import replace

import pytest

from organtwin.session.draft import Draft
from organtwin.session.electric_work import NO_BEAT
from organtwin.session.plans import LETTERS, LetteredPlan, Plans
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.twin.plan_comparison import Aim
from tests.fake_values import KINDS

PACED = Draft((KINDS["pacing"].at(6.0),))
FLUID = Draft((KINDS["fluid"].at(3.0),))
LBBB = Draft(electrics=ElectricPlan("lbbb"))
OUTPUT, RATE = Aim("cardiac_output", higher=True), Aim("heart_rate", higher=True)


def test_a_new_plan_takes_the_first_free_letter_and_is_shown():
    plans = Plans().adding(PACED).adding(FLUID).without("B").adding(Draft())
    assert plans.letters == "ABC"
    assert plans.active == "B"
    assert plans["C"].draft == FLUID


def test_there_are_no_more_than_four():
    plans = Plans()
    for _ in range(6):
        plans = plans.adding(PACED)
    assert plans.letters == LETTERS


def test_the_one_before_takes_the_place_of_a_plan_that_is_taken_away():
    plans = Plans().adding(PACED).adding(FLUID)
    assert plans.without("C").active == "B"
    assert plans.choosing("A").without("A").active == "B"
    assert plans.without("A").active == "C"


def test_the_last_plan_is_emptied_instead_of_taken_away():
    plans = Plans((LetteredPlan("B", PACED, "pace"),), "B").without("B")
    assert plans == Plans((LetteredPlan("B"),), "B")


def test_a_name_loses_its_spare_blanks():
    assert Plans().named("A", "  slow \n pacing ")["A"].title == "A slow pacing"


def test_a_letter_without_a_plan_cannot_be_chosen():
    assert Plans().choosing("C") == Plans()


@pytest.fixture
def two(bench):
    """Plan A paces, plan B is shown and gives fluid; both are answered."""
    bench.fit()
    bench.session.draft = PACED
    bench.settle()
    bench.session.plan_desk.add(FLUID)
    bench.settle()
    return bench


def test_the_draft_is_the_plan_on_the_table(two):
    session = two.session
    assert session.draft == FLUID
    session.draft = Draft()
    assert session.plans["A"].draft == PACED
    assert session.plans["B"].draft == Draft()


@pytest.mark.parametrize(
    "edit",
    [
        lambda desk: desk.duplicate("A"),
        lambda desk: desk.rename("A", "pace"),
        lambda desk: desk.remove("A"),
        lambda desk: desk.choose("A"),
    ],
)
def test_undo_takes_back_what_was_done_to_the_plans(two, edit):
    session, before = two.session, two.session.plans
    edit(session.plan_desk)
    assert session.plans != before
    session.undo()
    assert session.plans == before
    session.redo()
    assert session.plans != before


def test_a_plan_that_was_answered_is_shown_at_once_when_it_comes_back(two, lab):
    session, asked = two.session, len(lab.predicted)
    lab.predict_gate.clear()
    session.plan_desk.choose("A")
    assert session.prediction.plan.therapies == PACED.therapies
    assert session.prediction.bands
    assert session.up_to_date
    assert len(lab.predicted) == asked


def test_another_plan_never_shows_the_answer_to_the_one_before(two, lab):
    session, seen = two.session, []
    lab.predict_gate.clear()
    session.prediction_changed.connect(lambda: seen.append(session.foreseen))
    session.plan_desk.add(Draft((KINDS["fluid"].at(1.0),)))
    assert session.foreseen is None
    assert seen == [None]
    lab.predict_gate.set()
    two.settle()
    assert session.up_to_date


def test_plans_without_an_answer_are_predicted_in_the_background(bench, lab):
    bench.fit()
    plans = Plans().with_draft(PACED).adding(FLUID).adding(Draft((KINDS["fluid"].at(1.0),)))
    bench.session.plans = plans
    bench.settle()
    answers = [bench.session.plan_desk.answer(plan) for plan in plans.items]
    assert [answer.complete for answer in answers] == [True] * 3
    assert [a.foreseen.prediction.plan.therapies[0].dose for a in answers] == [6.0, 3.0, 1.0]
    assert [plan.therapies[0].dose for plan in lab.predicted] == [1.0, 6.0, 3.0]


def test_a_change_of_the_plan_on_the_table_comes_before_the_others(bench, lab):
    bench.fit()
    session = bench.session
    session.plans = Plans().with_draft(PACED).adding(Draft())
    bench.until(lambda: session.plan_desk.going_on)
    session.draft = FLUID
    assert not session.plan_desk.going_on
    bench.settle()
    assert session.plan_desk.answer(session.plans["A"]).complete


def test_another_twin_is_asked_anew(two, lab):
    session, old = two.session, two.session.plan_desk.answer(two.session.plans["A"])
    session.receive_twin(replace(session.fitted, twin=_other(session.twin)))
    assert not session.plan_desk.answer(session.plans["A"]).complete
    two.settle()
    new = session.plan_desk.answer(session.plans["A"])
    assert new.complete
    assert new.foreseen is not old.foreseen


def _other(twin):
    return type(twin)(**vars(twin))


def test_a_plan_that_is_refused_in_the_background_tells_why(bench):
    bench.fit()
    session = bench.session
    session.plans = Plans().with_draft(Draft((KINDS["poison"].at(9.0),))).adding(Draft())
    bench.settle()
    answer = session.plan_desk.answer(session.plans["A"])
    assert answer.complete
    assert "vigour" in answer.refusal.text
    assert session.refusal is None
    assert session.notice is None


def test_a_plan_without_a_living_heart_has_no_members(bench):
    bench.fit()
    session = bench.session
    session.plans = Plans().with_draft(Draft((KINDS["bleeding"].at(9.0),))).adding(FLUID)
    bench.settle()
    assert session.plan_desk.answer(session.plans["A"]).complete
    assert session.plan_desk.hearts("A") is None
    assert session.plan_desk.dominance("A", "B", (OUTPUT,)) is None


def test_a_plan_of_conduction_is_answered_with_leads_and_pump(bench, lab):
    lab.with_leads = True
    bench.fit()
    session = bench.session
    session.plans = Plans().with_draft(LBBB).adding(FLUID)
    bench.settle()
    answer = session.plan_desk.answer(session.plans["A"])
    assert answer.electric.surface == "computed for 0"
    assert answer.foreseen.prediction.plan.excitation == "pump under lbbb"
    replanned = len(lab.replans)
    session.plan_desk.choose("A")
    assert session.electrics.excitation == "pump under lbbb"
    assert session.up_to_date
    assert session.ecg.planned is not None
    assert len(lab.replans) == replanned


def test_before_the_electrics_a_plan_of_conduction_is_not_answered_by_its_drugs_alone(bench, lab):
    """Compare and report told of a paced plan what the heart does without pacing."""
    bench.fit()
    session = bench.session
    both = replace(FLUID, electrics=ElectricPlan("lbbb"))
    session.plans = Plans().with_draft(FLUID)
    bench.settle()
    session.draft = both
    assert session.electrics.awaited
    answer = session.plan_desk.answer(session.plans["A"])
    assert answer.foreseen is None
    assert not answer.complete
    bench.settle()
    assert not session.electrics.awaited
    assert session.plan_desk.answer(session.plans["A"]).complete


def test_two_plans_of_conduction_do_not_share_an_answer(bench, lab):
    lab.with_leads = True
    bench.fit()
    session = bench.session
    rbbb = Draft(electrics=ElectricPlan("rbbb"))
    session.plans = Plans().with_draft(LBBB).adding(rbbb).adding(Draft())
    bench.settle()
    pumps = [session.plan_desk.answer(plan).electric.pump for plan in session.plans.items[:2]]
    assert pumps == ["pump under lbbb", "pump under rbbb"]


def test_ventricles_that_nothing_excites_are_no_prediction(bench, lab):
    lab.with_leads = True
    bench.fit()
    session = bench.session
    blocked = Draft(electrics=ElectricPlan(blocked=frozenset({"AV_NODE"})))
    session.plans = Plans().with_draft(blocked).adding(FLUID)
    bench.settle()
    assert session.plan_desk.answer(session.plans["A"]).refusal == NO_BEAT


def test_plans_are_compared_heart_by_heart(two):
    session = two.session
    session.plan_desk.look_at_untreated()
    two.settle()
    found = session.plan_desk.dominance("A", "", (OUTPUT, RATE))
    assert (found.hearts, found.first, found.second) == (24, 24, 0)
    assert session.plan_desk.dominance("B", "A", (RATE,)).second == 24


def test_another_patient_has_one_empty_plan(two):
    two.fit("two")
    assert two.session.plans == Plans()
    assert two.session.plan_desk.hearts("") is None
