"""The reaction-eikonal ECG against that of our own monodomain, on one and the same small heart.

    PYTHONPATH=. .venv/bin/python scripts/check_ecg_by_monodomain.py [SIZE]

The ventricles of the template, shrunk to SIZE (0.15: the heart of a small animal), so that their
elements resolve a front of human cells (ten Tusscher-Panfilov 2006, diffusivities of Niederer et
al. 2011). Both begin where and when the healthy conduction system reaches the muscle, and run in
the muscle alone. The eikonal's three speeds are fitted to the monodomain's times; its action
potential is that of one cell. Both voltages meet the lead weights of the template in its trunk.
Prints the difference of activation and the correlation of the leads. What is left is what an
eikonal lacks: curvature, collision, wall, and the flow of current between cells that recover. The
last is some four times stronger here than in a heart of human size.
"""

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial import cKDTree

from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray, IntArray
from organtwin.assimilation.ecg_agreement import correlation
from organtwin.physiology.electrophysiology.activation.template import electric_template
from organtwin.physiology.electrophysiology.ecg.electrocardiogram import (
    electrocardiogram,
    recorder,
)
from organtwin.physiology.electrophysiology.eikonal import Eikonal, Medium, Speeds, prepared
from organtwin.physiology.electrophysiology.monodomain.diffusion import fiber_tensors, lumped
from organtwin.physiology.electrophysiology.monodomain.tentusscher import resting_cells, step_cells
from organtwin.simulation.electric_model import ElectricModel, ElectricState, electric_model
from organtwin.units import MS

SIZE = 0.15
ALONG, ACROSS = 0.13341772, 0.017606178
"""Conductivities [S/m] of the slab of Niederer et al. 2011."""
PER_CAPACITANCE = 1.0 / (140e3 * 0.01)
"""Over surface to volume [1/m] times capacitance [F/m2], of the same paper."""
STEP, END, SAMPLE = 0.02 * MS, 0.42, 1.0 * MS
RATE, PUSH = 50.0 / 1.4, 2.0 * MS
"""Stimulus [mV/ms] and its duration [s], of the same paper."""
PUSHED = 0.75e-3
"""Radius of what is stimulated [m], half the edge of the paper's cube: less does not catch on."""


def muscle(model: ElectricModel, size: float) -> Medium:
    """The ventricular tetrahedra alone, ``size`` times as large."""
    tissue = model.heart.tissue
    own = tissue.ventricular
    return Medium(
        size * tissue.nodes[: tissue.n_ventricular], tissue.tets[own], tissue.fibers[own],
        tissue.sheets[own], np.zeros(int(own.sum()), np.int32), np.zeros((0, 3), np.int32),
        np.zeros(0, np.int32), np.zeros((0, 2), np.int32),
    )  # fmt: skip


def entries(model: ElectricModel, places: FloatArray, size: float) -> tuple[IntArray, FloatArray]:
    """Nodes around the ends of cables in muscle, and when a healthy heart excites them [s]."""
    medium, n = model.heart.eikonal.medium, len(model.heart.tissue.nodes)
    healthy = model.heart.activation(ElectricState().conduction, ElectricState().speeds)
    times = np.concatenate([healthy.times, healthy.cable_times])
    cables = np.sort(medium.cables, axis=1)
    ends = np.unique(cables[(cables[:, 0] < model.heart.tissue.n_ventricular) &
                            (cables[:, 1] >= n)][:, 0])  # fmt: skip
    gap, nearest = cKDTree(places[ends]).query(places)
    nodes = np.flatnonzero(gap <= PUSHED)
    when = times[ends][nearest[nodes]]
    return nodes.astype(np.int32), size * (when - when.min())


