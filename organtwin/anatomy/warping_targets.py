"""What a patient's images give of the heart, and whether it can be a heart at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.warping_parts import Part
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError

FEWEST_POINTS = 30
"""A similarity and a few modes of shape need more than this to be determined."""

SMALLEST, LARGEST = 0.03, 0.40
"""Extent of anything that shows a human ventricle or heart with its vessels [m]."""

THINNEST = 3e-3
"""Points that spread less than this (standard deviation) across a plane lie in one slice [m]."""


@dataclass(frozen=True, eq=False)
class Target:
    """Points of one part, unordered: ``points`` ``(n, 3)`` [m], LPS patient axes.

    ``slices`` ``(n,)`` names the image each point was drawn in, where that is known: images
    taken in different breath holds are then shifted within their own plane to fit each other.
    ``dense`` says that the points cover the whole part, so that the template must not stand
    away from them anywhere either.
    """

    points: FloatArray
    slices: IntArray | None = None
    dense: bool = False


@dataclass(frozen=True, eq=False)
class Targets:
    """Everything that is known: points of parts, and volumes [m3] of cavities."""

    parts: Mapping[Part, Target] = field(default_factory=dict)
    volumes: Mapping[Cavity, float] = field(default_factory=dict)
    source: str = "contours"
    """Where they come from, for messages."""
    anywhere: bool = False
    """The heart may lie in any direction: dextrocardia, or axes that are not the patient's."""


def check_targets(targets: Targets) -> None:
    """Refuse what cannot be a heart in metres.

    Raises
    ------
    InputError
        Nothing given, too few points, not finite, in another unit, or of one slice only.
    """
    for cavity, volume in targets.volumes.items():
        _check_volume(targets.source, cavity, volume)
    if not targets.parts:
        if not targets.volumes:
            raise InputError(
                targets.source,
                "points",
                expected="points or volumes",
                got="neither",
                remedy="Give contours, a mask or at least one volume.",
            )
        return
    _check_arrays(targets)
    points = np.concatenate([target.points for target in targets.parts.values()])
    if not np.isfinite(points).all():
        raise InputError(
            targets.source,
            "points",
            expected="finite coordinates",
            got="not a number or infinite",
            remedy="Remove the points without coordinates.",
        )
    if len(points) < FEWEST_POINTS:
        raise InputError(
            targets.source,
            "points",
            expected=f"at least {FEWEST_POINTS} points",
            got=str(len(points)),
            remedy="Draw more contours, or give volumes alone.",
        )
    _check_extent(targets.source, points)


def _check_arrays(targets: Targets) -> None:
    for part, target in targets.parts.items():
        if target.points.ndim != 2 or target.points.shape[1:] != (3,) or not len(target.points):
            raise InputError(
                targets.source,
                part.name.lower(),
                expected="points with three coordinates",
                got=f"an array of shape {target.points.shape}",
                remedy="Leave this part out or give its points.",
            )


def _check_volume(source: str, cavity: Cavity, volume: float) -> None:
    if not 5e-6 <= volume <= 600e-6:
        raise InputError(
            source,
            f"{cavity.name} volume",
            expected="5 to 600 mL",
            got=f"{volume * 1e6:.4g} mL",
            remedy="Check the number and its unit.",
        )


def _check_extent(source: str, points: FloatArray) -> None:
    extent = float(np.ptp(points, axis=0).max())
    if not SMALLEST <= extent <= LARGEST:
        units = {"millimetres": 1e-3, "centimetres": 1e-2, "micrometres": 1e-6}
        likely = [u for u, size in units.items() if SMALLEST <= extent * size <= LARGEST]
        remedy = (
            f"These numbers fit a heart in {' or '.join(likely)}: choose that unit."
            if likely
            else "Check the unit and whether the points belong to one heart."
        )
        raise InputError(
            source,
            "points",
            expected=f"an extent of {SMALLEST * 1e3:.0f} to {LARGEST * 1e3:.0f} mm",
            got=f"{extent * 1e3:.4g} mm",
            remedy=remedy,
        )
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[-1]
    if spread / np.sqrt(len(points)) < THINNEST:
        raise InputError(
            source,
            "points",
            expected="points of several slices",
            got="points of a single plane",
            remedy="Add contours of other slices or of a long-axis image.",
        )


def thinned(points: FloatArray, spacing: float) -> IntArray:
    """One point ``(k,)`` for every cube of that edge which holds any; the first of each."""
    cube = np.floor(points / spacing).astype(np.int64)
    return np.sort(np.unique(cube, axis=0, return_index=True)[1]).astype(np.int32)
