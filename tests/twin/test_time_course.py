"""A plan in time: kinetics of the drugs, onset and offset of the response."""

import pytest

from organtwin.errors import InputError
from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.time_course import Scheduled, time_course
from tests.unfitted_twin import normal_twin


def course(text, start=0.0, stop=None):
    return Scheduled(parse_therapy(text), start, stop)


def test_an_infusion_comes_and_goes_with_its_half_life():
    """Dobutamine, 2 minutes."""
    item = course("dobutamine 8 ug/kg/min", 60.0, 60.0 + 240.0)
    assert item.exposure(59.0) == 0.0
    assert item.exposure(60.0 + 120.0) == pytest.approx(4.0)
    assert item.exposure(60.0 + 240.0) == pytest.approx(6.0)
    assert item.exposure(60.0 + 360.0) == pytest.approx(3.0)


def test_a_bolus_is_there_at_once_and_falls():
    item = course("metoprolol 10 mg")
    assert item.exposure(0.0) == 10.0
    assert item.exposure(3.5 * 3600.0) == pytest.approx(5.0)


def test_a_drug_without_kinetics_is_steady_from_start_to_stop():
    item = course("furosemide 1 mg/kg", 10.0, 20.0)
    assert [item.exposure(time) for time in (9.0, 10.0, 19.0, 20.0)] == [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(("start", "stop"), [(-1.0, None), (10.0, 10.0), (float("nan"), None)])
def test_times_that_contradict_each_other_are_refused(start, stop):
    with pytest.raises(InputError, match="0 <= start < stop"):
        course("dobutamine 5 ug/kg/min", start, stop)


def test_the_response_starts_with_the_drug_and_ends_after_it():
    plan = (course("dobutamine 10 ug/kg/min", 10.0, 130.0),)
    moments = list(time_course(normal_twin(), plan, 400.0))
    rate = {m.time: m.quantities["heart_rate"] for m in moments}
    before = [value for time, value in rate.items() if time < 10.0]
    assert max(before) == pytest.approx(min(before), rel=1e-3)
    peak = max(rate, key=lambda time: rate[time])
    assert 125.0 < peak < 135.0
    assert rate[peak] > 1.1 * before[0]
    assert before[0] < list(rate.values())[-1] < 0.5 * (rate[peak] + before[0])


def test_exercise_starts_and_stops_and_leaves_the_heart_as_it_was():
    moments = list(time_course(normal_twin(), (course("exercise 40 W", 5.0, 60.0),), 150.0))

    def near(time, name):
        return min(moments, key=lambda moment: abs(moment.time - time)).quantities[name]

    assert near(55.0, "cardiac_output") > 1.5 * near(0.0, "cardiac_output")
    assert near(145.0, "cardiac_output") == pytest.approx(near(0.0, "cardiac_output"), rel=0.02)
    assert near(145.0, "heart_rate") == pytest.approx(near(0.0, "heart_rate"), rel=0.02)
