"""The template heart as a body for the wall mechanics: what only its own shapes can tell.

A coarse tissue mesh, the directions in it, its stiffness and its springs. Used by the script that
builds the bundled motion modes.
"""

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.implicit import gradient
from organtwin.anatomy.mesh import Anatomy, Tissue
from organtwin.anatomy.regions import Region
from organtwin.anatomy.stuffing import stuffed, volumes
from organtwin.anatomy.template import LOWER, UPPER
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.physiology.mechanics.wall_body import Springs
from organtwin.physiology.mechanics.wall_stretch import WallFrames, muscle_at, perpendicular

SPACING = 5.5
"""Lattice of the mechanics mesh [mm]: 14 000 nodes, two elements through the LV wall."""

LEAST_WALL = 1.15
"""Thickness, in spacings, below which no wall falls: thicker ones make the base too firm."""

SLIVER = 0.01
"""Share of a lattice cube below which an element is left out: 1 in 100, slivers in corners, which
carry nothing and turn over first."""

SHAPE_STIFFNESS = np.array([1.0, 1.0, 0.6, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25])
"""Of each region relative to the LV; atria and vessels are softer as their mesh is thicker than
they are."""

VOLUME_STIFFNESS = np.where(np.arange(9) <= Region.RV, 120.0, 60.0)
"""Relative to the shape stiffness."""

ANNULUS = 6.0
"""Width [mm] over which atria and vessels are as firm as muscle where they meet the ventricles."""

VESSEL_SPRING = 1.0e6
"""Holds the mouths of the vessels [1/m2]."""

PERICARDIUM = 150.0
"""Stiffness of the pericardium at the apex [1/m]; 1 kPa/mm against muscle of 7 kPa, the size used
by Strocchi et al. 2020."""

_HEIGHTS, _HOLD = np.array([-90.0, -75.0, -60.0, -30.0]), np.array([1.0, 0.4, 0.15, 0.01])
"""Height in the heart's frame [mm] and the pericardium's share there, as in Strocchi's map."""

_MILLIMETRE = 1e-3
_FACES = np.array([[1, 2, 3], [0, 3, 2], [0, 1, 3], [0, 2, 1]])


def mechanics_tissue() -> Tissue:
    """The coarse tissue mesh of the template."""
    least_wall = LEAST_WALL * SPACING
    nodes, tets = stuffed(lambda p: shape.wall(p, least_wall), LOWER, UPPER, SPACING)
    used, kept = np.unique(tets[volumes(nodes, tets) > SLIVER * SPACING**3], return_inverse=True)
    nodes, tets = nodes[used], kept.reshape(-1, 4).astype(np.int32)
    return Tissue(nodes * _MILLIMETRE, tets, shape.regions(nodes[tets].mean(axis=1)))


def wall_frames(tissue: Tissue, anatomy: Anatomy) -> WallFrames:
    """Directions and muscle of every element."""
    centres = tissue.nodes[tissue.tets].mean(axis=1)
    outward = _outward(centres / _MILLIMETRE, tissue.regions)
    axis = np.broadcast_to(shape.HEART_AXES[2], outward.shape)
    along = perpendicular(axis, outward)
    return WallFrames(
        along,
        perpendicular(outward, along),
        tissue.regions,
        muscle_at(centres, anatomy.surface, anatomy.muscle),
    )


def _outward(places: FloatArray, regions: IntArray) -> FloatArray:
    """Direction through the wall ``(n, 3)``, away from the blood that the wall belongs to."""
    columns = np.array([0, 0, 1, 2, 3, 4, 5, 6, 7])[regions]
    septal = regions == Region.SEPTUM

    def depth(points: FloatArray) -> FloatArray:
        blood = shape.lumens(points)
        own = blood[np.arange(len(points)), columns]
        return np.asarray(np.where(septal, own - blood[:, 1], own))

    slope = gradient(depth, places, 0.5)
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9))


def stiffness(tissue: Tissue) -> FloatArray:
    """Weight of shape and volume ``(n_tets, 2)``."""
    centres = tissue.nodes[tissue.tets].mean(axis=1)
    ventricular = tissue.regions <= Region.RV
    distance = cKDTree(centres[ventricular]).query(centres)[0] / _MILLIMETRE
    own = SHAPE_STIFFNESS[tissue.regions]
    firm = np.where(ventricular, own, np.maximum(own, np.exp(-((distance / ANNULUS) ** 2))))
    return np.column_stack([firm, firm * VOLUME_STIFFNESS[tissue.regions]])


def springs(tissue: Tissue, volumes: FloatArray) -> Springs:
    """Springs at the mouths of the vessels and of the pericardium."""
    places = tissue.nodes / _MILLIMETRE
    mass = np.zeros(len(places))
    np.add.at(mass, tissue.tets.ravel(), np.repeat(volumes / 4.0, 4))
    mouth = np.zeros(len(places), bool)
    for opening in shape.OPENINGS:
        near = np.linalg.norm(places - opening.centre, axis=1) < 1.3 * opening.reach
        mouth |= near & (np.abs((places - opening.centre) @ opening.outward) < 3.0)
    normals, area = _outer_normals(tissue, places)
    hold = np.interp(shape.heart(places)[:, 2], _HEIGHTS, _HOLD)
    hold = np.where(shape.heart(places)[:, 2] > 30.0, 0.0, hold)
    return Springs(VESSEL_SPRING * mass * mouth, PERICARDIUM * area * hold, normals)


def _outer_normals(tissue: Tissue, places: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Outward unit normal ``(n, 3)`` and area ``(n,)`` [m2] of the epicardium at each node."""
    faces = tissue.tets[:, _FACES].reshape(-1, 3)
    _, first, count = np.unique(
        np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True
    )
    faces = faces[first[count == 1]]
    faces = faces[_epicardial(places[faces].mean(axis=1))]
    a, b, c = (tissue.nodes[faces[:, i]] for i in range(3))
    pieces = np.cross(b - a, c - a) / 6.0
    total, area = np.zeros_like(tissue.nodes), np.zeros(len(places))
    for corner in range(3):
        np.add.at(total, faces[:, corner], pieces)
        np.add.at(area, faces[:, corner], np.linalg.norm(pieces, axis=1))
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-15), area


def _epicardial(places: FloatArray) -> BoolArray:
    least = LEAST_WALL * SPACING
    blood = np.minimum(shape.left_blood(places, least), shape.right_blood(places, least))
    outer = np.abs(shape.outside(places)) < np.abs(blood)
    return np.asarray(outer & (shape.regions(places) <= Region.RA))
