"""Filling the section of a closed surface line by line between crossings (even-odd rule)."""

import numpy as np

from organtwin.arrays import Float32Array, IntArray
from organtwin.compilation import kernel
from organtwin.scene.kernels import ByteArray


@kernel
def fill_section(
    local: Float32Array,
    triangles: IntArray,
    paint: ByteArray,
    crossings: Float32Array,
    counts: IntArray,
    pixels: ByteArray,
) -> None:
    """Fill ``pixels`` ``(rows, columns, 4)`` inside a surface; ``local`` as in ``rasterise``."""
    rows, columns = pixels.shape[0], pixels.shape[1]
    counts[:] = 0
    ends = np.empty((2, 2), np.float32)
    for t in range(triangles.shape[0]):
        found = 0
        for corner in range(3):
            i, j = triangles[t, corner], triangles[t, (corner + 1) % 3]
            if (local[i, 2] < 0.0) != (local[j, 2] < 0.0) and found < 2:
                share = local[i, 2] / (local[i, 2] - local[j, 2])
                ends[found, 0] = local[i, 0] + share * (local[j, 0] - local[i, 0])
                ends[found, 1] = local[i, 1] + share * (local[j, 1] - local[i, 1])
                found += 1
        if found < 2:
            continue
        low, high = min(ends[0, 1], ends[1, 1]), max(ends[0, 1], ends[1, 1])
        for row in range(max(int(np.ceil(low - 0.5)), 0), min(int(np.ceil(high - 0.5)), rows)):
            if counts[row] < crossings.shape[1]:
                share = (row + 0.5 - ends[0, 1]) / (ends[1, 1] - ends[0, 1])
                crossings[row, counts[row]] = ends[0, 0] + share * (ends[1, 0] - ends[0, 0])
                counts[row] += 1
    for row in range(rows):
        line = np.sort(crossings[row, : counts[row]])
        for pair in range(0, counts[row] - 1, 2):
            first = max(int(np.ceil(line[pair] - 0.5)), 0)
            for column in range(first, min(int(np.ceil(line[pair + 1] - 0.5)), columns)):
                for channel in range(4):
                    pixels[row, column, channel] = paint[channel]
