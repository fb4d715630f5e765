"""Fitting the heart to a record: weighted least squares with a prior.

    minimise  sum_i ((y_i(x) - m_i)/s_i)^2 + sum_j (x_j/S_j)^2

y_i(x) the quantity on the steady beat under levers x, m_i and s_i the measurement and its standard
deviation, S_j the prior width of lever j. Levenberg-Marquardt on finite differences; every
simulation starts from the last steady beat, so one costs a few beats. With a ``Prior`` from an
earlier visit the second sum is that of its whitened residuals. At the minimum the posterior
is taken as normal with covariance (J'J + S^-2)^-1 (Laplace). A lever counts as determined by the
data when its posterior width is below half of its prior width.

The calibration is an iterator: whoever calls it owns the loop, hence progress and cancelling.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.levers import Lever, with_levers
from organtwin.assimilation.observation import Observation
from organtwin.assimilation.prior import Prior
from organtwin.errors import ParameterError
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state

STEP = 0.02
"""Finite-difference step of a lever: 2 %, well above the noise left by the periodicity rule."""
RULE = Periodicity(tolerance=1e-4, beat_limit=150)
FIRST_DAMPING = 0.1
LARGEST_MOVE = 0.5
"""Largest change of a lever per iteration; a bigger jump tends to empty a chamber on the way."""
CONVERGED = 2e-3
"""Relative fall of the misfit below which another iteration is not worth its simulations."""
VAGUE = 0.95
"""A lever whose prior is wider than this share of its own width starts from a guess by the data."""
MAX_ITERATIONS = 25
MAX_REJECTIONS = 8


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One simulated point: levers, conditions, the steady beat and the weighted residuals."""

    values: FloatArray
    conditions: Conditions
    solution: Solution
    residuals: FloatArray

    @property
    def misfit(self) -> float:
        return float(self.residuals @ self.residuals)


@dataclass(frozen=True, eq=False)
class Calibration:
    """The state of a fit after an iteration.

    ``jacobian`` ``(n_residuals, n_levers)`` is that of the last linearisation, ``covariance``
    ``(n_levers, n_levers)`` the posterior's by it; ``converged`` when finished.
    """

    best: Evaluation
    jacobian: FloatArray
    covariance: FloatArray
    iteration: int
    converged: bool

    @property
    def widths(self) -> FloatArray:
        """Posterior standard deviation of each lever."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def calibrating(
    seen: Observation, prior: Prior | None = None
) -> Iterator[Calibration | Evaluation]:
    """Fit the levers of an observation; without a ``prior`` from that of a normal adult.

    Yields an ``Evaluation`` after every simulation (a few milliseconds to tenths of a second) and
    a ``Calibration`` after every iteration; the last one has ``converged`` set. Yields nothing if
    not even the starting point can be simulated.
    """
    current = _start(seen, prior)
    if current is None:
        return
    damping, best_state = FIRST_DAMPING, current
    precision = _precision(seen.levers, prior)
    for iteration in range(1, MAX_ITERATIONS + 1):
        jacobian = yield from _jacobian(seen, best_state, prior)
        normal = jacobian.T @ jacobian
        gradient = jacobian.T @ best_state.residuals
        covariance = _covariance(jacobian)
        before = best_state.misfit
        accepted = False
        for _ in range(MAX_REJECTIONS):
            move = -np.linalg.solve(normal + damping * precision, gradient)
            move *= min(1.0, LARGEST_MOVE / max(float(np.abs(move).max()), 1e-12))
            trial = evaluate(seen, best_state.values + move, best_state, prior)
            if trial is not None:
                yield trial
            if trial is not None and trial.misfit < before:
                best_state, damping, accepted = trial, max(damping / 5.0, 1e-4), True
                break
            damping *= 4.0
        converged = not accepted or before - best_state.misfit < CONVERGED * before + 1e-4
        converged = converged or iteration == MAX_ITERATIONS
        yield Calibration(best_state, jacobian, covariance, iteration, converged)
        if converged:
            return


def _precision(levers: tuple[Lever, ...], prior: Prior | None) -> FloatArray:
    """Inverse of the prior's covariance: it damps in the directions in which nothing is known."""
    if prior is None:
        return np.diag(1.0 / np.array([lever.prior_sd for lever in levers]) ** 2)
    return np.asarray(prior.whitening.T @ prior.whitening)


