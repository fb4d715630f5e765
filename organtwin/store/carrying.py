"""From the posterior of one visit to the prior of the next.

Between visits a patient changes. Each lever x (the logarithm of a factor, normal with width S in
patients not seen before) is taken for a stationary random process,

    x_new = f x_old + sqrt(1 - f^2) S e,   f^2 = exp(-(a^2 + b^2 t)/S^2),   e ~ N(0, 1),

t in years. At first it adds a variance of a^2 + b^2 t; after a long time no more is known than of
a stranger. What was far from normal is expected a little nearer to it (regression towards the
mean). a is what differs from one visit to the next at any distance (fluids, tone, the hour of the
day), b what ageing, disease and treatment do in a year. Their values are ASSUMED: reasoned orders
of magnitude, fitted to no cohort. Whoever knows better passes another table.

A random walk that stops at the width S would not do: levers that no visit determined could not move
at all, and what was known of their combinations would stay as sharp as it was.

Limit: a prior is normal, so it carries how the data tie levers together near the fit and not how
that bends away from it. After a visit with one or two measurements the levers that stay wide may
wander at the next one by a part of their width.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.levers import LEVERS, Lever
from organtwin.assimilation.observation import Observation
from organtwin.assimilation.prior import Prior, normal_adult
from organtwin.store.entries import Posterior

YEAR = 365.25
"""[days]"""
_SAME = 1e-9
"""Difference of two logarithms that is rounding."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Standard deviations of a change of a lever: ``at_once`` at any distance, ``yearly``."""

    at_once: float
    yearly: float

    def kept(self, years: float, width: float) -> float:
        """The factor f for a lever of a width."""
        variance = self.at_once**2 + self.yearly**2 * years
        return math.exp(-0.5 * variance / width**2)


_TONE, _MUSCLE, _STIFFNESS = Drift(0.15, 0.15), Drift(0.10, 0.15), Drift(0.05, 0.15)
_SIZE, _VESSEL = Drift(0.03, 0.08), Drift(0.05, 0.08)
ASSUMED_DRIFT: Mapping[str, Drift] = MappingProxyType({
    "left_contractility": _MUSCLE, "right_contractility": _MUSCLE,
    "left_size": _SIZE, "right_size": _SIZE, "left_atrial_size": _SIZE,
    "left_stiffness": _STIFFNESS, "right_stiffness": _STIFFNESS,
    "systemic_resistance": _TONE, "pulmonary_resistance": _TONE,
    "blood_volume": Drift(0.08, 0.10),
    "arterial_stiffness": _VESSEL, "pulmonary_stiffness": _VESSEL,
    "systolic_duration": Drift(0.03, 0.03),
})  # fmt: skip
"""By name of lever. Assumed: tone moves by some 15 % from day to day, filling by less, muscle by
what nerves do to it, sizes and vessels slowly."""


@dataclass(frozen=True)
class Carried:
    """A prior that an earlier visit left, from ``years`` before, and what is to be said of it."""

    prior: Prior
    years: float
    visit_id: int
    findings: tuple[str, ...]


def lever_base(seen: Observation) -> FloatArray:
    """Logarithm of each lever's leading parameter (SI) at lever 0, ``(n,)``."""
    values = seen.conditions.parameters
    leading = (
        next(
            (name for name in lever.exponents if name not in seen.fixed),
            next(iter(lever.exponents)),
        )
        for lever in seen.levers
    )
    return np.log([values[name] for name in leading])


def carried(
    posterior: Posterior, base: FloatArray, years: float, visit_id: int = 0, *,
    drift: Mapping[str, Drift] = ASSUMED_DRIFT, levers: tuple[Lever, ...] = LEVERS,
) -> Carried:  # fmt: skip
    """The prior for a visit ``years`` later whose levers start from ``base``.

    Levers that the earlier program did not have begin as in a patient not seen before, and so do
    those without a drift. What is left out or shifted is told in ``findings``.
    """
    unseen = normal_adult(levers)
    mean, covariance = unseen.mean.copy(), unseen.covariance.copy()
    names = [lever.name for lever in levers]
    known = [name for name in posterior.levers if name in names]
    here = np.array([names.index(name) for name in known], dtype=np.intp)
    there = np.array([posterior.levers.index(name) for name in known], dtype=np.intp)
    shift = posterior.base[there] - base[here]
    kept = np.array([_kept(levers[place], drift, years) for place in here])
    mean[here] = kept * (posterior.mean[there] + shift)
    old = posterior.covariance[np.ix_(there, there)] * np.outer(kept, kept)
    covariance[np.ix_(here, here)] = 0.5 * (old + old.T)
    covariance[here, here] += (1.0 - kept**2) * np.diag(unseen.covariance)[here]
    moved = [levers[p].label for p, s in zip(here, shift, strict=True) if abs(s) > _SAME]
    findings = _findings(names, known, posterior.levers, moved, years)
    return Carried(Prior(mean, covariance), years, visit_id, tuple(findings))


def _kept(lever: Lever, drift: Mapping[str, Drift], years: float) -> float:
    assumed = drift.get(lever.name)
    return 0.0 if assumed is None else assumed.kept(years, lever.prior_sd)


def _findings(
    names: list[str], known: list[str], before: tuple[str, ...], moved: list[str], years: float
) -> list[str]:
    days = round(years * YEAR)
    found = [
        f"begun from the visit {days} days before, widened by an assumed drift of each parameter"
    ]
    fresh = [name for name in names if name not in known]
    dropped = [name for name in before if name not in known]
    if fresh:
        found.append(f"unknown at that visit, begun as normal: {', '.join(fresh)}")
    if dropped:
        found.append(f"known at that visit, not used at this one: {', '.join(dropped)}")
    if moved:
        found.append(
            "measured directly (a mass, say) at one of the two visits and not at the other, so "
            f"carried over by its value: {', '.join(moved)}"
        )
    return found
