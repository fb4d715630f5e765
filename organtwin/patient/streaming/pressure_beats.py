"""Beats of an arterial or pulmonary artery pressure that is still arriving, each given once.

The rules are those of ``patient.pulses``, applied to the last ten seconds every half second; what
is marked as disturbed does not count for the usual pulse. A beat is given when the pressure has
risen half a pulse above the trough that ends it. It is rejected, with the reason, when it touches
a mark, or when its systolic or pulse pressure is unlike those of the last good beats.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.patient.pulses import (
    NOISIEST,
    OUTLIER,
    PEAK_SHARE,
    SHORTEST_BEAT,
    pulse_peaks,
    robust_range,
    robust_spread,
    roughness,
    troughs,
)
from organtwin.patient.streaming.channel_stream import ChannelStream
from organtwin.patient.streaming.flush_response import FlushResponse
from organtwin.patient.streaming.marks import Mark
from organtwin.patient.streaming.pressure_artefacts import PressureArtefacts
from organtwin.patient.streaming.pressure_sites import PressureSite
from organtwin.patient.streaming.pulse_contour import pulse_contour
from organtwin.units import MMHG

WINDOW = 10.0
"""[s]"""
_LEAST = 2.0
"""[s] before beats are looked for."""
_NEIGHBOURS = 12
"""Good beats that a beat is compared with: two breaths, and few enough to follow a fall of 2 mmHg a
second."""
_FEWEST_NEIGHBOURS = 8
_AGREEING = 8
"""Beats in a row that are unlike the good ones: then the patient has changed."""
LEAST_SPREAD = {PressureSite.ARTERIAL: 4.0 * MMHG, PressureSite.PULMONARY: 2.0 * MMHG}
"""Taken for the robust standard deviation where it is smaller: five of them are what a single
extrasystole takes away from a systolic pressure (estimate)."""
RUNNING = 8
"""Beats of the running mean."""
EARLIEST_FOOT, LATEST_FOOT = 0.02, 0.45
"""[s] from R peak to foot: pre-ejection (0.05 to 0.12 s), then the way to the wrist."""


@dataclass(frozen=True, slots=True)
class PressureBeat:
    """One beat from trough to trough: source times [s], pressures [Pa]; NaN where unknown."""

    start: float
    end: float
    foot: float
    peak: float
    systolic: float
    diastolic: float
    mean: float
    running_mean: float
    """Over the last good beats, this one included, each by its length."""
    steepest: float
    """[Pa/s] dP/dt max."""
    notch: float
    notch_pressure: float
    systolic_area: float
    """[Pa s] above the diastolic pressure, from foot to notch."""
    r_peak: float
    """Time of the R peak it belongs to; NaN where none was told."""
    rejected: str = ""

    @property
    def pulse(self) -> float:
        """[Pa] Pulse pressure."""
        return self.systolic - self.diastolic

    @property
    def ejection_time(self) -> float:
        """[s] From foot to notch."""
        return self.notch - self.foot


class PressureBeatStream(ChannelStream[PressureBeat]):
    """Beats of ``channel`` at ``site``, sampled at ``rate`` [Hz], values in pascal."""

    def __init__(self, channel: str, rate: float, site: PressureSite) -> None:
        super().__init__(channel, rate, WINDOW + 2.0)
        self._artefacts = PressureArtefacts(channel, rate, site)
        self._least_spread = LEAST_SPREAD[site]
        self._good: deque[PressureBeat] = deque(maxlen=_NEIGHBOURS)
        self._unlike = 0
        self._r_peaks: deque[float] = deque(maxlen=64)
        self._start, self._end = -np.inf, -np.inf
        """Counts of the last beat's troughs."""

    @property
    def line_response(self) -> FlushResponse | None:
        """How well the line follows, from the last flush; None while none was seen."""
        return self._artefacts.response

    def note_r_peak(self, time: float) -> None:
        """Tell the source time of an R peak, so that its beat can be matched to it."""
        self._r_peaks.append(time)

    def _disturbances(self, since: int) -> Iterable[Mark]:
        return self._artefacts.look(self.ring, since)

    def _forget(self) -> None:
        self._start = self._end = -np.inf
        self._r_peaks.clear()

    def _beats(self, final: bool) -> Iterator[PressureBeat]:
        first, values = self.ring.last(WINDOW)
        missing = np.isnan(values)
        rate = self.ring.rate
        if len(values) < _LEAST * rate or missing.all():
            return
        filled = np.where(missing, np.nanmedian(values), values)
        usable = filled[self._undisturbed(first, missing)]
        usual = robust_range(usable if len(usable) > _LEAST * rate else filled)
        if roughness(filled, rate) > NOISIEST or usual <= 0.0:
            return
        peaks = pulse_peaks(filled, rate, usual)
        ends = troughs(filled, peaks) + _last_trough(filled, peaks, usual, rate)
        for start, peak, end in zip(ends, peaks[1:], ends[1:], strict=False):
            late = first + start > self._start + 0.2 * rate
            if late and first + start >= self._end - 0.15 * rate:
                yield self._beat(filled, first, start, peak, end)

    def _undisturbed(self, first: int, missing: BoolArray) -> BoolArray:
        keep, ring = ~missing, self.ring
        for mark in self.book.touching(ring.time_of(first), ring.end_time):
            start = max(ring.count_of(mark.start) - first, 0)
            keep[start : max(ring.count_of(mark.end) - first, start)] = False
        return keep

    def _beat(
        self, filled: FloatArray, first: int, start: int, peak: int, end: int
    ) -> PressureBeat:
        rate = self.ring.rate
        self._start, self._end = first + start, first + end
        values = filled[start:end]
        contour = pulse_contour(values, rate, peak - start)
        begin, stop = self.ring.time_of(first + start), self.ring.time_of(first + end)
        beat = PressureBeat(
            begin, stop, begin + contour.foot, self.ring.time_of(first + peak),
            float(filled[peak]), float(filled[start]), float(values.mean()), np.nan,
            contour.steepest, begin + contour.notch, contour.notch_pressure, contour.area,
            self._r_peak_of(begin + contour.foot), self.book.reason(begin, stop),
        )  # fmt: skip
        if not beat.rejected:
            beat = replace(beat, rejected=self._unlike_neighbours(beat))
        if not beat.rejected:
            self._good.append(beat)
        return replace(beat, running_mean=self._running_mean())

    def _unlike_neighbours(self, beat: PressureBeat) -> str:
        """Why a beat is no pulse like the last ones, or nothing."""
        found = ""
        if len(self._good) >= _FEWEST_NEIGHBOURS:
            for name in ("systolic", "pulse"):
                series = np.array([getattr(good, name) for good in self._good])
                spread = max(robust_spread(series), self._least_spread)
                off = getattr(beat, name) - float(np.median(series))
                if abs(off) > OUTLIER * spread:
                    found = f"{self.channel}: {name} pressure {off / MMHG:+.0f} mmHg off the rest"
        self._unlike = self._unlike + 1 if found else 0
        if self._unlike >= _AGREEING:
            self._good.clear()
            self._unlike = 0
            return ""
        return found

    def _running_mean(self) -> float:
        last = list(self._good)[-RUNNING:]
        lengths = [beat.end - beat.start for beat in last]
        return float(np.average([b.mean for b in last], weights=lengths)) if last else np.nan

    def _r_peak_of(self, foot: float) -> float:
        near = [r for r in self._r_peaks if EARLIEST_FOOT <= foot - r <= LATEST_FOOT]
        return near[-1] if near else np.nan


def _last_trough(values: FloatArray, peaks: list[int], usual: float, rate: float) -> list[int]:
    """The trough after the last peak, once the pressure rose again, not to a dicrotic wave."""
    if not peaks:
        return []
    tail = values[peaks[-1] :]
    lowest = int(tail.argmin())
    after = tail[max(lowest, round(SHORTEST_BEAT * rate)) :]
    risen = lowest > 0 and len(after) > 0 and after.max() - tail[lowest] >= PEAK_SHARE * usual
    return [peaks[-1] + lowest] if risen else []
