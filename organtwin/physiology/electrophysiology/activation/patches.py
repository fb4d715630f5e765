"""Which muscle belongs to which patch of the pump, and when each patch is excited.

The pump divides five walls into patches (``PatchLayout``): the left atrium and the right atrium are
one patch each; the free wall of the LV is the 12 of its 17 segments that are not septal (the apex
counts with them); the septum is its four basal and mid segments and the apical septal one, that one
in an inferior and an anterior half; the RV is a basal, a mid and an apical third in an inferior and
an anterior half, its outflow tract counting to the basal third. The delay of a patch is the mean
over its volume of the time at which its muscle is excited, because the patch contracts as one.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.regions import Segment
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.activation_map import ActivationMap
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue
from organtwin.physiology.interface import Activation, PatchLayout, Wall

LAYOUT = PatchLayout()

FREE_WALL = (
    Segment.BASAL_ANTERIOR, Segment.BASAL_INFERIOR, Segment.BASAL_INFEROLATERAL,
    Segment.BASAL_ANTEROLATERAL, Segment.MID_ANTERIOR, Segment.MID_INFERIOR,
    Segment.MID_INFEROLATERAL, Segment.MID_ANTEROLATERAL, Segment.APICAL_ANTERIOR,
    Segment.APICAL_INFERIOR, Segment.APICAL_LATERAL, Segment.APEX,
)  # fmt: skip
"""Segments of the 12 patches of the LV, in their order."""

SEPTUM = (
    Segment.BASAL_ANTEROSEPTAL, Segment.BASAL_INFEROSEPTAL, Segment.MID_ANTEROSEPTAL,
    Segment.MID_INFEROSEPTAL, Segment.APICAL_SEPTAL, Segment.APICAL_SEPTAL,
)  # fmt: skip
"""Segments of the six patches of the septum; of the apical two the second is the anterior half."""

RIGHT = (Segment.RV_BASAL, Segment.RV_MID, Segment.RV_APICAL)
"""Thirds of the RV: inferior halves are the first three patches, anterior halves the others."""

NOWHERE = -1


@dataclass(frozen=True, eq=False, slots=True)
class Patches:
    """Tetrahedra by patch.

    ``of_tet`` ``(n_tets,)`` patch or ``NOWHERE`` (papillary muscle); ``volumes`` ``(n_patches,)``
    [m3]; ``shares`` ``(n_patches,)`` of the volume of their wall, 0 in a wall the heart lacks.
    """

    layout: PatchLayout
    of_tet: IntArray
    volumes: FloatArray
    shares: FloatArray

    def delays(self, tissue: ElectricTissue, activated: ActivationMap) -> FloatArray:
        """Mean time ``(n_patches,)`` [s] at which each patch is excited.

        Muscle that excitation does not reach does not count. NaN for patches without muscle or
        that excitation does not reach at all.
        """
        times = activated.times[tissue.tets].mean(axis=1)
        counted = (self.of_tet != NOWHERE) & np.isfinite(times)
        own, volume = self.of_tet[counted], tissue.volumes()[counted]
        weight = np.bincount(own, volume, minlength=self.layout.total)
        total = np.bincount(own, volume * times[counted], minlength=self.layout.total)
        return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def patches(tissue: ElectricTissue) -> Patches:
    """Divide the muscle of a heart into the patches of the pump."""
    of_tet = np.full(len(tissue.tets), NOWHERE, np.int32)
    turn = np.angle(np.exp(1j * tissue.rotational[tissue.tets]).mean(axis=1))
    segments = tissue.segments
    of_tet[segments == Segment.LEFT_ATRIUM] = LAYOUT.slice(Wall.LA).start
    of_tet[segments == Segment.RIGHT_ATRIUM] = LAYOUT.slice(Wall.RA).start
    for number, segment in enumerate(FREE_WALL):
        of_tet[segments == segment] = LAYOUT.slice(Wall.LV).start + number
    septum, right = LAYOUT.slice(Wall.SEPTUM).start, LAYOUT.slice(Wall.RV).start
    for number, segment in enumerate(SEPTUM):
        of_tet[segments == segment] = septum + number
    of_tet[(segments == Segment.APICAL_SEPTAL) & (turn <= 0.0)] = septum + len(SEPTUM) - 2
    anterior = np.where(turn > 0.0, len(RIGHT), 0)
    for number, segment in enumerate(RIGHT):
        own = segments == segment
        if segment is Segment.RV_BASAL:
            own |= segments == Segment.RV_OUTFLOW
        of_tet[own] = right + number + anterior[own]
    inside = of_tet != NOWHERE
    weights = tissue.volumes()[inside]
    volumes = np.bincount(of_tet[inside], weights, minlength=LAYOUT.total).astype(np.float64)
    return Patches(LAYOUT, of_tet, volumes, _shares(volumes))


def _shares(volumes: FloatArray) -> FloatArray:
    shares = np.zeros_like(volumes)
    for wall in Wall:
        own = LAYOUT.slice(wall)
        whole = volumes[own].sum()
        if whole > 0.0:
            shares[own] = volumes[own] / whole
    return shares


def pump_activation(tissue: ElectricTissue, parts: Patches, activated: ActivationMap) -> Activation:
    """What the pump needs of one activation.

    Ventricular delays count from ``ActivationMap.reference``, the exit of the AV node if the
    impulse comes through it; pacing ahead of it makes them negative. The pump has its own delay
    between the atria, so the atria get 0 (``interatrial_delay`` tells what it is here). A patch
    that is not excited, or that the heart lacks, takes the delay of its wall, and a wall the heart
    lacks that of all others.

    Raises
    ------
    InputError
        Excitation does not reach the ventricles: there is no beat.
    """
    delays = parts.delays(tissue, activated) - activated.reference
    layout = parts.layout
    ventricles = slice(layout.slice(Wall.LV).start, layout.total)
    if not np.isfinite(delays[ventricles]).any():
        raise InputError(
            "conduction", activated.name, expected="excitation of the ventricles", got="none",
            remedy="Add a ventricular stimulus that takes over.",
        )  # fmt: skip
    everywhere = float(np.nanmean(delays[ventricles]))
    for wall in (Wall.LV, Wall.SEPTUM, Wall.RV):
        own = delays[layout.slice(wall)]
        known = np.isfinite(own)
        own[~known] = own[known].mean() if known.any() else everywhere
    delays[: ventricles.start] = 0.0
    return Activation(activated.name, layout, delays)


def interatrial_delay(tissue: ElectricTissue, parts: Patches, activated: ActivationMap) -> float:
    """Mean excitation of the left minus that of the right atrium [s]; NaN if either is missing."""
    delays = parts.delays(tissue, activated)
    return float(delays[Wall.LA] - delays[Wall.RA])
