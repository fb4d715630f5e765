"""What the data tell of each lever, what they leave confounded, and what to measure next.

By the normal posterior of the fit (``calibration``), with C its covariance and j the row of a
measurement in the Jacobian: without that measurement the variance of a lever would grow by (C
j)^2/(1 - j'C j). A quantity q that is not yet measured, read with standard deviation s, would
take cov(x, q)^2/(var q + s^2) off the variance of a lever x; covariances are those over the
members, which hold the bent response too, and are corrected for their number as r2 is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import Calibration, Evaluation
from organtwin.assimilation.observation import TARGETS, Observation
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.simulation.biomarkers import biomarkers

DETERMINED = 0.5
"""A lever whose posterior is wider than this share of its prior is not determined by the data."""
WEAKLY = 0.87
"""Below this share it is determined weakly: the data took a quarter of its variance off."""
CONFOUNDED = 0.9
"""Correlation from which two levers can only be told together."""
FEWEST = 30
"""Members from which correlations are worth a word: chance alone gives r of 0.18."""
TELLING = 1.05
"""A measurement without which no lever's width grew by more than this is not named as its
source."""
COMPUTED = frozenset({
    "systemic_vascular_resistance", "pulmonary_vascular_resistance", "pulse_pressure",
    "mean_arterial_pressure",
})  # fmt: skip
"""Computed from what else is measured: nobody orders them by themselves."""
SHOWN = 5
"""Next measurements that are named."""


@dataclass(frozen=True, slots=True)
class LeverTold:
    """How well one lever is known.

    ``narrowing`` is posterior over prior width; without the measurement ``best_source`` the width
    would be ``without`` times as large (empty where none matters).
    """

    name: str
    label: str
    narrowing: float
    best_source: str
    without: float

    @property
    def verdict(self) -> str:
        if self.narrowing < DETERMINED:
            return "determined"
        return "weakly" if self.narrowing < WEAKLY else "not"


@dataclass(frozen=True, slots=True)
class Confounded:
    """Two levers (labels) that the data hardly tell apart."""

    first: str
    second: str
    correlation: float


@dataclass(frozen=True, slots=True)
class NextMeasurement:
    """A quantity worth measuring.

    Read with ``sd`` [SI] it would take ``gain`` off the summed variance of all levers in units of
    their priors, and leave ``lever`` (label), which gains most, ``left`` times as wide.
    """

    name: str
    sd: float
    gain: float
    lever: str
    left: float


@dataclass(frozen=True, slots=True)
class Identifiability:
    """Everything about one fit."""

    levers: tuple[LeverTold, ...] = ()
    confounded: tuple[Confounded, ...] = ()
    following: tuple[NextMeasurement, ...] = ()

    def sentences(self) -> Iterator[str]:
        """What a user should know before trusting single parameters."""
        for pair in self.confounded:
            yield (
                f"told only together: {pair.first.lower()} and {pair.second.lower()} "
                f"(correlation {pair.correlation:+.2f})"
            )
        if self.following:
            best = self.following[0]
            yield (
                f"most would be learned by measuring {quantity(best.name).label}: "
                f"{best.lever.lower()} {1.0 - best.left:.0%} narrower"
            )


NOTHING_TOLD = Identifiability()


def identifiability(
    seen: Observation, calibration: Calibration, members: Sequence[Evaluation] = ()
) -> Identifiability:
    """What a fit tells; without members nothing is said of the next measurement."""
    following = tuple(_following(seen, members)) if len(members) >= FEWEST else ()
    return Identifiability(
        tuple(_levers(seen, calibration)), tuple(_confounded(seen, calibration)), following
    )


def _movable(seen: Observation) -> list[int]:
    """Levers with a parameter that was not measured directly."""
    return [
        index
        for index, lever in enumerate(seen.levers)
        if any(n not in seen.fixed for n in lever.exponents)
    ]


def _levers(seen: Observation, calibration: Calibration) -> Iterator[LeverTold]:
    covariance = calibration.covariance
    rows = calibration.jacobian[: len(seen.targets)]
    moved = rows @ covariance
    left = np.maximum(1.0 - np.einsum("ij,ij->i", moved, rows), 1e-9)
    growth = moved**2 / left[:, np.newaxis]
    for index in _movable(seen):
        lever, variance = seen.levers[index], float(covariance[index, index])
        source, without = "", 1.0
        if len(rows):
            best = int(growth[:, index].argmax())
            without = float(np.sqrt(1.0 + growth[best, index] / variance))
            source = seen.targets[best].name if without > TELLING else ""
        narrowing = float(np.sqrt(variance)) / lever.prior_sd
        yield LeverTold(lever.name, lever.label, narrowing, source, without)


def _confounded(seen: Observation, calibration: Calibration) -> Iterator[Confounded]:
    width = calibration.widths
    correlation = calibration.covariance / np.outer(width, width)
    movable = _movable(seen)
    for place, first in enumerate(movable):
        for second in movable[place + 1 :]:
            r = float(correlation[first, second])
            if abs(r) > CONFOUNDED:
                yield Confounded(seen.levers[first].label, seen.levers[second].label, r)


def _following(seen: Observation, members: Sequence[Evaluation]) -> list[NextMeasurement]:
    prior = np.array([lever.prior_sd for lever in seen.levers])
    values = np.array([member.values for member in members]) / prior
    shown = [biomarkers(m.solution.beat, m.conditions) for m in members]
    movable, known = _movable(seen), {m.name for m in seen.targets}
    variance = values[:, movable].var(axis=0)
    found = []
    for name in sorted(TARGETS - known - COMPUTED):
        series = np.array([values[name] for values in shown])
        sd = default_sd(name, float(np.median(series)))
        share = _explained(values[:, movable], series, sd)
        gain = float((share * variance).sum() / variance.sum())
        best = int((share * variance).argmax())
        left = float(np.sqrt(1.0 - share[best]))
        found.append(NextMeasurement(name, sd, gain, seen.levers[movable[best]].label, left))
    found.sort(key=lambda one: -one.gain)
    return [one for one in found if one.gain > 0.0][:SHOWN]


def _explained(values: FloatArray, series: FloatArray, sd: float) -> FloatArray:
    """Share of each lever's variance that a reading of the quantity would take off."""
    n, spread = len(series), float(series.std())
    if spread == 0.0:
        return np.zeros(values.shape[1])
    scaled = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-12)
    r2 = (scaled.T @ (series - series.mean()) / (n * spread)) ** 2
    unbiased = np.maximum(1.0 - (1.0 - r2) * (n - 1) / (n - 2), 0.0)
    return np.asarray(unbiased * spread**2 / (spread**2 + sd**2))
