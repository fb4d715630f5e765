"""The template's left walls made thicker or thinner, to the thickness measured on a patient.

``anatomy.template_thickness`` says how the points of the template move; the moves are added to the
template brought to the patient's volumes (``deformation_reference``). The factors belong to the
patient and not to a beat: a fuller ventricle then has thinner walls, as its muscle stays the same.
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
    attached,
    modes_at,
    personalisation,
)

THINNEST, THICKEST = 0.5, 2.2
"""Share of the wall that is left at least, and the largest factor: no element turns over between
them, in normal, dilated and small hearts."""
_TOLERANCE = 1e-4
_ROUNDS = 20


@dataclass(frozen=True)
class WallFactors:
    """How much free wall and septum of the LV are thickened: 1 leaves the template's muscle."""

    free: float = 1.0
    septum: float = 1.0

    @property
    def extra(self) -> FloatArray:
        """Weights ``(2,)`` of the fields."""
        return np.array([self.free - 1.0, self.septum - 1.0])


TEMPLATE_WALLS = WallFactors()


@dataclass(frozen=True)
class WallThickness:
    """Thickness of free wall and septum of the LV at end-diastole [m]."""

    free: float
    septum: float


def thickening(points: FloatArray, walls: WallFactors) -> FloatArray:
    """Moves ``(n, 3)`` [m] of template points ``(n, 3)`` [m]."""
    if walls == TEMPLATE_WALLS:
        return np.zeros_like(points)
    return _weighted(fields(points), walls)


def drawn_thickening(anatomy: Anatomy, walls: WallFactors) -> tuple[FloatArray, FloatArray]:
    """The same for the points of surface and cavities, which every beat needs."""
    if walls == TEMPLATE_WALLS:
        own = attached(anatomy)
        return np.zeros_like(anatomy.surface.points), np.zeros_like(own.cavity_points)
    surface, cavities = _drawn_fields(anatomy)
    return _weighted(surface, walls), _weighted(cavities, walls)


def wall_factors(anatomy: Anatomy, volumes: FloatArray, wanted: WallThickness) -> WallFactors:
    """The factors with which the template has such walls at cavity volumes ``(4,)`` [m3].

    Raises
    ------
    InputError
        The walls are thinner or thicker than the template can be made.
    """
    measure = _Measure(anatomy, volumes)
    goal = np.array([wanted.free, wanted.septum])
    extra = np.zeros(2)
    found = plain = measure(extra)
    for _ in range(_ROUNDS):
        # Each wall hardly feels the other, and its thickness is nearly linear in its own factor.
        slopes = (measure(extra + 1e-3) - found) / 1e-3
        least = extra + (THINNEST * plain - found) / slopes
        extra = np.clip(extra + (goal - found) / slopes, least, THICKEST - 1.0)
        found = measure(extra)
        if np.abs(found / goal - 1.0).max() < _TOLERANCE:
            break
    _check(found, goal)
    return WallFactors(1.0 + float(extra[0]), 1.0 + float(extra[1]))


def thickness_of(anatomy: Anatomy, volumes: FloatArray, walls: WallFactors) -> WallThickness:
    """Median thickness of the walls where they are measured, at cavity volumes ``(4,)`` [m3]."""
    free, septum = _Measure(anatomy, volumes)(walls.extra)
    return WallThickness(float(free), float(septum))


class _Measure:
    """Thickness of free wall and septum ``(2,)`` [m] by the weights of the fields."""

    def __init__(self, anatomy: Anatomy, volumes: FloatArray) -> None:
        inside = anatomy.cavities[Cavity.LV].points
        free, septal = measured_walls(inside)
        inside = np.concatenate([inside[free], inside[septal]])
        outside, n = across(inside), int(free.sum())
        personal = personalisation(attached(anatomy), volumes)
        plain = [personal.carried(p, modes_at(p).astype(np.float64)) for p in (inside, outside)]
        self._plain = plain[1] - plain[0]
        self._fields = fields(outside) - fields(inside)
        self._walls = slice(0, n), slice(n, None)

    def __call__(self, extra: FloatArray) -> FloatArray:
        through = np.linalg.norm(self._plain + np.einsum("nwd,w->nd", self._fields, extra), axis=1)
        return np.array([np.median(through[wall]) for wall in self._walls])


def _check(found: FloatArray, goal: FloatArray) -> None:
    names = ("posterior wall thickness", "septal thickness")
    for name, reached, asked in zip(names, found, goal, strict=True):
        if abs(reached / asked - 1.0) > 10.0 * _TOLERANCE:
            most = "at most" if asked > reached else "at least"
            raise InputError(
                "the template heart", name,
                expected=f"{most} {1e3 * reached:.1f} mm around cavities of these volumes",
                got=f"{1e3 * asked:.1f} mm",
                remedy="Check thickness and volumes; the template's own walls are drawn.",
            )  # fmt: skip


def _weighted(ways: FloatArray, walls: WallFactors) -> FloatArray:
    return np.asarray(np.einsum("nwd,w->nd", ways, walls.extra))


@lru_cache(maxsize=2)
def _drawn_fields(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    return fields(anatomy.surface.points), fields(attached(anatomy).cavity_points)
