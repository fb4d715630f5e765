"""Turning, shifting and approaching the heart by hand; each returns a new camera."""

import math
from dataclasses import replace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.scene.camera import CameraState
from organtwin.scene.planes import Vector

TURN_PER_WIDTH = 3.4
"""Angle [rad] of a drag across the whole picture: a little more than half a turn."""
ZOOM_PER_STEP = 1.12
NEAREST = 0.08
"""Closest approach to the point looked at [m]; nearer, the camera would enter the wall."""
FARTHEST = 3.0


def orbited(camera: CameraState, horizontal: float, vertical: float) -> CameraState:
    """Turn the heart about the point looked at by two angles [rad], positive right and down.

    The turn is about the picture's own axes, so it never locks and never rolls by itself.
    """
    focal = np.array(camera.focal_point)
    arm = np.array(camera.position) - focal
    right, up, _ = _frame(camera)
    arm = _rotated(arm, up, -horizontal)
    right = _rotated(right, up, -horizontal)
    arm, up = _rotated(arm, right, -vertical), _rotated(up, right, -vertical)
    return replace(camera, position=_tuple(focal + arm), view_up=_tuple(up))


def aimed(camera: CameraState, primary: float, secondary: float) -> CameraState:
    """Look from where the detector of a C-arm is at these angles; see ``c_arm_angles``.

    ``primary`` is LAO (positive) or RAO, -180 to 180, ``secondary`` cranial (positive) or caudal,
    -90 to 90 [degrees]. Distance and the point looked at stay.

    Raises
    ------
    InputError
        An angle is beyond its range.
    """
    for name, angle, most in (("LAO/RAO", primary, 180.0), ("CRAN/CAUD", secondary, 90.0)):
        if not abs(angle) <= most:
            raise InputError(
                "C-arm", name, expected=f"-{most:g} to {most:g} degrees", got=f"{angle:g}",
                remedy="Type an angle within that range.",
            )  # fmt: skip
    about, tilt = math.radians(primary), math.radians(secondary)
    level = np.array([math.sin(about), -math.cos(about), 0.0])
    head = np.array([0.0, 0.0, 1.0])
    arm = math.cos(tilt) * level + math.sin(tilt) * head
    up = math.cos(tilt) * head - math.sin(tilt) * level
    place = np.array(camera.focal_point) + _frame(camera)[2] * arm
    return replace(camera, position=_tuple(place), view_up=_tuple(up))


def panned(camera: CameraState, right: float, up: float) -> CameraState:
    """Shift the picture by shares of its height, positive to the right and up."""
    across, upward, distance = _frame(camera)
    height = 2.0 * distance * math.tan(math.radians(camera.view_angle / 2.0))
    shift = -height * (right * across + up * upward)
    return replace(
        camera,
        position=_tuple(np.array(camera.position) + shift),
        focal_point=_tuple(np.array(camera.focal_point) + shift),
    )


def zoomed(camera: CameraState, factor: float) -> CameraState:
    """Come nearer by ``factor`` > 1, go away by ``factor`` < 1."""
    focal = np.array(camera.focal_point)
    arm = np.array(camera.position) - focal
    distance = float(np.linalg.norm(arm))
    wanted = min(max(distance / factor, NEAREST), FARTHEST)
    return replace(camera, position=_tuple(focal + arm * (wanted / distance)))


def _frame(camera: CameraState) -> tuple[FloatArray, FloatArray, float]:
    """Unit vectors to the right and up in the picture, and the distance to the focal point."""
    right = np.cross(camera.view_up, camera.direction)
    right /= np.linalg.norm(right)
    distance = float(np.linalg.norm(np.subtract(camera.position, camera.focal_point)))
    return right, np.cross(camera.direction, right), distance


def _rotated(vector: FloatArray, axis: FloatArray, angle: float) -> FloatArray:
    """Rodrigues' rotation of ``vector`` about the unit ``axis``."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return vector * cosine + np.cross(axis, vector) * sine + axis * (axis @ vector) * (1.0 - cosine)


def _tuple(vector: FloatArray) -> Vector:
    x, y, z = (float(value) for value in vector)
    return x, y, z
