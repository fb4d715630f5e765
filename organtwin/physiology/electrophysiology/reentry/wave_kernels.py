"""Event-driven eikonal that can be excited again.

With ``G_ab = x_a' V^-2 x_b`` of the corners of an element, V the speeds at full recovery, the
travel time from corner ``i`` to ``w`` is ``sqrt(G_ii - 2 G_iw + G_ww)``; at ``1/f`` of that speed
it is ``f`` times as long. The arrival at ``w`` through a face, an edge or a corner with known
times ``U`` is the root of ``t^2 1'Q1 - 2 t 1'QU + U'QU - f^2 = 0``, ``Q`` the inverse of
``M_ij = (x_i - x_w)' V^-2 (x_j - x_w)``, if the wave really enters there.
"""

import math

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.reentry.event_queue import popped, pushed

NEVER = 1e9
"""Longer than any run [s]."""
REFINEMENTS = 3
"""The speed depends on the interval and that on the arrival: after three rounds the arrival
changes by less than 1 us where CV(DI) is steepest."""

EARLIER, ENDED, DURATION, TENTATIVE = range(4)
"""Rows of the node state: last activation, its end, its length, pending activation [s]."""


@kernel
def interpolated(x: float, xs: FloatArray, ys: FloatArray, n: int) -> float:
    if x <= xs[0]:
        return float(ys[0])
    for k in range(1, n):
        if x < xs[k]:
            return float(ys[k - 1] + (ys[k] - ys[k - 1]) * (x - xs[k - 1]) / (xs[k] - xs[k - 1]))
    return float(ys[n - 1])


@kernel
def through_edge(g: FloatArray, w: int, i: int, j: int, u: FloatArray, f: float) -> float:
    """Arrival at corner ``w`` through the edge of ``i`` and ``j``, or ``NEVER``."""
    a = g[i, i] - 2.0 * g[i, w] + g[w, w]
    b = g[i, j] - g[i, w] - g[j, w] + g[w, w]
    c = g[j, j] - 2.0 * g[j, w] + g[w, w]
    det = a * c - b * b
    if det <= 0.0:
        return NEVER
    ui, uj = u[i], u[j]
    alpha = (c - 2.0 * b + a) / det
    beta = ((c - b) * ui + (a - b) * uj) / det
    gamma = (c * ui * ui - 2.0 * b * ui * uj + a * uj * uj) / det - f * f
    root = beta * beta - alpha * gamma
    if root < 0.0:
        return NEVER
    t = (beta + math.sqrt(root)) / alpha
    di, dj = t - ui, t - uj
    return t if c * di - b * dj > 0.0 and a * dj - b * di > 0.0 else NEVER


@kernel
def through_face(g: FloatArray, w: int, u: FloatArray, f: float) -> float:
    """Arrival at corner ``w`` through the opposite face, or ``NEVER``."""
    i, j, k = (w + 1) % 4, (w + 2) % 4, (w + 3) % 4
    o = g[w, w]
    a, b, c = g[i, i] - 2 * g[i, w] + o, g[j, j] - 2 * g[j, w] + o, g[k, k] - 2 * g[k, w] + o
    d = g[i, j] - g[i, w] - g[j, w] + o
    e = g[i, k] - g[i, w] - g[k, w] + o
    h = g[j, k] - g[j, w] - g[k, w] + o
    q00, q01, q02 = b * c - h * h, e * h - d * c, d * h - b * e
    q11, q12, q22 = a * c - e * e, d * e - a * h, a * b - d * d
    det = a * q00 + d * q01 + e * q02
    if det <= 0.0:
        return NEVER
    ui, uj, uk = u[i], u[j], u[k]
    si, sj, sk = q00 + q01 + q02, q01 + q11 + q12, q02 + q12 + q22
    alpha = si + sj + sk
    beta = si * ui + sj * uj + sk * uk
    gamma = q00 * ui * ui + q11 * uj * uj + q22 * uk * uk
    gamma += 2.0 * (q01 * ui * uj + q02 * ui * uk + q12 * uj * uk) - f * f * det
    root = beta * beta - alpha * gamma
    if root < 0.0:
        return NEVER
    t = (beta + math.sqrt(root)) / alpha
    di, dj, dk = t - ui, t - uj, t - uk
    enters = q00 * di + q01 * dj + q02 * dk > 0.0 and q01 * di + q11 * dj + q12 * dk > 0.0
    return t if enters and q02 * di + q12 * dj + q22 * dk > 0.0 else NEVER


