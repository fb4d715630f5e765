"""A heart of nested ellipsoids: quick to build at any size, with the contract of the real one."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from organtwin.anatomy.mesh import Anatomy, MuscleMap, Surface, Tissue
from organtwin.anatomy.regions import Cavity, Region

# Centre and semi-axes [mm], wall [mm]; x from LV to RV, y to the front, z from apex to base.
_CHAMBERS = {
    Region.LV: ((0.0, 0.0, -35.0), (33.0, 33.0, 50.0), 10.0),
    Region.RV: ((38.0, 8.0, -25.0), (30.0, 34.0, 42.0), 4.0),
    Region.LA: ((-4.0, -24.0, 30.0), (29.0, 22.0, 22.0), 3.0),
    Region.RA: ((42.0, -14.0, 28.0), (24.0, 25.0, 26.0), 3.0),
    Region.AORTA: ((14.0, 14.0, 48.0), (14.0, 14.0, 34.0), 2.0),
    Region.PULMONARY_ARTERY: ((2.0, 40.0, 40.0), (13.0, 13.0, 26.0), 2.0),
}
_CAVITY_OF = {
    Region.LV: Cavity.LV,
    Region.RV: Cavity.RV,
    Region.LA: Cavity.LA,
    Region.RA: Cavity.RA,
}


def _body_axes() -> np.ndarray:
    """Columns: the heart's x (LV to RV), y, z (apex to base) in patient axes."""
    base = -np.array([0.62, -0.55, -0.56])
    base /= np.linalg.norm(base)
    right = np.array([-0.75, -0.65, 0.0])
    right -= base * (right @ base)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(base, right), base], axis=1)


def _ellipsoid(centre, semi_axes, rings: int) -> tuple[np.ndarray, np.ndarray]:
    columns = 2 * rings
    theta = np.linspace(0.0, np.pi, rings + 1)[1:-1]
    phi = np.linspace(0.0, 2.0 * np.pi, columns, endpoint=False)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    ring = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1).reshape(-1, 3)
    unit = np.vstack([ring, [[0, 0, 1]], [[0, 0, -1]]])
    top, bottom = len(unit) - 2, len(unit) - 1
    i, j = np.meshgrid(np.arange(rings - 2), np.arange(columns), indexing="ij")
    a, b = (i * columns + j).ravel(), (i * columns + (j + 1) % columns).ravel()
    c, d = a + columns, b + columns
    first, last = np.arange(columns), (rings - 2) * columns + np.arange(columns)
    triangles = np.vstack(
        [
            np.stack([a, c, b], 1),
            np.stack([b, c, d], 1),
            np.stack([np.full(columns, top), first, np.roll(first, -1)], 1),
            np.stack([np.full(columns, bottom), np.roll(last, -1), last], 1),
        ]
    )
    return np.asarray(centre) + unit * np.asarray(semi_axes), triangles.astype(np.int32)


@lru_cache(maxsize=4)
def synthetic_anatomy(rings: int = 16) -> Anatomy:
    """Thick-walled ellipsoids; ``rings=33`` gives about 50,000 triangles."""
    axes = _body_axes()
    points, triangles, regions, cavities, offset = [], [], [], {}, 0
    for region, (centre, semi_axes, wall) in _CHAMBERS.items():
        inner = np.asarray(semi_axes) - wall
        for semi, outward in ((semi_axes, True), (inner, False)):
            p, t = _ellipsoid(centre, semi, rings)
            p = p @ axes.T * 1e-3
            if not outward and region in _CAVITY_OF:
                cavities[_CAVITY_OF[region]] = Surface(p, t, np.full(len(p), region, np.int32))
            points.append(p)
            triangles.append((t if outward else t[:, ::-1]) + offset)
            regions.append(np.full(len(p), region, np.int32))
            offset += len(p)
    surface = Surface(
        np.vstack(points), np.ascontiguousarray(np.vstack(triangles)), np.concatenate(regions)
    )
    nodes = np.vstack([np.zeros(3), np.eye(3)]) * 1e-3
    tissue = Tissue(nodes, np.array([[0, 1, 2, 3]], np.int32), np.array([Region.LV], np.int32))
    place = np.zeros((len(surface.points), 5), np.float32)
    shares = np.full_like(place, 0.2)
    return Anatomy("synthetic", tissue, surface, cavities, MuscleMap(shares, place))


