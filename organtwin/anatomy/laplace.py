"""Harmonic fields and lengths along them, on tetrahedra with linear shape functions.

    div grad u = 0 inside,   u = given on held nodes,   du/dn = 0 elsewhere,

by the Galerkin method: ``K u = 0`` with ``K_ij = sum_e V_e grad N_i . D grad N_j``, ``D = I``.

The length of the way from a surface to each place, along the unit field ``T`` of a potential,
solves ``grad d . T = 1`` in the least-squares sense (Cobiveco, Schuler et al. 2021, Med Image Anal
74:102247): the same ``K`` with ``D = T T' + c (I - T T')`` and the load ``sum_e V_e grad N_i . T``.
The small ``c`` keeps the problem regular across the field.

The matrix is kept in compressed rows whose pattern is found once per mesh; systems are solved by
conjugate gradients (``laplace_solver``). Slivers (dihedral angles
beyond 90 degrees) can break the maximum principle by a little; values are not clipped.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.laplace_kernels import directed, node_means, pattern, reached, stiffness
from organtwin.anatomy.laplace_solver import aggregates, coarse_matrix, conjugate_gradients
from organtwin.arrays import FloatArray, IntArray

Indices = NDArray[np.integer]

TOLERANCE = 1e-7
"""Residual relative to the load: leaves an error of 2e-6 of the range on 256 000 nodes."""

CROSSWIND = 0.01
"""Stiffness across a field relative to along it, when lengths are measured."""

_FLAT = 1e-3
_MOST_STEPS = 4000
_PATCHES, _LEAST_PATCH = 500, 60


@dataclass(frozen=True, eq=False)
class Elements:
    """A mesh with what its linear elements need.

    ``gradients`` ``(n_tets, 4, 3)`` [1/m] of the shape functions, ``volumes`` ``(n_tets,)`` [m3];
    ``row_starts``, ``columns``: pattern of the matrix; ``slots`` ``(n_tets, 16)``: where the
    entries of each element go; ``patches`` ``(n_nodes,)``: groups of nodes for the solver.
    """

    nodes: FloatArray
    tets: IntArray
    gradients: FloatArray
    volumes: FloatArray
    row_starts: IntArray
    columns: IntArray
    slots: IntArray
    patches: IntArray


@dataclass(frozen=True, eq=False)
class Held:
    """Nodes whose value is given: ``nodes`` ``(k,)`` without repeats, ``values`` ``(k,)``."""

    nodes: Indices
    values: FloatArray


def linear_elements(nodes: FloatArray, tets: Indices) -> Elements:
    """Prepare nodes ``(n, 3)`` [m] and tetrahedra ``(m, 4)`` of positive volume."""
    corners = nodes[tets]
    edges = corners[:, 1:] - corners[:, :1]
    volumes = np.linalg.det(edges) / 6.0
    inner = np.moveaxis(np.linalg.inv(edges), 1, 2)
    gradients = np.concatenate([-inner.sum(axis=1, keepdims=True), inner], axis=1)
    numbers = np.ascontiguousarray(tets, np.int32)
    starts, columns, slots = pattern(numbers, len(nodes))
    patches = aggregates(starts, columns, max(_LEAST_PATCH, len(nodes) // _PATCHES))
    return Elements(nodes, numbers, gradients, volumes, starts, columns, slots, patches)


def held(n_nodes: int, *groups: tuple[Indices, float]) -> Held:
    """Join groups of nodes with one value each; nodes claimed by two groups stay free."""
    claims = np.zeros(n_nodes, np.int64)
    values = np.zeros(n_nodes)
    for nodes, value in groups:
        own = np.unique(nodes)
        claims[own] += 1
        values[own] = value
    nodes = np.flatnonzero(claims == 1)
    return Held(nodes, values[nodes])


def harmonic(elements: Elements, fixed: Held) -> FloatArray:
    """Harmonic field ``(n_nodes,)``; NaN on parts of the mesh where no node is held."""
    data = stiffness(elements.gradients, elements.volumes, elements.slots, len(elements.columns))
    return _solution(elements, data, fixed, np.zeros(len(elements.nodes)))


def length_along(elements: Elements, direction: FloatArray, start: Indices) -> FloatArray:
    """Length ``(n_nodes,)`` [m] of the way from the nodes ``start`` to each node.

    ``direction`` ``(n_tets, 3)``: unit vectors along the way. NaN on parts that hold no such node.
    """
    data, load = directed(
        elements.gradients, elements.volumes, elements.slots, direction,
        elements.tets, len(elements.columns), len(elements.nodes), CROSSWIND,
    )  # fmt: skip
    return _solution(elements, data, Held(start, np.zeros(len(start))), load)


def place_between(elements: Elements, fixed: Held) -> FloatArray:
    """Place ``(n_nodes,)`` from 0 to 1 between nodes held at 0 and at 1, even in length.

    Ways follow the harmonic field, so they leave and arrive at right angles; along each of them the
    place is the length behind over the whole length.
    """
    potential = harmonic(elements, fixed)
    way = _directions(element_gradient(elements, potential))
    behind = length_along(elements, way, fixed.nodes[fixed.values == 0.0])
    ahead = length_along(elements, -way, fixed.nodes[fixed.values == 1.0])
    behind, ahead = np.maximum(behind, 0.0), np.maximum(ahead, 0.0)
    place = behind / np.maximum(behind + ahead, 1e-12)
    place[fixed.nodes] = fixed.values
    return place


def element_gradient(elements: Elements, field: FloatArray) -> FloatArray:
    """Gradient ``(n_tets, 3)`` [1/m] of a nodal field; zero where the field is NaN."""
    values = np.nan_to_num(field)[elements.tets]
    return np.asarray(np.einsum("eik,ei->ek", elements.gradients, values))


def nodal_average(elements: Elements, values: FloatArray) -> FloatArray:
    """Average ``(n_nodes, ...)`` of element values ``(n_tets, ...)``, weighted by volume."""
    flat = np.ascontiguousarray(values.reshape(len(values), -1), np.float64)
    mean: FloatArray = node_means(elements.tets, elements.volumes, flat, len(elements.nodes))
    return mean.reshape(len(elements.nodes), *values.shape[1:])


def smooth_gradient(elements: Elements, field: FloatArray) -> FloatArray:
    """Gradient ``(n_tets, 3)`` averaged over the neighbours of each element.

    So it is not zero only because an element has all its nodes on one held surface.
    """
    recovered = nodal_average(elements, element_gradient(elements, field))
    return np.asarray(recovered[elements.tets].mean(axis=1))


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors ``(n, 3)`` of length one; zero stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1.0))


def _directions(gradient: FloatArray) -> FloatArray:
    """Unit vectors; zero where a field is so flat that its direction would be round-off."""
    steepness = np.linalg.norm(gradient, axis=1)
    flat = steepness < _FLAT * np.median(steepness)
    return np.where(flat[:, None], 0.0, unit(gradient))


def _solution(elements: Elements, data: FloatArray, fixed: Held, load: FloatArray) -> FloatArray:
    free = np.ones(len(elements.nodes), np.bool_)
    free[fixed.nodes] = False
    free &= reached(elements.row_starts, elements.columns, ~free)
    solution = np.full(len(elements.nodes), np.nan)
    solution[free] = 0.0
    solution[fixed.nodes] = fixed.values
    start = np.nan_to_num(solution)
    rows, columns, patches = elements.row_starts, elements.columns, elements.patches
    coarse: FloatArray = np.linalg.inv(coarse_matrix(rows, columns, data, free, patches)).astype(
        np.float64
    )
    answer = conjugate_gradients(
        rows, columns, data, free, patches, coarse, load, start, TOLERANCE, _MOST_STEPS
    )
    return np.where(np.isnan(solution), np.nan, answer)