@kernel
def arrival(g: FloatArray, w: int, v: int, known: IntArray, u: FloatArray, f: float) -> float:
    """Earliest arrival at corner ``w`` by ways that use corner ``v``, of the ``known`` ones."""
    best = u[v] + f * math.sqrt(max(g[v, v] - 2.0 * g[v, w] + g[w, w], 0.0))
    others = 0
    for i in range(4):
        if i != w and i != v and known[i] == 1:
            others += 1
            best = min(best, through_edge(g, w, v, i, u, f))
    if others == 2:
        best = min(best, through_face(g, w, u, f))
    return float(best)


@kernel
def run_waves(
    until: float, tets: IntArray, grams: FloatArray, starts: IntArray, around: IntArray,
    kinds: IntArray, shortest: FloatArray, apd: FloatArray, cv: FloatArray, counts: IntArray,
    state: FloatArray, times: FloatArray, nodes: IntArray, size: int, log_times: FloatArray,
    log_nodes: IntArray, log_durations: FloatArray,
) -> tuple[int, int]:  # fmt: skip
    """Work off events up to ``until`` or until the log is full; new queue size, entries logged.

    ``apd`` and ``cv`` ``(n_kinds, 2, k)`` hold intervals and values (for ``cv`` the speed as a
    share of the fastest), ``counts`` ``(n_kinds, 2)`` how many of each.
    """
    known, u = np.zeros(4, np.int32), np.zeros(4)
    logged, room = 0, len(times) - 64
    while size > 0 and times[0] <= until and logged < len(log_times) and size < room:
        t, node = times[0], nodes[0]
        size = popped(times, nodes, size)
        if state[TENTATIVE, node] != t:
            continue
        kind = kinds[node]
        length = interpolated(t - state[ENDED, node], apd[kind, 0], apd[kind, 1], counts[kind, 0])
        state[EARLIER, node], state[ENDED, node] = t, t + length
        state[DURATION, node], state[TENTATIVE, node] = length, NEVER
        log_times[logged], log_nodes[logged], log_durations[logged] = t, node, length
        logged += 1
        for record in range(starts[node], starts[node + 1]):
            tet = around[record]
            v = 0
            for i in range(4):
                if tets[tet, i] == node:
                    v = i
            for w in range(4):
                if w == v:
                    continue
                target = tets[tet, w]
                own = kinds[target]
                if t - state[ENDED, target] < shortest[own] - 0.1:
                    continue  # refractory for long: nothing can arrive in time
                for i in range(4):
                    other = tets[tet, i]
                    u[i] = state[EARLIER, other]
                    fresh = state[EARLIER, other] >= state[ENDED, target]
                    known[i] = 1 if fresh and state[ENDED, other] > t else 0
                found = t
                for _ in range(REFINEMENTS):
                    rest = found - state[ENDED, target]
                    share = interpolated(rest, cv[own, 0], cv[own, 1], counts[own, 1])
                    found = arrival(grams[tet], w, v, known, u, 1.0 / share)
                found = max(found, t)
                recovered = found - state[ENDED, target] >= shortest[own]
                if recovered and found < state[TENTATIVE, target]:
                    state[TENTATIVE, target] = found
                    size = pushed(times, nodes, size, found, target)
    return size, logged
