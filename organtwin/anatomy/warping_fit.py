"""One level of the warp: a spline step that pulls the template's parts to the targets.

    minimise over c:  sum_i w_i |y_i - x_i - u_c(x_i)|^2_i / sum_i w_i + roughness(c)
                      + W sum_v ((V_v - V_v(u_c)) / A_v)^2

``y_i`` is a target point and ``x_i`` the place nearest to it on the part as it lies now; across the
surface the distance counts fully, along it with a small share only, so that surfaces can slide.
Cavity volumes enter linearised, as the mean displacement of the cavity's surface that is still
lacking. Pairs and weights are renewed in every round; a pair's weight falls with its distance
(Geman & McClure), so that a slice taken in another breath hold cannot tear the wall out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.warping_field import LARGEST_COEFFICIENT, Lattice, Roughness, SplineStep
from organtwin.anatomy.warping_parts import Part, Piece
from organtwin.arrays import BoolArray, FloatArray, IntArray

SLIDING = 0.04
"""Weight of a distance along the surface against one across it."""

VOLUME_WEIGHT = 30.0
LINE_WEIGHT = 25.0
"""A ring is drawn as two points per image: each counts as many points of a contour."""

USUAL_SHIFT, SHIFT_REACH = 4e-3, 20e-3
"""Breath holds differ by a few millimetres; a larger shift is believed when the slice asks for it.
Contour points further than the reach from their part say little about it [m]."""

_SOLVER_ROUNDS, _SOLVER_TOLERANCE = 80, 2e-3


@dataclass(frozen=True, eq=False)
class Pull:
    """Targets of one part, thinned: ``points`` ``(n, 3)`` [m], ``slices`` ``(n,)`` or -1."""

    part: Part
    points: FloatArray
    slices: IntArray
    every: cKDTree | None
    """All points, not thinned, where they cover the whole part."""
    edge: BoolArray
    """Triangles of the part ``(m,)`` at its open edge."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Places of the template and how they should move.

    ``places`` ``(n, 3)`` at the level's start, ``gaps`` ``(n, 3)`` still to go, ``normals``
    ``(n, 3)`` or zero, ``weights`` ``(n,)``, ``slices`` ``(n,)`` of the target or -1, ``at_edge``
    ``(n,)`` where the place lies at the open edge of its part.
    """

    places: FloatArray
    gaps: FloatArray
    normals: FloatArray
    weights: FloatArray
    slices: IntArray
    at_edge: BoolArray

    @property
    def across(self) -> FloatArray:
        """Distance ``(n,)`` [m]: across the surface, or whole for rings."""
        on_surface = np.abs(np.einsum("ij,ij->i", self.normals, self.gaps))
        whole = np.linalg.norm(self.gaps, axis=1)
        return np.asarray(np.where((self.normals != 0).any(axis=1), on_surface, whole))

    def robust(self, floor: float, edge_weight: float) -> "Pairs":
        """Weights lowered where the distance is large against most others, and at open edges.

        A contour that is drawn on across a valve or beyond the part ends at the part's edge.
        """
        distance = _length(self.gaps)
        scale = max(floor, 3.0 * float(np.median(distance)))
        factor = np.where(self.at_edge, edge_weight, 1.0) / (1.0 + (distance / scale) ** 2) ** 2
        return replace(self, weights=self.weights * factor)


def paired(piece: Piece, now: Piece, pull: Pull) -> Pairs:
    """Target points with the part's nearest places, and where it is dense the reverse too."""
    element, weights = now.nearest(pull.points)
    gaps = pull.points - now.places(element, weights)
    start, normals = piece.places(element, weights), now.normals()[element]
    if now.is_line:
        normals = np.zeros_like(normals)
    one = np.full(len(gaps), LINE_WEIGHT if now.is_line else 1.0)
    pairs = Pairs(start, gaps, normals, one, pull.slices, pull.edge[element])
    return _with_reverse(pairs, piece, now, pull) if pull.every else pairs


def _with_reverse(pairs: Pairs, piece: Piece, now: Piece, pull: Pull) -> Pairs:
    """Also points of the part, about as many, with the nearest of all target points."""
    stride = max(1, len(now.points) // max(1, len(pull.points)))
    index = np.arange(0, len(now.points), stride)
    points = now.points[index]
    tree = cast("cKDTree", pull.every)
    _, target = tree.query(points)
    gaps = np.asarray(tree.data)[target] - points
    return Pairs(
        np.concatenate([pairs.places, piece.points[index]]),
        np.concatenate([pairs.gaps, gaps]),
        np.concatenate([pairs.normals, now.point_normals()[index]]),
        np.concatenate([pairs.weights, np.ones(len(index))]),
        np.concatenate([pairs.slices, np.full(len(index), -1, np.int32)]),
        np.concatenate([pairs.at_edge, np.zeros(len(index), np.bool_)]),
    )


def together(several: list[Pairs]) -> Pairs:
    """All pairs of all parts."""
    return Pairs(*(np.concatenate([getattr(pairs, name) for pairs in several]) for name in _FIELDS))


_FIELDS = ("places", "gaps", "normals", "weights", "slices", "at_edge")


@dataclass(frozen=True, eq=False)
class VolumeRow:
    """A cavity's volume as an equation: ``slope`` ``(n, 3)`` at ``places``, ``lack`` [m]."""

    places: FloatArray
    slope: FloatArray
    lack: float


def volume_row(start: FloatArray, now: Surface, volume: float) -> VolumeRow:
    """``slope . u = lack``, both divided by the area, so that ``lack`` is a mean displacement."""
    a, b, c = (now.points[now.triangles[:, i]] for i in range(3))
    twice = np.cross(b - a, c - a)
    area = 0.5 * float(np.linalg.norm(twice, axis=1).sum())
    slope = np.zeros_like(now.points)
    for corner in range(3):
        np.add.at(slope, now.triangles[:, corner], twice / 6.0)
    enclosed = float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)
    return VolumeRow(start, slope / area, (volume - enclosed) / area)


