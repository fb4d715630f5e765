"""The conduction system as a graph that can be drawn: places, cables, branches, junctions."""

import itertools
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from organtwin.arrays import FloatArray, IntArray


class Branch(IntEnum):
    """What a cable of the conduction system belongs to."""

    TERMINAL_CREST = 0
    BACHMANN_BUNDLE = 1
    AV_NODE = 2
    HIS_BUNDLE = 3
    LEFT_BUNDLE = 4
    LEFT_ANTERIOR_FASCICLE = 5
    LEFT_SEPTAL_FASCICLE = 6
    LEFT_POSTERIOR_FASCICLE = 7
    RIGHT_BUNDLE = 8
    MODERATOR_BAND = 9
    RIGHT_POSTERIOR_DIVISION = 10


ATRIAL_TRACTS = (Branch.TERMINAL_CREST, Branch.BACHMANN_BUNDLE)
"""Muscle of the atria that conducts fast: no cable of its own, but tied to its surroundings."""

LEFT_TREE = (
    Branch.LEFT_BUNDLE, Branch.LEFT_ANTERIOR_FASCICLE, Branch.LEFT_SEPTAL_FASCICLE,
    Branch.LEFT_POSTERIOR_FASCICLE,
)  # fmt: skip
RIGHT_TREE = (Branch.RIGHT_BUNDLE, Branch.MODERATOR_BAND, Branch.RIGHT_POSTERIOR_DIVISION)


@dataclass(frozen=True, eq=False, slots=True)
class ConductionNetwork:
    """Cables between places of their own, and where they excite muscle.

    ``places`` ``(n, 3)`` [m]; ``cables`` ``(m, 2)`` pairs of places, ``branches`` ``(m,)`` values
    of ``Branch``; ``lengths`` ``(m,)`` [m]. Junctions ``(k,)``: ``junction_places`` among the
    places, ``junction_nodes`` of the tissue, ``junction_branches``. ``sinus_node``: node of the
    tissue, -1 without a right atrium. ``av_entry`` and ``av_exit``: places at both ends of the AV
    node.
    """

    places: FloatArray
    cables: IntArray
    branches: IntArray
    lengths: FloatArray
    junction_places: IntArray
    junction_nodes: IntArray
    junction_branches: IntArray
    sinus_node: int
    av_entry: int
    av_exit: int


class Growing:
    """A network while it grows: branches are added as polylines."""

    def __init__(self) -> None:
        self._places: list[FloatArray] = []
        self._cables: list[tuple[int, int]] = []
        self._branches: list[int] = []
        self._junctions: list[tuple[int, int, int]] = []
        self.n_places = 0

    def place(self, point: FloatArray) -> int:
        """A place of its own; its number."""
        self._places.append(np.asarray(point, np.float64))
        self.n_places += 1
        return self.n_places - 1

    def branch(self, kind: Branch, points: FloatArray, start: int | None = None) -> list[int]:
        """A polyline ``(k, 3)``; ``start`` is the place its first point is already known as."""
        numbers = [self.place(points[0]) if start is None else start]
        numbers += [self.place(point) for point in points[1:]]
        for a, b in itertools.pairwise(numbers):
            self._cables.append((a, b))
            self._branches.append(kind)
        return numbers

    def junction(self, kind: Branch, place: int, node: int) -> None:
        """Tie a place to a node of the tissue."""
        self._junctions.append((place, int(node), kind))

    def finished(self, *, sinus_node: int, av_entry: int, av_exit: int) -> ConductionNetwork:
        """The network; lengths are those of the straight pieces."""
        places = np.array(self._places).reshape(-1, 3)
        cables = np.array(self._cables, np.int32).reshape(-1, 2)
        junctions = np.array(self._junctions, np.int32).reshape(-1, 3)
        lengths = np.linalg.norm(places[cables[:, 1]] - places[cables[:, 0]], axis=1)
        return ConductionNetwork(
            places, cables, np.array(self._branches, np.int32), lengths,
            junctions[:, 0].copy(), junctions[:, 1].copy(), junctions[:, 2].copy(),
            sinus_node, av_entry, av_exit,
        )  # fmt: skip
