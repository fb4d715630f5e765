"""The posterior ensemble, on a response that is known in closed form."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from organtwin.assimilation import ensemble
from organtwin.assimilation.calibration import Calibration, Evaluation
from organtwin.assimilation.ensemble import member_path, perturbations
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import observation
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.conditions import Conditions

TWO = LEVERS[:2]
SLOPES = np.array([[4.0, 1.0], [-2.0, 6.0], [1.0, 3.0]])
"""Of three data by two levers; below them come the prior rows."""
PRIOR = np.diag([1.0 / lever.prior_sd for lever in TWO])
JACOBIAN = np.vstack([SLOPES, PRIOR])
COVARIANCE = np.linalg.inv(JACOBIAN.T @ JACOBIAN)
SEEN = replace(
    observation(PatientRecord("t", "t", "", Demographics(), ())), targets=("one", "two", "three")
)
NOWHERE = Solution(beat=None, outcome=Outcome.STEADY, n_beats=1)


@dataclass
class Response:
    """Residuals of a bent response, and a record of the points that were asked."""

    bend: float = 0.0
    deadly: bool = False
    asked: int = 0

    def __call__(self, seen, values, near, prior=None, rule=None):
        self.asked += 1
        if self.deadly:
            return None
        linear = JACOBIAN @ values
        linear[:3] += self.bend * linear[:3] ** 2
        return Evaluation(values, Conditions(), NOWHERE, linear)


def members(monkeypatch, response, count, seed=0):
    monkeypatch.setattr(ensemble, "evaluate", response)
    best = Response(response.bend)(SEEN, np.zeros(2), None)
    start = Calibration(best, JACOBIAN, COVARIANCE, 1, converged=True)
    noises = perturbations(start, count, seed)
    return [member_path(SEEN, start, noise, None, steps=3)[-1] for noise in noises]


def test_members_of_a_linear_problem_spread_as_its_posterior(monkeypatch):
    values = np.array([m.values for m in members(monkeypatch, Response(), 2000)])
    assert values.mean(axis=0) == pytest.approx(0.0, abs=0.02)
    spread = np.cov(values.T)
    assert np.diag(spread) == pytest.approx(np.diag(COVARIANCE), rel=0.1)
    assert spread[0, 1] / COVARIANCE[0, 1] == pytest.approx(1.0, abs=0.4)


def test_members_reach_their_own_minimum_of_a_bent_problem(monkeypatch):
    response = Response(bend=0.05)
    found = members(monkeypatch, response, 30)
    random = np.random.default_rng(0)
    for member in found:
        noise = random.standard_normal(5)
        rest = COVARIANCE @ (JACOBIAN.T @ (member.residuals - noise))
        assert np.abs(rest).max() < 0.05 * np.sqrt(np.diag(COVARIANCE)).max()


def test_the_seed_decides_the_members(monkeypatch):
    first, again, other = (
        np.array([m.values for m in members(monkeypatch, Response(), 5, seed)])
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_where_no_step_survives_the_member_stays_at_the_best_point(monkeypatch):
    response = Response(deadly=True)
    (member,) = members(monkeypatch, response, 1)
    assert np.array_equal(member.values, np.zeros(2))
    assert response.asked == 3
