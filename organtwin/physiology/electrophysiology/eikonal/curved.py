"""Second pass over the nodes: fronts that curve within an element, and exact balls at sources.

Times linear on the face through which a front comes are late wherever the front curves; this is
nearly all of the first pass's error. Here each node, in order of arrival, is computed anew from
its neighbours' new times and gradients (``bends``), the gradient being the direction of the ray by
which a neighbour was reached, and around points where excitation starts from ``balls``. Whatever
the first pass found decides the order and bounds what a ball may claim.

Where a gradient is unknown, fronts meet or speeds change, the times stay linear.
"""

import math
from typing import NamedTuple

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray, RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.eikonal.balls import (
    Balls,
    gradient_in_ball,
    no_balls,
    offer_ball,
)
from organtwin.physiology.electrophysiology.eikonal.bends import (
    along_bent_edge,
    bend,
    gradient_of_ray,
    near_face,
    through_bent_face,
)
from organtwin.physiology.electrophysiology.eikonal.geometry import Geometry
from organtwin.physiology.electrophysiology.eikonal.spreading import OTHERS, SIX, Elements, Forms
from organtwin.physiology.electrophysiology.eikonal.updates import UNSET

_LATE = 1.5
"""Largest time of the first pass over that of a straight line before another way is assumed: the
first pass is late by up to 1.4 at a point in tissue with speeds 3 to 1."""
_SIDES = np.array([[0, 1, 2], [0, 2, 1], [1, 2, 0]], np.int32)
"""Corners at the ends of an edge of a face, and the third."""
_TIE = 1e-4
"""Rounding of a time in single precision [ms]."""

Front = tuple[float, float, float, float]
"""Arrival [ms] and gradient [ms/mm]."""


class Wave(NamedTuple):
    """What the second pass knows of each node.

    ``times`` [ms], ``plain`` those of the first pass, ``gradients`` ``(n_nodes, 3)`` [ms/mm] where
    ``known``.
    """

    times: FloatArray
    plain: FloatArray
    gradients: FloatArray
    known: BoolArray


def curved(
    geometry: Geometry, kinds: IntArray, elements: Elements, forms: Forms,
    plain: RealArray, starts: RealArray,
) -> FloatArray:  # fmt: skip
    """Times [ms] with curved fronts; ``starts`` ``(n_nodes,)`` [ms], inf where nothing starts.

    ``kinds`` ``(n_tets,)`` tells tissue of unlike speeds apart.
    """
    n = len(plain)
    first = plain.astype(np.float64)
    wave = Wave(first.copy(), first, np.zeros((n, 3)), np.zeros(n, np.bool_))
    order = np.argsort(plain, kind="stable").astype(np.int32)
    started = np.isfinite(starts) & (starts <= plain)
    _pass(elements, forms, kinds, geometry.places, wave, order, started, no_balls(n))
    return wave.times


@kernel
def _pass(
    elements: Elements, forms: Forms, kinds: IntArray, places: FloatArray, wave: Wave,
    order: IntArray, started: BoolArray, balls: Balls,
) -> None:  # fmt: skip
    tets, first, own, numbers = elements.tets, elements.first_tet, elements.own_tets, forms.numbers
    times, plain, gradients, known = wave.times, wave.plain, wave.gradients, wave.known
    for node in order:
        if plain[node] == math.inf:
            return
        point = started[node]
        if not point:
            t, x, y, z = _through_faces(
                tets, first, own, numbers, places, times, gradients, known, node
            )
            if not t < plain[node] + _TIE:
                edge = _along_edges(
                    tets, first, own, numbers, places, times, gradients, known, node
                )
                if edge[0] < t:
                    t, x, y, z = edge
            if elements.first_face[node] < elements.first_face[node + 1]:
                layer = _along_layers(elements, forms.sides, places, times, gradients, known, node)
                if layer[0] < t:
                    t, x, y, z = layer
            source, near = balls.source[node], balls.times[node]
            if source >= 0 and near < plain[node] + _TIE:
                run = near - times[source]
                if plain[node] - times[source] < _LATE * run:
                    t = near
                    x, y, z = gradient_in_ball(node, run, places, balls)
            cable = _by_cable(elements, forms.delays, times, node)
            point = cable < t
            times[node] = min(t, cable)
        if point:
            offer_ball(node, times[node], first, own, tets, kinds, numbers, places, balls)
        elif times[node] < math.inf:
            known[node] = True
            gradients[node, 0], gradients[node, 1], gradients[node, 2] = x, y, z


