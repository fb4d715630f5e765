"""Small displacements of space as cubic B-splines on a lattice, and how stiff they are.

    u(x) = sum_ijk B(x / h - i) B(y / h - j) B(z / h - k) c_ijk

(free-form deformation, Rueckert et al. 1999). ``x + u(x)`` is one to one where no coefficient
exceeds 0.40 h (Choi & Lee 2000, "Injectivity conditions of 2D and 3D uniform cubic B-spline
functions"). Beyond its lattice a step fades out and moves nothing.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from organtwin.anatomy.warping_kernels import spline_moves, spline_slopes, spline_weights
from organtwin.arrays import FloatArray

LARGEST_COEFFICIENT = 0.40
"""Bound of a step's coefficients, in lattice spacings."""


@dataclass(frozen=True, eq=False)
class SplineStep:
    """One small displacement: ``lower`` ``(3,)`` [m], ``spacing`` [m], ``coefficients`` [m].

    ``coefficients`` is ``(nx, ny, nz, 3)``; entry (i, j, k) belongs to the lattice point
    ``lower + spacing * (i, j, k)``.
    """

    lower: FloatArray
    spacing: float
    coefficients: FloatArray

    def moves(self, points: FloatArray) -> FloatArray:
        """Displacement ``(n, 3)`` [m] at points ``(n, 3)`` [m]."""
        out = np.empty_like(points)
        spline_moves(points, self.lower, self.spacing, self.coefficients, out)
        return out

    def slopes(self, points: FloatArray) -> FloatArray:
        """Derivative ``(n, 3, 3)`` of ``x + u(x)``."""
        out = np.empty((len(points), 3, 3))
        spline_slopes(points, self.lower, self.spacing, self.coefficients, out)
        return out


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where the coefficients of one step lie."""

    lower: FloatArray
    spacing: float
    shape: tuple[int, int, int]

    @classmethod
    def around(cls, lower: FloatArray, upper: FloatArray, spacing: float) -> "Lattice":
        """A lattice whose splines cover the box, with one more point on every side."""
        counts = np.ceil((upper - lower) / spacing).astype(int) + 5
        start = 0.5 * (lower + upper) - 0.5 * spacing * (counts - 1)
        return cls(start, spacing, (int(counts[0]), int(counts[1]), int(counts[2])))

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    def weights(self, points: FloatArray) -> sparse.csr_array:
        """Value ``(n, size)`` of every lattice point's spline at points ``(n, 3)``."""
        index = np.empty((len(points), 64), np.int64)
        weight = np.empty((len(points), 64))
        spline_weights(
            points, self.lower, self.spacing, np.asarray(self.shape, np.int64), index, weight
        )
        start = 64 * np.arange(len(points) + 1)
        return sparse.csr_array((weight.ravel(), index.ravel(), start), (len(points), self.size))

    def step(self, coefficients: FloatArray) -> SplineStep:
        return SplineStep(self.lower, self.spacing, coefficients.reshape(*self.shape, 3))


class Roughness:
    """The stiffness of a step: bending of its displacement, and a little of its gradient.

    ``bending * L^4 / V * integral |d2 u|^2 + stretch * L^2 / V * integral |du|^2`` with
    L = 50 mm and V = 1 litre, so that both weights are plain numbers and the energy has the unit
    of a mean square distance. All integrals of products of two splines are exact.
    """

    LENGTH, VOLUME = 0.05, 1e-3
    _OVERLAPS = (
        np.array([2416.0, 1191.0, 120.0, 1.0]) / 5040.0,
        np.array([2.0 / 3.0, -1.0 / 8.0, -1.0 / 5.0, -1.0 / 120.0]),
        np.array([8.0 / 3.0, -3.0 / 2.0, 0.0, 1.0 / 6.0]),
    )
    """Integrals of B B, B' B', B'' B'' for splines 0 to 3 lattice points apart."""

    def __init__(self, lattice: Lattice, bending: float, stretch: float) -> None:
        self._shape = lattice.shape
        self._axes = [
            [self._banded(overlap, n) for overlap in self._OVERLAPS] for n in lattice.shape
        ]
        h = lattice.spacing
        self._bending = bending * self.LENGTH**4 / self.VOLUME / h
        self._stretch = stretch * self.LENGTH**2 / self.VOLUME * h

    @staticmethod
    def _banded(overlap: FloatArray, n: int) -> FloatArray:
        apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        return np.where(apart < 4, overlap[np.minimum(apart, 3)], 0.0)

    def times(self, coefficients: FloatArray) -> FloatArray:
        """Half the energy's gradient ``(size, 3)``."""
        c = coefficients.reshape(*self._shape, 3)
        ax, ay, az = self._axes
        x0, x1, x2 = (np.tensordot(a, c, (1, 0)) for a in ax)

        def along_y(a: FloatArray, field: FloatArray) -> FloatArray:
            return np.asarray(np.einsum("yb,xbzd->xyzd", a, field, optimize=True))

        y00, y01, y02 = (along_y(a, x0) for a in ay)
        y10, y11 = along_y(ay[0], x1), along_y(ay[1], x1)
        y20 = along_y(ay[0], x2)
        b, s = self._bending, self._stretch
        flat = b * (y20 + y02 + 2.0 * y11) + s * (y10 + y01)
        once = 2.0 * b * (y10 + y01) + s * y00
        total = sum(
            np.einsum("zc,xycd->xyzd", a, field, optimize=True)
            for a, field in zip(az, (flat, once, b * y00), strict=True)
        )
        return np.asarray(total).reshape(-1, 3)

    @property
    def diagonal(self) -> float:
        """The matrix's diagonal, the same at every lattice point."""
        m, g, c = (float(overlap[0]) for overlap in self._OVERLAPS)
        return self._bending * (3 * c * m * m + 6 * g * g * m) + self._stretch * 3 * g * m * m
