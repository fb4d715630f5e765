"""What fills a trunk, and how well it conducts.

From the skin inwards: skin and fat, muscle (thicker beside the spine), the rib cage as a shell of
half bone and half muscle between neck and costal margin, breastbone and spine of bone. Inside the
cage two lungs stand on a diaphragm with two domes and leave the mediastinum and a rim around the
heart free; the liver lies under the right dome. The heart's own muscle, atrial walls, blood and
vessels come from the patient's anatomy. The rest is one average tissue.

Conductivities [S/m]: table of the KCL torso (Qian 2022), as in the repository ``sagebei/torchcor``;
the heart muscle conducts inside and between its cells, anisotropically (``sources``). The places of
organs are assumptions drawn from surface anatomy; lungs matter most, fat hardly.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Anatomy, Surface, Tissue
from organtwin.anatomy.regions import Region
from organtwin.anatomy.warping_raster import Grid, lumen
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes, half_axes, skin
from organtwin.physiology.electrophysiology.torso.placement import Seat


class Organ(IntEnum):
    """What a place of the trunk is made of."""

    REST = 0
    FAT = 1
    MUSCLE = 2
    CAGE = 3
    BONE = 4
    LUNG = 5
    LIVER = 6
    BLOOD = 7
    ATRIUM = 8
    HEART = 9


CONDUCTIVITY = {
    Organ.REST: 0.247,
    Organ.FAT: 0.04,
    Organ.MUSCLE: 0.15,
    Organ.CAGE: 0.10,
    Organ.BONE: 0.05,
    Organ.LUNG: 0.071,
    Organ.LIVER: 0.167,
    Organ.BLOOD: 0.667,
    Organ.ATRIUM: 0.25,
}
"""Conductivity [S/m]; ``CAGE`` is the mean of bone and muscle, ``HEART`` a tensor."""

_VENTRICLES = (Region.LV, Region.SEPTUM, Region.RV, Region.PAPILLARY_MUSCLE)
_ATRIA = (Region.LA, Region.RA)
_VESSELS = {
    Region.AORTA: 18e-3,
    Region.PULMONARY_ARTERY: 16e-3,
    Region.SYSTEMIC_VEIN: 16e-3,
    Region.PULMONARY_VEIN: 11e-3,
}
"""Radius of the widest place of each vessel [m]."""

_VOXEL = 2.5e-3
_RIM = 4e-3
"""Tissue between heart and lungs [m]: pericardium and fat."""

_BREASTBONE, _SPINE, _SPINE_DEPTH = 0.017, 0.021, 0.042
_MEDIASTINUM = 0.022
"""Half widths of breastbone and mediastinum, radius of the spine, its middle below the fat [m]."""

_DOMES = ((-0.075, -0.030), (0.075, -0.045))
"""Middle and height of the diaphragm's domes [m], trunk of 0.33 m."""


@dataclass(frozen=True, eq=False, slots=True)
class HeartVoxels:
    """A heart filled into voxels, in the anatomy's own frame.

    ``organs`` values of ``Organ`` by voxel, ``REST`` outside the heart; ``near`` where no lung may
    be; ``fibers`` ``(nx, ny, nz, 3)``: unit vectors in ventricular muscle.
    """

    grid: Grid
    organs: IntArray
    near: BoolArray
    fibers: FloatArray


def heart_voxels(anatomy: Anatomy) -> HeartVoxels:
    """Fill muscle, blood and vessels of a heart into voxels of 2.5 mm."""
    nodes, tissue = anatomy.tissue.nodes, anatomy.tissue
    margin = _RIM + 2.0 * _VOXEL
    grid = Grid.around(nodes.min(axis=0) - margin, nodes.max(axis=0) + margin, _VOXEL)
    organs = np.full(grid.shape, Organ.REST, np.int32)
    for region, radius in _VESSELS.items():
        wall = grid.occupied(tissue, (int(region),))
        organs[wall | lumen(wall, radius / _VOXEL)] = Organ.BLOOD
    organs[grid.occupied(tissue, tuple(int(r) for r in _ATRIA))] = Organ.ATRIUM
    organs[grid.occupied(tissue, tuple(int(r) for r in _VENTRICLES))] = Organ.HEART
    for cavity in anatomy.cavities.values():
        organs[grid.filled(Surface(cavity.points, cavity.triangles, cavity.regions))] = Organ.BLOOD
    away = distance_transform_edt(organs == Organ.REST, sampling=_VOXEL)
    return HeartVoxels(grid, organs, np.asarray(away <= _RIM), _fibers(anatomy, grid, organs))


