"""The body as a volume conductor: potentials of currents that enter and leave through the skin.

    div(sigma grad Z) = 0 inside,   sigma dZ/dn = current density on the skin,

``Z`` [V] the potential, ``sigma`` [S/m] a symmetric tensor, constant in each tetrahedron. Linear
finite elements give ``K Z = f`` with ``K_ij = sum_e V_e grad N_i . sigma_e grad N_j``; ``f`` [A]
shares every current among the corners of the triangle it enters through. ``K`` does not know the
level of ``Z``: only differences mean something, and the answers have mean zero over the nodes.

The mesh is a body-centred cubic lattice stuffed into the skin (``anatomy.stuffing``), whose
coordinates are stretched along each axis: fine where the heart is, coarse far from it.

Assumptions: resistive, linear body; nothing outside conducts; electrodes are points. Verified by
``tests/physiology/torso/test_conductor.py``: dipoles in an insulated sphere within 1 %, reciprocity
within 1e-8.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.implicit import Shape
from organtwin.anatomy.laplace_kernels import pattern
from organtwin.anatomy.laplace_solver import aggregates, coarse_matrix
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.stuffing import stuffed
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.electrophysiology.torso.conductor_kernels import (
    LANES,
    advanced,
    assembled,
    diagonal_places,
    preconditioned,
)

TOLERANCE = 1e-6
"""Residual relative to the load: far below what the mesh leaves."""

_GROWTH = 1.2
_PATCHES, _LEAST_PATCH = 400, 40
_MOST_STEPS = 2000
_NODES_AT_ONCE = 600_000
"""Nodes times steps between two answers: about 0.1 s."""

_TRIED = 12
"""Triangles tried to find the one nearest to an electrode."""


@dataclass(frozen=True, eq=False, slots=True)
class VolumeConductor:
    """A body ready to be solved.

    ``nodes`` ``(n, 3)`` [m]; ``tets`` ``(m, 4)``; ``faces`` ``(k, 3)`` of the skin; ``starts``,
    ``columns``, ``values``, ``middle`` [S m]: the matrix in compressed rows and where its diagonal
    is; ``patch`` and ``inverse``: the preconditioner's coarse part.
    """

    nodes: FloatArray
    tets: IntArray
    faces: IntArray
    starts: IntArray
    columns: IntArray
    values: FloatArray
    middle: IntArray
    patch: IntArray
    inverse: FloatArray


def stretched_mesh(
    shape: Shape, lower: FloatArray, upper: FloatArray, *,
    fine_lower: FloatArray, fine_upper: FloatArray, fine: float, coarse: float,
) -> tuple[FloatArray, IntArray]:  # fmt: skip
    """Nodes [m] and tetrahedra inside a shape: steps ``fine`` [m] in a box, ``coarse`` far away."""
    axes = [
        _steps(lower[i], upper[i], fine_lower[i], fine_upper[i], fine, coarse) for i in range(3)
    ]

    def place(lattice: FloatArray) -> FloatArray:
        return np.stack(
            [np.interp(lattice[:, i], np.arange(len(axes[i])), axes[i]) for i in range(3)], axis=1
        )

    def level(lattice: FloatArray) -> FloatArray:
        return shape(place(lattice))

    last = np.array([len(axis) - 1.0 for axis in axes])
    nodes, tets = stuffed(level, np.zeros(3), last, 1.0)
    return place(nodes), tets


def _steps(
    lower: float, upper: float, fine_lower: float, fine_upper: float, fine: float, coarse: float
) -> FloatArray:
    """Places along one axis from below ``lower`` to above ``upper``."""
    count = int(np.ceil((fine_upper - fine_lower) / fine))
    places = list(0.5 * (fine_lower + fine_upper) + fine * (np.arange(count + 1) - 0.5 * count))
    step = fine
    while places[-1] < upper:
        step = min(step * _GROWTH, coarse)
        places.append(places[-1] + step)
    step = fine
    while places[0] > lower:
        step = min(step * _GROWTH, coarse)
        places.insert(0, places[0] - step)
    return np.asarray(places)


def volume_conductor(nodes: FloatArray, tets: IntArray, *, tensors: FloatArray) -> VolumeConductor:
    """Assemble the matrix; ``tensors`` ``(m, 6)`` [S/m] in the order xx, yy, zz, xy, yz, xz."""
    numbers = np.ascontiguousarray(tets, np.int32)
    starts, columns, slots = pattern(numbers, len(nodes))
    values = assembled(nodes, numbers, np.ascontiguousarray(tensors), slots, len(columns))
    patch = aggregates(starts, columns, max(_LEAST_PATCH, len(nodes) // _PATCHES))
    free = np.ones(len(nodes), np.bool_)
    coarse = coarse_matrix(starts, columns, values, free, patch)
    # The level is free; a little of it on the diagonal makes the coarse matrix regular.
    coarse += np.trace(coarse) / len(coarse) ** 2
    return VolumeConductor(
        nodes=nodes,
        tets=numbers,
        faces=outer_faces(numbers)[0],
        starts=starts,
        columns=columns,
        values=values,
        middle=diagonal_places(starts, columns),
        patch=patch,
        inverse=np.asarray(np.linalg.inv(coarse), np.float64),
    )


def isotropic(conductivity: FloatArray) -> FloatArray:
    """Tensors ``(m, 6)`` of plain conductivities ``(m,)`` [S/m]."""
    tensors = np.zeros((len(conductivity), 6))
    tensors[:, :3] = np.asarray(conductivity)[:, None]
    return tensors


def solved(
    conductor: VolumeConductor, loads: FloatArray, *, tolerance: float = TOLERANCE
) -> FloatArray:
    """Potentials ``(k, n)`` [V] of loads ``(k, n)`` [A].

    Every load must sum to zero; what enters must leave.
    """
    found = [
        step.potentials
        for step in solving(conductor, loads, tolerance=tolerance)
        if step.potentials is not None
    ]
    return np.concatenate(found) if found else np.zeros((0, len(conductor.nodes)))


@dataclass(frozen=True, eq=False, slots=True)
class SolvingStep:
    """Progress of ``solving``, share done; now and then the potentials of the next few loads."""

    done: float
    potentials: FloatArray | None = None


def solving(
    conductor: VolumeConductor, loads: FloatArray, *, tolerance: float = TOLERANCE
) -> Iterator[SolvingStep]:
    """Solve loads ``(k, n)`` [A] eight at a time, in order; a step takes about 0.1 s.

    Raises
    ------
    ValueError
        A load does not sum to zero: no potential belongs to it.
    """
    loads = np.asarray(loads, float)
    if np.any(np.abs(loads.sum(axis=1)) > 1e-9 * np.abs(loads).sum(axis=1)):
        raise ValueError("a current pattern does not sum to zero: what enters must leave")
    for first in range(0, len(loads), LANES):
        some = loads[first : first + LANES]
        lanes = np.zeros((len(conductor.nodes), LANES))
        lanes[:, : len(some)] = some.T
        for found in _block(conductor, lanes, tolerance):
            if found is None:
                yield SolvingStep(first / len(loads))
                continue
            level = found - found.mean(axis=0)
            done = min(1.0, (first + LANES) / len(loads))
            yield SolvingStep(done, np.ascontiguousarray(level.T[: len(some)]))


def _block(
    conductor: VolumeConductor, residual: FloatArray, tolerance: float
) -> Iterator[FloatArray | None]:
    """Nothing while it goes on, then the solutions ``(n, LANES)``."""
    matrix = (
        conductor.starts, conductor.columns, conductor.values, conductor.middle,
        conductor.patch, conductor.inverse,
    )  # fmt: skip
    x, step = np.zeros_like(residual), np.empty_like(residual)
    size = preconditioned(*matrix, residual, step)
    target = tolerance**2 * size
    n_steps = max(1, _NODES_AT_ONCE // len(residual))
    for _ in range(_MOST_STEPS // n_steps + 1):
        if advanced(*matrix, x, residual, step, size, target, n_steps):
            break
        yield None
    yield x


def skin_currents(conductor: VolumeConductor, places: FloatArray) -> FloatArray:
    """Loads ``(n_places, n)`` [A] of one ampere entering at the skin next to ``places`` [m]."""
    corners, shares = skin_shares(conductor, places)
    loads = np.zeros((len(places), len(conductor.nodes)))
    np.put_along_axis(loads, corners, shares, axis=1)
    return loads


def skin_shares(conductor: VolumeConductor, places: FloatArray) -> tuple[IntArray, FloatArray]:
    """Skin nodes ``(n, 3)`` around each place [m] and their barycentric shares ``(n, 3)``."""
    triangles = conductor.nodes[conductor.faces]
    tree = cKDTree(triangles.mean(axis=1))
    tried = tree.query(places, k=min(_TRIED, len(triangles)))[1].reshape(len(places), -1)
    corners, shares = np.zeros((len(places), 3), np.int32), np.zeros((len(places), 3))
    for n, place in enumerate(places):
        best = np.inf
        for face in tried[n]:
            share = _nearest_share(place, triangles[face])
            gap = float(np.linalg.norm(share @ triangles[face] - place))
            if gap < best:
                best, corners[n], shares[n] = gap, conductor.faces[face], share
    return corners, shares


def _nearest_share(place: FloatArray, triangle: FloatArray) -> FloatArray:
    """Barycentric coordinates of the projection on a triangle, kept inside by clipping."""
    edges = triangle[1:] - triangle[0]
    local = np.linalg.solve(edges @ edges.T, edges @ (place - triangle[0]))
    share = np.clip([1.0 - local.sum(), local[0], local[1]], 0.0, None)
    return np.asarray(share / share.sum())
