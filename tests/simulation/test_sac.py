"""A heart filled in minutes meets the sac of its usual size; within it nothing changes."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.simulation.conditions import Conditions
from organtwin.simulation.sac import within_sac
from organtwin.simulation.settling import steady_under
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.units import ML, MMHG

NORMAL = Conditions()
TIGHT = replace(NORMAL, tight_sac=True)
RULE = Periodicity(tolerance=1e-3, beat_limit=60)


@pytest.fixture(scope="module")
def untreated():
    return to_steady_state(beats(NORMAL), RULE).beat


def filled(conditions, untreated, added):
    volume = conditions.parameters["blood_volume"] + added
    found, _ = steady_under(conditions.with_parameters(blood_volume=volume), untreated, RULE)
    return found.beat


def test_the_untreated_beat_is_the_same_in_its_own_sac(untreated):
    limited = within_sac(TIGHT, untreated)
    assert limited.parameters["pericardium_limit"] > 300 * ML
    again = next(beats(limited, untreated.end_state))
    free = next(beats(NORMAL, untreated.end_state))
    both = [beat.traces["pericardial_pressure"] for beat in (again, free)]
    assert np.abs(both[0] - both[1]).max() < 0.1 * MMHG  # a beat is steady to 0.1 % of its volumes


def test_a_fuller_heart_is_held_and_a_smaller_one_is_not(untreated):
    free, held = (filled(c, untreated, 200 * ML) for c in (NORMAL, TIGHT))
    assert held.traces["lv_volume"].max() < 0.97 * free.traces["lv_volume"].max()
    assert held.traces["ra_pressure"].mean() > free.traces["ra_pressure"].mean() + 0.5 * MMHG
    bled = [filled(c, untreated, -100 * ML).traces["lv_volume"].max() for c in (NORMAL, TIGHT)]
    assert bled[0] == pytest.approx(bled[1], rel=2e-3)


def test_stroke_volume_rises_with_end_diastolic_pressure_as_after_dextran(untreated):
    # 387 mL in healthy hearts: 8 to 18.4 mmHg, stroke index 38 to 46 mL/m2; and 500 mL: 10 to
    # 24 mmHg with 24 % more end-diastolic volume: some 2 % of either for each mmHg.
    held = filled(TIGHT, untreated, 330 * ML)
    largest = [beat.traces["lv_volume"].max() for beat in (untreated, held)]
    stroke = [np.ptp(beat.traces["lv_volume"]) for beat in (untreated, held)]
    ends = [
        beat.traces["lv_pressure"][beat.traces["lv_volume"].argmax()] for beat in (untreated, held)
    ]
    rise = (ends[1] - ends[0]) / MMHG
    assert 6.0 < rise < 14.0
    assert 0.01 < (stroke[1] / stroke[0] - 1.0) / rise < 0.03
    assert 0.01 < (largest[1] / largest[0] - 1.0) / rise < 0.03


def test_fluid_in_the_sac_keeps_the_law_without_a_limit(untreated):
    effused = TIGHT.with_parameters(pericardial_effusion=100 * ML)
    assert within_sac(effused, untreated).parameters["pericardium_limit"] == 0.0
    assert within_sac(NORMAL, untreated).parameters["pericardium_limit"] == 0.0
