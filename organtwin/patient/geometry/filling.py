"""What lies inside of a surface, on a grid of voxels.

Columns along the three axes vote; a voxel that they do not settle, at gaps, is decided by its
generalised winding number (see ``surface_kernels``).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.patient.geometry.surface_kernels import column_crossings, winding_numbers

Mask = NDArray[np.bool_]

LEAST_SPACING, LARGEST_SPACING = 0.2e-3, 5e-3
MOST_VOXELS = 60_000_000
"""A grid above this would not fit beside the rest in 2 GB."""

_MARGIN = 3
"""Empty voxels around the heart."""

_OFF_GRID = np.array([0.31830989, 0.36787944, 0.57721566]) * 1e-5
"""Voxel centres are moved by this share of a voxel, so that none lies in an edge of a mesh whose
points are round numbers."""

_MOST_UNSETTLED = 20_000


@dataclass(frozen=True, eq=False)
class Grid:
    """Cubic voxels along the patient axes: ``origin`` ``(3,)`` [m] is the centre of the first."""

    origin: FloatArray
    spacing: float
    shape: tuple[int, int, int]

    @property
    def affine(self) -> FloatArray:
        """Voxel indices to LPS [m]."""
        affine = np.diag([self.spacing, self.spacing, self.spacing, 1.0])
        affine[:3, 3] = self.origin
        return affine

    def in_voxels(self, points: FloatArray) -> FloatArray:
        """Points ``(n, 3)`` [m] in voxel units."""
        return (points - self.origin) / self.spacing


def grid_around(points: FloatArray, spacing: float, source: str) -> Grid:
    """A grid with a margin around all points.

    Raises
    ------
    InputError
        The spacing is out of range, or so fine that the grid would be too large.
    """
    if not LEAST_SPACING <= spacing <= LARGEST_SPACING:
        raise InputError(
            source, "spacing", got=f"{1e3 * spacing:g} mm",
            expected=f"{1e3 * LEAST_SPACING:g} to {1e3 * LARGEST_SPACING:g} mm",
            remedy="Choose about 1 mm.",
        )  # fmt: skip
    lower, upper = points.min(axis=0), points.max(axis=0)
    nx, ny, nz = (int(n) for n in np.ceil((upper - lower) / spacing) + 1 + 2 * _MARGIN)
    if nx * ny * nz > MOST_VOXELS:
        raise InputError(
            source, "spacing", expected=f"at most {MOST_VOXELS} voxels", got=f"{nx * ny * nz}",
            remedy="Choose a larger spacing.",
        )  # fmt: skip
    return Grid(lower - (_MARGIN - 0.5) * spacing, spacing, (nx, ny, nz))


def filled(points: FloatArray, triangles: IntArray, grid: Grid) -> Mask:
    """Voxels ``grid.shape`` inside a closed or nearly closed surface with outward normals."""
    local = grid.in_voxels(points) - _OFF_GRID
    shape = np.array(grid.shape, np.int32)
    votes = np.zeros(grid.shape, np.int8)
    for axis in range(3):
        crossings = column_crossings(local, triangles, shape, axis)
        whole = crossings[:, :, -1] == 0
        ballot = np.where(crossings[:, :, :-1] > 0, np.int8(1), np.int8(-1)) * whole[:, :, None]
        # The kernel's axes are (u, v, w) = (axis + 1, axis + 2, axis).
        votes += np.moveaxis(ballot, (0, 1, 2), ((axis + 1) % 3, (axis + 2) % 3, axis))
    inside: Mask = votes > 0
    open_question = np.argwhere(votes == 0)
    if len(open_question):
        inside[tuple(open_question.T)] = _settled(local, triangles, open_question)
    return inside


def _settled(local: FloatArray, triangles: IntArray, voxels: NDArray[np.intp]) -> Mask:
    """Voxels that columns leave open, by winding number in portions."""
    if len(voxels) * len(triangles) > _MOST_UNSETTLED * 50_000:
        # So many only where the surface has a wide opening: coarse but whole is enough there.
        step = max(1, len(triangles) * len(voxels) // (_MOST_UNSETTLED * 50_000))
        chosen = voxels[::step]
    else:
        chosen = voxels
    numbers = winding_numbers(local, triangles, chosen.astype(np.float64))
    if len(chosen) == len(voxels):
        return np.asarray(numbers > 0.5)
    from scipy.spatial import cKDTree

    nearest = cKDTree(chosen).query(voxels)[1]
    return np.asarray(numbers[nearest] > 0.5)
