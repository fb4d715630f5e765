"""Surfaces tied to the tissue: every surface point as a weighted sum of tissue nodes.

Points in or near the tissue take the barycentric weights of their nearest tetrahedron. Points far
from it, such as those across a valve plane, follow the surface they belong to: the weights are
extended harmonically over it (cotangent Laplace equation, near points held), which carries a
uniform stretch of a ring to the whole disc that it bounds. With ``W`` the result, ``W @ values``
brings any nodal field, displacement included, to the surface.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Surface, Tissue
from organtwin.arrays import FloatArray
from organtwin.compilation import kernel

NEAR = 2.5e-3
"""How far outside the tissue a point may lie and still hang on its nearest element [m]; about the
thickness that thin walls lose between the drawn and the meshed heart."""

FARTHEST = 15e-3
"""[m]: a part that stands off by more than leaflets and chords do belongs to no heart."""

_FIRST_CANDIDATES = 8
"""Enough for most points that lie within an element."""

_CANDIDATES = 24
"""Elements tried per point, nearest centroids first: 24 found the right one for all but 1 in 10^4
points of the template, and those lay within 0.1 mm of the one taken."""

_LEAST_COTANGENT = 0.05
"""Obtuse corners have negative cotangents, which would let a point leave its neighbours' hull."""


def embedding(tissue: Tissue, surface: Surface) -> sparse.csr_array:
    """Weights ``(n_surface_points, n_nodes)``; every row sums to 1.

    Raises
    ------
    ValueError
        A connected part of the surface lies wholly farther than ``FARTHEST`` from the tissue.
    """
    nodes, weights, distance = nearest_elements(tissue, surface.points)
    n = len(surface.points)
    direct = sparse.csr_array(
        (weights.ravel(), (np.repeat(np.arange(n), 4), nodes.ravel())), (n, len(tissue.nodes))
    )
    far = _far(surface, distance)
    return _extended(direct, far, surface) if far.any() else direct


def nearest_elements(
    tissue: Tissue, points: FloatArray
) -> tuple[NDArray[np.integer], FloatArray, FloatArray]:
    """Nodes ``(n, 4)`` and barycentric weights ``(n, 4)`` of the element nearest to each point.

    Also the distance ``(n,)`` [m] by which the point lies outside of it, 0 inside. Weights are
    those of the nearest place in the element, so they are never negative.
    """
    corners = tissue.nodes[tissue.tets]
    edges = np.moveaxis(corners[:, 1:] - corners[:, :1], 1, 2)
    inverse = np.asarray(np.linalg.inv(edges), np.float64)
    tree = cKDTree(corners.mean(axis=1))
    n = len(points)
    element, weights, gap = np.zeros(n, np.int64), np.zeros((n, 4)), np.full(n, np.inf)
    left = np.arange(n)
    for wanted in (_FIRST_CANDIDATES, _CANDIDATES):
        count = min(wanted, len(tissue.tets))
        tried = tree.query(points[left], k=count)[1].reshape(len(left), -1)
        _choose(points, left, tried, inverse, corners[:, 0], corners, element, weights, gap)
        left = left[gap[left] > 0.0]
        if len(left) == 0:
            break
    return tissue.tets[element], weights, gap


@kernel
def _choose(
    points: FloatArray,
    asked: NDArray[np.int64],
    tried: NDArray[np.int64],
    inverse: FloatArray,
    origin: FloatArray,
    corners: FloatArray,
    element: NDArray[np.int64],
    weights: FloatArray,
    gap: FloatArray,
) -> None:
    """Of the elements ``tried`` for each point asked for, take the nearest."""
    local, place, b = np.empty(3), np.empty(3), np.empty(4)
    for row in range(len(asked)):
        i = asked[row]
        for candidate in tried[row]:
            for r in range(3):
                local[r] = 0.0
                for c in range(3):
                    local[r] += inverse[candidate, r, c] * (points[i, c] - origin[candidate, c])
            b[0] = max(1.0 - local[0] - local[1] - local[2], 0.0)
            inside = 1.0 - local[0] - local[1] - local[2] >= 0.0
            for r in range(3):
                inside = inside and local[r] >= 0.0
                b[r + 1] = max(local[r], 0.0)
            b /= b[0] + b[1] + b[2] + b[3]
            far = 0.0
            if not inside:
                for c in range(3):
                    place[c] = 0.0
                    for k in range(4):
                        place[c] += b[k] * corners[candidate, k, c]
                    far += (points[i, c] - place[c]) ** 2
                far = np.sqrt(far)
            if far < gap[i]:
                element[i], gap[i] = candidate, far
                weights[i] = b
            if inside:
                break


def _far(surface: Surface, distance: FloatArray) -> NDArray[np.bool_]:
    """Which points do not hang on the tissue themselves; every part hangs on its nearest."""
    n, triangles = len(distance), surface.triangles
    edges = np.concatenate([triangles[:, :2], triangles[:, 1:]])
    link = sparse.coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (n, n))
    part = sparse.csgraph.connected_components(link, directed=False)[1]
    nearest = np.full(part.max() + 1, np.inf)
    np.minimum.at(nearest, part, distance)
    if nearest.max() > FARTHEST:
        raise ValueError("a part of the surface does not touch the tissue")
    return np.asarray(distance > NEAR + np.where(nearest > NEAR, nearest, 0.0)[part])


def _extended(
    direct: sparse.csr_array, far: NDArray[np.bool_], surface: Surface
) -> sparse.csr_array:
    laplace = _cotangent_laplacian(surface)
    free, held = np.flatnonzero(far), np.flatnonzero(~far)
    toward = -(laplace[free][:, held] @ direct[held])
    columns = np.unique(toward.indices)
    solved = splu(laplace[free][:, free].tocsc()).solve(toward[:, columns].toarray())
    rows, kept = sparse.coo_array(solved), direct.tocoo()
    near = ~far[kept.row]
    values = np.concatenate([kept.data[near], rows.data])
    row = np.concatenate([kept.row[near], free[rows.row]])
    column = np.concatenate([kept.col[near], columns[rows.col]])
    return sparse.csr_array((values, (row, column)), direct.shape)


def _cotangent_laplacian(surface: Surface) -> sparse.csr_array:
    """Stiffness matrix of linear elements on the surface, its weights kept positive."""
    points, triangles, n = surface.points, surface.triangles, len(surface.points)
    first, second, weight = [], [], []
    for corner in range(3):
        a, b = triangles[:, (corner + 1) % 3], triangles[:, (corner + 2) % 3]
        u, v = points[a] - points[triangles[:, corner]], points[b] - points[triangles[:, corner]]
        area = np.maximum(np.linalg.norm(np.cross(u, v), axis=1), 1e-12)
        first.append(a)
        second.append(b)
        weight.append(0.5 * np.maximum(np.einsum("ij,ij->i", u, v) / area, _LEAST_COTANGENT))
    a, b, w = np.concatenate(first), np.concatenate(second), np.concatenate(weight)
    link = sparse.coo_array((np.r_[w, w], (np.r_[a, b], np.r_[b, a])), (n, n)).tocsr()
    return sparse.csr_array(sparse.diags_array(link.sum(axis=1)) - link)
