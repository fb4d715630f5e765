"""The earliest arrival at a corner of one element, from the others: closed forms.

On a tetrahedron with barycentric coordinates l_i, velocity tensor D [mm2/ms2] and arrival times
t_i [ms] at its corners, linear in between, the eikonal equation is ``t' K t = 1`` with
``K_ij = grad l_i . D grad l_j``: a quadratic in the unknown time. Its root is the arrival of a
plane front; the front comes through the opposite face if ``(K t)_i <= 0`` at the three known
corners, because every l_i falls along the ray. Otherwise the front runs along an edge, where
only metric lengths ``e' D^-1 e`` are needed, or along the straight line from a corner.

All times are relative to the corner that spreads, which keeps single precision sharp.
"""

import math
from typing import cast

import numpy as np

from organtwin.compilation import kernel

ZERO = cast("float", np.float32(0.0))
ONE = cast("float", np.float32(1.0))
TWO = cast("float", np.float32(2.0))
HALF = cast("float", np.float32(0.5))
"""A double literal would widen every sum of single precision."""
UNSET = cast("float", np.float32(np.inf))


@kernel
def along_edge(later: float, limit: float, q_ov: float, q_av: float, q_oa: float) -> float:
    """Delay from corner o to v with the front on the edge from o to a, ``later`` at a than at o.

    ``q`` are squared metric lengths [ms2]. ``limit`` is returned when nothing is earlier; a front
    that leaves the edge at o is the straight line from o to v.
    """
    inner = HALF * (q_oa + q_ov - q_av)
    lead = q_oa - later * later
    if lead > ZERO:
        height = (q_ov - inner * inner / q_oa) * q_oa / lead
        run = math.sqrt(max(height, ZERO))
        share = (inner - later * run) / q_oa
        if share > ZERO:
            if share >= ONE:
                return limit
            return min(limit, later * share + run)
    elif later <= ZERO:
        return limit
    return min(limit, math.sqrt(q_ov))


@kernel
def may_lower(
    limit: float, a: float, b: float,
    k_ov: float, k_oa: float, k_ob: float, k_va: float, k_vb: float, k_ab: float,
) -> bool:  # fmt: skip
    """Whether a front through o, a and b could reach v before ``limit``; cheap, and seldom true.

    All times relative to o. No is certain: the plane front through all three, wherever its ray
    crosses their face, is a lower bound.
    """
    if limit <= ZERO and limit <= a and limit <= b:
        return False
    if limit < UNSET and a < UNSET and b < UNSET:
        k_vv = k_ov + k_va + k_vb
        slope = k_va * a + k_vb * b
        rest = b * (TWO * k_ab * a - (k_ob + k_ab + k_vb) * b) - (k_oa + k_ab + k_va) * a * a - ONE
        lead = slope - k_vv * limit
        if (lead + slope) * limit + rest <= ZERO:
            return False
        if lead <= ZERO and slope * slope + k_vv * rest >= ZERO:
            return False  # likewise; the other root of the quadratic is the earlier one
    return True


@kernel
def through_face(
    a: float, b: float, limit: float,
    k_ov: float, k_oa: float, k_ob: float, k_va: float, k_vb: float, k_ab: float,
    q_ov: float, q_oa: float, q_ob: float, q_va: float, q_vb: float,
) -> float:  # fmt: skip
    """Delay from corner o to v, with times ``a`` and ``b`` relative to o, inf where unset.

    Fronts that do not touch o are left to the other corners. ``limit`` if nothing is earlier.
    """
    if a < UNSET and b < UNSET:
        k_vv = -(k_ov + k_va + k_vb)
        k_aa = -(k_oa + k_ab + k_va)
        k_bb = -(k_ob + k_ab + k_vb)
        slope = k_va * a + k_vb * b
        rest = (k_aa * a + TWO * k_ab * b) * a + k_bb * b * b - ONE
        inner = slope * slope - k_vv * rest
        if inner >= ZERO:
            delay = (math.sqrt(inner) - slope) / k_vv
            if (
                k_ov * delay + k_oa * a + k_ob * b <= ZERO
                and k_va * delay + k_aa * a + k_ab * b <= ZERO
                and k_vb * delay + k_ab * a + k_bb * b <= ZERO
            ):
                return delay
    best = limit
    if a < UNSET:
        best = along_edge(a, best, q_ov, q_va, q_oa)
    if b < UNSET:
        best = along_edge(b, best, q_ov, q_vb, q_ob)
    if not (a < UNSET or b < UNSET):
        best = min(best, math.sqrt(q_ov))
    return best
