"""What is told of machines: suction, a shut valve, circling and backward flow."""

import pytest

from organtwin.simulation.conditions import Conditions
from organtwin.simulation.machine_signs import aortic_opening, machine_signs, suction
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.units import CM2, L_PER_MIN, ML, PER_MIN

NORMAL = Conditions()
WEAK = NORMAL.scaled(lv_active_stress=0.35, septum_active_stress=0.35)


def signs(conditions: Conditions) -> str:
    return "; ".join(machine_signs(to_steady_state(beats(conditions)).beat, conditions))


def test_a_heart_without_machines_has_no_signs_whatever_its_state():
    assert signs(NORMAL) == ""
    assert signs(NORMAL.with_parameters(blood_volume=600 * ML)) == ""
    assert signs(NORMAL.with_parameters(aortic_leak_area=0.4 * CM2)) == ""


def test_a_working_lvad_in_a_weak_heart_has_none_but_the_shut_valve():
    told = signs(WEAK.with_parameters(lvad_speed=5600 * PER_MIN, blood_volume=1000 * ML))
    assert "suction" not in told
    assert "runs back" not in told


def test_a_fast_pump_in_a_dry_heart_sucks():
    told = signs(NORMAL.with_parameters(lvad_speed=9000 * PER_MIN, blood_volume=700 * ML))
    assert "suction: the inlet of the left pump" in told
    assert "lower its speed or give volume" in told


def test_drainage_beyond_the_venous_return_is_told():
    dry = NORMAL.with_parameters(blood_volume=550 * ML, ecmo_flow=6 * L_PER_MIN)
    assert "inlet of the ECMO" in signs(dry)


@pytest.mark.parametrize(
    "machine", [{"lvad_speed": 7000 * PER_MIN}, {"impella_cp_speed": 46e3 * PER_MIN}]
)
def test_an_aortic_valve_that_never_opens_is_told(machine):
    assert "never opens" in signs(WEAK.with_parameters(**machine))
    assert "never opens" not in signs(NORMAL.with_parameters(lvad_speed=4600 * PER_MIN))


def test_opening_is_the_share_of_the_beat_with_forward_flow():
    beat = to_steady_state(beats(NORMAL)).beat
    assert 0.2 < aortic_opening(beat) < 0.4
    assert suction(beat, "lv") == 0.0


def test_blood_that_circles_through_a_leaking_valve_is_told_with_its_share():
    pumped = WEAK.with_parameters(lvad_speed=6000 * PER_MIN)
    assert "recirculation" not in signs(pumped)
    told = signs(pumped.with_parameters(aortic_leak_area=0.2 * CM2))
    assert "recirculation:" in told
    assert "% of the pump's flow" in told


def test_a_pump_too_slow_is_told():
    assert "back through the LVAD" in signs(NORMAL.with_parameters(lvad_speed=3000 * PER_MIN))
