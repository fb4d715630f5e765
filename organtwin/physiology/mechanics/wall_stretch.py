"""What stretch every piece of wall wants: the active part of the wall mechanics.

In the frame of an element (``l`` from apex to base, ``c`` around the axis, ``n`` outwards through
the wall) and for the natural strain ``e`` of its patch in the circulation, the wanted stretch is
``A = exp(E)`` with

    E = e [ p l l + q c c + tau (l c + c l) - 2 n n ]       ventricles, p + q = 2
    E = e [ l l + c c - 2 n n ]                             atria
    E = 0                                                   vessels

The one-fibre model of the circulation knows the area of a wall: ``e`` is its mean strain in both
directions of the plane, whatever ``p`` and ``q``. The trace of ``E`` is zero, so that muscle which
shortens thickens. ``tau`` is the torsional shear per unit strain; it stands for the helix of the
fibres, because three layers of linear elements do not turn it into a torsion of the right size by
themselves. Shear of 0.05 to 0.1 against -0.16 to -0.19 of strain is normal (tagged MRI, Moore et
al. 2000).

How firmly each direction follows is the metric ``B`` of the energy ``|(F - R A) B^(1/2)|^2``: firm
lengthwise, soft around and through the wall, because there the cavity's volume and the wall's
incompressibility decide.

``p``, ``tau``, the gain and ``B`` were tuned, on the bundled default case alone, until descent of
the base, twist, thickening and longitudinal strain were those of healthy hearts. The other cases
were looked at afterwards and not tuned: their figures are predictions of the model.

Atria: ``e`` follows from the volume of their cavity, ``e = ln((V + W/2) / (V0 + W/2)) / 3`` with
``W`` the wall's volume, as thickness differs between template and circulation.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.mesh import MuscleMap, Surface
from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.interface import PatchLayout, Wall

STRAIN_GAIN = 1.15
"""Strain that the ventricles want per strain of the circulation. The cavities' volumes decide how
much of it is reached."""

LENGTHWISE = 0.91
"""``p``: share of the strain lengthwise; around the wall it is ``2 - p``. Below 1, because a wall
that is firm lengthwise pulls the base down farther than the healthy 12 to 16 mm."""

TORSION = -1.1
"""``tau``: torsional shear per unit natural strain."""

AROUND, THROUGH, PASSIVE = 0.17, 0.05, 0.5
"""Metric around and through the ventricular wall, relative to lengthwise; and of all else."""

COLUMNS = {Wall.LV: 0, Wall.SEPTUM: 1, Wall.RV: 2, Wall.LA: 3, Wall.RA: 4}
"""Where a wall stands in a ``MuscleMap``."""


@dataclass(frozen=True, eq=False)
class WallFrames:
    """Directions and muscle of some elements.

    ``along`` and ``outward`` ``(n, 3)`` unit vectors, perpendicular; ``regions`` ``(n,)``;
    ``muscle`` the shares and courses ``(n, 5)`` as in ``MuscleMap``.
    """

    along: FloatArray
    outward: FloatArray
    regions: IntArray
    muscle: MuscleMap

    def carried(self, gradient: FloatArray) -> "WallFrames":
        """The same in a body deformed by ``gradient`` ``(n, 3, 3)``."""
        along = _unit(np.einsum("nij,nj->ni", gradient, self.along))
        inverse = np.asarray(np.linalg.inv(gradient), np.float64)
        outward = np.asarray(np.einsum("nji,nj->ni", inverse, self.outward))
        return WallFrames(along, perpendicular(outward, along), self.regions, self.muscle)

    def patch_weights(self, layout: PatchLayout) -> FloatArray:
        """How much each patch counts in each element ``(n, n_patches)``; zero in vessels."""
        weights = patch_weights(self.muscle, layout)
        weights[self.regions > Region.RA] = 0.0
        return weights

    def strain_tensors(self) -> FloatArray:
        """``E`` per unit strain ``(n, 3, 3)``."""
        around = np.cross(self.along, self.outward)
        ventricular = self.regions <= Region.RV
        shear = np.where(ventricular, TORSION, 0.0)[:, None, None]
        both = _dyad(self.along, around)
        lengthwise = np.where(ventricular, LENGTHWISE, 1.0)[:, None, None]
        unit = lengthwise * _dyad(self.along, self.along)
        unit += (2.0 - lengthwise) * _dyad(around, around)
        unit -= 2.0 * _dyad(self.outward, self.outward)
        unit += shear * (both + np.swapaxes(both, 1, 2))
        unit[self.regions > Region.RA] = 0.0
        return unit

    def metrics(self) -> FloatArray:
        """``B`` ``(n, 3, 3)``."""
        around = np.cross(self.along, self.outward)
        metric = _dyad(self.along, self.along) + AROUND * _dyad(around, around)
        metric += THROUGH * _dyad(self.outward, self.outward)
        metric[self.regions > Region.RV] = PASSIVE * np.eye(3)
        return metric


def stretches(tensors: FloatArray, strain: FloatArray) -> FloatArray:
    """``exp(strain E)`` ``(n, 3, 3)``, to a relative 1e-3 within a strain of 0.5."""
    power = strain[:, None, None] * tensors
    total = np.eye(3) + power
    term = power
    for order in (2, 3, 4, 5):
        term = term @ power / order
        total = total + term
    return np.ascontiguousarray(total)


def patch_weights(muscle: MuscleMap, layout: PatchLayout) -> FloatArray:
    """Share of every patch ``(n, n_patches)``, hat functions along the course of each wall."""
    weights = np.zeros((len(muscle.shares), layout.total))
    for wall, column in COLUMNS.items():
        own = layout.slice(wall)
        count = own.stop - own.start
        place = np.clip(muscle.courses[:, column] * count - 0.5, 0.0, count - 1.0)
        hats = np.maximum(0.0, 1.0 - np.abs(place[:, None] - np.arange(count)))
        weights[:, own] = muscle.shares[:, column, None] * hats
    return weights


def wanted_strain(
    patch_strain: FloatArray,
    layout: PatchLayout,
    volumes: FloatArray,
    reference: FloatArray,
    atrial_walls: FloatArray,
) -> FloatArray:
    """Strain that each patch wants relative to the reference ``(n, n_patches)``.

    ``patch_strain`` ``(n, n_patches)`` since end-diastole, ``volumes`` ``(n, 4)`` and
    ``reference`` ``(4,)`` of the cavities, ``atrial_walls`` ``(2,)`` of LA and RA [m3].
    """
    wanted = STRAIN_GAIN * patch_strain
    for wall, cavity, size in (
        (Wall.LA, Cavity.LA, atrial_walls[0]),
        (Wall.RA, Cavity.RA, atrial_walls[1]),
    ):
        ratio = (volumes[:, cavity] + size / 2.0) / (reference[cavity] + size / 2.0)
        own = wanted[:, layout.slice(wall)]
        own += (np.log(ratio) / 3.0 - own.mean(axis=1))[:, None]
    return wanted


def muscle_at(points: FloatArray, surface: Surface, muscle: MuscleMap) -> MuscleMap:
    """The muscle map of the nearest muscular surface points, for any points ``(n, 3)``."""
    from scipy.spatial import cKDTree

    muscular = np.flatnonzero(surface.regions <= Region.RA)
    nearest = muscular[cKDTree(surface.points[muscular]).query(points)[1]]
    return MuscleMap(muscle.shares[nearest], muscle.courses[nearest])


def perpendicular(vectors: FloatArray, to: FloatArray) -> FloatArray:
    """Unit vectors ``(n, 3)``: what of ``vectors`` is perpendicular to unit vectors ``to``."""
    return _unit(vectors - np.einsum("ni,ni->n", vectors, to)[:, None] * to)


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


def _dyad(a: FloatArray, b: FloatArray) -> FloatArray:
    return a[:, :, None] * b[:, None, :]
