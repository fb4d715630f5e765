"""What is found out about a segmented heart that its owner should know."""

from dataclasses import dataclass
from enum import Enum

from organtwin.anatomy.label_map import Structure


class Severity(Enum):
    """What became of a fault."""

    REPAIRED = "repaired"
    REFUSED = "refused"
    TOLD = "told"


@dataclass(frozen=True)
class Finding:
    """Something about a label map that its owner should know.

    ``where`` is a place in patient axes (LPS) [m], or None where there is no one place.
    """

    structure: Structure | None
    what: str
    where: tuple[float, float, float] | None
    severity: Severity
    remedy: str
