"""The parts of a template heart that images show: endocardia, epicardium, rings, apex, outline.

Parts are derived from the meshes of any ``Anatomy``: where a cavity's surface lies away from the
tissue it closes a valve or a vein, everywhere else it is endocardium; a valve's ring is the border
between the two. The outline of the whole heart is that of its muscle and its four cavities
together, with the grooves between them filled as a segmentation fills them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.spatial import cKDTree

from organtwin.anatomy.embedding import NEAR, nearest_elements
from organtwin.anatomy.mesh import Anatomy, Surface, Tissue
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Border, Cavity, Region
from organtwin.anatomy.warping_kernels import nearest_places
from organtwin.anatomy.warping_raster import Grid, closed, lumen, outline
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.errors import InputError


class Part(IntEnum):
    """What a contour, a point or a surface from an image shows."""

    LV_ENDOCARDIUM = 0
    RV_ENDOCARDIUM = 1
    RV_FREE_WALL = 2
    RV_SEPTUM = 3
    """The right side of the septum."""
    LV_EPICARDIUM = 4
    """The outside of the left ventricle and the right side of its septum."""
    EPICARDIUM = 5
    """The outside of both ventricles."""
    LA_ENDOCARDIUM = 6
    RA_ENDOCARDIUM = 7
    MITRAL_RING = 8
    TRICUSPID_RING = 9
    AORTIC_RING = 10
    PULMONARY_RING = 11
    APEX = 12
    """The apex of the left ventricle, anywhere between its inner and its outer surface."""
    HEART = 13
    """The outline of muscle and blood together, without the great vessels."""
    HEART_AND_TRUNK = 14
    """The outline with the pulmonary trunk and its main branches, as some programs draw it."""


def part_named(name: str, source: str = "contours") -> Part:
    """The part of that name, in any case, words joined by ``_``, ``-`` or a blank.

    Raises
    ------
    InputError
        No part is called that.
    """
    key = "_".join(name.upper().replace("-", " ").replace("_", " ").split())
    if key not in Part.__members__:
        known = ", ".join(part.name.lower() for part in Part)
        raise InputError(
            source,
            "label",
            expected=f"one of {known}",
            got=repr(name),
            remedy="Say in the label mapping which part of the heart this label shows.",
        )
    return Part[key]


@dataclass(frozen=True, eq=False)
class Piece:
    """Triangles of one part: ``points`` ``(n, 3)`` [m], ``triangles`` ``(m, 3)``.

    A triangle with two equal corners is a line: rings and the apex are made of such.
    """

    points: FloatArray
    triangles: IntArray

    @property
    def is_line(self) -> bool:
        return bool((self.triangles[:, 1] == self.triangles[:, 2]).all())

    def at_edge(self) -> BoolArray:
        """Which triangles ``(m,)`` touch the open edge of the piece; none of a line."""
        if self.is_line:
            return np.zeros(len(self.triangles), np.bool_)
        edges = np.sort(self.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        found, count = np.unique(edges, axis=0, return_counts=True)
        open_points = np.zeros(len(self.points), np.bool_)
        open_points[found[count == 1]] = True
        return np.asarray(open_points[self.triangles].any(axis=1))

    def nearest(self, points: FloatArray) -> tuple[IntArray, FloatArray]:
        """The triangle ``(n,)`` and the weights ``(n, 3)`` of the place nearest to each point."""
        corners = self.points[self.triangles]
        count = min(_CANDIDATES, len(corners))
        _, candidates = cKDTree(corners.mean(axis=1)).query(points, k=count)
        element, weights = np.empty(len(points), np.int32), np.empty((len(points), 3))
        candidates = np.asarray(candidates, np.int64).reshape(len(points), count)
        nearest_places(np.ascontiguousarray(points), corners, candidates, element, weights)
        return element, weights

    def places(self, element: IntArray, weights: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("ni,nij->nj", weights, self.points[self.triangles[element]]))

    def normals(self) -> FloatArray:
        """Unit normal ``(m, 3)`` of every triangle; zero for lines."""
        a, b, c = (self.points[self.triangles[:, i]] for i in range(3))
        normal = np.cross(b - a, c - a)
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30))

    def point_normals(self) -> FloatArray:
        """Unit normal ``(n, 3)`` of every point, the mean of its triangles."""
        a, b, c = (self.points[self.triangles[:, i]] for i in range(3))
        area = np.cross(b - a, c - a)
        summed = np.stack(
            [
                np.bincount(self.triangles.ravel(), np.repeat(area[:, d], 3), len(self.points))
                for d in range(3)
            ],
            axis=1,
        )
        return np.asarray(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-30))

    def distances(self, points: FloatArray) -> FloatArray:
        """Distance ``(n,)`` [m] of points from the piece."""
        return np.asarray(np.linalg.norm(self.places(*self.nearest(points)) - points, axis=1))


_CANDIDATES = 10
"""Triangles tried per point, nearest centroids first."""

_MUSCLE = (Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA, Region.PAPILLARY_MUSCLE)
_THROUGH = 2.2e-3
"""Faces of the tissue nearer than this to a cavity's surface belong to its endocardium [m]; the
thinnest wall of the meshed template is twice as thick."""

_SHARED = 4.5e-3
"""A valve closes two cavities: there their surfaces are nearer to each other than this [m]."""

_OUTLINE_VOXEL, _GROOVE = 2.5e-3, 4e-3
"""Voxel of the outline, and half the width of the grooves that it bridges [m]."""

_WIDEST_VESSEL = 17e-3
"""Radius of the widest vessel, the aortic root [m]."""


@lru_cache(maxsize=4)
def parts(anatomy: Anatomy) -> Mapping[Part, Piece]:
    """All walls, rings and the apex that the anatomy has; see ``outlines`` for the rest."""
    found: dict[Part, Piece] = {}
    walls = {cavity: _wall_and_lid(anatomy, cavity) for cavity in anatomy.cavities}
    for cavity, part in _ENDOCARDIA.items():
        if cavity in walls:
            surface, lid = anatomy.cavities[cavity], walls[cavity]
            found[part] = _chosen(surface, np.asarray(~lid[surface.triangles].any(axis=1)))
    if Cavity.RV in walls:
        surface = anatomy.cavities[Cavity.RV]
        septal = (surface.regions[surface.triangles] == Region.SEPTUM).sum(axis=1) > 1
        wall = ~walls[Cavity.RV][surface.triangles].any(axis=1)
        found[Part.RV_SEPTUM] = _chosen(surface, septal & wall)
        found[Part.RV_FREE_WALL] = _chosen(surface, ~septal & wall)
    faces, regions = _outer_faces(anatomy)
    nodes = anatomy.tissue.nodes
    left = _compact(nodes, faces[np.isin(regions, (Region.LV, Region.SEPTUM))])
    found[Part.LV_EPICARDIUM] = (
        _joined(left, found[Part.RV_SEPTUM]) if Part.RV_SEPTUM in found else left
    )
    both = np.isin(regions, (Region.LV, Region.SEPTUM, Region.RV))
    found[Part.EPICARDIUM] = _compact(nodes, faces[both])
    found |= _rings(anatomy, walls)
    if Part.MITRAL_RING in found:
        found[Part.APEX] = _apex(anatomy, found)
    return {part: piece for part, piece in found.items() if len(piece.triangles)}


@lru_cache(maxsize=4)
def outlines(anatomy: Anatomy) -> Mapping[Part, Piece]:
    """The outlines of the whole heart, without and with the pulmonary trunk."""
    grid, heart = heart_voxels(anatomy)
    trunk = vessel_voxels(grid, anatomy.tissue, Region.PULMONARY_ARTERY)
    return {
        Part.HEART: _outline(grid, heart),
        Part.HEART_AND_TRUNK: _outline(grid, ndimage.binary_fill_holes(heart | trunk)),
    }


_ENDOCARDIA = {
    Cavity.LV: Part.LV_ENDOCARDIUM,
    Cavity.RV: Part.RV_ENDOCARDIUM,
    Cavity.LA: Part.LA_ENDOCARDIUM,
    Cavity.RA: Part.RA_ENDOCARDIUM,
}
_VALVES = (
    (Cavity.LV, Cavity.LA, Part.MITRAL_RING, Part.AORTIC_RING),
    (Cavity.RV, Cavity.RA, Part.TRICUSPID_RING, Part.PULMONARY_RING),
)


def _wall_and_lid(anatomy: Anatomy, cavity: Cavity) -> BoolArray:
    """Which points of a cavity's surface lie on a lid across a valve or a vein."""
    surface, tissue = anatomy.cavities[cavity], anatomy.tissue
    walls = tissue.regions != Region.VALVE_LEAFLET
    tissue = Tissue(tissue.nodes, tissue.tets[walls], tissue.regions[walls])
    away = nearest_elements(tissue, surface.points)[2] > NEAR
    return np.asarray(away | (surface.regions == Region.VALVE_LEAFLET))


