"""The axes of the template heart and the planes at which valves and vessels lie.

The heart's own frame (x from LV to RV, y towards the inferior wall, z from apex to base) is
left-handed; its origin is that of the LPS axes, the centre of the LV base. Long axis 45 degrees to
the left in the coronal plane and 35 degrees forward, septum facing right and forward. Millimetres.
"""

from collections.abc import Sequence

import numpy as np

from organtwin.anatomy.contour import Opening
from organtwin.arrays import FloatArray

_APEX = np.array(
    [
        np.cos(np.radians(35)) * np.sqrt(0.5),
        -np.sin(np.radians(35)),
        -np.cos(np.radians(35)) * np.sqrt(0.5),
    ]
)
_TO_RV = (
    np.array([-np.sqrt(0.5), -np.sqrt(0.5), 0.0])
    - (np.array([-np.sqrt(0.5), -np.sqrt(0.5), 0.0]) @ _APEX) * _APEX
)
_TO_RV = _TO_RV / np.linalg.norm(_TO_RV)
HEART_AXES = np.stack([_TO_RV, np.cross(_APEX, _TO_RV), -_APEX])
"""Rows: the heart's x, y and z directions in LPS axes."""


def body(*place: float) -> FloatArray:
    """A place given in the heart's frame, in LPS axes."""
    return np.asarray(np.asarray(place, float) @ HEART_AXES)


def heart(points: FloatArray) -> FloatArray:
    """LPS points ``(n, 3)`` in the heart's frame."""
    return np.asarray(points @ HEART_AXES.T)


def around(opening: Opening, angle: float, radius: float, height: float) -> FloatArray:
    """A place beside the axis of an opening, ``height`` outward from its centre.

    ``angle`` [degrees] counts from the patient's front within the plane, rising to the left.
    """
    front = np.array([0.0, -1.0, 0.0])
    front = front - (front @ opening.outward) * opening.outward
    front /= np.linalg.norm(front)
    left = np.cross(opening.outward, front)
    left *= np.sign(left[0])
    turn = np.radians(angle)
    spoke = np.cos(turn) * front + np.sin(turn) * left
    return np.asarray(opening.centre + radius * spoke + height * opening.outward)


def _ring(
    name: str, centre: FloatArray, outward: FloatArray | Sequence[float], reach: float
) -> Opening:
    direction = np.asarray(outward, float)
    return Opening(name, np.asarray(centre, float), direction / np.linalg.norm(direction), reach)


MITRAL = _ring("mitral", body(-6, 10, 1), body(-0.15, 0.2, 0.97), 19.0)
AORTIC = _ring("aortic", body(9, -12, 5), (-3.7, -2.1, 8.3), 15.0)
TRICUSPID = _ring("tricuspid", body(45, 11, -7), (-14, 11, 8), 22.0)
PULMONARY = _ring("pulmonary", body(12, -46, 4), (4.5, 13.0, 13.0), 15.0)
"""Valve planes; the normal points out of the ventricle."""

OPENINGS = (
    _ring("descending aorta", np.array([22.1, 64.6, 34.0]), (0, 0.5, -24), 17.0),
    _ring("brachiocephalic artery", np.array([-25.0, 2.6, 112.5]), (-3, -1.5, 8), 11.0),
    _ring("left carotid artery", np.array([-3.7, 20.3, 115.0]), (-1, -1, 12), 8.5),
    _ring("left subclavian artery", np.array([13.2, 36.0, 113.0]), (3, 0, 12), 9.0),
    _ring("left pulmonary artery", np.array([52.0, 39.6, 60.3]), (9, 3, -2), 16.0),
    _ring("right pulmonary artery", np.array([-58.0, 26.3, 51.6]), (-9, 0, -1.7), 15.0),
    _ring("superior vena cava", np.array([-51.2, 2.6, 80.0]), (0.5, 0, 12), 15.0),
    _ring("inferior vena cava", np.array([-46.3, 8.6, -48.0]), (1, 0.8, -12), 18.0),
    _ring("right superior pulmonary vein", np.array([-69.0, 35.0, 29.8]), (-9, -0.7, 2), 12.0),
    _ring("right inferior pulmonary vein", np.array([-69.0, 48.6, -7.0]), (-9, 1.3, -1.7), 12.0),
    _ring("left superior pulmonary vein", np.array([43.0, 35.7, 33.3]), (9, 0.3, 2.8), 12.0),
    _ring("left inferior pulmonary vein", np.array([43.0, 42.0, -2.3]), (9, 1.2, -1.3), 12.0),
)
"""Where the vessels end, as open rings."""

LOWER, UPPER = np.array([-95.0, -95.0, -105.0]), np.array([75.0, 85.0, 135.0])
"""Box around all shapes [mm]."""
