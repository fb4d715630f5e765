"""Outer faces of tetrahedra, and finding faces by their corners."""

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import BoolArray

Indices = NDArray[np.integer]

_OUTWARD = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


def outer_faces(tets: Indices) -> tuple[Indices, Indices]:
    """Faces ``(k, 3)`` that one tetrahedron alone has, seen counter-clockwise from outside.

    Also the tetrahedron ``(k,)`` that each belongs to. Tetrahedra ``(m, 4)`` must be positive.
    """
    faces = tets[:, _OUTWARD].reshape(-1, 3)
    _, first, count = np.unique(_names(faces), return_index=True, return_counts=True)
    single = np.sort(first[count == 1])
    return faces[single], single // 4


def matched(faces: Indices, among: Indices) -> tuple[Indices, BoolArray]:
    """Row ``(k,)`` of each face in a list of faces, whatever the order of its corners.

    The second array tells where there is one; elsewhere the row means nothing.
    """
    if len(among) == 0:
        return np.zeros(len(faces), np.int64), np.zeros(len(faces), np.bool_)
    names = _names(among)
    order = np.argsort(names)
    wanted = _names(faces)
    place = np.minimum(np.searchsorted(names[order], wanted), len(names) - 1)
    row = order[place]
    return row, names[row] == wanted


def _names(faces: Indices) -> NDArray[np.int64]:
    """One number per face from its sorted corners; holds for up to two million nodes."""
    corners = np.sort(faces.astype(np.int64), axis=1)
    return np.asarray((corners[:, 0] << 42) | (corners[:, 1] << 21) | corners[:, 2])