def _outer_faces(anatomy: Anatomy) -> tuple[IntArray, IntArray]:
    """Faces on the outside of the heart, and their regions."""
    tissue = anatomy.tissue
    faces, element = outer_faces(tissue.tets)
    regions = tissue.regions[element]
    if anatomy.boundary is not None:
        n = len(tissue.nodes)

        def keys(a: IntArray) -> NDArray[np.int64]:
            a = np.sort(a, axis=1).astype(np.int64)
            return np.asarray((a[:, 0] * n + a[:, 1]) * n + a[:, 2])

        outside = anatomy.boundary.borders == Border.OUTSIDE
        keep = np.isin(keys(faces), keys(anatomy.boundary.faces[outside]))
        return faces[keep], regions[keep]
    middle = tissue.nodes[faces].mean(axis=1)
    inner = np.zeros(len(faces), np.bool_)
    for surface in anatomy.cavities.values():
        inner |= Piece(surface.points, surface.triangles).distances(middle) < _THROUGH
    return faces[~inner], regions[~inner]


def _rings(anatomy: Anatomy, lids: Mapping[Cavity, BoolArray]) -> dict[Part, Piece]:
    found: dict[Part, Piece] = {}
    for ventricle, atrium, inlet, outlet in _VALVES:
        if ventricle not in lids or atrium not in anatomy.cavities:
            continue
        surface, above = anatomy.cavities[ventricle], anatomy.cavities[atrium]
        gap = Piece(above.points, above.triangles).distances(surface.points)
        lid = lids[ventricle]
        for part, own in ((inlet, lid & (gap < _SHARED)), (outlet, lid & (gap >= _SHARED))):
            ring = _border(surface, _largest(surface, own))
            if len(ring.triangles):
                found[part] = ring
    return found


