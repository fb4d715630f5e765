"""What is painted onto a heart once: the light in its folds and its colours as a plate shows them.

It takes some tenths of a second, so hearts that share their triangles share one painting: a
patient's heart is the template in another size, and its folds lie in the same places.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.mesh import Anatomy, Surface
from organtwin.anatomy.regions import Region
from organtwin.arrays import Float32Array, IntArray
from organtwin.scene.illustration import illustration_colors
from organtwin.scene.kernels import ByteArray
from organtwin.scene.occlusion import openness

_KEPT = 4


@dataclass(frozen=True, eq=False)
class Painting:
    """Light and colours of one topology.

    ``walls`` are the triangles without coronary vessels, which, half sunk in the wall, would show
    through a cut; ``light`` is ``(n_points,)``, 0 to 1, ``colors`` ``(n_points, 3)``.
    """

    walls: IntArray
    light: Float32Array
    colors: ByteArray


_finished: list[tuple[Surface, Painting]] = []


def painting(anatomy: Anatomy) -> Painting:
    """The painting of a heart, made once per topology; safe to call from any thread."""
    surface = anatomy.surface
    for known, done in _finished:
        if _same(known.triangles, surface.triangles) and _same(known.regions, surface.regions):
            return done
    made = _painted(anatomy)
    _finished.append((surface, made))
    del _finished[:-_KEPT]
    return made


def _same(one: IntArray, other: IntArray) -> bool:
    return one is other or np.array_equal(one, other)


def _painted(anatomy: Anatomy) -> Painting:
    surface = anatomy.surface
    corners = surface.regions[surface.triangles]
    tubes = np.isin(corners, (Region.CORONARY_ARTERY, Region.CORONARY_VEIN)).any(axis=1)
    walls = np.ascontiguousarray(surface.triangles[~tubes], dtype=np.int32)
    # thin vessels would cast shadows as broad as a voxel
    light = openness(Surface(surface.points, walls, surface.regions))
    return Painting(walls, light, illustration_colors(anatomy, light))
