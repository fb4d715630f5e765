"""Where in the muscle a point of the template lies: its share in each wall, its place along it.

Walls follow the order LV free wall, septum, RV free wall, LA, RA (the first five values of
``Region``). The course runs from 0 where normal conduction arrives first to 1 where it arrives
last: in the LV free wall from the septum round to the basal lateral wall, in the septum and the RV
from the apical third, where the bundle branches end, to the base and the outflow tract (Durrer et
al. 1970). Atria have one place only.
"""

import numpy as np

from organtwin.anatomy.template_shape import SEPTUM_WALL, heart, lumens, thickness
from organtwin.arrays import FloatArray

N_WALLS = 5
BASE_TO_APEX = 85.0
"""Length of the LV cavity [mm]."""

_SEPTAL_HALF_ANGLE = np.radians(65.0)
_BLEND = 0.25
"""Softness of the borders between walls, in wall thicknesses."""


def wall_shares(points: FloatArray) -> FloatArray:
    """Smooth share ``(n, 5)`` of each muscular wall; sums to 1 (``points`` in template mm)."""
    blood = lumens(points)
    depth = blood / thickness(points)
    score = np.exp(-np.clip(depth[:, :4] - depth[:, :4].min(axis=1, keepdims=True), 0, 50) / _BLEND)
    between = (blood[:, 0] + blood[:, 1] - SEPTUM_WALL - 2.5) / 1.5
    below_base = (heart(points)[:, 2] - 4.0) / 3.0
    septal = _step(-between) * _step(-below_base)
    lv, rv, la, ra = (score / score.sum(axis=1, keepdims=True)).T
    return np.stack([lv * (1 - septal), (lv + rv) * septal, rv * (1 - septal), la, ra], axis=1)


def courses(points: FloatArray) -> FloatArray:
    """Place ``(n, 5)`` along each wall's course, 0 earliest to 1 latest (template mm)."""
    x, y, z = heart(points).T
    height = np.clip(1.0 + z / BASE_TO_APEX, 0.0, 1.0)
    angle = np.abs(np.arctan2(y, x))
    around = np.clip((angle - _SEPTAL_HALF_ANGLE) / (np.pi - _SEPTAL_HALF_ANGLE), 0.0, 1.0)
    to_free_wall = np.clip((x - 20.0) / 45.0, 0.0, 1.0)
    course = np.full((len(points), N_WALLS), 0.5)
    course[:, 0] = 0.75 * around + 0.25 * height
    course[:, 1] = height
    course[:, 2] = 0.6 * height + 0.4 * to_free_wall
    return course


def _step(x: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0)))
