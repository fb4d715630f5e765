"""The colours of an anatomical plate: each part its own, softly meeting its neighbours."""

import numpy as np

from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.regions import Region
from organtwin.arrays import Float32Array, FloatArray
from organtwin.scene.fields import REGION_COLORS
from organtwin.scene.kernels import ByteArray
from organtwin.scene.occlusion import smoothed

BLENDING_PASSES = 4
"""About 4 triangle edges, 5 to 8 mm, from one part's colour to the next."""
GRAIN = 0.05
"""Relative lightness of the mottling that keeps large surfaces from looking like plastic."""


def illustration_colors(surface: Surface, light: Float32Array) -> ByteArray:
    """``(n_points, 3)`` bytes from the regions and the openness ``light`` ``(n_points,)``."""
    palette = np.zeros((max(Region) + 1, 3), dtype=np.float32)
    for region, color in REGION_COLORS.items():
        palette[region] = color
    triangles = np.ascontiguousarray(surface.triangles, dtype=np.int32)
    colors = smoothed(palette[surface.regions], triangles, BLENDING_PASSES)
    colors *= (1.0 + GRAIN * _mottling(surface.points))[:, np.newaxis]
    # Shade in tissue is red, not grey: green and blue are absorbed first.
    depth = np.clip(light, 0.0, 1.0)[:, np.newaxis] ** np.array([0.75, 1.05, 1.0])
    return np.clip(colors * (0.22 + 0.78 * depth), 0.0, 255.0).astype(np.uint8)


def _mottling(points: FloatArray) -> FloatArray:
    """``(n_points,)`` smooth noise in about -1..1, with features of 4 to 12 mm."""
    generator = np.random.default_rng(7)
    waves = generator.normal(size=(24, 3))
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    lengths = generator.uniform(4e-3, 12e-3, size=24)
    phases = generator.uniform(0.0, 2.0 * np.pi, size=24)
    angle = points @ (waves * (2.0 * np.pi / lengths)[:, np.newaxis]).T + phases
    return np.sin(angle).sum(axis=1) / np.sqrt(12.0)
