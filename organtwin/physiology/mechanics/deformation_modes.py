"""Displacement modes of the heart in its surroundings: small quasi-static elastic solutions.

On a regular grid of trilinear bricks that covers heart, blood and surroundings we solve

    div(lambda tr(e) I + 2 mu e) - k u + div(s) = 0,        e = sym(grad u),

with ``k`` a spring that holds the vessel ends, and one load ``s`` per mode:

- inflation of one cavity: ``s = -p I`` inside its blood, with the same stiffness everywhere: an
  ellipsoid then grows evenly (Eshelby 1957) and thin walls need not be resolved;
- shortening of one wall: ``s = T (a c c + b l l)``, active stress along the circumferential
  direction ``c`` and the longitudinal direction ``l`` of that wall. The thickening follows
  from the nearly incompressible wall.

Every mode is then shifted so that the apex stays, and the ventricular inflations are corrected so
that the walls keep their volume at a normal end-systole (``_keep_wall_volume``), for which the
shortenings are needed. Only the inflations are kept: they bring the template to a patient's
volumes (``deformation_reference``); the beat itself is solved by ``wall_beat``.

The field lives in the ambient space, not on a mesh, so outer surface, endocardium, tetrahedra and
cavities all move with one smooth map and walls cannot pass through each other. Stiffness is
averaged over each brick, which resolves thin walls as a share only. Linear theory: valid as a shape
of motion.
"""

import numpy as np
from scipy import ndimage, sparse

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template import LOWER
from organtwin.anatomy.template_muscle import N_WALLS, courses, wall_shares
from organtwin.arrays import FloatArray
from organtwin.physiology.mechanics.deformation_bricks import (
    Bricks,
    brick_matrices,
    elastic_matrix,
    solve,
)
from organtwin.physiology.mechanics.deformation_grid import ModeGrid

GRID_SPACING = 6.0
"""Brick edge [mm]: half an LV wall."""

MUSCLE, BLOOD, SURROUNDINGS = (1.0, 4.0), (0.03, 0.0), (0.06, 0.06)
"""(mu, lambda) relative to muscle. Blood may change its volume freely; the chest gives way."""

SMOOTHING = 5.0
"""Width of the Gaussian [mm] that takes the brick pattern out of the modes."""

VESSEL_SPRING = 0.5
"""Spring stiffness [1/mm2], relative to muscle."""

APEX, APEX_SIZE = np.array([1.0, 0.0, -90.0]), 8.0
"""Place of the apex in the heart's frame, and the width over which it is averaged [mm]."""

LV_GROUPS = 3
"""The LV free wall shortens in this many groups, early to late."""

STRAIN_SHARE = np.array([*[0.3] * (LV_GROUPS + 2), 0.0, 0.0])
"""Part of the fibre strain that the shortening modes take of a normal systole."""

NORMAL_SYSTOLE = np.array([-78e-6, -115e-6, 40e-6, 28e-6, *STRAIN_SHARE * 0.19])
"""Mode amplitudes from end-diastole to end-systole of a normal beat."""

SWELLING_ROUNDS = 6
_GRADIENT_STEP = 0.5


def build_modes(spacing: float = GRID_SPACING) -> ModeGrid:
    """Solve for all modes of the template heart; ``spacing`` in mm, a few minutes at full size."""
    grid = Bricks(spacing)
    blood = grid.average(lambda p: np.stack([_inside(shape.cavity(c)(p)) for c in Cavity], axis=1))
    muscle = grid.average(_muscle)
    springs = _springs(grid)
    even = elastic_matrix(grid, np.ones((2, len(grid.bricks))), springs)
    pressures = [-share[:, None, None] * np.eye(3) for share in blood.T]
    inflations = solve(even, np.stack([grid.load(stress) for stress in pressures], axis=1))
    tensions = [muscle[:, wall, None, None] * _in_plane(grid, wall) for wall in range(N_WALLS)]
    groups = _group_weights(courses(grid.centres)[:, 0])
    tensions[:1] = [weight[:, None, None] * tensions[0] for weight in groups.T]
    uneven = elastic_matrix(grid, _materials(grid, muscle.sum(axis=1)), springs)
    shortenings = solve(uneven, np.stack([grid.load(stress) for stress in tensions], axis=1))
    follower = _follower(grid)
    _normalise_inflations(grid, inflations, blood)
    _normalise_shortenings(grid, shortenings, muscle)
    modes = np.concatenate([inflations, shortenings], axis=1)
    _hold_apex(grid, follower, modes)
    _keep_wall_volume(grid, even, modes, muscle, blood)
    _hold_apex(grid, follower, modes)
    return _splines(grid, modes[:, : len(Cavity)])


