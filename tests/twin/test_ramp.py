"""A pump's settings in steps."""

from types import SimpleNamespace

import pytest

from organtwin.errors import InputError
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.twin.ramp import ramping

FAILING = Conditions().scaled(lv_active_stress=0.4, septum_active_stress=0.4, blood_volume=1.25)


@pytest.fixture(scope="module")
def twin():
    solution = to_steady_state(beats(FAILING), Periodicity(3e-4, 150))
    return SimpleNamespace(conditions=FAILING, baseline=solution)


def test_more_speed_is_more_flow_a_smaller_ventricle_and_less_opening(twin):
    steps = list(ramping(twin, "lvad", (4000, 5000, 6000)))
    assert [step.setting for step in steps] == [4000, 5000, 6000]
    for name, sign in (("flow", 1), ("lv_edv", -1), ("pcwp", -1), ("septum", -1), ("opening", -1)):
        values = [sign * getattr(step, name) for step in steps]
        assert values == sorted(values), name


@pytest.mark.parametrize(("device", "settings", "field"), [
    ("pacemaker", (1.0,), "device"), ("lvad", (), "settings"), ("lvad", (20_000,), "dose"),
])  # fmt: skip
def test_what_cannot_be_ramped_is_refused_by_name(twin, device, settings, field):
    with pytest.raises(InputError, match=field):
        list(ramping(twin, device, settings))
