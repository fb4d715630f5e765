"""A plan in time: beat after beat while drugs come and go and the reflex answers.

Each drug is one compartment: during an infusion its exposure e follows de/dt = k (e_steady - e),
after its stop de/dt = -k e, k = ln 2 over the half-life; a bolus is there at once and only falls.
Without known kinetics a drug is steady from start to stop. The reflex runs in its own time
(``simulation.reflex.reflex_beats``) about the untreated pressure. An effector that a drug holds,
because its published response contains the reflex, is held from the drug's first trace on: where
another therapy has moved it by then, it steps back.
Verified in tests/twin/test_time_course.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from organtwin.physiology.heart import HeartState
from organtwin.simulation.beat import Beat
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions, Excitation
from organtwin.simulation.reflex import reflex_beats, reflex_of
from organtwin.simulation.sac import within_sac
from organtwin.simulation.simulator import beats
from organtwin.therapy.kind import Therapy
from organtwin.therapy.model_error import studied_share, together
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.times import check_times
from organtwin.therapy.variability import Responses
from organtwin.twin.twin import Twin


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A therapy with its times [s] after the start of the course; ``stop`` None: until the end."""

    therapy: Therapy
    start: float = 0.0
    stop: float | None = None

    def __post_init__(self) -> None:
        check_times(str(self.therapy), self.start, self.stop)

    def given(self, time: float) -> bool:
        return self.start <= time and (self.stop is None or time < self.stop)

    def exposure(self, time: float) -> float:
        """Exposure of a drug at a time [s], in its ``exposure_unit``; 0 for what is no drug."""
        drug = self.therapy.kind.drug
        if drug is None or time < self.start:
            return 0.0
        steady = drug.exposure(self.therapy.dose)
        kinetics = drug.kinetics
        if kinetics is None:
            return steady if self.given(time) else 0.0
        if drug.route == "bolus":
            return steady * kinetics.remaining(time - self.start)
        end = time if self.stop is None else min(time, self.stop)
        reached = steady * (1.0 - kinetics.remaining(end - self.start))
        return reached * kinetics.remaining(time - end)


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """One beat of the course: ``time`` [s] of its start, clinical quantities in SI.

    ``conditions`` and ``start`` are those that it was run under and began from.
    """

    time: float
    quantities: Mapping[str, float]
    exposures: Mapping[str, float]
    conditions: Conditions
    start: HeartState

    @property
    def beat(self) -> Beat:
        """The beat itself, run once more: some 5 ms, where keeping it would take 300 kB."""
        return next(beats(self.conditions, self.start))


class CourseRun:
    """A heart that is beaten through a course, from its untreated steady beat.

    ``time`` [s] may be set forward between two beats: heart and nerves then wait as they are. With
    an acute therapy anywhere in the course the reflex answers all along; before it, and after it
    has gone, the reflex rests at the untreated pressure. ``excitation`` is there all along.
    ``responses`` by name of therapy where they are not those of the middle patient.
    """

    def __init__(
        self,
        untreated: Conditions,
        baseline: Beat,
        course: tuple[Scheduled, ...],
        excitation: Excitation | None = None,
        responses: Responses | None = None,
    ) -> None:
        self.time = 0.0
        self._untreated, self._course, self._excitation = untreated, course, excitation
        self._baseline, self._responses = baseline, responses
        self._reflex = reflex_of(baseline)
        self._nerves, self._start = self._reflex.resting(), baseline.end_state
        self._acute = any(item.therapy.kind.acute for item in course)
        self._applied: tuple[tuple[Therapy, ...], dict[str, float], Conditions] | None = None

    def beat(self) -> Moment:
        """The next beat; ``time`` moves on by its length.

        Raises
        ------
        SimulationStopped
            The heart failed.
        ParameterError
            Plan or reflex leads out of the range of the model.
        """
        time, start = self.time, self._start
        exposures = exposures_at(self._course, time)
        conditions = self._conditions(exposures)
        if conditions.reflex:
            step = next(reflex_beats(conditions, self._reflex, start, self._nerves))
            beat, conditions, self._nerves = step.beat, step.conditions, step.nerves
        else:
            beat = next(beats(conditions, start))
        self._start = beat.end_state
        self.time += beat.duration
        return Moment(time, biomarkers(beat, conditions), exposures, conditions, start)

    def _conditions(self, exposures: dict[str, float]) -> Conditions:
        """Conditions now; as for the beat before where nothing that acts has changed."""
        acting = tuple(
            item.therapy
            for item in self._course
            if item.given(self.time) or exposures.get(item.therapy.name, 0.0) > 0.0
        )
        if self._applied is not None and self._applied[:2] == (acting, exposures):
            return self._applied[2]
        plan = TherapyPlan(excitation=self._excitation)
        for therapy in acting:
            plan = plan.with_(therapy)
        conditions = plan.apply(self._untreated, exposures, self._responses)
        conditions = replace(conditions, reflex=conditions.reflex or self._acute)
        conditions = within_sac(conditions, self._baseline)
        self._applied = (acting, exposures, conditions)
        return conditions


def time_course(twin: Twin, course: tuple[Scheduled, ...], duration: float) -> Iterator[Moment]:
    """Every beat from the untreated state over ``duration`` [s], some 5 ms of computing each.

    Raises
    ------
    SimulationStopped
        The heart failed.
    ParameterError
        Plan or reflex leads out of the range of the model.
    """
    run = CourseRun(twin.conditions, twin.baseline.beat, course)
    while run.time < duration:
        yield run.beat()


def error_share_at(course: tuple[Scheduled, ...], time: float, *, excited: bool) -> float:
    """The model error at a time [s], in units of that of one therapy at a studied dose."""
    exposures = exposures_at(course, time)
    acting = {
        item.therapy.name: item.therapy
        for item in course
        if item.therapy.kind.drug is not None or item.given(time)
    }
    shares = (studied_share(therapy, exposures.get(name)) for name, therapy in acting.items())
    return together([float(excited), *shares])


def exposures_at(course: tuple[Scheduled, ...], time: float) -> dict[str, float]:
    """By name of drug at a time [s]; the same drug given twice adds up."""
    found: dict[str, float] = {}
    for item in course:
        if item.therapy.kind.drug is not None:
            name = item.therapy.name
            found[name] = found.get(name, 0.0) + item.exposure(time)
    return found