def _largest(surface: Surface, chosen: BoolArray) -> BoolArray:
    """The largest of the patches that the chosen points form."""
    n = len(surface.points)
    a, b = surface.triangles[:, [0, 1, 2]].ravel(), surface.triangles[:, [1, 2, 0]].ravel()
    own = chosen[a] & chosen[b]
    link = sparse.coo_array((np.ones(own.sum()), (a[own], b[own])), (n, n))
    label = sparse.csgraph.connected_components(link, directed=False)[1]
    label[~chosen] = n
    size = np.bincount(label[chosen], minlength=1)
    return np.asarray(label == np.argmax(size)) & chosen


def _border(surface: Surface, chosen: BoolArray) -> Piece:
    """The edges around the triangles that touch the chosen points, as lines."""
    triangles = surface.triangles[chosen[surface.triangles].any(axis=1)]
    edges = triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    ordered = np.sort(edges, axis=1)
    _, first, count = np.unique(ordered, axis=0, return_index=True, return_counts=True)
    a, b = edges[np.sort(first[count == 1])].T
    return _compact(surface.points, np.stack([a, b, b], axis=1).astype(np.int32))


def _apex(anatomy: Anatomy, found: Mapping[Part, Piece]) -> Piece:
    base = found[Part.MITRAL_RING].points.mean(axis=0)
    inner = anatomy.cavities[Cavity.LV].points
    tip = inner[np.argmax(np.linalg.norm(inner - base, axis=1))]
    outer = found[Part.EPICARDIUM].points
    along = (tip - base) / np.linalg.norm(tip - base)
    ahead = outer[(outer - base) @ along > 0]
    off_axis = (ahead - tip) - ((ahead - tip) @ along)[:, None] * along
    score = (ahead - tip) @ along - 2.0 * np.linalg.norm(off_axis, axis=1)
    line = np.stack([tip, ahead[np.argmax(score)]])
    return Piece(line, np.array([[0, 1, 1]], np.int32))


@lru_cache(maxsize=4)
def heart_voxels(anatomy: Anatomy) -> tuple[Grid, BoolArray]:
    """Muscle and blood of the heart as voxels, grooves filled; without the great vessels."""
    nodes = anatomy.tissue.nodes
    grid = Grid.around(nodes.min(axis=0) - 0.01, nodes.max(axis=0) + 0.01, _OUTLINE_VOXEL)
    inside = grid.occupied(anatomy.tissue, tuple(int(region) for region in _MUSCLE))
    for surface in anatomy.cavities.values():
        inside |= grid.filled(surface)
    return grid, closed(inside, _GROOVE / _OUTLINE_VOXEL)


def vessel_voxels(grid: Grid, tissue: Tissue, region: Region) -> BoolArray:
    """Wall and inside of one kind of vessel."""
    wall = grid.occupied(tissue, (int(region),))
    return np.asarray(wall | lumen(wall, _WIDEST_VESSEL / grid.spacing))


def _outline(grid: Grid, inside: BoolArray) -> Piece:
    points, triangles = outline(inside)
    return Piece(grid.lower + grid.spacing * points, triangles.astype(np.int32))


def _chosen(surface: Surface, triangles: BoolArray) -> Piece:
    return _compact(surface.points, surface.triangles[triangles])


def _compact(points: FloatArray, triangles: IntArray) -> Piece:
    used, inverse = np.unique(triangles, return_inverse=True)
    return Piece(points[used], inverse.reshape(-1, 3).astype(np.int32))


def _joined(first: Piece, second: Piece) -> Piece:
    return Piece(
        np.concatenate([first.points, second.points]),
        np.concatenate([first.triangles, second.triangles + len(first.points)]).astype(np.int32),
    )
