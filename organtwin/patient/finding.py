"""A fact about a record that the user should see before trusting it."""

from dataclasses import dataclass
from enum import Enum


class FindingKind(Enum):
    """What sort of fact; the window chooses icon and place by it."""

    CONTRADICTION = "contradiction"
    """Two entries cannot both be right within their stated doubt. Nothing was averaged away."""
    ASSUMED_SD = "assumed uncertainty"
    """No standard deviation was given; the documented default is used."""
    GAP = "gap"
    """Samples that the file itself marks as missing."""
    NOT_USED = "not used"
    """Something read from a file that the record does not take up, and why."""
    DETECTED = "detected"
    """Computed from a waveform by this program while reading."""
    QUESTION = "question"
    """A free text mentions what the case does not state; only a person can say whether it holds."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; ``names`` are measurements, of a ``GAP`` leads, of a ``QUESTION`` conditions."""

    kind: FindingKind
    text: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.text}"
