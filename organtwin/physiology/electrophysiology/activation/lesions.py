"""Ablated muscle: balls and lines in which nothing conducts, neither muscle nor cables there.

A lesion turns the elements whose middle lies in it into scar, so it is as sharp as the mesh:
1.5 mm on the template. How a lesion grows with power and time is not modelled; its radius is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.physiology.electrophysiology.activation.tissue import Health
from organtwin.physiology.electrophysiology.activation.zones import N_SEGMENTS, N_ZONES
from organtwin.physiology.electrophysiology.eikonal import Eikonal, Speeds
from organtwin.units import MM


@dataclass(frozen=True, slots=True)
class Lesion:
    """A ball of dead muscle around ``place`` ``(x, y, z)`` [m]; ``radius`` [m]."""

    place: tuple[float, float, float]
    radius: float

    def holds(self, places: FloatArray) -> BoolArray:
        """Which of ``places`` ``(n, 3)`` [m] lie in it."""
        return np.asarray(((places - np.array(self.place)) ** 2).sum(axis=1) < self.radius**2)


@dataclass(frozen=True, eq=False, slots=True)
class LineLesion:
    """A strip of dead muscle under ``path`` ``(k, 3)`` [m] on a surface.

    ``inward`` ``(k, 3)`` unit, into the wall; ``depths`` ``(k,)`` [m]; ``radius`` [m] is half the
    width, and holds around the path itself too.
    """

    path: FloatArray
    inward: FloatArray
    depths: FloatArray
    radius: float

    def holds(self, places: FloatArray) -> BoolArray:
        """Which of ``places`` ``(n, 3)`` [m] lie in it."""
        reach = float(np.hypot(self.depths.max(), self.radius))
        gap, nearest = cKDTree(self.path).query(places, distance_upper_bound=reach)
        held = gap < self.radius
        near = np.flatnonzero(np.isfinite(gap) & ~held)
        own = nearest[near]
        way = places[near] - self.path[own]
        deep = np.sum(way * self.inward[own], axis=1)
        aside = np.linalg.norm(way - deep[:, None] * self.inward[own], axis=1)
        held[near] = (deep > 0.0) & (deep < self.depths[own]) & (aside < self.radius)
        return np.asarray(held)


AnyLesion = Lesion | LineLesion


def lesioned(eikonal: Eikonal, lesions: Sequence[AnyLesion]) -> Eikonal:
    """The same geometry with the elements in the lesions made scar."""
    if not lesions:
        return eikonal
    medium, geometry = eikonal.medium, eikonal.geometry
    within = _inside(medium.places[medium.tets].mean(axis=1), lesions)
    own = _inside(MM * geometry.places[geometry.tets].mean(axis=1), lesions)
    faces = _inside(MM * geometry.places[geometry.faces].mean(axis=1), lesions)
    layers = geometry.face_kinds - geometry.face_kinds % N_ZONES
    return replace(
        eikonal,
        medium=replace(medium, tissue_kinds=_dead(medium.tissue_kinds, within)),
        geometry=replace(
            geometry,
            tissue_kinds=_dead(geometry.tissue_kinds, own),
            face_kinds=layers + _dead(geometry.face_kinds % N_ZONES, faces),
        ),
    )


def cut_off(eikonal: Eikonal, speeds: Speeds, lesions: Sequence[AnyLesion]) -> Speeds:
    """The same speeds with the cables that run through a lesion blocked."""
    if not lesions:
        return speeds
    ends = eikonal.medium.places[eikonal.medium.cables]
    delays = speeds.delays.copy()
    delays[_inside(ends[:, 0], lesions) | _inside(ends[:, 1], lesions)] = np.inf
    return replace(speeds, delays=delays)


def _inside(places: FloatArray, lesions: Sequence[AnyLesion]) -> BoolArray:
    found = np.zeros(len(places), np.bool_)
    for lesion in lesions:
        found |= lesion.holds(places)
    return found


def _dead(zones: IntArray, dead: BoolArray) -> IntArray:
    """Zones ``(n,)`` with those of the dead elements turned into scar of the same segment."""
    return np.where(dead, Health.SCAR * N_SEGMENTS + zones % N_SEGMENTS, zones).astype(np.int32)
