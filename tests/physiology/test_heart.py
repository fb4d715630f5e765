"""The coupled heart: laws that a recorded beat must obey, endings, timing, threads."""

import math
import threading
import time

import numpy as np
import pytest

from organtwin.physiology import stepping
from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.heart import (
    COMPARTMENTS,
    HeartState,
    advance,
    default_parameters,
    pack,
    resting_state,
)
from organtwin.physiology.interface import Activation, PatchLayout, Wall
from organtwin.simulation.beat import Outcome
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.units import ML, MMHG, PER_MIN

ONE = PatchLayout(1, 1, 1, 1, 1)
NORMAL = Conditions(activation=conduction_pattern("synchronous", ONE))


@pytest.fixture(scope="module")
def resting():
    return to_steady_state(beats(NORMAL)).beat


@pytest.mark.parametrize(("chamber", "wall"), [("la", Wall.LA), ("ra", Wall.RA)])
def test_an_atrium_obeys_the_one_fibre_law(resting, chamber, wall):
    """Transmural pressure = S V_w/(3 V_m) for a sphere, and its strain follows its area."""
    p = NORMAL.parameters
    muscle, area_ref = p[f"{chamber}_wall_volume"], p[f"{chamber}_reference_area"]
    traces = resting.traces
    middle = traces[f"{chamber}_volume"] + 0.5 * muscle
    transmural = traces[f"{chamber}_pressure"] - traces["pericardial_pressure"]
    stress = resting.patch_stress[:, wall]
    assert stress * muscle / (3 * middle) == pytest.approx(transmural, rel=1e-9, abs=1e-6)
    area = (36 * math.pi) ** (1 / 3) * middle ** (2 / 3)
    taut = stress > 0
    assert taut.mean() > 0.5
    assert resting.patch_strain[taut, wall] == pytest.approx(
        0.5 * np.log(area[taut] / area_ref), abs=1e-9
    )


def test_the_pericardium_follows_the_whole_heart(resting):
    p = NORMAL.parameters
    size = sum(resting.traces[f"{name}_volume"] for name in COMPARTMENTS[:4])
    size = size + sum(p[f"{wall}_wall_volume"] for wall in ("la", "ra", "lv", "septum", "rv"))
    expected = p["pericardium_pressure"] * (size / p["pericardium_volume"]) ** 10
    assert resting.traces["pericardial_pressure"] == pytest.approx(expected, rel=1e-9)


def test_flow_through_each_bed_follows_its_pressure_drop(resting):
    """Mean flows of a steady beat are equal all around, and the systemic one obeys Ohm."""
    traces = resting.traces
    flows = [traces[f"{name}_flow"].mean() for name in
             ("mitral", "aortic", "tricuspid", "pulmonary", "systemic_venous",
              "pulmonary_venous", "systemic_bed", "pulmonary_bed")]  # fmt: skip
    assert flows == pytest.approx([flows[0]] * 8, rel=2e-3)
    drop = traces["aortic_pressure"].mean() - traces["systemic_venous_pressure"].mean()
    assert traces["systemic_bed_flow"].mean() * NORMAL.parameters["systemic_resistance"] == (
        pytest.approx(drop, rel=0.01)
    )


@pytest.mark.parametrize("index", range(8))
def test_an_empty_compartment_is_found_and_named(resting, index):
    volumes = resting.end_state.volumes.copy()
    limit = 0.5 * ML
    if index >= 4:
        name = COMPARTMENTS[index]
        p = NORMAL.parameters
        limit = 0.02 * p[f"{name}_length"] * p[f"{name}_reference_area"]
    volumes[index] = 0.1 * limit
    solution = to_steady_state(
        beats(NORMAL, replaced(resting.end_state, volumes)), otherwise=resting
    )
    assert solution.outcome is Outcome.EMPTIED
    assert COMPARTMENTS[index].replace("_", " ") in solution.detail


