"""A device as shapes at rest: tubes along lines, and thin sheets that open and close.

Everything is made of points at rest that the heart carries: those of a valve's prosthesis as one
stiff body with the ring that it sits in, those of leads and cannulas each with the walls around.
"""

from dataclasses import dataclass, field

import numpy as np

from organtwin.anatomy.regions import Valve
from organtwin.arrays import FloatArray, IntArray
from organtwin.scene.fields import Color

STEEL: Color = (196, 202, 210)
DARK_STEEL: Color = (120, 126, 136)
CLOTH: Color = (236, 234, 226)
PERICARDIUM: Color = (232, 214, 178)
CATHETER: Color = (62, 92, 168)
INSULATION: Color = (206, 206, 214)
GRAFT: Color = (240, 238, 232)
VENOUS: Color = (58, 92, 190)
ARTERIAL: Color = (196, 40, 44)
BALLOON: Color = (150, 190, 214)
ELECTRODE: Color = (255, 214, 64)
FREE, BALLOONED, SOLID = -1, -2, -3
"""Instead of a valve: carried point by point; carried so, and as thick as the balloon is full;
carried as a whole, without a turn."""


@dataclass(frozen=True, eq=False)
class Tube:
    """A tube along ``points`` ``(n, 3)`` [m] with ``radii`` ``(n,)`` [m].

    ``held`` is the valve with whose ring it moves stiffly, ``FREE``, ``BALLOONED`` or ``SOLID``.
    """

    points: FloatArray
    radii: FloatArray
    color: Color
    held: int = FREE


@dataclass(frozen=True, eq=False)
class Sheet:
    """A thin sheet between ``closed`` and ``opened`` ``(n, 3)`` [m]; moves with a valve's ring."""

    closed: FloatArray
    opened: FloatArray
    triangles: IntArray
    color: Color
    valve: Valve


@dataclass(frozen=True, eq=False)
class DeviceModel:
    """One device: its parts, and in words what of it could not be placed."""

    tubes: tuple[Tube, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    notes: tuple[str, ...] = field(default=())


def tube(points: FloatArray, radius: float, color: Color, held: int = FREE) -> Tube:
    """A tube of one radius [m]."""
    points = np.asarray(points, dtype=np.float64)
    return Tube(points, np.full(len(points), radius), color, held)


def curve(*stations: FloatArray, step: float = 4e-3) -> FloatArray:
    """A smooth way ``(n, 3)`` through places, a point every ``step`` [m] or so."""
    places = np.array(stations, dtype=np.float64)
    ends = np.vstack([2 * places[0] - places[1], places, 2 * places[-1] - places[-2]])
    found = []
    for k in range(1, len(ends) - 2):
        p0, p1, p2, p3 = ends[k - 1 : k + 3]
        count = max(2, round(float(np.linalg.norm(p2 - p1)) / step))
        t = np.linspace(0.0, 1.0, count, endpoint=False)[:, None]
        found.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                   + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )  # fmt: skip
    return np.vstack([*found, places[-1:]])


def lathe(start: FloatArray, axis: FloatArray, profile: FloatArray, color: Color) -> Tube:
    """A body of revolution: rows of ``profile`` are height along ``axis`` and radius [m]."""
    axis = axis / np.linalg.norm(axis)
    return Tube(start + profile[:, :1] * axis, profile[:, 1].copy(), color, SOLID)
