"""Places in a heart by which devices find their way: apices, mouths of vessels, the aorta's course.

All are read from blood, regions and valve rings, so they are found in any heart that shows them;
what it does not show is ``None``. Lengths in metres, axes as in ``Anatomy``.
"""

from functools import cached_property
from itertools import pairwise

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.anatomy.valve_sites import valve_sites
from organtwin.arrays import FloatArray, IntArray

SLICE = 3e-3
"""Half the thickness of the slices whose middles are a vessel's course."""
LUMEN = 24e-3
"""How far from its wall the other side of a great vessel may lie."""
CONE = 0.97
"""Cosine of the angle around a direction within which the outside of the heart counts."""
RAY = 4e-3
"""Half the width of the ray [m] along which the outside of the LV is looked for."""
VEIN_GAP = 5e-3
"""Veins whose walls come this near to each other are taken to join [m]."""
BESIDE = 25e-3
"""How far beside its valve the aorta counts as descending."""
_USUAL_APEX = np.array([0.6, -0.5, -0.6])
"""Where apices lie, if no valve is known from which they are the far end."""
_DOORS = {Cavity.LV: (Valve.MITRAL, Valve.AORTIC), Cavity.RV: (Valve.TRICUSPID, Valve.PULMONARY)}
_MUSCLE = (Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA)


class HeartPlaces:
    """What devices are placed by, of one heart at rest."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self.valves = valve_sites(anatomy)
        surface = anatomy.surface
        muscle = np.isin(surface.regions, [int(region) for region in _MUSCLE])
        self._outside = surface.points[muscle] if muscle.any() else surface.points
        self.middle = 0.5 * (self._outside.min(axis=0) + self._outside.max(axis=0))

    def blood(self, cavity: Cavity) -> FloatArray | None:
        """Middle of a chamber."""
        own = self.anatomy.cavities.get(cavity)
        return None if own is None else np.asarray(own.points.mean(axis=0))

    def apex(self, cavity: Cavity) -> FloatArray | None:
        """The end of a ventricle's blood that is farthest from its valves."""
        own = self.anatomy.cavities.get(cavity)
        if own is None:
            return None
        doors = _DOORS[cavity]
        known = [self.valves[valve].centre for valve in doors if valve in self.valves]
        if known:
            away = np.min([np.linalg.norm(own.points - door, axis=1) for door in known], axis=0)
        else:
            away = own.points @ _USUAL_APEX
        middle, tip = own.points.mean(axis=0), own.points[int(np.argmax(away))]
        return np.asarray(middle + 0.97 * (tip - middle))

    @cached_property
    def left_axis(self) -> FloatArray | None:
        """Rows: the middle of the mitral ring [m], and the unit vector to the LV's apex."""
        apex, site = self.apex(Cavity.LV), self.valves.get(Valve.MITRAL)
        if apex is None or site is None:
            return None
        along = apex - site.centre
        return np.stack([site.centre, along / np.linalg.norm(along)])

    def beside_left(self, place: FloatArray, clearance: float) -> FloatArray | None:
        """The place on the outside of the LV, as seen from its axis in the direction of another."""
        axis = self.left_axis
        if axis is None:
            return None
        foot = axis[0] + ((place - axis[0]) @ axis[1]) * axis[1]
        ray = (place - foot) / np.linalg.norm(place - foot)
        surface = self.anatomy.surface
        wall = surface.points[surface.regions == Region.LV] - foot
        reach = wall @ ray
        near = np.linalg.norm(wall - reach[:, None] * ray, axis=1) < RAY
        near &= reach > 0.0
        return foot + (float(reach[near].max()) + clearance) * ray if near.any() else None

    def out(self, direction: FloatArray, clearance: float) -> FloatArray:
        """The place outside of the heart in a direction from its middle."""
        direction = direction / np.linalg.norm(direction)
        away = self._outside - self.middle
        reach = np.linalg.norm(away, axis=1)
        within = away @ direction > CONE * reach
        far = float((away[within] @ direction).max()) if within.any() else float(reach.max())
        return np.asarray(self.middle + (far + clearance) * direction)

    def around(self, stations: list[FloatArray], clearance: float, count: int = 16) -> FloatArray:
        """A way ``(n, 3)`` along the outside through places, ``clearance`` off the muscle."""
        way = []
        for start, end in pairwise(stations):
            a, b = start - self.middle, end - self.middle
            for share in np.linspace(0.0, 1.0, count, endpoint=False):
                direction = (1 - share) * a / np.linalg.norm(a) + share * b / np.linalg.norm(b)
                way.append(self.out(direction, clearance))
        return np.array([*way, self.out(stations[-1] - self.middle, clearance)])

    @cached_property
    def aorta(self) -> FloatArray | None:
        """The middle of the aorta ``(n, 3)`` from its valve on, as far as this heart shows it."""
        return self._course(Region.AORTA, Valve.AORTIC)

    @cached_property
    def aortic_lumen(self) -> FloatArray | None:
        """The aorta's middle and how far its wall leaves room, ``(n, 4)`` [m], as ``aorta``."""
        course, surface = self.aorta, self.anatomy.surface
        if course is None:
            return None
        wall = surface.points[surface.regions == Region.AORTA]
        room = []
        for place, along in zip(course, np.gradient(course, axis=0), strict=True):
            off = wall - place
            up = off @ along / np.linalg.norm(along)
            beside = np.sqrt(np.maximum((off * off).sum(axis=1) - up * up, 0.0))
            near = (np.abs(up) < SLICE) & (beside < LUMEN)
            room.append(np.quantile(beside[near], 0.1) if near.any() else LUMEN)
        return np.column_stack([course, room])

    @cached_property
    def pulmonary_artery(self) -> FloatArray | None:
        """The middle of the pulmonary trunk ``(n, 3)`` and of a branch, from the valve on."""
        return self._course(Region.PULMONARY_ARTERY, Valve.PULMONARY)

    def by_coronary_veins(self, site: FloatArray) -> FloatArray | None:
        """The way ``(n, 3)`` through the coronary sinus and its veins to where they pass a site.

        It begins at the mouth in the right atrium, and ends where least is left to go, above all
        across the axis of the LV; None where this heart shows no such veins.
        """
        surface, atrium, axis = self.anatomy.surface, self.blood(Cavity.RA), self.left_axis
        veins = surface.points[surface.regions == Region.CORONARY_VEIN]
        if len(veins) < 50 or atrium is None or axis is None:
            return None
        off = site - veins
        along = off @ axis[1]
        across = np.linalg.norm(off - along[:, None] * axis[1], axis=1)
        rest = across + 0.3 * np.abs(along)
        path = veins[_stepping(veins, np.linalg.norm(veins - atrium, axis=1), rest)]
        middles = [veins[np.linalg.norm(veins - at, axis=1) < VEIN_GAP].mean(axis=0) for at in path]
        return _smooth(np.array(middles), 4)[::3]

    @cached_property
    def upper_vein(self) -> FloatArray | None:
        """Where the superior caval vein ends upwards."""
        return self._mouth(+1.0)

    @cached_property
    def lower_vein(self) -> FloatArray | None:
        """Where the inferior caval vein ends downwards."""
        return self._mouth(-1.0)

    def _mouth(self, side: float) -> FloatArray | None:
        surface = self.anatomy.surface
        veins = surface.points[surface.regions == Region.SYSTEMIC_VEIN]
        atrium = self.blood(Cavity.RA)
        if not len(veins) or atrium is None:
            return None
        height = side * veins[:, 2]
        if height.max() < side * atrium[2] + 0.01:
            return None
        return np.asarray(veins[height > height.max() - 4e-3].mean(axis=0))

    def _course(self, region: Region, valve: Valve) -> FloatArray | None:
        surface, site = self.anatomy.surface, self.valves.get(valve)
        own = np.flatnonzero(surface.regions == region).astype(np.int32)
        if site is None or len(own) < 50:
            return None
        points = surface.points[own]
        path = points[_way(surface.triangles, own, points, site.centre)]
        steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        even = np.arange(0.0, steps[-1], 6e-3)
        path = _smooth(np.column_stack([np.interp(even, steps, path[:, i]) for i in range(3)]), 2)
        middles = []
        for place, along in zip(path, np.gradient(path, axis=0), strict=True):
            away = points - place
            near = np.abs(away @ along) < SLICE * np.linalg.norm(along)
            near &= np.linalg.norm(away, axis=1) < 1.4 * LUMEN
            ring = points[near]
            middles.append(0.5 * (ring.min(axis=0) + ring.max(axis=0)) if near.any() else place)
        return _smooth(np.array([site.centre, *middles[1:]]), 3)


