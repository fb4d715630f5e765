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
LEAST_SHARE = 0.7
"""Of the longest edge under the line: a strip of a smaller half width may leak between elements.
On the left atrium of the template (edges up to 5.2 mm) 4 mm isolate and 3 mm do not."""
LONGEST, MARGIN = 3.0, 10e-3
"""A way this many times as long as straight, and so much more [m], leads around the wall."""
EVEN = 9
"""Points over which directions into the wall are averaged: two edges of an atrium's mesh."""
STEP = 1e-3
"""[m] Between points of the path; half an edge of the finest mesh."""


def line_lesion(line: AblationLine, anatomy: Anatomy, tissue: ElectricTissue) -> LineLesion:
    """The strip of muscle that a line kills.

    Raises
    ------
    InputError
        Fewer than two stops, one that belongs to another heart, stops on different sides of a wall,
        or a line narrower than the mesh can hold.
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
    path = _path(line, tissue, faces, stops)
    near = cKDTree(tissue.nodes[faces].mean(axis=1)).query(path)[1]
    _check_width(line, tissue, owners[near])
    depths = np.where(_atrial(tissue, owners[near]), ATRIAL_DEPTH, line.depth)
    return LineLesion(path, _inward(tissue, faces[near]), depths, line.radius)


def _check_width(line: AblationLine, tissue: ElectricTissue, owners: IntArray) -> None:
    corners = tissue.nodes[tissue.tets[owners]]
    edges = np.linalg.norm(corners[:, :, None] - corners[:, None], axis=3)
    least = LEAST_SHARE * float(edges.max())
    if line.radius < least:
        raise InputError(
            "ablation", line.name, expected=f"half a width of at least {1e3 * least:.1f} mm here",
            got=f"{1e3 * line.radius:.1f} mm",
            remedy="Widen the line: a thinner one would leak in this mesh.",
        )  # fmt: skip


def _path(
    line: AblationLine, tissue: ElectricTissue, faces: IntArray, stops: FloatArray
) -> FloatArray:
    """Points ``(k, 3)`` of the way over the surface; straight where no surface joins the stops."""
    surface = lining(tissue.nodes, faces)
    nodes = surface.nodes[cKDTree(tissue.nodes[surface.nodes]).query(stops)[1]]
    legs = [surface.way(int(a), int(b)) for a, b in itertools.pairwise(nodes) if a != b]
    for leg in legs:
        length = float(np.linalg.norm(np.diff(leg, axis=0), axis=1).sum())
        if length > LONGEST * float(np.linalg.norm(leg[-1] - leg[0])) + MARGIN:
            raise InputError(
                "ablation", line.name, expected="points on the same side of the wall",
                got=f"a way of {1e3 * length:.0f} mm around it",
                remedy="Set all points of a line from outside, or all from inside.",
            )  # fmt: skip
    if not legs:
        return stops
    return np.concatenate([resampled(leg, STEP) for leg in legs])


def _atrial(tissue: ElectricTissue, owners: IntArray) -> BoolArray:
    return np.asarray(np.isin(tissue.regions[owners], (Region.LA, Region.RA)))


def _inward(tissue: ElectricTissue, faces: IntArray) -> FloatArray:
    """Into the wall: faces are counter-clockwise from outside. Even along the line.

    From face to face of a coarse mesh the direction jumps, which would open the strip in the depth.
    """
    a, b, c = (tissue.nodes[faces[:, corner]] for corner in range(3))
    out = unit(np.cross(b - a, c - a))
    ends = (EVEN // 2, EVEN // 2)
    window = np.ones(EVEN) / EVEN
    return -unit(
        np.stack(
            [np.convolve(np.pad(out[:, k], ends, "edge"), window, "valid") for k in range(3)],
            axis=1,
        )
    )
