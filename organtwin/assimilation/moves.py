"""Moves that bring an ensemble from about the posterior to the posterior.

Members found by randomised maximum likelihood (``ensemble``) are exact draws only where the
response is linear. Each then makes a few Metropolis moves, of which the far part costs nothing:

1. a surrogate of the residuals, linear by the Jacobian of the fit plus a quadratic learned from
   every heart simulated so far, is walked over for ``STRIDE`` steps (vectorised, milliseconds);
2. the heart at its end y is simulated and taken in place of x with probability
   min(1, p(y) q(x) / (p(x) q(y))), p the posterior and q that of the surrogate.

The walk obeys detailed balance for q, so the whole move does for p, however bad the surrogate is
(Liu 2001, Monte Carlo Strategies in Scientific Computing; Christen and Fox 2005, J Comput Graph
Stat 14:795); a bad one only takes fewer moves. Hearts that do not live, or show what no adult
shows (``adults``), have no probability.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.adults import ranges_for, within
from organtwin.assimilation.calibration import Calibration, Evaluation
from organtwin.simulation.biomarkers import biomarkers

STRIDE = 150
"""Steps of the walk on the surrogate between two simulations."""
RIDGE = 3.0
"""Penalty of the quadratic, as squared residuals per unit of it: few hearts must not teach it
ninety terms. With it 50 to 80 % of the moves are taken; other values were not tried."""


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Residuals without a simulation: ``fixed`` + J d + quadratic, d in posterior widths.

    ``doubt`` ``(n_targets,)`` is the error variance of each target's residual, which flattens q.
    """

    centre: FloatArray
    root: FloatArray
    fixed: FloatArray
    slope: FloatArray
    bend: FloatArray
    doubt: FloatArray

    def log_density(self, places: FloatArray) -> FloatArray:
        """Of places ``(n, n_levers)`` in units of ``root``, up to a constant; ``(n,)``."""
        n_targets = len(self.doubt)
        residuals = self.fixed + places @ self.slope.T
        targets = residuals[:, :n_targets] + _terms(places) @ self.bend
        prior = residuals[:, n_targets:]
        return np.asarray(
            -0.5 * (targets**2 / (1.0 + self.doubt)).sum(axis=1) - 0.5 * (prior**2).sum(axis=1)
        )

    def place(self, values: FloatArray) -> FloatArray:
        """Levers ``(..., n)`` in units of ``root`` from the centre."""
        return np.asarray(np.linalg.solve(self.root, (values - self.centre).T).T)


def learned(calibration: Calibration, visited: Sequence[Evaluation]) -> Surrogate:
    """The surrogate by the hearts ``visited`` so far."""
    best = calibration.best
    root = np.asarray(np.linalg.cholesky(calibration.covariance), np.float64)
    n_targets = len(best.residuals) - len(best.values)
    slope = calibration.jacobian @ root
    flat = Surrogate(
        best.values, root, best.residuals, slope, np.zeros((0, 0)), np.zeros(n_targets)
    )
    places = flat.place(np.array([one.values for one in visited]))
    off = np.array([one.residuals for one in visited]) - best.residuals - places @ slope.T
    terms = _terms(places)
    # hearts far away must not decide how the surrogate bends where the posterior is
    weight = 1.0 / (1.0 + (places**2).mean(axis=1) / 4.0)
    weighted = terms * weight[:, np.newaxis]
    normal = terms.T @ weighted + RIDGE * np.eye(terms.shape[1])
    bend = np.linalg.solve(normal, weighted.T @ off[:, :n_targets])
    errors = off[:, :n_targets] - terms @ bend
    doubt = (weight[:, np.newaxis] * errors**2).sum(axis=0) / max(weight.sum(), 1e-9)
    return Surrogate(best.values, root, best.residuals, slope, bend, doubt)


def _terms(places: FloatArray) -> FloatArray:
    """``(n, k)`` products of two coordinates."""
    first, second = np.triu_indices(places.shape[1])
    return np.asarray(places[:, first] * places[:, second])


class Moves:
    """Members on their way: ``wanted`` is asked, ``tell`` it what was simulated there.

    Attributes
    ----------
    members
        The hearts, in a fixed order.
    acceptance
        Share of the last moves that were taken.
    """

    def __init__(
        self, calibration: Calibration, members: Sequence[Evaluation],
        visited: Sequence[Evaluation], seed: int,
    ) -> None:  # fmt: skip
        self._calibration, self._known = calibration, list(visited) or list(members)
        self._random = np.random.default_rng((seed, 1))
        self._ranges = ranges_for(shown(calibration.best))
        self._chances = [self._log_posterior(member) for member in members]
        self._gain: FloatArray = np.zeros(len(members))
        self.members, self.acceptance = tuple(members), 0.0

    def wanted(self) -> list[tuple[FloatArray, Evaluation]]:
        """Levers of every member's proposal, and a known heart near by to start from."""
        surrogate = learned(self._calibration, self._known)
        here = surrogate.place(np.array([member.values for member in self.members]))
        there = _walked(surrogate, here, self._random)
        self._gain = surrogate.log_density(here) - surrogate.log_density(there)
        places = surrogate.place(np.array([heart.values for heart in self._known]))
        near = [int(((places - goal) ** 2).sum(axis=1).argmin()) for goal in there]
        values = surrogate.centre + there @ surrogate.root.T
        return [(x, self._known[index]) for x, index in zip(values, near, strict=True)]

    def tell(self, found: Sequence[Evaluation | None]) -> None:
        """Hearts of the proposals, in their order; ``None`` does not live."""
        taken = list(self.members)
        limits = np.log(self._random.random(len(taken)))
        moved = 0
        for index, heart in enumerate(found):
            if heart is None:
                continue
            self._known.append(heart)
            chance = self._log_posterior(heart)
            if chance - self._chances[index] + self._gain[index] > limits[index]:
                taken[index], self._chances[index] = heart, chance
                moved += 1
        self.members, self.acceptance = tuple(taken), moved / len(taken)

    def _log_posterior(self, heart: Evaluation) -> float:
        return -0.5 * heart.misfit if within(shown(heart), self._ranges) else -np.inf


def shown(heart: Evaluation) -> Mapping[str, float]:
    """The quantities of a heart, SI."""
    return biomarkers(heart.solution.beat, heart.conditions)


def _walked(surrogate: Surrogate, start: FloatArray, random: np.random.Generator) -> FloatArray:
    """Where random walks on the surrogate lead from ``start`` ``(n, n_levers)``."""
    place, density = start, surrogate.log_density(start)
    scale = 2.0 / np.sqrt(start.shape[1])
    for _ in range(STRIDE):
        size = scale * random.choice([0.3, 1.0], (len(start), 1))
        trial = place + size * random.standard_normal(start.shape)
        trial_density = surrogate.log_density(trial)
        taken = trial_density - density > np.log(random.random(len(start)))
        place = np.where(taken[:, np.newaxis], trial, place)
        density = np.where(taken, trial_density, density)
    return place
