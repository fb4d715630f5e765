"""The heart as an elastic body: mesh, stiffness, springs; and its equilibrium in one frame.

Minimise over node positions, with ``F`` the deformation gradient of each element (energy of
``elastic_kernels``) and ``u`` the displacement of each node::

    sum_e E_e(F) + 1/2 sum_n (s_n |u_n|^2 + p_n (m_n . u_n)^2)     subject to V_c(u) = given

``s`` holds the mouths of the vessels, ``p`` is the pericardium, which lets the surface glide and
holds it along its normal ``m``, firmly at the apex and hardly at the base (Strocchi et al. 2020);
``V_c`` are the volumes of the four cavities, one Lagrange multiplier each. Solved by steps with one
constant matrix (Bouaziz et al. 2014), made faster by Anderson's mixing of the last steps.

Assumptions: quasi-static; the reference is free of elastic stress; lengths in metres, stiffness
relative to ventricular muscle, which is enough as loads are stretches and volumes.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from organtwin.anatomy.mesh import Tissue
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.mechanics.deformation_kernels import volume_gradient
from organtwin.physiology.mechanics.elastic_kernels import forces

MIXED_STEPS = 6
_RENEW = 10
"""Steps after which the directions of the multipliers are computed anew."""


@dataclass(frozen=True, eq=False)
class Springs:
    """``vessel`` and ``pericardium`` ``(n_nodes,)`` stiffness, ``normals`` ``(n_nodes, 3)``."""

    vessel: FloatArray
    pericardium: FloatArray
    normals: FloatArray

    def force(self, u: FloatArray) -> FloatArray:
        """Slope of the springs' energy by a displacement ``(n_nodes, 3)``."""
        along = self.pericardium * np.einsum("ni,ni->n", self.normals, u)
        return np.asarray(self.vessel[:, None] * u + along[:, None] * self.normals)


@dataclass(frozen=True, eq=False)
class Cavities:
    """Closed surfaces that follow the tissue, in a heart four.

    ``points`` ``(k, 3)`` [m] of all one after the other, ``follow`` ``(k, n_nodes)`` their
    weights on the nodes, ``triangles`` of each by its own points, ``starts`` of their points.
    """

    points: FloatArray
    follow: sparse.csr_array
    triangles: tuple[IntArray, ...]
    starts: IntArray

    def volumes(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Volumes ``(c,)`` and their slopes ``(c, n_nodes, 3)`` for nodal displacements."""
        moved = self.points + self.follow @ u
        count = len(self.triangles)
        volumes, slopes = np.empty(count), np.empty((count, *u.shape))
        for c, triangles in enumerate(self.triangles):
            own = slice(int(self.starts[c]), int(self.starts[c + 1]))
            slope = np.zeros_like(moved[own])
            volumes[c] = volume_gradient(moved[own], triangles, slope)
            slopes[c] = self.follow[own].T @ slope
        return volumes, slopes


class Body:
    """One heart in its reference state, ready to be solved for any wanted stretch and volume.

    ``stiffness`` ``(n_tets, 2)``: weight of shape and of volume; ``metrics`` ``(n_tets, 3, 3)``.
    """

    def __init__(
        self,
        tissue: Tissue,
        stiffness: FloatArray,
        metrics: FloatArray,
        springs: Springs,
        cavities: Cavities,
    ) -> None:
        self.tissue, self.springs, self.cavities = tissue, springs, cavities
        self.metrics = np.ascontiguousarray(metrics)
        self.inverse, self.volumes = rest_shape(tissue)
        self.weights = np.ascontiguousarray(stiffness * weighted_volume(self.volumes)[:, None])
        self.rotations = np.tile(np.eye(3), (len(tissue.tets), 1, 1))
        self._solver = self._factored()

    def _factored(self) -> SuperLU:
        n, tets = len(self.tissue.nodes), self.tissue.tets
        slopes = np.concatenate([-self.inverse.sum(axis=1, keepdims=True), self.inverse], axis=1)
        whole = self.weights[:, :1, None] * self.metrics + self.weights[:, 1:, None] * np.eye(3)
        values = np.einsum("eai,eij,ebj->eab", slopes, whole, slopes)
        rows, columns = np.repeat(tets, 4, axis=1).ravel(), np.tile(tets, (1, 4)).ravel()
        matrix = sparse.coo_array((values.ravel(), (rows, columns)), shape=(n, n))
        held = sparse.diags_array(self.springs.vessel + self.springs.pericardium)
        return splu(
            sparse.csc_array(matrix + held),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def equilibrium(
        self, start: FloatArray, wanted: FloatArray, volumes: FloatArray, rounds: int
    ) -> FloatArray:
        """Displacement ``(n_nodes, 3)`` [m] for wanted stretches and volumes ``(c,)`` [m3]."""
        u, force = start, np.empty_like(start)
        directions = np.empty((*u.shape, len(volumes)))
        mixing = _Mixing()
        for turn in range(rounds):
            forces(
                self.tissue.nodes + u, self.tissue.tets, self.inverse, self.weights, wanted,
                self.metrics, self.rotations, force,
            )  # fmt: skip
            step = -self._solver.solve(force + self.springs.force(u))
            now, slopes = self.cavities.volumes(u)
            if turn % _RENEW == 0:
                loads = np.moveaxis(slopes, 0, 2).reshape(len(u), -1)
                directions = self._solver.solve(loads).reshape(directions.shape)
            gain = np.einsum("cni,nid->cd", slopes, directions)
            missing = volumes - now - np.einsum("cni,ni->c", slopes, step)
            step = step + directions @ np.linalg.solve(gain, missing)
            u = mixing.next(u, step)
        return u


class _Mixing:
    """Anderson's acceleration of ``u -> u + step(u)``; forgets when the steps grow."""

    def __init__(self) -> None:
        self._past: list[tuple[FloatArray, FloatArray]] = []
        self._least = np.inf

    def next(self, u: FloatArray, step: FloatArray) -> FloatArray:
        size = float(np.linalg.norm(step))
        if size > 1.5 * self._least:
            self._past.clear()
        self._least = min(self._least, size)
        past = self._past
        self._past = [*past, (u, step)][-MIXED_STEPS:]
        if not past:
            return u + step
        changes = np.stack([(step - other).ravel() for _, other in past], axis=1)
        moves = np.stack([(u - other).ravel() for other, _ in past], axis=1)
        normal = changes.T @ changes
        normal += 1e-8 * np.trace(normal) * np.eye(len(normal))
        share = np.linalg.solve(normal, changes.T @ step.ravel())
        return np.asarray(u + step - ((changes + moves) @ share).reshape(u.shape))


def rest_shape(tissue: Tissue) -> tuple[FloatArray, FloatArray]:
    """Inverse edge matrices ``(n_tets, 3, 3)`` [1/m] and volumes ``(n_tets,)`` [m3]."""
    corners = tissue.nodes[tissue.tets]
    edges = np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2)
    return np.ascontiguousarray(np.linalg.inv(edges)), np.linalg.det(edges) / 6.0


def weighted_volume(volumes: FloatArray) -> FloatArray:
    """Volume by which an element counts: slivers as much as a tenth of the median."""
    return np.maximum(volumes, 0.1 * np.median(volumes))
