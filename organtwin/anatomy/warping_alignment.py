"""Size, place and direction of a heart: the similarity that brings the template to the targets.

Labelled iterated closest points from several starts: each target point looks for the nearest point
of its own part, and Umeyama's similarity (1991) brings the pairs together. Starts differ by half
turns; the same is tried with the target seen in a mirror, because a left-handed set of coordinates
is otherwise fitted by a heart inside out without anybody noticing. A heart that may lie anywhere
starts from all quarter turns, and only its shape, not how it lies, tells it from a mirrored one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from organtwin.anatomy.warping_parts import Part, Piece
from organtwin.anatomy.warping_targets import Targets, thinned
from organtwin.arrays import FloatArray
from organtwin.errors import InputError

_ROUGH_SPACING, _ROUGH_POINTS = 6e-3, 800
_FIRST_ROUNDS, _ROUNDS, _STILL = 8, 60, 1e-6
_KEPT = 0.8
"""Share of the pairs, nearest first, that the similarity is fitted to."""

MIRRORED_BETTER, MIRRORED_ALIKE = 0.8, 1.25
"""A mirrored or turned heart that leaves less than the first share of the distance is what was
given; one that leaves less than the second cannot be told from it by the points alone."""

SMALLEST_SCALE, LARGEST_SCALE = 0.45, 2.0
"""Sizes of human hearts against the adult template: a newborn's to a grossly dilated one."""

FARTHEST = 0.17
"""Mean distance left, as a share of the points' own spread, beyond which it is no heart: hearts
left 0.05 to 0.14 of it, points at random in a cube 0.19 and more."""

FARTHEST_PART = 0.7
"""The same for the median of one part; up to 0.45 for a ring or the apex of a real heart."""

_REFINING_ROUNDS, _ARM = 8, 0.05
"""Turn and growth are counted at this distance from the origin [m], to be of the shift's size."""

MOST_TURNED, UNUSUAL_TURN = np.radians(80.0), np.radians(60.0)


@dataclass(frozen=True, eq=False)
class Similarity:
    """``scale * rotation @ x + shift`` leads from the template to the target."""

    scale: float
    rotation: FloatArray
    shift: FloatArray
    distance: float
    """Mean distance left [m]."""
    mirrored_distance: float = np.inf
    """What the same heart seen in a mirror would leave [m]."""

    @property
    def angle(self) -> float:
        """How far the heart is turned against the template [rad]."""
        return _angle(self.rotation)

    @property
    def angle_of_mirrored(self) -> float:
        """The same for a heart in a mirror, against the template with one axis flipped [rad]."""
        flips = [np.diag([1.0, 1.0, 1.0]), np.diag([-1.0, -1.0, 1.0]), np.diag([-1.0, 1.0, -1.0])]
        return min(_angle(self.rotation @ flip) for flip in flips)


def _angle(rotation: FloatArray) -> float:
    return float(np.arccos(np.clip((np.trace(rotation) - 1.0) / 2.0, -1.0, 1.0)))


def aligned(pieces: Mapping[Part, Piece], targets: Targets) -> Similarity:
    """The best similarity.

    Raises
    ------
    InputError
        The points are mirrored, turned by more than a heart can be, of a size that no heart has,
        or nothing like a heart.
    """
    chosen = _few_points(targets)
    trees = {part: cKDTree(_dense(pieces[part])) for part in chosen}
    turns = _quarter_turns() if targets.anywhere else _half_turns()
    mirror = np.diag([-1.0, 1.0, 1.0])
    seen = {part: points @ mirror for part, points in chosen.items()}
    straight = [_tried(trees, chosen, turn) for turn in turns]
    reflected = [_tried(trees, seen, turn) for turn in turns]
    best = _iterated(trees, chosen, min(straight, key=_left), _ROUNDS)
    mirrored = _iterated(trees, seen, min(reflected, key=_left), _ROUNDS)
    every = np.concatenate(list(chosen.values()))
    _check_handedness(best, mirrored, targets)
    _check_parts(pieces, chosen, best, targets.source)
    _check(best, straight[0], every, targets)
    best = _refined(pieces, chosen, best)
    return replace(best, mirrored_distance=mirrored.distance)


