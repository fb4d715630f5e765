"""A pacemaker is declined in patients in whom its mode was not checked, as pacing therapies are."""

from dataclasses import replace

import pytest

from organtwin.errors import DeclinedError
from organtwin.simulation.conditions import Excitation
from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.checked_pacing import beyond_settings, in_words, refuse_if_all
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


def test_a_delay_that_nobody_tried_is_declined_and_one_inside_is_not(weak):
    twin = replace(explained_twin(), record=WIDE)
    (found,) = beyond_paced(twin, NOTHING, Mode.BIVENTRICULAR, 0.30)
    assert (found.got, found.checked) == ("AV delay 300 ms", "50 to 250 ms")
    assert beyond_paced(twin, NOTHING, Mode.BIVENTRICULAR, 0.15) == ()


def test_each_setting_of_a_map_is_judged_by_its_own_mode_and_delay(weak):
    twin = replace(explained_twin(), record=WIDE)
    settings = [
        Pacemaker(Mode.BIVENTRICULAR), Pacemaker(Mode.HIS),
        Pacemaker(Mode.BIVENTRICULAR, sensed_av=0.03), Pacemaker(Mode.LV),
    ]  # fmt: skip
    outside = beyond_settings(twin, NOTHING, settings)
    assert set(outside) == {1, 2}
    refuse_if_all(outside, len(settings))
    assert "AV delay 30 ms" in in_words(outside)[2]


def test_a_map_of_which_nothing_is_left_is_declined():
    settings = [Pacemaker(Mode.BIVENTRICULAR), Pacemaker(Mode.HIS)]
    outside = beyond_settings(explained_twin(), NOTHING, settings)
    with pytest.raises(DeclinedError, match="Biventricular pacing"):
        refuse_if_all(outside, len(settings))


def test_a_pacemaker_spreads_as_fast_as_the_patient_lets_it():
    own = explained_twin().conditions
    paced = TherapyPlan(excitation=Excitation(own.activation, 0.12, Mode.BIVENTRICULAR))
    fused = TherapyPlan(excitation=Excitation(own.activation, 0.12))
    assert set(paced.drawn(3)) == {"biventricular_pacing"}
    assert fused.drawn(3) == {}
    slower = {"biventricular_pacing": {"spread": 1.3}}
    delays = [plan.apply(own, responses=slower).activation.delays for plan in (paced, fused)]
    assert delays[0] == pytest.approx(1.3 * own.activation.delays)
    assert delays[1] == pytest.approx(own.activation.delays)
