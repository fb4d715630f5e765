"""Single elements of the pump against what their equations say in closed form."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from organtwin.physiology.circulation.small_vessels import bed_flow
from organtwin.physiology.circulation.tube import tube_state
from organtwin.physiology.circulation.valve import orifice_area, valve_step
from organtwin.physiology.mechanics.one_fiber import linear_patch
from organtwin.physiology.mechanics.sarcomere import (
    contractile_step,
    contractility_step,
    cube_root,
    fiber_stress,
    passive_terms,
)

ACTIVE, PASSIVE = 120e3, 731.0


@pytest.mark.parametrize("length", [1.6, 1.8, 2.0, 2.4])
def test_passive_slope_is_the_derivative_of_passive_stress(length):
    step = 1e-6
    high, _ = passive_terms(length * math.exp(step), ACTIVE, PASSIVE)
    low, _ = passive_terms(length * math.exp(-step), ACTIVE, PASSIVE)
    _, slope = passive_terms(length, ACTIVE, PASSIVE)
    assert slope == pytest.approx((high - low) / (2 * step), rel=1e-6)


def test_there_is_no_passive_stress_at_the_unstretched_length():
    stress, _ = passive_terms(1.8, ACTIVE, PASSIVE)
    assert stress == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("x", [0.45, 0.8, 1.0, 1.5, 2.4])
def test_cube_root_is_exact_over_length_ratios(x):
    assert cube_root(x) == pytest.approx(x ** (1 / 3), rel=1e-13)


def test_active_stress_grows_with_the_series_element():
    slack = fiber_stress(1.96, 1.96, 0.5, ACTIVE, PASSIVE)
    tense = fiber_stress(2.0, 1.96, 0.5, ACTIVE, PASSIVE)
    passive = passive_terms(2.0, ACTIVE, PASSIVE)[0] - passive_terms(1.96, ACTIVE, PASSIVE)[0]
    overlap = 1.96 / 1.51 - 1.0
    assert tense - slack - passive == pytest.approx(1.51 * ACTIVE * 0.5 * overlap, rel=1e-9)


def test_linear_patch_touches_the_one_fibre_law_where_it_is_expanded():
    """T(A) of the patch and T = S V_w/(2 A) agree at L_s = L_si."""
    length, area_ref, wall = 1.95, 96.7e-4, 73.6e-6
    slack, compliance = linear_patch(length, 0.6, area_ref, wall, ACTIVE, PASSIVE)
    area = (length / 2.0) ** 2 * area_ref
    stress = fiber_stress(length, length, 0.6, ACTIVE, PASSIVE)
    assert (area - slack) / compliance == pytest.approx(stress * wall / (2 * area), rel=1e-9)


def test_contractile_element_shortens_at_its_unloaded_velocity():
    """With L_s = L_si the rate is -v_max."""
    dt = 1e-5
    after = contractile_step(2.0, 2.0, math.exp(-7.0 * dt / 0.04))
    assert (2.0 - after) / dt == pytest.approx(7.0, rel=1e-3)


@pytest.mark.parametrize("since", [0.02, 0.1, 0.2, 0.35, 0.42, 0.5])
def test_contractility_step_solves_its_differential_equation(since):
    """Against the rate written out from the module's equations."""
    length, c, rise, decay, duration, dt = 1.95, 0.4, 0.25, 0.25, 0.425, 1e-6
    overlap = length / 1.51 - 1
    t_rise, t_decay = 0.55 * rise * duration, 0.33 * decay * duration
    x = min(max(since / t_rise, 0), 8)
    gain = 0.02 * x**3 * (8 - x) ** 2 * math.exp(-x) / t_rise
    z = (since - (0.65 + 1.057 * overlap) * duration) / t_decay
    falling = 0.5 + 0.5 * math.sin(math.copysign(min(math.pi / 2, abs(z)), z))
    rate = math.tanh(4 * (length - 1.51) ** 2) * gain - c * falling / t_decay
    after = contractility_step(length, c, since, rise, decay, duration, dt)
    assert (after - c) / dt == pytest.approx(rate, rel=1e-3, abs=1e-6)


def test_tube_impedance_follows_from_its_pressure_area_law():
    args = (0.4, 1.12e-4, 5 / 3, 12162.5, 4.983e-4, 1050.0)
    volume = 1.05 * 0.4 * 4.983e-4
    area, pressure, impedance = tube_state(volume, *args)
    _, higher, _ = tube_state(volume * (1 + 1e-6), *args)
    stiffness = (higher - pressure) / (area * 1e-6)
    assert area == pytest.approx(1.05 * 4.983e-4)
    assert impedance == pytest.approx(math.sqrt(1050.0 * stiffness / area), rel=1e-5)


def test_bed_flow_is_linear_or_quadratic_and_odd():
    assert bed_flow(2000.0, 1e8, 45e-6, 1.0) == pytest.approx(2000.0 / 1e8)
    assert bed_flow(9000.0, 1e8, 45e-6, 2.0) == pytest.approx(45e-6 * 4.0)
    assert bed_flow(-2000.0, 1e8, 45e-6, 2.0) == -bed_flow(2000.0, 1e8, 45e-6, 2.0)


def test_valve_leaks_only_when_flow_and_pressure_point_backwards():
    cases = {(1.0, 1.0): 5.0, (1.0, -1.0): 5.0, (-1.0, 1.0): 5.0, (-1.0, -1.0): 0.1}
    for (flow, drop), area in cases.items():
        assert orifice_area(flow, drop, 5.0, 0.1) == area


@pytest.mark.parametrize(("drop", "upstream"), [(4000.0, 12e-4), (-4000.0, 5e-4)])
def test_steady_valve_flow_meets_bernoulli(drop, upstream):
    """The upstream area is the proximal one, or the distal one where the flow runs back."""
    flow, area, density = 0.0, 1e-4, 1050.0
    for _ in range(20000):
        flow = valve_step(flow, drop, area, 0.0126, 12e-4, 5e-4, density, 1e-4, 0.0)
    loss = 0.5 * density * flow * abs(flow) * (1 / area**2 - 1 / upstream**2)
    assert loss == pytest.approx(drop, rel=1e-6)


RUN = """
import numpy as np
from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.heart import advance, default_parameters, pack, resting_state
from organtwin.physiology.interface import PatchLayout
layout = PatchLayout(1, 1, 2, 1, 1)
parameters = default_parameters()
heart = pack(parameters, conduction_pattern("normal", layout))
record = advance(heart, resting_state(parameters, layout), 400, 0.0)
print(record.status, *np.round(record.outputs[-1] * 1e6, 6), *np.round(record.strains[-1], 9))
"""


def test_compiled_kernels_compute_what_the_python_source_says():
    root = Path(__file__).parents[2]
    lines = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled, "PYTHONPATH": str(root)}
        run = subprocess.run(
            [sys.executable, "-c", RUN], env=environment, cwd=root, capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        lines.append(np.array([float(word) for word in run.stdout.split()]))
    assert lines[0][0] == 0
    assert lines[1] == pytest.approx(lines[0], rel=1e-9, abs=1e-6)
