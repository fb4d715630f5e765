"""What rides on the wall mechanics: drawing surface, cavities and tissue follow its mesh."""

from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from organtwin.anatomy.embedding import embedding, nearest_elements
from organtwin.anatomy.mesh import Anatomy, Tissue
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array
from organtwin.physiology.mechanics.wall_beat import ASSET
from organtwin.physiology.mechanics.wall_modes import WallModes
from organtwin.resources import asset


@lru_cache(maxsize=1)
def wall_modes() -> WallModes:
    """The reduced wall mechanics of the bundled template."""
    return WallModes.load(asset(ASSET))


class Riders:
    """The modes at the points of one anatomy, ``(n, 3, n_modes)`` [m per m of amplitude]."""

    def __init__(self, model: WallModes, anatomy: Anatomy) -> None:
        self._mesh = Tissue(model.nodes, model.tets, model.regions)
        self._flat = np.swapaxes(model.modes, 1, 2).reshape(len(model.nodes), -1)
        self._anatomy = anatomy
        self.surface = self._carried(embedding(self._mesh, anatomy.surface))
        self.cavities = np.concatenate(
            [self._carried(embedding(self._mesh, anatomy.cavities[c])) for c in Cavity]
        )

    @cached_property
    def tissue(self) -> Float32Array:
        nodes, weights, _ = nearest_elements(self._mesh, self._anatomy.tissue.nodes)
        values = np.einsum("na,nak->nk", weights.astype(np.float32), self._flat[nodes])
        return np.asarray(values.reshape(len(values), 3, -1), np.float32)

    def _carried(self, weights: sparse.csr_array) -> Float32Array:
        values = weights.astype(np.float32) @ self._flat
        return np.asarray(values.reshape(len(values), 3, -1), np.float32)


@lru_cache(maxsize=2)
def riders(anatomy: Anatomy) -> Riders:
    """The riders of one template; kept, because every beat needs them."""
    return Riders(wall_modes(), anatomy)
