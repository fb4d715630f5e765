"""Surfaces: what is wrong, where, and what can be put right without changing the shape."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import GeometryFinding, GeometryFindingKind, place_text
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.patient.geometry.raw import SurfaceFile
from organtwin.patient.geometry.surface_kernels import crossing_triangles, winding_numbers
from organtwin.patient.geometry.topology import (
    capped,
    components,
    consistent,
    edges_of,
    rims,
    signed_volume,
    welded,
)

_LISTED = 200
"""Places kept of one kind of defect."""

_NESTED = 50
"""With more pieces than this the surface is debris, and no piece is taken as inside another."""


def checked_surface(surface: SurfaceFile) -> SurfaceFile:
    """The surface with equal points joined, flat triangles removed and normals outward.

    What was repaired and what is left, open rims and triangles that cross each other above all,
    are findings with their places.

    Raises
    ------
    InputError
        An edge has more than two triangles, the surface is one-sided, or nothing is left of it.
    """
    points, triangles, doubled = welded(surface.points, surface.triangles)
    findings = []
    if doubled:
        findings.append(_repaired("points", f"{doubled} points at the place of another: joined"))
    flat = flat_triangles(points, triangles)
    if flat.any():
        text = f"{int(flat.sum())} triangles without area: removed"
        findings.append(_repaired("triangles", text, points[triangles[flat, 0]][:_LISTED]))
        triangles = triangles[~flat]
    if not len(triangles):
        raise InputError(
            surface.source, "triangles", expected="triangles with area", got="none",
            remedy="Export the surface again.",
        )  # fmt: skip
    _check_manifold(points, triangles, surface.source)
    triangles, turned = _outward(points, triangles, surface.source)
    findings += turned
    findings += _described(points, triangles)
    return replace(
        surface, points=points, triangles=triangles, findings=(*surface.findings, *findings)
    )


def flat_triangles(points: FloatArray, triangles: IntArray) -> BoolArray:
    """Triangles ``(m,)`` that repeat a corner, or whose corners lie on a line."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    longest = np.maximum(np.maximum(_square(b - a), _square(c - b)), _square(a - c))
    return np.asarray(area <= 1e-7 * longest)


def self_crossings(points: FloatArray, triangles: IntArray) -> BoolArray:
    """Triangles ``(m,)`` that another triangle of the surface passes through."""
    corners = points[triangles]
    lower, upper = corners.min(axis=1), corners.max(axis=1)
    size = max(1.5 * float(np.median((upper - lower).max(axis=1))), 1e-6)
    origin = lower.min(axis=0)
    first = ((lower - origin) / size).astype(np.int64)
    last = ((upper - origin) / size).astype(np.int64)
    spans = last - first + 1
    count = spans.prod(axis=1)
    owners = np.repeat(np.arange(len(triangles)), count)
    inside = np.arange(len(owners)) - np.repeat(np.cumsum(count) - count, count)
    sy, sz = spans[owners, 1], spans[owners, 2]
    cell = first[owners] + np.stack([inside // (sy * sz), inside // sz % sy, inside % sz], axis=1)
    n = last.max(axis=0) + 1
    key = (cell[:, 0] * n[1] + cell[:, 1]) * n[2] + cell[:, 2]
    order = np.argsort(key, kind="stable")
    return crossing_triangles(points, triangles, key[order], owners[order])


def _square(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", vectors, vectors))


def _repaired(field: str, text: str, places: FloatArray | None = None) -> GeometryFinding:
    nowhere = np.empty((0, 3))
    return GeometryFinding(
        GeometryFindingKind.REPAIRED, field, text, nowhere if places is None else places
    )


def _check_manifold(points: FloatArray, triangles: IntArray, source: str) -> None:
    edges = edges_of(triangles)
    crowded = edges.counts > 2
    if crowded.any():
        middles = points[edges.ends[crowded]].mean(axis=1)
        raise InputError(
            source, "edges", expected="one or two triangles at every edge",
            got=f"{int(crowded.sum())} edges with up to {int(edges.counts.max())}, the first at "
            f"{place_text(middles[0])}",
            remedy="Remove the inner walls or doubled triangles in the program that made it.",
            places=middles[:_LISTED].tolist(),
        )  # fmt: skip


def _outward(
    points: FloatArray, triangles: IntArray, source: str
) -> tuple[IntArray, list[GeometryFinding]]:
    turned, count, failing = consistent(triangles)
    if failing:
        raise InputError(
            source, "triangles", expected="a surface with two sides",
            got=f"{failing} edges at which the sides change over", remedy="Mend the surface.",
        )  # fmt: skip
    findings = []
    if count:
        text = f"{count} triangles ran against their neighbours: turned"
        findings.append(_repaired("triangles", text))
    inward = 0
    n_pieces, piece = components(turned, len(points))
    closed = [capped(points, turned[piece == number]) for number in range(n_pieces)]
    for number in range(n_pieces):
        # A piece inside another is the wall of a hollow: its normals point into the hollow.
        wanted = -1.0 if _depth(number, closed) % 2 else 1.0
        if wanted * signed_volume(*closed[number][:2]) < 0.0:
            of = piece == number
            turned[of] = turned[of][:, [0, 2, 1]]
            inward += int(of.sum())
    if inward:
        text = (
            f"{inward} triangles faced the inside: turned; mirrored coordinates show the same, "
            "so look at left and right"
        )
        findings.append(_repaired("triangles", text))
    return turned, findings


def _depth(number: int, closed: list[tuple[FloatArray, IntArray, list[NDArray[np.intp]]]]) -> int:
    """In how many other pieces a piece lies."""
    if not 1 < len(closed) <= _NESTED:
        return 0
    place = closed[number][0][closed[number][1][0]].mean(axis=0)[None]
    return sum(
        abs(float(winding_numbers(points, triangles, place)[0])) > 0.5
        for other, (points, triangles, _) in enumerate(closed)
        if other != number
    )


def _described(points: FloatArray, triangles: IntArray) -> list[GeometryFinding]:
    findings = []
    loops = rims(triangles)
    if loops:
        lengths = [_length(points[loop]) for loop in loops]
        told = ", ".join(f"{1e3 * length:.0f}" for length in sorted(lengths, reverse=True)[:6])
        n_edges = sum(len(loop) for loop in loops)
        findings.append(_defect(
            "rims", f"{n_edges} open edges in {len(loops)} rims, {told} mm around",
            np.array([points[loop].mean(axis=0) for loop in loops])[:_LISTED],
        ))  # fmt: skip
    crossing = self_crossings(points, triangles)
    if crossing.any():
        places = points[triangles[crossing]].mean(axis=1)[:_LISTED]
        text = f"{int(crossing.sum())} triangles pass through others"
        findings.append(_defect("self-intersections", text, places))
    count, piece = components(triangles, len(points))
    if count > 1:
        centres = np.array(
            [points[triangles[piece == n]].mean(axis=(0, 1)) for n in range(min(count, _LISTED))]
        )
        text = f"{count} separate pieces"
        findings.append(GeometryFinding(GeometryFindingKind.TOLD, "pieces", text, centres))
    return findings


def _defect(field: str, text: str, places: NDArray[np.float64]) -> GeometryFinding:
    return GeometryFinding(GeometryFindingKind.DEFECT, field, text, places)


def _length(loop: FloatArray) -> float:
    return float(np.linalg.norm(loop - np.roll(loop, -1, axis=0), axis=1).sum())
