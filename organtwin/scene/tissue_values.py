"""Values inside the walls from the values on their surface.

A motion speaks of the drawn surface. A node of the tissue takes the mean of its nearest surface
points, weighted by the inverse square of their distance: endocardium on one side, epicardium on the
other, and a blend between. Fields that vary across the wall in another way need a motion that
knows them.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Anatomy, Tissue
from organtwin.anatomy.regions import Region
from organtwin.arrays import Float32Array, IntArray
from organtwin.compilation import kernel

_NEIGHBOURS = 6
_NEAREST = 0.5e-3
"""Distance [m] below which a surface point counts no more."""
_KEPT = 4


@dataclass(frozen=True, eq=False)
class Transfer:
    """``points`` and ``weights`` ``(n_nodes, k)`` of the surface points that a node looks at."""

    points: IntArray
    weights: Float32Array

    def to_nodes(self, surface_values: Float32Array, out: Float32Array) -> None:
        """Fill ``out`` ``(n_nodes,)``; NaN where none of the points has a value."""
        gather(surface_values, self.points, self.weights, out)


_finished: list[tuple[Anatomy, Transfer]] = []


def transfer(anatomy: Anatomy) -> Transfer:
    """The transfer of a heart, made once per topology."""
    for known, done in _finished:
        if all(
            _same(one, other) for one, other in zip(_parts(known), _parts(anatomy), strict=True)
        ):
            return done
    made = _made(anatomy)
    _finished.append((anatomy, made))
    del _finished[:-_KEPT]
    return made


def node_regions(tissue: Tissue) -> IntArray:
    """``(n_nodes,)`` one region per node: that of the last of its elements."""
    regions = np.zeros(len(tissue.nodes), dtype=np.int32)
    regions[tissue.tets.ravel()] = np.repeat(tissue.regions, 4)
    return regions


def _parts(anatomy: Anatomy) -> tuple[IntArray, ...]:
    surface, tissue = anatomy.surface, anatomy.tissue
    return surface.triangles, surface.regions, tissue.tets, tissue.regions


def _same(one: IntArray, other: IntArray) -> bool:
    return one is other or np.array_equal(one, other)


def _made(anatomy: Anatomy) -> Transfer:
    surface = anatomy.surface
    muscle = surface.regions <= Region.RA
    own = np.flatnonzero(muscle) if muscle.any() else np.arange(len(surface.points))
    count = min(_NEIGHBOURS, len(own))
    distance, nearest = cKDTree(surface.points[own]).query(anatomy.tissue.nodes, k=count)
    distance, nearest = distance.reshape(-1, count), nearest.reshape(-1, count)
    weights = 1.0 / np.maximum(distance, _NEAREST) ** 2
    weights[node_regions(anatomy.tissue) > Region.RA] = 0.0
    return Transfer(own[nearest].astype(np.int32), weights.astype(np.float32))


@kernel
def gather(
    values: Float32Array, points: IntArray, weights: Float32Array, out: Float32Array
) -> None:
    """Weighted means of ``values`` that are not NaN."""
    for i in range(points.shape[0]):
        total = weighted = np.float32(0.0)
        for k in range(points.shape[1]):
            value = values[points[i, k]]
            if not math.isnan(value):
                total += weights[i, k]
                weighted += weights[i, k] * value
        out[i] = weighted / total if total > 0.0 else np.float32(np.nan)
