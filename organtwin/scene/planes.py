"""The planes in which cardiologists open a heart, and a plane that the user moves.

The long-axis planes all hold the line from the apex of the left ventricle to the middle of the left
atrium. The four-chamber plane lies nearest to all four chambers, the two-chamber plane runs beside
the right heart, parallel to the septum, the three-chamber plane through the root of the aorta. The
short axis lies across that line. Each is seen as in echocardiography: the apex up and the left
ventricle (four chambers), the anterior wall (two) or the aorta (three) on the viewer's right; the
short axis from the apex, with the left ventricle on the viewer's right.
"""

from dataclasses import dataclass, replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError

Vector = tuple[float, float, float]

FOUR_CHAMBER, TWO_CHAMBER, THREE_CHAMBER, SHORT_AXIS = (
    "Four-chamber", "Two-chamber", "Three-chamber", "Short axis",
)  # fmt: skip
ANATOMICAL = (FOUR_CHAMBER, TWO_CHAMBER, THREE_CHAMBER, SHORT_AXIS)
FREE = "Across the view"
"""The cut laid across the line of sight when it is chosen, and turned by hand from there."""
CUTS = (*ANATOMICAL, FREE)

_ROOT_SHARE = 0.1
"""Share of the aorta's points, the nearest to the ventricle, that are its root."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A cut: what lies on the side of ``normal`` is kept. ``origin`` in [m]."""

    origin: Vector
    normal: Vector


@dataclass(frozen=True, slots=True)
class Section:
    """A plane, and how it is looked at: from the heart to the camera, and up in the picture."""

    plane: Plane
    direction: FloatArray
    up: FloatArray


@dataclass(frozen=True, slots=True)
class Shift:
    """A plane moved by hand: ``depth`` [m] into what is kept, then turned about its axes [rad]."""

    depth: float = 0.0
    turn: float = 0.0
    tilt: float = 0.0


def section(anatomy: Anatomy, name: str) -> Section:
    """One of ``ANATOMICAL`` for any heart.

    Raises
    ------
    UnknownNameError
        No such plane.
    """
    if name not in ANATOMICAL:
        raise UnknownNameError("plane", name, ANATOMICAL)
    if name == SHORT_AXIS:
        return _short_axis(anatomy)
    return _four_chambers(anatomy) if name == FOUR_CHAMBER else _along_axis(anatomy, name)


def across(anatomy: Anatomy, direction: FloatArray, up: FloatArray) -> Section:
    """Through the middle of the ventricles, across the line of sight ``direction``."""
    lv, rv = _centre(anatomy, Cavity.LV), _centre(anatomy, Cavity.RV)
    return Section(Plane(_tuple(0.5 * (lv + rv)), _tuple(-direction)), direction, up)


def shifted(base: Section, shift: Shift) -> Plane:
    """The plane of ``base``, moved along its normal and turned about its upright and its level."""
    normal = np.array(base.plane.normal)
    right = np.cross(base.up, base.direction)
    turned = _rotated(normal, base.up, shift.turn)
    turned = _rotated(turned, _rotated(right, base.up, shift.turn), shift.tilt)
    return Plane(_tuple(np.array(base.plane.origin) + shift.depth * normal), _tuple(turned))


def facing(base: Section, direction: FloatArray) -> Section:
    """The same plane, keeping the half that a camera in ``direction`` looks into."""
    if float(direction @ base.plane.normal) <= 0.0:
        return base
    x, y, z = base.plane.normal
    return replace(base, plane=Plane(base.plane.origin, (-x, -y, -z)), direction=-base.direction)


def _four_chambers(anatomy: Anatomy) -> Section:
    lv, rv, la, ra = (_centre(anatomy, cavity) for cavity in Cavity)
    apex = _apex(anatomy)
    on_plane = np.stack([apex, lv, rv, la, ra])
    origin = on_plane.mean(axis=0)
    up = _unit(apex - 0.5 * (la + ra))
    direction = np.linalg.svd(on_plane - origin)[2][2]
    if np.cross(up, direction) @ (lv - rv) < 0.0:
        direction = -direction
    up = _unit(up - direction * (up @ direction))
    return Section(Plane(_tuple(origin), _tuple(-direction)), direction, up)


def _along_axis(anatomy: Anatomy, name: str) -> Section:
    lv, la = _centre(anatomy, Cavity.LV), _centre(anatomy, Cavity.LA)
    apex = _apex(anatomy)
    up = _unit(apex - la)
    if name == THREE_CHAMBER:
        right = _aortic_root(anatomy) - la
    else:
        leftward = lv - _centre(anatomy, Cavity.RV)
        right = np.cross(leftward, up)
        if right @ np.array([0.0, -1.0, 0.5]) < 0.0:  # the anterior wall faces the front and head
            right = -right
    right = _unit(right - up * (right @ up))
    direction = np.cross(right, up)
    return Section(Plane(_tuple(0.5 * (apex + la)), _tuple(-direction)), direction, up)


def _short_axis(anatomy: Anatomy) -> Section:
    lv, rv = _centre(anatomy, Cavity.LV), _centre(anatomy, Cavity.RV)
    direction = _unit(_apex(anatomy) - _centre(anatomy, Cavity.LA))
    right = lv - rv
    right = _unit(right - direction * (right @ direction))
    return Section(Plane(_tuple(lv), _tuple(-direction)), direction, np.cross(direction, right))


def _apex(anatomy: Anatomy) -> FloatArray:
    """The point of the left ventricle farthest from the middle of the left atrium."""
    surface = anatomy.surface
    ventricle = surface.points[np.isin(surface.regions, (Region.LV, Region.SEPTUM))]
    away = ((ventricle - _centre(anatomy, Cavity.LA)) ** 2).sum(axis=1)
    return ventricle[int(away.argmax())]


def _aortic_root(anatomy: Anatomy) -> FloatArray:
    """The middle of the aorta's points that lie nearest to the left ventricle."""
    aorta = anatomy.surface.points[anatomy.surface.regions == Region.AORTA]
    if len(aorta) == 0:  # a mask without vessels: what lies beside the atrium, before it
        return 0.5 * (_centre(anatomy, Cavity.LV) + _centre(anatomy, Cavity.RV))
    away = ((aorta - _centre(anatomy, Cavity.LV)) ** 2).sum(axis=1)
    count = max(int(_ROOT_SHARE * len(aorta)), 1)
    return np.asarray(aorta[np.argsort(away)[:count]].mean(axis=0))


def _centre(anatomy: Anatomy, cavity: Cavity) -> FloatArray:
    return np.asarray(anatomy.cavities[cavity].points.mean(axis=0))


def _rotated(vector: FloatArray, axis: FloatArray, angle: float) -> FloatArray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.asarray(
        vector * cosine + np.cross(axis, vector) * sine + axis * (axis @ vector) * (1.0 - cosine)
    )


def _unit(vector: FloatArray) -> FloatArray:
    return vector / np.linalg.norm(vector)


def _tuple(vector: FloatArray) -> Vector:
    x, y, z = (float(value) for value in vector)
    return x, y, z
