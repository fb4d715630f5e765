from dataclasses import replace

import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.simulation.electric_plan import ElectricPlan

HERE, THERE = (Anchor(SURFACE, (k,), (1.0,)) for k in (3, 40))


def test_an_empty_plan_is_false_and_any_change_is_true():
    assert not ElectricPlan()
    for plan in (
        ElectricPlan(conduction="lbbb"), ElectricPlan().blocking("AV_NODE", blocked=True),
        ElectricPlan().pacing("His bundle"), ElectricPlan().ablating(HERE),
    ):  # fmt: skip
        assert plan


def test_steps_keep_their_order_and_get_names_of_their_own():
    plan = ElectricPlan().pacing(HERE).ablating(THERE).pacing(THERE)
    assert [step.name for step in plan.steps] == ["Pacing site 1", "Lesion 1", "Pacing site 2"]
    shorter = plan.without(0).pacing(HERE)
    assert [step.name for step in shorter.paced] == ["Pacing site 2", "Pacing site 1"]
    assert [step.name for step in shorter.ablated] == ["Lesion 1"]


def test_a_step_can_be_changed_in_its_place():
    plan = ElectricPlan().pacing(HERE).ablating(THERE)
    later = plan.changed(0, replace(plan.paced[0], time=0.15))
    assert later.paced[0].time == 0.15
    assert later.ablated == plan.ablated


def test_unblocking_brings_the_same_plan_back():
    plan = ElectricPlan().blocking("AV_NODE", blocked=True)
    assert plan.blocking("AV_NODE", blocked=False) == ElectricPlan()


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("lbbb", "LBBB"), ("incomplete_rbbb", "incomplete RBBB"), ("biventricular", "biventricular")],
)
def test_a_pattern_is_told_as_it_is_written(pattern, told):
    assert ElectricPlan(conduction=pattern).told == (f"{told} instead of the patient's own",)
