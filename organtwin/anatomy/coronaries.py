"""The coronary vessels on the outside of the template heart, as tubes for the drawing.

A course is a line of waypoints drawn onto the outer surface and, where the vessel runs in a groove,
onto the line where the two neighbours of that groove meet; a vein lies beside its artery.
Right-dominant pattern: the posterior descending artery comes from the right coronary. The great
cardiac vein climbs beside the left anterior descending artery, turns into the left
atrioventricular groove and becomes the coronary sinus, which ends in the right atrium and takes up
the middle cardiac vein. Radii after descriptive anatomy (left main 2.2 mm, coronary sinus 4 to 5
mm). No blood flows in them; they show where walls meet and which wall an artery feeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.implicit import Shape, gradient
from organtwin.anatomy.regions import Region
from organtwin.anatomy.tubes import ring_triangles, rings
from organtwin.arrays import FloatArray, IntArray

SIDES = 8
RING_DISTANCE = 2.0
"""Distance between rings along a vessel [mm]."""

EMBEDDED = 0.25
"""Height of the centre line above the surface, in radii."""

GROOVE_SCALE = 4.0
"""Depths in the walls are compared relative to their thickness, as ``regions`` does; about [mm]."""

WINDING, WINDING_LENGTH = 0.7, 17.0
"""Amplitude and wavelength [mm] of the windings of an artery, least at its origin."""

_STEP = 0.4
_ROUNDS, _SMOOTHINGS, _KNOTS = 6, 4, 14

_Place = tuple[float, float, float]


@dataclass(frozen=True)
class Course:
    """One vessel.

    Waypoints in the heart's frame [mm], radii at equal shares of its length [mm], the groove
    between two compartments that it follows, and the vessel it springs from where that comes
    nearest.
    """

    name: str
    waypoints: Sequence[_Place]
    radii: Sequence[float]
    groove: tuple[Region, Region] | None = None
    parent: str | None = None
    groove_share: tuple[float, float] = (0.0, 1.0)
    """Part of the way along which the groove is followed."""
    beside: float = 0.0
    """How far from the depth of the groove towards its second neighbour, about [mm]."""
    region: Region = Region.CORONARY_ARTERY
    winding: float = WINDING
    diving: float = 0.0
    """Part of the way at the end that leaves the surface, into what takes the vessel up."""

    def on_surface(self, line: FloatArray) -> slice:
        """The points of a line that lie on the surface: neither its origin nor what dives."""
        return slice(1, len(line) - int(self.diving * len(line)))


def _heart_frame(*body: tuple[float, float, float] | FloatArray) -> list[_Place]:
    x = shape.heart(np.asarray(body, float))
    return [(float(a), float(b), float(c)) for a, b, c in x]


def _ostium(sinus: str, shift: float, *depths: float) -> list[_Place]:
    angle = shape.SINUS_ANGLES[sinus] + shift
    return _heart_frame(*(shape.around(shape.AORTIC, angle, depth, 11.0) for depth in depths))


_LV, _RV, _LA, _RA = Region.LV, Region.RV, Region.LA, Region.RA
_VEIN = Region.CORONARY_VEIN
_LEFT_FORK = (20.0, -11.0, 27.0)

COURSES = (
    Course(
        "left main", [*_ostium("left", -40.0, 14.0, 18.5), *_heart_frame(_LEFT_FORK)], (2.3, 2.1),
        winding=0.0,
    ),
    Course(
        "left anterior descending",
        [*_heart_frame(_LEFT_FORK), (0, -38, -8), (8, -38, -30), (8, -30, -60), (13, -14, -80),
         (13, 0, -82), (12, 10, -78)],
        (2.0, 0.7), (_LV, _RV), "left main", (0.0, 1.0),
    ),
    Course(
        "first diagonal", [(2, -38, -16), (-13, -34, -32), (-23, -24, -52), (-22, -16, -66)],
        (1.4, 0.55), parent="left anterior descending",
    ),
    Course(
        "second diagonal", [(7, -36, -40), (-3, -32, -54), (-11, -22, -72)],
        (1.15, 0.5), parent="left anterior descending",
    ),
    Course(
        "right ventricular branch", [(9, -37, -28), (24, -42, -36), (34, -36, -46)],
        (0.95, 0.45), parent="left anterior descending",
    ),
    Course(
        "circumflex",
        [*_heart_frame(_LEFT_FORK), (-24, -26, 4), (-36, -6, 2), (-37, 14, 0), (-24, 30, 0)],
        (1.9, 0.9), (_LV, _LA), "left main", (0.15, 1.0),
    ),
    Course(
        "first obtuse marginal", [(-34, -14, 2), (-36, -9, -24), (-32, -5, -46), (-26, -2, -64)],
        (1.35, 0.55), parent="circumflex",
    ),
    Course(
        "second obtuse marginal", [(-38, 10, 0), (-34, 15, -26), (-27, 14, -54)],
        (1.2, 0.5), parent="circumflex",
    ),
    Course(
        "right coronary",
        [*_ostium("right", -8.0, 14.5, 19.0), (38, -20, 4), (52, -16, -2), (63, -4, -7),
         (67, 10, -11), (62, 24, -14), (48, 33, -16), (30, 36, -15), (13, 35, -13)],
        (2.2, 1.5), (_RV, _RA), groove_share=(0.22, 0.8),
    ),
    Course(
        "conus branch", [(38, -20, 4), (34, -40, -4), (24, -50, -12), (14, -48, -20)],
        (1.0, 0.45), parent="right coronary",
    ),
    Course(
        "acute marginal", [(66, 14, -12), (58, 20, -34), (44, 20, -56), (30, 18, -70)],
        (1.35, 0.55), parent="right coronary",
    ),
    Course(
        "right anterior branch", [(60, -8, -6), (56, -16, -28), (46, -14, -50)],
        (1.05, 0.45), parent="right coronary",
    ),
    Course(
        "posterior descending", [(13, 35, -13), (13, 33, -36), (10, 25, -66), (8, 18, -76)],
        (1.4, 0.6), (_LV, _RV), "right coronary",
    ),
    Course(
        "posterolateral", [(13, 35, -13), (-1, 36, -14), (-11, 33, -32), (-13, 28, -52)],
        (1.2, 0.5), parent="right coronary",
    ),
    Course(
        "great cardiac vein and coronary sinus",
        [(4, -22, -68), (4, -36, -40), (-1, -39, -12), (-24, -27, 5), (-36, -6, 4),
         (-36, 14, 3), (-22, 30, 3), (-7, 35, 5), (7, 30, 13), (22, 20, 24.5)],
        (0.55, 1.5, 2.1, 2.7, 3.6, 4.6), (_LV, _LA), None, (0.42, 0.78), region=_VEIN, winding=0.0,
        diving=0.19,
    ),
    Course(
        "middle cardiac vein", [(4, 35, 8), (7, 37, -8), (8, 34, -36), (5, 27, -64)],
        (2.0, 0.7), (_LV, _RV), "great cardiac vein and coronary sinus", (0.4, 1.0), -3.5,
        region=_VEIN, winding=0.3,
    ),
    Course(
        "posterior vein", [(-12, 36, 1), (-16, 32, -18), (-18, 26, -44)],
        (1.5, 0.6), None, "great cardiac vein and coronary sinus", region=_VEIN, winding=0.4,
    ),
)  # fmt: skip
"""Waypoints lead away from the parent; those of the great cardiac vein follow its blood."""


def coronary_tubes() -> tuple[FloatArray, IntArray, IntArray]:
    """Points ``(n, 3)`` [template mm, LPS], outward triangles, and regions ``(n,)``; all closed."""
    points: list[FloatArray] = []
    triangles: list[IntArray] = []
    regions: list[IntArray] = []
    lines: dict[str, FloatArray] = {}
    count = 0
    for course in COURSES:
        parent = None if course.parent is None else lines[course.parent]
        line = lines[course.name] = centre_line(course, parent)
        own = _tube(line, course.radii)
        points.append(own)
        triangles.append(ring_triangles(len(line), SIDES) + count)
        regions.append(np.full(len(own), course.region, np.int32))
        count += len(own)
    return (
        np.concatenate(points),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(regions),
    )


def centre_line(course: Course, parent: FloatArray | None) -> FloatArray:
    """Points ``(n, 3)`` [template mm, LPS] of a vessel, drawn onto the surface and its groove."""
    waypoints = np.asarray(course.waypoints) @ shape.HEART_AXES
    if parent is not None:
        waypoints[0] = parent[np.argmin(np.linalg.norm(parent - waypoints[0], axis=1))]
    line = _resampled(waypoints)
    for _ in range(_SMOOTHINGS):
        line = _settled(line, course)
        line[1:-1] = 0.5 * line[1:-1] + 0.25 * (line[2:] + line[:-2])
        knots = np.linspace(0, len(line) - 1, min(_KNOTS, len(line))).round().astype(int)
        line = _resampled(line[knots])
    line[1:] = _wound(line, course.winding)[1:]
    surface = course.on_surface(line)
    for _ in range(_ROUNDS):
        line[surface] = _towards(line[surface], shape.outside)
    return line


def _settled(line: FloatArray, course: Course) -> FloatArray:
    line, surface = line.copy(), course.on_surface(line)
    for _ in range(_ROUNDS):
        line[surface] = _towards(line[surface], shape.outside)
        if course.groove is not None:
            first, last = (int(share * len(line)) for share in course.groove_share)
            part = slice(max(first, 3), last)
            line[part] = _towards(line[part], _meeting(*course.groove, course.beside))
    return line


def _wound(line: FloatArray, amplitude: float) -> FloatArray:
    """The line with sideways windings that grow away from its origin."""
    along = RING_DISTANCE * np.arange(len(line))
    tangent = np.gradient(line, axis=0)
    side = np.cross(tangent, gradient(shape.outside, line, _STEP))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    turn = 2.0 * np.pi * along / WINDING_LENGTH
    swing = (np.sin(turn) + 0.6 * np.sin(0.53 * turn + 1.0)) * np.clip(along / 25.0, 0.0, 1.0)
    return np.asarray(line + amplitude * swing[:, None] * side)


def _meeting(one: Region, other: Region, beside: float) -> Shape:
    a, b = shape.COMPARTMENTS.index(one), shape.COMPARTMENTS.index(other)

    def difference(points: FloatArray) -> FloatArray:
        depth = shape.lumens(points) / shape.thickness(points)
        return np.asarray(GROOVE_SCALE * (depth[:, a] - depth[:, b]) - beside)

    return difference


def _towards(points: FloatArray, target: Shape) -> FloatArray:
    slope = gradient(target, points, _STEP)
    square = np.maximum(np.einsum("ij,ij->i", slope, slope), 0.2)
    move = -(target(points) / square)[:, None] * slope
    length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-9)
    return np.asarray(points + move * np.minimum(1.0, 3.0 / length))


def _resampled(points: FloatArray) -> FloatArray:
    """Points at equal distances along the smooth line through the given ones."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    count = max(4, int(along[-1] / RING_DISTANCE))
    return np.asarray(CubicSpline(along, points)(np.linspace(0.0, along[-1], count)))


def _tube(line: FloatArray, radii: Sequence[float]) -> FloatArray:
    share = np.linspace(0.0, 1.0, len(line))
    radius = np.interp(share, np.linspace(0.0, 1.0, len(radii)), radii)
    outward = gradient(shape.outside, line, _STEP)
    return rings(line + EMBEDDED * radius[:, None] * outward, radius, outward, SIDES)
