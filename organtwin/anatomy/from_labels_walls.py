"""The walls of a labelled heart as one level function.

With the distances O to the outside, L and R to the blood of the left and right heart (each negative
inside) and the least wall w, the blood draws back where a wall would be thinner than w:

    L' = max(L, O + w, w - R),  R' = max(R, O + w, w - L),  wall = max(O, -min(L', R'), cut),

where cut is the distance past the planes at which the image or a cut base ends the heart. Blood
without labelled muscle gets a wall grown outwards: O is lowered to its distance less a thickness.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind, label_finding
from organtwin.anatomy.implicit import Shape
from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.voxels import (
    BACKGROUND,
    GROUPS,
    LA,
    LEFT,
    LEFT_VESSELS,
    LV,
    RA,
    RIGHT,
    RIGHT_VESSELS,
    RV,
    Grid,
    Partition,
)
from organtwin.anatomy.voxels_checks import VESSELS
from organtwin.anatomy.voxels_fields import ByteArray, sample, spread_owners
from organtwin.anatomy.voxels_openings import MUSCLE_OF, Cuts
from organtwin.arrays import BoolArray, Float32Array, FloatArray, IntArray, RealArray
from organtwin.compilation import kernel

GROWN_WALL = {
    Structure.LV_BLOOD: 9.0e-3,
    Structure.RV_BLOOD: 3.5e-3,
    Structure.LA_BLOOD: 2.5e-3,
    Structure.RA_BLOOD: 2.5e-3,
}
"""Walls of blood without labelled muscle [m]: LV 6 to 10 mm and RV below 5 mm (Lang et al. 2015),
atria 2 to 3 mm (Whitaker et al. 2016)."""

VESSEL_WALL = 2.0e-3
HOLE_WALL = 2.5e-3
"""A hole in a labelled wall is closed by this much [m]."""

REACH = 30e-3
"""Distances are kept up to here [m]; septa are thinner, also in hypertrophy."""

GROUP_OF = {
    Structure.LV_BLOOD: LV,
    Structure.RV_BLOOD: RV,
    Structure.LA_BLOOD: LA,
    Structure.RA_BLOOD: RA,
}
CAVITY_OF = {
    Structure.LV_BLOOD: Cavity.LV,
    Structure.RV_BLOOD: Cavity.RV,
    Structure.LA_BLOOD: Cavity.LA,
    Structure.RA_BLOOD: Cavity.RA,
}
_REGION_OF = {
    Structure.LV_MUSCLE: Region.LV,
    Structure.RV_MUSCLE: Region.RV,
    Structure.LA_MUSCLE: Region.LA,
    Structure.RA_MUSCLE: Region.RA,
    Structure.LV_BLOOD: Region.LV,
    Structure.RV_BLOOD: Region.RV,
    Structure.LA_BLOOD: Region.LA,
    Structure.RA_BLOOD: Region.RA,
    Structure.AORTA: Region.AORTA,
    Structure.PULMONARY_ARTERY: Region.PULMONARY_ARTERY,
    Structure.SYSTEMIC_VEIN: Region.SYSTEMIC_VEIN,
    Structure.PULMONARY_VEIN: Region.PULMONARY_VEIN,
}
_NOBODY = 255
_SEPTUM_SPREAD = 1.6
"""The septum ends where left and right blood lie this many times its usual thickness apart."""


@dataclass(frozen=True, eq=False)
class Walls:
    """Distances [m] on a grid: ``outside``, ``left`` and ``right`` blood; owner of each voxel."""

    grid: Grid
    outside: Float32Array
    left: Float32Array
    right: Float32Array
    owners: ByteArray
    septum: float
    cuts: Cuts

    def level(self, least_wall: float) -> Shape:
        """The walls' level function in the grid's frame: origin 0, grid axes, metres."""
        return ended(
            lambda points: self._levels(points, least_wall).max(axis=1), self.grid, self.cuts
        )

    def sides(self, least_wall: float) -> tuple[Shape, ...]:
        """Levels of the outside and both blood sides, not cut."""
        return tuple(self._side(number, least_wall) for number in range(3))

    def _side(self, number: int, least_wall: float) -> Shape:
        return lambda points: self._levels(points, least_wall)[:, number]

    def _levels(self, points: FloatArray, least_wall: float) -> FloatArray:
        fields = self.outside, self.left, self.right
        return _wall_levels(np.ascontiguousarray(points), self.grid.spacing, *fields, least_wall)

    def regions(self, points: FloatArray) -> IntArray:
        """Values of Region ``(n,)`` at points in patient axes."""
        index = np.rint(self.grid.indices(points)).astype(int)
        index = np.clip(index, 0, np.array(self.grid.shape) - 1)
        region = self.owners[tuple(index.T)].astype(np.int32)
        septal = (region == Region.LV) & self.is_septal(points)
        region[septal] = Region.SEPTUM
        return np.asarray(region, np.int32)

    def is_septal(self, points: FloatArray) -> BoolArray:
        """Whether points ``(n,)`` lie between left and right blood."""
        left, right, outside = (
            self.grid.values(field, points) for field in (self.left, self.right, self.outside)
        )
        return self.between_bloods(left, right, outside)

    def between_bloods(self, left: RealArray, right: RealArray, outside: RealArray) -> BoolArray:
        """Nearer to the right blood than to the outside, and no thicker than a septum."""
        return np.asarray((right < -outside) & (left + right < _SEPTUM_SPREAD * self.septum))


def labelled_groups(found: Partition) -> list[int]:
    """All groups that any voxel belongs to, but the background."""
    return [g for g in range(len(GROUPS)) if g != BACKGROUND and found.holds(g)]


def ended(shape: Shape, grid: Grid, cuts: Cuts) -> Shape:
    """A shape of the grid's frame, ended at the cuts."""
    cut = cut_shape(grid, cuts)
    return shape if cut is None else lambda points: np.maximum(shape(points), cut(points))


