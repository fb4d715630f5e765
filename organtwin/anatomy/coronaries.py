"""The large coronary arteries on the outside of the template heart, as tubes for the drawing.

A course is a line of waypoints drawn onto the outer surface and, where the artery runs in a groove,
onto the line where the two neighbours of that groove meet. Right-dominant pattern: the posterior
descending artery comes from the right coronary. No blood flows in them; they show where walls meet
and which wall an artery feeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.implicit import Shape, gradient
from organtwin.anatomy.regions import Region
from organtwin.arrays import FloatArray, IntArray

SIDES = 8
RING_DISTANCE = 2.0
"""Distance between rings along an artery [mm]."""

EMBEDDED = 0.15
"""Height of the centre line above the surface, in radii."""

_STEP = 0.4
_ROUNDS, _SMOOTHINGS, _KNOTS = 6, 4, 12


@dataclass(frozen=True)
class Course:
    """One artery.

    Waypoints in the heart's frame [mm], radius at both ends [mm], the groove between two
    compartments that it follows, and the artery it springs from where that comes nearest.
    """

    name: str
    waypoints: Sequence[tuple[float, float, float]]
    radii: tuple[float, float]
    groove: tuple[Region, Region] | None = None
    parent: str | None = None
    groove_share: float = 1.0
    """Part of the way, from the start, along which the groove is followed."""


def _heart_frame(*body: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    x = shape.heart(np.asarray(body, float))
    return [(float(a), float(b), float(c)) for a, b, c in x]


COURSES = (
    Course("left main", _heart_frame((6, -10, 24), (13, -9, 27), (18, -12, 28)), (2.5, 2.3)),
    Course(
        "left anterior descending",
        [*_heart_frame((18, -12, 28)), (0, -38, -8), (8, -38, -30), (8, -30, -60), (4, -12, -88)],
        (2.2, 1.0),
        (Region.LV, Region.RV),
        "left main",
    ),
    Course(
        "diagonal",
        [(2, -38, -18), (-12, -34, -36), (-22, -24, -56)],
        (1.5, 0.8),
        parent="left anterior descending",
    ),
    Course(
        "circumflex",
        [*_heart_frame((18, -12, 28)), (-24, -26, 4), (-36, -6, 2), (-36, 14, 0), (-22, 30, 0)],
        (2.1, 1.2),
        (Region.LV, Region.LA),
        "left main",
    ),
    Course(
        "obtuse marginal",
        [(-36, -4, 0), (-37, 0, -26), (-30, 4, -58)],
        (1.5, 0.8),
        parent="circumflex",
    ),
    Course(
        "right coronary",
        [*_heart_frame((-17, -28, 33), (-18, -38, 37), (-19, -46, 34), (-24, -49, 27),
                       (-34, -45, 18), (-46, -36, 7)),
         (57, 12, -2), (50, 26, -12), (32, 39, -15), (13, 35, -13)],
        (2.3, 1.5),
        (Region.RV, Region.RA),
        groove_share=0.55,
    ),
    Course(
        "acute marginal",
        [(57, 0, -3), (56, 6, -30), (40, 10, -64)],
        (1.4, 0.8),
        parent="right coronary",
    ),
    Course(
        "posterior descending",
        [(13, 35, -13), (12, 33, -36), (8, 24, -70)],
        (1.5, 0.9),
        (Region.LV, Region.RV),
        "right coronary",
    ),
)  # fmt: skip


def coronary_tubes() -> tuple[FloatArray, IntArray]:
    """Points ``(n, 3)`` [template mm, LPS] and outward triangles of all arteries, each closed."""
    points: list[FloatArray] = []
    triangles: list[IntArray] = []
    lines: dict[str, FloatArray] = {}
    count = 0
    for course in COURSES:
        parent = None if course.parent is None else lines[course.parent]
        lines[course.name] = centre_line(course, parent)
        own = _tube(lines[course.name], course.radii)
        points.append(own)
        triangles.append(_ring_triangles(len(lines[course.name])) + count)
        count += len(own)
    return np.concatenate(points), np.concatenate(triangles).astype(np.int32)


def centre_line(course: Course, parent: FloatArray | None) -> FloatArray:
    """Points ``(n, 3)`` [template mm, LPS] of an artery, drawn onto the surface and its groove."""
    waypoints = np.asarray(course.waypoints) @ shape.HEART_AXES
    if parent is not None:
        waypoints[0] = parent[np.argmin(np.linalg.norm(parent - waypoints[0], axis=1))]
    line = _resampled(waypoints)
    for _ in range(_SMOOTHINGS):
        for _ in range(_ROUNDS):
            line[1:] = _towards(line[1:], shape.outside)
            if course.groove is not None:
                part = slice(3, int(course.groove_share * len(line)))
                line[part] = _towards(line[part], _meeting(*course.groove))
        line[1:-1] = 0.5 * line[1:-1] + 0.25 * (line[2:] + line[:-2])
        knots = np.linspace(0, len(line) - 1, min(_KNOTS, len(line))).round().astype(int)
        line = _resampled(line[knots])
    for _ in range(_ROUNDS):
        line[1:] = _towards(line[1:], shape.outside)
    return line


def _meeting(one: Region, other: Region) -> Shape:
    a, b = shape.COMPARTMENTS.index(one), shape.COMPARTMENTS.index(other)

    def difference(points: FloatArray) -> FloatArray:
        outer = shape.lumens(points) - shape.thickness(points)
        return np.asarray(outer[:, a] - outer[:, b])

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


def _tube(line: FloatArray, radii: tuple[float, float]) -> FloatArray:
    """Rings around a centre line, and one point beyond each end."""
    radius = np.linspace(*radii, len(line))
    outward = gradient(shape.outside, line, _STEP)
    line = line + EMBEDDED * radius[:, None] * outward
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outward -= np.einsum("ij,ij->i", outward, tangent)[:, None] * tangent
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    side = np.cross(tangent, outward)
    turn = 2.0 * np.pi * np.arange(SIDES) / SIDES
    rings = line[:, None] + radius[:, None, None] * (
        np.cos(turn)[:, None] * outward[:, None] + np.sin(turn)[:, None] * side[:, None]
    )
    ends = np.stack([line[0] - radius[0] * tangent[0], line[-1] + radius[-1] * tangent[-1]])
    return np.concatenate([rings.reshape(-1, 3), ends])


def _ring_triangles(n_rings: int) -> IntArray:
    here = np.arange(SIDES)
    there = np.roll(here, -1)
    triangles = []
    for ring in range(n_rings - 1):
        low, high = ring * SIDES, (ring + 1) * SIDES
        triangles.append(np.stack([low + here, low + there, high + there], axis=1))
        triangles.append(np.stack([low + here, high + there, high + here], axis=1))
    first, last, rim = n_rings * SIDES, n_rings * SIDES + 1, (n_rings - 1) * SIDES
    triangles.append(np.stack([np.full(SIDES, first), there, here], axis=1))
    triangles.append(np.stack([np.full(SIDES, last), rim + here, rim + there], axis=1))
    return np.concatenate(triangles).astype(np.int32)
