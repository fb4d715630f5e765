"""Level functions of a label map: smooth, sub-voxel, many structures at once, negative inside.

Each structure's indicator is smoothed by a Gaussian; a structure ends where another's is as high.
The difference ``e`` of two indicators across a flat border is ``1 - 2 Phi(d / sigma)`` with the
distance ``d``, so ``sqrt(2) erfinv(e)`` grows with the distance evenly and can be interpolated.
Smoothing draws a bulge of mean curvature radius R in by about ``sigma^2 / R``; a constant added to
each blood's indicator puts its volume back to what its voxels hold.

Everything is resampled to one grid of equal spacings along three right-angled axes, so oblique,
sheared, mirrored and anisotropic images need no further care. Assumption: no structure that
matters is thinner than about one and a half voxels.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import erfinv

from organtwin.anatomy.label_map import LabelArray, LabelMap, Structure
from organtwin.anatomy.voxels_fields import (
    nearest_resampled,
    resampled,
    sampled,
    signed_distance,
)
from organtwin.arrays import Float32Array, FloatArray
from organtwin.compilation import kernel

MUSCLES = (
    Structure.LV_MUSCLE,
    Structure.RV_MUSCLE,
    Structure.LA_MUSCLE,
    Structure.RA_MUSCLE,
    Structure.HEART,
)
GROUPS: tuple[tuple[Structure, ...], ...] = (
    (Structure.BACKGROUND,),
    MUSCLES,
    (Structure.LV_BLOOD,),
    (Structure.RV_BLOOD,),
    (Structure.LA_BLOOD,),
    (Structure.RA_BLOOD,),
    (Structure.AORTA, Structure.PULMONARY_VEIN),
    (Structure.PULMONARY_ARTERY, Structure.SYSTEMIC_VEIN),
)
"""Structures that share one indicator: between them no border is drawn."""

BACKGROUND, MUSCLE, LV, RV, LA, RA, LEFT_VESSELS, RIGHT_VESSELS = range(8)
LEFT, RIGHT = (LV, LA, LEFT_VESSELS), (RV, RA, RIGHT_VESSELS)

SIGMA_VOXELS = 0.8
"""Width of the Gaussian along each axis of the image, in its voxels."""

_LEAST_SIGMA = 0.4
"""Not narrower than this part of the widest voxel along any axis: else slices show as terraces."""

_VOLUME_ROUNDS = 3
_RAMP = 1.2
"""Voxels count in part where indicators differ by less than 0.4; where two other structures meet
away from the one that is measured, they differ by 0.5."""

_STEEPEST = 0.9995
"""Differences of indicators beyond this are beyond 3.5 sigma and hold no distance."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Voxels of one size: index ``i`` lies at ``origin + spacing * axes @ i`` (LPS [m]).

    ``axes`` ``(3, 3)`` has right-handed unit vectors as columns.
    """

    origin: FloatArray
    axes: FloatArray
    spacing: float
    shape: tuple[int, int, int]

    def indices(self, points: FloatArray) -> FloatArray:
        """Grid indices ``(n, 3)`` of points in patient axes."""
        return np.asarray((points - self.origin) @ self.axes / self.spacing)

    def places(self, indices: FloatArray) -> FloatArray:
        """Points ``(n, 3)`` in patient axes of grid indices."""
        return np.asarray(self.origin + self.spacing * indices @ self.axes.T)

    def values(self, field: Float32Array, points: FloatArray) -> FloatArray:
        """A field's values ``(n,)`` at points in patient axes."""
        return np.asarray(sampled(field, np.ascontiguousarray(self.indices(points))))


@dataclass(frozen=True, eq=False)
class Partition:
    """Smoothed indicators ``(8, *grid.shape)`` in the order of ``GROUPS``, and nearest labels.

    ``width`` [m] is the mean width of the Gaussian.
    """

    grid: Grid
    indicators: Float32Array
    labels: LabelArray
    width: float

    def level(self, members: Sequence[int]) -> Float32Array:
        """Level of a union of groups, in widths of the Gaussian; negative inside."""
        inside = np.zeros(len(GROUPS), bool)
        inside[list(members)] = True
        difference = _difference(self.indicators, inside)
        np.clip(difference, -_STEEPEST, _STEEPEST, out=difference)
        return np.asarray(np.float32(np.sqrt(2.0)) * erfinv(difference), np.float32)

    def distance(self, members: Sequence[int], reach: float) -> Float32Array:
        """Distance [m] to a union of groups, negative inside, cut off at ``reach``."""
        return np.asarray(signed_distance(self.level(members), self.grid.spacing, reach))

    def holds(self, group: int) -> bool:
        """Whether any voxel carries a label of the group."""
        return bool(np.isin(self.labels, GROUPS[group]).any())


