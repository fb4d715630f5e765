"""What excitation runs through, how fast, and what is wrong with a description of it."""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.errors import InputError

_DIRECTION_TOLERANCE = 2e-3
"""Directions may be stored in single precision; what is further off is a mistake."""


@dataclass(frozen=True, eq=False, slots=True)
class Medium:
    """Tissue, thin layers and cables on one set of nodes.

    ``places`` ``(n_nodes, 3)`` [m], nodes of the tissue first, then those of cables. ``tets``
    ``(n_tets, 4)`` of positive volume, with unit vectors ``fibers`` and ``sheets``
    ``(n_tets, 3)`` at right angles and ``tissue_kinds`` ``(n_tets,)``, rows of
    ``Speeds.tissue``. ``faces`` ``(n_faces, 3)``, triangles of thin fast layers, with
    ``face_kinds`` ``(n_faces,)``, rows of ``Speeds.layers``. ``cables`` ``(n_cables, 2)`` join
    two nodes: conduction system, junctions, accessory pathways.
    """

    places: FloatArray
    tets: IntArray
    fibers: FloatArray
    sheets: FloatArray
    tissue_kinds: IntArray
    faces: IntArray
    face_kinds: IntArray
    cables: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Speeds:
    """How fast excitation runs.

    ``tissue`` ``(n_kinds, 3)`` [m/s] along fibre, sheet and their normal; a row of zeros does not
    conduct. ``layers`` ``(n_face_kinds,)`` [m/s]; 0 turns a layer off. ``delays``
    ``(n_cables, 2)`` [s], forwards and backwards along each cable; inf blocks.
    """

    tissue: FloatArray
    layers: FloatArray
    delays: FloatArray


def check_medium(medium: Medium) -> None:
    """Refuse a medium that no solver could use.

    Raises
    ------
    InputError
        A wrong shape, a node out of range, a value that is not finite, a direction that is not a
        unit vector, a tetrahedron without positive volume or a triangle without area.
    """
    n_tets, n_faces = len(medium.tets), len(medium.faces)
    _has_shape("places", medium.places, (len(medium.places), 3))
    _has_shape("tets", medium.tets, (n_tets, 4))
    _has_shape("fibers", medium.fibers, (n_tets, 3))
    _has_shape("sheets", medium.sheets, (n_tets, 3))
    _has_shape("tissue_kinds", medium.tissue_kinds, (n_tets,))
    _has_shape("faces", medium.faces, (n_faces, 3))
    _has_shape("face_kinds", medium.face_kinds, (n_faces,))
    _has_shape("cables", medium.cables, (len(medium.cables), 2))
    _refuse("places", ~np.isfinite(medium.places).all(axis=1), "finite places", medium.places)
    for name, nodes in (("tets", medium.tets), ("faces", medium.faces), ("cables", medium.cables)):
        outside = ((nodes < 0) | (nodes >= len(medium.places))).any(axis=1)
        _refuse(name, outside, f"nodes from 0 to {len(medium.places) - 1}", nodes)
    for name, kinds in (("tissue_kinds", medium.tissue_kinds), ("face_kinds", medium.face_kinds)):
        _refuse(name, kinds < 0, "kinds of 0 and above", kinds)
    _check_directions(medium)
    _check_orientation(medium)


def check_speeds(medium: Medium, speeds: Speeds) -> None:
    """Refuse speeds that do not belong to a medium.

    Raises
    ------
    InputError
        A wrong shape, a kind without speeds, a speed that is negative or not finite, a row that
        conducts in some directions only, a delay that is negative or not a number.
    """
    n_kinds = 1 + int(medium.tissue_kinds.max(initial=-1))
    n_layers = 1 + int(medium.face_kinds.max(initial=-1))
    _has_shape("tissue", speeds.tissue, (max(n_kinds, len(speeds.tissue)), 3))
    _has_shape("layers", speeds.layers, (max(n_layers, len(speeds.layers)),))
    _has_shape("delays", speeds.delays, (len(medium.cables), 2))
    tissue, layers, delays = speeds.tissue, speeds.layers, speeds.delays
    wrong = ~(np.isfinite(tissue) & (tissue >= 0.0)).all(axis=1)
    _refuse("tissue", wrong, "speeds of 0 and above", tissue)
    some = (tissue > 0.0).any(axis=1) & (tissue == 0.0).any(axis=1)
    _refuse("tissue", some, "three speeds above 0 or three zeros", tissue)
    _refuse("layers", ~(np.isfinite(layers) & (layers >= 0.0)), "speeds of 0 and above", layers)
    _refuse("delays", ~(delays >= 0.0).all(axis=1), "delays of 0 and above", delays)


def check_starts(medium: Medium, nodes: IntArray, times: FloatArray) -> None:
    """Refuse starts that do not belong to a medium.

    Raises
    ------
    InputError
        No start, a wrong shape, a node that is no whole number or outside the medium, a time that
        is not finite.
    """
    _has_shape("nodes", nodes, (len(nodes),))
    _has_shape("times", times, (len(nodes),))
    if not len(nodes):
        raise InputError(
            "activation", "nodes", expected="at least one start", got="none",
            remedy="Name a node where excitation starts.",
        )  # fmt: skip
    if not np.issubdtype(nodes.dtype, np.integer):
        raise InputError(
            "activation", "nodes", expected="whole numbers", got=str(nodes.dtype),
            remedy="Give the numbers of nodes.",
        )  # fmt: skip
    outside = (nodes < 0) | (nodes >= len(medium.places))
    _refuse("nodes", outside, f"nodes from 0 to {len(medium.places) - 1}", nodes)
    _refuse("times", ~np.isfinite(times), "finite start times", times)


def _check_directions(medium: Medium) -> None:
    for name, vectors in (("fibers", medium.fibers), ("sheets", medium.sheets)):
        length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        wrong = ~(np.abs(length - 1.0) <= _DIRECTION_TOLERANCE)
        _refuse(name, wrong, "unit vectors", vectors)
    across = np.einsum("ij,ij->i", medium.fibers, medium.sheets)
    wrong = ~(np.abs(across) <= _DIRECTION_TOLERANCE)
    _refuse("sheets", wrong, "sheets at right angles to the fibres", medium.sheets)


def _check_orientation(medium: Medium) -> None:
    corners = medium.places[medium.tets]
    a, b, c = (corners[:, i] - corners[:, 0] for i in (1, 2, 3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    _refuse("tets", ~(volume > 0.0), "tetrahedra of positive volume", medium.tets)
    corners = medium.places[medium.faces]
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    _refuse("faces", ~(np.abs(area).sum(axis=1) > 0.0), "triangles with an area", medium.faces)
    same = medium.cables[:, 0] == medium.cables[:, 1]
    _refuse("cables", same, "two different nodes", medium.cables)


def _has_shape(field: str, values: FloatArray | IntArray, shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise InputError(
            "activation",
            field,
            expected=f"an array of shape {shape}",
            got=f"shape {values.shape}",
            remedy="Give one row per element of the medium.",
        )


def _refuse(
    field: str, wrong: "np.bool | BoolArray", expected: str, values: FloatArray | IntArray
) -> None:
    """Report the first wrong row and how many there are."""
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return
    first = int(rows[0])
    raise InputError(
        "activation",
        f"{field}[{first}]",
        expected=expected,
        got=str(values[first]),
        remedy=f"Correct or leave out this row; {len(rows)} are like it.",
    )
