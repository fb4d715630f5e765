"""Conduction speed against sodium conductance: the table itself, between its rows, outside it."""

import pytest

from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.sodium_block import conduction_speed_ratio

PRINTED = {1.0: 1.0, 0.8: 0.925, 0.6: 0.831, 0.5: 0.773, 0.4: 0.703, 0.3: 0.615}
"""Ratios as they were written down beside the velocities."""


@pytest.mark.parametrize("conductance", PRINTED)
def test_speed_ratio_is_the_cable_s(conductance: float) -> None:
    ratio = conduction_speed_ratio(conductance)
    assert ratio == pytest.approx(PRINTED[conductance], abs=2e-3)


def test_speed_between_two_rows_falls_with_the_conductance() -> None:
    ratios = [conduction_speed_ratio(g) for g in (0.95, 0.7, 0.65, 0.45, 0.35)]
    assert ratios == sorted(ratios, reverse=True)


@pytest.mark.parametrize("conductance", [0.29, 1.01, float("nan")])
def test_a_conductance_that_was_not_computed_is_refused(conductance: float) -> None:
    with pytest.raises(InputError, match="sodium conductance"):
        conduction_speed_ratio(conductance)
