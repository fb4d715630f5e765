"""Size, place and direction of a heart: the similarity that brings the template to the targets.

Labelled iterated closest points from several starts: each target point looks for the nearest point
of its own part, and Umeyama's similarity (1991) brings the pairs together. Starts differ by half
turns; the same is tried with the target seen in a mirror, because a left-handed set of coordinates
is otherwise fitted by a heart inside out without anybody noticing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.warping_parts import Part, Piece
from organtwin.anatomy.warping_targets import Targets, thinned
from organtwin.arrays import FloatArray
from organtwin.errors import InputError

_ROUGH_SPACING, _ROUGH_POINTS, _ROUNDS = 6e-3, 800, 30
_KEPT = 0.8
"""Share of the pairs, nearest first, that the similarity is fitted to."""

MIRRORED_BETTER = 0.8
"""A mirrored or turned heart that leaves less than this share of the distance is what was given."""

SMALLEST_SCALE, LARGEST_SCALE = 0.45, 2.0
"""Sizes of human hearts against the adult template: a newborn's to a grossly dilated one."""

FARTHEST = 0.16
"""Mean distance left, as a share of the points' own spread, beyond which it is no heart."""

MOST_TURNED = np.radians(80.0)


@dataclass(frozen=True, eq=False)
class Similarity:
    """``scale * rotation @ x + shift`` leads from the template to the target."""

    scale: float
    rotation: FloatArray
    shift: FloatArray
    distance: float
    """Mean distance left [m]."""

    @property
    def angle(self) -> float:
        """How far the heart is turned against the template [rad]."""
        return float(np.arccos(np.clip((np.trace(self.rotation) - 1.0) / 2.0, -1.0, 1.0)))


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
    turns = [np.diag(d) for d in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))]
    mirror = np.diag([-1.0, 1.0, 1.0])
    seen = {part: points @ mirror for part, points in chosen.items()}
    straight = [_iterated(trees, chosen, np.asarray(t, float)) for t in turns]
    mirrored = min((_iterated(trees, seen, np.asarray(t, float)) for t in turns), key=_left)
    best = min(straight, key=_left)
    _check(best, straight[0], mirrored, np.concatenate(list(chosen.values())), targets.source)
    return best


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


def _iterated(
    trees: Mapping[Part, cKDTree], chosen: Mapping[Part, FloatArray], turn: FloatArray
) -> Similarity:
    points = np.concatenate(list(chosen.values()))
    weight = np.concatenate([np.full(len(p), 1.0 / np.sqrt(len(p))) for p in chosen.values()])
    own = np.concatenate([np.asarray(trees[part].data).mean(axis=0)[None] for part in chosen])
    scale, rotation = 1.0, turn
    shift = points.mean(axis=0) - rotation @ own.mean(axis=0)
    distance = np.inf
    for _ in range(_ROUNDS):
        found = []
        for part, own_points in chosen.items():
            local = (own_points - shift) @ rotation / scale
            gap, index = trees[part].query(local)
            found.append((np.asarray(trees[part].data)[index], gap))
        places = np.concatenate([place for place, _ in found])
        gap = scale * np.concatenate([g for _, g in found])
        weights = weight * (gap <= np.quantile(gap, _KEPT))
        last, distance = distance, float(np.average(gap, weights=weight))
        if abs(last - distance) < 1e-6:
            break
        scale, rotation, shift = umeyama(places, points, weights)
    return Similarity(scale, rotation, shift, distance)


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


def _check(
    best: Similarity, upright: Similarity, mirrored: Similarity, points: FloatArray, source: str
) -> None:
    def refuse(expected: str, got: str, remedy: str) -> InputError:
        return InputError(source, "points", expected=expected, got=got, remedy=remedy)

    if mirrored.distance < MIRRORED_BETTER * best.distance:
        raise refuse(
            "patient axes of a right-handed frame (LPS)",
            f"points that fit a mirrored heart ({mirrored.distance * 1e3:.1f} mm left) better than "
            f"a heart ({best.distance * 1e3:.1f} mm)",
            "One axis points the wrong way: flip it, or read the affine of the images again.",
        )
    if best.angle > MOST_TURNED and best.distance < MIRRORED_BETTER * upright.distance:
        raise refuse(
            "patient axes LPS: x to the left, y to the back, z to the head",
            f"a heart turned by {np.degrees(best.angle):.0f} degrees",
            "Two axes point the wrong way (RAS read as LPS?), or axes are exchanged.",
        )
    spread = float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))
    if best.distance > FARTHEST * spread:
        raise refuse(
            "something shaped like a heart",
            f"points {best.distance * 1e3:.1f} mm from the nearest heart of any size",
            "Check the labels of the points and that all belong to one heart.",
        )
    if not SMALLEST_SCALE <= best.scale <= LARGEST_SCALE:
        raise refuse(
            f"a heart of {SMALLEST_SCALE} to {LARGEST_SCALE} times the template's length",
            f"{best.scale:.2f} times",
            "Check the unit and the pixel spacing.",
        )
