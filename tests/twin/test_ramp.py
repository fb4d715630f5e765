"""The ramp test: one line per speed, in the order asked for, and its warnings."""

from itertools import pairwise

import pytest

from organtwin.errors import InputError
from organtwin.simulation.beat import Outcome
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.ramp import RAMPED, ramping
from organtwin.units import L_PER_MIN, ML
from tests.unfitted_twin import twin_under

FAILING = Conditions().scaled(
    lv_active_stress=0.35, septum_active_stress=0.35, lv_reference_area=1.15,
    septum_reference_area=1.15, pericardium_volume=1.3, blood_volume=1.2,
)  # fmt: skip


@pytest.fixture(scope="module")
def failing():
    return twin_under(FAILING)


def test_a_faster_pump_carries_more_and_empties_the_left_heart(failing):
    """Uriel 2016: output up, wedge pressure down, central venous pressure flat."""
    steps = list(ramping(failing, "lvad", (4600, 5200, 5800, 6400)))
    assert [step.setting for step in steps] == [4600, 5200, 5800, 6400]
    for slow, fast in pairwise(steps):
        assert fast.outcome is Outcome.STEADY
        assert fast.flow > slow.flow
        for name in ("lv_edv", "pcwp", "septum", "opening"):
            assert getattr(fast, name) <= getattr(slow, name), name
    assert abs(steps[-1].ra_pressure - steps[0].ra_pressure) < 2 * 133.3
    assert any("never opens" in sign for sign in steps[-1].signs)


def test_a_ramp_runs_on_top_of_a_plan(failing):
    plan = TherapyPlan((parse_therapy("rvad 3500 rpm"),))
    (alone,) = ramping(failing, "lvad", (5400,))
    (helped,) = ramping(failing, "lvad", (5400,), plan)
    assert helped.ra_pressure < alone.ra_pressure
    assert helped.lv_edv > alone.lv_edv


@pytest.mark.parametrize("device", RAMPED)
def test_every_device_can_be_ramped_to_its_default(failing, device):
    (step,) = ramping(failing, device, (THERAPIES[device].default,))
    assert step.outcome is Outcome.STEADY
    assert step.lv_edv > 50 * ML
    assert (step.flow > 0.2 * L_PER_MIN) is not device.startswith("iabp")


def test_what_cannot_be_ramped_is_refused(failing):
    with pytest.raises(InputError, match="expected one of lvad"):
        next(ramping(failing, "dobutamine", (5,)))
    with pytest.raises(InputError, match="at least one setting"):
        next(ramping(failing, "lvad", ()))
    with pytest.raises(InputError, match="3000 to 9000 rpm"):
        next(ramping(failing, "lvad", (5400, 90_000)))
