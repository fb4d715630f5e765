"""Leaping through a plan in time, against every beat of it."""

import numpy as np
import pytest

from organtwin.errors import InputError
from organtwin.simulation.beat import Outcome
from organtwin.simulation.simulator import SimulationStopped
from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.long_course import QUANTITIES, coursing
from organtwin.twin.time_course import CourseRun, Scheduled, time_course
from tests.unfitted_twin import normal_twin

MILRINONE = (
    Scheduled(parse_therapy("milrinone 0.5 ug/kg/min"), 120.0, 3000.0),
    Scheduled(parse_therapy("fluid 500 mL"), 900.0),
)
WATCHED = ("heart_rate", "mean_arterial_pressure", "cardiac_output", "pcwp")


def course(plan, duration, members=0):
    steps = coursing(normal_twin(), plan, duration, members=members)
    return [step.course for step in steps if step.course][-1]


def rms_errors(found, plan, duration):
    """Root mean square of the differences, each as a share of the quantity's mean."""
    full = list(time_course(normal_twin(), plan, duration))
    times = [moment.time for moment in full]
    errors = {}
    for name in WATCHED:
        exact = np.array([moment.quantities[name] for moment in full])
        leapt = np.interp(times, found.times, found.series(name))
        errors[name] = float(np.sqrt(np.mean((leapt - exact) ** 2)) / exact.mean())
    return errors


def test_an_hour_takes_few_beats_and_all_of_them_after_a_start():
    """Of some 4 300."""
    found = course(MILRINONE, 3600.0)
    assert not found.stopped
    assert len(found.moments) < 1000
    assert found.times[-1] > 3500.0
    for start in (120.0, 900.0):
        steps = np.diff(found.times[found.times > start - 1.0])
        assert steps[:20].max() < 1.0


@pytest.mark.slow
def test_an_hour_differs_little_from_all_its_beats():
    errors = rms_errors(course(MILRINONE, 3600.0), MILRINONE, 3600.0)
    assert max(errors.values()) < 2e-3, errors


def test_a_moment_can_be_shown_as_the_beat_it_was():
    plan = (Scheduled(parse_therapy("dobutamine 10 ug/kg/min"), 10.0),)
    found = course(plan, 60.0)
    moment = found.at(50.0)
    assert moment.time <= 50.0 < moment.time + moment.beat.duration
    assert 1.0 / moment.beat.duration == pytest.approx(moment.quantities["heart_rate"])
    assert moment.beat.traces["aortic_pressure"].mean() == pytest.approx(
        moment.quantities["mean_arterial_pressure"]
    )


def test_the_bands_of_alike_hearts_lie_on_the_course_till_a_therapy_begins():
    plan = (Scheduled(parse_therapy("phenylephrine 1 ug/kg/min"), 10.0),)
    found = course(plan, 60.0, members=2)
    assert set(found.bands) == set(QUANTITIES)
    low, high = found.bands["mean_arterial_pressure"]
    exact = np.interp(found.band_times, found.times, found.series("mean_arterial_pressure"))
    before = found.band_times < 10.0
    assert low[before] == pytest.approx(exact[before], rel=1e-6)
    assert high[before] == pytest.approx(exact[before], rel=1e-6)
    assert low[-1] < 0.99 * exact[-1]
    assert high[-1] > 1.01 * exact[-1]


def test_a_rate_is_certain_while_a_pacemaker_sets_it():
    pacing = Scheduled(parse_therapy("heart_rate 90 1/min"), 10.0, 40.0)
    found = course((pacing, Scheduled(parse_therapy("fluid 500 mL"))), 60.0, members=2)
    low, high = found.bands["heart_rate"]
    paced = (found.band_times > 12.0) & (
        found.band_times < 38.0
    )  # beats of members do not coincide
    assert (high - low)[paced] == pytest.approx(0.0, abs=1e-9)


def test_the_reflex_goes_on_after_an_acute_therapy_was_stopped():
    """It does not fall away in one beat when nothing acute is given any more."""
    plan = (Scheduled(parse_therapy("iabp 40 mL"), 5.0, 15.0),)
    assert all(moment.conditions.reflex for moment in course(plan, 60.0).moments)


def test_a_heart_that_fails_keeps_the_course_so_far_and_says_why(monkeypatch):
    plain = CourseRun.beat

    def beat(run):
        if run.time > 5.0:
            raise SimulationStopped(Outcome.EMPTIED, "the left ventricle ran empty")
        return plain(run)

    monkeypatch.setattr(CourseRun, "beat", beat)
    found = course(MILRINONE, 60.0)
    assert "ran empty" in found.stopped
    assert 3.0 < found.times[-1] <= 5.0


@pytest.mark.parametrize("duration", [0.0, 1e9, float("nan")])
def test_a_duration_that_is_not_offered_is_refused(duration):
    with pytest.raises(InputError, match="duration"):
        next(coursing(normal_twin(), MILRINONE, duration))
