"""A plan in time: beat after beat while drugs come and go and the reflex answers.

Each drug is one compartment: during an infusion its exposure e follows de/dt = k (e_steady - e),
after its stop de/dt = -k e, k = ln 2 over the half-life; a bolus is there at once and only falls.
Without known kinetics a drug is steady from start to stop. The reflex runs in its own time
(``simulation.reflex.reflex_beats``) about the untreated pressure.
Verified in tests/twin/test_time_course.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from organtwin.errors import InputError
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.reflex import reflex_beats, reflex_of
from organtwin.simulation.simulator import beats
from organtwin.therapy.kind import Therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.twin import Twin


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A therapy with its times [s] after the start of the course; ``stop`` None: until the end."""

    therapy: Therapy
    start: float = 0.0
    stop: float | None = None

    def __post_init__(self) -> None:
        if not self.start >= 0.0 or not (self.stop is None or self.stop > self.start):
            raise InputError(
                str(self.therapy), "times", expected="0 <= start < stop",
                got=f"start {self.start:g} s, stop {self.stop} s", remedy="Correct the times.",
            )  # fmt: skip

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
    """One beat of the course: ``time`` [s] of its start, clinical quantities in SI."""

    time: float
    quantities: Mapping[str, float]
    exposures: Mapping[str, float]


def time_course(twin: Twin, course: tuple[Scheduled, ...], duration: float) -> Iterator[Moment]:
    """Beats from the untreated state over ``duration`` [s], some 5 ms of computing each.

    Raises
    ------
    SimulationStopped
        The heart failed.
    ParameterError
        Plan or reflex leads out of the range of the model.
    """
    reflex = reflex_of(twin.baseline.beat)
    start, nerves, time = twin.baseline.beat.end_state, reflex.resting(), 0.0
    while time < duration:
        exposures = _exposures(course, time)
        conditions = _conditions(twin.conditions, course, time, exposures)
        if conditions.reflex:
            step = next(reflex_beats(conditions, reflex, start, nerves))
            beat, conditions, nerves = step.beat, step.conditions, step.nerves
        else:
            beat = next(beats(conditions, start))
        start = beat.end_state
        yield Moment(time, biomarkers(beat, conditions), exposures)
        time += beat.duration


def _exposures(course: tuple[Scheduled, ...], time: float) -> dict[str, float]:
    """By name of drug; the same drug given twice adds up."""
    found: dict[str, float] = {}
    for item in course:
        if item.therapy.kind.drug is not None:
            name = item.therapy.name
            found[name] = found.get(name, 0.0) + item.exposure(time)
    return found


def _conditions(
    untreated: Conditions,
    course: tuple[Scheduled, ...],
    time: float,
    exposures: Mapping[str, float],
) -> Conditions:
    plan = TherapyPlan()
    for item in course:
        if item.given(time) or exposures.get(item.therapy.name, 0.0) > 0.0:
            plan = plan.with_(item.therapy)
    return plan.apply(untreated, exposures)