def monodomain(
    medium: Medium, nodes: IntArray, when: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Activation ``(n,)`` [s], times ``(k,)`` [s] and voltages ``(k, n)`` [V]."""
    tensors = fiber_tensors(medium.fibers, ALONG * PER_CAPACITANCE, ACROSS * PER_CAPACITANCE)
    tissue = lumped(medium.places, medium.tets, tensors)
    tissue = replace(tissue, rates=tissue.rates.astype(np.float32))
    step = min(STEP, 0.9 * tissue.limit)
    state = resting_cells(len(medium.places), np.float32)
    activation = np.full(len(medium.places), np.nan)
    kept: list[FloatArray] = []
    v, every = state[0], round(SAMPLE / step)
    for index in range(round(END / step)):
        time = index * step
        if index % every == 0:
            kept.append(v * 1e-3)
        before = v.copy()
        step_cells(state, step / MS)
        pushed = nodes[(when <= time) & (time < when + PUSH)]
        v[pushed] += np.float32(RATE * step / MS)
        tissue.advance(v, step)
        crossed = np.flatnonzero((before < 0.0) & (v >= 0.0) & np.isnan(activation))
        activation[crossed] = time + step * before[crossed] / (before[crossed] - v[crossed])
    return activation, np.arange(len(kept)) * every * step, np.array(kept, float)


def fitted(
    solver: Eikonal, nodes: IntArray, when: FloatArray, reference: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Times [s] with the speeds, along and across [m/s], and launch [s] nearest to a reference."""

    def times(values: FloatArray) -> FloatArray:
        along, across, launch = values
        speeds = Speeds(np.array([[along, across, across]]), np.zeros(0), np.zeros((0, 2)))
        return solver.arrival(speeds, nodes, when) + launch

    known = np.isfinite(reference)
    found = least_squares(
        lambda x: (times(x) - reference)[known] / MS, (0.6, 0.22, 1.5 * MS),
        x_scale=(0.1, 0.05, MS), diff_step=1e-2,
    )  # fmt: skip
    return times(found.x), found.x[:2], float(found.x[2])


class OneCell:
    """The action potential of one node of the monodomain, in the middle of the muscle."""

    def __init__(self, times: FloatArray, voltages: FloatArray, activation: FloatArray) -> None:
        after = np.arange(-5 * MS, 0.38, 0.5 * MS)
        rows = [
            np.interp(after, times - a, voltages[:, n])
            for n, a in enumerate(activation) if n % 50 == 0 and np.isfinite(a) and a < 0.03
        ]  # fmt: skip
        mean = np.mean(rows, axis=0)
        self.times, self.durations = after, np.array([0.3, 0.301])
        self.voltages = np.stack([mean, mean])


def main() -> None:
    size = float(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    template = load_template()
    model = electric_model(template, electric_template())
    medium = muscle(model, size)
    edges = medium.places[medium.tets[:, 1]] - medium.places[medium.tets[:, 0]]
    edge = np.linalg.norm(edges, axis=1).mean() / 1e-3
    nodes, when = entries(model, medium.places, size)
    begin = perf_counter()
    reference, times, voltages = monodomain(medium, nodes, when)
    seconds = perf_counter() - begin
    print(f"{len(medium.tets)} tetrahedra, mean edge {edge:.2f} mm,"
          f" {len(nodes)} nodes stimulated; monodomain {seconds:.0f} s")  # fmt: skip
    reached = float(np.isfinite(reference).mean())
    if reached < 0.99:
        raise SystemExit(f"the monodomain reached {reached:.0%} of the muscle: take a smaller SIZE")
    arrival, speeds, launch = fitted(prepared(medium), nodes, when, reference)
    gap = (arrival - reference)[np.isfinite(reference)] / MS
    print(f"activation lasts {np.nanmax(reference) / MS:.1f} ms; eikonal at {speeds.round(3)} m/s,"
          f" launch {launch / MS:.2f} ms: root mean square {np.sqrt((gap**2).mean()):.2f} ms,"
          f" largest {np.abs(gap).max():.2f} ms")  # fmt: skip
    weights = model.weights(ElectricState())[:, : len(medium.places)]
    weights = weights - weights.mean(axis=1, keepdims=True)
    expected = weights @ (voltages - voltages[0].mean()).T
    cell = OneCell(times, voltages, reference)
    found = electrocardiogram(
        recorder(weights, cell, times=times), arrival, durations=np.full(len(arrival), 0.3)
    )
    early = times <= np.nanmax(reference) + 5 * MS
    print(f"correlation of the leads: QRS {correlation(expected[:, early], found[:, early]):.3f}, "
          f"QRS and T {correlation(expected, found):.3f}")  # fmt: skip
    print("by lead, QRS: correlation, and size in that of the largest")
    sizes = np.ptp(expected[:, early], axis=1)
    for name, one, other, size in zip(model.leads, expected, found, sizes, strict=True):
        r = np.corrcoef(one[early], other[early])[0, 1]
        print(f"  {name:4s} {r:5.2f} {size / sizes.max():5.2f}")


if __name__ == "__main__":
    main()
