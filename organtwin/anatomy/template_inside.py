"""What stands in the ventricles: papillary muscles, moderator band, chordae and trabeculae.

Two papillary muscles in the LV (anterolateral with one head, posteromedial with two), the anterior
and the inferior one in the RV, and the moderator band from the septum to the root of the anterior
one. They are closed parts of the drawing surface, rounded into the wall at their feet and reaching
a little into it, so that they can be shown or left out. Chordae run from the tips to the free
edges of the atrioventricular leaflets and move with them. Places are in the heart's frame, mm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import relaxed, surface_net
from organtwin.anatomy.implicit import Shape, smooth_minimum, tube
from organtwin.anatomy.regions import Valve
from organtwin.anatomy.template_valves import ACROSS, ALONG, Sheets, edge_points
from organtwin.anatomy.tubes import ring_triangles, rings
from organtwin.arrays import FloatArray, IntArray

SPACING = 1.9
FILLET, FOOT, REACH = 6.0, 1.8, 3.0
"""Rounding into the wall, depth within it, and how far the rounding goes round a muscle [mm]."""

CHORDA_RADIUS, CHORDA_SIDES, CHORDA_RINGS = 0.45, 5, 6
HIDDEN_RADIUS = 0.2
"""Of a chorda within its muscle and its leaflet [mm]."""

_Place = tuple[float, float, float]


@dataclass(frozen=True)
class _Muscle:
    """Heads as lines of places from foot to tip, each with its radii; ``right`` in the RV."""

    heads: Sequence[tuple[Sequence[_Place], Sequence[float]]]
    right: bool = False

    def shape(self) -> Shape:
        tubes = [
            tube([shape.body(*place) for place in places], radii) for places, radii in self.heads
        ]
        blood = shape.drawn_right_blood if self.right else shape.drawn_left_blood

        def distance(points: FloatArray) -> FloatArray:
            own = tubes[0](points)
            for other in tubes[1:]:
                own = smooth_minimum(own, other(points), 3.0)
            wall = -blood(points)
            fused = smooth_minimum(own, wall, FILLET)
            return np.asarray(np.max([fused, own - REACH, -wall - FOOT], axis=0))

        return distance

    @property
    def box(self) -> tuple[FloatArray, FloatArray]:
        places = np.array([shape.body(*place) for line, _ in self.heads for place in line])
        return places.min(axis=0) - 13.0, places.max(axis=0) + 13.0


MUSCLES = {
    "anterolateral": _Muscle(
        [
            ([(-18, -12, -62), (-14.5, -9, -48), (-11.5, -4, -33)], [6.5, 5.2, 3.4]),
            ([(-16, -15, -54), (-13, -10.5, -44), (-9.5, -7.5, -36)], [4.5, 4.2, 2.8]),
        ]
    ),
    "posteromedial": _Muscle(
        [
            ([(-3, 21, -62), (-3, 17.5, -48), (-3.5, 14.5, -33)], [6.2, 4.8, 3.2]),
            ([(5, 20.5, -58), (3.5, 16.5, -46), (1.5, 13, -36)], [4.8, 4.2, 2.9]),
        ]
    ),
    "right anterior": _Muscle(
        [
            ([(56, -13, -55), (48, -7, -43), (46, -2, -31)], [5.0, 4.2, 2.6]),
            ([(24.5, -22, -40), (36, -22, -47), (44, -17, -51), (51, -12, -53)], [4, 2.9, 3, 4]),
        ],
        right=True,
    ),
    "right inferior": _Muscle(
        [([(37, 24.3, -43), (39, 22.5, -36), (40, 19, -29)], [4.6, 3.6, 2.3])], right=True
    ),
}

_CHORDA_PLACES = (-0.83, -0.5, -0.17, 0.17, 0.5, 0.83)
_CHORDAE: dict[Valve, tuple[tuple[int, ...], tuple[tuple[str, int], ...]]] = {
    Valve.MITRAL: (
        (0, 1),
        (("anterolateral", 0), ("anterolateral", 1), ("posteromedial", 0), ("posteromedial", 1)),
    ),
    Valve.TRICUSPID: ((0, 2), (("right anterior", 0), ("right inferior", 0))),
}
"""Which leaflets of a valve have chordae, and the muscles' heads that send them."""


