"""Pumps, catheters, cannulas and leads: the ways they take through a heart at rest.

Each builder draws what can be placed and says in a note what this heart has no place for. Widths
are those of usual devices to the eye (French sizes of cannulas and leads), from no maker's drawing.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.anatomy.regions import Cavity, Valve
from organtwin.arrays import FloatArray
from organtwin.scene.device_model import (
    ARTERIAL,
    BALLOON,
    BALLOONED,
    CATHETER,
    DARK_STEEL,
    GRAFT,
    SOLID,
    STEEL,
    VENOUS,
    DeviceModel,
    Tube,
    curve,
    lathe,
    tube,
)
from organtwin.therapy.implants import Implant

MM = 1e-3
BALLOON_LENGTH = 0.22
"""Of a balloon of 40 mL; a heart that shows less of the aorta shows a shorter balloon, as thick."""
ROUNDED = 0.14
"""Share of a balloon's length over which each of its ends is rounded."""
_PUMP = np.array([
    [0, 7], [1, 15], [2, 19], [4, 21.4], [6, 22], [13, 22], [20, 22], [23, 20.6], [25, 18],
    [27, 12], [28, 8], [28.6, 3],
]) * MM  # fmt: skip
_UP = np.array([0.0, 0.0, 1.0])


def lvad(_implant: Implant, places: HeartPlaces) -> DeviceModel:
    """Inflow cannula at the apex, pump outside of it, graft to the ascending aorta."""
    apex, blood = places.apex(Cavity.LV), places.blood(Cavity.LV)
    if apex is None or blood is None:
        return DeviceModel(notes=("no left ventricle to place an LVAD in",))
    axis = _unit(apex - blood)
    outside = places.out(apex - places.middle, 1 * MM)
    outside = apex + max(float((outside - apex) @ axis), 6 * MM) * axis
    parts = [
        tube(np.stack([apex - 16 * MM * axis, apex, outside + 3 * MM * axis]), 8 * MM, STEEL),
        lathe(outside, axis, _PUMP, STEEL),
        lathe(outside + 9 * MM * axis, axis, np.array([[0, 22.4], [5, 22.4]]) * MM, DARK_STEEL),
    ]
    root = _along(places.aorta, 45 * MM)
    if root is None:
        return DeviceModel(tuple(parts), notes=("no ascending aorta for the outflow graft",))
    right = np.array([-0.75, -0.62, -0.30])
    side = _unit(right - (right @ axis) * axis)
    start = outside + 14 * MM * axis
    way = places.around(
        [start + 30 * MM * side, places.middle + np.array([-0.35, -0.9, -0.12]),
         places.middle + np.array([-0.75, -0.7, 0.2]), root + np.array([-20, -25, 0]) * MM],
        9 * MM, 5,
    )  # fmt: skip
    near = root + _unit(np.array([-0.7, -0.7, 0.1])) * 16 * MM
    graft = curve(start + 16 * MM * side, start + 27 * MM * side, *way[2:-3:2], near, root)
    bend = curve(start + 14 * MM * side, start + 30 * MM * side)
    collar = tube(bend, 8.2 * MM, DARK_STEEL, SOLID)
    return DeviceModel((*parts, collar, tube(graft, 7 * MM, GRAFT)))


