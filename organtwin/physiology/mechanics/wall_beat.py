"""A whole beat of the reduced wall mechanics.

The reference of a beat is the heart at end-diastole with atria between their largest and their
smallest volume: a wall is then never far from its reference in either direction. From there every
frame is an equilibrium of its own, started from the course of the frames before.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.physiology.interface import PatchLayout
from organtwin.physiology.mechanics.wall_beat_kernels import shape_matrix, solved_frame
from organtwin.physiology.mechanics.wall_modes import WallModes
from organtwin.physiology.mechanics.wall_stretch import stretches, wanted_strain

ASSET = "anatomy/wall_motion.npz"

ROUNDS = 12
STILL = 1e-4
"""A frame is solved when no mode changes by more than this [m], a tenth of a pixel."""

VOLUME_TOLERANCE = 1e-4
VOLUME_GAIN = 3.0
"""Weight of an element's volume here, relative to the full solver's: modes can hardly change the
volume of one element without that of its neighbours, so it costs little shape and brings 95 % of
the elements within 5 % of their volume. Tuned on the bundled default case."""

_APPROACH = 4
"""Frames between the reference and the first frame of the beat."""


def end_diastole(volumes: FloatArray) -> int:
    """The frame of a beat ``(n, 4)`` in which the left ventricle is largest."""
    return int(np.argmax(volumes[:, Cavity.LV]))


def reference_volumes(volumes: FloatArray) -> FloatArray:
    """Cavity volumes ``(4,)`` of the reference heart of a beat ``(n, 4)``."""
    ventricles = volumes[end_diastole(volumes), :2]
    atria = volumes[:, 2:].max(axis=0) ** 0.75 * volumes[:, 2:].min(axis=0) ** 0.25
    return np.concatenate([ventricles, atria])


@dataclass(frozen=True, eq=False)
class MovedCavities:
    """The four closed cavities in the reference and how they follow the modes.

    ``points`` ``(k, 3)`` [m] one cavity after the other, ``basis`` ``(k, 3, n_modes)``,
    ``topology`` triangles, their starts and the points' starts.
    """

    points: FloatArray
    basis: Float32Array
    topology: tuple[IntArray, IntArray, IntArray]


def beat_amplitudes(
    model: WallModes,
    corners: FloatArray,
    cavities: MovedCavities,
    volumes: FloatArray,
    reference: FloatArray,
    strain: FloatArray,
    layout: PatchLayout,
) -> tuple[FloatArray, float]:
    """Amplitudes ``(n, n_modes)`` [m] of every frame, and the largest misfit of a volume.

    ``corners`` ``(s, 4, 3)`` [m] are the sampled elements in the reference; ``volumes`` ``(n, 4)``
    of the beat and ``reference`` ``(4,)`` of the reference [m3]; ``strain`` ``(n, n_patches)``
    since end-diastole.
    """
    solver = _Solver(model, corners, cavities)
    wanted = wanted_strain(strain, layout, volumes, reference, model.atrial_walls)
    wanted = wanted @ solver.frames.patch_weights(layout).T
    n, first = len(volumes), end_diastole(volumes)
    a = np.zeros(model.modes.shape[1])
    for share in np.arange(1, _APPROACH) / _APPROACH:
        goal = reference + share * (volumes[first] - reference)
        solver.solve(a, share * wanted[first], goal)
    out, worst = np.empty((n, len(a))), 0.0
    before = a.copy()
    for i in range(n):
        frame = (first + i) % n
        now = 2.0 * a - before if i > 1 else a.copy()
        before = a
        worst = max(worst, solver.solve(now, wanted[frame], volumes[frame]))
        out[frame] = a = now
    return out, worst


class _Solver:
    """The reduced mechanics of one reference heart."""

    def __init__(self, model: WallModes, corners: FloatArray, cavities: MovedCavities) -> None:
        rest = model.nodes[model.tets[model.sample]]
        before, after = _edges(rest), _edges(corners)
        gradient = after @ np.linalg.inv(before)
        self.frames = model.frames.carried(gradient)
        self._tensors = self.frames.strain_tensors()
        self._metrics = np.ascontiguousarray(self.frames.metrics())
        self._weights = model.weights * np.linalg.det(gradient)[:, None]
        self._weights[:, 1] *= VOLUME_GAIN
        modes = model.modes[model.tets[model.sample]]
        edges = modes[:, 1:] - modes[:, :1]
        slopes = np.einsum("eaki,eaj->eijk", edges, np.linalg.inv(after))
        self._slopes = np.ascontiguousarray(slopes.reshape(len(rest), 9, -1), np.float32)
        self._springs = model.springs
        self._constant = model.springs.copy()
        shape_matrix(self._slopes, self._weights, self._metrics, self._constant)
        self._rotations = np.tile(np.eye(3), (len(rest), 1, 1))
        self._cavities = cavities

    def solve(self, a: FloatArray, strain: FloatArray, volumes: FloatArray) -> float:
        """Bring ``a`` to equilibrium in place for ``strain`` ``(s,)``; misfit of the volumes."""
        cavities = self._cavities
        return float(
            solved_frame(
                a, self._slopes, self._weights, stretches(self._tensors, strain), self._metrics,
                self._rotations, self._constant, self._springs, cavities.points, cavities.basis,
                *cavities.topology, volumes, ROUNDS, STILL, VOLUME_TOLERANCE,
            )
        )  # fmt: skip


def _edges(corners: FloatArray) -> FloatArray:
    return np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2)
