"""A patient's heart at end-diastole: the template brought to given cavity volumes.

Chambers smaller than the template's shrink along their inflation mode, point by point as it is at
the template's points. Chambers that are larger grow along the flow of the mode in space: a source
that stays within the blood carries the wall outwards without ever folding it, where the straight
path would squeeze a wall to nothing at twice the volume. Shrinking along that flow would carry the
wall into the source, so each direction has its own way. Wall volume stays nearly that of the
template; ``template_walls`` adds or takes away muscle where a patient's walls are known.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.physiology.mechanics.deformation_grid import ModeGrid
from organtwin.physiology.mechanics.deformation_kernels import (
    match_volumes,
    spline_field,
    volumes_and_slopes,
)
from organtwin.resources import asset

ASSET = "anatomy/motion_modes.npz"
FLOW_STEP = 0.2
"""Largest growth of log volume in one step of the flow."""

N_INFLATION = len(Cavity)
SHRINKING_ROUNDS = 8
SHRINKING_TOLERANCE = 1e-3
"""The beat's own volumes remove what is left."""


@dataclass(frozen=True, eq=False)
class Personalisation:
    """From template to patient: ``shrink`` ``(4,)`` and ``growth`` ``(n_steps, 4)`` [m3]."""

    shrink: FloatArray
    growth: FloatArray

    def carried(self, points: FloatArray, basis: Float32Array | FloatArray) -> FloatArray:
        """Template points ``(n, 3)`` [m] in the patient; ``basis`` are the modes at them."""
        points = points + np.einsum("ikd,k->id", basis[:, :N_INFLATION], self.shrink)
        grid = modes()
        for step in self.growth:
            velocity = np.tensordot(step.astype(np.float32), _inflation_fields(), axes=1)
            move = np.empty((len(points), 3), np.float32)
            spline_field(points, grid.lower, grid.spacing, velocity, move)
            points = points + move
        return points


@dataclass(frozen=True, eq=False)
class Attached:
    """The modes at the points of one template, and its cavities put one after the other."""

    surface_basis: Float32Array
    cavity_points: FloatArray
    cavity_basis: FloatArray
    triangles: IntArray
    starts: IntArray
    point_starts: IntArray
    volumes: FloatArray

    @property
    def topology(self) -> tuple[IntArray, IntArray, IntArray]:
        return self.triangles, self.starts, self.point_starts

    def points_of(self, cavity: Cavity) -> slice:
        return slice(int(self.point_starts[cavity]), int(self.point_starts[cavity + 1]))


def personalisation(attached: Attached, volumes: FloatArray) -> Personalisation:
    """How the template reaches the given cavity volumes ``(4,)`` [m3]."""
    amplitudes = np.zeros((1, N_INFLATION))
    smaller = np.minimum(volumes, attached.volumes)[None]
    match_volumes(
        attached.cavity_points,
        attached.cavity_basis,
        *attached.topology,
        amplitudes,
        smaller,
        SHRINKING_TOLERANCE,
        SHRINKING_ROUNDS,
    )
    shrink = amplitudes[0, :N_INFLATION]
    points = Personalisation(shrink, np.empty((0, N_INFLATION))).carried(
        attached.cavity_points, attached.cavity_basis
    )
    ratio = volumes / smaller[0]
    n_steps = int(np.ceil(np.log(ratio.max()) / FLOW_STEP))
    growth = np.zeros((n_steps, N_INFLATION))
    now, slopes = np.empty(N_INFLATION), np.empty((N_INFLATION, N_INFLATION))
    for i, step in enumerate(growth):
        goal = smaller[0] * ratio ** ((i + 1) / n_steps)
        fields = modes_at(points).astype(np.float64)
        volumes_and_slopes(points, *attached.topology, fields, now, slopes)
        step[:] = np.linalg.solve(slopes, goal - now)
        points = points + np.einsum("ikd,k->id", fields[:, :N_INFLATION], step)
    return Personalisation(shrink, growth)


@lru_cache(maxsize=2)
def attached(anatomy: Anatomy) -> Attached:
    """Modes and cavities of one template; kept, because every beat needs them."""
    cavities = [anatomy.cavities[cavity] for cavity in Cavity]
    point_starts = np.cumsum([0, *(len(c.points) for c in cavities)]).astype(np.int32)
    points = np.concatenate([c.points for c in cavities])
    triangles = np.concatenate(
        [c.triangles + s for c, s in zip(cavities, point_starts[:-1], strict=True)]
    ).astype(np.int32)
    starts = np.cumsum([0, *(len(c.triangles) for c in cavities)]).astype(np.int32)
    volumes, unused = np.empty(N_INFLATION), np.empty((N_INFLATION, N_INFLATION))
    basis = modes_at(points).astype(np.float64)
    volumes_and_slopes(points, triangles, starts, point_starts, basis, volumes, unused)
    surface = modes_at(anatomy.surface.points)
    return Attached(surface, points, basis, triangles, starts, point_starts, volumes)


@lru_cache(maxsize=1)
def modes() -> ModeGrid:
    """The bundled displacement modes."""
    return ModeGrid.load(asset(ASSET))


@lru_cache(maxsize=1)
def _inflation_fields() -> Float32Array:
    """Coefficients ``(4, nx, ny, nz, 3)`` of the inflation modes, each contiguous."""
    inflations = modes().coefficients[..., : 3 * N_INFLATION]
    split = inflations.reshape(*inflations.shape[:3], N_INFLATION, 3)
    return np.ascontiguousarray(np.moveaxis(split, 3, 0))


def modes_at(points: FloatArray) -> Float32Array:
    """The inflations at points, ``(n, 4, 3)`` [m per m3]."""
    grid = modes()
    out = np.empty((len(points), 3 * N_INFLATION), np.float32)
    spline_field(points, grid.lower, grid.spacing, grid.coefficients, out)
    return out.reshape(len(points), N_INFLATION, 3)