def _half_turns() -> list[FloatArray]:
    ways = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    return [np.diag(np.array(way, float)) for way in ways]


def _quarter_turns() -> list[FloatArray]:
    """All 24 rotations of a cube, the usual direction first."""
    every = Rotation.create_group("O")
    return list(every[np.argsort(every.magnitude(), kind="stable")].as_matrix())


def _few_points(targets: Targets) -> dict[Part, FloatArray]:
    spacing = _ROUGH_SPACING
    while True:
        chosen = {
            part: target.points[thinned(target.points, spacing)]
            for part, target in targets.parts.items()
        }
        if sum(len(points) for points in chosen.values()) <= _ROUGH_POINTS:
            return chosen
        spacing *= 1.3


def _left(similarity: Similarity) -> float:
    return similarity.distance


def _dense(piece: Piece) -> FloatArray:
    corners = piece.points[piece.triangles]
    middles = 0.5 * (corners + corners[:, [1, 2, 0]])
    return np.concatenate([piece.points, corners.mean(axis=1), middles.reshape(-1, 3)])


def _tried(
    trees: Mapping[Part, cKDTree], chosen: Mapping[Part, FloatArray], turn: FloatArray
) -> Similarity:
    """A few rounds from one start, the middles of both upon each other."""
    own = np.mean([np.asarray(trees[part].data).mean(axis=0) for part in chosen], axis=0)
    middle = np.concatenate(list(chosen.values())).mean(axis=0)
    start = Similarity(1.0, turn, middle - turn @ own, np.inf)
    return _iterated(trees, chosen, start, _FIRST_ROUNDS)


def _iterated(
    trees: Mapping[Part, cKDTree],
    chosen: Mapping[Part, FloatArray],
    start: Similarity,
    rounds: int,
) -> Similarity:
    points = np.concatenate(list(chosen.values()))
    weight = np.concatenate([np.full(len(p), 1.0 / np.sqrt(len(p))) for p in chosen.values()])
    now, distance = (start.scale, start.rotation, start.shift), np.inf
    for _ in range(rounds):
        scale, rotation, shift = now
        found = []
        for part, own_points in chosen.items():
            gap, index = trees[part].query((own_points - shift) @ rotation / scale)
            found.append((np.asarray(trees[part].data)[index], gap))
        gap = scale * np.concatenate([g for _, g in found])
        weights = weight * (gap <= np.quantile(gap, _KEPT))
        last, distance = distance, float(np.average(gap, weights=weights))
        if abs(last - distance) < _STILL:
            break
        now = umeyama(np.concatenate([place for place, _ in found]), points, weights)
    return Similarity(*now, distance)


def _refined(
    pieces: Mapping[Part, Piece], chosen: Mapping[Part, FloatArray], found: Similarity
) -> Similarity:
    """The similarity that brings points closest across the surfaces, free to slide along them.

    Pairs of sampled points stop half a sample away from each other; this does not. Each round
    solves for a small turn, shift and growth of the target in the template's frame.
    """
    scale, rotation, shift = found.scale, found.rotation, found.shift
    for _ in range(_REFINING_ROUNDS):
        rows, lacks = [], []
        for part, points in chosen.items():
            local = (points - shift) @ rotation / scale
            row, lack = _small_motion(pieces[part], local)
            weight = 1.0 / np.sqrt(np.sqrt(len(points)))
            rows.append(weight * row * (np.abs(lack) <= np.quantile(np.abs(lack), _KEPT))[:, None])
            lacks.append(weight * lack)
        matrix, lack = np.concatenate(rows), np.concatenate(lacks)
        normal = matrix.T @ matrix
        damping = 1e-6 * np.diag(normal).max() * np.eye(7)
        change = np.linalg.solve(normal + damping, matrix.T @ lack)
        turn = Rotation.from_rotvec(change[:3] / _ARM).as_matrix()
        grow = 1.0 + change[6] / _ARM
        rotation = rotation @ turn.T
        scale = scale / grow
        shift = shift - scale * rotation @ change[3:6]
    return replace(found, scale=float(scale), rotation=rotation, shift=shift)


