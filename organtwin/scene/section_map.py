"""A plane through the tissue as a square map: which element, and which value, lies in each texel.

Every tetrahedron that the plane meets gives one triangle or quadrilateral (marching tetrahedra,
Doi and Koide 1991); it is filled into the map, values running linearly. Thin walls are thinner in
the drawn heart than in the tissue and may lie beside it, so each filled texel spreads a little.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.mesh import Tissue
from organtwin.arrays import BoolArray, Float32Array, FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.scene.kernels import ByteArray
from organtwin.scene.planes import Plane

TEXELS = 288
SPREAD = 3
"""Texels, about 2.5 mm, by which tissue is continued to reach the drawn wall."""


@dataclass(frozen=True, eq=False)
class MapFrame:
    """Where the map lies: its middle [m], two unit axes in the plane, and the edge length [m]."""

    middle: FloatArray
    right: FloatArray
    up: FloatArray
    normal: FloatArray
    extent: float

    def local(self, places: RealArray) -> Float32Array:
        """``(n, 3)`` column and row [texels], and height above the plane [m], of places."""
        scale = TEXELS / self.extent
        axes = np.stack([self.right * scale, self.up * scale, self.normal])
        offset = np.array([0.5 * TEXELS, 0.5 * TEXELS, 0.0]) - axes @ self.middle
        return (places @ axes.T + offset).astype(np.float32)

    def texel(self, point: FloatArray) -> tuple[int, int] | None:
        """Row and column of the texel that holds ``point``; None beside the map."""
        away = point - self.middle
        column = int(np.floor((away @ self.right / self.extent + 0.5) * TEXELS))
        row = int(np.floor((away @ self.up / self.extent + 0.5) * TEXELS))
        return (row, column) if 0 <= row < TEXELS and 0 <= column < TEXELS else None


class SectionMap:
    """``elements`` ``(TEXELS, TEXELS)``, -1 where there is no tissue, and ``values`` beside it."""

    def __init__(self, tissue: Tissue) -> None:
        self._tets = np.ascontiguousarray(tissue.tets, dtype=np.int32)
        self._low, self._high = tissue.nodes.min(axis=0), tissue.nodes.max(axis=0)
        self.elements: IntArray = np.full((TEXELS, TEXELS), -1, dtype=np.int32)
        self.values: Float32Array = np.zeros((TEXELS, TEXELS), dtype=np.float32)
        self._spare = self.elements.copy(), self.values.copy()

    def frame(self, plane: Plane) -> MapFrame:
        """A map of the plane around the middle of the tissue, large enough for all of it."""
        return map_frame(plane, self._low, self._high)

    def fill(
        self, nodes: RealArray, values: Float32Array, shown: BoolArray, frame: MapFrame
    ) -> None:
        """Draw the section of the moved ``nodes``; ``shown`` ``(n_tets,)`` leaves elements out."""
        self.elements.fill(-1)
        rasterise(frame.local(nodes), self._tets, values, shown, self.elements, self.values)
        for _ in range(SPREAD):
            spread(self.elements, self.values, *self._spare)
            spread_to = self._spare
            self._spare = self.elements, self.values
            self.elements, self.values = spread_to


def map_frame(plane: Plane, low: FloatArray, high: FloatArray) -> MapFrame:
    """A map of the plane that holds a box with corners ``low`` and ``high`` [m]."""
    middle = 0.5 * (low + high)
    normal = np.array(plane.normal) / np.linalg.norm(plane.normal)
    middle = middle - normal * float((middle - plane.origin) @ normal)
    aside = np.eye(3)[int(np.abs(normal).argmin())]
    right = np.cross(aside, normal)
    right /= np.linalg.norm(right)
    extent = 1.05 * float(np.linalg.norm(high - low))
    return MapFrame(middle, right, np.cross(normal, right), normal, extent)


@kernel
def rasterise(
    local: Float32Array,
    tets: IntArray,
    values: Float32Array,
    shown: BoolArray,
    elements: IntArray,
    out: Float32Array,
) -> None:
    """Fill both maps; ``local`` ``(n_nodes, 3)`` is column, row [texels] and height."""
    corner = np.empty((4, 3), np.float32)  # column, row, value
    for t in range(tets.shape[0]):
        below = 0
        for k in range(4):
            below += local[tets[t, k], 2] < 0.0
        if below == 0 or below == 4 or not shown[t]:
            continue
        count = 0
        for k in range(4):
            i = tets[t, k]
            if local[i, 2] >= 0.0:
                continue
            for m in range(4):
                j = tets[t, m]
                if local[j, 2] < 0.0:
                    continue
                share = local[i, 2] / (local[i, 2] - local[j, 2])
                corner[count, 0] = local[i, 0] + share * (local[j, 0] - local[i, 0])
                corner[count, 1] = local[i, 1] + share * (local[j, 1] - local[i, 1])
                corner[count, 2] = values[i] + share * (values[j] - values[i])
                count += 1
        _fill_triangle(corner, 0, 1, 2, t, elements, out)
        if count == 4:  # i-m, i-n, j-m, j-n: the second and third lie across from each other
            _fill_triangle(corner, 1, 2, 3, t, elements, out)


@kernel
def _fill_triangle(
    corner: Float32Array, a: int, b: int, c: int, t: int, elements: IntArray, out: Float32Array
) -> None:
    ax, ay = corner[a, 0], corner[a, 1]
    bx, by = corner[b, 0] - ax, corner[b, 1] - ay
    cx, cy = corner[c, 0] - ax, corner[c, 1] - ay
    area = bx * cy - by * cx
    if abs(area) < 1e-9:
        return
    rows, columns = elements.shape
    low_x, high_x = min(0.0, bx, cx) + ax, max(0.0, bx, cx) + ax
    low_y, high_y = min(0.0, by, cy) + ay, max(0.0, by, cy) + ay
    for row in range(max(int(low_y - 0.5), 0), min(int(high_y + 1.0), rows)):
        y = row + 0.5 - ay
        for column in range(max(int(low_x - 0.5), 0), min(int(high_x + 1.0), columns)):
            x = column + 0.5 - ax
            second = (x * cy - y * cx) / area
            third = (bx * y - by * x) / area
            if second >= -1e-5 and third >= -1e-5 and second + third <= 1.00001:
                elements[row, column] = t
                out[row, column] = (
                    corner[a, 2] * (1.0 - second - third)
                    + corner[b, 2] * second
                    + corner[c, 2] * third
                )


@kernel
def spread(
    elements: IntArray, values: Float32Array, new_elements: IntArray, new_values: Float32Array
) -> None:
    """Give each empty texel the content of a filled neighbour."""
    rows, columns = elements.shape
    for row in range(rows):
        for column in range(columns):
            r, c = row, column
            if elements[row, column] < 0:
                if row > 0 and elements[row - 1, column] >= 0:
                    r = row - 1
                elif row < rows - 1 and elements[row + 1, column] >= 0:
                    r = row + 1
                elif column > 0 and elements[row, column - 1] >= 0:
                    c = column - 1
                elif column < columns - 1 and elements[row, column + 1] >= 0:
                    c = column + 1
            new_elements[row, column] = elements[r, c]
            new_values[row, column] = values[r, c]


@kernel
def color_regions(
    elements: IntArray, regions: IntArray, palette: ByteArray, pixels: ByteArray
) -> None:
    """Fill ``pixels`` ``(n, 4)`` by the region of the element in each texel; empty ones clear."""
    for i in range(elements.shape[0]):
        element = elements[i]
        pixels[i, 3] = 0 if element < 0 else 255
        if element >= 0:
            for channel in range(3):
                pixels[i, channel] = palette[regions[element], channel]


@kernel
def clear_empty(elements: IntArray, pixels: ByteArray) -> None:
    """Make ``pixels`` ``(n, 4)`` opaque where there is tissue, and clear elsewhere."""
    for i in range(elements.shape[0]):
        pixels[i, 3] = 0 if elements[i] < 0 else 255