def cut_shape(grid: Grid, cuts: Cuts) -> Shape | None:
    """The cuts as a level function of the grid's frame; None where there are none."""
    planes = [
        np.ascontiguousarray(a)
        for a in (
            (cuts.base_centres - grid.origin) @ grid.axes,
            cuts.base_normals @ grid.axes,
            (cuts.edge_centres - grid.origin) @ grid.axes,
            cuts.edge_normals @ grid.axes,
        )
    ]
    return (lambda points: cut_depth(np.ascontiguousarray(points), *planes)) if cuts.any else None


def grown_walls(
    found: Partition, cuts: Cuts, holed: frozenset[Structure]
) -> Generator[None, None, tuple[Walls, Findings]]:
    """All walls of a heart, and which of them had to be grown, distance by distance."""
    thickness, findings = _to_grow(found, holed)
    outside = found.distance(labelled_groups(found), REACH)
    yield
    for wall in sorted(set(thickness.values())):
        own = found.distance([g for g, t in thickness.items() if t == wall], REACH)
        np.minimum(outside, own - np.float32(wall), out=outside)
        yield
    left = found.distance([g for g in LEFT if found.holds(g)], REACH)
    yield
    right = found.distance([g for g in RIGHT if found.holds(g)], REACH)
    yield
    owners = _owners(found)
    septum = _septum(found, left, right)
    return Walls(found.grid, outside, left, right, owners, septum, cuts), findings


def _to_grow(found: Partition, holed: frozenset[Structure]) -> tuple[dict[int, float], Findings]:
    """Wall thickness to be grown around each group of blood, and what there is to tell."""
    present = np.bincount(found.labels.ravel(), minlength=len(Structure))
    thickness, findings = {}, []
    for blood, group in GROUP_OF.items():
        if present[blood] and not present[MUSCLE_OF[blood]]:
            thickness[group] = GROWN_WALL[blood]
            findings.append(_grown(blood, MUSCLE_OF[blood].name, GROWN_WALL[blood]))
        elif present[blood] and blood in holed:
            thickness[group] = HOLE_WALL
    for group in (LEFT_VESSELS, RIGHT_VESSELS):
        if any(present[vessel] for vessel in GROUPS[group]):
            thickness[group] = VESSEL_WALL
    if any(present[vessel] for vessel in VESSELS):
        findings.append(_grown(None, "a vessel wall", VESSEL_WALL))
    return thickness, tuple(findings)


def _grown(blood: Structure | None, missing: str, wall: float) -> GeometryFinding:
    return label_finding(
        blood,
        f"{missing} is not labelled; a wall of {wall * 1e3:g} mm was grown around the blood",
        None,
        GeometryFindingKind.REPAIRED,
        "Label the wall where its true thickness matters.",
    )


def _owners(found: Partition) -> ByteArray:
    """Region of the nearest wall for every voxel."""
    present = np.bincount(found.labels.ravel(), minlength=len(Structure))
    region = np.full(256, _NOBODY, np.uint8)
    for structure, value in _REGION_OF.items():
        if structure not in MUSCLE_OF or not present[MUSCLE_OF[structure]]:
            region[structure] = value
    owners = np.asarray(region[found.labels], np.uint8)
    spread_owners(owners, _NOBODY)
    return owners


def _septum(found: Partition, left: Float32Array, right: Float32Array) -> float:
    """Usual thickness [m] of what is labelled between left and right blood; 0 without a right."""
    between = (found.labels == Structure.LV_MUSCLE) & (right < 0.9 * REACH) & (left < 0.9 * REACH)
    if not between.any():
        return 0.0
    return float(np.quantile((left + right)[between], 0.2))


@kernel
def _wall_levels(
    points: FloatArray,
    spacing: float,
    outside: Float32Array,
    left: Float32Array,
    right: Float32Array,
    least_wall: float,
) -> FloatArray:
    """O, -L' and -R' ``(n, 3)`` of the module's formula."""
    levels = np.empty((len(points), 3))
    for n in range(len(points)):
        x, y, z = points[n, 0] / spacing, points[n, 1] / spacing, points[n, 2] / spacing
        out = sample(outside, x, y, z)
        low, high = sample(left, x, y, z), sample(right, x, y, z)
        levels[n, 0] = out
        levels[n, 1] = -max(low, out + least_wall, least_wall - high)
        levels[n, 2] = -max(high, out + least_wall, least_wall - low)
    return levels


@kernel
def cut_depth(
    points: FloatArray,
    base_centres: FloatArray,
    base_normals: FloatArray,
    edge_centres: FloatArray,
    edge_normals: FloatArray,
) -> FloatArray:
    """Depth ``(n,)`` past the nearest base plane and every edge plane; far before them: -1 m."""
    depth = np.full(len(points), -1.0)
    for n in range(len(points)):
        nearest = np.inf
        for c in range(len(base_centres)):
            gap = past = 0.0
            for axis in range(3):
                off = points[n, axis] - base_centres[c, axis]
                gap += off * off
                past += off * base_normals[c, axis]
            if gap < nearest:
                nearest, depth[n] = gap, past
        for c in range(len(edge_centres)):
            past = 0.0
            for axis in range(3):
                past += (points[n, axis] - edge_centres[c, axis]) * edge_normals[c, axis]
            depth[n] = max(depth[n], past)
    return depth
