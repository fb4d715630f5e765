"""What the fit knows of one parameter, as curves and a sentence.

A lever is the logarithm of a factor, normal before the fit; its leading parameter is therefore
log-normal. Densities are per unit of the parameter, scaled so that the higher curve's top is 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.units import from_si

if TYPE_CHECKING:
    from organtwin.assimilation.prior import Prior
    from organtwin.twin.twin import Twin

REACH = 2.2
"""Standard deviations of the prior that are drawn to either side: 97 % of it; the log-normal's tail
beyond would take half of the axis."""
POINTS = 161
FEWEST_BINS, MOST_BINS = 5, 12
CERTAIN = 2.58
"""A correlation r of n members counts above this over sqrt(n - 1): two-sided 1 % where there is
none (Fisher 1915, for large n)."""
NAMED = 3
"""Correlations that the sentence names."""


@dataclass(frozen=True, eq=False)
class PosteriorShape:
    """One parameter in its unit.

    ``x`` ``(n,)`` with the ``prior`` density ``(n,)``; ``edges`` ``(m + 1,)`` and ``density``
    ``(m,)`` are the histogram of the hearts in the ensemble, ``members`` their values.
    """

    label: str
    unit: str
    x: FloatArray
    prior: FloatArray
    edges: FloatArray
    density: FloatArray
    members: FloatArray
    value: float
    determined: bool
    told: str


def drawn_parameters(twin: "Twin") -> tuple[str, ...]:
    """Labels of the parameters that can be drawn: those that the fit moved."""
    known = {lever.label for lever in twin.observation.levers}
    return tuple(p.label for p in twin.fit.parameters if p.label in known)


def posterior_shape(twin: "Twin", label: str, prior: "Prior | None") -> PosteriorShape | None:
    """Prior and posterior of a parameter; ``None`` while the twin has no ensemble.

    ``prior`` is what an earlier visit left, ``None`` for a normal adult.
    """
    from organtwin.assimilation.prior import normal_adult
    from organtwin.store.carrying import lever_base

    known = twin.observation.levers
    place = next(n for n, lever in enumerate(known) if lever.label == label)
    fitted = next(p for p in twin.fit.parameters if p.label == label)
    if len(twin.ensemble) < 2:
        return None
    levers = np.array([member.values for member in twin.ensemble])
    before = prior or normal_adult(known)
    mean, width = float(before.mean[place]), float(before.widths[place])
    base = float(lever_base(twin.observation)[place])
    spread = levers[:, place]
    low = min(mean - REACH * width, float(spread.min()))
    high = max(mean + REACH * width, float(spread.max()))
    grid = np.linspace(low, high, POINTS)
    unit = fitted.spec.unit
    scale = from_si(math.exp(base), unit)
    x, members = scale * np.exp(grid), scale * np.exp(spread)
    normal = np.exp(-0.5 * ((grid - mean) / width) ** 2) / (width * math.sqrt(2.0 * math.pi))
    density, edges = np.histogram(members, bins=_bins(len(members)), density=True)
    drawn = normal / x
    top = max(float(density.max()), float(drawn.max()))
    told = correlations_told(levers, place, [lever.label for lever in known])
    return PosteriorShape(
        label, unit, x, drawn / top, edges, density / top, members,
        from_si(fitted.value, unit), fitted.determined, told,
    )  # fmt: skip


def correlations_told(levers: FloatArray, place: int, labels: Sequence[str]) -> str:
    """The strongest correlations of a lever with the others over members ``(m, n)``."""
    count = len(levers)
    moves = levers.std(axis=0) > 0.0
    found = []
    for other in map(int, np.flatnonzero(moves)):
        if other != place and moves[place]:
            r = float(np.corrcoef(levers[:, place], levers[:, other])[0, 1])
            if abs(r) >= CERTAIN / math.sqrt(count - 1):
                found.append((abs(r), f"{labels[other].lower()} ({_signed(r)})"))
    named = [text for _, text in sorted(found, reverse=True)[:NAMED]]
    if not named:
        return f"Among {count} hearts no tie to another parameter stands out."
    last = f" and {named[-1]}" if len(named) > 1 else named[0]
    return f"Tied to {', '.join(named[:-1])}{last}, correlation over {count} hearts."


def _signed(r: float) -> str:
    return f"{r:+.1f}".replace("-", "−")


def _bins(count: int) -> int:
    """About the square root, within reason."""
    return min(max(round(math.sqrt(count)), FEWEST_BINS), MOST_BINS)
