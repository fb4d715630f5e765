"""Devices in the picture are those of the heart in the picture."""

from types import SimpleNamespace

from organtwin.session.draft import Draft
from organtwin.session.implanted import implanted, planned_implants
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.times import Times


def session(*, applied, answered=None, moment=None, times=(), at=0.0):
    heart = SimpleNamespace(numbers={}, beat=None)
    answer = None
    if answered is not None:
        answer = SimpleNamespace(plan=TherapyPlan(tuple(map(parse_therapy, answered))))
    planned = moment or (heart if answer else None)
    draft = Draft(tuple(map(parse_therapy, applied)), times=tuple(times))
    return SimpleNamespace(
        shown=planned or heart, planned=planned, prediction=answer, draft=draft,
        timeline=SimpleNamespace(heartbeat=moment, heart_time=at),
    )  # fmt: skip


def names(found):
    return [item.name for item in implanted(found)[0]]


def test_devices_are_those_of_the_answer_that_is_shown_not_of_the_newer_draft():
    waiting = session(applied=["lvad 5400 rpm", "ecmo 3 L/min"], answered=["lvad 5400 rpm"])
    assert names(waiting) == ["lvad"]


def test_an_untreated_heart_has_no_devices():
    assert names(session(applied=["lvad 5400 rpm"])) == []


def test_at_a_moment_of_the_plan_in_time_the_draft_is_what_is_shown():
    heart = SimpleNamespace(numbers={}, beat=None)
    looked_at = session(applied=["ecmo 3 L/min"], answered=["lvad 5400 rpm"], moment=heart)
    assert names(looked_at) == ["ecmo"]


def test_a_pump_is_in_the_heart_only_while_the_plan_in_time_runs_it():
    heart = SimpleNamespace(numbers={}, beat=None)
    later = {
        "applied": ["lvad 5400 rpm"],
        "moment": heart,
        "times": [("lvad", Times(600.0, 900.0))],
    }
    assert names(session(**later, at=300.0)) == []
    assert names(session(**later, at=700.0)) == ["lvad"]
    assert names(session(**later, at=1000.0)) == []


def test_a_plan_beside_another_keeps_its_own_leads():
    """The hearts of the comparison were drawn without any device."""
    heart = SimpleNamespace(numbers={"pericardial_effusion": 1e-4}, beat=None)
    paced = ElectricPlan(pacemaker=Pacemaker(Mode.RV))
    draft = SimpleNamespace(applied=(parse_therapy("ecmo 3 L/min"),), electric_plan=paced)
    found, _ = planned_implants(draft, heart)
    assert [item.name for item in found] == ["ecmo", "lead", "effusion"]
