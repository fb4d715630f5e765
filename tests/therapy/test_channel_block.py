"""Electrical drugs: action potential and speed against reference and published values."""

import pytest

from organtwin.physiology.electrophysiology.cells.torord import TORORD_ENDO
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.channel_block import (
    ElectricResponse,
    electric_response,
    given_drugs,
)
from organtwin.therapy.slowing import speed_factor


def given(*texts):
    return given_drugs([parse_therapy(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        # APD90 [ms] of an independent implementation, 150 beats at 1 Hz; control 272.3.
        ("dofetilide 2 nmol/L", 320.9),
        ("verapamil 81 nmol/L", 296.4),
        ("diltiazem 122 nmol/L", 245.4),
        ("mexiletine 4129 nmol/L", 273.1),
    ],
)
def test_the_action_potential_at_the_usual_peak_is_the_reference_one(text, reference):
    response = electric_response(given(text), TORORD_ENDO, cycle_length=1.0)
    assert response.before == pytest.approx(0.2723, abs=0.002)
    assert response.after == pytest.approx(reference * 1e-3, abs=0.002)


def test_flecainide_slows_conduction_as_in_people():
    """Conduction time +16.8 % after 2 mg/kg iv in nine patients."""
    assert 1 / speed_factor(given("flecainide 753 nmol/L"), 0.8) == pytest.approx(1.168, abs=0.01)


@pytest.mark.parametrize(
    ("cycle", "before", "after"), [(0.6, 182, 191), (0.5, 183, 195), (0.4, 177, 192)]
)
def test_amiodarone_widens_the_paced_qrs_more_at_a_faster_rate(cycle, before, after):
    """Only the widening at 600 ms was used in setting the block."""
    slowed = 1 / speed_factor(given("amiodarone_iv 100 %"), cycle)
    assert slowed == pytest.approx(after / before, abs=0.012)


def test_a_drug_without_sodium_block_leaves_the_speed():
    assert speed_factor(given("sotalol 14690 nmol/L"), 0.8) == pytest.approx(1.0, abs=1e-3)


def test_a_slower_qrs_is_part_of_the_longer_qt():
    assert ElectricResponse(0.27, 0.30, 0.9).longer_qt(0.09) == pytest.approx(0.04)
