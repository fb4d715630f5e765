"""The default resistance and volume are those at which the published control comes to rest."""

from itertools import islice

import pytest

from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.interface import PatchLayout
from organtwin.simulation.conditions import Conditions
from tests.pressure_flow import RestingTarget, regulated_beats

ONE_PATCH = Conditions(activation=conduction_pattern("synchronous", PatchLayout(1, 1, 1, 1, 1)))


def settled(conditions, target=None, count=150):
    return list(islice(regulated_beats(conditions, target), count))[-1]


def test_control_finds_the_published_resting_state_from_a_disturbed_one():
    """The default resistance and volume are those of this steady state."""
    disturbed = ONE_PATCH.scaled(systemic_resistance=1.4, blood_volume=0.85)
    beat, found = settled(disturbed)
    assert beat.traces["aortic_pressure"].mean() == pytest.approx(12_200, rel=1e-3)
    assert beat.traces["systemic_bed_flow"].mean() == pytest.approx(85e-6, rel=1e-3)
    for name in ("systemic_resistance", "blood_volume"):
        assert found.parameters[name] == pytest.approx(ONE_PATCH.parameters[name], rel=2e-3)


def test_control_defends_another_target():
    target = RestingTarget(pressure=11_000.0, flow=70e-6)
    beat, _ = settled(ONE_PATCH, target)
    assert beat.traces["aortic_pressure"].mean() == pytest.approx(11_000, rel=2e-3)
    assert beat.traces["systemic_bed_flow"].mean() == pytest.approx(70e-6, rel=2e-3)
