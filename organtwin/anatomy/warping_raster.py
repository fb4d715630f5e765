"""Meshes filled into voxels: which voxel centres lie in tetrahedra or in a closed surface."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.anatomy.contour import surface_net
from organtwin.anatomy.mesh import Surface, Tissue
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.compilation import kernel

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Voxel centres ``lower + spacing * index`` [m], ``shape`` of them."""

    lower: FloatArray
    spacing: float
    shape: tuple[int, int, int]

    @classmethod
    def around(cls, lower: FloatArray, upper: FloatArray, spacing: float) -> "Grid":
        counts = np.ceil((upper - lower) / spacing).astype(int) + 1
        return cls(
            np.asarray(lower, float), spacing, (int(counts[0]), int(counts[1]), int(counts[2]))
        )

    def centres(self, inside: BoolArray) -> FloatArray:
        """Places ``(n, 3)`` [m] of the chosen voxels."""
        return np.asarray(self.lower + self.spacing * np.argwhere(inside))

    def filled(self, surface: Surface) -> BoolArray:
        """Voxels in a closed surface: an odd number of triangles lies below them."""
        parity = np.zeros(self.shape, np.bool_)
        places = (surface.points - self.lower) / self.spacing
        _cross_columns(places, surface.triangles, parity)
        return np.logical_xor.accumulate(parity, axis=2)

    def occupied(self, tissue: Tissue, regions: tuple[int, ...]) -> BoolArray:
        """Voxels in the tetrahedra of some regions."""
        inside = np.zeros(self.shape, np.bool_)
        chosen = tissue.tets[np.isin(tissue.regions, regions)]
        _fill_tetrahedra((tissue.nodes - self.lower) / self.spacing, chosen, inside)
        return inside


def closed(inside: BoolArray, radius: float) -> BoolArray:
    """Gaps narrower than twice ``radius`` [voxels] filled: grown by it, then shrunk by it."""
    margin = int(np.ceil(radius)) + 1
    padded = np.pad(inside, margin)
    grown = ndimage.distance_transform_edt(~padded) <= radius
    shrunk = ndimage.distance_transform_edt(grown) > radius
    crop = slice(margin, -margin)
    return np.asarray(shrunk[crop, crop, crop] | inside)


def lumen(wall: BoolArray, radius: float) -> BoolArray:
    """The inside of a tube whose wall is given; its open ends stay open.

    A voxel is inside where most of 14 straight looks (along axes and diagonals) meet the wall
    within a tube's width; ``radius`` [voxels] is that of the widest place.
    """
    inside = np.zeros(wall.shape, np.bool_)
    if not wall.any():
        return inside
    box = ndimage.find_objects(wall.astype(np.uint8))[0]
    walls = np.ascontiguousarray(wall[box])
    candidates = np.argwhere(closed(walls, radius) & ~walls)
    found = np.zeros(walls.shape, np.bool_)
    _look_around(walls, candidates, int(np.ceil(2.2 * radius)), _ENCLOSED, found)
    inside[box] = found
    return inside


_ENCLOSED = 10
"""Looks of 14 that must meet the wall: along a tube's axis two or three do not."""


def outline(inside: BoolArray, smoothing: float = 0.7) -> tuple[FloatArray, IntArray]:
    """Points ``(n, 3)`` [voxels] and outward triangles of the smoothed border of a voxel set.

    The occupancy is blurred over ``smoothing`` voxels and cut at one half: on a curved border of
    radius r this moves the surface inwards by about ``smoothing**2 / r``.
    """
    margin = 3
    blurred = ndimage.gaussian_filter(np.pad(inside, margin).astype(float), smoothing)

    def depth(points: FloatArray) -> FloatArray:
        level = ndimage.map_coordinates(blurred, points.T + margin, order=1, mode="nearest")
        return np.asarray(0.5 - level)

    upper = np.asarray(inside.shape, float)
    return surface_net(depth, np.full(3, -2.0), upper + 1.0, 1.0)


@kernel
def _look_around(
    wall: BoolArray, candidates: Counts, reach: int, least: int, inside: BoolArray
) -> None:
    for n in range(candidates.shape[0]):
        met = 0
        for direction in range(27):
            i, j, k = direction // 9 - 1, direction // 3 % 3 - 1, direction % 3 - 1
            steps = abs(i) + abs(j) + abs(k)
            if steps != 1 and steps != 3:
                continue
            x, y, z = candidates[n]
            far = reach if steps == 1 else int(reach * 0.58) + 1
            for _ in range(far):
                x, y, z = x + i, y + j, z + k
                if not (
                    0 <= x < wall.shape[0] and 0 <= y < wall.shape[1] and 0 <= z < wall.shape[2]
                ):
                    break
                if wall[x, y, z]:
                    met += 1
                    break
        if met >= least:
            inside[candidates[n, 0], candidates[n, 1], candidates[n, 2]] = True


@kernel
def _cross_columns(places: FloatArray, triangles: IntArray, parity: BoolArray) -> None:
    """Toggle, in every column, the first voxel above each crossing of the surface."""
    for n in range(triangles.shape[0]):
        a, b, c = places[triangles[n, 0]], places[triangles[n, 1]], places[triangles[n, 2]]
        low_x, high_x = min(a[0], b[0], c[0]), max(a[0], b[0], c[0])
        low_y, high_y = min(a[1], b[1], c[1]), max(a[1], b[1], c[1])
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if area == 0.0:
            continue
        for i in range(max(0, int(np.ceil(low_x))), min(parity.shape[0], int(high_x) + 1)):
            for j in range(max(0, int(np.ceil(low_y))), min(parity.shape[1], int(high_y) + 1)):
                # A hair beside the centre, so that no column runs through an edge or a corner.
                x, y = i + 1.234e-7, j + 2.718e-7
                u = (b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)
                v = (c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)
                u, v = u / area, v / area
                if u < 0.0 or v < 0.0 or u + v > 1.0:
                    continue
                height = u * a[2] + v * b[2] + (1.0 - u - v) * c[2]
                k = max(0, int(np.ceil(height)))
                if k < parity.shape[2]:
                    parity[i, j, k] = not parity[i, j, k]


@kernel
def _fill_tetrahedra(places: FloatArray, tets: IntArray, inside: BoolArray) -> None:
    """Mark the voxels whose centres lie in a tetrahedron."""
    low, high = np.empty(3, np.int64), np.empty(3, np.int64)
    edges = np.empty((3, 3))
    for n in range(tets.shape[0]):
        for d in range(3):
            corner = places[tets[n, 0], d]
            least, most = corner, corner
            for m in range(1, 4):
                value = places[tets[n, m], d]
                edges[d, m - 1] = value - corner
                least, most = min(least, value), max(most, value)
            low[d] = max(0, int(np.ceil(least)))
            high[d] = min(inside.shape[d], int(np.floor(most)) + 1)
        if low[0] >= high[0] or low[1] >= high[1] or low[2] >= high[2]:
            continue
        inverse = np.linalg.inv(edges)
        origin = places[tets[n, 0]]
        for i in range(low[0], high[0]):
            for j in range(low[1], high[1]):
                for k in range(low[2], high[2]):
                    x, y, z = i - origin[0], j - origin[1], k - origin[2]
                    u = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z
                    v = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z
                    w = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
                    if min(u, v, w) >= -1e-9 and u + v + w <= 1.0 + 1e-9:
                        inside[i, j, k] = True
