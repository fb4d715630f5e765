"""Linear elasticity on a regular grid of trilinear bricks."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from organtwin.anatomy.template import LOWER, UPPER
from organtwin.arrays import FloatArray

SAMPLES = 3
"""Sampling points per brick edge when averaging stiffness and loads."""

BOX_SPRING = 1e6
"""Holds the outer nodes of the grid in place."""

_RELATIVE_ENERGY, _MOST_ITERATIONS = 1e-12, 6000


class Bricks:
    """The grid around the template [mm], its bricks, and what is averaged over them."""

    def __init__(self, spacing: float) -> None:
        self.spacing = spacing
        self.counts = tuple((np.ceil((UPPER - LOWER) / spacing).astype(int) + 1).tolist())
        number = np.arange(np.prod(self.counts)).reshape(self.counts)
        corners = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        cells = tuple(n - 1 for n in self.counts)
        self.bricks = np.stack(
            [
                number[i : i + cells[0], j : j + cells[1], k : k + cells[2]].ravel()
                for i, j, k in corners
            ],
            axis=1,
        )
        index = np.stack(np.meshgrid(*(np.arange(n) for n in self.counts), indexing="ij"), -1)
        self.nodes = LOWER + spacing * index.reshape(-1, 3)
        self.centres = self.nodes[self.bricks].mean(axis=1)
        outer = np.ones(self.counts, bool)
        outer[1:-1, 1:-1, 1:-1] = False
        self.fixed = outer.ravel()
        self.slope = (2.0 * np.array(corners) - 1.0) / (4.0 * spacing)

    def average(self, quantity: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Mean over each brick of a quantity given at points."""
        offsets = (np.arange(SAMPLES) + 0.5) / SAMPLES - 0.5
        total: FloatArray | None = None
        for dx in offsets:
            for dy in offsets:
                for dz in offsets:
                    value = quantity(self.centres + self.spacing * np.array([dx, dy, dz]))
                    total = value if total is None else total + value
        if total is None:
            raise ValueError("a brick needs at least one sampling point")
        return total / SAMPLES**3

    def load(self, stress: FloatArray) -> FloatArray:
        """Nodal force ``(3 n_nodes,)`` of a stress ``(n_bricks, 3, 3)``."""
        force = -np.einsum("eij,aj->eai", stress, self.slope) * self.spacing**3
        out = np.zeros((len(self.nodes), 3))
        np.add.at(out, self.bricks, force)
        return out.ravel()

    def strain(self, displacement: FloatArray) -> FloatArray:
        """Mean displacement gradient ``(n_bricks, 3, 3)`` of nodal ``(3 n_nodes,)`` values."""
        return np.asarray(
            np.einsum("eai,aj->eij", displacement.reshape(-1, 3)[self.bricks], self.slope)
        )


def elastic_matrix(grid: Bricks, materials: FloatArray, springs: FloatArray) -> sparse.csr_array:
    """Stiffness ``(3 n, 3 n)`` for ``(2, n_bricks)`` mu and lambda and nodal springs ``(n,)``."""
    shear, volumetric = materials
    shear_brick, volume_brick = brick_matrices(grid.spacing)
    dofs = (3 * grid.bricks[:, :, None] + np.arange(3)).reshape(len(grid.bricks), 24)
    rows, columns = np.repeat(dofs, 24, axis=1).ravel(), np.tile(dofs, (1, 24)).ravel()
    values = shear[:, None, None] * shear_brick + volumetric[:, None, None] * volume_brick
    size = 3 * len(grid.nodes)
    matrix = sparse.csr_array(
        sparse.coo_array((values.ravel(), (rows, columns)), shape=(size, size))
    )
    held = np.where(grid.fixed, BOX_SPRING, springs * grid.spacing**3)
    return sparse.csr_array(matrix + sparse.diags_array(np.repeat(held, 3)))


def brick_matrices(spacing: float) -> tuple[FloatArray, FloatArray]:
    """Stiffness of one trilinear brick for unit ``mu`` and for unit ``lambda``, each (24, 24).

    The volumetric part uses one integration point, so that it does not lock.
    """
    corners = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    shear = np.zeros((24, 24))
    gauss = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)
    for x in gauss:
        for y in gauss:
            for z in gauss:
                place = np.array([x, y, z])
                factor = np.where(corners == 1.0, place, 1.0 - place)
                sign = 2.0 * corners - 1.0
                slope = np.stack(
                    [sign[:, a] * np.prod(np.delete(factor, a, axis=1), axis=1) for a in range(3)],
                    axis=1,
                )
                slope /= spacing
                same = np.einsum("aj,bj->ab", slope, slope)
                shear += np.kron(same, np.eye(3)) * spacing**3 / 8.0
                cross = np.einsum("aj,bi->aibj", slope, slope).reshape(24, 24)
                shear += cross * spacing**3 / 8.0
    mean = ((2.0 * corners - 1.0) / (4.0 * spacing)).ravel()
    return shear, np.outer(mean, mean) * spacing**3


def solve(matrix: sparse.csr_array, loads: FloatArray) -> FloatArray:
    """All right-hand sides ``(n, m)`` together by conjugate gradients, to a relative 1e-6."""
    inverse = 1.0 / matrix.diagonal()[:, None]
    solution = np.zeros_like(loads)
    residual = loads.copy()
    direction = inverse * residual
    energy = np.einsum("ij,ij->j", residual, direction)
    goal = _RELATIVE_ENERGY * energy
    for _ in range(_MOST_ITERATIONS):
        image = matrix @ direction
        step = energy / np.maximum(np.einsum("ij,ij->j", direction, image), 1e-300)
        solution += step * direction
        residual -= step * image
        scaled = inverse * residual
        previous, energy = energy, np.einsum("ij,ij->j", residual, scaled)
        if np.all(energy <= goal):
            return solution
        direction = scaled + direction * (energy / previous)
    raise ArithmeticError(f"elastic solution did not converge in {_MOST_ITERATIONS} iterations")