@kernel
def _through_faces(
    tets: IntArray, first: IntArray, own: IntArray, numbers: RealArray, places: FloatArray,
    times: FloatArray, gradients: FloatArray, known: BoolArray, node: int,
) -> Front:  # fmt: skip
    """The earliest front through the inside of a face opposite a node; inf if there is none."""
    best, x, y, z = math.inf, 0.0, 0.0, 0.0
    squares = np.empty(6)
    for k in range(first[node], first[node + 1]):
        e, o = own[k] >> 2, own[k] & 3
        a, b, c = tets[e, OTHERS[o, 0]], tets[e, OTHERS[o, 1]], tets[e, OTHERS[o, 2]]
        t_a, t_b, t_c = times[a], times[b], times[c]
        if numbers[e, 0] == UNSET or t_a + t_b + t_c == math.inf:
            continue
        va, vb, vc = numbers[e, SIX[o, 0]], numbers[e, SIX[o, 1]], numbers[e, SIX[o, 2]]
        ab, ac, bc = numbers[e, SIX[o, 3]], numbers[e, SIX[o, 4]], numbers[e, SIX[o, 5]]
        if not near_face(t_a, t_b, t_c, va, vb, vc, ab, ac, bc):
            continue
        for i in range(6):
            squares[i] = numbers[e, 6 + SIX[o, i]]
        t, at_a, at_b, at_c = through_bent_face(
            t_a, t_b, t_c, va, vb, vc, ab, ac, bc,
            bend(places, times, gradients, known, a, b, squares[3]),
            bend(places, times, gradients, known, a, c, squares[4]),
            bend(places, times, gradients, known, b, c, squares[5]),
        )  # fmt: skip
        if t < best:
            best = t
            x, y, z = gradient_of_ray(places, squares, node, a, b, c, at_a, at_b, at_c)
    return best, x, y, z


@kernel
def _along_edges(
    tets: IntArray, first: IntArray, own: IntArray, numbers: RealArray, places: FloatArray,
    times: FloatArray, gradients: FloatArray, known: BoolArray, node: int,
) -> Front:  # fmt: skip
    """The earliest front from an edge or a corner of the faces opposite a node."""
    best, x, y, z = math.inf, 0.0, 0.0, 0.0
    squares = np.empty(6)
    for k in range(first[node], first[node + 1]):
        e, o = own[k] >> 2, own[k] & 3
        if numbers[e, 0] == UNSET:
            continue
        for side in range(3):
            i, j, rest = _SIDES[side, 0], _SIDES[side, 1], _SIDES[side, 2]
            a, b = tets[e, OTHERS[o, i]], tets[e, OTHERS[o, j]]
            if times[a] + times[b] == math.inf:
                continue
            q_ab = numbers[e, 6 + SIX[o, 3 + side]]
            q_va, q_vb = numbers[e, 6 + SIX[o, i]], numbers[e, 6 + SIX[o, j]]
            ab = bend(places, times, gradients, known, a, b, q_ab)
            t, share = along_bent_edge(times[a], times[b], q_va, q_vb, q_ab, ab)
            if t < best:
                best = t
                squares[0], squares[1], squares[3] = q_va, q_vb, q_ab
                squares[2] = numbers[e, 6 + SIX[o, rest]]
                squares[4] = numbers[e, 6 + SIX[o, 2 + i + rest]]
                squares[5] = numbers[e, 6 + SIX[o, 2 + j + rest]]
                c = tets[e, OTHERS[o, rest]]
                x, y, z = gradient_of_ray(places, squares, node, a, b, c, 1.0 - share, share, 0.0)
    return best, x, y, z


@kernel
def _along_layers(
    elements: Elements, sides: RealArray, places: FloatArray, times: FloatArray,
    gradients: FloatArray, known: BoolArray, node: int,
) -> Front:  # fmt: skip
    """The earliest front through a triangle of a layer; its gradient lies in the triangle."""
    best = math.inf
    gradient = np.zeros(3)
    for k in range(elements.first_face[node], elements.first_face[node + 1]):
        face, own = divmod(elements.own_faces[k], 3)
        i, j = (own + 1) % 3, (own + 2) % 3
        a, b = elements.faces[face, i], elements.faces[face, j]
        if sides[face, own] == UNSET or times[a] + times[b] == math.inf:
            continue
        q_ab = sides[face, own]
        ab = bend(places, times, gradients, known, a, b, q_ab)
        t, share = along_bent_edge(times[a], times[b], sides[face, j], sides[face, i], q_ab, ab)
        if t < best:
            best = t
            square, edge = 0.0, 0.0
            for d in range(3):
                edge += (places[b, d] - places[a, d]) ** 2
                gradient[d] = places[node, d] - (1.0 - share) * places[a, d] - share * places[b, d]
                square += gradient[d] ** 2
            # unit vector over speed, the speed from the edge ab
            gradient *= math.sqrt(q_ab / (edge * square))
    return best, gradient[0], gradient[1], gradient[2]


@kernel
def _by_cable(elements: Elements, delays: RealArray, times: FloatArray, node: int) -> float:
    """The earliest arrival over a cable."""
    best = math.inf
    for k in range(elements.first_cable[node], elements.first_cable[node + 1]):
        cable, end = divmod(elements.own_cables[k], 2)
        best = min(best, times[elements.cables[cable, 1 - end]] + delays[cable, 1 - end])
    return best
