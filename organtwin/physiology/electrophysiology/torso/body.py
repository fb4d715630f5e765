"""The outside of a trunk without arms and head, from sex, height and weight.

Frame of the trunk: LPS axes (x to the patient's left, y to posterior, z to the head), origin on the
midline, midway between breastbone and back, at the height of the fourth intercostal space.

Sections are superellipses ``(|x|/a)^n + (|y|/b)^n = 1`` whose half axes follow a profile over the
height. A body keeps its density, so the area of its sections grows with weight over height; what is
above the weight of a lean body is fat under the skin. Sizes of the average adult are rounded from
common anthropometric surveys and are assumptions of this model: amplitudes depend on them, shapes
of leads hardly (Zappon et al. 2024, arXiv 2407.17146). Whoever knows chest width and depth of the
patient gives them to ``TrunkSizes`` instead.

Verified by ``tests/physiology/torso/test_body.py``.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from organtwin.anatomy.implicit import smooth_maximum
from organtwin.arrays import FloatArray


class Sex(Enum):
    """What the sizes of an average body are taken from."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Physique:
    """Whose trunk it is: height [m], weight [kg]."""

    sex: Sex = Sex.MALE
    height: float = 1.76
    weight: float = 78.0

    def __post_init__(self) -> None:
        if not (1.2 <= self.height <= 2.3 and 30.0 <= self.weight <= 250.0):
            raise ValueError(
                f"height {self.height} m and weight {self.weight} kg: expected an adult of "
                "1.2 to 2.3 m and 30 to 250 kg"
            )


@dataclass(frozen=True, slots=True)
class TrunkSizes:
    """Sizes of a trunk [m].

    ``width`` and ``depth`` of the chest at the fourth intercostal space, skin to skin; ``length``
    from there down to the lower end, five thirds of that up to the neck; ``fat`` thickness of skin
    and fat; ``muscle`` and ``cage`` of the layers below.
    """

    width: float = 0.32
    depth: float = 0.23
    length: float = 0.33
    fat: float = 0.010
    muscle: float = 0.010
    cage: float = 0.008


AVERAGE = {Sex.MALE: (1.76, 78.0), Sex.FEMALE: (1.63, 65.0)}
"""Height [m] and weight [kg] of the average adult."""

_CHEST = {Sex.MALE: (0.32, 0.23, 0.010), Sex.FEMALE: (0.285, 0.215, 0.015)}
"""Width and depth of the chest, skin and fat [m] of the average adult."""

_LEAST_FAT = 0.004
_POWER = 2.4
_SHOULDER = 0.02
"""Rounding of the ends [m]."""

_HEIGHTS = np.array([-1.0, -0.65, -0.35, -0.1, 0.1, 0.3, 0.42, 0.52, 0.6, 0.8])
_WIDTHS = np.array([1.03, 0.94, 0.92, 0.98, 1.0, 1.03, 1.0, 0.75, 0.42, 0.34])
_DEPTHS = np.array([0.95, 0.93, 0.96, 1.0, 0.98, 0.86, 0.72, 0.60, 0.50, 0.46])
"""Profile of half axes: height over ``length``, width and depth over those of the chest."""

NECK = 0.75
"""Upper end over ``length``."""


def trunk_sizes(physique: Physique) -> TrunkSizes:
    """Sizes of a body of this sex, height and weight."""
    (height, weight), (width, depth, fat) = AVERAGE[physique.sex], _CHEST[physique.sex]
    growth = np.sqrt(physique.weight / weight * height / physique.height)
    spare = 0.25 * (width + depth) * (growth - 1.0)
    return TrunkSizes(
        width=float(width * growth),
        depth=float(depth * growth),
        length=0.33 * physique.height / 1.76,
        fat=float(max(_LEAST_FAT, fat + 0.7 * spare)),
    )


def half_axes(sizes: TrunkSizes, heights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Half width and half depth [m] of the sections at heights [m]."""
    places = np.asarray(heights) / sizes.length
    return (
        0.5 * sizes.width * np.interp(places, _HEIGHTS, _WIDTHS),
        0.5 * sizes.depth * np.interp(places, _HEIGHTS, _DEPTHS),
    )


def skin(sizes: TrunkSizes, points: FloatArray) -> FloatArray:
    """Distance to the skin of points ``(n, 3)`` [m], to first order; negative inside."""
    width, depth = half_axes(sizes, points[:, 2])
    x, y = np.abs(points[:, 0]), np.abs(points[:, 1])
    norm = ((x / width) ** _POWER + (y / depth) ** _POWER) ** (1.0 / _POWER)
    safe = np.maximum(norm, 1e-3)
    slope = np.hypot(
        (x / width) ** (_POWER - 1.0) / width, (y / depth) ** (_POWER - 1.0) / depth
    ) / safe ** (_POWER - 1.0)
    side = (norm - 1.0) / np.maximum(slope, 1.0 / np.maximum(width, depth))
    ends = np.maximum(points[:, 2] - NECK * sizes.length, -sizes.length - points[:, 2])
    return np.asarray(smooth_maximum(side, ends, _SHOULDER))


def on_skin(sizes: TrunkSizes, angles: FloatArray, heights: FloatArray) -> FloatArray:
    """Places ``(n, 3)`` [m] on the skin's side.

    ``angles`` [rad] turn about the trunk's axis from the front (0) over the patient's left (pi/2)
    to the back; ``heights`` [m] count from the fourth intercostal space.
    """
    width, depth = half_axes(sizes, heights)
    x, y = np.sin(angles), -np.cos(angles)
    norm = ((np.abs(x) / width) ** _POWER + (np.abs(y) / depth) ** _POWER) ** (1.0 / _POWER)
    return np.stack([x / norm, y / norm, np.broadcast_to(heights, norm.shape)], axis=1)


def angle_at(sizes: TrunkSizes, x: float, height: float) -> float:
    """Angle [rad] of the place in front at ``x`` [m] to the left of the midline."""
    width, depth = (float(half[0]) for half in half_axes(sizes, np.array([height])))
    y = depth * (1.0 - min(1.0, abs(x) / width) ** _POWER) ** (1.0 / _POWER)
    return float(np.arctan2(x, y))
