"""Meshes of tetrahedra: what is wrong, where, and what renumbering alone can put right.

A tetrahedron whose corners are listed the other way round has negative volume though its place is
right; it is renumbered. Whether places are right is told by neighbours: the two corners that do not
lie in a common face must lie on opposite sides of it. Else elements overlap, which no renumbering
mends.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from organtwin.anatomy.finding import (
    Findings,
    GeometryFinding,
    GeometryFindingKind,
    place_text,
)
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.patient.geometry.label_checks import SECOND_HEART
from organtwin.patient.geometry.raw import TetFile
from organtwin.patient.geometry.topology import welded

_FLAT = 1e-6
"""Volume over the cube of the longest edge below which an element is flat; a regular one has
0.118, a poor but usable one 1e-3."""

_SIDES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
"""Faces of a tetrahedron of positive volume, seen from outside; face i lacks corner 3, 2, 0, 1."""
_LACKS = np.array([3, 2, 0, 1])

_LISTED = 200


def checked_tets(mesh: TetFile) -> TetFile:
    """The mesh with positive, connected elements; repairs and defects are findings with places.

    Raises
    ------
    InputError
        Elements overlap, a face has more than two of them, or there are two hearts.
    """
    points, tets = mesh.points, mesh.tets
    _, joined, doubled = welded(points, tets)
    findings: list[GeometryFinding] = []
    if doubled:
        first = np.zeros(int(joined.max()) + 1, np.int64)
        first[joined.ravel()[::-1]] = tets.ravel()[::-1]
        tets = first[joined].astype(np.int32)
        text = f"{doubled} points at the place of another: joined"
        findings.append(GeometryFinding(GeometryFindingKind.REPAIRED, "points", text))
    flat = _flat(points, tets)
    if flat.any():
        text = f"{int(flat.sum())} flat elements: removed"
        places = points[tets[flat]].mean(axis=1)[:_LISTED]
        findings.append(GeometryFinding(GeometryFindingKind.REPAIRED, "tetrahedra", text, places))
        tets = tets[~flat]
    if not len(tets):
        raise InputError(
            mesh.source, "tetrahedra", expected="elements with volume", got="none",
            remedy="Export the mesh again.",
        )  # fmt: skip
    tets, turned = _positive(points, tets)
    _check_neighbours(points, tets, mesh.source)
    pieces = _pieces(points, tets, mesh.source)
    return replace(
        mesh,
        tets=tets,
        cell_fields={name: values[~flat] for name, values in mesh.cell_fields.items()},
        findings=(*mesh.findings, *findings, *turned, *pieces),
    )


def tet_volumes(points: FloatArray, tets: IntArray) -> FloatArray:
    """Signed volume ``(m,)`` [m3]."""
    a, b, c, d = (points[tets[:, i]] for i in range(4))
    return np.asarray(np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) / 6.0)


def boundary_faces(tets: IntArray) -> IntArray:
    """Faces ``(k, 3)`` that belong to one element only, seen from outside."""
    return outer_faces(tets)[0]


def _shared_faces(
    faces: NDArray[np.integer],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Order that brings equal faces together, number of each in order, and count per face."""
    ordered = np.sort(faces, axis=1).astype(np.int64)
    base = int(ordered.max()) + 1
    keys = (ordered[:, 0] * base + ordered[:, 1]) * base + ordered[:, 2]
    _, number, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.argsort(number.ravel(), kind="stable"), number.ravel(), counts[number.ravel()]


def _flat(points: FloatArray, tets: IntArray) -> NDArray[np.bool_]:
    corners = points[tets]
    edges = corners[:, [0, 0, 0, 1, 1, 2]] - corners[:, [1, 2, 3, 2, 3, 3]]
    longest = np.linalg.norm(edges, axis=2).max(axis=1)
    return np.asarray(np.abs(tet_volumes(points, tets)) <= _FLAT * longest**3)