def work_grid(label_map: LabelMap, least_spacing: float) -> Grid:
    """The grid of equal spacings that covers a label map, along its axes as nearly as possible."""
    matrix = label_map.affine[:3, :3]
    left, _, right = np.linalg.svd(matrix)
    axes = left @ right
    if np.linalg.det(axes) < 0:
        axes[:, 2] = -axes[:, 2]
    spacing = max(float(np.linalg.norm(matrix, axis=0).min()), least_spacing)
    last = np.array(label_map.labels.shape) - 1.0
    corners = np.array(np.meshgrid(*((0.0, n) for n in last))).reshape(3, -1).T
    local = (corners @ matrix.T) @ axes / spacing
    low, high = np.floor(local.min(axis=0) + 1e-6), np.ceil(local.max(axis=0) - 1e-6)
    nx, ny, nz = (int(n) for n in np.maximum(high - low + 1, 2))
    return Grid(label_map.affine[:3, 3] + spacing * axes @ low, axes, spacing, (nx, ny, nz))


def partition(label_map: LabelMap, grid: Grid) -> Generator[None, None, Partition]:
    """Indicators of all groups on a grid, their volumes those of the voxels, group by group."""
    matrix = label_map.affine[:3, :3]
    to_image = np.asarray(np.linalg.solve(matrix, grid.spacing * grid.axes), np.float64)
    start = np.asarray(np.linalg.solve(matrix, grid.origin - label_map.affine[:3, 3]), np.float64)
    voxel = np.linalg.norm(matrix, axis=0)
    width = np.maximum(SIGMA_VOXELS * voxel, _LEAST_SIGMA * max(voxel.max(), 1.5 * grid.spacing))
    indicators = np.zeros((len(GROUPS), *grid.shape), np.float32)
    for group, members in enumerate(GROUPS):
        own = np.isin(label_map.labels, members)
        if own.any():
            smooth = gaussian_filter(
                own.astype(np.float32), width / voxel, mode="nearest", truncate=3.5
            )
            indicators[group] = resampled(smooth, to_image, start, grid.shape)
            yield
    labels = nearest_resampled(label_map.labels, to_image, start, grid.shape)
    found = Partition(grid, indicators, labels, float(width.mean()))
    yield from _keep_volumes(found, label_map)
    return found


def _keep_volumes(found: Partition, label_map: LabelMap) -> Iterator[None]:
    """Raise or lower the blood's and the background's indicators until volumes agree."""
    ratio = label_map.voxel_volume / found.grid.spacing**3
    for _ in range(_VOLUME_ROUNDS):
        for group in (BACKGROUND, LV, RV, LA, RA, LEFT_VESSELS, RIGHT_VESSELS):
            count = int(np.count_nonzero(np.isin(label_map.labels, GROUPS[group])))
            if count == 0:
                continue
            inside = np.zeros(len(GROUPS), bool)
            inside[group] = True
            volume, slope = _soft_volume(found.indicators, inside)
            wanted = count * ratio
            if group == BACKGROUND:
                wanted += float(np.prod(found.grid.shape)) - label_map.labels.size * ratio
            yield
            if slope > 0:
                found.indicators[group] += np.float32(np.clip((wanted - volume) / slope, -0.1, 0.1))


@kernel
def _difference(indicators: Float32Array, inside: NDArray[np.bool_]) -> Float32Array:
    """Highest indicator of the others less the members' sum."""
    n, nx, ny, nz = indicators.shape
    out = np.empty((nx, ny, nz), np.float32)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                own, other = np.float32(0.0), np.float32(-1.0)
                for g in range(n):
                    if inside[g]:
                        own += indicators[g, i, j, k]
                    else:
                        other = max(other, indicators[g, i, j, k])
                out[i, j, k] = other - own
    return out


@kernel
def _soft_volume(indicators: Float32Array, inside: NDArray[np.bool_]) -> tuple[float, float]:
    """Volume of a union in voxels, border voxels in part, and its growth with the indicator."""
    difference = _difference(indicators, inside)
    volume = slope = 0.0
    for value in difference.ravel():
        part = 0.5 - _RAMP * float(value)
        volume += float(min(max(part, 0.0), 1.0))
        if 0.0 < part < 1.0:
            slope += _RAMP
    return volume, slope
