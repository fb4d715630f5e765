"""The template heart brought to a patient's images where they give no full mesh.

Contours, masks, single chambers, volumes: whatever there is pulls the matching parts of the
template (``warping_parts``). A similarity finds size, place and direction (``warping_alignment``);
then free-form steps (``warping_field``, ``warping_fit``) follow from coarse to fine, every one held
small enough not to fold. Where nothing pulls, the map stays as smooth as its neighbours allow: that
is where the template, not the patient, speaks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Anatomy, Surface, enclosed_volume
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.warping_alignment import Similarity, aligned
from organtwin.anatomy.warping_field import Lattice, Roughness, SplineStep
from organtwin.anatomy.warping_fit import (
    Pairs,
    Pull,
    held_back,
    moved_piece,
    moved_surface,
    paired,
    slice_shifts,
    solved_step,
    together,
    volume_row,
)
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_parts import Part, Piece, outlines, parts
from organtwin.anatomy.warping_report import WarpReport, residual, with_findings
from organtwin.anatomy.warping_targets import Targets, check_targets, thinned
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError


@dataclass(frozen=True)
class Level:
    """How one level of the warp is fitted: ``spacing`` [m], stiffness, ``rounds`` of pairing.

    ``floor`` [m]: distances up to about this are never taken for outliers; ``edge_weight`` is
    that of points beyond the open edge of their part.
    """

    spacing: float
    bending: float
    stretch: float
    rounds: int
    floor: float
    edge_weight: float = 0.02


LEVELS = (
    Level(80e-3, 1e-3, 1e-3, 6, 15e-3, 1.0),
    Level(45e-3, 1e-3, 1e-3, 6, 10e-3),
    Level(28e-3, 3e-4, 1e-3, 6, 6e-3),
    Level(18e-3, 1e-4, 1e-3, 6, 4e-3),
)
"""From coarse to fine."""

COARSE_LEVELS = LEVELS[:2]
"""A quick look: half the cost of the first levels of ``LEVELS``, about 2 mm coarser."""

PULL_SPACING, DENSE_SPACING = 2.5e-3, 4e-3
"""Of the points in a cube of this edge one is kept, of contours and of whole surfaces [m]."""

DENSE_TRUST = 3.0
"""Whole surfaces have few outliers: distances so many times larger still count there."""

SHIFT_PRIOR = 0.15
"""Weight of leaving a slice where it was taken against its contours."""

_MARGIN = 25e-3


@dataclass(frozen=True, eq=False)
class WarpStep:
    """Progress of ``warped``: share done and mean distance [m]; the last one has the answer."""

    done: float
    distance: float
    warp: Warp | None = None
    report: WarpReport | None = None


def warped(
    template: Anatomy, targets: Targets, levels: tuple[Level, ...] = LEVELS
) -> Iterator[WarpStep]:
    """Bring the template to the targets, step by step; only the last step holds the warp.

    Raises
    ------
    InputError
        The targets cannot be a heart in LPS axes and metres, or name parts it does not have.
    """
    check_targets(targets)
    pieces = parts(template)
    if targets.parts.keys() & {Part.HEART, Part.HEART_AND_TRUNK}:
        pieces = {**pieces, **outlines(template)}
    missing = [part for part in targets.parts if part not in pieces]
    if missing:
        raise InputError(
            targets.source,
            "label",
            expected="parts that the template has",
            got=", ".join(part.name.lower() for part in missing),
            remedy="Leave these out or choose a template with them.",
        )
    state = _start(template, pieces, targets)
    yield WarpStep(0.05, state.distance)
    total = sum(level.rounds for level in levels)
    count = 0
    for level in levels:
        last = state
        for last in _level(state, level):
            count += 1
            yield WarpStep(0.05 + 0.9 * count / total, last.distance)
        state = last
    yield WarpStep(1.0, state.distance, state.warp, _report(state, template, targets))


@dataclass(frozen=True, eq=False)
class _State:
    """Template parts and cavities as far as they have come, and what pulls them."""

    pieces: Mapping[Part, Piece]
    cavities: Mapping[Cavity, Surface]
    pulls: tuple[Pull, ...]
    volumes: Mapping[Cavity, float]
    planes: Mapping[int, FloatArray]
    shifts: Mapping[int, FloatArray]
    warp: Warp
    similarity: Similarity
    distance: float = float("inf")

    def moved(self, step: SplineStep) -> "_State":
        """After one more step."""
        return replace(
            self,
            pieces={part: moved_piece(piece, step) for part, piece in self.pieces.items()},
            cavities={c: moved_surface(surface, step) for c, surface in self.cavities.items()},
            warp=replace(self.warp, steps=(*self.warp.steps, step)),
        )


def _start(template: Anatomy, pieces: Mapping[Part, Piece], targets: Targets) -> _State:
    if targets.parts:
        best = aligned(pieces, targets)
    else:
        scale = _volume_scale(template, targets.volumes)
        best = Similarity(scale, np.eye(3), np.zeros(3), 0.0)
    warp = Warp(best.scale * best.rotation, best.shift)
    planes = _slice_planes(targets)
    return _State(
        {part: Piece(warp.carried(pieces[part].points), pieces[part].triangles)
         for part in targets.parts},
        {c: warp.surface(template.cavities[c]) for c in targets.volumes},
        _pulls(pieces, targets),
        targets.volumes,
        planes,
        {number: np.zeros(3) for number in planes},
        warp,
        best,
    )  # fmt: skip


def _volume_scale(template: Anatomy, volumes: Mapping[Cavity, float]) -> float:
    """The length scale at which the given cavities have the right volume together."""
    own = sum(enclosed_volume(template.cavities[cavity]) for cavity in volumes)
    return float(np.cbrt(sum(volumes.values()) / own))


def _pulls(pieces: Mapping[Part, Piece], targets: Targets) -> tuple[Pull, ...]:
    pulls = []
    for part, target in sorted(targets.parts.items()):
        slices = _slices(target.points, target.slices)
        spacing = DENSE_SPACING if target.dense else PULL_SPACING
        kept: list[IntArray] = []
        for number in np.unique(slices):
            own = np.flatnonzero(slices == number)
            kept.append(own[thinned(target.points[own], spacing)].astype(np.int32))
        index, edge = np.concatenate(kept), pieces[part].at_edge()
        every = cKDTree(target.points) if target.dense else None
        pulls.append(Pull(part, target.points[index], slices[index], every, edge))
    return tuple(pulls)


def _slices(points: FloatArray, slices: IntArray | None) -> IntArray:
    return np.full(len(points), -1, np.int32) if slices is None else slices.astype(np.int32)


def _slice_planes(targets: Targets) -> dict[int, FloatArray]:
    """Normal of every slice that holds enough points to tell its plane."""
    gathered: dict[int, list[FloatArray]] = {}
    for target in targets.parts.values():
        if target.slices is not None:
            for number in np.unique(target.slices):
                gathered.setdefault(int(number), []).append(target.points[target.slices == number])
    planes = {}
    for number, pieces in sorted(gathered.items()):
        points = np.concatenate(pieces)
        if len(points) >= 12:
            planes[number] = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][-1]
    return planes


def _level(state: _State, level: Level) -> Iterator[_State]:
    """Rounds of pairing and solving; the state each yields is already moved."""
    spacing = level.spacing * state.similarity.scale
    lower, upper = _box(state)
    lattice = Lattice.around(lower, upper, spacing)
    roughness = Roughness(lattice, level.bending, level.stretch)
    step = lattice.step(np.zeros((lattice.size, 3)))
    now = state
    for _ in range(level.rounds):
        several = _pairs_of_parts(state, now)
        pairs = _joined(
            [
                each.robust(level.floor * (DENSE_TRUST if pull.every else 1.0), level.edge_weight)
                for each, pull in zip(several, state.pulls, strict=True)
            ]
        )
        distance = float(np.average(pairs.across, weights=pairs.weights)) if several else 0.0
        rows = [
            volume_row(state.cavities[c].points, now.cavities[c], volume)
            for c, volume in state.volumes.items()
        ]
        step, held = held_back(solved_step(lattice, roughness, pairs, rows, step))
        shifts = state.shifts
        if state.planes and pairs.weights.size:
            shifts = slice_shifts(_joined(several), state.planes, now.shifts, SHIFT_PRIOR)
        now = replace(state.moved(step), shifts=shifts, distance=distance)
        if held:
            state, step = now, lattice.step(np.zeros((lattice.size, 3)))
        yield now


def _box(state: _State) -> tuple[FloatArray, FloatArray]:
    points = [piece.points for piece in state.pieces.values()]
    points += [surface.points for surface in state.cavities.values()]
    points += [pull.points for pull in state.pulls]
    every = np.concatenate(points)
    return every.min(axis=0) - _MARGIN, every.max(axis=0) + _MARGIN


def _pairs_of_parts(start: _State, now: _State) -> list[Pairs]:
    """Pairs of every part, the slices shifted as far as they have been."""
    several = []
    for pull in now.pulls:
        moved = replace(pull, points=pull.points + _shift_of(now.shifts, pull.slices))
        several.append(paired(start.pieces[pull.part], now.pieces[pull.part], moved))
    return several


def _joined(several: list[Pairs]) -> Pairs:
    none = np.zeros((0, 3))
    empty = Pairs(none, none, none, np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.bool_))
    return together([*several, empty])


def _shift_of(shifts: Mapping[int, FloatArray], slices: IntArray) -> FloatArray:
    moved = np.zeros((len(slices), 3))
    for number, shift in shifts.items():
        moved[slices == number] = shift
    return moved


def _report(state: _State, template: Anatomy, targets: Targets) -> WarpReport:
    moved = {
        part: target.points + _shift_of(state.shifts, _slices(target.points, target.slices))
        for part, target in sorted(targets.parts.items())
    }
    return with_findings(
        WarpReport(
            {part: residual(state.pieces[part].distances(p)) for part, p in moved.items()},
            {c: (v, enclosed_volume(state.cavities[c])) for c, v in targets.volumes.items()},
            {number: float(np.linalg.norm(shift)) for number, shift in state.shifts.items()},
            state.similarity,
            float(state.warp.determinants(template.tissue.nodes).min()),
            state.warp.folded_elements(template.tissue),
        )
    )
