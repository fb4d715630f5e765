"""The R peak, the onset and the shape of single QRS complexes, against those before them."""

from collections import deque

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.r_peaks import SHAPE

SURROUND = 0.2
"""[s] Half width of the stretch whose median is the line that excursions are measured from."""
UPRIGHT = 0.5
"""The R peak is the upward excursion where that is at least this share of the downward one."""
STEEP = 0.35
"""Of the usual change within 12 ms; below, a detection is no QRS complex."""
_KEPT = 16
_FEWEST = 4
ONSET_BACK = 0.12
"""[s] before the peak in which the onset is looked for."""
ONSET_SLOPE = 0.08
ONSET_QUIET = 0.012
"""Share of the steepest slope below which the complex has not begun, and for how long [s]. On lead
II of 13 records of LUDB (124 complexes marked by hand): 1 ms late at 500 Hz, 7 ms late at 125 Hz,
sd 16 ms; other pairs between 0.05 and 0.12, 0.012 and 0.03 s are worse."""


class RPeaks:
    """The sample of the R peak near a detection, with a polarity that does not flip.

    A biphasic complex has two excursions of like size, and the larger changes from beat to beat;
    which one is the R peak is therefore decided over the last complexes.
    """

    def __init__(self, rate: float, reach: float) -> None:
        self._reach = round(reach * rate)
        self._surround = round(SURROUND * rate)
        self._up: deque[float] = deque(maxlen=_KEPT)
        self._down: deque[float] = deque(maxlen=_KEPT)

    def find(self, samples: FloatArray, near: int) -> tuple[int, float]:
        """Index of the peak, and its height above the surroundings [V]; ``samples`` no gaps."""
        start = max(0, near - self._reach)
        piece = samples[start : near + self._reach + 1]
        line = np.median(samples[max(0, near - self._surround) : near + self._surround + 1])
        up, down = float(piece.max() - line), float(line - piece.min())
        ups = np.median([*self._up, up])
        downs = np.median([*self._down, down])
        upright = ups >= UPRIGHT * downs
        if upright and up < 0.5 * UPRIGHT * down:
            upright = False  # an ectopic complex that points the other way
        index = start + int(piece.argmax() if upright else piece.argmin())
        return index, float(samples[index] - line)

    def learn(self, samples: FloatArray, near: int) -> None:
        """Let a complex that was delivered count for the polarity of the next."""
        piece = samples[max(0, near - self._reach) : near + self._reach + 1]
        line = np.median(samples[max(0, near - self._surround) : near + self._surround + 1])
        self._up.append(float(piece.max() - line))
        self._down.append(float(line - piece.min()))

    def clear(self) -> None:
        self._up.clear()
        self._down.clear()


class RunningSteepness:
    """How steep the last complexes were: T waves and slow movement are not, and are no beats."""

    def __init__(self, rate: float) -> None:
        self._reach = round(0.06 * rate)
        self._span = max(round(0.012 * rate), 1)
        self._slopes: deque[float] = deque(maxlen=_KEPT)

    def is_complex(self, samples: FloatArray, peak: int) -> bool:
        if len(self._slopes) < _FEWEST:
            return True
        return self._steepest(samples, peak) >= STEEP * float(np.median(self._slopes))

    def learn(self, samples: FloatArray, peak: int) -> None:
        self._slopes.append(self._steepest(samples, peak))

    def relearn(self, samples: FloatArray, peaks: list[int]) -> None:
        """Take the steeper half of ``peaks`` for complexes."""
        slopes = sorted(self._steepest(samples, peak) for peak in peaks)
        self._slopes.clear()
        self._slopes.extend(slopes[len(slopes) // 2 :] * _FEWEST)

    def _steepest(self, samples: FloatArray, peak: int) -> float:
        piece = samples[max(0, peak - self._reach) : peak + self._reach + 1]
        if len(piece) <= self._span:
            return 0.0
        return float(np.abs(piece[self._span :] - piece[: -self._span]).max())


class RunningShape:
    """The usual complex: the median of the last ones, aligned at their peaks."""

    def __init__(self, rate: float) -> None:
        self.reach = round(SHAPE * rate)
        self._shapes: deque[FloatArray] = deque(maxlen=_KEPT)

    def correlation(self, samples: FloatArray, peak: int) -> float:
        """Of the complex at ``peak`` with the usual one; NaN without either."""
        piece = self._piece(samples, peak)
        if piece is None or len(self._shapes) < _FEWEST:
            return np.nan
        usual = np.median(np.stack(self._shapes), axis=0)
        usual = usual - usual.mean()
        return self._best(samples, peak, usual, 2)  # two samples are how far peaks may be off

    def mirrored(self, samples: FloatArray, peak: int) -> float:
        """Correlation with the usual complex upside down, whose R peak may have become another."""
        if len(self._shapes) < _FEWEST:
            return np.nan
        usual = np.median(np.stack(self._shapes), axis=0)
        return self._best(samples, peak, usual.mean() - usual, self.reach // 2)

    def _best(self, samples: FloatArray, peak: int, usual: FloatArray, slack: int) -> float:
        best, size_usual = -1.0, float(np.linalg.norm(usual))
        for shift in range(-slack, slack + 1):
            moved = self._piece(samples, peak + shift)
            if moved is not None:
                size = float(np.linalg.norm(moved)) * size_usual
                best = max(best, float(moved @ usual) / max(size, 1e-300))
        return best

    def learn(self, samples: FloatArray, peak: int) -> None:
        piece = self._piece(samples, peak)
        if piece is not None:
            self._shapes.append(piece)

    def clear(self) -> None:
        self._shapes.clear()

    def _piece(self, samples: FloatArray, peak: int) -> FloatArray | None:
        if peak < self.reach or peak + self.reach >= len(samples):
            return None
        piece = samples[peak - self.reach : peak + self.reach + 1]
        return np.asarray(piece - piece.mean())


def onset(samples: FloatArray, peak: int, rate: float) -> int:
    """Sample at which the complex around ``peak`` begins.

    Backwards from its steepest slope to where the slope stays small for ``ONSET_QUIET``.
    """
    start = max(0, peak - round((ONSET_BACK + ONSET_QUIET) * rate))
    piece = samples[start : peak + round(0.06 * rate) + 1]
    if len(piece) < 5:
        return peak
    width = max(round(0.008 * rate), 1)
    slope = np.abs(np.gradient(np.convolve(piece, np.full(width, 1.0 / width), mode="same")))
    slope[:width] = slope[len(slope) - width :] = 0.0
    before = slope[: peak - start + 1]
    limit = ONSET_SLOPE * float(slope.max())
    quiet = max(round(ONSET_QUIET * rate), 1)
    at = int(before.argmax())
    while at > 0 and not (before[max(0, at - quiet) : at] < limit).all():
        at -= 1
    return start + at
