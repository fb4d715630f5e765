"""A pacemaker is declined in patients in whom its mode was not checked, as pacing therapies are."""

from dataclasses import replace

import pytest

from organtwin.simulation.pacing import Mode
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.checked_range import beyond_paced
from organtwin.twin.twin import Twin
from tests.unfitted_twin import explained_twin, record

NOTHING = TherapyPlan()


WIDE = record(heart_rate=(70, 2), systolic_pressure=(118, 20), qrs_duration=(160, 10))


@pytest.fixture
def weak(monkeypatch):
    """Twins show an ejection fraction of 25 %."""
    numbers = {**explained_twin().numbers, "lv_ef": 0.25}
    monkeypatch.setattr(Twin, "numbers", property(lambda twin: numbers))


def subjects(mode, **changes):
    twin = replace(explained_twin(), **changes)
    return {reason.subject for reason in beyond_paced(twin, NOTHING, mode)}


def test_biventricular_pacing_is_declined_in_a_normal_heart():
    assert subjects(Mode.BIVENTRICULAR) == {"Biventricular pacing"}


@pytest.mark.parametrize("mode", [Mode.BIVENTRICULAR, Mode.MULTIPOINT_BIVENTRICULAR, Mode.LV])
def test_it_is_shown_in_a_weak_heart_with_a_wide_qrs(mode, weak):
    assert subjects(mode, record=WIDE) == set()


@pytest.mark.parametrize("mode", [Mode.HIS, Mode.LEFT_BUNDLE, Mode.MULTIPOINT])
def test_modes_of_which_no_response_was_compared_are_declined_in_everybody(mode, weak):
    assert subjects(mode, record=WIDE)


def test_no_pacemaker_is_declined_for_nothing():
    assert subjects(Mode.OFF) == set()
