"""The junction of the three ventricular walls."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organtwin.physiology.mechanics.triseg import cap_height, junction_equilibrium


def solve(offsets, slack, compliance, septal_volume=10e-6, radius=0.027):
    area, tension, curvature = np.empty(3), np.empty(3), np.empty(3)
    found = junction_equilibrium(
        np.array(offsets), np.array(slack), np.array(compliance),
        septal_volume, radius, area, tension, curvature,
    )  # fmt: skip
    return found, area, tension, curvature


def forces(volume, radius, tension, offsets):
    """Axial and radial sums of T sin(alpha), T cos(alpha) from cap geometry, not the solver's."""
    axial = radial = 0.0
    for offset, t in zip(offsets, tension, strict=True):
        v = volume + offset
        low, high = -1.0, 1.0
        for _ in range(200):  # bisection of V = pi/6 X (X^2 + 3 Y^2)
            x = 0.5 * (low + high)
            low, high = (x, high) if math.pi / 6 * x * (x * x + 3 * radius**2) < v else (low, x)
        bend = 2 * x / (x * x + radius**2)
        axial += t * radius * bend
        radial += t * (radius**2 - x * x) / (x * x + radius**2)
    return axial, radial


volumes = st.floats(40e-6, 250e-6)


@settings(max_examples=60, deadline=None)
@given(left=volumes, right=volumes, a=st.floats(0.5, 0.98), k=st.floats(0.2, 5.0))
def test_forces_balance_at_the_junction(left, right, a, k):
    offsets = [-(left + 46e-6), 0.0, right + 28e-6]
    left_area, right_area = (0.75 * 4.836 * (v + w) ** (2 / 3) for v, w in
                             ((left, 46e-6), (right, 28e-6)))  # fmt: skip
    slack = [a * left_area, 0.3 * a * left_area, a * right_area]
    compliance = [1e-5 * k, 0.4e-5 * k, 2e-5 * k]
    (volume, radius, residual, found), _, tension, _ = solve(offsets, slack, compliance)
    assert found
    assert residual < 1e-8
    axial, radial = forces(volume, radius, tension, offsets)
    assert abs(axial) + abs(radial) < 1e-7 * (tension.sum() + 1.0)


def test_a_symmetric_heart_has_a_flat_septum():
    offsets = [-150e-6, 0.0, 150e-6]
    (volume, _, residual, _), _, tension, curvature = solve(
        offsets, [0.008, 0.003, 0.008], [1e-5, 0.5e-5, 1e-5]
    )
    assert residual < 1e-8
    assert abs(volume) < 1e-12
    assert abs(curvature[1]) < 1e-6
    assert tension[0] == pytest.approx(tension[2], rel=1e-9)


def test_a_slack_wall_bears_nothing_and_the_others_still_balance():
    offsets = [-90e-6, 0.0, 73e-6]
    (volume, radius, _, found), _, tension, _ = solve(
        offsets, [73.8e-4, 22.3e-4, 95.4e-4], [9.3e-5, 3.3e-5, 3.7e-4], 12.3e-6, 0.0235
    )
    assert found
    assert tension[2] == 0.0
    axial, radial = forces(volume, radius, tension, offsets)
    assert abs(axial) + abs(radial) < 1e-6 * tension.sum()


@given(st.floats(-50, 50))
def test_cap_height_solves_its_cubic(v):
    x = cap_height(v)
    assert x**3 + 3 * x == pytest.approx(6 * v, rel=1e-9, abs=1e-9)


def test_a_junction_that_is_not_found_is_told():
    """From a septum bulging by litres the steps allowed do not lead back."""
    offsets = [-150e-6, 0.0, 150e-6]
    (_, _, residual, found), *_ = solve(
        offsets, [0.008, 0.003, 0.008], [1e-5, 0.5e-5, 1e-5], septal_volume=3e-3
    )
    assert residual > 1e-7
    assert not found


@pytest.mark.parametrize(
    ("offsets", "slack", "compliance"),
    [
        ((-203e-6, 0.0, 149e-6), (169e-4, 49.3e-4, 103e-4), (1.66e-5, 0.66e-5, 3.31e-5)),
        ((-88.5e-6, 0.0, 169e-6), (59e-4, 38.2e-4, 186e-4), (4.81e-5, 1.92e-5, 9.62e-5)),
    ],
)
def test_walls_that_go_slack_on_the_way_still_lead_to_rest(offsets, slack, compliance):
    """Without any stiffness in slack walls the equations turn singular here."""
    (*_, residual, found), _, tension, _ = solve(offsets, slack, compliance)
    assert found
    assert residual < 1e-7
    assert tension.max() < 1e-6
