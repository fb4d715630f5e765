"""What does not change with speeds: which elements meet at a node, their shapes by direction.

With unit vectors f, s, n of an element, ``K = vf2 Kf + vs2 Ks + vn2 Kn`` and squared metric
lengths ``q = qf / vf2 + qs / vs2 + qn / vn2`` for every pair of corners, where
``Kf_ij = (grad l_i . f)(grad l_j . f)`` and ``qf_ij = (e_ij . f)^2``. Keeping the three parts
makes another set of speeds a sum of 36 numbers per element. Lengths are in mm here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.eikonal.medium import Medium

PAIRS = np.array([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]], np.int32)
"""Corners of a tetrahedron in the order in which its six numbers are kept."""
_MM = 1e3
_BLOCK = 4.0
"""Edge of a block of nodes in mean edges of the mesh: some 100 nodes, near in memory."""


@dataclass(frozen=True, eq=False, slots=True)
class Geometry:
    """A medium in the order of the solver.

    ``order`` ``(n_nodes,)`` places of the medium's nodes in the solver's order and ``rank`` the
    inverse. ``tets``, ``faces``, ``cables`` in the solver's nodes; ``tet_order`` etc. the element
    of the medium. ``first_*`` and ``own_*`` list around each node the elements with the corner it
    is: element times number of corners plus corner. ``parts`` ``(n_tets, 3, 12)`` see above,
    ``sides`` ``(n_faces, 3)`` squared lengths [mm2] opposite each corner.
    """

    order: IntArray
    rank: IntArray
    places: FloatArray
    tets: IntArray
    tissue_kinds: IntArray
    parts: RealArray
    faces: IntArray
    face_kinds: IntArray
    sides: RealArray
    cables: IntArray
    first_tet: IntArray
    own_tets: IntArray
    first_face: IntArray
    own_faces: IntArray
    first_cable: IntArray
    own_cables: IntArray


def geometry_of(medium: Medium, precision: DTypeLike) -> Geometry:
    """Everything of a checked medium that all sets of speeds share."""
    places = np.ascontiguousarray(medium.places * _MM, np.float64)
    order = _block_order(places, medium.tets)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    places = places[order]
    tets = rank[medium.tets]
    tet_order = np.argsort(tets.min(axis=1), kind="stable")
    tets = np.ascontiguousarray(tets[tet_order])
    parts = np.empty((len(tets), 3, 12), precision)
    fibers = np.ascontiguousarray(medium.fibers[tet_order], np.float64)
    sheets = np.ascontiguousarray(medium.sheets[tet_order], np.float64)
    _direction_parts(places, tets, fibers, sheets, parts)
    faces, cables = rank[medium.faces], rank[medium.cables]
    corners = places[faces]
    sides = ((corners[:, [1, 2, 0]] - corners[:, [2, 0, 1]]) ** 2).sum(axis=2)
    n_nodes = len(places)
    return Geometry(
        order, rank, places, tets, medium.tissue_kinds[tet_order].astype(np.int32), parts,
        faces, medium.face_kinds.astype(np.int32), sides.astype(precision), cables,
        *_around(tets, n_nodes), *_around(faces, n_nodes), *_around(cables, n_nodes),
    )  # fmt: skip


def _block_order(places: FloatArray, tets: IntArray) -> IntArray:
    """Nodes by blocks of space, so that neighbours share lines of the cache."""
    if not len(tets):
        return np.arange(len(places), dtype=np.int32)
    edges = places[tets[:, 1]] - places[tets[:, 0]]
    block = _BLOCK * float(np.sqrt((edges * edges).sum(axis=1)).mean())
    cell = np.floor((places - places.min(axis=0)) / block).astype(np.int64)
    shape = cell.max(axis=0) + 1
    key = (cell[:, 2] * shape[1] + cell[:, 1]) * shape[0] + cell[:, 0]
    return np.argsort(key, kind="stable").astype(np.int32)


def _around(elements: IntArray, n_nodes: int) -> tuple[IntArray, IntArray]:
    """Where the corners of each node begin in the list of all corners, and that list."""
    counts = np.bincount(elements.ravel(), minlength=n_nodes)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return first, np.argsort(elements.ravel(), kind="stable").astype(np.int32)


@kernel
def _direction_parts(
    places: FloatArray, tets: IntArray, fibers: FloatArray, sheets: FloatArray, parts: RealArray
) -> None:
    """Parts of K and of squared lengths along fibre, sheet and normal, for every element."""
    gradients, axes = np.empty((4, 3)), np.empty((3, 3))
    for e in range(len(tets)):
        origin = places[tets[e, 0]]
        a, b, c = (places[tets[e, 1]] - origin, places[tets[e, 2]] - origin,
                   places[tets[e, 3]] - origin)  # fmt: skip
        _cross(b, c, gradients[1])
        _cross(c, a, gradients[2])
        _cross(a, b, gradients[3])
        six_volumes = a[0] * gradients[1, 0] + a[1] * gradients[1, 1] + a[2] * gradients[1, 2]
        for k in range(3):
            for i in range(1, 4):
                gradients[i, k] /= six_volumes
            gradients[0, k] = -(gradients[1, k] + gradients[2, k] + gradients[3, k])
        _orthonormal(fibers[e], sheets[e], axes)
        for d in range(3):
            for pair in range(6):
                i, j = PAIRS[pair]
                slope_i, slope_j, run = 0.0, 0.0, 0.0
                for k in range(3):
                    slope_i += gradients[i, k] * axes[d, k]
                    slope_j += gradients[j, k] * axes[d, k]
                    run += (places[tets[e, j], k] - places[tets[e, i], k]) * axes[d, k]
                parts[e, d, pair] = slope_i * slope_j
                parts[e, d, 6 + pair] = run * run


@kernel
def _orthonormal(fiber: FloatArray, sheet: FloatArray, axes: FloatArray) -> None:
    """Fibre, sheet and normal of exact length and angle, from directions of single precision."""
    along = 1.0 / np.sqrt(fiber[0] ** 2 + fiber[1] ** 2 + fiber[2] ** 2)
    inner = 0.0
    for k in range(3):
        axes[0, k] = fiber[k] * along
        inner += axes[0, k] * sheet[k]
    length = 0.0
    for k in range(3):
        axes[1, k] = sheet[k] - inner * axes[0, k]
        length += axes[1, k] ** 2
    for k in range(3):
        axes[1, k] /= np.sqrt(length)
    _cross(axes[0], axes[1], axes[2])


@kernel
def _cross(a: FloatArray, b: FloatArray, out: FloatArray) -> None:
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]
