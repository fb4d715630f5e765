"""R peaks as soon as they are over, for a picture that beats with the patient.

A complex opens at the first sample where the signal changes within ``SPAN`` by more than a share of
what it did in the last complexes; its R peak is the largest excursion, upward or downward as in the
complexes before, and is certain once it is ``SETTLED`` old. Nothing is looked for backwards, so a
beat that is missed stays missed, and each decision falls at a definite sample, however the signal
is cut into pieces. ``ecg_beats`` gives the beats that numbers are taken from.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.streaming.qrs_shape import UPRIGHT
from organtwin.patient.streaming.ring import Ring

SPAN = 0.020
"""[s]"""
OPENS = 0.5
"""Share of the usual steepest change at which a complex opens. With 12 ms and 0.4, T waves and
noise of the operating-room lead opened too often (PPV 0.84); with 20 ms and 0.5 it is 0.99."""
NOISE = 5.0
"""Times the median change, below which nothing opens: noise changes all the time."""
SETTLED = 0.040
"""[s] An excursion that was not passed for so long is the peak."""
LONGEST = 0.090
"""[s] after its opening a complex is decided anyhow."""
BEFORE = 0.040
"""[s] before its opening in which the peak may lie: a QS complex opens late."""
REFRACTORY = 0.25
T_WAVE, T_SHARE = 0.36, 0.7
"""Until so long [s] after a beat only changes of at least this usual share open a complex."""
_SURROUND = 0.3
_LEARNING = 2.0
_FORGETS, _FORGETS_RR = 2.0, 2.0
"""[s], and usual RR intervals, without a beat after which the usual change halves, every second
anew; each time noise must be passed by more."""
_CAP = 4.0
"""Times the usual change, as which more is learnt: one spike must not hide the next beats."""
_KEPT = 8


@dataclass(frozen=True, slots=True)
class QuickBeat:
    """An R peak at source time ``time`` [s], certain with the sample at ``confirmed`` [s]."""

    time: float
    confirmed: float
    height: float
    """[V] above the signal just before; negative where it points down."""


class QuickPeaks:
    """R peaks of a lead of ``rate`` [Hz] at once."""

    def __init__(self, rate: float) -> None:
        self._ring = Ring(rate, 4.0)
        self._span = max(round(SPAN * rate), 1)
        self._steep: deque[float] = deque(maxlen=_KEPT)
        self._ups: deque[float] = deque(maxlen=_KEPT)
        self._downs: deque[float] = deque(maxlen=_KEPT)
        self._intervals: deque[int] = deque(maxlen=_KEPT)
        """Samples between the last peaks."""
        self._peak = -1
        self._forgot = 0
        self._noise = 0.0
        self._learnt = False
        self._seen = 0
        """Count of the next sample that may open a complex."""
        self._opened = -1
        self._last = 0
        """Count of the last peak, or of where forgetting was last begun."""
        self._had_beat = False

    def push(self, start: float, values: FloatArray) -> list[QuickBeat]:
        """Take samples ``(n,)`` [V] from source time ``start`` [s] on; give the certain peaks."""
        ring = self._ring
        beats: list[QuickBeat] = []
        piece = max(round(0.5 * ring.rate), 1)
        for at in range(0, len(values), piece):
            pushed = ring.push(start + at / ring.rate, values[at : at + piece])
            if pushed.restarted:
                self._restart()
            while (beat := self._advance()) is not None:
                beats.append(beat)
        return beats

    def _restart(self) -> None:
        self._seen = self._last = self._ring.first
        self._opened, self._had_beat, self._learnt, self._peak = -1, False, False, -1
        self._steep.clear()
        self._intervals.clear()

    def _advance(self) -> QuickBeat | None:
        """The next beat within the samples that are there."""
        if not self._learnt and not self._learn():
            return None
        while True:
            if self._opened < 0 and not self._open():
                return None
            beat = self._close()
            if beat is not None or self._opened >= 0:
                return beat

    def _learn(self) -> bool:
        """Take the steepest change of the first seconds for that of a complex."""
        ring = self._ring
        if ring.end - self._seen < _LEARNING * ring.rate:
            return False
        change = self._change(self._seen, ring.end)
        if not np.isfinite(change).any():
            self._seen = ring.end
            return False
        self._steep.append(float(np.nanmax(change)))
        self._noise = float(np.nanmedian(change))
        self._seen += round((_LEARNING - 1.0) * ring.rate)
        self._last, self._learnt = self._seen, True
        return True

    def _change(self, start: int, stop: int) -> FloatArray:
        """Size of the change within ``SPAN`` up to each sample; NaN where a sample lacks."""
        piece = self._ring.piece(start - self._span, stop)
        change = np.abs(piece[self._span :] - piece[: -self._span])
        lacking = stop - start - len(change)
        return np.concatenate((np.full(lacking, np.nan), change)) if lacking > 0 else change

    def _open(self) -> bool:
        """Find the next sample that opens a complex, forgetting as time goes."""
        ring, rate = self._ring, self._ring.rate
        while self._seen < ring.end:
            forget = self._last + self._patience
            stop = min(ring.end, max(forget, self._seen + 1))
            change = self._change(self._seen, stop)
            since = np.arange(self._seen, stop) - self._last
            usual = float(np.median(self._steep))
            noise = NOISE * (1.0 + min(self._forgot, 3)) * self._noise
            limit = np.full(len(change), max(OPENS * usual, noise))
            if self._had_beat:
                limit[since < T_WAVE * rate] = T_SHARE * usual
                limit[since < REFRACTORY * rate] = np.inf
            above = np.flatnonzero(change >= limit)
            if len(above):
                self._opened = self._seen + int(above[0])
                return True
            self._seen = stop
            if stop == forget:
                self._forget()
        return False

    @property
    def _patience(self) -> int:
        """Samples without a beat after which to forget."""
        usual = float(np.median(self._intervals)) / self._ring.rate if self._intervals else 0.0
        return round(max(_FORGETS, _FORGETS_RR * usual) * self._ring.rate)

    def _forget(self) -> None:
        self._last += round(self._ring.rate)  # the next time a second later
        self._had_beat = False
        change = self._change(self._seen - round(self._ring.rate), self._seen)
        if np.isfinite(change).mean() > 0.5:  # a gap is no pause of the heart
            self._forgot += 1
            self._steep = deque((0.5 * s for s in self._steep), maxlen=_KEPT)
            self._noise = float(np.nanmedian(change))

    def _close(self) -> QuickBeat | None:
        """Decide the open complex when its last excursion is old enough."""
        ring, rate = self._ring, self._ring.rate
        start = self._opened - round(BEFORE * rate)
        stop = self._opened + round(LONGEST * rate)
        piece = ring.piece(start, min(stop, ring.end))
        before = ring.piece(start - round(_SURROUND * rate), start)
        if np.isnan(piece).any() or not np.isfinite(before).any():
            self._seen, self._opened = self._opened + len(piece), -1
            return None
        line = float(np.nanmedian(before))
        sign = 1.0 if self._upright(piece - line) else -1.0
        start = max(start, ring.first)
        last, decided = _settled(sign * (piece - line), round(SETTLED * rate), self._opened - start)
        if decided < 0:
            if ring.end < stop:
                return None
            decided = len(piece) - 1
        return self._certain(piece[: decided + 1] - line, start, last, sign)

    def _upright(self, excursion: FloatArray) -> bool:
        if not self._ups:
            return bool(excursion.max() >= UPRIGHT * -excursion.min())
        return bool(np.median(self._ups) >= UPRIGHT * np.median(self._downs))

    def _certain(self, excursion: FloatArray, start: int, last: int, sign: float) -> QuickBeat:
        up, down = float(excursion.max()), float(-excursion.min())
        if sign > 0.0 and up < 0.5 * UPRIGHT * down:
            last = int(excursion.argmin())  # an ectopic complex that points the other way
        end = start + len(excursion) - 1
        steepest = float(np.nanmax(self._change(start, end + 1)))
        usual = float(np.median(self._steep))
        self._steep.append(min(steepest, _CAP * usual) if len(self._steep) > 1 else steepest)
        if self._peak >= 0:
            self._intervals.append(start + last - self._peak)
        self._peak = start + last
        self._forgot = 0
        self._ups.append(up)
        self._downs.append(down)
        self._noise = float(np.nanmedian(self._change(end - round(self._ring.rate), end)))
        self._last, self._had_beat = start + last, True
        self._seen, self._opened = end + 1, -1
        time_of = self._ring.time_of
        return QuickBeat(time_of(start + last), time_of(end), float(excursion[last]))


def _settled(heights: FloatArray, age: int, opened: int) -> tuple[int, int]:
    """Index of the highest sample so far when it is ``age`` old, and of that moment, or -1."""
    highest = np.maximum.accumulate(heights)
    at = np.maximum.accumulate(np.where(heights >= highest, np.arange(len(heights)), 0))
    old = np.flatnonzero(np.arange(len(heights)) - at >= age)
    old = old[old >= opened + age]
    return (int(at[old[0]]), int(old[0])) if len(old) else (int(at[-1]), -1)
