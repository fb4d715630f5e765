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
    lv, rv = centre(anatomy, Cavity.LV), centre(anatomy, Cavity.RV)
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
    lv, rv, la, ra = (centre(anatomy, cavity) for cavity in Cavity)
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
    lv, la = centre(anatomy, Cavity.LV), centre(anatomy, Cavity.LA)
    apex = _apex(anatomy)
    up = _unit(apex - la)
    if name == THREE_CHAMBER:
        right = _aortic_root(anatomy) - la
    else:
        leftward = lv - centre(anatomy, Cavity.RV)
        right = np.cross(leftward, up)
        if right @ np.array([0.0, -1.0, 0.5]) < 0.0:  # the anterior wall faces the front and head
            right = -right
    right = _unit(right - up * (right @ up))
    direction = np.cross(right, up)
    return Section(Plane(_tuple(0.5 * (apex + la)), _tuple(-direction)), direction, up)


def _short_axis(anatomy: Anatomy) -> Section:
    lv, rv = centre(anatomy, Cavity.LV), centre(anatomy, Cavity.RV)
    direction = _unit(_apex(anatomy) - centre(anatomy, Cavity.LA))
    right = lv - rv
    right = _unit(right - direction * (right @ direction))
    return Section(Plane(_tuple(lv), _tuple(-direction)), direction, np.cross(direction, right))


def _apex(anatomy: Anatomy) -> FloatArray:
    """The point of the left ventricle farthest from the middle of the left atrium."""
    surface = anatomy.surface
    ventricle = surface.points[np.isin(surface.regions, (Region.LV, Region.SEPTUM))]
    away = ((ventricle - centre(anatomy, Cavity.LA)) ** 2).sum(axis=1)
    return ventricle[int(away.argmax())]


def _aortic_root(anatomy: Anatomy) -> FloatArray:
    """The middle of the aorta's points that lie nearest to the left ventricle."""
    aorta = anatomy.surface.points[anatomy.surface.regions == Region.AORTA]
    if len(aorta) == 0:  # a mask without vessels: what lies beside the atrium, before it
        return 0.5 * (centre(anatomy, Cavity.LV) + centre(anatomy, Cavity.RV))
    away = ((aorta - centre(anatomy, Cavity.LV)) ** 2).sum(axis=1)
    count = max(int(_ROOT_SHARE * len(aorta)), 1)
    return np.asarray(aorta[np.argsort(away)[:count]].mean(axis=0))


def centre(anatomy: Anatomy, cavity: Cavity) -> FloatArray:
    """Middle ``(3,)`` [m] of a cavity; of one that the anatomy lacks, where it would lie."""
    if cavity in anatomy.cavities:
        return np.asarray(anatomy.cavities[cavity].points.mean(axis=0))
    up, right = _ways(anatomy)
    axes = np.stack([up, right, np.cross(up, right)])
    lefts = [s.points.mean(axis=0) - _FROM_LV[c] @ axes for c, s in anatomy.cavities.items()]
    left = np.mean(lefts, axis=0) if lefts else _middle(anatomy)
    return np.asarray(left + _FROM_LV[cavity] @ axes)


_FROM_LV = 1e-3 * np.array([[0, 0, 0], [3, 40, 1], [50, -14, 3], [49, 41, -18]], float)
"""From the middle of the LV to that of each cavity [m]: to the base, to the septum, and square to
both; as in the template."""
_TO_BASE, _TO_RIGHT = np.array([-0.58, 0.57, 0.58]), np.array([-0.70, -0.71, 0.0])
"""How a heart usually lies (LPS): from apex to base, and from the LV to the RV."""


def _ways(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    """Unit vectors from apex to base and from the LV to the septum."""
    heart = anatomy.architecture
    if heart is None:
        return _unit(_TO_BASE), _unit(_TO_RIGHT)
    nodes, left = anatomy.tissue.nodes, heart.right < 0.5
    low, high = left & (heart.apicobasal < 0.1), left & (heart.apicobasal > 0.9)
    up = _unit(nodes[high].mean(axis=0) - nodes[low].mean(axis=0))
    septum = left & (np.abs(heart.rotational) < 0.3)
    septal = nodes[septum].mean(axis=0) - nodes[left].mean(axis=0)
    return up, _unit(septal - up * (up @ septal))


def _middle(anatomy: Anatomy) -> FloatArray:
    """The middle of the left ventricle's wall; of all there is where it has none."""
    surface = anatomy.surface
    ventricle = np.isin(surface.regions, (Region.LV, Region.SEPTUM))
    return np.asarray(surface.points[ventricle if ventricle.any() else slice(None)].mean(axis=0))


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
