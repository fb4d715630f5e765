"""What the user marked on the heart: landmarks and measurements, tied to it so that they beat."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from organtwin.anatomy.anchor import Anchor, anchor_of
from organtwin.anatomy.measuring import angle_at_middle, path_length, polygon_area
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.units import CM2, MM


class Kind(StrEnum):
    """A kind of marking."""

    LANDMARK = "landmark"
    DISTANCE = "distance"
    ANGLE = "angle"
    AREA = "area"


POINTS: dict[Kind, int] = {Kind.LANDMARK: 1, Kind.DISTANCE: 2, Kind.ANGLE: 3}
"""Points of a marking that is finished by its last click; an area is closed by hand."""
LEAST_CORNERS = 3
UNITS: dict[Kind, tuple[float, int, str]] = {
    Kind.DISTANCE: (1.0 / MM, 1, " mm"),
    Kind.ANGLE: (180.0 / math.pi, 0, "°"),
    Kind.AREA: (1.0 / CM2, 2, " cm²"),
}
"""How a value is written: its factor from SI, its decimals and its unit."""


@dataclass(frozen=True, slots=True)
class Marking:
    """``anchors`` in the order they were set."""

    kind: Kind
    name: str
    anchors: tuple[Anchor, ...]

    def value(self, places: FloatArray) -> float | None:
        """Distance [m], angle [rad] or area [m2] of its ``places`` ``(n, 3)``; None for a point."""
        if self.kind is Kind.DISTANCE:
            return path_length(places)
        if self.kind is Kind.ANGLE:
            return angle_at_middle(places)
        return polygon_area(places) if self.kind is Kind.AREA else None

    def to_dict(self) -> dict[str, object]:
        """Plain values for a file."""
        anchors = [anchor.to_dict() for anchor in self.anchors]
        return {"kind": str(self.kind), "name": self.name, "anchors": anchors}


def marking_of(entry: Mapping[str, object], source: str) -> Marking:
    """The marking that ``to_dict`` wrote.

    Raises
    ------
    InputError
        The entry is no marking.
    """
    kind, name, anchors = (entry.get(key) for key in ("kind", "name", "anchors"))
    known = isinstance(kind, str) and kind in set(Kind)
    if not (known and isinstance(name, str) and isinstance(anchors, list)):
        raise InputError(
            source, "marking", expected=f"name, anchors and a kind of {', '.join(Kind)}",
            got=repr(dict(entry)), remedy="Set the marking anew in the picture.",
        )  # fmt: skip
    made = Marking(Kind(str(kind)), name, tuple(anchor_of(anchor, source) for anchor in anchors))
    wanted = POINTS.get(made.kind)
    if len(made.anchors) != wanted and (wanted or len(made.anchors) < LEAST_CORNERS):
        raise InputError(
            source, "marking.anchors", expected=f"{wanted or 'three or more'} anchors",
            got=str(len(made.anchors)), remedy="Set the marking anew in the picture.",
        )  # fmt: skip
    return made


def next_name(kind: Kind, markings: Sequence[Marking]) -> str:
    """E.g. ``Distance 2``: the first that is free."""
    taken = {marking.name for marking in markings}
    number = 1
    while f"{kind.capitalize()} {number}" in taken:
        number += 1
    return f"{kind.capitalize()} {number}"
