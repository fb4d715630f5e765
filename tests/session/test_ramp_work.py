"""The ramp test of a device of the plan that is on the table."""

from dataclasses import replace

import pytest

from organtwin.session.ramp_work import STEPS, steps_of
from organtwin.therapy.catalogue import THERAPIES
from organtwin.twin.ramp import RAMPED
from tests.fake_values import KINDS


@pytest.fixture
def ramped(bench):
    bench.fit()
    bench.session.draft = bench.session.draft.with_(KINDS["fluid"].at(4.0))
    bench.settle()
    return bench


def run(bench):
    bench.session.ramps.run("fluid")
    bench.settle()
    return bench.session.ramps


def test_settings_lie_on_the_steps_of_the_device_and_reach_its_ends():
    for name in RAMPED:
        kind = THERAPIES[name]
        settings = steps_of(kind)
        assert (settings[0], settings[-1]) == (kind.lower, kind.upper)
        assert len(settings) <= STEPS
        for setting in settings:
            kind.at(setting)
            grid = (setting - kind.lower) / kind.step
            assert setting == kind.upper or abs(grid - round(grid)) < 1e-9


def test_every_setting_inside_what_was_checked_is_stepped(ramped):
    desk = run(ramped)
    settings = [step.setting for step in desk.ramp.steps]
    assert settings == [s for s in steps_of(KINDS["fluid"]) if s <= 9.0]
    assert desk.up_to_date


def test_who_insists_sees_the_settings_outside_too(ramped):
    ramped.session.draft = replace(ramped.session.draft, insist=True)
    ramped.settle()
    desk = run(ramped)
    assert [step.setting for step in desk.ramp.steps] == [*steps_of(KINDS["fluid"])]
    assert desk.ramp.beyond[-1]


def test_where_every_setting_is_outside_it_is_declined(ramped):
    ramped.session.draft = ramped.session.draft.with_(KINDS["poison"].at(1.0))
    ramped.settle()
    desk = run(ramped)
    assert desk.refusal.declined
    assert desk.ramp is None


def test_its_own_dose_leaves_a_ramp_as_it_is_and_the_rest_of_the_plan_does_not(ramped):
    desk, session = run(ramped), ramped.session
    session.draft = session.draft.with_(KINDS["fluid"].at(6.0))
    assert desk.up_to_date
    session.draft = session.draft.with_(KINDS["bleeding"].at(2.0))
    assert not desk.up_to_date
    ramped.settle()


def test_what_is_not_in_the_plan_is_not_ramped(ramped):
    ramped.session.ramps.run("pacing")
    assert not ramped.session.ramps.going_on
    assert [kind.name for kind in ramped.session.ramps.devices] == ["fluid"]
