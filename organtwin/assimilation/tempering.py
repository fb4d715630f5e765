"""Posterior ensembles of models whose misfit has several valleys, without gradients.

A sequential Monte Carlo sampler: members begin as draws from the prior and are led to the posterior
through ``prior x likelihood^beta`` with ``beta`` rising from 0 to 1. At each level

1. ``beta`` rises until the weights ``likelihood^(new - old)`` leave an effective number of
   ``KEPT`` of the members;
2. members are drawn anew by these weights (systematic resampling);
3. members make sweeps of Metropolis moves, until each has taken about ``TAKEN`` of them. A
   proposal adds the difference of two other members, on a random part of the parameters: steps
   have the scale and the direction of the ensemble. A few draw one parameter anew from the prior,
   which leads over plateaus and into other valleys.

Where some parameters are ``quick`` to evaluate, every sweep is followed by ``QUICK_SWEEPS`` that
change only those.

Parameters are coordinates in the unit cube in which the prior is uniform; proposals beyond it
are reflected. The caller owns the loop: ``ask`` for places, evaluate them in any order or in
parallel, ``tell`` their log-likelihoods.

References: Del Moral, Doucet, Jasra 2006 (J R Stat Soc B 68:411) for the sampler; ter Braak 2006
(Stat Comput 16:239) and Vrugt et al. 2009 (Int J Nonlinear Sci Numer Simul 10:273) for the moves.
Verified on posteriors known in closed form in ``tests/assimilation/test_tempering.py``.
"""

import numpy as np

from organtwin.arrays import BoolArray, FloatArray

KEPT = 0.5
"""Effective share of members that a level keeps: smaller is faster and loses valleys."""
TAKEN, MOST_SWEEPS = 1.0, 6
"""Moves taken by a member, on average, before the next level, and sweeps made for it at most.

With 400 members and two valleys of 1 to 3 the second holds 0.73 +- 0.11 of them at 1.0 (20 seeds),
0.73 +- 0.23 at 0.5.
"""
LAST_TAKEN, LAST_MOST_SWEEPS = 5.0, 14
"""The same at the posterior itself, so that copies made by resampling part again: 5 in place of 2
brings 3 % more of the nodes into the bands of an ECG fit for a sixth more time (two hearts)."""
QUICK_SWEEPS = 4
"""Sweeps of the quick parameters after one of all: in an ECG fit half as much work together."""
REDRAWN = 0.1
"""Share of proposals that draw one parameter anew."""
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

    def __init__(
        self, n_members: int, n_parameters: int, generator: np.random.Generator, *,
        quick: BoolArray | None = None, resampled: bool = True,
    ) -> None:  # fmt: skip
        """``quick`` ``(n_parameters,)`` marks parameters that are quick to evaluate.

        ``resampled`` is false where each member has a likelihood of its own, so that none can take
        another's place.
        """
        if n_members < 4:
            raise ValueError(f"{n_members} members: differences need at least 4")
        self._generator, self._resampled = generator, resampled
        self._quick = np.zeros(n_parameters, np.bool_) if quick is None else quick
        # evenly spread in each parameter: a small ensemble then misses no part of a prior
        order = np.stack([generator.permutation(n_members) for _ in range(n_parameters)], axis=1)
        self.members: FloatArray = (order + generator.random(order.shape)) / n_members
        self.log_likelihoods: FloatArray = np.full(n_members, -np.inf)
        self.beta, self.acceptance = 0.0, 1.0
        self._proposals = self.members
        self._begun, self._finished = False, False
        self._taken, self._sweeps, self._quick_left = 0.0, 0, 0

    @property
    def done(self) -> bool:
        """At the posterior, with all moves made."""
        return self._finished

    @property
    def share_done(self) -> float:
        """About how much of the work: levels are even in the logarithm of beta, from 1e-3."""
        if self.beta < 1.0:
            return float(np.clip(0.8 * (1.0 + np.log10(max(self.beta, 1e-3)) / 3.0), 0.0, 0.8))
        last = max(self._taken / LAST_TAKEN, self._sweeps / LAST_MOST_SWEEPS)
        return float(min(0.8 + 0.2 * last, 1.0))

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
        lower = self.log_likelihoods + np.log(self._generator.random(len(values))) / self.beta
        taken = values > lower
        self.members = np.where(taken[:, None], self._proposals, self.members)
        self.log_likelihoods = np.where(taken, values, self.log_likelihoods)
        self.acceptance = float(taken.mean())
        if self._quick_left > 0:
            self._quick_left -= 1
        else:
            self._taken += self.acceptance
            self._sweeps += 1
            self._quick_left = QUICK_SWEEPS if self._quick.any() else 0
        if self._quick_left == 0:
            self._end_sweep()

    def _end_sweep(self) -> None:
        last = self.beta >= 1.0
        enough, most = (LAST_TAKEN, LAST_MOST_SWEEPS) if last else (TAKEN, MOST_SWEEPS)
        if self._taken < enough and self._sweeps < most:
            return
        if last:
            self._finished = True
        else:
            self._next_level()

    def _next_level(self) -> None:
        new = self._next_beta()
        if self._resampled:
            weights = _weights(self.log_likelihoods, new - self.beta)
            chosen = _systematic(weights, float(self._generator.random()))
            self.members, self.log_likelihoods = self.members[chosen], self.log_likelihoods[chosen]
        self.beta, self._taken, self._sweeps = new, 0.0, 0

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
        free = np.flatnonzero(self._quick if self._quick_left else ~self._quick)
        changed = generator.random((n, k)) < generator.choice([0.3, 0.6, 1.0], (n, 1))
        if self._quick_left:
            changed[:, ~self._quick] = False
        one = free[generator.integers(0, len(free), n)]
        changed[np.arange(n), one] = True
        scale = 2.38 / np.sqrt(2.0 * changed.sum(axis=1, keepdims=True))
        scale = np.where(generator.random((n, 1)) < LONG_JUMP, 1.0, scale)
        step = scale * (self.members[first] - self.members[second])
        step += JITTER * generator.normal(size=(n, k))
        places = _reflected(self.members + np.where(changed, step, 0.0))
        anew = np.flatnonzero(generator.random(n) < REDRAWN)
        places[anew] = self.members[anew]
        places[anew, one[anew]] = generator.random(len(anew))
        return places


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
