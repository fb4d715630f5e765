"""Thin cables in a heart, such as its conduction system, each of their points tied to the tissue.

A point in or beside muscle hangs on its nearest element. One that runs free through blood, as the
moderator band does, hangs on the points of its own line that muscle holds on either side: on its
nearest element it would jump from wall to wall.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.mesh import Tissue
from organtwin.arrays import BoolArray, FloatArray, IntArray

FREE = 3e-3
"""Distance [m] from all tissue beyond which a point runs free: conduction meshes stand off from the
template's tissue by up to 2.6 mm (Bachmann's bundle), the moderator band by 10 mm."""

_NEIGHBOURHOOD = 20e-3
"""Elements farther than this from every point [m] are not searched."""


@dataclass(frozen=True, eq=False, slots=True)
class Strands:
    """Polylines that move with the tissue.

    ``nodes`` and ``weights`` ``(n, 8)`` and ``offsets`` ``(n, 3)`` [m] place the points; ``times``
    ``(n,)`` [s] of excitation, infinite where it never comes. ``lines`` are numbers of points,
    ``radii`` [m] to draw each line's points with; ``branches`` and ``blocked`` ``(n_lines,)`` tell
    what a line belongs to, and whether excitation stays out of it.
    """

    nodes: IntArray
    weights: FloatArray
    offsets: FloatArray
    times: FloatArray
    lines: tuple[IntArray, ...]
    radii: tuple[FloatArray, ...]
    branches: IntArray
    blocked: BoolArray

    def places(self, tissue_nodes: FloatArray) -> FloatArray:
        """Points ``(n, 3)`` [m] where the tissue's nodes are ``(n_nodes, 3)`` [m]."""
        held = np.einsum("nk,nki->ni", self.weights, tissue_nodes[self.nodes])
        return np.asarray(held + self.offsets)


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """One strand before it is tied: numbers and radii [m] of its points, branch; blocked?."""

    points: IntArray
    radii: FloatArray
    branch: int
    blocked: bool


def tied_strands(
    tissue: Tissue, points: FloatArray, lines: Sequence[Line], *, times: FloatArray
) -> Strands:
    """Tie points ``(n, 3)`` [m], joined by lines, to the tissue they run in."""
    four, shares, gap = nearest_elements(_around(tissue, points), points)
    nodes = np.concatenate([four, four], axis=1).astype(np.int32)
    weights = np.concatenate([shares, np.zeros_like(shares)], axis=1)
    for line in lines:
        _hang_free_parts(line.points, points, gap, nodes, weights)
    rest = np.einsum("nk,nki->ni", weights, tissue.nodes[nodes])
    return Strands(
        nodes, weights, points - rest, times,
        tuple(line.points for line in lines),
        tuple(line.radii for line in lines),
        np.array([line.branch for line in lines], np.int32),
        np.array([line.blocked for line in lines], np.bool_),
    )  # fmt: skip


def _around(tissue: Tissue, points: FloatArray) -> Tissue:
    """The elements among which the nearest ones are."""
    centres = tissue.nodes[tissue.tets].mean(axis=1)
    away = cKDTree(points).query(centres, distance_upper_bound=_NEIGHBOURHOOD)[0]
    near = np.isfinite(away)
    if not near.any():
        return tissue
    return Tissue(tissue.nodes, tissue.tets[near], tissue.regions[near])


def _hang_free_parts(
    line: IntArray, points: FloatArray, gap: FloatArray, nodes: IntArray, weights: FloatArray
) -> None:
    """Hang what runs free between two held points of a line on these, by its place between."""
    held = gap[line] <= FREE
    held[[0, -1]] = True
    steps = np.linalg.norm(np.diff(points[line], axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    firm = np.flatnonzero(held)
    for k in np.flatnonzero(~held):
        before, after = firm[firm < k][-1], firm[firm > k][0]
        share = (along[k] - along[before]) / max(along[after] - along[before], 1e-9)
        a, b = line[before], line[after]
        nodes[line[k]] = np.concatenate([nodes[a, :4], nodes[b, :4]])
        weights[line[k]] = np.concatenate([(1.0 - share) * weights[a, :4], share * weights[b, :4]])
