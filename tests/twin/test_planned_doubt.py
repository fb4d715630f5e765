"""The plan given to other explanations of an ECG: bands and doubt under the plan."""

from dataclasses import replace
from functools import cache
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from organtwin.assimilation.ecg_fit import EcgMember
from organtwin.assimilation.ecg_levers import NAMES, candidate
from organtwin.patient.case_file import load_case
from organtwin.physiology.electrophysiology.ecg.repolarisation import HEALTHY
from organtwin.physiology.electrophysiology.torso.placement import HeartPose
from organtwin.physiology.electrophysiology.torso.sources import ANISOTROPY
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.twin.electrics import ElectricAnswer, electric_answers
from organtwin.twin.planned_doubt import doubting_plan
from organtwin.twin.planned_electrics import planned_electrics

RV_APEX = "apex of the right ventricle"


@cache
def own() -> ElectricAnswer:
    return [s.answer for s in electric_answers(load_case("default")) if s.answer][-1]


def member(speed: float) -> EcgMember:
    """The healthy heart with its muscle somewhat faster or slower."""
    usual = own().beat.state
    place = candidate(np.full(len(NAMES), 0.5))
    speeds = usual.speeds.replace(ventricular_fiber_speed=speed)
    found = replace(
        place, conduction=replace(usual.conduction, delays=MappingProxyType({})), speeds=speeds,
        pose=HeartPose(), electrodes_up=0.0, anisotropy=ANISOTROPY, onset=0.0,
    )  # fmt: skip
    return EcgMember(np.empty(0), found, np.empty(0, np.float32), 1.0, HEALTHY, speed, 0.0)


def doubted(plan: ElectricPlan, *speeds: float) -> ElectricAnswer:
    fitted = SimpleNamespace(answer=own(), members=tuple(member(s) for s in speeds))
    steps = doubting_plan(fitted, planned_electrics(own(), plan))  # type: ignore[arg-type]
    return [step.answer for step in steps if step.answer][-1]


def test_hearts_that_agree_leave_no_doubt_of_the_plan() -> None:
    answer = doubted(ElectricPlan().pacing(RV_APEX, 0.05), 0.65, 0.65)
    assert np.nanmax(answer.surface.doubt) == pytest.approx(0.0, abs=1e-6)
    bands = answer.comparison.planned_bands
    assert np.nanmax(bands[:, 1] - bands[:, 0]) == pytest.approx(0.0, abs=1e-12)


def test_hearts_that_differ_leave_most_doubt_far_from_the_electrode() -> None:
    answer = doubted(ElectricPlan().pacing(RV_APEX, 0.05), 0.5, 0.65, 0.85)
    doubt, arrival = answer.surface.doubt, answer.surface.arrival
    near, far = arrival < 0.07, arrival > np.nanquantile(arrival, 0.9)
    assert np.nanmedian(doubt[far]) > 3.0 * np.nanmedian(doubt[near])
    assert "doubt" in answer.surface.names


def test_the_bands_hold_the_leads_of_the_middle_heart_and_leave_out_the_atria() -> None:
    answer = doubted(ElectricPlan().pacing(RV_APEX, 0.05), 0.5, 0.65, 0.85)
    signals, bands = answer.comparison.planned, answer.comparison.planned_bands
    assert np.isnan(bands[:, :, signals.times < -0.02]).all()
    after = (signals.times > 0.0) & (signals.times < 0.1)
    width = bands[:, 1, after] - bands[:, 0, after]
    assert (width >= 0.0).all()
    assert width.max() > 1e-4


def test_a_plan_that_excites_nothing_comes_back_as_it_is() -> None:
    plan = ElectricPlan().blocking("AV_NODE", blocked=True)
    assert doubted(plan, 0.5, 0.65).surface.doubt is None
