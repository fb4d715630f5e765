"""What a labelled heart's meshes border on, and which muscle their points belong to."""

import numpy as np
from scipy.ndimage import gaussian_filter

from organtwin.anatomy.from_labels_walls import Walls
from organtwin.anatomy.mesh import Boundary, MuscleMap, Tissue
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Border, Region
from organtwin.anatomy.voxels import LA, LEFT_VESSELS, LV, RA, RIGHT_VESSELS, RV, Partition
from organtwin.anatomy.voxels_axes import HeartAxes
from organtwin.anatomy.voxels_fields import sampled
from organtwin.arrays import BoolArray, Float32Array, FloatArray

_WALLS = (Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA)
_BLEND = 3.0e-3
"""Shares pass into each other over about a wall's thickness: width of a Gaussian [m]."""

_CUT_NEAR, _CUT_ALIGNED = 0.05, 0.9
"""A face lies on a cut within this part of a grid spacing and this cosine to its normal."""

_SEPTAL_HALF_ANGLE = np.radians(65.0)
_BORDERS = {
    LV: Border.LV_BLOOD,
    RV: Border.RV_BLOOD,
    LA: Border.LA_BLOOD,
    RA: Border.RA_BLOOD,
    LEFT_VESSELS: Border.VESSEL_BLOOD,
    RIGHT_VESSELS: Border.VESSEL_BLOOD,
}


def tissue_boundary(tissue: Tissue, walls: Walls, found: Partition, least_wall: float) -> Boundary:
    """Outer faces of the tissue and what lies on their other side."""
    faces, _ = outer_faces(tissue.tets)
    a, b, c = (tissue.nodes[faces[:, i]] for i in range(3))
    middle = (a + b + c) / 3.0
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    grid = walls.grid
    outside, left, right = (
        grid.values(field, middle) for field in (walls.outside, walls.left, walls.right)
    )
    one = np.maximum(np.maximum(left, outside + least_wall), least_wall - right)
    two = np.maximum(np.maximum(right, outside + least_wall), least_wall - left)
    side = np.argmin(np.abs([outside, one, two]), axis=0)
    borders = np.full(len(faces), Border.OUTSIDE, np.int32)
    for number, groups in ((1, (LV, LA, LEFT_VESSELS)), (2, (RV, RA, RIGHT_VESSELS))):
        own = np.flatnonzero(side == number)
        ahead = middle[own] + grid.spacing * normal[own]
        indicators = [grid.values(found.indicators[g], ahead) for g in groups]
        borders[own] = np.array([_BORDERS[g] for g in groups])[np.argmax(indicators, axis=0)]
    borders[_on_cuts(middle, normal, walls)] = Border.CUT
    return Boundary(faces, borders)


def _on_cuts(middle: FloatArray, normal: FloatArray, walls: Walls) -> BoolArray:
    cuts, near = walls.cuts, _CUT_NEAR * walls.grid.spacing
    on = np.zeros(len(middle), bool)
    for centre, outward in zip(cuts.edge_centres, cuts.edge_normals, strict=True):
        on |= (np.abs((middle - centre) @ outward) < near) & (normal @ outward > _CUT_ALIGNED)
    if len(cuts.base_centres):
        aligned = (normal @ cuts.base_normals.T).max(axis=1) > _CUT_ALIGNED
        on |= aligned & (np.abs(cuts.beyond_base(middle)) < near)
    return on


def muscle_map(points: FloatArray, walls: Walls, axes: HeartAxes | None) -> MuscleMap:
    """Shares and courses of the walls at points of the drawing surface."""
    shares = wall_shares(points, walls)
    return MuscleMap(shares, wall_courses(points, walls, axes))


def wall_shares(points: FloatArray, walls: Walls) -> Float32Array:
    """Share ``(n, 5)`` of each wall, smoothed over about its thickness; sums to 1."""
    stride = 2
    coarse = tuple(slice(None, None, stride) for _ in range(3))
    owner = walls.owners[coarse]
    left, right, outside = (f[coarse] for f in (walls.left, walls.right, walls.outside))
    septal = (owner == Region.LV) & walls.between_bloods(left, right, outside)
    owner = np.where(septal, Region.SEPTUM, owner)
    solid = (outside < 0.0) & (left > 0.0) & (right > 0.0)
    index = np.ascontiguousarray(walls.grid.indices(points) / stride)
    width = _BLEND / (stride * walls.grid.spacing)
    shares = np.empty((len(points), len(_WALLS)), np.float32)
    for column, region in enumerate(_WALLS):
        own = (solid & (owner == region)).astype(np.float32)
        shares[:, column] = sampled(gaussian_filter(own, width, truncate=3.0), index)
    shares += 1e-6 * (walls.regions(points)[:, None] == np.array(_WALLS))
    total = shares.sum(axis=1, keepdims=True)
    shares[total[:, 0] <= 0.0] = 1.0
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def wall_courses(points: FloatArray, walls: Walls, axes: HeartAxes | None) -> Float32Array:
    """Place ``(n, 5)`` along each wall's course, 0 excited first to 1 last in normal conduction.

    From simple geometry: in the LV free wall from the septum round to the lateral base, in septum
    and RV from the apex to the base and the free wall (Durrer et al. 1970); atria are one place.
    """
    course = np.full((len(points), len(_WALLS)), 0.5, np.float32)
    if axes is None:
        return course
    height = axes.heights(points)
    offset = points - 0.5 * (axes.apex + axes.base)
    across = offset @ axes.to_right
    along = offset @ np.cross(axes.to_base, axes.to_right)
    angle = np.abs(np.arctan2(along, across))
    around = np.clip((angle - _SEPTAL_HALF_ANGLE) / (np.pi - _SEPTAL_HALF_ANGLE), 0.0, 1.0)
    from_septum = np.maximum(walls.grid.values(walls.left, points) - walls.septum, 0.0)
    right_wall = walls.regions(points) == Region.RV
    reach = float(np.quantile(from_septum[right_wall], 0.98)) if right_wall.any() else 1.0
    course[:, 0] = 0.75 * around + 0.25 * height
    course[:, 1] = height
    course[:, 2] = 0.6 * height + 0.4 * np.clip(from_septum / max(reach, 1e-6), 0.0, 1.0)
    return course
