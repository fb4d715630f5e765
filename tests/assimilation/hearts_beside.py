"""A patient with a known heart, and hearts beside it as a fit would leave them."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from organtwin.assimilation.following import FOLLOWED, PatientBeat, drifted
from organtwin.physiology.heart import HeartState, resting_state
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.quick_beats import quick_beat

INTERVAL = 0.8
ARTERIAL = ("systolic_pressure", "diastolic_pressure", "mean_arterial_pressure")
SEEN = (*ARTERIAL, "ra_pressure")
SETTLING = 30
"""Beats from rest after which the default heart is steady (tests/simulation)."""
SPREAD = 0.05
"""Standard deviation of every followed logarithm among the hearts."""

Heart = tuple[Conditions, HeartState]


@cache
def settled(interval: float = INTERVAL, **logs: float) -> Heart:
    """The default heart, changed by logarithms of followed parameters, after many equal beats."""
    conditions = changed(Conditions(), **logs)
    state = resting_state(conditions.parameters, conditions.activation.layout)
    for _ in range(SETTLING):
        answer = quick_beat(conditions, state, interval)
        assert answer is not None
        state = answer[1]
    return conditions, state


def changed(conditions: Conditions, **logs: float) -> Conditions:
    drifts = [drift for drift in FOLLOWED if drift.name in logs]
    return drifted(conditions, drifts, np.array([logs[drift.name] for drift in drifts]))


@cache
def hearts_beside(count: int = 16, seed: int = 1) -> tuple[Heart, ...]:
    """Hearts that differ a little in everything that is followed."""
    random = np.random.default_rng(seed)
    names = [drift.name for drift in FOLLOWED if drift.name != "compliance"]
    return tuple(
        settled(**dict(zip(names, SPREAD * random.standard_normal(len(names)), strict=True)))
        for _ in range(count)
    )


def lived(
    heart: Heart, intervals: Sequence[float], names: Sequence[str] = SEEN, *, start: float = 0.0,
    noise: float = 0.0, seed: int = 0,
) -> tuple[list[PatientBeat], Heart]:  # fmt: skip
    """The beats of a patient, with ``noise`` times the usual error, and how the heart stands."""
    random, (conditions, state), time = np.random.default_rng(seed), heart, start
    beats = []
    for interval in intervals:
        answer = quick_beat(conditions, state, interval)
        assert answer is not None, "the patient died"
        values, state = answer
        beat = PatientBeat(time, interval, {name: values[name] for name in names})
        told = {n: v + noise * beat.error(n) * random.standard_normal() for n, v in
                beat.values.items()}  # fmt: skip
        beats.append(PatientBeat(time, interval, told))
        time += interval
    return beats, (conditions, state)