def block_tissue(low, high, cells: int = 6) -> Tissue:
    """A box of tetrahedra, six to a cell (Kuhn); LV where x is below the middle, RV above."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    axis = np.arange(cells + 1)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    first = np.stack(np.meshgrid(*[axis[:-1]] * 3, indexing="ij"), -1).reshape(-1, 3)
    index = np.array([(cells + 1) ** 2, cells + 1, 1])
    tets = []
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0), (1, 0, 2)):
        corner, path = first @ index, []
        for step in order:
            path.append(corner)
            corner = corner + index[step]
        path.append(corner)
        even = order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
        tets.append(np.stack(path if even else [path[1], path[0], *path[2:]], axis=1))
    nodes = low + grid / cells * (high - low)
    tets = np.concatenate(tets).astype(np.int32)
    middle = nodes[tets].mean(axis=1)[:, 0]
    regions = np.where(middle < 0.5 * (low[0] + high[0]), Region.LV, Region.RV)
    return Tissue(nodes, tets, regions.astype(np.int32))


@lru_cache(maxsize=2)
def filled_anatomy(rings: int = 12) -> Anatomy:
    """The same heart with tissue everywhere around it."""
    hollow = synthetic_anatomy(rings)
    points = hollow.surface.points
    return replace(hollow, tissue=block_tissue(points.min(axis=0), points.max(axis=0), 10))


@dataclass(frozen=True, eq=False)
class SyntheticMotion:
    """Every point is drawn towards the heart's centre by up to ``stroke`` in mid-beat."""

    anatomy: Anatomy
    stroke: float = 0.2
    duration: float = 0.8

    def surface_points(self, phase: float, out: np.ndarray) -> None:
        rest = self.anatomy.surface.points
        centre = rest.mean(axis=0)
        squeeze = 1.0 - self.stroke * np.sin(np.pi * phase) ** 2
        out[:] = centre + (rest - centre) * squeeze

    def surface_field(self, name: str, phase: float, out: np.ndarray) -> None:
        surface = self.anatomy.surface
        height = surface.points[:, 2]
        share = (height - height.min()) / np.ptp(height)
        out[:] = {
            "activation": 0.02 + 0.08 * share,
            "strain": -self.stroke * np.sin(np.pi * phase) ** 2 * (0.5 + share),
            "voltage": np.nan * share,
            "recovery": np.nan * share,
            "duration": np.nan * share,
            "doubt": 0.01 * self.anatomy.muscle.courses[:, 0],
        }[name]
        out[surface.regions >= Region.AORTA] = np.nan


@dataclass(frozen=True, eq=False)
class SolidMotion(SyntheticMotion):
    """The same squeeze, of tissue and cavities too."""

    def tissue_nodes(self, phase: float) -> np.ndarray:
        return self._squeezed(self.anatomy.tissue.nodes, phase)

    def cavity_points(self, cavity: Cavity, phase: float) -> np.ndarray:
        return self._squeezed(self.anatomy.cavities[cavity].points, phase)

    def sac_points(self, phase: float) -> np.ndarray:
        return self._squeezed(self.anatomy.pericardium.points, phase)

    def _squeezed(self, rest: np.ndarray, phase: float) -> np.ndarray:
        centre = self.anatomy.surface.points.mean(axis=0)
        return centre + (rest - centre) * (1.0 - self.stroke * np.sin(np.pi * phase) ** 2)
