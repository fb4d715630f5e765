"""A place in a heart that moves with it: weights on points of its surface or of its tissue."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray, RealArray
from organtwin.errors import InputError

SURFACE, TISSUE = "surface", "tissue"
"""What an anchor hangs on."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """``nodes`` are indices in ``ground``, ``SURFACE`` or ``TISSUE``; ``weights`` sum to 1.

    ``of`` is how many nodes that ground had when the anchor was set, 0 where nobody noted it: in a
    heart with another number the same indices are other places.
    """

    ground: str
    nodes: tuple[int, ...]
    weights: tuple[float, ...]
    of: int = 0

    def fits(self, count: int) -> bool:
        """Whether a ground of so many nodes is the one that it was set on, as far as is known."""
        return max(self.nodes) < count and self.of in (0, count)

    def place(self, points: RealArray) -> FloatArray:
        """Where it is ``(3,)`` [m] when surface or tissue is at ``points`` ``(n, 3)``."""
        return np.asarray(np.array(self.weights) @ points[list(self.nodes)].astype(np.float64))

    def to_dict(self) -> dict[str, object]:
        """Plain values for a file."""
        told: dict[str, object] = {
            "on": self.ground, "nodes": list(self.nodes), "weights": list(self.weights)
        }  # fmt: skip
        return {**told, "of": self.of} if self.of else told


def anchor_of(entry: Mapping[str, object], source: str) -> Anchor:
    """The anchor that ``to_dict`` wrote.

    Raises
    ------
    InputError
        The entry is no anchor.
    """
    ground, nodes, weights = (entry.get(name) for name in ("on", "nodes", "weights"))
    of = entry.get("of", 0)
    if (
        ground in (SURFACE, TISSUE)
        and isinstance(nodes, list)
        and isinstance(weights, list)
        and len(nodes) == len(weights) > 0
        and all(isinstance(node, int) and node >= 0 for node in nodes)
        and all(isinstance(weight, int | float) for weight in weights)
        and abs(sum(weights) - 1.0) < 1e-3
        and isinstance(of, int)
        and of >= 0
    ):
        return Anchor(str(ground), tuple(nodes), tuple(float(weight) for weight in weights), of)
    raise InputError(
        source, "anchor", expected="on, nodes, weights that sum to 1, perhaps of",
        got=repr(dict(entry)),
        remedy="Set the marking anew in the picture.",
    )  # fmt: skip
