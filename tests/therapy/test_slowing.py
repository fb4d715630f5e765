"""Conduction slowed by drugs, against what was measured in people."""

import pytest

from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.layer_block import given_drugs
from organtwin.therapy.slowing import speed_factor


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


def test_a_drug_without_sodium_block_leaves_the_speed():
    assert speed_factor(given("sotalol 14690 nmol/L"), 0.8) == pytest.approx(1.0, abs=1e-3)
