"""Spread of the membrane voltage: the diffusion half of the monodomain equation.

``dV/dt = div(D grad V) - I_ion/C_m`` with zero flux through the boundary; ``D = sigma/(chi C_m)``
[m2/s] has one value along and one across the fibres. Each discretisation advances ``V`` [mV] by one
explicit step in place; ``limit`` is the longest stable one [s].

Voxels: seven-point differences on a box whose nodes lie on its surface (neighbours beyond it are
mirrored), fibres along x. Tetrahedra: linear finite elements ``M dV/dt = -K V``; a lumped ``M``
slows a front that the mesh hardly resolves, a consistent one, solved with ``K`` half implicit
(Crank-Nicolson), hastens it. Both bracket the limit: Pathmanathan et al. 2012 (Int J Numer Meth
Biomed Engng 28:890); measured in ``tests/verification/test_niederer.py``.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import fast_kernel


class Diffusion(Protocol):
    """One way to discretise the tissue."""

    @property
    def places(self) -> FloatArray:
        """Of the nodes ``(n, 3)`` [m]."""

    @property
    def limit(self) -> float:
        """Longest stable step [s]; infinite for an implicit method."""

    def advance(self, v: RealArray, dt: float) -> None:
        """Let ``v`` ``(n,)`` diffuse for ``dt`` [s], in place."""


@dataclass(frozen=True, eq=False)
class VoxelDiffusion:
    """A box of ``shape`` nodes at ``spacing`` (3,) [m]; ``diffusivity`` (3,) along the axes."""

    shape: tuple[int, int, int]
    spacing: FloatArray
    diffusivity: FloatArray

    @property
    def places(self) -> FloatArray:
        index = np.indices(self.shape).reshape(3, -1).T
        return np.asarray(index * self.spacing, np.float64)

    @property
    def limit(self) -> float:
        active = np.array(self.shape) > 1
        return float(0.5 / (self.diffusivity / self.spacing**2)[active].sum())

    def advance(self, v: RealArray, dt: float) -> None:
        grid = v.reshape(self.shape)
        weights = np.empty(3, v.dtype)
        weights[:] = dt * self.diffusivity / self.spacing**2
        _seven_points(grid.copy(), grid, weights)


@fast_kernel
def _seven_points(old: RealArray, new: RealArray, weights: RealArray) -> None:
    n_x, n_y = old.shape[:2]
    for i in range(n_x):
        below, above = max(i - 1, 1 - i), min(i + 1, 2 * n_x - 3 - i)
        if n_x == 1:
            below, above = 0, 0
        for j in range(n_y):
            front, back = max(j - 1, 1 - j), min(j + 1, 2 * n_y - 3 - j)
            if n_y == 1:
                front, back = 0, 0
            _row(
                old[i, j], old[below, j], old[above, j], old[i, front], old[i, back], new[i, j],
                weights,
            )  # fmt: skip


@fast_kernel
def _row(
    v: RealArray, below: RealArray, above: RealArray, front: RealArray, back: RealArray,
    new: RealArray, weights: RealArray,
) -> None:  # fmt: skip
    f = v.dtype.type
    x, y, z = weights[0], weights[1], weights[2]
    n = v.size
    for k in range(n):
        across = x * (below[k] + above[k]) + y * (front[k] + back[k])
        new[k] = v[k] + across - f(2.0) * (x + y) * v[k]
    if n > 1:
        for k in range(1, n - 1):
            new[k] += z * (v[k - 1] + v[k + 1] - f(2.0) * v[k])
        new[0] += f(2.0) * z * (v[1] - v[0])
        new[n - 1] += f(2.0) * z * (v[n - 2] - v[n - 1])


def stiffness(nodes: FloatArray, tets: IntArray, tensors: FloatArray) -> sparse.csr_array:
    """``K`` of linear elements with a tensor ``(n_tets, 3, 3)`` each; in m times its unit."""
    edges = nodes[tets[:, 1:]] - nodes[tets[:, :1]]
    volumes = np.linalg.det(edges) / 6.0
    inner = np.linalg.inv(edges)
    gradients = np.concatenate([-inner.sum(axis=2, keepdims=True), inner], axis=2)
    flux = np.einsum("tij,tjb->tib", tensors, gradients)
    local = np.einsum("tia,tib->tab", gradients, flux) * volumes[:, None, None]
    return _assembled(tets, local, len(nodes))


def mass(nodes: FloatArray, tets: IntArray) -> sparse.csr_array:
    """Consistent ``M`` of linear elements [m3]."""
    edges = nodes[tets[:, 1:]] - nodes[tets[:, :1]]
    volumes = np.abs(np.linalg.det(edges)) / 6.0
    local = volumes[:, None, None] * (np.ones((4, 4)) + np.eye(4)) / 20.0
    return _assembled(tets, local, len(nodes))


def _assembled(tets: IntArray, local: FloatArray, n: int) -> sparse.csr_array:
    rows = np.repeat(tets, 4, axis=1).ravel()
    columns = np.tile(tets, (1, 4)).ravel()
    return sparse.csr_array(sparse.coo_array((local.ravel(), (rows, columns)), (n, n)))


def fiber_tensors(fibers: FloatArray, along: float, across: float) -> FloatArray:
    """``D`` ``(n_tets, 3, 3)`` with one value along unit ``fibers`` ``(n_tets, 3)``, one across."""
    outer = fibers[:, :, None] * fibers[:, None, :]
    return np.asarray(across * np.eye(3) + (along - across) * outer)


@dataclass(frozen=True, eq=False)
class LumpedElements:
    """Linear tetrahedra with lumped mass, explicit. Build with ``lumped``."""

    places: FloatArray
    rates: sparse.csr_array
    """``-M^-1 K`` [1/s]."""

    @property
    def limit(self) -> float:
        return float(1.0 / np.abs(self.rates.diagonal()).max())

    def advance(self, v: RealArray, dt: float) -> None:
        v += (self.rates @ v) * v.dtype.type(dt)


def lumped(nodes: FloatArray, tets: IntArray, tensors: FloatArray) -> LumpedElements:
    """Tetrahedra ``(n_tets, 4)`` with diffusivities ``(n_tets, 3, 3)`` [m2/s]."""
    own = np.asarray(mass(nodes, tets).sum(axis=1)).ravel()
    rates = sparse.csr_array(sparse.diags_array(-1.0 / own) @ stiffness(nodes, tets, tensors))
    return LumpedElements(nodes, rates)


@dataclass(frozen=True, eq=False)
class ConsistentElements:
    """Linear tetrahedra with consistent mass, Crank-Nicolson by conjugate gradients."""

    places: FloatArray
    masses: sparse.csr_array
    stiffnesses: sparse.csr_array

    TOLERANCE = 1e-7
    """Of the residual: 1e-5 mV at the front, where a node's voltage moves by 1 mV a step."""

    @property
    def limit(self) -> float:
        return float(np.inf)

    def advance(self, v: RealArray, dt: float) -> None:
        matrix = self.masses + (0.5 * dt) * self.stiffnesses
        # solved for the change, which is 0 where nothing happens
        residual = -dt * (self.stiffnesses @ v)
        v += _conjugate_gradients(matrix, residual, self.TOLERANCE)


def consistent(nodes: FloatArray, tets: IntArray, tensors: FloatArray) -> ConsistentElements:
    """Tetrahedra ``(n_tets, 4)`` with diffusivities ``(n_tets, 3, 3)`` [m2/s]."""
    return ConsistentElements(nodes, mass(nodes, tets), stiffness(nodes, tets, tensors))


def _conjugate_gradients(
    matrix: sparse.csr_array, right: FloatArray, tolerance: float
) -> FloatArray:
    """With the diagonal as preconditioner: mass matrices need some ten steps."""
    inverse = 1.0 / matrix.diagonal()
    x = np.zeros_like(right)
    r = right.copy()
    z = inverse * r
    p, rho = z.copy(), float(r @ z)
    goal = tolerance**2 * rho
    while rho > goal and rho > 0.0:
        q = matrix @ p
        alpha = rho / float(p @ q)
        x += alpha * p
        r -= alpha * q
        z = inverse * r
        rho, old = float(r @ z), rho
        p = z + (rho / old) * p
    return x
