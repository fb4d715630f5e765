"""Where the valves of any heart sit and how wide they are, told by its blood and its vessels.

An atrioventricular valve lies where the blood of ventricle and atrium meet. A semilunar one hangs
on the attachments of its cusps; in a heart built of a label image, which has no leaflets, it lies
where the blood of a ventricle comes nearest to the vessel that leaves it. What a heart does not
have, such as a great vessel outside of the image, has no site.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.arrays import FloatArray, IntArray

RING_POINTS = 24
"""Directions in which the width of an opening is taken."""
REACH, CORE = 6e-3, 3e-3
"""Blood of two rooms this close [m] belongs to the opening between them, and within ``CORE`` tells
its plane: at the template's tricuspid valve, walls of RV and RA also come within 6 mm, not 3."""
THICKEST = 5e-3
"""How far from its plane [m] an opening may bend."""
WIDER = 1.2
"""By how much the blood that tells the plane may fall short of the ring."""
ATTACHED = 0.2
"""A point of a cusp that moves less than this share of the farthest hangs on the wall."""
FEWEST = 12
"""Points of blood without which no opening is told."""

_ATRIAL = {Valve.MITRAL: (Cavity.LV, Cavity.LA), Valve.TRICUSPID: (Cavity.RV, Cavity.RA)}
_ARTERIAL = {
    Valve.AORTIC: (Cavity.LV, Region.AORTA),
    Valve.PULMONARY: (Cavity.RV, Region.PULMONARY_ARTERY),
}


@dataclass(frozen=True, eq=False)
class ValveSite:
    """One valve's ring.

    ``centre`` ``(3,)`` [m]; ``outward`` ``(3,)`` unit vector in the direction that blood leaves a
    ventricle, or away from it into the atrium; ``diameter`` [m] of the circle with the same area;
    ``ring`` ``(RING_POINTS, 3)`` [m], in turn around ``outward``.
    """

    valve: Valve
    centre: FloatArray
    outward: FloatArray
    diameter: float
    ring: FloatArray

    def axes(self) -> FloatArray:
        """Rows: two directions in the plane of the ring, and ``outward``."""
        first = self.ring[0] - self.centre
        first = first - (first @ self.outward) * self.outward
        first = first / np.linalg.norm(first)
        return np.stack([first, np.cross(self.outward, first), self.outward])


def valve_sites(anatomy: Anatomy) -> Mapping[Valve, ValveSite]:
    """The rings that this heart shows, in the order of ``Valve``."""
    found = {}
    for valve in Valve:
        rim = _rim(anatomy, valve)
        if len(rim) >= FEWEST:
            found[valve] = _site(valve, rim, _ventricle(anatomy, valve))
    return MappingProxyType(found)


def _ventricle(anatomy: Anatomy, valve: Valve) -> FloatArray:
    cavity = _ATRIAL[valve][0] if valve in _ATRIAL else _ARTERIAL[valve][0]
    return np.asarray(anatomy.cavities[cavity].points.mean(axis=0))


def _rim(anatomy: Anatomy, valve: Valve) -> FloatArray:
    """Points ``(n, 3)`` at the opening, as far out as it reaches."""
    needed = _ATRIAL[valve] if valve in _ATRIAL else _ARTERIAL[valve][:1]
    if not all(cavity in anatomy.cavities for cavity in needed):
        return np.empty((0, 3))
    if valve in _ATRIAL:
        one, other = (anatomy.cavities[cavity].points for cavity in _ATRIAL[valve])
        return _flat(_near(one, other, REACH), _near(one, other, CORE))
    cavity, region = _ARTERIAL[valve]
    surface = anatomy.surface
    if valve in anatomy.leaflets:
        leaflets = anatomy.leaflets[valve]
        moved = np.linalg.norm(leaflets.opening, axis=1)
        hung = surface.points[leaflets.points[moved < ATTACHED * moved.max()]]
        return _lowest(hung, _ventricle(anatomy, valve))
    vessel = surface.points[surface.regions == region]
    return _near(anatomy.cavities[cavity].points, vessel, REACH)


def _near(points: FloatArray, others: FloatArray, reach: float) -> FloatArray:
    from scipy.spatial import cKDTree  # not at start: the window opens without SciPy

    if not len(others):
        return np.empty((0, 3))
    distance, _ = cKDTree(others).query(points, distance_upper_bound=reach)
    return np.asarray(points[np.isfinite(distance)])


def _flat(wide: FloatArray, core: FloatArray) -> FloatArray:
    """Those of ``wide`` that lie in the plane of ``core``; all, where that is too small."""
    if len(core) < FEWEST:
        return wide
    centre, directions = _plane(core)
    reach = WIDER * np.linalg.norm(core - centre, axis=1).max()
    kept = np.abs((wide - centre) @ directions[2]) < THICKEST
    return np.asarray(wide[kept & (np.linalg.norm(wide - centre, axis=1) < reach)])


def _lowest(hung: FloatArray, ventricle: FloatArray) -> FloatArray:
    """The attachments of cusps laid into the plane of their lowest points: the basal ring."""
    centre, directions = _plane(hung)
    outward = directions[2] * np.sign(directions[2] @ (centre - ventricle))
    height = (hung - centre) @ outward
    low = np.quantile(height, 0.1)
    return np.asarray(hung - (height - low)[:, None] * outward)


def _plane(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre = points.mean(axis=0)
    _, _, directions = np.linalg.svd(points - centre, full_matrices=False)
    return centre, directions


def _site(valve: Valve, rim: FloatArray, ventricle: FloatArray) -> ValveSite:
    centre, directions = _plane(rim)
    outward = directions[2]
    if outward @ (centre - ventricle) < 0.0:
        outward = -outward
    first, second = directions[0], np.cross(outward, directions[0])
    flat = np.stack([(rim - centre) @ first, (rim - centre) @ second], axis=1)
    middle = 0.5 * (flat.min(axis=0) + flat.max(axis=0))
    radii = _radii(flat - middle)
    centre = centre + middle @ np.stack([first, second])
    turn = 2.0 * np.pi * np.arange(RING_POINTS) / RING_POINTS
    spokes = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    area = 0.5 * np.sin(2.0 * np.pi / RING_POINTS) * float((radii * np.roll(radii, -1)).sum())
    return ValveSite(
        valve, centre, outward, 2.0 * np.sqrt(area / np.pi), centre + radii[:, None] * spokes
    )


def _radii(flat: FloatArray) -> FloatArray:
    """How far the points ``(n, 2)`` reach in each direction, gaps filled from their neighbours."""
    share = np.arctan2(flat[:, 1], flat[:, 0]) / (2.0 * np.pi) * RING_POINTS
    sector: IntArray = np.round(share).astype(np.int32) % RING_POINTS
    reach = np.linalg.norm(flat, axis=1)
    radii = np.zeros(RING_POINTS)
    np.maximum.at(radii, sector, reach)
    known = np.flatnonzero(radii)
    return np.interp(np.arange(RING_POINTS), known, radii[known], period=RING_POINTS)
