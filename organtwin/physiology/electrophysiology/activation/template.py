"""The template heart for electrics, and values of an electric mesh at places of another.

The template's conducting muscle has a mesh of its own, finer than its anatomy's (194 000 tetrahedra
of the ventricles instead of 68 000). A patient's own heart conducts on the mesh of its anatomy.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.template_electric import load_electric_template
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.electrophysiology.activation.tissue import (
    ElectricTissue,
    conducting_part,
)

REACH = 4e-3
"""How far from the mesh a place may lie and still take its value [m]: an edge of the anatomy's."""

_NOTHING = 1e-9


def electric_template() -> ElectricTissue:
    """The conducting part of the template on its fine mesh, bundled with the program."""
    muscle = load_electric_template()
    return conducting_part(muscle.tissue, muscle.boundary, muscle.architecture)


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """Where places ``(k, 3)`` lie in an electric mesh, found once for any number of values.

    ``near`` ``(m,)`` are those that lie in or near it; ``nodes``, ``weights`` ``(m, 4)``.
    """

    n_places: int
    near: IntArray
    nodes: IntArray
    weights: FloatArray

    def values(self, values: FloatArray) -> FloatArray:
        """Values ``(k,)`` at the places from those of the nodes ``(n_nodes,)``.

        Linear in the nearest tetrahedron; infinite where one of its corners is; NaN farther than
        ``REACH`` from all muscle.
        """
        found = np.full(self.n_places, np.nan)
        own = values[self.nodes]
        own[self.weights == 0.0] = 0.0
        found[self.near] = np.sum(self.weights * own, axis=1)
        return found


def placed(tissue: ElectricTissue, places: FloatArray) -> Placed:
    """Find places ``(k, 3)`` [m] in an electric mesh."""
    close = cKDTree(tissue.nodes).query(places)[0] < 2 * REACH
    near = np.flatnonzero(close).astype(np.int32)
    if len(near) == 0:
        return Placed(len(places), near, np.zeros((0, 4), np.int32), np.zeros((0, 4)))
    mesh = Tissue(tissue.nodes, tissue.tets, tissue.regions)
    nodes, weights, gap = nearest_elements(mesh, places[near])
    weights = np.where(weights > _NOTHING, weights, 0.0)
    within = gap < REACH
    return Placed(len(places), near[within], nodes[within].astype(np.int32), weights[within])


def values_at(tissue: ElectricTissue, values: FloatArray, places: FloatArray) -> FloatArray:
    """Values ``(k,)`` at places ``(k, 3)`` [m]; see ``Placed.values``."""
    return placed(tissue, places).values(values)
