"""Whether a beat came early, and whether the beats look like fibrillation, as they arrive.

Irregularity is the measure of ``patient.detection``: the median absolute difference of neighbouring
RR intervals over the median interval. Where intervals two or three apart differ far less than
neighbours do, theirs is taken: bigeminy and trigeminy repeat after two and three beats, but
fibrillation never does. It is no test for single paroxysms: of the beats in those of cpsc2021
data_101_6 (3 to 25 s long) it flags 37 %.
"""

from collections import deque

import numpy as np

PREMATURE = 0.8
"""Of the usual RR interval. The sinus rhythm of MIT-BIH 100 varies by 5 % from beat to beat."""
IRREGULAR = 0.10
"""As ``patient.detection.IRREGULARITY_LIMIT``."""
_USUAL = 9
"""Intervals whose median is the usual one."""
STRETCH = 14
"""Intervals over which the rhythm is judged; fewer than ``_FEWEST`` say nothing. In the paroxysms
of cpsc2021 data_101_6, a measure over 14 finds twice the beats that one over 20 does."""
REPEATS = 0.4
"""Share of the difference of neighbours, below which intervals further apart repeat."""
_FEWEST = 10


class RunningRhythm:
    """The last RR intervals [s], NaN where a gap or a rejected beat interrupts them."""

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=STRETCH)

    def add(self, rr: float) -> None:
        self._intervals.append(rr)

    def clear(self) -> None:
        self._intervals.clear()

    @property
    def usual(self) -> float:
        """Median of the last intervals [s]; NaN with fewer than three."""
        known = [rr for rr in list(self._intervals)[-_USUAL:] if rr == rr]
        return float(np.median(known)) if len(known) >= 3 else np.nan

    @property
    def irregularity(self) -> float:
        """See the module; NaN while there are too few intervals."""
        rr = np.array(self._intervals)
        if np.isfinite(rr).sum() < _FEWEST:
            return np.nan
        found = []
        for apart in (1, 2, 3):
            differences = np.abs(rr[apart:] - rr[:-apart])
            differences = differences[np.isfinite(differences)]
            if len(differences) < _FEWEST - apart:
                return np.nan
            found.append(float(np.median(differences)))
        least = min(found)
        measure = least if least < REPEATS * found[0] else found[0]
        return measure / float(np.nanmedian(rr))

    @property
    def irregular(self) -> bool | None:
        """Whether it looks like atrial fibrillation; None while there are too few intervals."""
        measure = self.irregularity
        return None if measure != measure else measure >= IRREGULAR

    def premature(self, rr: float) -> bool:
        """Whether a beat ``rr`` after its predecessor came early; never in an irregular rhythm."""
        return not self.irregular and rr < PREMATURE * self.usual
