"""The warped template as voxels on a patient's grid, and its union with what was measured."""

import numpy as np
from scipy import ndimage

from organtwin.anatomy.label_map import LabelArray, LabelMap, Structure
from organtwin.anatomy.mesh import Anatomy, Surface, Tissue
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_raster import Grid, lumen
from organtwin.arrays import FloatArray

NAMES = {
    Structure.LV_MUSCLE: "left ventricular muscle",
    Structure.RV_MUSCLE: "right ventricular muscle",
    Structure.LA_MUSCLE: "left atrial wall",
    Structure.RA_MUSCLE: "right atrial wall",
    Structure.LV_BLOOD: "left ventricle",
    Structure.RV_BLOOD: "right ventricle",
    Structure.LA_BLOOD: "left atrium",
    Structure.RA_BLOOD: "right atrium",
    Structure.AORTA: "aorta",
    Structure.PULMONARY_ARTERY: "pulmonary artery",
    Structure.SYSTEMIC_VEIN: "caval veins",
    Structure.PULMONARY_VEIN: "pulmonary veins",
}

_BLOOD = {
    Cavity.LV: Structure.LV_BLOOD,
    Cavity.RV: Structure.RV_BLOOD,
    Cavity.LA: Structure.LA_BLOOD,
    Cavity.RA: Structure.RA_BLOOD,
}
_MUSCLE = {
    Structure.LV_MUSCLE: (Region.LV, Region.SEPTUM, Region.PAPILLARY_MUSCLE),
    Structure.RV_MUSCLE: (Region.RV,),
    Structure.LA_MUSCLE: (Region.LA,),
    Structure.RA_MUSCLE: (Region.RA,),
}
_VESSELS = {
    Structure.AORTA: (Region.AORTA, 18e-3),
    Structure.PULMONARY_ARTERY: (Region.PULMONARY_ARTERY, 16e-3),
    Structure.SYSTEMIC_VEIN: (Region.SYSTEMIC_VEIN, 16e-3),
    Structure.PULMONARY_VEIN: (Region.PULMONARY_VEIN, 11e-3),
}
"""Region and the radius of its widest place [m], in the template's size."""

_ROOM = 3
"""Voxels left free around everything."""

_WITHIN = 6e-3
"""Voxels of an undivided heart as near as this to a structure become part of it [m]."""


def template_labels(
    label_map: LabelMap, template: Anatomy, warp: Warp
) -> tuple[LabelMap, LabelMap]:
    """The patient's map on a grid with room for everything, and the warped template on it.

    Blood lies over muscle, because the tissue mesh thickens thin walls inwards.
    """
    back = np.linalg.inv(label_map.affine)

    def indexed(points: FloatArray) -> FloatArray:
        return np.asarray(warp.carried(points) @ back[:3, :3].T + back[:3, 3])

    nodes = indexed(template.tissue.nodes)
    first = np.minimum(np.floor(nodes.min(axis=0)).astype(int) - _ROOM, 0)
    last = np.maximum(np.ceil(nodes.max(axis=0)).astype(int) + _ROOM + 1, label_map.labels.shape)
    before, after = -first, last - np.array(label_map.labels.shape)
    labels = np.pad(label_map.labels, np.stack([before, after], axis=1))
    affine = label_map.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ first
    size = float(np.cbrt(label_map.voxel_volume) / np.cbrt(np.linalg.det(warp.linear)))
    own = np.zeros(labels.shape, np.uint8)
    grid = Grid(np.zeros(3), 1.0, labels.shape)
    tissue = Tissue(nodes - first, template.tissue.tets, template.tissue.regions)
    _paint_vessels(own, grid, tissue, size)
    for structure, regions in _MUSCLE.items():
        own[grid.occupied(tissue, tuple(int(r) for r in regions))] = structure
    for cavity, surface in template.cavities.items():
        moved = Surface(indexed(surface.points) - first, surface.triangles, surface.regions)
        own[grid.filled(moved) & ~np.isin(own, tuple(_BLOOD.values()))] = _BLOOD[cavity]
    _close_holes(own)
    return LabelMap(labels, affine), LabelMap(own, affine)


def _close_holes(own: LabelArray) -> None:
    """Give voxels enclosed by structures, as above a semilunar valve, to the nearest of them."""
    holes = ndimage.binary_fill_holes(own > 0) & (own == Structure.BACKGROUND)
    if holes.any():
        nearest = ndimage.distance_transform_edt(
            own == Structure.BACKGROUND, return_distances=False, return_indices=True
        )
        own[holes] = own[tuple(nearest)][holes]


def _paint_vessels(own: LabelArray, grid: Grid, tissue: Tissue, size: float) -> None:
    """Walls of all vessels first, so that no vessel's inside covers another's wall."""
    walls = {s: grid.occupied(tissue, (int(r),)) for s, (r, _) in _VESSELS.items()}
    for structure, (_, radius) in _VESSELS.items():
        own[lumen(walls[structure], radius / size)] = structure
    for structure, wall in walls.items():
        own[wall] = structure


def filled_in(ours: LabelMap, template: LabelMap) -> LabelMap:
    """Measured labels kept; free voxels and an undivided heart take the template's.

    Within a measured heart every voxel goes to a structure; outside of it only vessels are added.
    """
    labels = ours.labels.copy()
    heart, added = labels == Structure.HEART, template.labels
    measured = np.unique(labels)
    new = ~np.isin(added, measured)
    if not heart.any():
        free = (labels == Structure.BACKGROUND) & new & (added != Structure.BACKGROUND)
        labels[free] = added[free]
        return LabelMap(labels, ours.affine)
    outside = (labels == Structure.BACKGROUND) & np.isin(added, tuple(_VESSELS)) & new
    labels[outside] = added[outside]
    size = np.linalg.norm(ours.affine[:3, :3], axis=0)
    gap, nearest = ndimage.distance_transform_edt(
        added == Structure.BACKGROUND, sampling=size, return_indices=True
    )
    divided = heart & (gap <= _WITHIN)
    labels[divided] = added[tuple(nearest)][divided]
    return LabelMap(labels, ours.affine)
