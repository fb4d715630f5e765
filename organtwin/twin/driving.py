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
nearly alike: what differs is the number of members, not the way of ranking. So each driver comes
with the places that it may have: its rank in 90 % of ``RESAMPLES`` rankings from as many members
drawn anew from those at hand. Of nine answers of three patients (stenosis with valve and fluid,
HFpEF, pulmonary hypertension) the top three were Sobol's in four. In four of the other five,
Sobol's three were told as possibly among the first; in one (wedge pressure under fluid) its third
acts by interactions, which a regression does not see.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.levers import Lever
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.variability import score

RIDGE = 1e-2
"""Holds apart levers that the record ties to each other; see scripts/check_drivers.py."""
FEWEST = 30
"""Members below which a regression on some twenty terms says nothing."""
NO_CHANGE = 1e-6
"""Standard deviation, as a share of the largest value, below which nothing drives a change."""
RESAMPLES = 200
"""Rankings from members drawn anew: 5 % of them, at each end, are ten."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One thing that the response depends on; ``share`` of all, ``rising`` if more gives more.

    ``first`` and ``last`` are the places, from 1, that it may have by the members at hand.
    """

    label: str
    share: float
    rising: bool
    of_therapy: bool
    first: int = 1
    last: int = 1

    @property
    def place(self) -> str:
        """``2``, or ``2-4`` where the members do not tell its place."""
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"


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


def inputs_of(plan: TherapyPlan, members: Sequence[Evaluation], own: Sequence[Lever]) -> Inputs:
    """The ``own`` levers of all members, and the scores of their responses to each therapy."""
    levers = np.array([member.values for member in members])
    found = [
        (variation.label, [score(n, kind.name, variation.feature) for n in range(len(members))])
        for kind in plan.answered
        for variation in kind.variations
    ]
    scores = np.array([values for _, values in found]).reshape(len(found), len(members)).T
    labels = (*(lever.label for lever in own), *(label for label, _ in found))
    of_therapy = (False,) * len(own) + (True,) * len(found)
    return Inputs(labels, of_therapy, np.hstack([levers, scores]))


def drivers(inputs: Inputs, changes: Mapping[str, Sequence[float]]) -> dict[str, Drivers]:
    """The ranking for each quantity whose change differs between members; none for too few."""
    if len(inputs.values) < FEWEST:
        return {}
    x, moving = _standardised(inputs.values)
    own = sum(not inputs.of_therapy[place] for place in moving)
    named = {name: values for name, values in _series(changes) if _moves(values)}
    if not named:
        return {}
    y = np.column_stack([(v - v.mean()) / v.std() for v in named.values()])
    weights, places = _weights(x, y, own), _places(x, y, own)
    return {
        name: _ranking(inputs, moving, weights[:, k], places[:, :, k])
        for k, name in enumerate(named)
    }


def _series(changes: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, FloatArray]]:
    for name, series in changes.items():
        yield name, np.asarray(series, dtype=float)


def _moves(values: FloatArray) -> bool:
    """Whether a change is known in every member, and not the same in all."""
    if not np.all(np.isfinite(values)):
        return False
    return float(values.std()) > NO_CHANGE * max(float(np.abs(values).max()), 1e-300)


def _weights(x: FloatArray, y: FloatArray, own: int) -> FloatArray:
    """W ``(n_inputs, n_quantities)``; the first ``own`` inputs are tied to each other."""
    n, p = x.shape
    found = np.linalg.solve(x.T @ x + RIDGE * n * np.eye(p), x.T @ y)
    if own > 1:  # responses are drawn apart, from the levers and from each other
        found[:own] = correlation_root(x[:, :own]) @ found[:own]
    return np.asarray(found)


def _places(x: FloatArray, y: FloatArray, own: int) -> NDArray[np.intp]:
    """First and last place of each input ``(2, n_inputs, n_quantities)``, from 1."""
    rng, n = np.random.default_rng(0), len(x)
    ranks = np.empty((RESAMPLES, x.shape[1], y.shape[1]), dtype=np.intp)
    for number in range(RESAMPLES):
        rows = rng.integers(n, size=n)
        inputs, answers = (
            (part - part.mean(axis=0)) / np.maximum(part.std(axis=0), 1e-12)
            for part in (x[rows], y[rows])
        )
        ranks[number] = _ranks(_weights(inputs, answers, own))
    low = np.quantile(ranks, 0.05, axis=0, method="lower")
    high = np.quantile(ranks, 0.95, axis=0, method="higher")
    return np.stack([low, high]).astype(np.intp)


def _ranks(weights: FloatArray) -> NDArray[np.intp]:
    """Places from 1, the largest share first, along the first axis."""
    return np.asarray(np.argsort(np.argsort(-(weights**2), axis=0), axis=0) + 1)


def _standardised(values: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Columns that differ, in their standard deviations, and their places."""
    spread = values.std(axis=0)
    moving = np.flatnonzero(spread > NO_CHANGE)
    return (values[:, moving] - values[:, moving].mean(axis=0)) / spread[moving], moving


def _ranking(
    inputs: Inputs, moving: NDArray[np.intp], weights: FloatArray, places: NDArray[np.intp]
) -> Drivers:
    shares = weights**2
    total = max(float(shares.sum()), 1e-300)
    of_therapy = np.array([inputs.of_therapy[place] for place in moving])
    own = _ranks(weights)  # what it is ranked here counts among the places that it may have
    rows = [
        Driver(
            inputs.labels[place], float(shares[k] / total), bool(weights[k] > 0.0),
            bool(of_therapy[k]), int(min(places[0, k], own[k])), int(max(places[1, k], own[k])),
        )
        for k, place in enumerate(moving)
    ]  # fmt: skip
    whole = max(total, 1.0)
    patient, therapy = (float(shares[which].sum()) / whole for which in (~of_therapy, of_therapy))
    ranked = tuple(sorted(rows, key=lambda row: -row.share))
    return Drivers(ranked, patient, therapy, max(1.0 - patient - therapy, 0.0))


def correlation_root(levers: FloatArray) -> FloatArray:
    """R^(1/2) of the columns of ``(n_members, n)``, the symmetric one."""
    size, axes = np.linalg.eigh(np.atleast_2d(np.corrcoef(levers, rowvar=False)))
    return np.asarray((axes * np.sqrt(np.maximum(size, 0.0))) @ axes.T)