def impella(_implant: Implant, places: HeartPlaces) -> DeviceModel:
    """Catheter down the aorta and through the valve; pump, inlet and pigtail in the ventricle."""
    site, apex = places.valves.get(Valve.AORTIC), places.apex(Cavity.LV)
    if site is None or apex is None:
        return DeviceModel(notes=("no aortic valve to lead an Impella through",))
    notes: tuple[str, ...] = ()
    course = places.aorta
    if course is None:
        course = site.centre + np.linspace(0.0, 60 * MM, 8)[:, None] * site.outward
        notes = ("no aorta: the Impella's catheter ends above the valve",)
    inward = apex - site.centre
    depth = min(45 * MM, 0.62 * float(np.linalg.norm(inward)))
    inlet = site.centre - 12 * MM * site.outward + (depth - 12 * MM) * _unit(inward)
    tip = inlet + 14 * MM * _unit(inward)
    way = curve(*course[::-1][:-2], site.centre, site.centre - 12 * MM * site.outward, inlet, tip)
    at = np.linalg.norm(way - inlet, axis=1)
    end = int(np.argmin(at))
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])
    back = lengths[end] - lengths
    body = way[(back >= 0.0) & (back <= depth + 22 * MM)]
    motor = way[(back >= depth + 20 * MM) & (back <= depth + 38 * MM)]
    parts = [
        tube(way, 1.5 * MM, CATHETER),
        tube(body, 2.4 * MM, STEEL),
        tube(way[(back >= -2 * MM) & (back <= 6 * MM)], 3.0 * MM, DARK_STEEL),
        tube(_pigtail(tip, _unit(inward), 5 * MM), 1.0 * MM, CATHETER),
    ]
    if len(motor) > 1:
        parts.append(tube(motor, 3.1 * MM, DARK_STEEL))
    return DeviceModel(tuple(parts), notes=notes)


def balloon(implant: Implant, places: HeartPlaces) -> DeviceModel:
    """A balloon in the descending aorta; in a heart without one, at the end of what there is."""
    course = places.aorta
    if course is None:
        return DeviceModel(notes=("no aorta to place a balloon in",))
    top = int(np.argmax(course[:, 2]))
    falling = course[-1, 2] < course[top, 2] - 25 * MM
    notes: tuple[str, ...] = ()
    if falling:
        way = course[min(top + 4, len(course) - 3) :]
    else:
        way = course[-4:]
        notes = ("no descending aorta: the balloon is drawn at the end of the aorta, a schematic",)
    down = _unit(way[-1] - way[-3])
    way = np.vstack([way, way[-1] + np.linspace(6, 42, 7)[:, None] * MM * down])
    way = curve(*way, step=2e-3)
    filled = implant.size or 40e-6
    radius = np.sqrt(filled / (np.pi * BALLOON_LENGTH)) * 1.1
    share = np.linspace(0.0, 1.0, len(way))
    near = np.clip(np.minimum(share, 1.0 - share) / ROUNDED, 0.0, 1.0)
    taper = np.maximum(np.sqrt(1.0 - (1.0 - near) ** 2), 0.12)  # ends like those of an ellipse
    leaving = np.vstack([way[-1], way[-1] + 22 * MM * down, way[-1] + 30 * MM * down])
    return DeviceModel(
        (Tube(way, radius * taper, BALLOON, BALLOONED), tube(leaving, 1.4 * MM, CATHETER),
         tube(np.stack([way[0] - 4 * MM * _unit(way[1] - way[0]), way[0]]), 1.4 * MM, DARK_STEEL)),
        notes=notes,
    )  # fmt: skip


def ecmo(_implant: Implant, places: HeartPlaces) -> DeviceModel:
    """Venous cannula through the lower caval vein into the atrium, arterial one in the aorta."""
    atrium, low, root = places.blood(Cavity.RA), places.lower_vein, _along(places.aorta, 55 * MM)
    parts, notes = [], []
    if atrium is None:
        notes.append("no right atrium for the venous cannula")
    else:
        if low is None:
            low = atrium - 55 * MM * _UP
            notes.append("no lower caval vein: the venous cannula enters from below")
        tip = atrium + 22 * MM * _UP
        parts.append(tube(curve(low - 45 * MM * _UP, low, atrium, tip), 3.9 * MM, VENOUS))
        parts.append(tube(curve(atrium + 4 * MM * _UP, tip), 4.2 * MM, STEEL))
    if root is None:
        notes.append("no ascending aorta for the arterial cannula")
    else:
        away = np.array([-14, -40, 28]) * MM
        inside = root + 0.1 * away
        parts.append(tube(curve(root + 1.6 * away + 12 * MM * _UP, root + away, inside, root),
                          3.2 * MM, ARTERIAL))  # fmt: skip
        parts.append(tube(curve(root + 0.36 * away, root + 0.42 * away), 4.6 * MM, DARK_STEEL))
    return DeviceModel(tuple(parts), notes=tuple(notes))


