"""What a zero level leaves of one tetrahedron of the lattice: the stencils of isosurface stuffing.

A corner of a piece is coded ``5 c`` for the tetrahedron's corner ``c`` and ``20 + 4 c + d``, with
``c`` inside and ``d`` outside, for the cut on an edge. Signs are -1 inside, 0 on and 1 outside the
surface. Reference: Labelle & Shewchuk 2007, figure 3.
"""

import numpy as np
from numpy.typing import NDArray

from organtwin.compilation import kernel

Indices = NDArray[np.integer]


@kernel
def number_of_pieces(n_in: int, n_zero: int) -> int:
    """How many tetrahedra the inside of a lattice tetrahedron makes."""
    if n_in == 0:
        return 0
    if n_in == 1 or n_in + n_zero == 4:
        return 1
    return 2 if n_zero == 1 else 3


@kernel
def cut_pieces(places: Indices, sign: Indices, pieces: Indices) -> int:
    """The inside of one lattice tetrahedron; returns the number of pieces written."""
    i0, i1, i2 = _first_three(sign, -1)
    o0, o1, _ = _first_three(sign, 1)
    z0, _, _ = _first_three(sign, 0)
    if i0 < 0:
        return 0
    if o0 < 0:
        for c in range(4):
            pieces[0, c] = 5 * c
        return 1
    if i1 < 0:
        n = 1
        pieces[0, 0] = 5 * i0
        for c in range(4):
            if c != i0:
                pieces[0, n] = 5 * c if sign[c] == 0 else 20 + 4 * i0 + c
                n += 1
        return 1
    bottom, top, rank = np.empty(3, np.int64), np.empty(3, np.int64), np.zeros(3, np.int64)
    if i2 >= 0:
        _wedge_of_three(places, i0, i1, i2, o0, bottom, top, rank)
    elif z0 < 0:
        bottom[:] = (5 * i0, 20 + 4 * i0 + o0, 20 + 4 * i0 + o1)
        top[:] = (5 * i1, 20 + 4 * i1 + o0, 20 + 4 * i1 + o1)
        rank[0] = 1
        rank[1] = 2 if _goes_from(places, i0, i1, o0) else 0
        rank[2] = 2 if _goes_from(places, i0, i1, o1) else 0
    else:
        return _half_pyramids(places, i0, i1, o0, z0, pieces)
    first, second, third = np.argmin(rank), 3 - np.argmin(rank) - np.argmax(rank), np.argmax(rank)
    pieces[0] = (bottom[first], bottom[second], bottom[third], top[third])
    pieces[1] = (bottom[first], bottom[second], top[second], top[third])
    pieces[2] = (bottom[first], top[first], top[second], top[third])
    return 3


@kernel
def _is_long(places: Indices, a: int, b: int) -> bool:
    return bool((places[a, 0] & 1) == (places[b, 0] & 1))


@kernel
def _goes_from(places: Indices, a: int, b: int, o: int) -> bool:
    """Whether the quadrilateral on face ``a b o``, cut at ``o``, is split at ``a``.

    Where one of its cuts lies on a long edge, the diagonal ends at that cut. Else ``a b`` is the
    long edge, and the parity rule decides: at the end that exceeds ``o`` in an even number of
    coordinates. Both ends differ from ``o`` by one in each coordinate, and from each other in one.
    """
    if _is_long(places, b, o):
        return True
    if _is_long(places, a, o):
        return False
    larger = 0
    for c in range(3):
        larger += places[a, c] > places[o, c]
    return larger % 2 == 0


@kernel
def _first_three(sign: Indices, wanted: int) -> tuple[int, int, int]:
    """The first three corners with the wanted sign, -1 where there are fewer."""
    found = np.full(4, -1, np.int64)
    n = 0
    for c in range(4):
        if sign[c] == wanted:
            found[n] = c
            n += 1
    return found[0], found[1], found[2]


@kernel
def _wedge_of_three(
    places: Indices,
    a: int,
    b: int,
    c: int,
    o: int,
    bottom: Indices,
    top: Indices,
    rank: Indices,
) -> None:
    inside = (a, b, c)
    for n in range(3):
        bottom[n] = 5 * inside[n]
        top[n] = 20 + 4 * inside[n] + o
    for n in range(3):
        m = (n + 1) % 3
        if _goes_from(places, inside[n], inside[m], o):
            rank[m] += 1
        else:
            rank[n] += 1


@kernel
def _half_pyramids(places: Indices, a: int, b: int, o: int, z: int, pieces: Indices) -> int:
    cut_a, cut_b = 20 + 4 * a + o, 20 + 4 * b + o
    if _goes_from(places, a, b, o):
        pieces[0] = (5 * a, 5 * b, cut_b, 5 * z)
        pieces[1] = (5 * a, cut_a, cut_b, 5 * z)
    else:
        pieces[0] = (5 * a, 5 * b, cut_a, 5 * z)
        pieces[1] = (5 * b, cut_a, cut_b, 5 * z)
    return 2


@kernel
def reference_volume(piece: Indices) -> float:
    """Orientation of a piece by its corners' places in an uncut tetrahedron, cuts halfway."""
    at = np.zeros((4, 3))
    for n in range(4):
        code = piece[n]
        ends = (code // 5, code // 5) if code < 20 else ((code - 20) // 4, (code - 20) % 4)
        for end in ends:
            if end > 0:
                at[n, end - 1] += 0.5
    for n in range(1, 4):
        at[n] -= at[0]
    volume: float = (
        at[1, 0] * (at[2, 1] * at[3, 2] - at[2, 2] * at[3, 1])
        - at[1, 1] * (at[2, 0] * at[3, 2] - at[2, 2] * at[3, 0])
        + at[1, 2] * (at[2, 0] * at[3, 1] - at[2, 1] * at[3, 0])
    )
    return volume