def _splines(grid: Bricks, modes: FloatArray) -> ModeGrid:
    """Nodal values [mm] as smooth spline coefficients [m]."""
    count = modes.shape[1]
    modes = modes.reshape(*grid.counts, 3, count)
    coefficients = np.empty((*grid.counts, 3 * count))
    for mode in range(count):
        for axis in range(3):
            smooth = ndimage.gaussian_filter(modes[..., axis, mode], SMOOTHING / grid.spacing)
            coefficients[..., 3 * mode + axis] = ndimage.spline_filter(smooth, mode="mirror")
    return ModeGrid((coefficients * 1e-3).astype(np.float32), LOWER * 1e-3, grid.spacing * 1e-3)


def _inside(value: FloatArray) -> FloatArray:
    return (value < 0).astype(float)


def _tissue(points: FloatArray) -> FloatArray:
    spaces = np.minimum(shape.left_blood(points), shape.right_blood(points))
    return _inside(np.maximum(shape.outside(points), -spaces))


def _muscle(points: FloatArray) -> FloatArray:
    """Share of each muscular wall at points ``(n, 5)``."""
    muscular = _tissue(points) * (shape.regions(points) <= Region.RA)
    return wall_shares(points) * muscular[:, None]


def _materials(grid: Bricks, muscle: FloatArray) -> FloatArray:
    """Shear and volumetric stiffness ``(2, n_bricks)`` relative to muscle."""
    vessel = grid.average(lambda p: _tissue(p) * (shape.regions(p) > Region.RA))
    blood = grid.average(lambda p: _inside(np.minimum(shape.left_blood(p), shape.right_blood(p))))
    rest = np.clip(1.0 - muscle - vessel - blood, 0.0, 1.0)
    shares = np.stack([muscle + vessel, blood, rest], axis=1)
    return np.asarray((shares @ np.array([MUSCLE, BLOOD, SURROUNDINGS])).T)


def _group_weights(course: FloatArray) -> FloatArray:
    """Hat functions ``(n, LV_GROUPS)`` along the course of the LV free wall; they sum to 1."""
    centres = (np.arange(LV_GROUPS) + 0.5) / LV_GROUPS
    return np.stack([np.interp(course, centres, row) for row in np.eye(LV_GROUPS)], axis=1)


_WALL_LUMEN = (0, 0, 1, 2, 3)
_CIRCUMFERENTIAL = (0.9, 0.9, 0.8, 1.0, 1.0)
_LONGITUDINAL = (1.0, 1.0, 1.3, 1.0, 1.0)


def _in_plane(grid: Bricks, wall: int) -> FloatArray:
    """Unit active stress ``(n_bricks, 3, 3)`` of one wall."""
    column = _WALL_LUMEN[wall]
    normal = np.empty_like(grid.centres)
    for axis in range(3):
        shift = np.zeros(3)
        shift[axis] = _GRADIENT_STEP
        normal[:, axis] = (
            shape.lumens(grid.centres + shift)[:, column]
            - shape.lumens(grid.centres - shift)[:, column]
        )
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    axis_direction = shape.HEART_AXES[2]
    along = axis_direction - (normal @ axis_direction)[:, None] * normal
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-3)
    plane = np.eye(3) - normal[:, :, None] * normal[:, None, :]
    lengthwise = along[:, :, None] * along[:, None, :]
    around = _CIRCUMFERENTIAL[wall] * (plane - lengthwise)
    return np.asarray(around + _LONGITUDINAL[wall] * lengthwise)


