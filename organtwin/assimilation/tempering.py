"""Posterior ensembles of models whose misfit has several valleys, without gradients.

A sequential Monte Carlo sampler: members begin as draws from the prior and are led to the posterior
through ``prior x likelihood^beta`` with ``beta`` rising from 0 to 1. At each level

1. ``beta`` rises until the weights ``likelihood^(new - old)`` leave an effective number of
   ``KEPT`` of the members;
2. members are drawn anew by these weights (systematic resampling);
3. every member makes some Metropolis moves. A proposal adds the difference of two other members,
   on a random part of the parameters: steps have the scale and the direction of the ensemble.

Parameters are coordinates in the unit cube in which the prior is uniform; proposals beyond it
are reflected. The caller owns the loop: ``ask`` for places, evaluate them in any order or in
parallel, ``tell`` their log-likelihoods.

References: Del Moral, Doucet, Jasra 2006 (J R Stat Soc B 68:411) for the sampler; ter Braak 2006
(Stat Comput 16:239) and Vrugt et al. 2009 (Int J Nonlinear Sci Numer Simul 10:273) for the moves.
Verified on posteriors known in closed form in ``tests/assimilation/test_tempering.py``.
"""

import numpy as np

from organtwin.arrays import FloatArray

KEPT = 0.6
"""Effective share of members that a level keeps: smaller is faster and loses valleys."""
MOVES = 3
"""Metropolis moves of each member per level."""
LAST_MOVES = 8
"""Moves at the posterior itself, so that copies made by resampling part again."""
LONG_JUMP = 0.1
"""Share of proposals that add the full difference, which leads from one valley to another."""
JITTER = 1e-3
"""Spread of a proposal around the difference: with it every place can be reached."""


class TemperedEnsemble:
    """Members on their way from prior to posterior.

    Attributes
    ----------
    members
        ``(n, n_parameters)`` in the unit cube.
    log_likelihoods
        ``(n,)`` of the members, minus infinity before the first ``tell``.
    beta
        Where between prior (0) and posterior (1) the ensemble is.
    acceptance
        Share of the last proposals that were taken.
    """

    def __init__(self, n_members: int, n_parameters: int, generator: np.random.Generator) -> None:
        if n_members < 4:
            raise ValueError(f"{n_members} members: differences need at least 4")
        self._generator = generator
        # evenly spread in each parameter: a small ensemble then misses no part of a prior
        order = np.stack([generator.permutation(n_members) for _ in range(n_parameters)], axis=1)
        self.members: FloatArray = (order + generator.random(order.shape)) / n_members
        self.log_likelihoods: FloatArray = np.full(n_members, -np.inf)
        self.beta, self.acceptance = 0.0, 1.0
        self._proposals = self.members
        self._begun, self._moves_left = False, 0

    @property
    def done(self) -> bool:
        """At the posterior, with all moves made."""
        return self._begun and self.beta >= 1.0 and self._moves_left == 0

    def ask(self) -> FloatArray:
        """Places ``(n, n_parameters)`` whose log-likelihoods are wanted next."""
        if self._begun:
            self._proposals = self._proposed()
        return self._proposals

    def tell(self, log_likelihoods: FloatArray) -> None:
        """Log-likelihoods ``(n,)`` of what was asked; minus infinity refuses a place."""
        values = np.where(np.isnan(log_likelihoods), -np.inf, log_likelihoods)
        if not self._begun:
            self._begun = True
            self.log_likelihoods = values
            self._next_level()
            return
        chance = self.beta * (values - self.log_likelihoods)
        taken = np.log(self._generator.random(len(values))) < chance
        self.members = np.where(taken[:, None], self._proposals, self.members)
        self.log_likelihoods = np.where(taken, values, self.log_likelihoods)
        self.acceptance = float(taken.mean())
        self._moves_left -= 1
        if self._moves_left == 0 and self.beta < 1.0:
            self._next_level()

    def _next_level(self) -> None:
        new = self._next_beta()
        weights = _weights(self.log_likelihoods, new - self.beta)
        chosen = _systematic(weights, float(self._generator.random()))
        self.members, self.log_likelihoods = self.members[chosen], self.log_likelihoods[chosen]
        self.beta = new
        self._moves_left = LAST_MOVES if new >= 1.0 else MOVES

    def _next_beta(self) -> float:
        def kept(beta: float) -> float:
            weights = _weights(self.log_likelihoods, beta - self.beta)
            return float(1.0 / np.sum(weights**2) / len(weights))

        if kept(1.0) >= KEPT:
            return 1.0
        low, high = self.beta, 1.0
        for _ in range(50):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if kept(middle) >= KEPT else (low, middle)
        # members that the data exclude can pull the share below KEPT at any beta
        return max(low, self.beta + 1e-6 * (1.0 - self.beta))

    def _proposed(self) -> FloatArray:
        generator, (n, k) = self._generator, self.members.shape
        first = (np.arange(n) + generator.integers(1, n, n)) % n
        second = (first + generator.integers(1, n, n)) % n
        changed = generator.random((n, k)) < generator.choice([0.3, 0.6, 1.0], (n, 1))
        changed[np.arange(n), generator.integers(0, k, n)] = True
        scale = 2.38 / np.sqrt(2.0 * changed.sum(axis=1, keepdims=True))
        scale = np.where(generator.random((n, 1)) < LONG_JUMP, 1.0, scale)
        step = scale * (self.members[first] - self.members[second])
        step += JITTER * generator.normal(size=(n, k))
        return _reflected(self.members + np.where(changed, step, 0.0))


def _weights(log_likelihoods: FloatArray, power: float) -> FloatArray:
    """Normalised ``likelihood^power``; even when the data exclude every member."""
    best = float(log_likelihoods.max())
    if not np.isfinite(best):
        return np.full(len(log_likelihoods), 1.0 / len(log_likelihoods))
    weights = np.exp(power * (log_likelihoods - best)) * np.isfinite(log_likelihoods)
    return np.asarray(weights / weights.sum())


def _systematic(weights: FloatArray, offset: float) -> FloatArray:
    points = (np.arange(len(weights)) + offset) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)


def _reflected(places: FloatArray) -> FloatArray:
    """Folded back into the unit cube."""
    folded = np.mod(places, 2.0)
    return np.asarray(np.where(folded > 1.0, 2.0 - folded, folded))
