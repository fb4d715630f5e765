"""What disturbs an ECG lead: electrocautery, flat line, clipping, motion.

Electrocautery is rough all the time, a QRS complex for a tenth of a second: blocks of 0.1 s in a
row that change as fast as the complexes, from sample to sample too. Where only slower change is as
large it is motion, as is a shift of the line that the complexes stand on by more than their height.
Clipping repeats the extreme value. A lead turned round is found from the shape of its beats, in
``ecg_beats``.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.r_peaks import FLAT
from organtwin.patient.streaming.marks import ArtefactKind, Mark
from organtwin.patient.streaming.ring import Ring
from organtwin.patient.streaming.stretches import quiet, runs

CONTEXT = 3.0
"""[s] before the new samples that are looked at again, because a disturbance needs its length."""
BLOCK = 0.1
SPAN = 0.020
"""[s] over which change is measured: 50 Hz hum, in which beats are found all the same, has none."""
ROUGH = 0.4
"""Of the usual complex, in ``ROUGH_BLOCKS`` in a row. It marks nothing in half an hour of MIT-BIH
100, and the movements in or-sample_record2; the noise of a cautery is several times a complex."""
ROUGH_BLOCKS = 3
FLAT_TIME = 2.0
"""[s] No rhythm that needs no resuscitation pauses longer."""
CLIP_TIME = 0.04
"""[s] A QRS complex stays on its peak for some 10 ms."""
SHIFT = 1.5
"""Heights of the usual complex by which the line may move within the window."""
_LINE = 0.4
"""[s] A running mean so wide shows the line and not the complexes."""
_LEARNT = 30


class EcgArtefacts:
    """Looks for disturbances in a lead of ``rate`` [Hz]."""

    def __init__(self, lead: str, rate: float) -> None:
        self._lead = lead
        self._rate = rate
        self._roughness: deque[float] = deque(maxlen=_LEARNT)
        self._fineness: deque[float] = deque(maxlen=_LEARNT)
        self._heights: deque[float] = deque(maxlen=_LEARNT)
        """Of single undisturbed seconds."""

    def look(self, ring: Ring, since: int) -> Iterator[Mark]:
        """Marks in samples with counts from ``since`` on."""
        start = max(since - round(CONTEXT * self._rate), ring.first)
        values = ring.piece(start, ring.end)
        if len(values) < self._rate:
            return
        found = list(self._found(values, max(since - start, 0)))
        for first, stop, kind, text in found:
            begin, end = ring.time_of(start + first), ring.time_of(start + stop)
            yield Mark(begin, end, kind, self._lead, f"{self._lead}: {text}")
        newest = len(values) - round(self._rate)
        if all(stop <= newest for _, stop, _, _ in found):
            self._learn(values[newest:])

    def _learn(self, second: FloatArray) -> None:
        if np.isfinite(second).all():
            self._roughness.append(float(self._blocks(second).max()))
            self._fineness.append(float(self._blocks(second, fine=True).max()))
            self._heights.append(float(np.ptp(second)))

    def _found(self, values: FloatArray, new: int) -> Iterator[tuple[int, int, ArtefactKind, str]]:
        flat = quiet(values, round(FLAT_TIME * self._rate), FLAT)
        for a, b in runs(flat):
            yield a, b, ArtefactKind.FLAT, "flat line, an electrode is off or the heart pauses"
        if not flat.any():
            for a, b in self._clipped(values):
                yield a, b, ArtefactKind.CLIPPED, "clipped at the end of the recorder's range"
        if len(self._heights) < 3:
            return
        width = round(BLOCK * self._rate)
        rough = self._blocks(values) > ROUGH * float(np.median(self._roughness))
        fine = self._blocks(values, fine=True) > ROUGH * float(np.median(self._fineness))
        for a, b in runs(rough, ROUGH_BLOCKS):
            if fine[a:b].mean() > 0.5:
                yield a * width, b * width, ArtefactKind.CAUTERY, "noise as of electrocautery"
            else:
                yield a * width, b * width, ArtefactKind.MOTION, "moves as fast as a beat does"
        yield from self._moved(values)

    def _moved(self, values: FloatArray) -> Iterator[tuple[int, int, ArtefactKind, str]]:
        if not np.isfinite(values).any():
            return
        width = round(_LINE * self._rate)
        filled = np.where(np.isnan(values), np.nanmedian(values), values)
        line = np.convolve(filled, np.full(width, 1.0 / width), mode="same")
        half = width // 2
        line[:half], line[len(line) - half :] = line[half], line[len(line) - half - 1]
        limit = SHIFT * float(np.median(self._heights))
        for a, b in runs(np.abs(line - np.median(line)) > limit):
            yield a, b, ArtefactKind.MOTION, "the line moves, as when the patient is moved"

    def _blocks(self, values: FloatArray, fine: bool = False) -> FloatArray:
        """Root mean square of the change within ``SPAN`` in blocks [V]; gaps count as smooth.

        With ``fine``, of the second difference of neighbouring samples.
        """
        width, span = max(round(BLOCK * self._rate), 3), max(round(SPAN * self._rate), 1)
        rough = np.zeros(len(values))
        if fine:
            rough[2:] = np.diff(values, 2)
        else:
            rough[span:] = values[span:] - values[:-span]
        n = len(values) // width
        blocks = np.nan_to_num(rough[: n * width]).reshape(n, width)
        return np.asarray(np.sqrt((blocks**2).mean(axis=1)))

    def _clipped(self, values: FloatArray) -> Iterator[tuple[int, int]]:
        if not np.isfinite(values).any():
            return
        least = max(round(CLIP_TIME * self._rate), 3)
        for extreme in (np.nanmax(values), np.nanmin(values)):
            yield from runs(values == extreme, least)
