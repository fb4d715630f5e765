"""Distance, angle and area between places in the heart."""

import numpy as np

from organtwin.arrays import FloatArray


def path_length(places: FloatArray) -> float:
    """Length [m] of the straight pieces through ``places`` ``(n, 3)`` in turn."""
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())


def angle_at_middle(places: FloatArray) -> float:
    """Angle [rad] at the second of three ``places``."""
    one, other = places[0] - places[1], places[2] - places[1]
    return float(np.arctan2(np.linalg.norm(np.cross(one, other)), one @ other))


def polygon_area(places: FloatArray) -> float:
    """Area [m2] inside a closed outline ``(n, 3)``.

    Of a bent outline, that of its projection along its mean normal (the vector area), which is the
    orifice that flow meets.
    """
    following = np.roll(places, -1, axis=0)
    around = np.cross(places - places[0], following - places[0]).sum(axis=0)
    return float(0.5 * np.linalg.norm(around))
