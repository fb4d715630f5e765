"""A fact about the geometry of a heart that the user should see before trusting it."""

import dataclasses
from dataclasses import dataclass
from enum import Enum

import numpy as np

from organtwin.anatomy.label_map import Structure
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
    REFUSED = "refused"
    """No heart is made of this."""


def _nowhere() -> FloatArray:
    return np.empty((0, 3))


@dataclass(frozen=True, eq=False)
class GeometryFinding:
    """One fact; ``places`` ``(k, 3)`` [m] in patient axes are where to look, possibly nowhere.

    ``remedy`` is what the user can do; ``structure`` the part of the heart, where it is of one.
    """

    kind: GeometryFindingKind
    field: str
    text: str
    places: FloatArray = dataclasses.field(default_factory=_nowhere)
    remedy: str = ""
    structure: Structure | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.field}: {self.text}"


Findings = tuple[GeometryFinding, ...]


def without_repeats(findings: Findings) -> Findings:
    """Findings of several files of one heart, equal ones told once."""
    kept: dict[str, GeometryFinding] = {}
    for finding in findings:
        kept.setdefault(f"{finding} {finding.places.tobytes().hex()}", finding)
    return tuple(kept.values())


def label_finding(
    structure: Structure | None,
    text: str,
    where: tuple[float, float, float] | None,
    kind: GeometryFindingKind,
    remedy: str,
) -> GeometryFinding:
    """A fact about labelled voxels; ``where`` [m], or None where there is no one place."""
    places = _nowhere() if where is None else np.array([where])
    return GeometryFinding(kind, "labels", text, places, remedy, structure)


def sentence(finding: GeometryFinding) -> str:
    """For people: what is so, and what can be done, or else what it is about."""
    text = finding.text.rstrip(".")
    told = f"{text}. {finding.remedy}" if finding.remedy else f"{finding.field}: {text}."
    return told[:1].upper() + told[1:]


def place_text(point: FloatArray) -> str:
    """A place for messages, in the millimetres that viewers show."""
    x, y, z = np.round(1e3 * np.asarray(point, float), 1) + 0.0  # no minus zero
    return f"({x:.1f}, {y:.1f}, {z:.1f}) mm"
