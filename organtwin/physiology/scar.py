"""Dead and stiff muscle: which patches of the pump a scar weakens, by segment of the LV.

    active stress x (1 - w),   passive stress x (1 + w (k - 1)),   w the force lost of a patch

with k how many times stiffer dead muscle is. Patches follow conduction from the septum round to the
lateral base, the front and the back of the heart together, so a patch holds on the average
sum s l over the segments: s share of the patch that lies in the segment (on the template heart,
written by ``scripts/build_patch_segments.py``), l share of its force lost. Muscle is dead or alive,
though, and dead muscle beside living one is stretched by it, which costs far more stroke than
muscle that is all half as strong. So along each wall the average is handed on from patch to patch
(error diffusion) until a whole one is lost: how much muscle is lost is right to the last part,
its place to about a patch, front and back still blurred. Measured on the default heart: an LAD
scar as averages left an ejection fraction of 49 %, as whole patches 39 %; published after
anterior infarction are 34 and 46 % (31 and 42 patients).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError
from organtwin.physiology.interface import PatchLayout, Wall
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


def scar(
    losses: Mapping[int, float], stiffness: float, layout: PatchLayout, right: float = 0.0,
    depth: float | None = None,
) -> Scar:  # fmt: skip
    """The scar of segments (1 to 17) that lost a share (0 to 1) of their force each.

    ``right``: share of the free wall of the RV that is dead. ``depth``: what muscle that is struck
    loses of its force, 1 where it is dead, so that a loss is the share of a segment that died;
    without it all of a segment is as weak as its loss says.

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
    if not 0.0 <= right <= 1.0:
        raise ParameterError(f"scar: expected a share of 0 to 1 of the RV, got {right:g}")
    lost = np.array([losses.get(segment, 0.0) for segment in LEFT_SEGMENTS])
    shares = _shares()
    average = shares @ lost
    struck = lost if depth is None else np.where(lost > 0.0, depth, 0.0)
    deepest = np.where(shares > 0.0, struck, 0.0).max(axis=1)
    free = layout.slice(Wall.RV)
    average[free], deepest[free] = right, float(right > 0.0)
    share = np.zeros(layout.total)
    for wall in (Wall.LV, Wall.SEPTUM, Wall.RV):
        part = layout.slice(wall)
        share[part] = _whole(average[part], deepest[part])
    return Scar(1.0 - share, 1.0 + share * (stiffness - 1.0))


def _whole(average: FloatArray, deepest: FloatArray) -> FloatArray:
    """Averages of the patches of a wall gathered into whole losses, their sum kept."""
    found, owed = np.zeros_like(average), 0.0
    for patch, limit in enumerate(deepest):
        owed += float(average[patch])
        found[patch] = limit if owed >= 0.5 * limit else 0.0
        owed -= float(found[patch])
    for patch in np.flatnonzero(deepest)[::-1]:  # what is left over, where there is room for it
        rest = float(np.clip(found[patch] + owed, 0.0, deepest[patch]))
        owed, found[patch] = owed - (rest - float(found[patch])), rest
    return found
