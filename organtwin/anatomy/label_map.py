"""A segmented heart on a regular grid: what every way into the program leads to.

Segmentations are label maps already; closed surfaces, contour sets and tetrahedra of other
programs are filled into one. All meshes of a patient's own heart are made from it.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray

LabelArray = NDArray[np.uint8]


class Structure(IntEnum):
    """What a voxel is. ``HEART`` is the whole organ undivided, muscle and blood."""

    BACKGROUND = 0
    LV_MUSCLE = 1
    RV_MUSCLE = 2
    LA_MUSCLE = 3
    RA_MUSCLE = 4
    LV_BLOOD = 5
    RV_BLOOD = 6
    LA_BLOOD = 7
    RA_BLOOD = 8
    AORTA = 9
    PULMONARY_ARTERY = 10
    SYSTEMIC_VEIN = 11
    PULMONARY_VEIN = 12
    HEART = 13


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Voxels with a meaning.

    ``labels`` ``(nx, ny, nz)`` values of ``Structure``; ``affine`` ``(4, 4)`` leads from voxel
    indices to patient axes, LPS [m]. ``AORTA`` and the other vessels are wall and blood together.
    """

    labels: LabelArray
    affine: FloatArray

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel [m3]."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    def volume(self, structure: Structure) -> float:
        """Volume [m3] that carries a label."""
        return float(np.count_nonzero(self.labels == structure)) * self.voxel_volume
