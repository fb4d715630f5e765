"""The leaflets of the template's four valves, as thin closed sheets between closed and fully open.

A leaflet is a grid over ``s`` in [-1, 1] from commissure to commissure and ``t`` from its line of
attachment to its free edge; along ``t`` runs a cubic Bezier curve that meets the neighbouring
leaflet vertically, so that closed leaflets lie against each other over a few millimetres.

- Semilunar: three cusps hang on crown-shaped lines in their sinuses and meet along three radii.
- Tricuspid: three leaflets hang on the annulus and meet along three radii.
- Mitral: the anterior leaflet takes the third of the annulus that faces the aorta, the posterior
  one, with three scallops, the rest; they meet along an arc that bows away from the aorta.

Attachments are found on the wall of the drawn blood. Fully open areas follow the normal adult
valve areas (mitral 4 to 6 cm2, aortic 3 to 4 cm2, ASE/EAE 2009 valve stenosis; tricuspid 6 to 8,
pulmonary 3 to 4 cm2 from anatomy). Heights count along the valve's outward axis, millimetres.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import Opening
from organtwin.anatomy.implicit import Shape
from organtwin.anatomy.regions import Valve
from organtwin.arrays import FloatArray, IntArray

HALF_THICKNESS = 0.42
EMBEDDED = 0.25
"""How far an attachment reaches into the wall [mm]."""

ANNULUS_HEIGHT = 2.5
"""Atrioventricular leaflets hang this far on the atrial side of the valve plane [mm]."""

_OVERLAP = 0.1
"""By which closed leaflets press into each other, so that no light shows between them [mm]."""

_RADII = np.linspace(3.0, 27.0, 97)
ACROSS, ALONG = 25, 11
"""Points of a leaflet from commissure to commissure and from attachment to free edge."""

_STAR_ROUNDING = 0.06

OPENINGS: dict[Valve, Opening] = {
    Valve.MITRAL: shape.MITRAL,
    Valve.AORTIC: shape.AORTIC,
    Valve.TRICUSPID: shape.TRICUSPID,
    Valve.PULMONARY: shape.PULMONARY,
}


@dataclass(frozen=True)
class Sheets:
    """All leaflets of one valve: ``closed`` and ``opened`` ``(n, 3)`` [template mm]."""

    closed: FloatArray
    opened: FloatArray
    triangles: IntArray


def valve_sheets(valve: Valve) -> Sheets:
    """Closed thin sheets, outward oriented, one connected part per leaflet."""
    grids = _GRIDS[valve](_Site(OPENINGS[valve], _BLOOD[valve]))
    closed, opened, triangles = [], [], []
    count = 0
    for shut, wide in grids:
        own = _sheet_triangles(*shut.shape[:2])
        closed.append(_thickened(shut))
        opened.append(_thickened(wide))
        triangles.append(_outward(closed[-1], own) + count)
        count += len(closed[-1])
    return Sheets(
        np.concatenate(closed), np.concatenate(opened), np.concatenate(triangles).astype(np.int32)
    )


def edge_points(leaflet: int) -> IntArray:
    """Places ``(ACROSS,)`` of a leaflet's free edge, one side of it, among its valve's points."""
    start = leaflet * 2 * ACROSS * ALONG
    return (start + np.arange(ACROSS) * ALONG + ALONG - 1).astype(np.int32)


class _Site:
    """Polar places around a valve's axis, and where the wall lies there."""

    def __init__(self, opening: Opening, blood: Shape) -> None:
        self.opening = opening
        self._blood = blood

    def at(self, angle: FloatArray, radius: FloatArray, height: FloatArray) -> FloatArray:
        """Places ``(n, 3)`` from angles [degrees] as in ``template_frame.around``."""
        axes = np.stack(
            [shape.around(self.opening, a, 1.0, 0.0) - self.opening.centre for a in (0.0, 90.0)]
        )
        turn = np.radians(angle)
        spoke = np.cos(turn)[:, None] * axes[0] + np.sin(turn)[:, None] * axes[1]
        along = np.asarray(height)[:, None] * self.opening.outward
        return np.asarray(self.opening.centre + np.asarray(radius)[:, None] * spoke + along)

    def wall(self, angle: FloatArray, height: FloatArray) -> FloatArray:
        """Radius ``(n,)`` at which the blood ends."""
        many = np.repeat(angle, len(_RADII)), np.tile(_RADII, len(angle))
        places = self.at(*many, np.repeat(height, len(_RADII)))
        value = self._blood(places).reshape(len(angle), -1)
        first = np.argmax(value > 0, axis=1)
        if not (value > 0).any(axis=1).all() or (first == 0).any():
            raise ValueError(f"{self.opening.name}: no wall around the valve")
        rows = np.arange(len(angle))
        before, after = value[rows, first - 1], value[rows, first]
        step = _RADII[1] - _RADII[0]
        return np.asarray(_RADII[first - 1] + step * before / (before - after))

    def angle_to(self, place: FloatArray) -> float:
        """Direction [degrees] in which a place lies."""
        offset = place - self.opening.centre
        front, left = (
            (shape.around(self.opening, a, 1.0, 0.0) - self.opening.centre) @ offset
            for a in (0.0, 90.0)
        )
        return float(np.degrees(np.arctan2(left, front)))


