"""A line of lesions on one heart: over the surface through the stops that the user set.

Between two stops it takes the shortest way over the outer faces of the electric mesh
(``activation.lining``). Under a point in an atrium it goes through the whole wall, as far as an
atrial wall can be thick; under one in a ventricle it reaches as deep as the line says.
"""

import itertools

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.laplace import unit
from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Region
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.lesions import LineLesion
from organtwin.physiology.electrophysiology.activation.lining import lining, resampled
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue
from organtwin.simulation.electric_plan import LEAST_STOPS, AblationLine
from organtwin.twin.places import place_of

ATRIAL_DEPTH = 8e-3
"""[m] Assumed: more than the thickness of an atrial wall, less than the way to the wall across."""
STEP = 1e-3
"""[m] Between points of the path; half an edge of the finest mesh."""


def line_lesion(line: AblationLine, anatomy: Anatomy, tissue: ElectricTissue) -> LineLesion:
    """The strip of muscle that a line kills.

    Raises
    ------
    InputError
        Fewer than two stops, or one that belongs to another heart.
    """
    if len(line.stops) < LEAST_STOPS:
        raise InputError(
            anatomy.name, line.name, expected="two points or more", got=str(len(line.stops)),
            remedy="Set more points, or ablate a single point.",
        )  # fmt: skip
    stops = np.array([place_of(stop, anatomy) for stop in line.stops])
    if line.closed:
        stops = np.concatenate([stops, stops[:1]])
    faces, owners = outer_faces(tissue.tets)
    path = _path(tissue, faces, stops)
    near = cKDTree(tissue.nodes[faces].mean(axis=1)).query(path)[1]
    depths = np.where(_atrial(tissue, owners[near]), ATRIAL_DEPTH, line.depth)
    return LineLesion(path, _inward(tissue, faces[near]), depths, line.radius)


def _path(tissue: ElectricTissue, faces: IntArray, stops: FloatArray) -> FloatArray:
    """Points ``(k, 3)`` of the way over the surface; straight where no surface joins the stops."""
    surface = lining(tissue.nodes, faces)
    nodes = surface.nodes[cKDTree(tissue.nodes[surface.nodes]).query(stops)[1]]
    legs = [surface.way(int(a), int(b)) for a, b in itertools.pairwise(nodes) if a != b]
    if not legs:
        return stops
    return np.concatenate([resampled(leg, STEP) for leg in legs])


def _atrial(tissue: ElectricTissue, owners: IntArray) -> BoolArray:
    return np.asarray(np.isin(tissue.regions[owners], (Region.LA, Region.RA)))


def _inward(tissue: ElectricTissue, faces: IntArray) -> FloatArray:
    """Into the wall: faces are counter-clockwise from outside."""
    a, b, c = (tissue.nodes[faces[:, corner]] for corner in range(3))
    return -unit(np.cross(b - a, c - a))