def _small_motion(piece: Piece, local: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rows ``(n, 7)``: how turn, shift and growth move points across their part; what lacks."""
    element, weights = piece.nearest(local)
    gap = piece.places(element, weights) - local
    if piece.is_line:
        length = np.linalg.norm(gap, axis=1, keepdims=True)
        across = gap / np.maximum(length, 1e-12)
    else:
        across = piece.normals()[element]
    turning = np.cross(local, across) / _ARM
    growing = np.einsum("ij,ij->i", across, local)[:, None] / _ARM
    row = np.concatenate([turning, across, growing], axis=1)
    return row, np.einsum("ij,ij->i", across, gap)


def umeyama(
    places: FloatArray, points: FloatArray, weights: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Scale, rotation and shift that bring ``places`` closest to ``points`` (Umeyama 1991)."""
    weights = weights / weights.sum()
    from_mean, to_mean = weights @ places, weights @ points
    a, b = places - from_mean, points - to_mean
    u, s, vt = np.linalg.svd((b * weights[:, None]).T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = float((s * sign).sum() / (weights @ (a * a).sum(axis=1)))
    return scale, rotation, to_mean - scale * rotation @ from_mean


def _check_parts(
    pieces: Mapping[Part, Piece], chosen: Mapping[Part, FloatArray], found: Similarity, source: str
) -> None:
    every = np.concatenate(list(chosen.values()))
    for part, points in chosen.items():
        local = (points - found.shift) @ found.rotation / found.scale
        gap = found.scale * float(np.median(pieces[part].distances(local)))
        if gap > FARTHEST_PART * _spread(every):
            raise InputError(
                source,
                part.name.lower(),
                expected="points where this part lies in a heart",
                got=f"points {gap * 1e3:.0f} mm away from it",
                remedy="Check which labels belong to which part.",
            )


def _spread(points: FloatArray) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _check_handedness(best: Similarity, mirrored: Similarity, targets: Targets) -> None:
    straight, reflected = best.distance, mirrored.distance
    if not targets.anywhere:
        straight *= _strangeness(best.angle)
        reflected *= _strangeness(mirrored.angle_of_mirrored)
    if reflected < MIRRORED_BETTER * straight:
        raise _refusal(
            targets.source,
            "patient axes of a right-handed frame (LPS)",
            f"points that fit a mirrored heart ({mirrored.distance * 1e3:.1f} mm left) better than "
            f"a heart ({best.distance * 1e3:.1f} mm)",
            "Flip the axis that points the wrong way, read the affine of the images again, or, if "
            "left and right labels are exchanged, correct the labels.",
        )


def _strangeness(angle: float) -> float:
    """How much worse a fit counts because the heart would lie unusually in the chest."""
    return float(1.0 + (min(angle, MOST_TURNED) / UNUSUAL_TURN) ** 2)


def _check(best: Similarity, upright: Similarity, points: FloatArray, targets: Targets) -> None:
    source, turned = targets.source, best.angle > MOST_TURNED and not targets.anywhere
    if best.distance > FARTHEST * _spread(points):
        raise _refusal(
            source,
            "something shaped like a heart",
            f"points {best.distance * 1e3:.1f} mm from the nearest heart of any size",
            "Check the labels of the points and that all belong to one heart.",
        )
    if turned and best.distance < MIRRORED_BETTER * upright.distance:
        raise _refusal(
            source,
            "patient axes LPS: x to the left, y to the back, z to the head",
            f"a heart turned by {np.degrees(best.angle):.0f} degrees",
            "Two axes point the wrong way (RAS read as LPS?), or axes are exchanged.",
        )
    if not SMALLEST_SCALE <= best.scale <= LARGEST_SCALE:
        raise _refusal(
            source,
            f"a heart of {SMALLEST_SCALE} to {LARGEST_SCALE} times the template's length",
            f"{best.scale:.2f} times",
            "Check the unit and the pixel spacing.",
        )


def _refusal(source: str, expected: str, got: str, remedy: str) -> InputError:
    return InputError(source, "points", expected=expected, got=got, remedy=remedy)
