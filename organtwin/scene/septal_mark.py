"""Where the septum is reduced: lines on its base, seen from the left ventricle.

A mark of the place, not of the depth: what is drawn of the wall stays as it is. The front of the
basal septum, by coordinates of the ventricles: segment 2 and, paler in effect, some of segment 3.
"""

import numpy as np

from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.activation.purkinje import off_waypoint
from organtwin.scene.device_model import DeviceModel, curve, tube
from organtwin.scene.fields import Color
from organtwin.therapy.implants import SEPTAL_SCAR, Implant

SCAR: Color = (236, 228, 208)
RESECTED: Color = (96, 22, 26)
TURNS = (0.1, 0.35, 0.6, 0.85)
"""Rotational coordinate [rad] of each line; the septum's front ends at pi / 3."""
LEVELS = (0.93, 0.87, 0.81, 0.75)
"""Apicobasal coordinate of the points of a line, from under the aortic valve towards the apex."""
INNER = 0.1
"""Transmural coordinate below which a node lies at the left endocardium."""
WIDTH = 1.3e-3
"""Radius of a line [m]: to be seen, no more."""


def septal_mark(implant: Implant, places: HeartPlaces) -> DeviceModel:
    """Lines along which muscle was taken out or made a scar; a note where there is no place."""
    found = _inside(places)
    if found is None:
        return DeviceModel(notes=(f"{implant.label}: this heart has no coordinates to mark it by",))
    nodes, level, turn = found
    color = SCAR if implant.name == SEPTAL_SCAR else RESECTED
    lines = []
    for angle in TURNS:
        stops = [nodes[int(np.argmin(off_waypoint(level, turn, (x, angle))))] for x in LEVELS]
        lines.append(tube(curve(*stops, step=2e-3), WIDTH, color))
    return DeviceModel(tuple(lines))


def _inside(places: HeartPlaces) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Nodes ``(n, 3)`` [m] of the left endocardium with level and turn."""
    architecture = places.anatomy.architecture
    if architecture is None:
        return None
    own = (architecture.transmural < INNER) & (architecture.right < 0.5)  # NaN in the atria
    if not own.any():
        return None
    level, turn = (
        np.asarray(values[own], np.float64)
        for values in (architecture.apicobasal, architecture.rotational)
    )
    return places.anatomy.tissue.nodes[own], level, turn
