"""The search itself, on residuals that are known in closed form."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import least_squares

from organtwin.assimilation import calibration
from organtwin.assimilation.calibration import Calibration, Evaluation, calibrating
from organtwin.assimilation.levers import Lever
from organtwin.assimilation.observation import observation
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.conditions import Conditions

TWO = (Lever("a", "A", 1.0, {}), Lever("b", "B", 2.0, {}))
NOTHING_SEEN = observation(PatientRecord("t", "t", "", Demographics(), ()))
NOWHERE = Solution(beat=None, outcome=Outcome.STEADY, n_beats=1)


def search(
    monkeypatch, data: Callable[[np.ndarray], list[float]], alive=lambda x: True
) -> list[Calibration]:
    """All iterations of a fit of two levers to ``data`` residuals, from zero."""

    def response(seen, values, near, prior=None):
        if not alive(values):
            return None
        pull = values / np.array([lever.prior_sd for lever in seen.levers])
        return Evaluation(values, Conditions(), NOWHERE, np.array([*data(values), *pull]))

    monkeypatch.setattr(calibration, "evaluate", response)
    monkeypatch.setattr(calibration, "_gentler", lambda levers: iter(()))
    rows = tuple(SimpleNamespace(name="row", value=0.0) for _ in data(np.zeros(2)))
    seen = replace(NOTHING_SEEN, targets=rows, levers=TWO)
    return [step for step in calibrating(seen) if isinstance(step, Calibration)]


def minimum(data) -> np.ndarray:
    return least_squares(lambda x: [*data(x), x[0], x[1] / 2.0], np.zeros(2), xtol=1e-12).x


def test_a_linear_problem_is_solved_with_its_exact_covariance(monkeypatch):
    slopes = np.array([[4.0, 1.0], [-2.0, 3.0]])
    found = search(monkeypatch, lambda x: list(slopes @ x - [1.0, -0.4]))[-1]
    full = np.vstack([slopes, np.diag([1.0, 0.5])])
    assert found.converged
    assert found.best.values == pytest.approx(
        np.linalg.solve(full.T @ full, slopes.T @ [1.0, -0.4]), abs=2e-3
    )
    assert found.covariance == pytest.approx(np.linalg.inv(full.T @ full), rel=1e-9)
    assert found.widths == pytest.approx(np.sqrt(np.diag(found.covariance)))


def test_a_bent_valley_is_followed_although_full_steps_climb_its_wall(monkeypatch):
    def rosenbrock(x):
        return [10.0 * (x[1] - x[0] ** 2), 3.0 * (1.0 - x[0])]

    steps = search(monkeypatch, rosenbrock)
    assert steps[-1].best.values == pytest.approx(minimum(rosenbrock), abs=0.03)
    misfits = [step.best.misfit for step in steps]
    assert misfits == sorted(misfits, reverse=True)


def test_a_step_that_would_climb_the_other_side_is_shortened(monkeypatch):
    """Newton's first step here goes from a residual of -10 to +22."""

    def steep(x):
        return [5.0 * (np.exp(4.0 * x[0]) - 3.0)]

    found = search(monkeypatch, steep)[-1]
    assert found.best.values == pytest.approx(minimum(steep), abs=5e-3)


def test_no_step_is_longer_than_half_a_lever(monkeypatch):
    """From a residual that a full step would remove at once."""
    steps = search(monkeypatch, lambda x: [1e3 * (x[0] - 3.0)])
    reached = [0.0, *(float(step.best.values[0]) for step in steps)]
    assert max(np.diff(reached)) == pytest.approx(0.5)
    assert reached[-1] == pytest.approx(3.0, abs=1e-3)


def test_a_wall_on_one_side_leaves_the_slope_of_the_other(monkeypatch):
    """Where one step more would empty the heart, the derivative is taken the other way."""
    found = search(
        monkeypatch, lambda x: [5.0 * (x[0] + 0.3), x[1]], alive=lambda x: x[0] <= 1e-12
    )[-1]
    assert found.best.values[0] == pytest.approx(-0.3 * 25 / 26, abs=5e-3)


def test_a_lever_that_cannot_move_keeps_its_prior(monkeypatch):
    found = search(monkeypatch, lambda x: [5.0 * (x[0] - 0.2)], alive=lambda x: abs(x[1]) < 1e-12)
    assert found[0].widths[1] == pytest.approx(2.0)
    assert np.isfinite(found[-1].covariance).all()


def test_nothing_is_found_where_no_start_lives(monkeypatch):
    assert search(monkeypatch, lambda x: [1.0], alive=lambda x: False) == []