def _far_end(points: FloatArray, reached: FloatArray, start: FloatArray) -> int:
    """The lowest point of what runs down behind and beside the start; else the farthest one."""
    beside = np.linalg.norm(points[:, :2] - start[:2], axis=1) > BESIDE
    falling = reached & beside & (points[:, 1] > start[1] + BESIDE)
    if falling.any() and points[falling, 2].min() < points[reached, 2].max() - BESIDE:
        return int(np.argmin(np.where(falling, points[:, 2], np.inf)))
    away = np.linalg.norm(points - start, axis=1)
    return int(np.argmax(np.where(reached, away, -1.0)))


def _way(triangles: IntArray, own: IntArray, points: FloatArray, start: FloatArray) -> IntArray:
    """Points in turn from the one nearest to ``start`` to the far end along the surface."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    local = np.full(int(triangles.max()) + 1, -1)
    local[own] = np.arange(len(own))
    inside = local[triangles]
    inside = inside[(inside >= 0).all(axis=1)]
    a, b = inside.ravel(), np.roll(inside, -1, axis=1).ravel()
    length = np.linalg.norm(points[a] - points[b], axis=1) + 1e-9
    graph = coo_array((length, (a, b)), shape=(len(own),) * 2).tocsr()
    first = int(np.argmin(np.linalg.norm(points - start, axis=1)))
    away, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    return _back(before, _far_end(points, np.isfinite(away), start))


def _stepping(points: FloatArray, start: FloatArray, end: FloatArray) -> IntArray:
    """Points in turn, of the largest connected part, from the least ``start`` to the least ``end``.

    Both are ``(n,)``, a number for each point.
    """
    from scipy.sparse.csgraph import connected_components, dijkstra
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    graph = tree.sparse_distance_matrix(tree, VEIN_GAP).tocsr()
    _, parts = connected_components(graph, directed=False)
    own = parts == np.bincount(parts).argmax()
    first, last = (int(np.argmin(np.where(own, far, np.inf))) for far in (start, end))
    _, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    return _back(before, last)


def _back(before: IntArray, place: int) -> IntArray:
    """The way from the start to a place, given which comes before each."""
    way = [place]
    while before[place] >= 0:
        place = int(before[place])
        way.append(place)
    return np.array(way[::-1])


def _smooth(line: FloatArray, passes: int) -> FloatArray:
    line = line.copy()
    for _ in range(passes):
        line[1:-1] = 0.25 * line[:-2] + 0.5 * line[1:-1] + 0.25 * line[2:]
    return line