Grid = tuple[FloatArray, FloatArray]
"""Middle surface of one leaflet ``(across, along, 3)``, closed and open."""


@dataclass(frozen=True)
class _Semilunar:
    """Heights [mm]: commissure, centre of coaptation, sag of the belly; radius of the open edge."""

    angles: Sequence[float]
    commissure: float
    centre: float
    sag: float
    open_radius: float

    def __call__(self, site: _Site) -> list[Grid]:
        return [self._cusp(site, *sector) for sector in _sectors(self.angles)]

    def _cusp(self, site: _Site, start: float, middle: float, end: float) -> Grid:
        s = np.linspace(-1.0, 1.0, ACROSS)
        angle = np.interp(s, [-1, 0, 1], [start, middle, end])
        low = (self.commissure - 4.0) * np.abs(s) ** 2.2
        wall = site.wall(angle, low)
        attached = site.at(angle, wall + EMBEDDED, low)
        rim = site.wall(np.array([start, end]), np.full(2, self.commissure)) + EMBEDDED
        edge = self.centre + (self.commissure - self.centre) * np.abs(s) ** 1.5
        free = _star(site, s, (start, middle, end), rim) + edge[:, None] * site.opening.outward
        down = site.opening.outward[None]
        inner = 1.0 - np.abs(s)[:, None]
        flat = free - (free - attached) @ site.opening.outward[:, None] * down
        first = attached + 0.5 * (flat - attached) - self.sag * inner * down
        second = free - (1.0 + 4.5 * inner) * down
        closed = _bezier(attached, first, second, free)
        radius = self.open_radius + (rim.mean() - self.open_radius) * np.abs(s) ** 4
        tip = site.at(angle, radius, edge + 2.0 * (1 - s * s))
        bow = site.at(angle, 0.25 * wall + 0.75 * radius, 0.6 * low + 0.4 * edge)
        opened = _bezier(attached, 0.5 * (attached + bow), bow, tip)
        return closed, opened


@dataclass(frozen=True)
class _Tricuspid:
    """Leaflets around three commissures; depths of coaptation and of the open edge [mm]."""

    angles: Sequence[float]
    lengths: Sequence[float]
    narrowing: float

    def __call__(self, site: _Site) -> list[Grid]:
        return [
            self._leaflet(site, sector, length)
            for sector, length in zip(_sectors(self.angles), self.lengths, strict=True)
        ]

    def _leaflet(self, site: _Site, sector: tuple[float, float, float], length: float) -> Grid:
        s = np.linspace(-1.0, 1.0, ACROSS)
        angle = np.interp(s, [-1, 0, 1], sector)
        level = np.full_like(s, ANNULUS_HEIGHT)
        wall = site.wall(angle, level)
        attached = site.at(angle, wall + EMBEDDED, level)
        free = _star(site, s, sector, wall[[0, -1]] + EMBEDDED)
        free = free + ANNULUS_HEIGHT * site.opening.outward
        return _hanging(site, s, attached, free, (angle, wall), (length, self.narrowing, 0.0))


@dataclass(frozen=True)
class _Mitral:
    """Two leaflets; half the width of the anterior one [degrees] and their open lengths [mm]."""

    half_width: float
    lengths: tuple[float, float]
    narrowing: float
    bow: float

    def __call__(self, site: _Site) -> list[Grid]:
        front = site.angle_to(shape.AORTIC.centre)
        one, two = front - self.half_width, front + self.half_width
        level = np.full(ACROSS, ANNULUS_HEIGHT)
        rim = site.wall(np.array([one, two]), level[:2]) + EMBEDDED
        ends = site.at(np.array([one, two]), rim, level[:2])
        back = site.at(np.array([front + 180.0]), np.array([self.bow]), level[:1])[0]
        s = np.linspace(-1.0, 1.0, ACROSS)
        u = 0.5 * (1.0 + s)[:, None]
        line = (1 - u) ** 2 * ends[0] + 2 * u * (1 - u) * back + u**2 * ends[1]
        anterior = np.interp(s, [-1, 1], [one, two])
        posterior = np.interp(s, [-1, 1], [one, two - 360.0])
        aside = site.at(np.array([front]), np.ones(1), np.zeros(1))[0] - site.opening.centre
        gap = (HALF_THICKNESS - _OVERLAP) * aside
        leaflets = []
        for angle, shift, length, scallops in (
            (anterior, gap, self.lengths[0], 0.0),
            (posterior, -gap, self.lengths[1], 1.6),
        ):
            wall = site.wall(angle, level)
            attached = site.at(angle, wall + EMBEDDED, level)
            wanted = (length, self.narrowing, scallops)
            leaflets.append(_hanging(site, s, attached, line + shift, (angle, wall), wanted))
        return leaflets


