"""The template's left walls made thicker or thinner, to the thickness measured on a patient.

``anatomy.template_thickness`` says how every point moves; here the factors are found with which the
walls have the thickness asked for once the cavities are brought to the patient's volumes
(``deformation_reference``). They belong to the patient and not to a beat: a fuller ventricle then
has thinner walls, as its muscle stays the same.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.template_thickness import across, measured_walls
from organtwin.anatomy.template_thickness import thickening_fields as fields
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.physiology.mechanics.deformation_reference import (
    Attached,
    attached,
    modes_at,
    moved,
    personalisation,
)

THINNEST, THICKEST = 0.4, 2.3
"""Factors: from 4 to 22 mm in the template, between which none of its elements turns over."""
_TOLERANCE = 2e-3
_ROUNDS = 12
_LARGEST_STEP = 0.5
"""Of the logarithm of a factor: the septum between two large cavities grows with its cube."""


@dataclass(frozen=True)
class WallFactors:
    """Thickness of free wall and septum of the LV over that of the template."""

    free: float = 1.0
    septum: float = 1.0


TEMPLATE_WALLS = WallFactors()


@dataclass(frozen=True)
class WallThickness:
    """Thickness of free wall and septum of the LV at end-diastole [m]."""

    free: float
    septum: float


def thickened(points: FloatArray, walls: WallFactors) -> FloatArray:
    """Template points ``(n, 3)`` [m] where the walls are thicker or thinner."""
    return points if walls == TEMPLATE_WALLS else _moved(points, fields(points), walls)


@lru_cache(maxsize=3)
def with_walls(anatomy: Anatomy, walls: WallFactors) -> Attached:
    """The template with such walls; kept, because every beat needs it."""
    own = attached(anatomy)
    if walls == TEMPLATE_WALLS:
        return own
    surface, cavities = _drawn_fields(anatomy)
    return moved(
        own, _moved(own.surface, surface, walls), _moved(own.cavity_points, cavities, walls)
    )


def wall_factors(anatomy: Anatomy, volumes: FloatArray, wanted: WallThickness) -> WallFactors:
    """The factors with which the template has such walls at cavity volumes ``(4,)`` [m3].

    Raises
    ------
    InputError
        The walls are thinner or thicker than the template can be made.
    """
    goal = np.log([wanted.free, wanted.septum])
    factors, slopes = np.zeros(2), np.ones(2)
    found = _log_thickness(anatomy, volumes, factors)
    for _ in range(_ROUNDS):
        # Each wall hardly feels the other: two secants side by side, in logarithms.
        step = np.clip((goal - found) / slopes, -_LARGEST_STEP, _LARGEST_STEP)
        _check(factors + step, wanted)
        factors, before = factors + step, found
        found = _log_thickness(anatomy, volumes, factors)
        if np.abs(goal - found).max() < _TOLERANCE:
            break
        changed = np.abs(step) > _TOLERANCE
        slopes[changed] = np.clip((found - before)[changed] / step[changed], 0.5, 5.0)
    free, septum = np.exp(factors)
    return WallFactors(float(free), float(septum))


def thickness_of(anatomy: Anatomy, volumes: FloatArray, walls: WallFactors) -> WallThickness:
    """Median thickness of the walls where they are measured, at cavity volumes ``(4,)`` [m3]."""
    personal = personalisation(with_walls(anatomy, walls), volumes)

    def carried(points: FloatArray) -> FloatArray:
        points = thickened(points, walls)
        return personal.carried(points, modes_at(points).astype(np.float64))

    inside = anatomy.cavities[Cavity.LV].points
    through = np.linalg.norm(carried(across(inside)) - carried(inside), axis=1)
    free, septal = (float(np.median(through[own])) for own in measured_walls(inside))
    return WallThickness(free, septal)


def _log_thickness(anatomy: Anatomy, volumes: FloatArray, factors: FloatArray) -> FloatArray:
    found = thickness_of(anatomy, volumes, WallFactors(*np.exp(factors)))
    return np.log([found.free, found.septum])


def _check(factors: FloatArray, wanted: WallThickness) -> None:
    walls = {"posterior wall thickness": wanted.free, "septal thickness": wanted.septum}
    for (name, asked), factor in zip(walls.items(), np.exp(factors), strict=True):
        if not THINNEST <= factor <= THICKEST:
            raise InputError(
                "the template heart", name,
                expected=f"{THINNEST:g} to {THICKEST:g} times that of the template",
                got=f"{1e3 * asked:.1f} mm, {factor:.2f} times",
                remedy="Check thickness and LV volume; the template's own walls are drawn.",
            )  # fmt: skip


def _moved(points: FloatArray, ways: FloatArray, walls: WallFactors) -> FloatArray:
    return np.asarray(points + np.einsum("nwd,w->nd", ways, (walls.free - 1.0, walls.septum - 1.0)))


@lru_cache(maxsize=2)
def _drawn_fields(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    own = attached(anatomy)
    return fields(own.surface), fields(own.cavity_points)
