"""What a pressure usually is, and what it means when it stays otherwise.

The usual is the median of lowest, mean and highest pressure over the two-second windows of the last
undisturbed minute. A window that differs in one of the ways below is not learnt, so that a
disturbance does not become the usual; a shift that could be the patient is learnt after a while. A
jump is one from the windows some four seconds before: a patient's pressure takes many steps.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from organtwin.patient.streaming.marks import ArtefactKind
from organtwin.patient.streaming.pressure_sites import PressureSite
from organtwin.units import MMHG

MINUTE = 60.0
_FEWEST = 4
_SKIPPED = 4
"""Learnt windows that may hold the jump itself: they are two seconds long, half a second apart."""
COLLAPSED = 0.5
"""Of the usual range, below which a pulse has collapsed."""
KEPT = 0.15
"""Of the usual mean: a damped line keeps its mean within this, or within 4 mmHg."""
WEDGED = 0.3
"""Of the usual pulse above the usual diastolic: a wedged catheter's mean is at most there."""
SAME_FACTOR = 0.04
UNIT_FACTORS = (
    (7.5006, "kPa shown as mmHg or back"), (1 / 7.5006, "kPa shown as mmHg or back"),
    (1.3595, "mmHg shown as cmH2O or back"), (1 / 1.3595, "mmHg shown as cmH2O or back"),
    (10.0, "a factor of ten"), (0.1, "a factor of ten"), (-1.0, "polarity turned"),
)  # fmt: skip
SHIFTED, SAME_SHIFT = 15 * MMHG, 3 * MMHG
"""A transducer moved by 20 cm shifts all pressures by 15 mmHg, and each by the same."""
GIVES_IN = {
    ArtefactKind.JUMP: 30.0,
    ArtefactKind.DAMPED: 300.0,
    ArtefactKind.WEDGE: 300.0,
    ArtefactKind.MOTION: 15.0,
}
"""[s] after which what stays is the usual: a patient may have changed. Not for units or polarity,
and not while samples show a flush or an open line."""


@dataclass(frozen=True, slots=True)
class Span:
    """Lowest, mean and highest pressure [Pa] of a window."""

    low: float
    mean: float
    high: float

    @property
    def range(self) -> float:
        return self.high - self.low


class PressureHabits:
    """The usual pressure at ``site``, learnt from window to window."""

    def __init__(self, site: PressureSite) -> None:
        self._site = site
        self._spans: deque[tuple[float, Span]] = deque()
        self._time = 0.0
        self._otherwise = 0.0
        """[s] for which windows have not been as usual."""
        self.usual: Span | None = None

    def judge(self, span: Span, passed: float, disturbed: bool) -> tuple[ArtefactKind, str] | None:
        """What a window shows, ``passed`` [s] after the last; learns it where it is undisturbed."""
        self._time += passed
        found = None if self.usual is None else self._otherwise_than(self.usual, span)
        if found is None and not disturbed:
            self._learn(span)
            return None
        self._otherwise += passed
        kind = ArtefactKind.MOTION if found is None else found[0]
        lasting = found is None or not found[1].startswith("jumped by a factor")
        if lasting and self._otherwise > GIVES_IN[kind] and self._alive(span):
            self._spans.clear()
            self.usual = None
            self._learn(span)
        return found

    def _alive(self, span: Span) -> bool:
        limits = self._site.value
        return span.range > 2.0 * limits.still and span.high < limits.flush

    def _learn(self, span: Span) -> None:
        self._otherwise = 0.0
        self._spans.append((self._time, span))
        while self._spans[0][0] < self._time - MINUTE:
            self._spans.popleft()
        if len(self._spans) >= _FEWEST:
            self.usual = _median([s for _, s in self._spans])

    def _otherwise_than(self, usual: Span, span: Span) -> tuple[ArtefactKind, str] | None:
        """The lasting change that a window shows."""
        if self._site is PressureSite.VENOUS:
            return None  # a venous pressure is small and flat enough to be any of these
        learnt = [s for _, s in self._spans]
        before = _median(learnt[-_SKIPPED - _FEWEST : -_SKIPPED] or learnt[:1])
        for factor, meaning in UNIT_FACTORS:
            if _scaled(before, span, factor):
                return ArtefactKind.JUMP, f"jumped by a factor of {factor:.3g}: {meaning}"
        moved = span.mean - before.mean
        if abs(moved) > SHIFTED and _shifted(before, span, moved):
            text = f"jumped by {moved / MMHG:+.0f} mmHg: the transducer or the patient was moved"
            return ArtefactKind.JUMP, text
        moved = span.mean - usual.mean
        if span.range >= COLLAPSED * usual.range:
            return None
        if self._site is PressureSite.PULMONARY and span.mean < usual.low + WEDGED * usual.range:
            return ArtefactKind.WEDGE, "the pulse is gone and the mean low: the catheter is wedged"
        if abs(moved) < max(KEPT * usual.mean, 4 * MMHG):
            return ArtefactKind.DAMPED, "the pulse collapsed while the mean is kept: damped"
        return None


def _median(spans: list[Span]) -> Span:
    table = np.array([(s.low, s.mean, s.high) for s in spans])
    low, mean, high = (float(x) for x in np.median(table, axis=0))
    return Span(low, mean, high)


def _scaled(usual: Span, span: Span, factor: float) -> bool:
    old = (usual.low, usual.mean, usual.high)
    new = (span.high, span.mean, span.low) if factor < 0 else (span.low, span.mean, span.high)
    return all(
        abs(b - factor * a) < SAME_FACTOR * abs(factor * a) for a, b in zip(old, new, strict=True)
    )


def _shifted(usual: Span, span: Span, moved: float) -> bool:
    return abs(span.low - usual.low - moved) < SAME_SHIFT > abs(span.high - usual.high - moved)
