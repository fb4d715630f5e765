"""A plan in time is declined for what is given together, and marked for what it reaches."""

from dataclasses import replace

from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.checked_course import SETTLED, beyond_in_time, stretches_beyond
from organtwin.twin.long_course import Course
from organtwin.twin.time_course import Moment, Scheduled
from organtwin.units import MMHG
from tests.unfitted_twin import explained_twin


def scheduled(text: str, start: float = 0.0, stop: float | None = None) -> Scheduled:
    return Scheduled(parse_therapy(text), start, stop)


def subjects(*course: Scheduled) -> list[str]:
    return [reason.subject for reason in beyond_in_time(explained_twin(), course)]


def test_inside_nothing_is_told():
    assert subjects(scheduled("dobutamine 5 ug/kg/min", 60.0)) == []


def test_a_dose_outside_is_told_once_however_late_it_begins():
    found = subjects(
        scheduled("dobutamine 15 ug/kg/min", 600.0), scheduled("fluid 500 mL", 0.0, 900.0)
    )
    assert found == ["Dobutamine"]


def test_drugs_that_oppose_each_other_are_declined_only_where_they_meet():
    pressor, dilator = "norepinephrine 0.1 ug/kg/min", "nitroprusside 1 ug/kg/min"
    apart = subjects(scheduled(pressor, 0.0, 600.0), scheduled(dilator, 600.0))
    together = subjects(scheduled(pressor, 0.0, 601.0), scheduled(dilator, 600.0))
    assert not [subject for subject in apart if " with " in subject]
    assert [subject for subject in together if " with " in subject]


def reached(*pressures: float, seconds: float = 60.0) -> Course:
    """A course of beats, one a minute, with these mean arterial pressures [mmHg]."""
    twin = explained_twin()
    normal = dict(twin.numbers)
    moments = tuple(
        Moment(
            place * seconds, {**normal, "mean_arterial_pressure": pressure * MMHG}, {},
            twin.conditions, twin.baseline.beat.end_state,
        )
        for place, pressure in enumerate(pressures)
    )  # fmt: skip
    return Course((), len(pressures) * seconds, moments)


def test_states_inside_make_no_stretch():
    assert stretches_beyond(reached(90.0, 60.0, 140.0)) == ()


def test_a_stretch_lasts_to_the_next_beat_and_names_the_value_farthest_outside():
    (one,) = stretches_beyond(reached(90.0, 48.0, 44.0, 47.0, 60.0))
    assert (one.start, one.stop) == (60.0, 240.0)
    (reason,) = one.reasons
    assert (reason.got, reason.checked) == ("MAP 44 mmHg", "50 to 150 mmHg")
    assert not one.holds(0.0)
    assert one.holds(120.0)
    assert not one.holds(240.0)


def test_two_stretches_stay_apart_and_the_last_lasts_to_the_end():
    first, last = stretches_beyond(reached(40.0, 90.0, 160.0))
    assert (first.start, first.stop) == (0.0, 60.0)
    assert (last.start, last.stop) == (120.0, 180.0)
    assert "MAP 160 mmHg" in str(last.reasons[0])


def test_output_that_does_not_reach_for_the_workload_is_told_once_it_has_settled():
    course = replace(reached(*(90.0,) * 6), course=(scheduled("exercise 190 W"),))
    (one,) = stretches_beyond(course)
    assert (one.start, one.stop) == (SETTLED, 360.0)
    assert "oxygen to be taken from each dL" in str(one.reasons[0])


def test_after_exercise_nothing_of_its_workload_is_asked_for():
    course = replace(reached(*(90.0,) * 6), course=(scheduled("exercise 190 W", 0.0, 170.0),))
    assert stretches_beyond(course) == ()


def test_what_is_outside_at_rest_is_not_while_somebody_exercises_or_recovers():
    course = replace(
        reached(90.0, 152.0, 152.0, 90.0), course=(scheduled("exercise 40 W", 50, 90),)
    )
    assert stretches_beyond(course) == ()
