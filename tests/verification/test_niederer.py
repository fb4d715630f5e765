"""The slab of Niederer et al. 2011 (Phil Trans R Soc A 369:4331) by coordinate.

20 x 7 x 3 mm, fibres along the longest edge, ten Tusscher-Panfilov 2006 epicardium, a corner cube
of 1.5 mm stimulated for 2 ms. ``data/niederer_reference.csv`` holds the mean and spread of eleven
codes (a digest of the paper's supplement), two public codes and an independent finite-difference
code of the same scheme as ours, which ours must reproduce to 0.3 ms.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from organtwin.arrays import FloatArray, RealArray
from organtwin.physiology.electrophysiology.monodomain.diffusion import (
    Diffusion,
    VoxelDiffusion,
    consistent,
    fiber_tensors,
    lumped,
)
from organtwin.physiology.electrophysiology.monodomain.propagation import (
    Stimulus,
    activation_times,
    propagating,
)
from organtwin.units import MS
from tests.physiology.electrophysiology.monodomain.boxes import box

MM = 1e-3
D = np.array([0.13341772, 0.017606178, 0.017606178]) / (140e3 * 0.01)
"""Harmonic mean of 0.17, 0.019 and 0.62, 0.24 S/m over 140 /mm and 1 uF/cm2 [m2/s]."""
SIZE = (20.0, 7.0, 3.0)
ALL = ((0, 0, 0), (20, 0, 0), (0, 7, 0), (20, 7, 0), (0, 0, 3), (20, 0, 3), (0, 7, 3), (20, 7, 3),
       (10, 3.5, 1.5))  # fmt: skip
CORNERS = ALL[:8]
FAR = (20, 7, 3)


def reference(source: str, spacing: float, column: str = "activation_ms") -> dict[tuple, float]:
    rows = {}
    with (Path(__file__).parent / "data" / "niederer_reference.csv").open() as file:
        for row in csv.DictReader(file):
            wanted = row["source"].startswith(source) and row["dx_mm"] == f"{spacing:g}"
            if wanted and row["dt_ms"] in {"0.01", "0.005"} and row[column]:
                place = tuple(float(row[f"{axis}_mm"]) for axis in "xyz")
                if row["dt_ms"] == "0.01" or place not in rows:
                    rows[place] = float(row[column])
    return rows


def activation(diffusion: Diffusion, dt_ms: float, precision: type) -> dict[tuple, float]:
    places = diffusion.places
    stimulus = Stimulus((places <= 1.5 * MM + 1e-9).all(axis=1))
    run = propagating(diffusion, stimulus, end=0.15, time_step=dt_ms * MS, precision=precision)
    times = activation_times(run) / MS
    return {p: float(at(places, times, np.array(p) * MM)) for p in ALL}


def at(places: FloatArray, times: FloatArray, place: FloatArray) -> float:
    """The mean over the nodes nearest to a place: between nodes that is linear interpolation."""
    distance = np.linalg.norm(places - place, axis=1)
    return float(times[distance < distance.min() + 1e-9].mean())


def voxels(spacing: tuple[float, float, float]) -> VoxelDiffusion:
    shape = tuple(round(length / h) + 1 for length, h in zip(SIZE, spacing, strict=True))
    return VoxelDiffusion(shape, np.array(spacing) * MM, D)  # type: ignore[arg-type]


def tetrahedra(method: type, spacing: float) -> Diffusion:
    nodes, tets = box(tuple(round(n / spacing) for n in SIZE), spacing * MM)  # type: ignore[arg-type]
    fibers = np.tile([1.0, 0.0, 0.0], (len(tets), 1))
    return method(nodes, tets, fiber_tensors(fibers, D[0], D[1]))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("spacing", "precision"),
    [(0.5, np.float64), (0.5, np.float32), pytest.param(0.2, np.float32, marks=pytest.mark.slow)],
)
def test_finite_differences_give_the_times_of_another_code_of_the_same_scheme(
    spacing: float, precision: type
) -> None:
    found = activation(voxels((spacing,) * 3), 0.01, precision)
    expected = reference("own FD reference", spacing)
    for place in ALL:
        assert found[place] == pytest.approx(expected[place], abs=0.3), place


@pytest.mark.slow
def test_fine_finite_differences_lie_within_two_sd_of_the_eleven_codes() -> None:
    found = activation(voxels((0.1,) * 3), 0.01, np.float32)
    mean = reference("Niederer 2011 ESM", 0.1)
    spread = reference("Niederer 2011 ESM", 0.1, "sd_ms")
    for place in ALL:
        assert abs(found[place] - mean[place]) <= 2.0 * spread[place], place
    assert found[FAR] == pytest.approx(44.28, abs=0.3)


@pytest.mark.slow
def test_refinement_leads_to_the_extrapolated_limit() -> None:
    """Refined along and across the fibres apart, by Richardson's rule for second order.

    Half of the step in time takes another 0.1 ms (from 0.02 to 0.01 ms). The limit 41.9 +- 0.6 ms
    is the reference's own extrapolation.
    """
    base = activation(voxels((0.1, 0.1, 0.1)), 0.01, np.float32)[FAR]
    along = activation(voxels((0.05, 0.1, 0.1)), 0.01, np.float32)[FAR]
    slow = activation(voxels((0.1, 0.1, 0.1)), 0.02, np.float32)[FAR]
    across = activation(voxels((0.1, 0.05, 0.05)), 0.02, np.float32)[FAR]
    limit = base - 4.0 / 3.0 * ((base - along) + (slow - across)) - 0.1
    assert limit == pytest.approx(41.9, abs=0.6)


def test_lumped_elements_err_on_the_late_side_as_finite_differences_do() -> None:
    """Two lumped schemes of one spacing: alike on the axes, 1.3 % apart at the far corner."""
    found = activation(tetrahedra(lumped, 0.5), 0.01, np.float32)
    expected = reference("own FD reference", 0.5)
    assert found[(20, 0, 0)] == pytest.approx(expected[(20, 0, 0)], rel=0.02)
    assert found[FAR] == pytest.approx(expected[FAR], rel=0.02)


@pytest.mark.parametrize(
    ("spacing", "allowed"), [(0.5, 2.1), pytest.param(0.2, 1.0, marks=pytest.mark.slow)]
)
def test_consistent_elements_give_the_times_of_a_public_code(
    spacing: float, allowed: float
) -> None:
    """That code cuts its cubes otherwise and stimulates by element, not by node: half a cell."""
    found = activation(tetrahedra(consistent, spacing), 0.02, np.float64)
    expected = reference("finsberg/fenicsx-beat", spacing)
    for place in CORNERS:
        assert found[place] == pytest.approx(expected[place], abs=allowed), place


SPEEDS = {  # [m/s] by spacing [mm], lumped three-point scheme; the reference's table
    0.5: (0.4228, None), 0.25: (0.5384, 0.1242), 0.2: (0.5598, 0.1452), 0.1: (0.6001, 0.1915),
    0.05: (0.6134, 0.2127), 0.025: (0.6145, 0.2213),
}  # fmt: skip


def plane_speed(spacing: float, diffusivity: float) -> float:
    n = round(20.0 / spacing) + 1
    line = VoxelDiffusion((n, 1, 1), np.full(3, spacing * MM), np.full(3, diffusivity))
    x = line.places[:, 0]
    step = min(0.01 * MS, 0.8 * line.limit)
    run = propagating(line, Stimulus(x <= 1.5 * MM + 1e-9), end=0.2, time_step=step)
    times = activation_times(run)
    early, late = n // 2, 4 * n // 5
    return float((x[late] - x[early]) / (times[late] - times[early]))


@pytest.mark.parametrize("spacing", [0.5, 0.25, 0.1, 0.05])
def test_speed_along_fibers_follows_the_spacing_as_published(spacing: float) -> None:
    assert plane_speed(spacing, D[0]) == pytest.approx(SPEEDS[spacing][0], rel=0.01)


@pytest.mark.parametrize(
    "spacing", [0.25, 0.2, 0.1, 0.05, pytest.param(0.025, marks=pytest.mark.slow)]
)
def test_speed_across_fibers_follows_the_spacing_as_published(spacing: float) -> None:
    assert plane_speed(spacing, D[1]) == pytest.approx(SPEEDS[spacing][1], rel=0.01)


@pytest.mark.parametrize("threshold", [0.1, 0.25, 0.4])
def test_a_bistable_front_runs_at_its_exact_speed(threshold: float) -> None:
    """u_t = D u_xx + k u (1 - u)(u - a) has a front of speed sqrt(k D/2)(1 - 2a)."""
    k, diffusivity, n = 4.0, 1e-4, 401  # k per ms: the front is some 0.5 mm wide

    def reaction(state: RealArray, dt_ms: float) -> None:
        u = state[0] + 0.5
        state[0] += dt_ms * k * u * (1.0 - u) * (u - threshold)

    line = VoxelDiffusion((n, 1, 1), np.full(3, 25e-6), np.full(3, diffusivity))
    x = line.places[:, 0]
    cells = np.where(x < 1.0 * MM, 0.5, -0.5)[None, :].copy()
    run = propagating(
        line, Stimulus(np.zeros(n, np.bool_)), end=0.1, time_step=0.002 * MS, cells=cells,
        reaction=reaction,
    )  # fmt: skip
    times = activation_times(run)
    early, late = n // 4, 3 * n // 4
    speed = (x[late] - x[early]) / (times[late] - times[early])
    exact = np.sqrt(k / MS * diffusivity / 2.0) * (1.0 - 2.0 * threshold)
    assert speed == pytest.approx(exact, rel=0.01)