def _positive(points: FloatArray, tets: IntArray) -> tuple[IntArray, Findings]:
    negative = tet_volumes(points, tets) < 0.0
    if not negative.any():
        return tets, ()
    renumbered = tets.copy()
    renumbered[negative] = renumbered[negative][:, [0, 1, 3, 2]]
    count = int(negative.sum())
    if count == len(tets):
        text = (
            f"all {count} elements are inverted: renumbered. Either the program numbers them "
            "so, or the coordinates are mirrored; look at left and right"
        )
        return renumbered, (GeometryFinding(GeometryFindingKind.CONFIRM, "tetrahedra", text),)
    places = points[tets[negative]].mean(axis=1)[:_LISTED]
    text = f"{count} of {len(tets)} elements were inverted: renumbered"
    return renumbered, (GeometryFinding(GeometryFindingKind.REPAIRED, "tetrahedra", text, places),)


def _check_neighbours(points: FloatArray, tets: IntArray, source: str) -> None:
    faces = tets[:, _SIDES].reshape(-1, 3)
    order, _, counts = _shared_faces(faces)
    if counts.max() > 2:
        crowded = np.argmax(counts)
        raise InputError(
            source, "tetrahedra", expected="one or two elements at every face",
            got=f"{int((counts > 2).sum())} faces of up to {int(counts.max())} elements, one at "
            f"{place_text(points[faces[crowded]].mean(axis=0))}",
            remedy="Remove doubled elements in the program that made the mesh.",
            places=points[faces[counts > 2]].mean(axis=1)[:_LISTED].tolist(),
        )  # fmt: skip
    pairs = order[counts[order] == 2].reshape(-1, 2)
    apex = tets[:, _LACKS].reshape(-1)
    a, b, c = (points[faces[pairs[:, 0], i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    heights = [np.einsum("ij,ij->i", normal, points[apex[pairs[:, i]]] - a) for i in range(2)]
    overlapping = heights[0] * heights[1] > 0.0
    if overlapping.any():
        places = points[faces[pairs[overlapping, 0]]].mean(axis=1)
        raise InputError(
            source, "tetrahedra", expected="elements side by side",
            got=f"{int(overlapping.sum())} pairs that lie on top of each other (tangled or "
            f"inverted by a moved point), the first at {place_text(places[0])}",
            remedy="Mend the mesh, or open its surfaces instead.", places=places[:_LISTED].tolist(),
        )  # fmt: skip


def _pieces(points: FloatArray, tets: IntArray, source: str) -> Findings:
    sides = tets[:, [0, 1, 0, 2, 0, 3]].reshape(-1, 2)
    n = len(points)
    graph = sparse.coo_array((np.ones(len(sides), np.int8), (sides[:, 0], sides[:, 1])), (n, n))
    _, group = connected_components(graph, directed=False)
    _, piece = np.unique(group[tets[:, 0]], return_inverse=True)
    volumes = np.bincount(piece.ravel(), weights=tet_volumes(points, tets))
    if len(volumes) == 1:
        return ()
    largest = np.argsort(volumes)[::-1]
    places = np.array(
        [points[tets[piece.ravel() == number]].mean(axis=(0, 1)) for number in largest[:_LISTED]]
    )
    if volumes[largest[1]] > SECOND_HEART * volumes[largest[0]]:
        raise InputError(
            source, "tetrahedra", expected="one connected heart",
            got=f"{len(volumes)} separate pieces, {1e6 * volumes[largest[0]]:.0f} mL at "
            f"{place_text(places[0])} and {1e6 * volumes[largest[1]]:.0f} mL at "
            f"{place_text(places[1])}",
            remedy="Keep one heart, or join the parts in the program that made the mesh.",
            places=places[:2].tolist(),
        )  # fmt: skip
    text = f"{len(volumes) - 1} small pieces apart from the heart"
    return (GeometryFinding(GeometryFindingKind.DEFECT, "tetrahedra", text, places[1:]),)
