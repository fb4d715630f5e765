"""A heart that does not beat, for pictures and files of what was just read."""

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import Float32Array, FloatArray


class StillHeart:
    """A ``TissueMotion`` in which nothing moves and no field is known."""

    duration = 1.0

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy

    def surface_points(self, phase: float, out: Float32Array) -> None:
        out[:] = self.anatomy.surface.points

    def surface_field(self, name: str, phase: float, out: Float32Array) -> None:
        out[:] = np.nan

    def tissue_nodes(self, phase: float) -> FloatArray:
        return self.anatomy.tissue.nodes
