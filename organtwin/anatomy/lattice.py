"""Kernels of isosurface stuffing: the body-centred cubic lattice and what a zero level cuts of it.

Lattice points have integer coordinates that are all even (corners) or all odd (centres), in units
of half a spacing; values lie in one flat array, corners first, each in C order. Long edges join
points of one kind (length 2), short edges a corner and a centre (length root 3). Every tetrahedron
has two opposite long edges. References and bounds: ``stuffing``.
"""

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.lattice_stencils import cut_pieces, number_of_pieces, reference_volume
from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel

Bytes = NDArray[np.int8]
Indices = NDArray[np.integer]

WARP_LONG, WARP_SHORT = 0.24999, 0.41189
"""A lattice point moves onto a cut closer than this part of the edge (Labelle & Shewchuk, table 1,
the choice for bounds on both sides)."""

_ROOT_3 = float(np.sqrt(3.0))

STEPS = np.array(
    [
        *[[2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]],
        *[[-2, 0, 0], [0, -2, 0], [0, 0, -2]],
        *[[-1, -1, -1], [-1, -1, 1], [-1, 1, -1], [-1, 1, 1]],
    ],
    np.int64,
)
"""From a point to its 14 neighbours; the edges with the first seven belong to the point itself."""

N_OWN = 7


@kernel
def lattice_index(x: int, y: int, z: int, shape: Indices) -> int:
    """Place in the flat array of the point at doubled coordinates, -1 outside the lattice."""
    if x < 0 or y < 0 or z < 0:
        return -1
    odd = x & 1
    nx, ny, nz = shape[0] - odd, shape[1] - odd, shape[2] - odd
    i, j, k = x >> 1, y >> 1, z >> 1
    if i >= nx or j >= ny or k >= nz:
        return -1
    start = shape[0] * shape[1] * shape[2] if odd else 0
    return int(start + (i * ny + j) * nz + k)


@kernel
def warped(values: FloatArray, shape: Indices) -> tuple[Bytes, FloatArray]:
    """Move points onto a cut that is too close, in place: their value becomes zero.

    Points are visited in order, and a point that moved takes the cuts on its edges with it.
    Returns the step each point moved along (-1: none) and by which part of it.
    """
    toward = np.full(values.size, -1, np.int8)
    part = np.zeros(values.size)
    for odd in range(2):
        for i in range(shape[0] - odd):
            for j in range(shape[1] - odd):
                for k in range(shape[2] - odd):
                    _warp_point(2 * i + odd, 2 * j + odd, 2 * k + odd, values, shape, toward, part)
    return toward, part


@kernel
def _warp_point(
    x: int,
    y: int,
    z: int,
    values: FloatArray,
    shape: Indices,
    toward: Bytes,
    part: FloatArray,
) -> None:
    here = lattice_index(x, y, z, shape)
    value = values[here]
    if value == 0.0:
        return
    nearest = np.inf
    for s in range(14):
        there = lattice_index(x + STEPS[s, 0], y + STEPS[s, 1], z + STEPS[s, 2], shape)
        if there < 0 or value * values[there] >= 0.0:
            continue
        t = value / (value - values[there])
        is_long = s < 3 or 7 <= s < 10
        reach = 2.0 * t if is_long else _ROOT_3 * t
        if t < (WARP_LONG if is_long else WARP_SHORT) and reach < nearest:
            nearest = reach
            toward[here] = s
            part[here] = t
    if nearest < np.inf:
        values[here] = 0.0


@kernel
def _corners(axis: int, i: int, j: int, k: int, turn: int, places: Indices) -> None:
    """Doubled coordinates of one tetrahedron, positively oriented.

    It hangs on the long edge between the centres on both sides of the cube face whose lower corner
    is ``(i, j, k)``, and on edge ``turn`` of that face.
    """
    u, v = (axis + 1) % 3, (axis + 2) % 3
    base = (2 * i, 2 * j, 2 * k)
    for c in range(3):
        for n in range(4):
            places[n, c] = base[c]
    for n in range(2):
        places[n, axis] += 2 * n - 1
        places[n, u] += 1
        places[n, v] += 1
    for n in range(2):
        side = (turn + n) % 4
        places[2 + n, u] += 2 if side == 1 or side == 2 else 0
        places[2 + n, v] += 2 if side >= 2 else 0


@kernel
def _signs(
    places: Indices, values: FloatArray, shape: Indices, ids: Indices, sign: Indices
) -> tuple[int, int]:
    n_in = n_zero = 0
    for n in range(4):
        ids[n] = lattice_index(places[n, 0], places[n, 1], places[n, 2], shape)
        value = values[ids[n]]
        sign[n] = (value > 0.0) - (value < 0.0)
        n_in += sign[n] < 0
        n_zero += sign[n] == 0
    return n_in, n_zero


