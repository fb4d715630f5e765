"""Severity of valves by their cut-offs, and what pressure recovery makes of an area."""

import math

import pytest

from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.simulation.valve_numbers import VALVES, energy_loss_area, severe_lesions
from organtwin.units import CM2, ML, MMHG

NORMAL = Conditions()


def numbers(**changes: float) -> dict[str, float]:
    conditions = NORMAL.with_parameters(**changes)
    return dict(biomarkers(to_steady_state(beats(conditions)).beat, conditions))


def test_a_normal_heart_leaks_nowhere_and_has_no_severe_lesion():
    """Closing takes a little blood back; gradients of wide valves are a few mmHg."""
    found = numbers()
    assert not list(severe_lesions(found))
    for valve in VALVES:
        assert found[f"{valve}_regurgitant_fraction"] < 0.05
        assert found[f"{valve}_mean_gradient"] < 3 * MMHG


@pytest.mark.parametrize(
    ("leak", "area", "volume"),
    # Port of the published equations: 50 mL per beat through 0.4 cm2, 55 through 0.3 cm2.
    [("mitral", 0.4, 50), ("aortic", 0.3, 55)],
)
def test_a_leak_lets_as_much_back_as_the_reference(leak, area, volume):
    found = numbers(**{f"{leak}_leak_area": area * CM2})
    assert found[f"{leak}_regurgitant_volume"] == pytest.approx(volume * ML, rel=0.05)
    assert 0.4 < found[f"{leak}_regurgitant_fraction"] < 0.55


@pytest.mark.parametrize("valve", VALVES)
def test_a_narrow_valve_has_a_gradient_and_no_other_has(valve):
    found = numbers(**{f"{valve}_open_area": 0.8 * CM2})
    for other in VALVES:
        gradient = found[f"{other}_mean_gradient"] / MMHG
        assert gradient > 4 if other == valve else gradient < 3, other
        assert found[f"{other}_peak_gradient"] >= found[f"{other}_mean_gradient"]


def test_the_catheter_finds_less_than_doppler():
    """(1 - A/A_ao)^2: with 1 cm2 in an aorta of 5 cm2, 64 %."""
    found = numbers(aortic_open_area=1.0 * CM2)
    aorta = NORMAL.parameters["systemic_artery_reference_area"]
    share = (1 - 1.0 * CM2 / aorta) ** 2
    assert 0.60 < share < 0.66
    assert found["aortic_net_gradient"] == pytest.approx(share * found["aortic_mean_gradient"])


def test_energy_loss_area_grows_with_recovery():
    """Garcia 2000: EOA A_ao/(A_ao - EOA)."""
    assert energy_loss_area(0.8 * CM2, 4 * CM2) == pytest.approx(1.0 * CM2)
    assert math.isinf(energy_loss_area(4 * CM2, 4 * CM2))


def test_severity_tells_criteria_and_how_well_they_are_sourced():
    (lesion,) = severe_lesions(numbers(aortic_open_area=0.65 * CM2))
    assert lesion.lesion == "aortic stenosis"
    assert len(lesion.met) == lesion.asked == 3
    assert str(lesion).startswith("severe aortic stenosis by 3 of 3 criteria: AVA 0.65 cm2, below")
    assert "from memory" in str(lesion)


@pytest.mark.parametrize(("area", "severe"), [(0.30, True), (0.29, False), (1.0, True)])
def test_a_value_on_the_cut_off_is_severe(area, severe):
    found = {"aortic_leak_area": area * CM2}
    assert bool(list(severe_lesions(found))) is severe


def test_what_was_not_measured_is_not_asked():
    (lesion,) = severe_lesions({"mitral_regurgitant_volume": 70 * ML})
    assert (lesion.lesion, lesion.asked) == ("mitral regurgitation", 1)
    assert "guideline text" in str(lesion)
