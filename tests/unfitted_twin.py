"""A twin without a fit: a heart that is known beforehand, so that tests need no calibration."""

from dataclasses import replace
from functools import cache

import numpy as np

from organtwin.assimilation.calibration import Calibration, Evaluation, evaluate
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import Observation, observation
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.quantities import quantity
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.twin.building import twin_of
from organtwin.twin.twin import Twin

WIDTH = 0.1
"""Posterior width that every lever is given."""


def record(**values: tuple[float, float]) -> PatientRecord:
    """A record of values and standard deviations in clinical units."""
    measurements = []
    for name, (value, sd) in values.items():
        q = quantity(name)
        measurements.append(Measurement(name, q.to_si(value), q.to_si(sd), None, "test"))
    return PatientRecord("known", "A known heart", "none", Demographics(), tuple(measurements))


@cache
def normal_twin() -> Twin:
    """The default heart (EDV some 120 mL) beside a record with one value that it misses."""
    of = record(
        qt_interval=(400, 10), lv_edv=(100, 5), heart_rate=(70, 2), systolic_pressure=(118, 5)
    )
    return unfitted_twin(of)


@cache
def explained_twin() -> Twin:
    """The default heart beside a record that it meets, so that nothing of it is declined."""
    return unfitted_twin(record(heart_rate=(70, 2), systolic_pressure=(118, 20)))


def unfitted_twin(of: PatientRecord, lever: float = 0.0) -> Twin:
    """The heart with every lever at one value, as if a fit of ``of`` had ended there."""
    seen = observation(of)
    best = evaluate(seen, np.full(len(LEVERS), lever), None)
    assert best is not None
    return twin_of(of, seen, _calibration(best), (best, best))


def twin_under(conditions: Conditions) -> Twin:
    """A twin of known conditions, with the same heart as its only two members."""
    solution = to_steady_state(beats(conditions))
    assert solution is not None
    of = record()
    seen = Observation(conditions, frozenset(), (), (), ())
    best = Evaluation(np.zeros(len(LEVERS)), conditions, solution, np.zeros(len(LEVERS)))
    return twin_of(of, seen, _calibration(best), (best, best))


def with_members(twin: Twin, *members: Evaluation) -> Twin:
    return replace(twin, ensemble=members)


def numbers(member: Evaluation) -> dict[str, float]:
    return dict(biomarkers(member.solution.beat, member.conditions))


def _calibration(best: Evaluation) -> Calibration:
    covariance = WIDTH**2 * np.eye(len(LEVERS))
    return Calibration(best, np.empty((0, len(LEVERS))), covariance, 1, converged=True)
