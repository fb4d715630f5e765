"""Stretches of a channel that are not the patient: what they are, and which beats they touch."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum


class ArtefactKind(Enum):
    """What disturbs a signal; the value is the word that people read."""

    FLUSH = "flush"
    ZEROING = "zeroing"
    FLAT = "flat line"
    DAMPED = "damped"
    CAUTERY = "electrocautery"
    CLIPPED = "clipping"
    MOTION = "motion"
    WEDGE = "wedge"
    JUMP = "jump of unit or polarity"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Mark:
    """``kind`` on ``channel`` from source time ``start`` to ``end`` [s], said in ``sentence``."""

    start: float
    end: float
    kind: ArtefactKind
    channel: str
    sentence: str

    def touches(self, start: float, end: float) -> bool:
        return self.start <= end and start <= self.end


class MarkBook:
    """Marks of one channel, joined where windows overlap, each given out once when it is over.

    Marks older than ``seconds`` are forgotten.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._marks: deque[Mark] = deque()
        self._finished: list[Mark] = []

    def note(self, found: Iterable[Mark], join: float = 0.5) -> None:
        """Enter marks; one that comes within ``join`` [s] of one of its kind lengthens that."""
        for mark in found:
            near = [
                old
                for old in self._marks
                if old.kind is mark.kind and old.touches(mark.start - join, mark.end + join)
            ]
            for old in near:
                self._marks.remove(old)
            start = min([mark.start, *(old.start for old in near)])
            end = max([mark.end, *(old.end for old in near)])
            sentence = near[0].sentence if near else mark.sentence
            self._marks.append(replace(mark, start=start, end=end, sentence=sentence))

    def finish(self, before: float, now: float) -> list[Mark]:
        """Marks that ended before ``before`` and were not given out; forgets the oldest."""
        over = [m for m in self._marks if m.end < before and m not in self._finished]
        self._finished += over
        self._marks = deque(m for m in self._marks if m.end > now - self._seconds)
        self._finished = [m for m in self._finished if m in self._marks]
        return over

    def touching(self, start: float, end: float) -> list[Mark]:
        return [mark for mark in self._marks if mark.touches(start, end)]

    def reason(self, start: float, end: float, spare: frozenset[ArtefactKind] = frozenset()) -> str:
        """Sentences of the marks that touch a stretch, or nothing."""
        found = [m for m in self.touching(start, end) if m.kind not in spare]
        return "; ".join(dict.fromkeys(m.sentence for m in found))

    def clear(self) -> None:
        self._marks.clear()
        self._finished.clear()
