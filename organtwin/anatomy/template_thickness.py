"""Thicker and thinner left walls for the template: how every point moves.

    x(f) = x + (f_free - 1) B_free(x) + (f_septum - 1) B_septum(x)
    B_w(x) = s_w(x) h(x) r(d) n,    r(d) = d in the wall (0 < d < t), t exp((t - d)/L) beyond

d the distance of x to the blood of the LV, n its direction away from that blood, t the wall's
thickness there: the inside stays, the muscle stretches by the factor f, and whatever lies outside
(RV, pericardium, coronary vessels) is carried along, less and less, so that the RV keeps its
volume. Along the rays of a distance this cannot fold while (f - 1) t < L. s_w shares free wall and
septum by the direction around the long axis, h fades to nothing at the base, so that valves, atria
and great vessels stay.
"""

import numpy as np

from organtwin.anatomy.implicit import gradient
from organtwin.anatomy.template_frame import heart
from organtwin.anatomy.template_shape import lumens, thickness
from organtwin.arrays import BoolArray, FloatArray

CARRIED = 40.0
"""L [mm]: the RV of 124 mL then holds 120 to 124 mL for factors from 0.6 to 2.3."""

_MM = 1e-3
_STEP = 0.5
_FADING = (6.0, -16.0)
"""Heights [mm] in the heart's frame: from the mitral ring to where an echo measures the walls."""
_SEPTAL = (95.0, 50.0)
"""Degrees from the direction of the RV, around the long axis, where the septum begins and where it
is all there is; the RV's insertions lie between."""
_AXIS = 12.0
"""Nearer to the long axis [mm] the direction around it loses its meaning: the apex is shared."""
_MIDDLE = (-50.0, -18.0)
"""Heights [mm] at which thickness is measured: middle third of the LV (Lang et al. 2015)."""


def thickening_fields(points: FloatArray) -> FloatArray:
    """Moves ``(n, 2, 3)`` [m] per unit of ``factor - 1``, at template points ``(n, 3)`` [m].

    First that of the free wall, then that of the septum.
    """
    places = points / _MM
    depth = lumens(places)[:, 0]
    outward = gradient(lambda p: lumens(p)[:, 0], places, _STEP)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    own = heart(places)
    wall = thickness(places)[:, 0]
    reach = np.clip(depth, 0.0, wall) * np.exp(np.minimum(wall - depth, 0.0) / CARRIED)
    reach *= _eased(own[:, 2], *_FADING)
    septal = _septal(own)
    shares = np.stack([1.0 - septal, septal], axis=1) * reach[:, None]
    return np.asarray(shares[:, :, None] * outward[:, None, :] * _MM)


def measured_walls(points: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Points ``(n,)`` of the LV's inside [m] where free wall and septum are measured, of each."""
    own = heart(points / _MM)
    middle = (own[:, 2] > _MIDDLE[0]) & (own[:, 2] < _MIDDLE[1])
    septal = _septal(own)
    return middle & (septal < 0.05), middle & (septal > 0.95)


def across(points: FloatArray) -> FloatArray:
    """For points of the LV's inside [m], those on the other side of the wall ``(n, 3)`` [m]."""
    places = points / _MM
    outward = gradient(lambda p: lumens(p)[:, 0], places, _STEP)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    return np.asarray(points + thickness(places)[:, :1] * outward * _MM)


def _septal(own: FloatArray) -> FloatArray:
    """Share ``(n,)`` of the septum at places in the heart's frame."""
    x, y = own[:, 0], own[:, 1]
    degrees = np.degrees(np.abs(np.arctan2(y, x)))
    share = _eased(degrees, *_SEPTAL)
    certain = _eased(np.hypot(x, y), 0.0, _AXIS)
    return np.asarray(0.5 + (share - 0.5) * certain)


def _eased(values: FloatArray, zero: float, one: float) -> FloatArray:
    """From 0 to 1 between two values, level at both."""
    share = np.clip((values - zero) / (one - zero), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))