def test_a_wall_stretched_beyond_its_filaments_ends_the_run(resting):
    volumes = resting.end_state.volumes.copy()
    volumes[0] = 2000 * ML
    solution = to_steady_state(
        beats(NORMAL, replaced(resting.end_state, volumes)), otherwise=resting
    )
    assert solution.outcome is Outcome.OUT_OF_RANGE
    assert solution.detail.endswith("ms into the beat")


def replaced(state: HeartState, volumes: np.ndarray) -> HeartState:
    return HeartState(volumes, state.flows, state.patches, state.junction)


@pytest.mark.parametrize("rate", [20, 60, 260])
def test_an_activation_beyond_the_cycle_is_that_of_the_next_one(rate):
    """Late by a whole cycle is the same heart, also where the cycle is no whole milliseconds."""
    conditions = NORMAL.with_parameters(heart_rate=rate * PER_MIN)
    cycle = 60 / rate
    ends = []
    for cycles in (0, 1):
        delays = (
            np.array([0, 0, 0.7, 0.7, 0.7]) * cycle + np.array([0, 0, 1, 1, 1]) * cycles * cycle
        )
        heart = pack(conditions.parameters, Activation("late", ONE, delays))
        state = resting_state(conditions.parameters, ONE)
        for _ in range(3):
            record = advance(heart, state, round(cycle * 1000), 0.0)
            state = record.state
        assert record.status == stepping.COMPLETED
        assert record.state.patches[Wall.LV, 1] > 1e-3  # it was excited, and lately
        ends.append(record.outputs)
    assert ends[1] == pytest.approx(ends[0], rel=1e-6, abs=1e-9)


def test_excitation_comes_at_its_time_whatever_the_step():
    """Excited at 103.4 ms, the ventricle passes 40 mmHg at the same time at 1 and 0.25 ms."""
    found = []
    for step in (1e-3, 0.25e-3):
        parameters = NORMAL.parameters
        delays = np.array([0.0, 0.0, 1, 1, 1]) * (0.1034 - 0.1765 * 0.85)
        heart = pack(parameters, Activation("late", ONE, delays))
        state = resting_state(parameters, ONE)
        steps = round(heart.cycle_length / step)
        record = advance(heart, state, steps, 0.0)
        pressure = record.outputs[: steps // 3, 8]
        found.append(np.interp(40 * MMHG, pressure, np.arange(steps // 3) * step))
    assert found[0] == pytest.approx(found[1], abs=0.4e-3)


def test_a_larger_heart_starts_from_a_larger_volume_and_the_same_blood():
    p = NORMAL.parameters
    large = p.scaled(lv_reference_area=2.0)
    small_start, large_start = resting_state(p, ONE), resting_state(large, ONE)
    assert large_start.volumes[0] / small_start.volumes[0] == pytest.approx(2**1.5)
    for start in (small_start, large_start):
        assert start.blood_volume == pytest.approx(p["blood_volume"])


def test_the_kernel_lets_other_threads_run():
    """Ensembles and the window rely on it: a beat in one thread must not stop the others."""
    heart = pack(default_parameters(), NORMAL.activation)
    state = resting_state(default_parameters(), ONE)
    advance(heart, state, 850, 0.0)
    work = threading.Thread(target=advance, args=(heart, state, 400_000, 0.0))
    times = [time.perf_counter()]
    work.start()
    while work.is_alive():
        time.sleep(1e-3)
        times.append(time.perf_counter())
    assert np.diff(times).max() < 0.5 * (times[-1] - times[0])


def test_a_state_of_another_layout_is_refused():
    """The kernel checks no bounds: it would read beyond the arrays."""
    parameters = default_parameters()
    heart = pack(parameters, conduction_pattern("normal", PatchLayout()))
    with pytest.raises(ValueError, match="state of 5 patches, heart of 26"):
        advance(heart, resting_state(parameters, ONE), 850, 0.0)