@kernel
def counted(values: FloatArray, shape: Indices) -> int:
    """Number of tetrahedra that ``filled`` will make."""
    places, ids, sign = np.empty((4, 3), np.int64), np.empty(4, np.int64), np.empty(4, np.int64)
    total = 0
    for axis in range(3):
        first = (1, 0, 0) if axis == 0 else ((0, 1, 0) if axis == 1 else (0, 0, 1))
        for i in range(first[0], shape[0] - 1):
            for j in range(first[1], shape[1] - 1):
                for k in range(first[2], shape[2] - 1):
                    for turn in range(4):
                        _corners(axis, i, j, k, turn, places)
                        n_in, n_zero = _signs(places, values, shape, ids, sign)
                        total += number_of_pieces(n_in, n_zero)
    return total


@kernel
def filled(
    values: FloatArray, shape: Indices, toward: Bytes, part: FloatArray, n_tets: int
) -> tuple[FloatArray, IntArray]:
    """Nodes in half spacings from the first corner, and the tetrahedra, of what lies inside."""
    tets = np.empty((n_tets, 4), np.int32)
    nodes = np.empty((1024, 3))
    node_of, row_of = np.full(values.size, -1, np.int32), np.full(values.size, -1, np.int32)
    cuts = np.full((1024, N_OWN), -1, np.int32)
    places, ids, sign = np.empty((4, 3), np.int64), np.empty(4, np.int64), np.empty(4, np.int64)
    pieces = np.empty((3, 4), np.int64)
    n_nodes = n_rows = done = 0
    for axis in range(3):
        first = (1, 0, 0) if axis == 0 else ((0, 1, 0) if axis == 1 else (0, 0, 1))
        for i in range(first[0], shape[0] - 1):
            for j in range(first[1], shape[1] - 1):
                for k in range(first[2], shape[2] - 1):
                    for turn in range(4):
                        _corners(axis, i, j, k, turn, places)
                        n_in, _ = _signs(places, values, shape, ids, sign)
                        if n_in == 0:
                            continue
                        if n_nodes + 32 > len(nodes):
                            nodes = np.concatenate((nodes, np.empty_like(nodes)))
                        if n_rows + 32 > len(cuts):
                            cuts = np.concatenate((cuts, np.full_like(cuts, -1)))
                        for p in range(cut_pieces(places, sign, pieces)):
                            flipped = reference_volume(pieces[p]) < 0.0
                            for n in range(4):
                                code = pieces[p, 5 - n if flipped and n > 1 else n]
                                if code < 20:
                                    c = code // 5
                                    if node_of[ids[c]] < 0:
                                        node_of[ids[c]] = n_nodes
                                        _place(nodes[n_nodes], places[c], ids[c], toward, part)
                                        n_nodes += 1
                                    tets[done, n] = node_of[ids[c]]
                                    continue
                                c, d = (code - 20) // 4, (code - 20) % 4
                                owner, own = _edge(places, c, d)
                                if row_of[ids[owner]] < 0:
                                    row_of[ids[owner]] = n_rows
                                    n_rows += 1
                                row = row_of[ids[owner]]
                                if cuts[row, own] < 0:
                                    cuts[row, own] = n_nodes
                                    _cut(nodes[n_nodes], places, ids, owner, c + d - owner, values)
                                    n_nodes += 1
                                tets[done, n] = cuts[row, own]
                            done += 1
    return nodes[:n_nodes].copy(), tets[:done]


@kernel
def _edge(places: Indices, c: int, d: int) -> tuple[int, int]:
    """Which end owns an edge, and as which of its own edges."""
    for s in range(N_OWN):
        forward = backward = True
        for axis in range(3):
            gap = places[d, axis] - places[c, axis]
            forward &= gap == STEPS[s, axis]
            backward &= gap == -STEPS[s, axis]
        if forward:
            return c, s
        if backward:
            return d, s
    return c, 0


@kernel
def _place(node: FloatArray, at: Indices, point: int, toward: Bytes, part: FloatArray) -> None:
    for axis in range(3):
        node[axis] = at[axis]
        if toward[point] >= 0:
            node[axis] += part[point] * STEPS[toward[point], axis]


@kernel
def _cut(
    node: FloatArray, places: Indices, ids: Indices, a: int, b: int, values: FloatArray
) -> None:
    """The zero between two corners that did not move; always reckoned from the edge's owner."""
    t = values[ids[a]] / (values[ids[a]] - values[ids[b]])
    for axis in range(3):
        node[axis] = places[a, axis] + t * (places[b, axis] - places[a, axis])
