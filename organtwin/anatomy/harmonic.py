"""Fill a nodal field of a tissue harmonically from the nodes where it is known.

Linear elements of ``div grad f = 0`` with ``f`` held at the known nodes and no flux through the
surface: the smoothest continuation. A linear field is continued exactly when the held nodes
surround the free ones. Reference: Zienkiewicz and Taylor, The Finite Element Method, chapter 3.
"""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from organtwin.anatomy.mesh import Tissue
from organtwin.arrays import BoolArray, Float32Array, IntArray


def filled(tissue: Tissue, values: Float32Array, free: BoolArray) -> Float32Array:
    """``values`` ``(n_nodes, k)`` with the rows of ``free`` nodes ``(n_nodes,)`` filled in.

    A connected part without any held node keeps its values. Only elements at free nodes count, and
    the order of elimination is that for symmetric matrices: 66 000 nodes of a thin shell, 96 values
    each, take 2.6 s.
    """
    own, near = _near(tissue, free)
    stiffness = laplacian(near)
    free = free[own] & _touching(stiffness, ~free[own])
    inner, held = np.flatnonzero(free), np.flatnonzero(~free)
    out = values.copy()
    if len(inner):
        rows = stiffness[inner]
        load = -(rows[:, held] @ values[own[held]].astype(np.float64))
        factors = splu(
            rows[:, inner].tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        out[own[inner]] = factors.solve(load)
    return out


def _near(tissue: Tissue, free: BoolArray) -> tuple[IntArray, Tissue]:
    """The elements at free nodes as a tissue of their own, and which nodes ``(k,)`` it has."""
    touched = free[tissue.tets].any(axis=1)
    own, tets = np.unique(tissue.tets[touched], return_inverse=True)
    near = Tissue(tissue.nodes[own], tets.reshape(-1, 4).astype(np.int32), tissue.regions[touched])
    return own, near


def laplacian(tissue: Tissue) -> sparse.csr_array:
    """Stiffness matrix ``(n_nodes, n_nodes)`` [m] of linear elements, of unit conductivity."""
    corners = tissue.nodes[tissue.tets]
    edges = np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2)
    inverse, volumes = np.linalg.inv(edges), np.abs(np.linalg.det(edges)) / 6.0
    slopes = np.concatenate([-inverse.sum(axis=1, keepdims=True), inverse], axis=1)
    values = volumes[:, None, None] * (slopes @ np.swapaxes(slopes, 1, 2))
    rows, columns = np.repeat(tissue.tets, 4, axis=1).ravel(), np.tile(tissue.tets, (1, 4)).ravel()
    n = len(tissue.nodes)
    return sparse.coo_array((values.ravel(), (rows, columns)), (n, n)).tocsr()


def _touching(stiffness: sparse.csr_array, held: BoolArray) -> BoolArray:
    """Which nodes lie in a connected part that has a held node."""
    count, part = sparse.csgraph.connected_components(stiffness, directed=False)
    known = np.zeros(count, bool)
    known[part[held]] = True
    return np.asarray(known[part])
