"""A narrowed outflow tract: neutral when it is off, and moving with the ventricle when it is on."""

import numpy as np
import pytest

from organtwin.arrays import FloatArray
from organtwin.physiology.circulation.outflow_tract import tract_area, tract_resistance
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.units import CM2, ML, MMHG

THICK = Conditions().scaled(lv_wall_volume=1.6, septum_wall_volume=1.6)
"""Muscle of the preset of obstructive disease (1.6 times the normal)."""
NARROW = THICK.with_parameters(outflow_tract_area=1.0 * CM2)


def steady(conditions: Conditions) -> tuple[dict[str, float], dict[str, FloatArray]]:
    found = to_steady_state(beats(conditions))
    assert found is not None
    return dict(biomarkers(found.beat, conditions)), dict(found.beat.traces)


@pytest.fixture(scope="module")
def narrow() -> tuple[dict[str, float], dict[str, FloatArray]]:
    return steady(NARROW)


def gradient_of(**factors: float) -> float:
    return steady(NARROW.scaled(**factors))[0]["lvot_gradient"]


def test_without_a_narrowing_its_exponent_changes_no_bit_of_a_beat():
    normal, other = Conditions(), Conditions().with_parameters(outflow_tract_exponent=4.0)
    one, two = next(beats(normal)), next(beats(other))
    assert all(np.array_equal(one.traces[name], two.traces[name]) for name in one.traces)
    assert biomarkers(one, normal)["lvot_gradient"] == 0.0


def test_a_tract_wide_enough_is_no_narrowing():
    open_, wide = steady(THICK)[0], steady(THICK.with_parameters(outflow_tract_area=20.0 * CM2))[0]
    assert wide["lv_systolic_pressure"] == pytest.approx(open_["lv_systolic_pressure"], rel=0.03)
    assert wide["lvot_gradient"] < 5.0 * MMHG


def test_area_and_loss_follow_the_law():
    assert tract_area(100 * ML, 1.0 * CM2, 1.5) == pytest.approx(2.0**1.5 * CM2)
    assert tract_area(100 * ML, 0.0, 1.5) == 0.0
    lost = 400 * ML * tract_resistance(400 * ML, 1.0 * CM2, 1050.0)
    assert lost == pytest.approx(0.5 * 1050 * 4.0**2)
    assert tract_resistance(400 * ML, 0.0, 1050.0) == 0.0


def test_the_ventricle_pays_the_gradient_that_doppler_tells(narrow):
    numbers, traces = narrow
    across = traces["lv_pressure"] - traces["aortic_pressure"]
    share = traces["lv_volume"] / (50 * ML)
    late = traces["aortic_flow"] / (1.0 * CM2 * share**1.5)
    at = int(np.argmax(late))
    assert numbers["lvot_gradient"] == pytest.approx(0.5 * 1050 * late[at] ** 2)
    # The valve itself loses little, and blood that slows down gives some back.
    assert across[at] == pytest.approx(numbers["lvot_gradient"], rel=0.15)


def test_the_gradient_comes_late_in_ejection(narrow):
    """Doppler shows a dagger: a fixed narrowing has its peak with the flow."""
    _, traces = narrow
    flow = traces["aortic_flow"]
    velocity = flow / traces["lv_volume"] ** 1.5
    assert np.argmax(velocity) > np.argmax(flow) + 30  # samples of 1 ms


def test_less_filling_more_force_and_less_resistance_raise_the_gradient(narrow):
    rest = narrow[0]["lvot_gradient"]
    assert gradient_of(lv_active_stress=1.2, septum_active_stress=1.2) > 1.1 * rest
    assert gradient_of(lv_active_stress=0.7, septum_active_stress=0.7) < 0.7 * rest
    assert gradient_of(systemic_resistance=0.7) > 1.1 * rest
    assert gradient_of(systemic_resistance=1.4) < 0.9 * rest


def test_with_less_filling_more_of_each_stroke_is_lost(narrow):
    """Less blood flows too, so the gradient rises by less than the tract narrows."""
    numbers = steady(NARROW.scaled(blood_volume=0.85))[0]
    before = narrow[0]
    assert numbers["lv_esv"] < before["lv_esv"]
    assert (
        numbers["lvot_gradient"] / numbers["stroke_volume"] ** 2
        > 1.2 * before["lvot_gradient"] / before["stroke_volume"] ** 2
    )


def test_an_aortic_valve_behind_it_still_counts(narrow):
    stenosed = steady(NARROW.with_parameters(aortic_open_area=1.0 * CM2))[0]
    assert stenosed["lv_systolic_pressure"] > narrow[0]["lv_systolic_pressure"] + 10 * MMHG
