"""Hearts that explain the record about as well as the best one: a first posterior ensemble.

Randomised maximum likelihood (Oliver et al. 1996; Chen and Oliver 2012 Math Geosci 44:1): every
member fits the data and the prior after both were perturbed by their own standard deviations,

    minimise |R(x) - e|^2,   e ~ N(0, I),

R the stacked residuals of ``calibration``. Gauss-Newton with the Jacobian of the fit, from the
best point. Draws straight from the Laplace covariance will not do: where the data leave a lever
free it reaches far, the response bends, and most such hearts no longer fit the patient. What
nonlinearity leaves wrong in these members is mended by ``moves``; ``posterior`` does both.
"""

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import LARGEST_MOVE, Calibration, Evaluation, evaluate
from organtwin.assimilation.observation import Observation
from organtwin.assimilation.prior import Prior
from organtwin.simulation.simulator import Periodicity

TRIES = 3
"""How often a step that the heart does not survive is halved."""
MEMBER_RULE = Periodicity(tolerance=3e-4, beat_limit=150)
"""When a member's beat is steady: as in predictions. No differences are taken between members."""


def perturbations(calibration: Calibration, count: int, seed: int) -> FloatArray:
    """``(count, n_residuals)``: what is added to data and prior of each member."""
    random = np.random.default_rng(seed)
    return random.standard_normal((count, len(calibration.best.residuals)))


def member_path(
    seen: Observation, calibration: Calibration, noise: FloatArray,
    prior: Prior | None, steps: int,
) -> tuple[Evaluation, ...]:  # fmt: skip
    """The hearts on the way to a member, from the best point; the member is the last."""
    path = [calibration.best]
    for _ in range(steps):
        pull = calibration.jacobian.T @ (path[-1].residuals - noise)
        move = -calibration.covariance @ pull
        move *= min(1.0, 2.0 * LARGEST_MOVE / max(float(np.abs(move).max()), 1e-12))
        moved = _survivable(seen, path[-1], move, prior)
        if moved is None:
            break
        path.append(moved)
    return tuple(path)


def _survivable(
    seen: Observation, member: Evaluation, move: FloatArray, prior: Prior | None
) -> Evaluation | None:
    for attempt in range(TRIES):
        values = member.values + move * 0.5**attempt
        moved = evaluate(seen, values, member, prior, MEMBER_RULE)
        if moved is not None:
            return moved
    return None
