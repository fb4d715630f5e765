"""Sees a fall of the mean pressure, and keeps what is needed to name its cause.

The usual pressure is the median over the beats of the minute before; a fall is a mean of the last
beats more than ``FALL`` below it. Its onset is the first beat since which the pressure was below by
a quarter of that. Hearts are remembered as they stood, every few beats, so that ``causes`` can let
them live through the fall again.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.assimilation.causes import FALLING, Fall
from organtwin.assimilation.following import BeatFilter, PatientBeat
from organtwin.physiology.heart import HeartState
from organtwin.simulation.conditions import Conditions

FALL = 0.15
"""Share of the usual mean pressure; a cuff's error and breathing stay below."""
USUAL, LATEST = 60, 3
"""Beats that make the usual pressure, and the present one."""
SEEN = 15
"""Beats after its onset at which a fall is told."""
_FEWEST = 20
_HEARTS, _EVERY = 4, 5

Hearts = tuple[tuple[Conditions, HeartState], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Fallen:
    """A fall, and hearts that stood before it."""

    onset: float
    """Source time [s]."""
    share: float
    """Of the usual pressure that is lost."""
    fall: Fall
    hearts: Hearts


class FallWatch:
    """Looks at every beat; a fall is told once, until the pressure is back or a new usual."""

    def __init__(self) -> None:
        self._beats: deque[PatientBeat] = deque(maxlen=USUAL + SEEN)
        self._hearts: deque[tuple[int, Hearts]] = deque(maxlen=(USUAL + SEEN) // _EVERY)
        self._count = 0
        self._told = -USUAL

    def note(self, beat: PatientBeat, follower: BeatFilter) -> Fallen | None:
        """Take a beat that the filter has followed."""
        if FALLING not in beat.values:
            return None
        self._count += 1
        if self._count % _EVERY == 0:
            self._hearts.append((self._count, follower.hearts(_HEARTS)))
        self._beats.append(beat)
        beats = tuple(self._beats)
        pressures = np.array([b.values[FALLING] for b in beats])
        first = self._first_low(pressures)
        if first is None or len(beats) - first < SEEN or self._count - self._told < USUAL:
            return None
        before, since = beats[:first], beats[first:]
        # Counted, not timed: the source may have begun anew in between.
        onset = self._count - len(since) + 1
        hearts = [own for number, own in self._hearts if number < onset]
        if not hearts:
            return None
        self._told = self._count
        usual = float(np.median(pressures[:first]))
        lost = 1.0 - float(pressures[-LATEST:].mean()) / usual
        return Fallen(since[0].time, lost, _fall(before, since), hearts[-1])

    def _first_low(self, pressures: np.ndarray) -> int | None:
        """Index of the onset of a fall that lasts to the end."""
        if len(pressures) < _FEWEST + SEEN:
            return None
        usual = float(np.median(pressures[: -SEEN or None]))
        if float(pressures[-LATEST:].mean()) > (1.0 - FALL) * usual:
            return None
        low = pressures < (1.0 - 0.25 * FALL) * usual
        above = np.flatnonzero(~low)
        first = int(above[-1]) + 1 if len(above) else 0
        return first if first >= _FEWEST else None


def _fall(before: Sequence[PatientBeat], since: Sequence[PatientBeat]) -> Fall:
    names = [n for n in since[0].values if all(n in b.values for b in (*before[-20:], *since))]
    usual = {n: float(np.median([b.values[n] for b in before[-20:]])) for n in names}
    return Fall(
        float(np.median([b.interval for b in before[-20:]])),
        np.array([b.interval for b in since]),
        {n: np.array([b.values[n] for b in since]) - usual[n] for n in names},
    )
