"""What a predicted response depends on: a ranking from the members at hand.

Each member has its own levers and its own response to each therapy. The change y of a quantity is
regressed on all of these, x_j, each in its own standard deviations,

    y ~ sum_j b_j x_j          |y - X b|^2 + RIDGE n |b|^2 -> min,  x, y with mean 0 and sd 1

and the share of x_j is b_j^2 over their sum: the squared standardised coefficient, which is the
first-order Sobol index where y is linear and the x are independent (Saltelli, Global Sensitivity
Analysis, 2008, section 1.2.5). ``scripts/check_drivers.py`` compares it with a full Sobol analysis.

How much of the band is the patient's and how much the therapy's is read from the same regression:
var(sum over the patient's terms)/var(y), likewise the therapies', and what is left is curvature and
what both do together. Levers of one patient hang together, so their shares do not tell that.
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
    """What differs between members: ``values`` ``(n_members, n_inputs)``, one label each."""

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
        (variation.label, [score(n, therapy.name, variation.feature) for n in range(len(members))])
        for therapy in plan.therapies
        for variation in therapy.kind.variations
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
    found = {}
    for name, series in changes.items():
        values = np.asarray(series, dtype=float)
        if not np.all(np.isfinite(values)):
            continue
        spread = float(values.std())
        if spread > NO_CHANGE * max(float(np.abs(values).max()), 1e-300):
            y = (values - values.mean()) / spread
            found[name] = _ranking(inputs, moving, x, y, inverse @ y)
    return found


def _standardised(values: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Columns that differ, in their standard deviations, and their places."""
    spread = values.std(axis=0)
    moving = np.flatnonzero(spread > NO_CHANGE)
    return (values[:, moving] - values[:, moving].mean(axis=0)) / spread[moving], moving


def _ranking(
    inputs: Inputs, moving: NDArray[np.intp], x: FloatArray, y: FloatArray, slopes: FloatArray
) -> Drivers:
    total = max(float(slopes @ slopes), 1e-300)
    of_therapy = np.array([inputs.of_therapy[place] for place in moving])
    rows = [
        Driver(inputs.labels[place], float(slope**2 / total), bool(slope > 0.0), bool(own))
        for place, slope, own in zip(moving, slopes, of_therapy, strict=True)
    ]
    patient, therapy = (
        float((x[:, which] @ slopes[which]).var()) for which in (~of_therapy, of_therapy)
    )
    whole = max(patient + therapy, float((y**2).mean()))
    shares = (patient / whole, therapy / whole)
    ranked = tuple(sorted(rows, key=lambda row: -row.share))
    return Drivers(ranked, *shares, max(1.0 - sum(shares), 0.0))