def _covariance(jacobian: FloatArray) -> FloatArray:
    """(J'J)^-1 by singular values: J'J itself drowns the prior once a datum is very exact."""
    _, size, right = np.linalg.svd(jacobian, full_matrices=False)
    scaled = right / size[:, np.newaxis]
    return np.asarray(scaled.T @ scaled)


def evaluate(
    seen: Observation, values: FloatArray, near: Evaluation | None,
    prior: Prior | None = None, rule: Periodicity = RULE,
) -> Evaluation | None:  # fmt: skip
    """Simulate one point from the steady beat of ``near``; ``None`` where the model cannot live."""
    try:
        parameters = with_levers(seen.conditions.parameters, seen.levers, values, seen.fixed)
    except ParameterError:
        return None
    conditions = replace(seen.conditions, parameters=parameters)
    start = None if near is None else near.solution.beat.end_state
    solution = to_steady_state(beats(conditions, start), rule)
    if solution is None or solution.outcome is not Outcome.STEADY:
        return None
    model = biomarkers(solution.beat, conditions)
    misfit = [(model[m.name] - m.value) / m.sd for m in seen.targets]
    if prior is None:
        pull = [value / lever.prior_sd for lever, value in zip(seen.levers, values, strict=True)]
    else:
        pull = [float(residual) for residual in prior.residuals(values)]
    return Evaluation(values, conditions, solution, np.array([*misfit, *pull]))


def _jacobian(
    seen: Observation, point: Evaluation, prior: Prior | None
) -> Generator[Evaluation, None, FloatArray]:
    columns = []
    for index in range(len(seen.levers)):
        for step in (STEP, -STEP):
            values = point.values.copy()
            values[index] += step
            shifted = evaluate(seen, values, point, prior)
            if shifted is not None:
                yield shifted
                columns.append((shifted.residuals - point.residuals) / step)
                break
        else:
            columns.append(np.zeros_like(point.residuals))
            if prior is None:
                columns[-1][len(seen.targets) + index] = 1.0 / seen.levers[index].prior_sd
            else:
                columns[-1][len(seen.targets) :] = prior.whitening[:, index]
    return np.column_stack(columns)


def _start(seen: Observation, prior: Prior | None) -> Evaluation | None:
    """A first guess from what needs no model: size from volume, resistance from pressure and flow.

    What a prior knows better than a first guess starts there. Approached in steps from the normal
    heart, because a big change at once may empty a chamber.
    """
    wanted = _first_guess(seen, prior)
    candidates = (np.zeros(len(seen.levers)), 0.5 * wanted, *_gentler(seen.levers))
    tried = (evaluate(seen, values, None, prior) for values in candidates)
    point = next((found for found in tried if found is not None), None)
    reached, stride = 0.0, 1.0
    while point is not None and reached < 1.0 and stride > 0.05:
        trial = evaluate(seen, min(reached + stride, 1.0) * wanted, point, prior)
        if trial is None:
            stride *= 0.5
        else:
            point, reached = trial, reached + stride
    return point


def _gentler(levers: tuple[Lever, ...]) -> Iterator[FloatArray]:
    """Hearts that rather survive: weaker, larger, fuller; for the start only."""
    softer = {"left_contractility": -0.5, "left_size": 0.15, "blood_volume": 0.2}
    for step in (0.5, 1.0, 1.5):
        yield np.array([step * softer.get(lever.name, 0.0) for lever in levers])


def _first_guess(seen: Observation, prior: Prior | None) -> FloatArray:
    found = {m.name: m.value for m in seen.targets}
    guess: dict[str, float] = {}
    if "lv_edv" in found:
        # Area goes with volume to the 2/3; half of it is left to filling.
        guess["left_size"] = 0.5 * float(np.log(found["lv_edv"] / 120e-6))
    if "rv_edv" in found:
        guess["right_size"] = 0.5 * float(np.log(found["rv_edv"] / 112e-6))
    if "systemic_vascular_resistance" in found:
        guess["systemic_resistance"] = float(
            np.log(found["systemic_vascular_resistance"] / 1.395e8)
        )
    if "lv_ef" in found and found["lv_ef"] < 0.5:
        guess["left_contractility"] = float(np.log(found["lv_ef"] / 0.6))
        guess.setdefault("left_size", 0.15)
    start = []
    for index, lever in enumerate(seen.levers):
        known = 0.0 if prior is None else float(prior.mean[index])
        vague = prior is None or prior.widths[index] > VAGUE * lever.prior_sd
        limit = 2.0 * lever.prior_sd
        guessed = float(np.clip(guess.get(lever.name, known), -limit, limit))
        start.append(guessed if vague else known)
    return np.array(start)