@dataclass(frozen=True, eq=False)
class _System:
    """The normal equations, applied without ever being formed."""

    splines: sparse.csr_array
    back: sparse.csr_array
    pairs: Pairs
    total: float
    rows: FloatArray
    roughness: Roughness

    def pushed(self, vectors: FloatArray) -> FloatArray:
        """Weighted vectors: fully across the surface, little along it."""
        normals, weights = self.pairs.normals, self.pairs.weights[:, None] / self.total
        across = np.einsum("ij,ij->i", normals, vectors)[:, None] * normals
        surface = (normals != 0).any(axis=1)[:, None]
        mixed = across + SLIDING * (vectors - across)
        return np.asarray(weights * np.where(surface, mixed, vectors))

    def times(self, c: FloatArray) -> FloatArray:
        out = self.back @ self.pushed(self.splines @ c) + self.roughness.times(c)
        for row in self.rows:
            out += VOLUME_WEIGHT * float((row * c).sum()) * row
        return np.asarray(out)

    def diagonal(self) -> FloatArray:
        squared = self.splines.copy()
        squared.data = squared.data**2
        isotropic = np.where((self.pairs.normals != 0).any(axis=1), 0.5, 1.0)
        d = squared.T @ (self.pairs.weights * isotropic / self.total) + self.roughness.diagonal
        return np.asarray(d)[:, None]


def solved_step(
    lattice: Lattice,
    roughness: Roughness,
    pairs: Pairs,
    rows: list[VolumeRow],
    before: SplineStep,
) -> SplineStep:
    """The step that follows the pairs and rows best, started from ``before``."""
    splines = lattice.weights(pairs.places)
    c = before.coefficients.reshape(-1, 3)
    lines = [lattice.weights(row.places).T @ row.slope for row in rows]
    total = max(float(pairs.weights.sum()), 1.0)
    system = _System(splines, splines.T.tocsr(), pairs, total, np.asarray(lines), roughness)
    aim = system.back @ system.pushed(pairs.gaps + splines @ c)
    for line, row in zip(lines, rows, strict=True):
        aim += VOLUME_WEIGHT * (row.lack + float((line * c).sum())) * line
    return lattice.step(_conjugate_gradients(system, np.asarray(aim), c))


def _conjugate_gradients(system: _System, aim: FloatArray, c: FloatArray) -> FloatArray:
    inverse = 1.0 / system.diagonal()
    left = aim - system.times(c)
    z = inverse * left
    direction, rz = z, float((left * z).sum())
    stop = _SOLVER_TOLERANCE**2 * max(float((aim * inverse * aim).sum()), 1e-30)
    for _ in range(_SOLVER_ROUNDS):
        if rz <= stop:
            break
        product = system.times(direction)
        length = rz / float((direction * product).sum())
        c = c + length * direction
        left = left - length * product
        z = inverse * left
        rz, last = float((left * z).sum()), rz
        direction = z + (rz / last) * direction
    return c


def held_back(step: SplineStep) -> tuple[SplineStep, bool]:
    """The step, shortened to what cannot fold; whether it had to be."""
    largest = float(np.abs(step.coefficients).max())
    bound = LARGEST_COEFFICIENT * step.spacing
    if largest <= bound:
        return step, False
    return SplineStep(step.lower, step.spacing, step.coefficients * (bound / largest)), True


def _length(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(vectors, axis=1))


def moved_piece(piece: Piece, step: SplineStep) -> Piece:
    return Piece(piece.points + step.moves(piece.points), piece.triangles)


def moved_surface(surface: Surface, step: SplineStep) -> Surface:
    return Surface(surface.points + step.moves(surface.points), surface.triangles, surface.regions)


def slice_shifts(
    pairs: Pairs, planes: Mapping[int, FloatArray], before: Mapping[int, FloatArray], prior: float
) -> dict[int, FloatArray]:
    """Shift ``(3,)`` [m] of every slice within its own plane that brings it to the template.

    ``planes`` gives each slice's normal; ``prior`` is the weight of staying put against the
    slice's own points.
    """
    shifts: dict[int, FloatArray] = {}
    for number, normal in planes.items():
        own = pairs.slices == number
        w = pairs.weights[own] / (1.0 + (_length(pairs.gaps[own]) / SHIFT_REACH) ** 2)
        n = pairs.normals[own]
        gaps = pairs.gaps[own]
        if w.sum() <= 0:
            shifts[number] = before[number]
            continue
        stay = prior * w.sum() / (1.0 + (np.linalg.norm(before[number]) / USUAL_SHIFT) ** 2)
        flat = n - np.outer(n @ normal, normal)
        matrix = np.einsum("i,ij,ik->jk", w, flat, flat) + stay * np.eye(3)
        matrix += 1e3 * w.sum() * np.outer(normal, normal)
        toward = -np.einsum("i,i,ij->j", w, np.einsum("ij,ij->i", n, gaps), flat)
        change = np.linalg.solve(matrix, toward - stay * before[number])
        change -= (change @ normal) * normal
        shifts[number] = before[number] + change
    return shifts
