"""Moves on responses whose posterior is known, however wrong the members or the surrogate begin."""

import numpy as np
import pytest

from organtwin.assimilation import moves
from organtwin.assimilation.calibration import Calibration, Evaluation
from organtwin.assimilation.moves import Moves
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.conditions import Conditions

SLOPES = np.array([[2.0, 0.5], [-1.0, 1.5]])
NOWHERE = Solution(beat=None, outcome=Outcome.STEADY, n_beats=1)


def heart(values, bend=0.0):
    """Two data and a prior of width 1 on two levers; the response bends with the first lever."""
    targets = SLOPES @ values + bend * np.array([values[0] ** 2, 0.0])
    return Evaluation(values, Conditions(), NOWHERE, np.concatenate([targets, values]))


def moved(start, bend, sweeps, monkeypatch, refused=lambda values: False):
    monkeypatch.setattr(moves, "shown", lambda one: one.values)
    monkeypatch.setattr(moves, "ranges_for", lambda best: {})
    monkeypatch.setattr(moves, "within", lambda values, ranges: not refused(values))
    jacobian = np.vstack([SLOPES, np.eye(2)])
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    fit = Calibration(heart(np.zeros(2)), jacobian, covariance, 1, converged=True)
    found = Moves(fit, [heart(x, bend) for x in start], [], seed=1)
    for _ in range(sweeps):
        found.tell([heart(values, bend) for values, _ in found.wanted()])
    return np.array([member.values for member in found.members]), found


def on_grid(bend, kept=lambda x, y: True):
    """Mean and standard deviations of the posterior by summing over a grid."""
    line = np.linspace(-4.0, 4.0, 321)
    places = np.array([(x, y) for x in line for y in line if kept(x, y)])
    misfit = [heart(place, bend).misfit for place in places]
    weights = np.exp(-0.5 * np.array(misfit))
    mean = np.average(places, axis=0, weights=weights)
    return mean, np.sqrt(np.average((places - mean) ** 2, axis=0, weights=weights))


@pytest.mark.parametrize("bend", [0.0, 0.8])
def test_members_that_all_begin_at_one_place_spread_as_the_posterior(bend, monkeypatch):
    values, _ = moved(np.zeros((1500, 2)), bend, 6, monkeypatch)
    mean, width = on_grid(bend)
    # 1500 draws: the mean is 3 % of a width off, a width 2 %; allowed is three times that
    assert values.mean(axis=0) == pytest.approx(mean, abs=0.09 * width.max())
    assert values.std(axis=0) == pytest.approx(width, rel=0.06)


def test_hearts_that_no_adult_shows_have_no_probability(monkeypatch):
    values, _ = moved(
        np.full((1500, 2), 0.1), 0.0, 6, monkeypatch, refused=lambda values: values[0] < 0.0
    )
    mean, width = on_grid(0.0, kept=lambda x, y: x >= 0.0)
    assert (values[:, 0] >= 0.0).all()
    assert values.mean(axis=0) == pytest.approx(mean, abs=0.09 * width.max())


def test_a_member_no_adult_shows_is_left_at_the_first_chance(monkeypatch):
    values, _ = moved(
        np.full((50, 2), -0.5), 0.0, 4, monkeypatch, refused=lambda values: values[0] < -0.4
    )
    assert (values[:, 0] >= -0.4).all()


def test_a_proposal_that_does_not_live_leaves_the_member_where_it_was(monkeypatch):
    start = np.full((20, 2), 0.2)
    _, found = moved(start, 0.0, 0, monkeypatch)
    found.wanted()
    found.tell([None] * 20)
    assert all(np.array_equal(member.values, [0.2, 0.2]) for member in found.members)
    assert found.acceptance == 0.0


def test_the_surrogate_of_a_linear_response_takes_every_move(monkeypatch):
    _, found = moved(np.zeros((100, 2)), 0.0, 1, monkeypatch)
    assert found.acceptance == pytest.approx(1.0, abs=0.02)
