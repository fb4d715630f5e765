"""What a predicted response depends on: a ranking from the members at hand.

Each member has its own levers and its own response to each therapy. The change y of a quantity is
regressed on all of these, x_j, each in its own standard deviations,

    y ~ sum_j b_j x_j          |y - X b|^2 + RIDGE n |b|^2 -> min,  x, y with mean 0 and sd 1

The record ties levers to each other, so each is credited with the part that it alone stands for:
w = R^(1/2) b, R the correlation of the inputs, and the share of x_j is w_j^2 (squared scores of
Zuber and Strimmer, Stat Appl Genet Mol Biol 10:34, 2011). They add up to the variance that the
regression explains, so the sums over the patient's and over the therapies' inputs tell whose doubt
the band is; what is left is curvature and what both do together. Where y is linear, w_j^2 is the
first-order Sobol index of the j-th of independent inputs z, x = R^(1/2) z:
``scripts/check_drivers.py`` compares the ranking with a full Sobol analysis over them. From 512
of that analysis' hearts it found the same top three in all nine answers of three patients; from a
hundred of them in 46 to 100 % of draws, as the third place is often one of several that are
nearly alike: what differs is the number of members, not the way of ranking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.levers import LEVERS
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.variability import score

RIDGE = 1e-2
"""Holds apart levers that the record ties to each other; see scripts/check_drivers.py."""
FEWEST = 30
"""Members below which a regression on some twenty terms says nothing."""
NO_CHANGE = 1e-6
"""Standard deviation, as a share of the largest value, below which nothing drives a change."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One thing that the response depends on; ``share`` of all, ``rising`` if more gives more."""

    label: str
    share: float
    rising: bool
    of_therapy: bool


@dataclass(frozen=True, slots=True)
class Drivers:
    """The ranking for one quantity, largest first, and whose doubt the band is.

    ``patient``, ``therapy``: shares of the variance of the change; ``other``: what is left.
    """

    ranked: tuple[Driver, ...]
    patient: float
    therapy: float
    other: float


@dataclass(frozen=True, eq=False, slots=True)
class Inputs:
    """What differs between members: ``values`` ``(n_members, n_inputs)``, levers first."""

    labels: tuple[str, ...]
    of_therapy: tuple[bool, ...]
    values: FloatArray

    def of(self, rows: Sequence[int]) -> "Inputs":
        """The same of some members only."""
        return Inputs(self.labels, self.of_therapy, self.values[list(rows)])


def inputs_of(plan: TherapyPlan, members: Sequence[Evaluation]) -> Inputs:
    """Levers of all members, and the scores of their responses to each therapy."""
    levers = np.array([member.values for member in members])
    found = [
        (variation.label, [score(n, kind.name, variation.feature) for n in range(len(members))])
        for kind in plan.answered
        for variation in kind.variations
    ]
    scores = np.array([values for _, values in found]).reshape(len(found), len(members)).T
    labels = (*(lever.label for lever in LEVERS), *(label for label, _ in found))
    of_therapy = (False,) * len(LEVERS) + (True,) * len(found)
    return Inputs(labels, of_therapy, np.hstack([levers, scores]))


def drivers(inputs: Inputs, changes: Mapping[str, Sequence[float]]) -> dict[str, Drivers]:
    """The ranking for each quantity whose change differs between members; none for too few."""
    n = len(inputs.values)
    if n < FEWEST:
        return {}
    x, moving = _standardised(inputs.values)
    inverse = np.linalg.solve(x.T @ x + RIDGE * n * np.eye(x.shape[1]), x.T)
    own = sum(not inputs.of_therapy[place] for place in moving)
    root = np.eye(len(moving))  # responses are drawn apart, from the levers and from each other
    if own > 1:
        root[:own, :own] = correlation_root(x[:, :own])
    found = {}
    for name, series in changes.items():
        values = np.asarray(series, dtype=float)
        if not np.all(np.isfinite(values)):
            continue
        spread = float(values.std())
        if spread > NO_CHANGE * max(float(np.abs(values).max()), 1e-300):
            y = (values - values.mean()) / spread
            found[name] = _ranking(inputs, moving, root @ (inverse @ y))
    return found


def _standardised(values: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Columns that differ, in their standard deviations, and their places."""
    spread = values.std(axis=0)
    moving = np.flatnonzero(spread > NO_CHANGE)
    return (values[:, moving] - values[:, moving].mean(axis=0)) / spread[moving], moving


def _ranking(inputs: Inputs, moving: NDArray[np.intp], weights: FloatArray) -> Drivers:
    shares = weights**2
    total = max(float(shares.sum()), 1e-300)
    of_therapy = np.array([inputs.of_therapy[place] for place in moving])
    rows = [
        Driver(inputs.labels[place], float(share / total), bool(weight > 0.0), bool(own))
        for place, share, weight, own in zip(moving, shares, weights, of_therapy, strict=True)
    ]
    whole = max(total, 1.0)
    patient, therapy = (float(shares[which].sum()) / whole for which in (~of_therapy, of_therapy))
    ranked = tuple(sorted(rows, key=lambda row: -row.share))
    return Drivers(ranked, patient, therapy, max(1.0 - patient - therapy, 0.0))


def correlation_root(levers: FloatArray) -> FloatArray:
    """R^(1/2) of the columns of ``(n_members, n)``, the symmetric one."""
    size, axes = np.linalg.eigh(np.atleast_2d(np.corrcoef(levers, rowvar=False)))
    return np.asarray((axes * np.sqrt(np.maximum(size, 0.0))) @ axes.T)