def papillary_muscles() -> tuple[FloatArray, IntArray]:
    """Points ``(n, 3)`` [template mm, LPS] and outward triangles of all muscles, each closed."""
    points, triangles, count = [], [], 0
    for muscle in MUSCLES.values():
        own = muscle.shape()
        places, faces = surface_net(own, *muscle.box, SPACING)
        points.append(relaxed(places, faces, own, rounds=4, step=0.3))
        triangles.append(faces + count)
        count += len(places)
    return np.concatenate(points), np.concatenate(triangles).astype(np.int32)


def chordae(valve: Valve, sheets: Sheets) -> Sheets:
    """Thin tubes from the papillary muscles to the leaflets, none for the arterial valves.

    Each starts in the wall at the foot of its muscle and ends at the leaflet's attachment: hidden
    within both, it is tied to the tissue at both ends.
    """
    leaflets, heads = _CHORDAE.get(valve, ((), ()))
    lines = [_head_line(MUSCLES[name].heads[head][0]) for name, head in heads]
    closed: list[FloatArray] = []
    opened: list[FloatArray] = []
    triangles: list[IntArray] = []
    count = 0
    for leaflet in leaflets:
        for place in _CHORDA_PLACES:
            shut, wide = (
                _middle_line(points, leaflet, place) for points in (sheets.closed, sheets.opened)
            )
            tips = np.array([line[-1] for line in lines])
            head = lines[int(np.argmin(np.linalg.norm(tips - shut[0], axis=1)))]
            closed.append(_string(head, shut))
            opened.append(_string(head, wide))
            n_rings = (len(closed[-1]) - 2) // CHORDA_SIDES
            triangles.append(ring_triangles(n_rings, CHORDA_SIDES) + count)
            count += len(closed[-1])
    if not closed:
        return Sheets(np.empty((0, 3)), np.empty((0, 3)), np.empty((0, 3), np.int32))
    return Sheets(
        np.concatenate(closed), np.concatenate(opened), np.concatenate(triangles).astype(np.int32)
    )


def _head_line(places: Sequence[_Place]) -> FloatArray:
    """The axis of a muscle's head from foot to tip [template mm, LPS]."""
    return np.array([shape.body(*place) for place in places])


def _middle_line(points: FloatArray, leaflet: int, place: float) -> FloatArray:
    """Middle of a leaflet ``(n, 3)`` from its free edge to its attachment, at one ``s``."""
    row = edge_points(leaflet)[round((place + 1.0) * 0.5 * (ACROSS - 1))]
    along = row - np.arange(0, ALONG, 2)
    return np.asarray(0.5 * (points[along] + points[along + ACROSS * ALONG]))


def _string(head: FloatArray, leaflet: FloatArray) -> FloatArray:
    """A tube along the muscle's axis, straight to the leaflet's edge, and on within it."""
    share = np.linspace(0.0, 1.0, CHORDA_RINGS)[:, None]
    free = head[-1] + share * (leaflet[0] - head[-1])
    line = np.concatenate([head[:-1], free, leaflet[1:]])
    radius = np.full(len(line), HIDDEN_RADIUS)
    fan = 0.9 * (1.0 - share[:, 0]) ** 6 + 0.2 * share[:, 0] ** 6
    radius[len(head) - 1 : len(head) - 1 + CHORDA_RINGS] = CHORDA_RADIUS * (1.0 + fan)
    return rings(line, radius, np.broadcast_to(shape.HEART_AXES[0], line.shape), CHORDA_SIDES)