def _fibers(anatomy: Anatomy, grid: Grid, organs: IntArray) -> FloatArray:
    fibers = np.zeros((*grid.shape, 3))
    muscle = organs == Organ.HEART
    if anatomy.architecture is None or not muscle.any():
        return fibers
    tissue: Tissue = anatomy.tissue
    chosen = np.isin(tissue.regions, _VENTRICLES)
    middles = tissue.nodes[tissue.tets[chosen]].mean(axis=1)
    nearest = cKDTree(middles).query(grid.centres(muscle))[1]
    fibers[muscle] = anatomy.architecture.fibers[chosen][nearest]
    return fibers


def organs_at(
    points: FloatArray, sizes: TrunkSizes, *, heart: HeartVoxels | None, seat: Seat | None
) -> tuple[IntArray, FloatArray]:
    """Values of ``Organ`` ``(n,)`` at points ``(n, 3)`` [m] of the trunk, and fibres ``(n, 3)``.

    ``seat`` tells how the heart lies in the trunk; without it there is none. Fibres are zero
    outside the heart.
    """
    depth = -skin(sizes, points)
    organs = _wall(points, sizes, depth)
    inside = depth > sizes.fat + sizes.muscle + sizes.cage
    organs[inside] = _inside(points[inside], sizes, depth[inside])
    fibers = np.zeros((len(points), 3))
    if heart is None or seat is None:
        return organs, fibers
    local = seat.in_anatomy(points) - heart.grid.lower
    index = np.round(local / heart.grid.spacing).astype(int)
    known = ((index >= 0) & (index < np.array(heart.grid.shape))).all(axis=1)
    chosen = np.flatnonzero(known & (depth > sizes.fat))
    place = tuple(index[chosen].T)
    own, near = heart.organs[place], heart.near[place]
    organs[chosen[near & (organs[chosen] == Organ.LUNG)]] = Organ.REST
    organs[chosen[own != Organ.REST]] = own[own != Organ.REST]
    fibers[chosen] = seat.turned(heart.fibers[place])
    return organs, fibers


def _wall(points: FloatArray, sizes: TrunkSizes, depth: FloatArray) -> IntArray:
    """Layers of the body wall; what is deeper is left as rest."""
    x, y, z = points.T
    scale = sizes.length / 0.33
    organs = np.full(len(points), Organ.REST, np.int32)
    organs[depth <= sizes.fat + sizes.muscle] = Organ.MUSCLE
    caged = (z > -0.12 * scale) & (z < 0.16 * scale)
    shell = (depth > sizes.fat + sizes.muscle) & (depth <= sizes.fat + sizes.muscle + sizes.cage)
    organs[shell] = Organ.MUSCLE
    organs[shell & caged] = Organ.CAGE
    plate = (np.abs(x) < _BREASTBONE) & (y < 0.0) & (z > -0.06 * scale) & (z < 0.13 * scale)
    organs[plate & (organs != Organ.REST)] = Organ.BONE
    organs[depth <= sizes.fat] = Organ.FAT
    return organs


def _inside(points: FloatArray, sizes: TrunkSizes, depth: FloatArray) -> IntArray:
    """Lungs, liver, spine and the muscles beside it."""
    x, y, z = points.T
    scale = sizes.length / 0.33
    organs = np.full(len(points), Organ.REST, np.int32)
    dome = np.full(len(points), -np.inf)
    across = 0.5 * sizes.width / 0.16
    for middle, top in _DOMES:
        bulge = ((x - middle * across) / (0.10 * across)) ** 2 + (y / (0.10 * across)) ** 2
        dome = np.maximum(dome, scale * (top - 0.07 * bulge))
    dome = np.maximum(dome, -0.13 * scale)
    chest = (z > dome) & (z < 0.17 * scale)
    organs[chest & (np.abs(x) > _MEDIASTINUM)] = Organ.LUNG
    organs[~chest & (z < 0.0) & (z > -0.15 * scale) & (x < 0.04)] = Organ.LIVER
    back = half_axes(sizes, z)[1] - sizes.fat
    organs[(y > 0.0) & (depth < sizes.fat + 0.032) & (np.abs(x) < 0.07)] = Organ.MUSCLE
    organs[np.hypot(x, y - (back - _SPINE_DEPTH)) < _SPINE] = Organ.BONE
    return organs
