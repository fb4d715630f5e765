"""How good a forecast was, once the number it foretold has been measured.

What is foretold is what will be *measured*: each member's value with the doubt of the measurement,

    F(y) = mean_i Phi((y - x_i)/s),

x_i the members, s the standard deviation of the measurement, all SI. A value that is drawn as the
members are falls below all n of them once in n + 1 times, and F alone would call that impossible;
so the probability integral transform is taken as (n F(y) + w/2)/(n + w), w the square of the share
that the members have in the variance of members and measurement together. Bands of 50 % and 90 %
are where it lies in 0.25 to 0.75 and in 0.05 to 0.95. With truth and members drawn alike (40,000
draws, normal, s of 0.01 to 3 times their spread) they hold 50 to 51 % and 90 to 92 % of the truths
at 24 members; F alone 48 to 50 % and 84 to 90 %, w = 1 up to 94 %.

The continuous ranked probability score is E|Y - y| - E|Y - Y'|/2 in closed form for the mixture
(Grimit et al. 2006 Q J R Meteorol Soc 132:2925), with E|Y - Y'| over pairs of different members,
which is fair to small ensembles (Ferro 2014 Q J R Meteorol Soc 140:1917). Its unit is that of the
quantity; it is smaller the better, and that of a point forecast is its error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from organtwin.arrays import FloatArray

FEWEST_MEMBERS = 10
"""With nine, (n F + w/2)/(n + w) is 0.05 at F = 0, w = 1: no value could leave the 90 % band."""
CONFIDENCE_Z = 1.959963984540054
"""Of a normal distribution, two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A forecast of one quantity against its measurement.

    ``error`` is measured minus the members' mean (or minus the point where there are no members),
    ``z`` that over the spread of members and measurement together. ``crps`` is SI like ``error``.
    ``pit`` and what rests on it are ``None`` where too few members say how likely a value was.
    """

    error: float
    z: float | None
    crps: float | None
    pit: float | None

    @property
    def inside_50(self) -> bool | None:
        return None if self.pit is None else 0.25 <= self.pit <= 0.75

    @property
    def inside_90(self) -> bool | None:
        return None if self.pit is None else 0.05 <= self.pit <= 0.95


def graded(point: float, members: Sequence[float], measured: float, sd: float) -> Grade:
    """Compare a forecast with a measured value and its standard deviation, all SI."""
    values = np.asarray(members, dtype=np.float64)
    n = len(values)
    if n < FEWEST_MEMBERS:
        return Grade(measured - point, None, None, None)
    error = measured - float(values.mean())
    variance = float(values.var(ddof=1))
    spread = float(np.sqrt(variance + sd**2))
    weight = (variance / spread**2) ** 2 if spread > 0.0 else 1.0
    below = float(np.mean(_below(measured - values, sd)))
    pit = (n * below + 0.5 * weight) / (n + weight)
    return Grade(error, error / spread if spread > 0.0 else None, crps(values, measured, sd), pit)


def crps(values: FloatArray, measured: float, sd: float) -> float:
    """Continuous ranked probability score of members ``(n,)`` with the doubt of the measurement."""
    n = len(values)
    away = float(np.mean(_mean_size(measured - values, sd)))
    between = _mean_size(values[:, np.newaxis] - values, np.sqrt(2.0) * sd)
    pairs = float(between.sum() - np.trace(between)) / (n * (n - 1))
    return away - 0.5 * pairs


def wilson(hits: float, n: float) -> tuple[float, float]:
    """95 % interval of a rate (Wilson 1927 J Am Stat Assoc 22:209); 0 to 1 where n is 0."""
    if n <= 0.0:
        return 0.0, 1.0
    rate, z2 = hits / n, CONFIDENCE_Z**2
    middle = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n)
    half = CONFIDENCE_Z / (1.0 + z2 / n) * np.sqrt(rate * (1.0 - rate) / n + z2 / (4.0 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _below(distance: FloatArray, sd: float) -> FloatArray:
    if sd > 0.0:
        return np.asarray(ndtr(distance / sd))
    return np.asarray(np.heaviside(distance, 0.5))


def _mean_size(mean: FloatArray, sd: float) -> FloatArray:
    """E|N(mean, sd^2)|."""
    if sd <= 0.0:
        return np.abs(mean)
    z = mean / sd
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return np.asarray(2.0 * sd * density + mean * (2.0 * ndtr(z) - 1.0))
