"""Conduction slowed by drugs, against what was measured in people."""

import pytest

from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.interactions import open_channels
from organtwin.therapy.layer_block import given_drugs
from organtwin.therapy.slowing import channels_left, sodium_left, speed_factor


def given(*texts):
    return given_drugs([parse_therapy(text) for text in texts])


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


def test_channels_that_use_keeps_blocked_carry_no_late_current():
    """Cells at rest showed 12 % of late block, where use leaves 65 % of the channels."""
    drug = given("flecainide 753 nmol/L")
    left = channels_left(drug, 0.8)
    assert open_channels(drug)["I_NaL"] == pytest.approx(0.876, abs=0.001)
    assert left["I_NaL"] == left["I_Na"] == sodium_left(drug, 0.8) == pytest.approx(0.65, abs=0.01)
    assert left["I_Kr"] == open_channels(drug)["I_Kr"]


def test_late_block_deeper_than_that_of_use_stays_as_it_was_measured():
    drug = given("ranolazine 1458 nmol/L")
    assert channels_left(drug, 0.8)["I_NaL"] == open_channels(drug)["I_NaL"] < 0.9


def test_a_drug_without_sodium_block_leaves_the_speed():
    assert speed_factor(given("sotalol 14690 nmol/L"), 0.8) == pytest.approx(1.0, abs=1e-3)
