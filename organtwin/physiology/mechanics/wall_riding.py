"""What rides on the wall mechanics: drawing surface, cavities and tissue follow its mesh."""

from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from organtwin.anatomy.embedding import embedding
from organtwin.anatomy.mesh import Anatomy, Surface, Tissue
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import BoolArray, Float32Array
from organtwin.physiology.mechanics.wall_beat import ASSET
from organtwin.physiology.mechanics.wall_modes import WallModes
from organtwin.physiology.mechanics.wall_tissue import ASSET as FREED_ASSET
from organtwin.physiology.mechanics.wall_tissue import FreedNodes, followed, tissue_modes
from organtwin.resources import asset

SMOOTHING_PASSES = 8
"""Over about 8 mm on a surface of 2.5 mm triangles, less than one element of the mechanics."""


@lru_cache(maxsize=1)
def wall_modes() -> WallModes:
    """The reduced wall mechanics of the bundled template."""
    return WallModes.load(asset(ASSET))


@lru_cache(maxsize=1)
def freed_nodes() -> FreedNodes:
    """The tissue nodes of the bundled template that do not move with their nearest element."""
    return FreedNodes.load(asset(FREED_ASSET))


class Riders:
    """The modes at the points of one anatomy, ``(n, 3, n_modes)`` [m per m of amplitude]."""

    def __init__(self, model: WallModes, anatomy: Anatomy) -> None:
        self._mesh = Tissue(model.nodes, model.tets, model.regions)
        self._flat = np.swapaxes(model.modes, 1, 2).reshape(len(model.nodes), -1)
        self._anatomy = anatomy
        follows = embedding(self._mesh, anatomy.surface)
        self.surface = smooth_modes(follows, self._flat, anatomy.surface)
        self.cavities = np.concatenate(
            [self._carried(embedding(self._mesh, anatomy.cavities[c])) for c in Cavity]
        )

    @cached_property
    def tissue(self) -> Float32Array:
        tissue = self._anatomy.tissue
        freed = freed_nodes()
        if len(tissue.nodes) != freed.n_tissue:
            return tissue_modes(self._mesh, self._flat, tissue)
        values = self.followed[0].reshape(len(tissue.nodes), 3, -1).copy()
        values[freed.nodes] = freed.modes
        return values

    @property
    def followed(self) -> tuple[Float32Array, BoolArray]:
        """Modes ``(n, 3 n_modes)`` of the nearest elements, and which nodes stand off from them."""
        return followed(self._mesh, self._flat, self._anatomy.tissue)

    def _carried(self, weights: sparse.csr_array) -> Float32Array:
        values = weights.astype(np.float32) @ self._flat
        return np.asarray(values.reshape(len(values), 3, -1), np.float32)


@lru_cache(maxsize=2)
def riders(anatomy: Anatomy) -> Riders:
    """The riders of one template; kept, because every beat needs them."""
    return Riders(wall_modes(), anatomy)


def smooth_modes(follows: sparse.csr_array, flat: Float32Array, surface: Surface) -> Float32Array:
    """Modes ``(n, 3, n_modes)`` at the points of a surface, smoothed over it.

    ``follows`` ties the points to the nodes of the mechanics, ``flat`` ``(n_nodes, 3 n_modes)``.
    Within an element modes are linear: drawn as they are, a contracted wall shows the elements.
    """
    values = follows.astype(np.float32) @ flat
    average = neighbour_average(surface)
    for _ in range(SMOOTHING_PASSES):
        values = average @ values
    return np.asarray(values.reshape(len(values), 3, -1), np.float32)


def neighbour_average(surface: Surface) -> sparse.csr_array:
    """Mean of every point and its neighbours ``(n, n)``."""
    n, t = len(surface.points), surface.triangles
    pairs = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    rows, columns = np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]]
    link = sparse.coo_array((np.ones(len(rows), np.float32), (rows, columns)), (n, n)).tocsr()
    link.data[:] = 1.0
    link = link + sparse.eye_array(n, dtype=np.float32, format="csr")
    return sparse.csr_array(sparse.diags_array(1.0 / link.sum(axis=1)) @ link, dtype=np.float32)
