"""Where to look from: the views a cardiologist knows, for any heart.

Frame: x to the patient's left, y to posterior, z to the head. A camera on the patient's left
front (left anterior oblique, LAO) therefore sits at +x, -y. The named views are those of
fluoroscopy (AP, LAO 45, RAO 30, lateral) and of echocardiography and MR (``planes``).

Angles of a C-arm name the place of the detector, from which the picture is seen, as DICOM's
positioner angles do (PS3.3 C.8.7.5, primary and secondary angle of a supine patient): LAO or RAO
about the patient's long axis, 0 in front; cranial or caudal towards head or feet.
"""

import math
from dataclasses import dataclass

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkCamera

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError
from organtwin.scene.planes import (
    FOUR_CHAMBER,
    SHORT_AXIS,
    THREE_CHAMBER,
    TWO_CHAMBER,
    Plane,
    Vector,
    section,
)

VIEW_ANGLE = 22.0
"""Degrees; narrow, as from about 80 cm, so that near and far parts keep their proportions."""
MARGIN = 1.06

_DIRECTIONS: dict[str, tuple[Vector, Vector]] = {
    "AP": ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    "LAO 45": ((math.sin(math.pi / 4), -math.cos(math.pi / 4), 0.0), (0.0, 0.0, 1.0)),
    "RAO 30": ((-0.5, -math.sqrt(0.75), 0.0), (0.0, 0.0, 1.0)),
    "Left lateral": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "Posterior": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "Inferior": ((0.0, -0.35, -0.94), (0.0, -0.94, 0.35)),
}
"""From the heart to the camera, and up in the picture."""

PRESETS: tuple[str, ...] = (*_DIRECTIONS, FOUR_CHAMBER, SHORT_AXIS, TWO_CHAMBER, THREE_CHAMBER)


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


def preset_view(
    anatomy: Anatomy, name: str, aspect: float = 1.0, beside: FloatArray | None = None
) -> View:
    """The named view of ``anatomy``, fitted to a picture of ``aspect`` width over height.

    The distance depends on the end-diastolic surface and on what lies ``beside`` it, points
    ``(n, 3)`` [m] that have to be in the picture too; so it does not breathe.

    Raises
    ------
    UnknownNameError
        ``name`` is not one of ``PRESETS``.
    """
    if name not in PRESETS:
        raise UnknownNameError("view", name, PRESETS)
    if name in _DIRECTIONS:
        direction, up = (np.array(vector) for vector in _DIRECTIONS[name])
        return View(_fitted(anatomy, _unit(direction), _unit(up), None, aspect, beside))
    opened = section(anatomy, name)
    camera = _fitted(
        anatomy, _unit(opened.direction), _unit(opened.up), opened.plane, aspect, beside
    )
    return View(camera, opened.plane)


def apply(state: CameraState, camera: vtkCamera) -> None:
    """Set a VTK camera."""
    camera.SetPosition(state.position)
    camera.SetFocalPoint(state.focal_point)
    camera.SetViewUp(state.view_up)
    camera.SetViewAngle(state.view_angle)


def c_arm_angles(direction: FloatArray) -> tuple[float, float]:
    """LAO (positive) or RAO and cranial (positive) or caudal angle of a camera [degrees].

    ``direction`` is the unit vector from the heart to the camera.
    """
    x, y, z = (float(value) for value in direction)
    return math.degrees(math.atan2(x, -y)), math.degrees(math.asin(min(max(z, -1.0), 1.0)))


def c_arm_text(direction: FloatArray) -> str:
    """The angles as a catheter laboratory writes them, e.g. ``LAO 45° CRA 20°``."""
    primary, secondary = (round(angle) for angle in c_arm_angles(direction))
    side = "LAO" if primary > 0 else "RAO" if primary < 0 else "AP"
    tilt = "CRA" if secondary > 0 else "CAU"
    first = side if primary == 0 else f"{side} {abs(primary)}°"
    return f"{first} {tilt} {abs(secondary)}°" if secondary else first


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
    anatomy: Anatomy, direction: FloatArray, up: FloatArray, plane: Plane | None, aspect: float,
    beside: FloatArray | None,
) -> CameraState:  # fmt: skip
    points = anatomy.surface.points
    if beside is not None:
        points = np.vstack([points, beside])
    if plane is not None:
        points = points[(points - np.array(plane.origin)) @ np.array(plane.normal) >= 0.0]
    return around(points, direction, up, aspect)


def around(
    points: FloatArray, direction: FloatArray, up: FloatArray, aspect: float
) -> CameraState:  # fmt: skip
    """A camera from which points ``(n, 3)`` [m] fill a picture of ``aspect``; unit vectors."""
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


def _unit(vector: FloatArray) -> FloatArray:
    return vector / np.linalg.norm(vector)


def _tuple(vector: FloatArray) -> Vector:
    x, y, z = (float(value) for value in vector)
    return x, y, z