def _hanging(
    site: _Site,
    s: FloatArray,
    attached: FloatArray,
    free: FloatArray,
    polar: tuple[FloatArray, FloatArray],
    wanted: tuple[float, float, float],
) -> Grid:
    """A leaflet of an atrioventricular valve: ``free`` is its edge seen from above."""
    (angle, wall), (length, narrowing, scallops) = polar, wanted
    up = site.opening.outward[None]
    inner = (1.0 - s * s)[:, None]
    notch = scallops * (0.5 - 0.5 * np.cos(3.0 * np.pi * (s + 1.0)))[:, None] * inner
    meeting = free - (2.0 + 4.0 * inner) * up
    edge = meeting - (2.0 + 4.0 * inner - notch) * up
    first = attached + 0.45 * (free - attached) - (0.6 + 0.8 * inner) * up
    closed = _bezier(attached, first, meeting, edge)
    reach = (5.0 + (length - 5.0) * inner - notch)[:, 0]
    tip = site.at(angle, narrowing * wall, ANNULUS_HEIGHT - reach)
    bow = site.at(angle, (0.45 + 0.55 * narrowing) * wall, ANNULUS_HEIGHT - 0.55 * reach)
    opened = _bezier(attached, 0.55 * attached + 0.45 * bow, bow, tip)
    return closed, opened


def _sectors(angles: Sequence[float]) -> list[tuple[float, float, float]]:
    """For leaflets facing ``angles``: first commissure, middle, second commissure [degrees]."""
    order = sorted(range(3), key=lambda i: angles[i] % 360.0)
    found = {}
    for place, i in enumerate(order):
        middle = angles[i] % 360.0
        before = angles[order[place - 1]] % 360.0 - (360.0 if place == 0 else 0.0)
        after = angles[order[(place + 1) % 3]] % 360.0 + (360.0 if place == 2 else 0.0)
        found[i] = (0.5 * (before + middle), middle, 0.5 * (middle + after))
    return [found[i] for i in range(3)]


def _star(
    site: _Site, s: FloatArray, sector: tuple[float, float, float], rim: FloatArray
) -> FloatArray:
    """Free edge along two radii, from commissure to centre to commissure, at height 0."""
    angle = np.where(s < 0, sector[0], sector[2])
    radius = np.where(s < 0, rim[0], rim[1])
    share = np.sqrt(s * s + _STAR_ROUNDING**2) - _STAR_ROUNDING * (1 - np.abs(s))
    edge = site.at(angle, radius * share, np.zeros_like(s))
    half = np.radians(0.5 * (sector[2] - sector[0]))
    own = site.at(np.array([sector[1]]), np.ones(1), np.zeros(1))[0] - site.opening.centre
    return np.asarray(edge + (HALF_THICKNESS - _OVERLAP) / np.sin(half) * own)


def _bezier(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    """Cubic curves ``(across, along, 3)`` between the rows of ``a`` and ``d``."""
    t = np.linspace(0.0, 1.0, ALONG)[None, :, None]
    u = 1.0 - t
    a, b, c, d = (x[:, None] for x in (a, b, c, d))
    return np.asarray(u**3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t**3 * d)


def _thickened(grid: FloatArray) -> FloatArray:
    """Both sides of a middle surface, ``(2 across along, 3)``."""
    normal = np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1))
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
    return np.concatenate(
        [(grid + side * HALF_THICKNESS * normal).reshape(-1, 3) for side in (1.0, -1.0)]
    )


def _sheet_triangles(across: int, along: int) -> IntArray:
    """Triangles of a sheet of two grids and the rim between them."""
    index = np.arange(across * along).reshape(across, along)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    quads = np.stack([a, b, c, d], axis=-1).reshape(-1, 4)
    back = quads[:, ::-1] + index.size
    border = np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])
    following = np.roll(border, -1)
    rim = np.stack([following, border, border + index.size, following + index.size], axis=1)
    every = np.concatenate([quads, back, rim])
    return np.concatenate([every[:, [0, 1, 2]], every[:, [0, 2, 3]]])


def _outward(points: FloatArray, triangles: IntArray) -> IntArray:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    volume = float(np.einsum("ij,ij->", a - points[0], np.cross(b - points[0], c - points[0])))
    return triangles if volume > 0 else triangles[:, ::-1]


_BLOOD: dict[Valve, Shape] = {
    Valve.MITRAL: shape.left_blood,
    Valve.AORTIC: shape.left_blood,
    Valve.TRICUSPID: shape.right_blood,
    Valve.PULMONARY: shape.right_blood,
}

_GRIDS: dict[Valve, Callable[[_Site], list[Grid]]] = {
    Valve.MITRAL: _Mitral(68.0, (21.0, 13.0), 0.86, 11.0),
    Valve.AORTIC: _Semilunar(list(shape.SINUS_ANGLES.values()), 15.0, 8.5, 2.0, 10.4),
    Valve.TRICUSPID: _Tricuspid((25.0, 150.0, -95.0), (19.0, 15.0, 14.0), 0.9),
    Valve.PULMONARY: _Semilunar(list(shape.PULMONARY_SINUS_ANGLES.values()), 13.5, 8.0, 2.0, 10.6),
}
