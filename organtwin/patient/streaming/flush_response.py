"""How well a pressure line follows, from the swings after a flush (the fast-flush test).

When the valve closes, the line swings like a weight on a spring: the time between swings is the
period of its natural frequency, damped, and the ratio of one swing to the one before gives the
damping (Gardner, Anesthesiology 1981;54:227-236). A line that swings too long overestimates
systolic pressure, one that creeps underestimates it.
"""

from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.units import MMHG

LASTS = 0.5
"""[s] after the valve closes; later swings are the patient's."""
SMALLEST = 4.0 * MMHG
"""Of a swing, from an extreme to the next."""
CREEPING = 0.15
"""[s] from 90 to 10 % of the fall; a line with a damping of 0.7 and 10 Hz takes 0.04 s."""


@dataclass(frozen=True, slots=True)
class FlushResponse:
    """Natural frequency [Hz] and damping of a line; NaN where it does not swing."""

    natural_frequency: float
    damping: float
    overdamped: bool

    @property
    def underdamped(self) -> bool:
        """Swings so long that it distorts: damping below 0.4 at a frequency below 20 Hz.

        A simplification of Gardner's wedge, in which a faster line needs less damping.
        """
        return self.damping < 0.4 and self.natural_frequency < 20.0

    @property
    def sentence(self) -> str:
        if self.overdamped:
            return "the line creeps after the flush: overdamped, systolic pressures are too low"
        word = "underdamped, systolic pressures are too high" if self.underdamped else "it follows"
        return (
            f"the line swings at {self.natural_frequency:.0f} Hz with a damping of "
            f"{self.damping:.2f} after the flush: {word}"
        )


def flush_response(values: FloatArray, rate: float) -> FlushResponse | None:
    """The response after the plateau in ``values`` ``(n,)`` [Pa], which begin within it.

    None where the plateau does not end or the half second after it is not there.
    """
    plateau = float(np.median(values[: max(round(0.05 * rate), 1)]))
    rest = float(np.median(values[-round(0.2 * rate) :]))
    below = np.flatnonzero(values < plateau - 0.1 * (plateau - rest))
    if not len(below) or below[0] + LASTS * rate > len(values) or plateau <= rest:
        return None
    after = values[below[0] : below[0] + round(LASTS * rate)]
    low = np.flatnonzero(after < rest + 0.1 * (plateau - rest))
    extremes = _extremes(after)
    if len(extremes) < 3:
        slow = not len(low) or low[0] / rate > CREEPING
        return FlushResponse(np.nan, np.nan, True) if slow else None
    (t0, a), (_, b), (t2, c) = extremes[:3]
    ratio = abs(c - b) / abs(b - a)
    damping = -log(ratio) / sqrt(pi**2 + log(ratio) ** 2) if ratio < 1.0 else 0.0
    damped = rate / (t2 - t0)
    return FlushResponse(float(damped / sqrt(1.0 - damping**2)), damping, False)


def _extremes(after: FloatArray) -> list[tuple[float, float]]:
    """Minima and maxima in turn from the first minimum on, each swing large enough, refined."""
    change = np.sign(np.diff(after))
    turns = np.flatnonzero(change[:-1] * change[1:] < 0) + 1
    found: list[tuple[float, float]] = []
    for turn in turns:
        y0, y1, y2 = (float(y) for y in after[turn - 1 : turn + 2])
        bend = y0 - 2 * y1 + y2
        shift = 0.5 * (y0 - y2) / bend if bend else 0.0
        value = y1 - 0.25 * (y0 - y2) * shift
        if found and abs(value - found[-1][1]) < SMALLEST:
            break
        found.append((turn + shift, value))
    return found
