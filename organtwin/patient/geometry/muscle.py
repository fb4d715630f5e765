"""Whose muscle a voxel is, from distances to the cavities and to the outside.

Each voxel belongs to its nearest cavity, with one exception: the septum is the left ventricle's,
also on its right side. A voxel there is nearest to the right cavity, but the outside is further
away than the left cavity; in the free wall of the right ventricle it is the other way round. The
outside does not include what lies above the base, where the mesh was cut.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.anatomy.label_map import LabelArray, Structure

Mask = NDArray[np.bool_]

MUSCLE_OF = {
    Structure.LV_BLOOD: Structure.LV_MUSCLE, Structure.RV_BLOOD: Structure.RV_MUSCLE,
    Structure.LA_BLOOD: Structure.LA_MUSCLE, Structure.RA_BLOOD: Structure.RA_MUSCLE,
}  # fmt: skip


def labelled_muscle(muscle: Mask, blood: Mapping[Structure, Mask]) -> LabelArray:
    """Labels of muscle and blood together, background elsewhere."""
    kinds = list(blood)
    labels = np.zeros(muscle.shape, np.uint8)
    if not kinds:
        labels[muscle] = Structure.LV_MUSCLE
    elif len(kinds) == 1:
        labels[muscle] = MUSCLE_OF[kinds[0]]
    else:
        distances = {kind: distance_to(mask)[muscle] for kind, mask in blood.items()}
        nearest = np.argmin([distances[kind] for kind in kinds], axis=0)
        owner = np.array([MUSCLE_OF[kind] for kind in kinds], np.uint8)[nearest]
        if Structure.LV_BLOOD in blood and Structure.RV_BLOOD in blood:
            outside = distance_to(outer_space(muscle, blood))[muscle]
            septal = (owner == Structure.RV_MUSCLE) & (distances[Structure.LV_BLOOD] < outside)
            owner[septal] = Structure.LV_MUSCLE
        labels[muscle] = owner
    for kind, mask in blood.items():
        labels[mask & ~muscle] = kind
    return labels


def wall_thickness(muscle: Mask, cavity: Mask) -> float:
    """Median way [voxels] from a cavity's border through the muscle to what lies behind it."""
    border = ndimage.binary_dilation(cavity) & muscle
    if not border.any():
        return 0.0
    return float(np.median(distance_to(~(muscle | cavity))[border]))


def distance_to(mask: Mask) -> NDArray[np.float32]:
    """Distance [voxels] of every voxel to a mask."""
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    return np.asarray(ndimage.distance_transform_edt(~mask), dtype=np.float32)


def outer_space(muscle: Mask, blood: Mapping[Structure, Mask]) -> Mask:
    """Background beside and below the heart, without what lies above the base."""
    everything = np.logical_or.reduce([muscle, *blood.values()])
    background = ~ndimage.binary_fill_holes(everything)
    above = np.zeros_like(background)
    for mask in blood.values():
        opening = np.argwhere(ndimage.binary_dilation(mask) & background)
        if len(opening) < 3:
            continue
        middle = opening.mean(axis=0)
        upward = middle - np.argwhere(mask).mean(axis=0)
        normal = np.linalg.svd(opening - middle, full_matrices=False)[2][2]
        normal *= np.sign(normal @ upward) or 1.0
        x, y, z = np.ogrid[tuple(slice(n) for n in mask.shape)]
        height = (x - middle[0]) * normal[0] + (y - middle[1]) * normal[1]
        above |= height + (z - middle[2]) * normal[2] > -1.5
    return np.asarray(background & ~above)
