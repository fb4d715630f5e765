"""TriSeg: three spherical caps (left wall, septum, right wall) meeting on a circle.

With the cap volumes V_i [m3] and junction radius Y [m], let v = V/(pi Y^3) and X the root of
X^3 + 3 X = 6 v (cap height over Y). Then, per wall,

    R = X^2 + 1,   A_m = pi Y^2 R,   C_m = 2 X/(Y R)
    A_v = 4 X/R,   A_p = (1 - X^2)/R,   A_vv = 8 A_p/R^2,   A_vp = -2 A_v/R^2,   A_pp = 3 v A_v/R^2

are the derivatives of A_m/(pi Y^2) by v and by p = ln Y^2 at constant volume. The junction is in
equilibrium where the wall energy is stationary: sum T A_v = 0 (forces along the axis) and
sum T A_p = 0 (radially). Newton's method in (v, p), warm-started from the last step.

Reference: Lumens et al. 2009 Ann Biomed Eng 37:2234. Sign: the left cap volume is negative.
Verified in tests/physiology/test_triseg.py (residual, flat septum of a symmetric heart).
"""

import math

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel

TOLERANCE = 1e-10
"""Largest junction force, as a share of the sum of wall tensions."""
SLACK_TENSION = 1.0
"""[N/m], added to that sum: with every wall slack there is no force left to be relative to.
Tensions are some 10 N/m in diastole and 300 N/m in systole."""
ACCEPTED = 1e-7
"""What is accepted when the walls are so slack that Newton's method only creeps."""
SLACK = 0.05
"""[N/m]: with so little tension in all walls together any junction will do; the pressures differ
by 0.04 mmHg at most. Small fast hearts pass through this at the start of filling."""
MAX_ITERATIONS = 60
FREE_ITERATIONS = 8
"""A junction that is found at all by plain steps is found in so many. Afterwards a step that
raises the wall energy is taken back and halved: between slack and taut, plain steps go to and fro.
"""
BUCKLED_STIFFNESS = 1e-3
"""Share of its stiffness a slack wall keeps in the Newton matrix: its tension no longer follows
its area, yet with none at all two slack walls would leave the matrix singular."""
LARGEST_STEP = 0.3
"""Limit of one Newton step in v and p; only reached from a bad start."""


@kernel
def cap_height(v: float) -> float:
    """X/Y for the normalised cap volume ``v``."""
    root = (3.0 * abs(v) + math.sqrt(9.0 * v * v + 1.0)) ** (1.0 / 3.0)
    return math.copysign(root - 1.0 / root, v)


@kernel
def junction_equilibrium(
    offsets: FloatArray,
    slack: FloatArray,
    compliance: FloatArray,
    septal_volume: float,
    radius: float,
    area: FloatArray,
    tension: FloatArray,
    curvature: FloatArray,
) -> tuple[float, float, float, bool]:
    """Solve for the junction; fill ``area``, ``tension``, ``curvature`` (3 each, SI).

    ``offsets`` are the cap volumes minus the septal volume: (-V_L, 0, V_R). Returns the septal
    volume, the junction radius, the remaining relative force, and whether it converged.
    """
    residual = total = least = math.inf
    dv = dp = 0.0
    start_volume, start_radius = septal_volume, radius
    for iteration in range(MAX_ITERATIONS):
        scale = math.pi * radius * radius
        f_v = f_p = h_vv = h_vp = h_pp = total = energy = 0.0
        for wall in range(3):
            v = (septal_volume + offsets[wall]) / (scale * radius)
            x = cap_height(v)
            r = x * x + 1.0
            area[wall] = scale * r
            curvature[wall] = 2.0 * x / (radius * r)
            t = max((area[wall] - slack[wall]) / compliance[wall], 0.0)
            tension[wall] = t
            a_v, a_p = 4.0 * x / r, (1.0 - x * x) / r
            k = scale / compliance[wall] * (1.0 if t > 0.0 else BUCKLED_STIFFNESS)
            f_v += t * a_v
            f_p += t * a_p
            h_vv += k * a_v * a_v + t * 8.0 * a_p / (r * r)
            h_vp += k * a_v * a_p - t * 2.0 * a_v / (r * r)
            h_pp += k * a_p * a_p + t * 3.0 * v * a_v / (r * r)
            total += t
            energy += t * t * compliance[wall]
        residual = (abs(f_v) + abs(f_p)) / (total + SLACK_TENSION)
        if residual < TOLERANCE:
            return septal_volume, radius, residual, True
        if iteration > FREE_ITERATIONS and energy > least:
            dv, dp = 0.5 * dv, 0.5 * dp
            septal_volume = start_volume + dv * math.pi * start_radius**3
            radius = start_radius * math.exp(0.5 * dp)
            continue
        least, start_volume, start_radius = energy, septal_volume, radius
        determinant = h_vv * h_pp - h_vp * h_vp
        dv = -(h_pp * f_v - h_vp * f_p) / determinant
        dp = -(h_vv * f_p - h_vp * f_v) / determinant
        longest = max(abs(dv), abs(dp))
        if not longest < 1e6:  # also catches NaN
            return septal_volume, radius, residual, False
        shrink = min(1.0, LARGEST_STEP / longest) if longest > 0.0 else 1.0
        dv, dp = shrink * dv, shrink * dp
        septal_volume += dv * scale * radius
        radius *= math.exp(0.5 * dp)
    return septal_volume, radius, residual, residual < ACCEPTED or total < SLACK