def rvad(implant: Implant, places: HeartPlaces) -> DeviceModel:
    """Inflow from the right atrium or ventricle, pump beside the heart, graft to the trunk."""
    from_ventricle = implant.name != "rvad"
    inlet = places.apex(Cavity.RV) if from_ventricle else places.blood(Cavity.RA)
    if inlet is None:
        return DeviceModel(notes=("no right heart to place an RVAD in",))
    heading = np.array([-0.1, -0.75, -0.65]) if from_ventricle else np.array([-0.95, -0.2, -0.15])
    away = _unit(heading)
    wall = places.out(inlet - places.middle + 40 * MM * away, 1 * MM)
    axis = _unit(wall - inlet)
    inside = inlet if not from_ventricle else inlet - 4 * MM * axis
    parts = [
        tube(np.stack([inside, 0.5 * (inside + wall), wall + 3 * MM * axis]), 6.5 * MM, STEEL),
        lathe(wall, axis, _PUMP * np.array([1.0, 0.9]), STEEL),
        lathe(wall + 9 * MM * axis, axis, np.array([[0, 20.2], [5, 20.2]]) * MM, DARK_STEEL),
    ]
    trunk = _along(places.pulmonary_artery, 16 * MM)
    if trunk is None:
        return DeviceModel(tuple(parts), notes=("no pulmonary artery for the outflow graft",))
    start = wall + 14 * MM * axis
    side = _unit((trunk - start) - ((trunk - start) @ axis) * axis)
    way = places.around([start + 30 * MM * side, trunk + np.array([-8, -22, 4]) * MM], 9 * MM, 8)
    near = trunk + np.array([-2, -17, 7]) * MM
    graft = curve(start + 18 * MM * side, *way[1:-1:2], near, trunk)
    return DeviceModel((*parts, tube(graft, 6 * MM, GRAFT)))


def drain(_implant: Implant, places: HeartPlaces) -> DeviceModel:
    """A thin catheter from below the breastbone into the sac, along the lower side of the heart."""
    front, below = np.array([-0.15, -0.8, -0.65]), np.array([0.2, 0.15, -1.0])
    inside = places.around([places.middle + front, places.middle + below], 4 * MM, 10)
    enter = inside[0] + np.array([-6, -40, -38]) * MM
    way = curve(enter, 0.5 * (enter + inside[0]) + 3 * MM * _UP, *inside[::3])
    return DeviceModel((tube(way, 1.4 * MM, CATHETER), tube(way[:3], 2.6 * MM, DARK_STEEL)))


ROUTES: Mapping[str, Callable[[Implant, HeartPlaces], DeviceModel]] = MappingProxyType({
    "lvad": lvad, "impella": impella, "balloon": balloon, "ecmo": ecmo, "rvad": rvad,
    "rvad from the ventricle": rvad, "drain": drain,
})  # fmt: skip


def _along(course: FloatArray | None, distance: float) -> FloatArray | None:
    """The place of a course at a distance from its start, at most halfway."""
    if course is None:
        return None
    steps = np.cumsum(np.linalg.norm(np.diff(course, axis=0), axis=1))
    return np.asarray(course[min(int(np.searchsorted(steps, distance)), len(course) // 2)])


def _pigtail(start: FloatArray, along: FloatArray, radius: float) -> FloatArray:
    aside = _unit(np.cross(along, _UP))
    turn = np.linspace(0.0, 1.7 * np.pi, 16)[:, None]
    middle = start + radius * aside
    return np.asarray(middle - radius * np.cos(turn) * aside + radius * np.sin(turn) * along)


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.linalg.norm(vector))
