"""A fact about a geometry file that the user should see before trusting the heart in it."""

import dataclasses
from dataclasses import dataclass
from enum import Enum

import numpy as np

from organtwin.arrays import FloatArray


class GeometryFindingKind(Enum):
    """What sort of fact; the window chooses icon and question by it."""

    CONFIRM = "to confirm"
    """Taken to be so for the reason given; the file does not say it."""
    REPAIRED = "repaired"
    """Was wrong in the file and has been put right."""
    DEFECT = "defect"
    """Is wrong, and left as it is."""
    NOT_USED = "not used"
    """Read from the file and not taken up."""
    TOLD = "told"
    """Worth knowing."""


def _nowhere() -> FloatArray:
    return np.empty((0, 3))


@dataclass(frozen=True, eq=False)
class GeometryFinding:
    """One fact; ``places`` ``(k, 3)`` [m] in patient axes are where to look, possibly nowhere."""

    kind: GeometryFindingKind
    field: str
    text: str
    places: FloatArray = dataclasses.field(default_factory=_nowhere)

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.field}: {self.text}"


Findings = tuple[GeometryFinding, ...]


def without_repeats(findings: Findings) -> Findings:
    """Findings of several files of one heart, equal ones told once."""
    kept: dict[str, GeometryFinding] = {}
    for finding in findings:
        kept.setdefault(f"{finding} {finding.places.tobytes().hex()}", finding)
    return tuple(kept.values())


def place_text(point: FloatArray) -> str:
    """A place for messages, in the millimetres that viewers show."""
    x, y, z = 1e3 * np.asarray(point, float)
    return f"({x:.1f}, {y:.1f}, {z:.1f}) mm"
