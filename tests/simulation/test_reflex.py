"""The baroreflex closed around a patient's heart."""

from dataclasses import replace
from functools import cache
from itertools import islice

import pytest

from organtwin.simulation.baroreflex import SET_POINT, steady_tone
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.reflex import (
    ANAESTHETISED_GAIN,
    FAILING_GAIN,
    ReflexGain,
    mean_pressure,
    reflex_beats,
    reflex_factors,
    reflex_gain,
    reflex_of,
    settled_beats,
)
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.units import MMHG

NORMAL = Conditions()
RULE = Periodicity(tolerance=3e-4, beat_limit=150)


@cache
def rest():
    return to_steady_state(beats(NORMAL), RULE).beat


@cache
def open_loop(**changes):
    return to_steady_state(beats(NORMAL.scaled(**changes), rest().end_state), RULE).beat


def closed_loop(conditions, count=45):
    return list(islice(settled_beats(conditions, reflex_of(rest()), rest().end_state), count))[-1]


def test_the_untreated_patient_is_in_equilibrium_with_his_reflex():
    for seen in islice(reflex_beats(NORMAL, reflex_of(rest()), rest().end_state), 40):
        assert mean_pressure(seen.beat) == pytest.approx(mean_pressure(rest()), rel=1e-3)
        assert seen.conditions.parameters["heart_rate"] == pytest.approx(
            NORMAL.parameters["heart_rate"], rel=1e-3
        )


def test_a_patient_of_another_pressure_is_in_equilibrium_too():
    tense = NORMAL.scaled(systemic_resistance=1.5)
    beat = to_steady_state(beats(tense), RULE).beat
    assert mean_pressure(beat) > 105 * MMHG
    last = list(islice(reflex_beats(tense, reflex_of(beat), beat.end_state), 30))[-1]
    assert mean_pressure(last.beat) == pytest.approx(mean_pressure(beat), rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "least", "most"),
    [
        # Share of the open loop's change of pressure that is left, from 0 to 1.
        ({"systemic_resistance": 0.7}, 0.2, 0.5),
        ({"systemic_resistance": 1.4}, 0.1, 0.5),
        ({"blood_volume": 0.85}, 0.2, 0.5),
    ],
)
def test_the_reflex_defends_the_pressure_in_part(changes, least, most):
    usual = mean_pressure(rest())
    opened = mean_pressure(open_loop(**changes)) - usual
    closed = mean_pressure(closed_loop(NORMAL.scaled(**changes)).beat) - usual
    assert least < closed / opened < most


def test_bleeding_makes_the_heart_beat_faster_and_the_vessels_narrower():
    bled = NORMAL.scaled(blood_volume=0.85)
    after = closed_loop(bled).conditions.parameters
    for name in ("heart_rate", "systemic_resistance", "lv_active_stress", "blood_volume"):
        assert after[name] > 1.01 * bled.parameters[name]


def test_the_short_way_ends_where_the_time_course_ends():
    """After 150 beats the veins have had six time constants; measured 0.01 mmHg apart."""
    narrow = NORMAL.scaled(systemic_resistance=0.7)
    course = list(islice(reflex_beats(narrow, reflex_of(rest()), rest().end_state), 150))[-1]
    short = closed_loop(narrow)
    for name in ("mean_arterial_pressure", "heart_rate", "cardiac_output"):
        values = [biomarkers(seen.beat, seen.conditions)[name] for seen in (course, short)]
        assert values[0] == pytest.approx(values[1], rel=2e-3)


def test_the_published_ranges_are_kept_in_proportion():
    low, usual = steady_tone(SET_POINT - 22.0), steady_tone(SET_POINT)
    factors = reflex_factors(low, ReflexGain())
    assert factors["heart_rate"] == pytest.approx(usual.period / low.period)
    assert factors["systemic_resistance"] == pytest.approx(low.resistance / usual.resistance)
    assert factors["lv_active_stress"] == pytest.approx(3.397 / 2.915, rel=1e-3)
    assert factors["blood_volume"] == pytest.approx(1.117, abs=0.001)
    assert reflex_factors(usual, ReflexGain()) == pytest.approx(dict.fromkeys(factors, 1.0))


@pytest.mark.parametrize(
    ("state", "gain"),
    [
        ({}, ReflexGain()),
        ({"chronic_heart_failure": True}, ReflexGain(FAILING_GAIN, FAILING_GAIN)),
        ({"paced": True}, ReflexGain(heart_rate=0.0)),
        ({"transplanted": True}, ReflexGain(0.0, 0.0)),
        ({"anaesthetised": True}, ReflexGain(*4 * [ANAESTHETISED_GAIN])),
        ({"reflex_held": {"systemic_resistance": 1.0}}, ReflexGain(systemic_resistance=0.0)),
        ({"reflex_held": {"blood_volume": 0.25}}, ReflexGain(blood_volume=0.75)),
    ],
)
def test_the_gain_is_that_of_the_patients_state(state, gain):
    assert reflex_gain(replace(NORMAL, **state)) == gain


def test_a_paced_heart_keeps_its_rate_when_pressure_falls():
    paced = replace(NORMAL.scaled(systemic_resistance=0.7), paced=True)
    assert closed_loop(paced).conditions.parameters["heart_rate"] == pytest.approx(
        NORMAL.parameters["heart_rate"]
    )