def _springs(grid: Bricks) -> FloatArray:
    """Spring stiffness ``(n_nodes,)``: firm where vessels end."""
    spring = np.zeros(len(grid.nodes))
    for opening in shape.OPENINGS:
        distance = np.linalg.norm(grid.nodes - opening.centre, axis=1)
        spring += VESSEL_SPRING * np.exp(-((distance / (1.2 * opening.reach)) ** 2))
    return spring


def _follower(grid: Bricks) -> FloatArray:
    """How far each node ``(n_nodes,)`` follows a shift of the ventricles.

    1 within them, 0 where vessels end, harmonic between.
    """
    brick = brick_matrices(grid.spacing)[0].reshape(8, 3, 8, 3)
    rows = np.repeat(grid.bricks, 8, axis=1).ravel()
    columns = np.tile(grid.bricks, (1, 8)).ravel()
    size = len(grid.nodes)
    values = np.tile(np.einsum("aibi->ab", brick).ravel() / 4.0, len(grid.bricks))
    laplace = sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=(size, size)))
    height = shape.heart(grid.nodes)[:, 2]
    below_base = np.clip(-height / 8.0, 0.0, 1.0)
    held = 100.0 * below_base * (shape.outside(grid.nodes) < 3.0)
    free = np.where(grid.fixed, 1e3, 20.0 * _springs(grid))
    matrix = sparse.csr_array(laplace + sparse.diags_array(held + free))
    return solve(matrix, held[:, None])[:, 0]


def _hold_apex(grid: Bricks, follower: FloatArray, modes: FloatArray) -> None:
    """Shift the ventricles so that the apex stays, as pericardium and diaphragm make it do."""
    distance = np.linalg.norm(shape.heart(grid.nodes) - APEX, axis=1)
    weight = np.exp(-((distance / APEX_SIZE) ** 2))
    shift = np.einsum("n,ndm->dm", weight / weight.sum(), modes.reshape(len(grid.nodes), 3, -1))
    modes -= np.einsum("n,dm->ndm", follower, shift).reshape(modes.shape)


def _keep_wall_volume(
    grid: Bricks,
    matrix: sparse.csr_array,
    modes: FloatArray,
    muscle: FloatArray,
    blood: FloatArray,
) -> None:
    """Add to both ventricular inflations what keeps the walls' volume at a normal end-systole.

    Linear modes keep it to first order only, and walls would shrink by a sixth in systole. The
    walls are swollen until they have their volume again, and this swelling is made part of the
    inflation of their own ventricle.
    """
    for _ in range(SWELLING_ROUNDS):
        gradient = grid.strain(modes @ NORMAL_SYSTOLE)
        loss = 1.0 - np.linalg.det(np.eye(3) + gradient)
        for cavity, walls in ((Cavity.LV, (0, 1)), (Cavity.RV, (2,))):
            share = muscle[:, list(walls)].sum(axis=1)
            pressure = 3.0 * share * np.clip(loss, -0.5, 0.5)
            swelling = solve(matrix, grid.load(-pressure[:, None, None] * np.eye(3))[:, None])
            modes[:, cavity] += swelling[:, 0] / NORMAL_SYSTOLE[cavity]
        _normalise_inflations(grid, modes, blood)


def _normalise_inflations(grid: Bricks, modes: FloatArray, blood: FloatArray) -> None:
    """Scale ``(n, 4)`` so that one unit is one cubic metre more in its own cavity."""
    for cavity in Cavity:
        divergence = np.einsum("eii->e", grid.strain(modes[:, cavity]))
        modes[:, cavity] *= 1e9 / (grid.spacing**3 * float(blood[:, cavity] @ divergence))


def _normalise_shortenings(grid: Bricks, modes: FloatArray, muscle: FloatArray) -> None:
    """Scale so that one unit shortens its wall by a strain of 1 on average over both directions."""
    first = 0
    for wall in range(N_WALLS):
        columns = list(range(first, first + (LV_GROUPS if wall == 0 else 1)))
        together = grid.strain(modes[:, columns].sum(axis=1))
        amount = np.einsum("eij,eij->e", together, _in_plane(grid, wall)) / 2.0
        modes[:, columns] *= -float(muscle[:, wall].sum()) / float(muscle[:, wall] @ amount)
        first += len(columns)
