"""Carrying fields between hearts: from a place to the place with the same coordinates.

Each target node takes a weighted sum over the source nodes nearest to it in coordinate space, with
weights that reproduce any field that is linear in the coordinates (moving least squares,
Lancaster & Salkauskas 1981). The metric is about millimetres in an adult heart, rotation enters
as a point on a ring that shrinks towards the apex, and the RV only sees the RV.

Limit: muscle beyond the valve rings, as under the fat of the atrioventricular groove, has
coordinates close to those of the ring; fields there come back smeared over some millimetres.
"""

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Architecture
from organtwin.arrays import BoolArray, FloatArray

NEIGHBOURS = 24
"""Source nodes per target node: linear fields need 5, noise of coarse lattices asks for more."""

HEIGHT, LEFT_WALL, RIGHT_WALL, RING = 90.0, 10.0, 4.0, 30.0
"""Length of the ventricles, thickness of their walls, radius of the LV [mm]: the metric."""

_RING_CLOSES = 0.35
"""Apicobasal place below which the ring shrinks to the apex."""

_RIDGE = 1e-6
"""Keeps the least squares regular where all neighbours lie on one surface."""


def correspondence(source: Architecture, target: Architecture) -> sparse.csr_array:
    """Weights ``(n_target_nodes, n_source_nodes)`` that carry nodal fields of the ventricles.

    Rows sum to 1 in the ventricles and are empty elsewhere, or where the source lacks that side.
    """
    rows, columns, values = [], [], []
    for right in (False, True):
        own, other = _side(source, right), _side(target, right)
        if not own.any() or not other.any():
            continue
        near, weights = _local_weights(_places(source, own, right), _places(target, other, right))
        rows.append(np.repeat(np.flatnonzero(other), near.shape[1]))
        columns.append(np.flatnonzero(own)[near].ravel())
        values.append(weights.ravel())
    shape = (len(target.apicobasal), len(source.apicobasal))
    if not rows:
        return sparse.csr_array(shape)
    entries = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array((np.concatenate(values), entries), shape)


def transfer(field: FloatArray, source: Architecture, target: Architecture) -> FloatArray:
    """A nodal field ``(n_source_nodes, ...)`` on the nodes of another heart; NaN where it ends."""
    weights = correspondence(source, target)
    carried = np.asarray(weights @ np.nan_to_num(field), np.float64)
    carried[np.diff(weights.indptr) == 0] = np.nan
    return carried


def _side(heart: Architecture, right: bool) -> BoolArray:
    return np.asarray(heart.right == float(right))


def _places(heart: Architecture, nodes: BoolArray, right: bool) -> FloatArray:
    level = heart.apicobasal[nodes].astype(np.float64)
    turn = heart.rotational[nodes].astype(np.float64)
    radius = RING * (1.0 if right else np.minimum(level / _RING_CLOSES, 1.0))
    depth = heart.transmural[nodes] * (RIGHT_WALL if right else LEFT_WALL)
    return np.stack([HEIGHT * level, depth, radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def _local_weights(source: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Neighbours ``(n, k)`` of each target place and weights that reproduce linear fields."""
    count = min(NEIGHBOURS, len(source))
    distance, near = cKDTree(source).query(target, k=count)
    distance, near = distance.reshape(len(target), -1), near.reshape(len(target), -1)
    reach = np.maximum(distance[:, -1:], 1e-9)
    bell = np.exp(-((3.0 * distance / reach) ** 2))
    offset = (source[near] - target[:, None]) / reach[:, :, None]
    terms = np.concatenate([np.ones((*near.shape, 1)), offset], axis=2)
    moments = np.einsum("nk,nki,nkj->nij", bell, terms, terms)
    moments[:, np.arange(1, 5), np.arange(1, 5)] += _RIDGE * bell.sum(axis=1)[:, None]
    first = np.zeros((len(target), 5, 1))
    first[:, 0] = 1.0
    solved = np.linalg.solve(moments, first)[:, :, 0]
    weights = bell * np.einsum("nki,ni->nk", terms, solved)
    return near, weights / weights.sum(axis=1, keepdims=True)
