"""Where an accessory pathway can cross from atrium to ventricle.

The annuli of mitral and tricuspid valve are where atrial and ventricular muscle come near each
other beside the blood. Around each, places are prepared every 15 degrees; a pathway takes the
nearest of them. Angles are seen from the apex: 0 lateral, away from the other valve, positive
towards the front (pi/2 anterior, +-pi septal, -pi/2 inferior).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue

Indices = NDArray[np.integer]

N_ANGLES = 24

_REACH = 8e-3
"""Atrial and ventricular muscle farther apart than this [m] are not joined by one strand."""

_HEAD, _FRONT = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])


class Annulus(IntEnum):
    """The valve a pathway runs beside."""

    MITRAL = 0
    TRICUSPID = 1


_SIDES = {
    Annulus.MITRAL: (Region.LA, (Region.LV, Region.SEPTUM), Cavity.LV),
    Annulus.TRICUSPID: (Region.RA, (Region.RV, Region.SEPTUM), Cavity.RV),
}


@dataclass(frozen=True, slots=True)
class Pathway:
    """A strand of muscle across an annulus; ``angle`` [rad] as above, ``delay`` [s]."""

    annulus: Annulus
    angle: float
    delay: float = 10e-3


@dataclass(frozen=True, eq=False, slots=True)
class Crossings:
    """Places for pathways: ``annuli``, ``angles`` [rad], ``atrial`` and ``ventricular`` nodes.

    All ``(k,)``; none where a heart has no atrium.
    """

    annuli: IntArray
    angles: FloatArray
    atrial: IntArray
    ventricular: IntArray

    def nearest(self, pathway: Pathway) -> int:
        """Row of the place nearest to a pathway.

        Raises
        ------
        InputError
            The heart has no such annulus.
        """
        own = np.flatnonzero(self.annuli == pathway.annulus)
        if len(own) == 0:
            raise InputError(
                "conduction", "pathway", expected="an atrium above that valve", got="none",
                remedy="Choose the other side, or a heart with atria.",
            )  # fmt: skip
        off = np.abs(np.angle(np.exp(1j * (self.angles[own] - pathway.angle))))
        return int(own[np.argmin(off)])


def crossings(tissue: ElectricTissue) -> Crossings:
    """All places around both annuli where a pathway can be put."""
    rings = {annulus: _ring(tissue, annulus) for annulus in Annulus}
    middles = {
        annulus: tissue.nodes[ring[:, 1]].mean(axis=0)
        for annulus, ring in rings.items() if len(ring)
    }  # fmt: skip
    rows: list[tuple[int, float, int, int]] = []
    for annulus, ring in rings.items():
        if len(ring) == 0:
            continue
        other = middles.get(Annulus(1 - annulus))
        angle = _angles(tissue, ring, middles[annulus], other)
        for wanted in np.arange(N_ANGLES) * 2 * np.pi / N_ANGLES - np.pi:
            off = np.abs(np.angle(np.exp(1j * (angle - wanted))))
            best = int(np.argmin(off))
            rows.append((annulus, float(wanted), int(ring[best, 0]), int(ring[best, 1])))
    table = np.array(rows).reshape(-1, 4)
    return Crossings(
        table[:, 0].astype(np.int32), table[:, 1], table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
    )  # fmt: skip


def _ring(tissue: ElectricTissue, annulus: Annulus) -> Indices:
    """Pairs of an atrial and a ventricular node on both sides of an annulus."""
    atrium, walls, chamber = _SIDES[annulus]
    above = tissue.touching(atrium)
    below = np.intersect1d(
        tissue.touching(*walls), np.unique(tissue.endocardium(chamber))
    )  # fmt: skip
    if len(above) == 0 or len(below) == 0:
        return np.zeros((0, 2), np.int64)
    distance, nearest = cKDTree(tissue.nodes[above]).query(tissue.nodes[below])
    near = distance < _REACH
    return np.stack([above[nearest[near]], below[near]], axis=1)


def _angles(
    tissue: ElectricTissue, ring: Indices, middle: FloatArray, other: FloatArray | None
) -> FloatArray:
    """Angle of each pair around the annulus, 0 lateral, positive towards the front."""
    out = tissue.nodes[ring[:, 1]] - middle
    normal = np.linalg.svd(out, full_matrices=False)[2][2]
    lateral = middle - other if other is not None else np.array([1.0, 0.0, 0.0])
    lateral = lateral - (lateral @ normal) * normal
    lateral /= np.linalg.norm(lateral)
    front = np.cross(normal, lateral)
    front *= np.sign(front @ (_FRONT + _HEAD))
    return np.asarray(np.arctan2(out @ front, out @ lateral))
