"""Making reduced mechanics: training beats, modes, and the elements that stand for all."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import nnls

from organtwin.anatomy.mesh import MuscleMap
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.physiology.mechanics.elastic_kernels import reduced_forces, turned_all
from organtwin.physiology.mechanics.wall_body import Body
from organtwin.physiology.mechanics.wall_stretch import WallFrames, stretches

CANDIDATES = 6000
"""Elements among which the sample is sought."""

PER_ROUND = 40
"""Elements that join the sample in one round of the search."""

LEAST_MISFIT = 2e-3
"""Relative misfit of the force at which the sample is good enough."""

FIRST_ROUNDS, ROUNDS = 80, 35
"""Steps of the solver for the first frame of a beat and for the others."""


def beat_displacements(
    body: Body, frames: WallFrames, strains: FloatArray, volumes: FloatArray
) -> Iterator[FloatArray]:
    """Displacement ``(n_nodes, 3)`` of every frame of a beat, the first from the reference.

    ``strains`` ``(n_frames, n_tets)`` wanted; ``volumes`` ``(n_frames, 4)`` [m3].
    """
    tensors = frames.strain_tensors()
    u = np.zeros_like(body.tissue.nodes)
    start, _ = body.cavities.volumes(u)
    for share in (0.3, 0.6):
        between = start + share * (volumes[0] - start)
        u = body.equilibrium(u, stretches(tensors, share * strains[0]), between, ROUNDS)
    for i in range(len(strains)):
        rounds = FIRST_ROUNDS if i == 0 else ROUNDS
        u = body.equilibrium(u, stretches(tensors, strains[i]), volumes[i], rounds)
        yield u


def principal_modes(snapshots: Sequence[FloatArray], mass: FloatArray, count: int) -> Float32Array:
    """The ``count`` modes ``(n_nodes, count, 3)`` that hold most of the snapshots."""
    weight = np.sqrt(mass)[:, None]
    table = np.stack([(weight * u).ravel() for u in snapshots])
    _, vectors = np.linalg.eigh(table @ table.T)
    chosen = vectors[:, ::-1][:, :count]
    modes = np.einsum("sk,sni->nki", chosen, np.stack(snapshots))
    return np.asarray(modes / np.abs(modes).max(axis=(0, 2))[:, None], np.float32)


def amplitudes_of(u: FloatArray, modes: Float32Array, mass: FloatArray) -> FloatArray:
    """Amplitudes ``(n_modes,)`` of the modes closest to a displacement."""
    weight = np.sqrt(mass)
    basis = (weight[:, None, None] * modes).transpose(0, 2, 1).reshape(-1, modes.shape[1])
    return np.asarray(np.linalg.lstsq(basis, (weight[:, None] * u).ravel(), rcond=None)[0])


def element_forces(
    body: Body, u: FloatArray, wanted: FloatArray, modes: Float32Array, chosen: IntArray
) -> FloatArray:
    """What each of the chosen elements contributes to the slope by each mode ``(m, chosen)``."""
    rotations = np.tile(np.eye(3), (len(chosen), 1, 1))
    out = np.empty((len(chosen), modes.shape[1]))
    points, tets = body.tissue.nodes + u, body.tissue.tets[chosen]
    inverse, wanted, metrics = body.inverse[chosen], wanted[chosen], body.metrics[chosen]
    turned_all(points, tets, inverse, wanted, metrics, rotations)
    reduced_forces(
        points, tets, inverse, body.weights[chosen], wanted, metrics, rotations, modes, out
    )
    return out.T


def sampled(table: FloatArray, goal: FloatArray, size: int) -> tuple[IntArray, FloatArray, float]:
    """Columns and non-negative weights with ``table[:, columns] @ weights`` close to ``goal``.

    Also the relative misfit. At most about ``size`` columns.
    """
    norms = np.maximum(np.linalg.norm(table, axis=0), 1e-300)
    active = np.empty(0, np.int64)
    weights, residual = np.empty(0), goal
    while True:
        likeness = (table.T @ residual) / norms
        likeness[active] = -np.inf
        joined = np.concatenate([active, np.argsort(likeness)[::-1][:PER_ROUND]])
        found, _ = nnls(table[:, joined], goal, maxiter=50 * len(joined))
        active, weights = joined[found > 0], found[found > 0]
        residual = goal - table[:, active] @ weights
        misfit = float(np.linalg.norm(residual) / np.linalg.norm(goal))
        if len(active) >= size or misfit < LEAST_MISFIT:
            return active.astype(np.int32), weights, misfit


def muscle_of(muscle: MuscleMap, chosen: IntArray) -> MuscleMap:
    return MuscleMap(muscle.shares[chosen], muscle.courses[chosen])
