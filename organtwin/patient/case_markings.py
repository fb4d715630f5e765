"""The ``[[markings]]`` tables of a case file: landmarks and measurements on the heart."""

import math

from organtwin.anatomy.anchor import SURFACE, TISSUE, Anchor
from organtwin.anatomy.marking import LEAST_CORNERS, POINTS, Kind, Marking
from organtwin.patient.case_table import CaseTable

MARKING_KEYS = ("kind", "name", "anchors")
_ANCHOR_KEYS = ("on", "nodes", "weights", "of")
_SUM = 1e-3
"""By how much the weights of an anchor may miss 1."""
_AGAIN = "Set the marking anew in the picture."


def markings(tables: list[CaseTable]) -> tuple[Marking, ...]:
    """The markings, in the order of the file.

    Raises
    ------
    RecordError
        An entry is unknown or missing, a kind has another number of points, or a name comes twice.
    """
    found: list[Marking] = []
    for table in tables:
        marking = _marking(table)
        if marking.name in (other.name for other in found):
            raise table.error(
                "name", expected="another name for each marking", got=repr(marking.name),
                remedy="Rename one of the two.",
            )  # fmt: skip
        found.append(marking)
    return tuple(found)


def _marking(table: CaseTable) -> Marking:
    kind = Kind(table.choice("kind", tuple(Kind)))
    anchors = table.inner_tables("anchors", _ANCHOR_KEYS)
    wanted = POINTS.get(kind)
    if len(anchors) != wanted and (wanted or len(anchors) < LEAST_CORNERS):
        raise table.error(
            "anchors", expected=f"{wanted or 'three or more'} for a marking of kind '{kind}'",
            got=str(len(anchors)), remedy=_AGAIN,
        )  # fmt: skip
    return Marking(kind, table.text("name"), tuple(_anchor(anchor) for anchor in anchors))


def _anchor(table: CaseTable) -> Anchor:
    ground = table.choice("on", (SURFACE, TISSUE))
    nodes, weights = table.numbers("nodes"), table.numbers("weights")
    if not nodes or any(node < 0 or node != int(node) for node in nodes):
        raise table.error(
            "nodes", expected="whole numbers from 0", got=str(list(nodes)), remedy=_AGAIN
        )
    if len(weights) != len(nodes) or not math.isclose(sum(weights), 1.0, abs_tol=_SUM):
        raise table.error(
            "weights", expected=f"{len(nodes)} numbers that sum to 1", got=str(list(weights)),
            remedy=_AGAIN,
        )  # fmt: skip
    of = table.number("of") if "of" in table else 0.0
    if of < 0 or of != int(of):
        raise table.error("of", expected="a whole number of nodes", got=f"{of:g}", remedy=_AGAIN)
    return Anchor(ground, tuple(int(node) for node in nodes), weights, int(of))
