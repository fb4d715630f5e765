"""Cavities of a muscle mask that no surface marks: space that muscle surrounds.

Space cut off from the outside is a cavity. Where the ventricles are open at the base, a voxel
counts as inside when muscle stands in more than half of 26 directions: at the rim of a wall just
the directions to the apex and those in the plane of the rim are blocked, so the cap is flat.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.arrays import IntArray
from organtwin.compilation import kernel

Mask = NDArray[np.bool_]

BLOCKED = 14
"""Directions of 26 that must be blocked. A point of the rim's plane has 9 to the apex and 8 in the
plane; one above the plane 9 at most."""

LEAST_CAVITY = 5e-6
"""Volume [m3] of the smallest end-systolic ventricle that the case file accepts."""

_CORNERS = 8
"""Voxels to grow back into the sharp corners where septum and free wall meet."""

_DIRECTIONS = np.array(
    [step for step in np.ndindex(3, 3, 3) if step != (1, 1, 1)], dtype=np.int32
) - np.int32(1)


def cavities(muscle: Mask, voxel_volume: float, most: int) -> list[Mask]:
    """Spaces inside of muscle, the largest first, those of an open base included."""
    closed = ndimage.binary_fill_holes(muscle) & ~muscle
    space = closed | ((blocked_directions(muscle, _DIRECTIONS) >= BLOCKED) & ~muscle)
    # Grooves between the ventricles are narrow: opening parts them from the cavities.
    kept = ndimage.binary_opening(space, iterations=2)
    pieces, count = ndimage.label(kept)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:] * voxel_volume
    chosen = [int(n) for n in np.argsort(sizes)[::-1] if sizes[n] >= LEAST_CAVITY][:most]
    seeds = [pieces == n + 1 for n in chosen]
    return [_regrown(seed, space) for seed in seeds]


def _regrown(seed: Mask, space: Mask) -> Mask:
    """The corners that the opening took, and pockets that the cavity shuts off."""
    whole = ndimage.binary_dilation(seed, iterations=_CORNERS, mask=space)
    return np.asarray(whole)


@kernel
def blocked_directions(muscle: Mask, directions: IntArray) -> NDArray[np.int8]:
    """Number of directions in which a voxel looks at muscle."""
    nx, ny, nz = muscle.shape
    found = np.zeros((nx, ny, nz), np.int8)
    seen = np.zeros((nx, ny, nz), np.bool_)
    for d in range(len(directions)):
        dx, dy, dz = directions[d, 0], directions[d, 1], directions[d, 2]
        for a in range(nx):
            i = nx - 1 - a if dx > 0 else a
            for b in range(ny):
                j = ny - 1 - b if dy > 0 else b
                for c in range(nz):
                    k = nz - 1 - c if dz > 0 else c
                    p, q, r = i + dx, j + dy, k + dz
                    outside = p < 0 or q < 0 or r < 0 or p >= nx or q >= ny or r >= nz
                    seen[i, j, k] = not outside and (muscle[p, q, r] or seen[p, q, r])
                    found[i, j, k] += seen[i, j, k]
    return found
