"""Where to look from: the views a cardiologist knows, for any heart.

Frame: x to the patient's left, y to posterior, z to the head. A camera on the patient's left
front (left anterior oblique, LAO) therefore sits at +x, -y. The named views are those of
fluoroscopy (AP, LAO 45, RAO 30, lateral) and of echocardiography and MR (four chambers with the
apex up and the left ventricle on the viewer's right; short axis seen from the apex).
"""

import math
from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkCamera

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError

Vector = tuple[float, float, float]

VIEW_ANGLE = 22.0
"""Degrees; narrow, as from about 80 cm, so that near and far parts keep their proportions."""
MARGIN = 1.06

FOUR_CHAMBER, SHORT_AXIS = "Four-chamber", "Short axis"
"""The two views that cut the heart open."""

_DIRECTIONS: dict[str, tuple[Vector, Vector]] = {
    "AP": ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    "LAO 45": ((math.sin(math.pi / 4), -math.cos(math.pi / 4), 0.0), (0.0, 0.0, 1.0)),
    "RAO 30": ((-0.5, -math.sqrt(0.75), 0.0), (0.0, 0.0, 1.0)),
    "Left lateral": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "Posterior": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "Inferior": ((0.0, -0.35, -0.94), (0.0, -0.94, 0.35)),
}
"""From the heart to the camera, and up in the picture."""

PRESETS: tuple[str, ...] = (*_DIRECTIONS, FOUR_CHAMBER, SHORT_AXIS)


@dataclass(frozen=True, slots=True)
class Plane:
    """A cut: what lies on the side of ``normal`` is kept. ``origin`` in [m]."""

    origin: Vector
    normal: Vector


@dataclass(frozen=True, slots=True)
class CameraState:
    """Everything that decides what is seen; lengths in [m], angle in degrees."""

    position: Vector
    focal_point: Vector
    view_up: Vector
    view_angle: float = VIEW_ANGLE

    @property
    def direction(self) -> FloatArray:
        """Unit vector from what is looked at to the camera."""
        return _unit(np.subtract(self.position, self.focal_point))


@dataclass(frozen=True, slots=True)
class View:
    """A camera, and the cut that belongs to it, if any."""

    camera: CameraState
    plane: Plane | None = None


def preset_view(anatomy: Anatomy, name: str, aspect: float = 1.0) -> View:
    """The named view of ``anatomy``, fitted to a picture of ``aspect`` width over height.

    The distance depends on the end-diastolic surface alone, so the picture does not breathe.

    Raises
    ------
    UnknownNameError
        ``name`` is not one of ``PRESETS``.
    """
    if name not in PRESETS:
        raise UnknownNameError("view", name, PRESETS)
    if name == FOUR_CHAMBER:
        direction, up, plane = _four_chambers(anatomy)
    elif name == SHORT_AXIS:
        direction, up, plane = _short_axis(anatomy)
    else:
        direction, up = (np.array(vector) for vector in _DIRECTIONS[name])
        plane = None
    return View(_fitted(anatomy, _unit(direction), _unit(up), plane, aspect), plane)


def apply(state: CameraState, camera: vtkCamera) -> None:
    """Set a VTK camera."""
    camera.SetPosition(state.position)
    camera.SetFocalPoint(state.focal_point)
    camera.SetViewUp(state.view_up)
    camera.SetViewAngle(state.view_angle)


def clipping_plane(plane: Plane) -> vtkPlane:
    """``plane`` for a VTK mapper."""
    clip = vtkPlane()
    clip.SetOrigin(plane.origin)
    clip.SetNormal(plane.normal)
    return clip


def bounding_sphere(anatomy: Anatomy) -> tuple[FloatArray, float]:
    """Centre ``(3,)`` and radius [m] of a sphere around the end-diastolic surface."""
    points = anatomy.surface.points
    centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
    return centre, float(np.sqrt(((points - centre) ** 2).sum(axis=1).max()))


def _fitted(
    anatomy: Anatomy, direction: FloatArray, up: FloatArray, plane: Plane | None, aspect: float
) -> CameraState:
    points = anatomy.surface.points
    if plane is not None:
        points = points[(points - np.array(plane.origin)) @ np.array(plane.normal) >= 0.0]
    right = _unit(np.cross(up, direction))
    up = np.cross(direction, right)
    frame = np.stack([right, up, direction])
    local = points @ frame.T
    centre = 0.5 * (local.min(axis=0) + local.max(axis=0))
    x, y, z = (local - centre).T * MARGIN
    slope = math.tan(math.radians(VIEW_ANGLE / 2.0))
    distance = max((np.abs(x) / (slope * aspect) + z).max(), (np.abs(y) / slope + z).max())
    focal = centre @ frame
    return CameraState(_tuple(focal + distance * direction), _tuple(focal), _tuple(up))


def _four_chambers(anatomy: Anatomy) -> tuple[FloatArray, FloatArray, Plane]:
    """The plane nearest to the apex and the centres of all four chambers."""
    lv, rv, la, ra = (_centre(anatomy, cavity) for cavity in Cavity)
    apex = _apex(anatomy)
    on_plane = np.stack([apex, lv, rv, la, ra])
    origin = on_plane.mean(axis=0)
    up = _unit(apex - 0.5 * (la + ra))
    direction = np.linalg.svd(on_plane - origin)[2][2]
    if np.cross(up, direction) @ (lv - rv) < 0.0:
        direction = -direction
    up = _unit(up - direction * (up @ direction))
    return direction, up, Plane(_tuple(origin), _tuple(-direction))


def _short_axis(anatomy: Anatomy) -> tuple[FloatArray, FloatArray, Plane]:
    """Across the left ventricle through its middle, seen from the apex."""
    lv, rv = _centre(anatomy, Cavity.LV), _centre(anatomy, Cavity.RV)
    direction = _unit(_apex(anatomy) - _centre(anatomy, Cavity.LA))
    right = lv - rv
    right = _unit(right - direction * (right @ direction))
    return direction, np.cross(direction, right), Plane(_tuple(lv), _tuple(-direction))


def _apex(anatomy: Anatomy) -> FloatArray:
    """The point of the left ventricle farthest from the middle of the left atrium."""
    surface = anatomy.surface
    ventricle = surface.points[np.isin(surface.regions, (Region.LV, Region.SEPTUM))]
    away = ((ventricle - _centre(anatomy, Cavity.LA)) ** 2).sum(axis=1)
    return ventricle[int(away.argmax())]


def _centre(anatomy: Anatomy, cavity: Cavity) -> FloatArray:
    points = anatomy.cavities[cavity].points
    return np.asarray(points.mean(axis=0))


def _unit(vector: FloatArray) -> FloatArray:
    return vector / np.linalg.norm(vector)


def _tuple(vector: FloatArray) -> Vector:
    x, y, z = (float(value) for value in vector)
    return x, y, z
