"""The vectorised cell against published right-hand sides.

``tentusscher_rates.csv``: states and time derivatives of the ten Tusscher-Panfilov 2006 cell at
five instants of a beat, from the CellML-derived file of the Myokit model collection, evaluated
there. It takes the gas constant as 8314.0, we as 8314.472 as published: E_K then differs by
5e-5 of itself, 5 uV. Where currents balance, at rest and late in repolarisation, 0.001 A/F
remains, and what the sum feeds is compared with that.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from organtwin.physiology.electrophysiology.monodomain.tentusscher import (
    Layer,
    resting_cells,
    step_cells,
)

NAMES = (
    "membrane.V", "ikr.xr1", "ikr.xr2", "iks.xs", "ina.m", "ina.h", "ina.j", "ical.d", "ical.f",
    "ical.f2", "ical.fCaSS", "ito.s", "ito.r", "calcium.Cai", "calcium.CaSR", "calcium.CaSS",
    "sodium.Nai", "potassium.Ki", "jrel.R",
)  # fmt: skip
BALANCE = 1.2e-3
"""[A/F]; see above."""
PER_CYTOSOL = 0.185 / (0.016404 * 96485.3415)


def published(layer: Layer, snapshot: str) -> tuple[np.ndarray, np.ndarray]:
    state, rate = np.zeros(19), np.zeros(19)
    with (Path(__file__).parent / "tentusscher_rates.csv").open() as file:
        for row in csv.DictReader(file):
            if row["layer"] == layer.name.lower() and row["snapshot"] == snapshot:
                state[NAMES.index(row["state"])] = float(row["value"])
                rate[NAMES.index(row["state"])] = float(row["rate_per_ms"])
    return state, rate


@pytest.mark.parametrize("snapshot", ["init", "+2", "+20", "+150", "+300"])
@pytest.mark.parametrize("layer", list(Layer))
def test_rates_are_the_published_ones(layer: Layer, snapshot: str) -> None:
    state, expected = published(layer, snapshot)
    after, step = state[:, None].copy(), 1e-6
    step_cells(after, step, layer)
    rate = (after[:, 0] - state) / step
    allowed = 1e-3 * np.abs(expected)
    allowed[NAMES.index("membrane.V")] += BALANCE
    allowed[NAMES.index("potassium.Ki")] += BALANCE * PER_CYTOSOL
    allowed[NAMES.index("sodium.Nai")] += BALANCE * PER_CYTOSOL
    allowed[NAMES.index("calcium.CaSS")] += 2e-7
    allowed[NAMES.index("ito.s")] += 1e-10
    np.testing.assert_array_less(np.abs(rate - expected), allowed + 1e-13)


def test_single_precision_follows_double_over_an_upstroke() -> None:
    ends = []
    for precision in (np.float32, np.float64):
        cells = resting_cells(3, precision)
        for index in range(2000):
            step_cells(cells, 0.02)
            if index < 100:
                cells[0] += np.asarray(0.02 * 50.0 / 1.4, precision)
        ends.append(cells[0].astype(float))
    np.testing.assert_allclose(ends[0], ends[1], atol=0.02)


def test_cells_beyond_one_slice_are_advanced_alike() -> None:
    cells = resting_cells(600)
    for _ in range(50):
        cells[0] += 0.5
        step_cells(cells, 0.02)
    np.testing.assert_allclose(cells[:, :1] * np.ones(600), cells, rtol=1e-12)
