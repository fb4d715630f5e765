"""Durations evened out between neighbours, as currents between coupled cells do.

Where two places of the muscle would recover at different times, current flows from the later to the
earlier one and brings them together over some millimetres. A walk on the mesh stands for it: each
step replaces a value by the mean of itself and its neighbours, these weighted as in the stiffness
matrix of linear elements (negative weights left out), so the largest value never grows and the
smallest never falls. The steps' number follows from the length asked for:

    length^2 = steps x mean squared step along one axis.

A field of slope g stays as it is away from the surface; a jump becomes the error function of that
length. Coupled tissue spreads over ``sqrt(2 D t)``: 4.5 mm with D = 0.1 mm2/ms in 100 ms.

Assumption: the same length in all directions; fibres are not followed. This is the averaging of
J. Camps et al., Med Image Anal 94:103108 (2024), in purpose, not in form. Verified by
``tests/physiology/ecg/test_smoothing.py``.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from organtwin.anatomy.laplace import linear_elements
from organtwin.anatomy.laplace_kernels import stiffness
from organtwin.arrays import FloatArray, IntArray

LENGTH = 4.5e-3
"""Spread of coupled tissue during repolarisation [m]."""


@dataclass(frozen=True, eq=False, slots=True)
class Neighbours:
    """One step of the walk, ``step`` ``(k, k)`` among the ``nodes`` ``(k,)``, and its number."""

    nodes: IntArray
    step: sparse.csr_array
    count: int


def neighbours(nodes: FloatArray, tets: IntArray, *, length: float = LENGTH) -> Neighbours:
    """Prepare the walk on the muscle ``tets`` ``(m, 4)`` of ``nodes`` ``(n, 3)`` [m]."""
    used, local = np.unique(tets, return_inverse=True)
    elements = linear_elements(nodes[used], local.reshape(tets.shape))
    values = stiffness(elements.gradients, elements.volumes, elements.slots, len(elements.columns))
    n = len(used)
    rows = np.repeat(np.arange(n), np.diff(elements.row_starts))
    weights = np.where(rows == elements.columns, 0.0, np.maximum(-values, 0.0))
    total = np.bincount(rows, weights=weights, minlength=n)
    weights *= 0.5 / np.maximum(total[rows], 1e-300)
    gaps = elements.nodes[rows] - elements.nodes[elements.columns]
    along = float(weights @ np.einsum("ij,ij->i", gaps, gaps)) / (3.0 * n)
    weights[rows == elements.columns] = np.where(total > 0.0, 0.5, 1.0)
    step = sparse.csr_array((weights, elements.columns, elements.row_starts), shape=(n, n))
    return Neighbours(used.astype(np.int32), step, round(length**2 / along))


def smoothed(prepared: Neighbours, values: FloatArray) -> FloatArray:
    """Values ``(n_nodes,)`` evened out on the nodes of the muscle, unchanged elsewhere."""
    own = np.asarray(values, float)[prepared.nodes]
    for _ in range(prepared.count):
        own = prepared.step @ own
    out = np.array(values, float)
    out[prepared.nodes] = own
    return out
