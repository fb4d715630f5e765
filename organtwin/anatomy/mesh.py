"""Meshes of the heart at end-diastole: tissue, the surface that is drawn, and closed cavities."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from organtwin.anatomy.regions import Cavity, Valve
from organtwin.arrays import Float32Array, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles with outward orientation (counter-clockwise seen from outside).

    ``points`` is ``(n_points, 3)`` [m], ``triangles`` ``(n_triangles, 3)``, ``regions``
    ``(n_points,)`` values of ``Region``.
    """

    points: FloatArray
    triangles: IntArray
    regions: IntArray


def enclosed_volume(surface: Surface) -> float:
    """Volume [m3] inside a closed surface."""
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


@dataclass(frozen=True, eq=False)
class Tissue:
    """Tetrahedra of the walls.

    ``nodes`` ``(n_nodes, 3)`` [m], ``tets`` ``(n_tets, 4)`` with positive volume, ``regions``
    ``(n_tets,)`` values of ``Region``.
    """

    nodes: FloatArray
    tets: IntArray
    regions: IntArray


@dataclass(frozen=True, eq=False)
class Boundary:
    """The outer faces of a tissue mesh and what they border on.

    ``faces`` ``(n_faces, 3)`` nodes of the tissue, counter-clockwise seen from outside the tissue;
    ``borders`` ``(n_faces,)`` values of ``Border``.
    """

    faces: IntArray
    borders: IntArray


@dataclass(frozen=True, eq=False)
class Architecture:
    """Where in the ventricles a node lies, how the muscle runs, which segment it is.

    Per node: ``apicobasal`` ``(n_nodes,)`` 0 at the apex to 1 at the base; ``transmural`` 0 at
    the endocardium to 1 at the epicardium, in the septum from the left (0) to the right (1)
    endocardium; ``rotational`` (-pi, pi]; ``right`` 0 in the LV and septum, 1 in the RV. They
    are NaN outside the ventricles. Per element: ``fibers`` and ``sheets`` ``(n_tets, 3)``, unit
    vectors, zero where there is no muscle; ``segments`` ``(n_tets,)`` values of ``Segment``.
    """

    apicobasal: Float32Array
    transmural: Float32Array
    rotational: Float32Array
    right: Float32Array
    fibers: Float32Array
    sheets: Float32Array
    segments: IntArray


@dataclass(frozen=True, eq=False)
class Leaflets:
    """The leaflets of one valve, drawn closed in the surface of the anatomy.

    ``points`` ``(k,)`` are their places among the points of the surface; ``opening`` ``(k, 3)``
    [m] leads each of them from closed to fully open.
    """

    points: IntArray
    opening: FloatArray


@dataclass(frozen=True, eq=False)
class MuscleMap:
    """Which muscle each point of the drawing surface belongs to.

    ``shares`` ``(n_points, 5)``: smooth share of LV free wall, septum, RV, LA, RA, sum 1;
    ``courses`` ``(n_points, 5)``: place along each wall, 0 excited first to 1 excited last in
    normal conduction. Both have no meaning on vessels.
    """

    shares: Float32Array
    courses: Float32Array


@dataclass(frozen=True, eq=False)
class Anatomy:
    """One heart at end-diastole, in metres.

    Frame: x to the patient's left, y to posterior, z to the head (LPS, as in DICOM).
    ``boundary``, ``architecture`` and ``leaflets`` belong to ``tissue`` and ``surface``; a heart
    without them can be drawn but not set up for motion or electrics. ``pericardium`` is the sac
    around it, open where the great vessels leave.
    """

    name: str
    tissue: Tissue
    surface: Surface
    cavities: Mapping[Cavity, Surface]
    muscle: MuscleMap
    boundary: Boundary | None = None
    architecture: Architecture | None = None
    leaflets: Mapping[Valve, Leaflets] = field(default_factory=dict)
    pericardium: Surface | None = None
