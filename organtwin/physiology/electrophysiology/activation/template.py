"""The template heart for electrics, and values of an electric mesh at places of another.

The template's conducting muscle has a mesh of its own, finer than its anatomy's (194 000 tetrahedra
of the ventricles instead of 68 000), which a warp carries to a patient as it does the anatomy.
Hearts from labels conduct on the mesh of their anatomy.
"""

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.laplace import unit
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.template_electric import load_electric_template
from organtwin.anatomy.warping_map import Warp
from organtwin.arrays import FloatArray
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


def warped_template(warp: Warp) -> ElectricTissue:
    """The fine mesh in the place and shape of a patient's heart; fibres turn with the warp."""
    tissue = electric_template()
    slopes = warp.slopes(tissue.nodes[tissue.tets].mean(axis=1))
    fibers = unit(np.einsum("nij,nj->ni", slopes, tissue.fibers))
    sheets = np.einsum("nij,nj->ni", slopes, tissue.sheets)
    sheets = unit(sheets - np.sum(sheets * fibers, axis=1, keepdims=True) * fibers)
    return replace(tissue, nodes=warp.carried(tissue.nodes), fibers=fibers, sheets=sheets)


def values_at(tissue: ElectricTissue, values: FloatArray, places: FloatArray) -> FloatArray:
    """Values ``(k,)`` at places ``(k, 3)`` [m] from those of the nodes ``(n_nodes,)``.

    Linear in the nearest tetrahedron; infinite where one of its corners is; NaN farther than
    ``REACH`` from all muscle.
    """
    found = np.full(len(places), np.nan)
    near = np.flatnonzero(cKDTree(tissue.nodes).query(places)[0] < 2 * REACH)
    if len(near) == 0:
        return found
    mesh = Tissue(tissue.nodes, tissue.tets, tissue.regions)
    nodes, weights, gap = nearest_elements(mesh, places[near])
    weighted = np.where(weights > _NOTHING, weights, 0.0)
    own = values[nodes]
    own[weighted == 0.0] = 0.0
    found[near] = np.where(gap < REACH, np.sum(weighted * own, axis=1), np.nan)
    return found
