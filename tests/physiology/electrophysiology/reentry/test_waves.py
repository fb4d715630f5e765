"""Waves that are excited again, against the tables they are made from."""

from collections.abc import Iterable

import numpy as np
import pytest

from organtwin.errors import InputError, UnknownNameError
from organtwin.physiology.electrophysiology.reentry.restitution import load_restitution
from organtwin.physiology.electrophysiology.reentry.waves import (
    Activations,
    Stimulation,
    Substrate,
    waves,
)
from tests.physiology.electrophysiology.monodomain.boxes import box

MM, MS = 1e-3, 1e-3


def bar(kind: str, length: int = 60) -> Substrate:
    """A bar of 1 mm cubes with fibres along it."""
    nodes, tets = box((length, 2, 2), 1.0 * MM)
    fibers = np.tile([1.0, 0.0, 0.0], (len(tets), 1))
    return Substrate(nodes, tets, fibers, np.zeros(len(nodes), np.int32), (load_restitution(kind),))


def gathered(run: Iterable[Activations]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = list(run)
    return tuple(  # type: ignore[return-value]
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("times", "nodes", "durations")
    )


def of_node(found: tuple[np.ndarray, np.ndarray, np.ndarray], node: int) -> np.ndarray:
    """Time and duration of each activation of a node ``(k, 2)``."""
    times, nodes, durations = found
    return np.column_stack([times, durations])[nodes == node]


def end_of(tissue: Substrate, x: float) -> np.ndarray:
    return np.flatnonzero(np.isclose(tissue.nodes[:, 0], x * MM)).astype(np.int32)


@pytest.mark.parametrize("kind", ["healthy", "border_zone"])
@pytest.mark.parametrize("coupling", [380, 450, 600, 900])
def test_a_plane_wave_returns_the_tables_it_was_given(kind: str, coupling: float) -> None:
    tissue = bar(kind)
    table = tissue.restitutions[0]
    start = end_of(tissue, 0.0)
    stimuli = [Stimulation(0.0, start), Stimulation(1.0, start)]
    stimuli += [Stimulation(1.0 + coupling * MS, start)]
    found = gathered(waves(tissue, stimuli, end=3.0))
    # thin planes: over a longer way the interval itself changes
    before, after = (of_node(found, int(end_of(tissue, x)[4])) for x in (20.0, 24.0))
    interval = [b[2, 0] - b[1, 0] - b[1, 1] for b in (before, after)]
    assert before[2, 1] == pytest.approx(float(table.duration(interval[0])), rel=0.02)
    speed = 4.0 * MM / (after[2, 0] - before[2, 0])
    assert speed == pytest.approx(float(table.speed(np.mean(interval))), rel=0.02)


def test_a_wave_across_the_fibers_is_slower_by_the_ratio() -> None:
    nodes, tets = box((2, 40, 2), 1.0 * MM)
    fibers = np.tile([1.0, 0.0, 0.0], (len(tets), 1))
    tissue = Substrate(
        nodes, tets, fibers, np.zeros(len(nodes), np.int32), (load_restitution("healthy"),)
    )
    start = np.flatnonzero(nodes[:, 1] == 0.0).astype(np.int32)
    times, found, _ = gathered(waves(tissue, [Stimulation(0.0, start)], end=1.0))
    arrival = np.full(len(nodes), np.nan)
    arrival[found] = times
    last = np.isclose(nodes[:, 1], 40 * MM)
    assert 40 * MM / arrival[last].mean() == pytest.approx(0.45 * 0.717, rel=0.01)


def test_a_stimulus_in_refractory_tissue_is_not_captured() -> None:
    tissue = bar("healthy", 20)
    start = end_of(tissue, 0.0)
    stimuli = [Stimulation(0.0, start), Stimulation(0.3, start)]
    times, _, _ = gathered(waves(tissue, stimuli, end=1.0))
    assert len(times) == len(tissue.nodes)


def test_a_wave_ends_at_tissue_that_has_not_recovered() -> None:
    tissue = bar("healthy")
    late = np.where(tissue.nodes[:, 0] > 30 * MM, 0.5, -10.0)
    start = end_of(tissue, 0.0)
    _, nodes, _ = gathered(
        waves(tissue, [Stimulation(0.0, start)], end=1.0, refractory=late)
    )  # fmt: skip
    assert tissue.nodes[nodes, 0].max() == pytest.approx(30 * MM)


@pytest.mark.parametrize(("rest", "passes"), [(0.045, False), (0.065, True)])
def test_a_wave_needs_the_shortest_interval(rest: float, passes: bool) -> None:
    tissue = bar("healthy")
    arrival = tissue.nodes[:, 0] / 0.717
    late = np.where(tissue.nodes[:, 0] > 30 * MM, arrival - rest, -10.0)
    start = end_of(tissue, 0.0)
    _, nodes, _ = gathered(
        waves(tissue, [Stimulation(0.0, start)], end=1.0, refractory=late)
    )  # fmt: skip
    assert (tissue.nodes[nodes, 0].max() > 50 * MM) == passes


def ring(radius: float, width: int) -> Substrate:
    """A flat ring bent from a bar, one element thick, fibres around it."""
    around = round(2 * np.pi * radius / 1.0)
    nodes, tets = box((around, width, 1), 1.0)
    angle = 2 * np.pi * nodes[:, 0] / around
    far = radius + nodes[:, 1]
    bent = np.column_stack([far * np.cos(angle), far * np.sin(angle), nodes[:, 2]])
    joined = np.arange(len(nodes))
    last = nodes[:, 0] == around
    joined[last] = np.flatnonzero(nodes[:, 0] == 0.0)
    tets = joined[tets].astype(np.int32)
    middle = bent[tets].mean(axis=1)
    fibers = np.column_stack([-middle[:, 1], middle[:, 0], np.zeros(len(middle))])
    fibers /= np.linalg.norm(fibers, axis=1, keepdims=True)
    kinds = np.zeros(len(bent), np.int32)
    return Substrate(bent * MM, tets, fibers, kinds, (load_restitution("healthy"),), across=1.0)


def circling(radius: float) -> np.ndarray:
    """Times at which a one-way wave comes back to where it started."""
    tissue = ring(radius, 4)
    angle = np.arctan2(tissue.nodes[:, 1], tissue.nodes[:, 0])
    start = np.flatnonzero(np.abs(angle) < 0.04).astype(np.int32)
    blocked = np.where((angle < -0.04) & (angle > -0.5), 0.2, -10.0)
    run = gathered(waves(tissue, [Stimulation(0.0, start)], end=6.0, refractory=blocked))
    opposite = int(np.argmin(np.abs(angle - 2.0) + (tissue.nodes[:, 2] > 0)))
    return of_node(run, opposite)[:, 0]


def test_circus_movement_around_an_obstacle_takes_the_path_over_the_speed() -> None:
    """Long way: the period is its length at the speed of the interval that is left."""
    period = np.diff(circling(45.0))[-3:].mean()
    table = load_restitution("healthy")
    way = 2 * np.pi * 45.0 * MM
    rest = 0.2
    for _ in range(50):
        expected = way / float(table.speed(rest))
        rest = expected - float(table.duration(rest))
    assert period == pytest.approx(expected, rel=0.03)


def test_a_ring_too_short_for_the_refractory_period_lets_the_wave_die() -> None:
    assert len(circling(20.0)) == 1


def test_unknown_table_and_node_are_refused_by_name() -> None:
    with pytest.raises(UnknownNameError, match="healthy"):
        load_restitution("healty")
    tissue = bar("healthy", 4)
    with pytest.raises(InputError, match="stimulus"):
        list(waves(tissue, [Stimulation(0.0, np.array([10_000], np.int32))], end=1.0))
