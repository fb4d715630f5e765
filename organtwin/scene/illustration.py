"""The colours of an anatomical plate: each part its own, fat in the grooves, light in the folds.

The fat is drawn where textbooks have it, between atria and ventricles and over the septum; it
helps to find one's way and says nothing about the patient.
"""

import numpy as np

from organtwin.anatomy.mesh import Anatomy, Surface
from organtwin.anatomy.regions import Region
from organtwin.arrays import BoolArray, Float32Array, FloatArray, IntArray
from organtwin.scene.edges import shared_edges
from organtwin.scene.fields import FAT_COLOR, REGION_COLORS
from organtwin.scene.kernels import ByteArray, search_nearest, vertex_normals
from organtwin.scene.occlusion import smoothed

BLENDING_PASSES = 3
"""About 3 triangle edges, 8 mm, from one part's colour to the next."""
FAT_WIDTH = 4.6e-3
"""Half the width [m] of the fat over an open groove; a deep one holds more."""
GRAIN = 0.025
"""Relative lightness of the mottling that keeps large surfaces from looking like plastic."""


def illustration_colors(anatomy: Anatomy, light: Float32Array) -> ByteArray:
    """``(n_points, 3)`` bytes from parts, grooves and the openness ``light`` ``(n_points,)``."""
    surface = anatomy.surface
    palette = np.zeros((max(Region) + 1, 3), dtype=np.float32)
    for region, color in REGION_COLORS.items():
        palette[region] = color
    triangles = np.ascontiguousarray(surface.triangles, dtype=np.int32)
    colors: FloatArray = smoothed(palette[surface.regions], triangles, BLENDING_PASSES).astype(
        np.float64
    )
    grain = _mottling(surface.points)
    fat = smoothed(_fat(anatomy, light, grain)[:, np.newaxis], triangles, 1)
    colors = colors * (1.0 + GRAIN * grain)[:, np.newaxis]
    colors = colors * (1.0 - fat) + np.array(FAT_COLOR) * fat
    # Shade in tissue is red, not grey: green and blue are absorbed first.
    # Fat fills its groove, so it lies less deep than the muscle under it.
    filled = np.clip(light[:, np.newaxis] * (1.0 - 0.6 * fat) + 0.6 * fat, 0.0, 1.0)
    depth = filled ** np.array([0.75, 1.05, 1.0])
    return np.clip(colors * (0.22 + 0.78 * depth), 0.0, 255.0).astype(np.uint8)


def outside_of_chambers(anatomy: Anatomy) -> BoolArray:
    """``(n_points,)``: muscle whose normal points away from the nearest cavity, not into it."""
    surface = anatomy.surface
    places = np.concatenate([cavity.points for cavity in anatomy.cavities.values()])
    outward = np.concatenate([_normals(cavity) for cavity in anatomy.cavities.values()])
    nearest = _nearest(surface.points, places)[0]
    away = np.einsum("ij,ij->i", _normals(surface), outward[nearest]) > 0.0
    return np.asarray(away & (surface.regions <= Region.RA))


def _fat(anatomy: Anatomy, light: Float32Array, grain: FloatArray) -> Float32Array:
    """``(n_points,)`` cover by fat, 0 to 1: a ragged band along each groove, wider where deep."""
    points, shares = anatomy.surface.points, anatomy.muscle.shares
    atrial = shares[:, Region.LA] + shares[:, Region.RA]
    right = shares[:, Region.RV] / np.maximum(1.0 - atrial, 1e-3)
    outside = outside_of_chambers(anatomy)
    edges = shared_edges(anatomy.surface.triangles)[:, :2]
    edges = edges[outside[edges].all(axis=1)]
    above = np.column_stack([atrial > 0.5, right > 0.5])[edges]
    crossing = above[:, 0] != above[:, 1]
    crossing[:, 1] &= ~above[:, :, 0].any(axis=1)  # the septum's groove ends at the atria
    groove = points[edges[crossing.any(axis=1)]].mean(axis=1)
    if len(groove) == 0:
        return np.zeros(len(points), dtype=np.float32)
    width = FAT_WIDTH * (1.0 + 1.2 * (1.0 - light) + 0.25 * grain)
    inside = np.clip(1.0 - _nearest(points, groove)[1] / width, 0.0, 1.0)
    cover = np.clip(inside / 0.55, 0.0, 1.0)
    return (0.95 * cover * cover * (3.0 - 2.0 * cover) * outside).astype(np.float32)


def _normals(surface: Surface) -> Float32Array:
    points = np.ascontiguousarray(surface.points, dtype=np.float32)
    normals = np.empty_like(points)
    vertex_normals(points, np.ascontiguousarray(surface.triangles, dtype=np.int32), normals)
    return normals


def _nearest(points: FloatArray, places: FloatArray) -> tuple[IntArray, Float32Array]:
    """For each point the nearest of ``places``: its index and its distance [m]."""
    index = np.empty(len(points), dtype=np.int32)
    distance = np.empty(len(points), dtype=np.float32)
    search_nearest(points.astype(np.float32), places.astype(np.float32), index, distance)
    return index, distance


def _mottling(points: FloatArray) -> FloatArray:
    """``(n_points,)`` smooth noise in about -1..1, with features of 5 to 14 mm."""
    generator = np.random.default_rng(7)
    waves = generator.normal(size=(24, 3))
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    lengths = generator.uniform(5e-3, 14e-3, size=24)
    phases = generator.uniform(0.0, 2.0 * np.pi, size=24)
    angle = points @ (waves * (2.0 * np.pi / lengths)[:, np.newaxis]).T + phases
    return np.sin(angle).sum(axis=1) / np.sqrt(12.0)
