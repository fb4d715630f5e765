"""Whether a plan in time may be shown: what is given, and the states that it reaches.

What is given is judged before anything is computed, and declined. Which states are reached is known
only afterwards: stretches outside those in which the model was exercised, or that no living adult
shows, are told, so that they can be marked as extrapolation.
Verified in tests/twin/test_checked_course.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from organtwin.simulation.conditions import Excitation
from organtwin.therapy.checked import other_ranges
from organtwin.therapy.exercise import EXERCISE
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_range import MODEL, beyond, beyond_after, beyond_states
from organtwin.twin.long_course import Course
from organtwin.twin.time_course import Moment, Scheduled
from organtwin.twin.twin import Twin

REACHED = "the state that is reached"
SETTLED = 180.0
"""[s] after which exercise takes up what its workload asks for, and is recovered from: some
minutes by its card; assumed. Before, output still rises, so its oxygen does not say whether it
reaches."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """``start`` to ``stop`` [s] of a course, and what makes it an extrapolation."""

    start: float
    stop: float
    reasons: tuple[Beyond, ...]

    def holds(self, time: float) -> bool:
        return self.start <= time < self.stop


def stretches_beyond(course: Course) -> tuple[Stretch, ...]:
    """The stretches of a course in which a state is reached that was never checked.

    A beat counts up to the next one that is told, across a leap too, and the last to the end of the
    course. Of each quantity that lies outside the value farthest outside is named.
    """
    ends = [*(moment.time for moment in course.moments[1:]), course.duration]
    found: list[Stretch] = []
    beats = zip(course.moments, ends, strict=False)
    for beyond_any, run in groupby(beats, key=lambda beat: bool(_outside(course, beat[0]))):
        if beyond_any:
            moments, stops = zip(*run, strict=True)
            start = moments[0].time
            found.append(Stretch(start, max(stops[-1], start), _worst(course, moments)))
    return tuple(found)


def _outside(course: Course, moment: Moment) -> tuple[Beyond, ...]:
    states = () if _exercised(course, moment) else beyond_states(REACHED, moment.quantities)
    return states or beyond_after(_settled(course, moment.time), moment.quantities)


def _exercised(course: Course, moment: Moment) -> bool:
    """Whether somebody exercises or recovers: the ranges of states are those of rest.

    A prediction of exercise is not judged by them either, but by its own range.
    """
    return any(
        i.therapy.kind is EXERCISE
        and i.start <= moment.time
        and (i.stop is None or moment.time < i.stop + SETTLED)
        for i in course.course
    )


def _settled(course: Course, time: float) -> TherapyPlan:
    """What has been given long enough at a time [s] for its steady state."""
    given = (i.therapy for i in course.course if i.given(time) and time - i.start >= SETTLED)
    return TherapyPlan(tuple(given))


def _worst(course: Course, moments: Sequence[Moment]) -> tuple[Beyond, ...]:
    """The reasons of all these moments, each quantity at its farthest."""
    least = min(moments, key=lambda moment: moment.quantities["cardiac_output"])
    resting = [moment for moment in moments if not _exercised(course, moment)]
    if not resting:
        return _outside(course, least)
    lowest = highest = dict(resting[0].quantities)
    for state in other_ranges()[MODEL].states:
        values = [moment.quantities[state.quantity] for moment in resting]
        lowest = {**lowest, state.quantity: min(values)}
        above = max(values) > state.highest
        highest = {**highest, state.quantity: max(values) if above else min(values)}
    reasons = (*beyond_states(REACHED, lowest), *beyond_states(REACHED, highest))
    return tuple(dict.fromkeys(reasons)) or _outside(course, least)


def beyond_in_time(
    twin: Twin, course: Sequence[Scheduled], excitation: Excitation | None = None
) -> tuple[Beyond, ...]:
    """Everything outside what was checked at any time of the course, each reason once.

    What is given changes only where something starts or stops. What a drug leaves behind after its
    stop is not asked about: its exposure is less than it was.
    """
    changes = {0.0, *(t for item in course for t in (item.start, item.stop) if t is not None)}
    found = [
        reason
        for time in sorted(changes)
        for reason in beyond(
            twin,
            TherapyPlan(tuple(i.therapy for i in course if i.given(time)), excitation),
        )
    ]
    return tuple(dict.fromkeys(found))
