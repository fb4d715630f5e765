"""Modes of inflation as they are kept on disk and evaluated; made by ``deformation_modes``.

One mode per cavity, in the order of ``Cavity``: displacement per metre cubed put into it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from organtwin.arrays import Float32Array, FloatArray


@dataclass(frozen=True, eq=False)
class ModeGrid:
    """Cubic B-spline coefficients of every mode on a regular grid.

    ``coefficients`` is ``(nx, ny, nz, 3 * n_modes)``, mode by mode [m per m3];
    ``lower`` ``(3,)`` and ``spacing`` place it [m].
    """

    coefficients: Float32Array
    lower: FloatArray
    spacing: float

    def save(self, path: Path) -> None:
        """Keep 16 bits of each mode, relative to its own largest coefficient."""
        flat = self.coefficients.reshape(-1, self.coefficients.shape[-1])
        scale = np.abs(flat).max(axis=0) / 32767.0
        counts = np.round(self.coefficients / scale).astype(np.int16)
        np.savez_compressed(
            path,
            allow_pickle=False,
            counts=np.moveaxis(counts, -1, 0),
            scale=scale,
            lower=self.lower,
            spacing=self.spacing,
        )

    @staticmethod
    def load(path: Path) -> "ModeGrid":
        with np.load(path) as stored:
            counts = np.moveaxis(stored["counts"], 0, -1)
            coefficients = np.ascontiguousarray(counts * stored["scale"].astype(np.float32))
            return ModeGrid(coefficients, stored["lower"], float(stored["spacing"]))
