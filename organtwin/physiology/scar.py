"""Dead and stiff muscle: which patches of the pump a scar weakens, by segment of the LV.

    active stress x (1 - sum s l),   passive stress x (1 + sum s l (k - 1))

over the segments: s share of the patch that lies in the segment (on the template heart, written by
``scripts/build_patch_segments.py``), l share of its force lost, k how many times stiffer dead
muscle is.

How much muscle is lost is right, where it lies only in part: patches follow conduction from the
septum round to the lateral base, the front and the back of the heart together. An anterior scar
therefore weakens the inferior wall as well, each by half, and no patch moves outwards as a whole.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError
from organtwin.physiology.interface import PatchLayout
from organtwin.resources import asset

TABLE = "anatomy/patch_segments.csv"
LEFT_SEGMENTS = tuple(range(1, 18))


@dataclass(frozen=True, eq=False, slots=True)
class Scar:
    """Factors on active and passive fibre stress, ``(n_patches,)`` each."""

    active: FloatArray
    passive: FloatArray

    def joined(self, other: "Scar | None") -> "Scar":
        """Both scars in one heart."""
        if other is None:
            return self
        return Scar(self.active * other.active, self.passive * other.passive)


@cache
def _shares() -> FloatArray:
    """Share of each segment in each patch, ``(n_patches, 17)``."""
    with asset(TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    return np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])


def scar(losses: Mapping[int, float], stiffness: float, layout: PatchLayout) -> Scar:
    """The scar of segments (1 to 17) that lost a share (0 to 1) of their force each.

    Raises
    ------
    ParameterError
        The heart is divided otherwise than the template's table, a segment is unknown, or a loss is
        no share.
    """
    if layout != PatchLayout():
        raise ParameterError("a scar by segment needs the usual patches of the walls")
    bad = [f"{s}: {x:g}" for s, x in losses.items() if s not in LEFT_SEGMENTS or not 0 <= x <= 1]
    if bad:
        raise ParameterError(f"scar: expected segments 1 to 17 with a loss of 0 to 1, got {bad}")
    lost = np.array([losses.get(segment, 0.0) for segment in LEFT_SEGMENTS])
    share = _shares() @ lost
    return Scar(1.0 - share, 1.0 + share * (stiffness - 1.0))
