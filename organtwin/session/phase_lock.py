"""The drawn heart contracts on the patient's own R peak.

Times are those of this computer's monotonic clock, at which a sample was measured as far as the
link's clock can tell. The picture shows what was ``DELAY`` ago: an R peak is certain some 80 ms
after it was (quick detection 40 ms, chunks of 40 ms), so the heart can contract on the peak itself
and not behind it. Since the last peak the model's beat runs in real time through systole and is
stretched or pressed through diastole to end at the next peak: the one that is known, else the one
that is expected from the last intervals. If that does not come, as in atrial fibrillation or a
pause, the heart waits, filled, before the QRS.
"""

from collections import deque

import numpy as np

DELAY = 0.08
"""[s]"""
SYSTOLE = 0.40
"""[s] from the R peak in which the beat runs in real time, if it is not shorter."""
R_IN_QRS = 0.035
"""[s] from the beginning of the QRS, where the ventricles are first excited, to the R peak."""
WAITING = 0.02
"""[s] before the QRS at which a heart waits for a late beat."""
_KEPT = 8
LONGEST = 3.0
"""[s] without an R peak after which the heart is no longer drawn in step."""


class PhaseLock:
    """Tells the phase of the model's beat at any time; fed with R peaks."""

    def __init__(self) -> None:
        self._peaks: deque[float] = deque(maxlen=_KEPT)
        self.beats = 0
        """R peaks so far."""

    def note(self, peak: float) -> None:
        """An R peak at a time [s] of this computer's clock; they come in order."""
        if not self._peaks or peak > self._peaks[-1]:
            self._peaks.append(peak)
            self.beats += 1

    def forget(self) -> None:
        """As after a gap: earlier peaks tell nothing of the next."""
        self._peaks.clear()

    def locked(self, now: float) -> bool:
        """Whether the heart can be drawn in step at ``now`` [s]."""
        return len(self._peaks) >= 2 and now - DELAY - self._peaks[-1] < LONGEST

    def phase(self, now: float, duration: float, av_delay: float) -> float:
        """Phase in [0, 1) of a beat of ``duration`` [s] whose QRS begins at ``av_delay`` [s].

        Raises
        ------
        ValueError
            It is not ``locked``.
        """
        if not self.locked(now):
            raise ValueError("no R peaks to follow")
        shown = now - DELAY
        before = [peak for peak in self._peaks if peak <= shown]
        after = [peak for peak in self._peaks if peak > shown]
        if not before:
            return _wrapped(av_delay + R_IN_QRS + shown - after[0], duration)
        last = before[-1]
        interval = after[0] - last if after else self._expected()
        since = _in_model(shown - last, interval, duration)
        if not after:
            since = min(since, duration - R_IN_QRS - WAITING)
        return _wrapped(av_delay + R_IN_QRS + since, duration)

    def _expected(self) -> float:
        return float(np.median(np.diff(self._peaks)))


def _in_model(since: float, interval: float, duration: float) -> float:
    """Model time since the R peak, for a beat that lasts ``interval`` in the patient [s]."""
    systole = min(SYSTOLE, 0.6 * interval, 0.6 * duration)
    if since <= systole:
        return since
    return systole + (since - systole) * (duration - systole) / (interval - systole)


def _wrapped(time: float, duration: float) -> float:
    return float((time / duration) % 1.0)
