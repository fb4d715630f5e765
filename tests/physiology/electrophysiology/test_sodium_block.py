"""Conduction speed against sodium conductance: the table, between its rows, a cable of cells."""

import numba
import numpy as np
import pytest

from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.cells.cell import ChannelBlock
from organtwin.physiology.electrophysiology.cells.membrane import step
from organtwin.physiology.electrophysiology.cells.ten_tusscher import TT2006_EPI, slopes_of_cell
from organtwin.physiology.electrophysiology.sodium_block import conduction_speed_ratio

PRINTED = {1.0: 1.0, 0.8: 0.925, 0.6: 0.831, 0.5: 0.773, 0.4: 0.703, 0.3: 0.615}
"""Ratios as they were written down beside the velocities."""


@pytest.mark.parametrize("conductance", PRINTED)
def test_speed_ratio_is_the_cable_s(conductance: float) -> None:
    ratio = conduction_speed_ratio(conductance)
    assert ratio == pytest.approx(PRINTED[conductance], abs=2e-3)


def test_speed_between_two_rows_falls_with_the_conductance() -> None:
    ratios = [conduction_speed_ratio(g) for g in (0.95, 0.7, 0.65, 0.45, 0.35)]
    assert ratios == sorted(ratios, reverse=True)


@pytest.mark.parametrize("conductance", [0.29, 1.01, float("nan")])
def test_a_conductance_that_was_not_computed_is_refused(conductance: float) -> None:
    with pytest.raises(InputError, match="sodium conductance"):
        conduction_speed_ratio(conductance)


SPACING, DURATION, TIME_STEP, DIFFUSIVITY = 0.05, 45.0, 0.01, 0.1334 / (140.0 * 0.01)
"""[mm], [ms], [ms], [mm2/ms]: longitudinal conductivity, surface to volume and capacitance of the
Niederer (2011) benchmark."""
NODES, FROM, TO = 320, 100, 240
CABLE = 0.015
"""Of the ratio. The time step leaves the speeds 2.7 % (unblocked) to 1.7 % (0.3) low; a quarter of
it brings the ratios to 0.3 % of the table's."""


@numba.njit(error_model="numpy")
def arrivals(start, strengths, settings):
    """Times [ms] at which a wave from the first 2 mm reaches ``FROM`` and ``TO``."""
    cells = np.empty((NODES, start.size))
    cells[:] = start
    slopes, rates, flows = np.zeros(start.size), np.zeros(start.size), np.zeros(16)
    spread = DIFFUSIVITY * TIME_STEP / SPACING**2
    reached = np.full(2, np.nan)
    for number in range(int(DURATION / TIME_STEP)):
        time = number * TIME_STEP
        before = cells[:, 0].copy()
        for node in range(NODES):
            stimulus = -60.0 if node < 40 and time < 2.0 else 0.0
            slopes_of_cell(cells[node], stimulus, strengths, settings, slopes, rates, flows)
            step(cells[node], slopes, rates, TIME_STEP, cells[node])
            left, right = before[max(node - 1, 0)], before[min(node + 1, NODES - 1)]
            cells[node, 0] += spread * (left - 2.0 * before[node] + right)
        for index, node in enumerate((FROM, TO)):
            if np.isnan(reached[index]) and cells[node, 0] > -20.0:
                reached[index] = time
    return reached


def cable_speed(conductance: float) -> float:
    """[m/s]"""
    strengths = TT2006_EPI.blocked_strengths(ChannelBlock({"I_Na": conductance}))
    first, last = arrivals(TT2006_EPI.published_state(), strengths, TT2006_EPI.setting_values())
    return float((TO - FROM) * SPACING / (last - first))


@pytest.mark.parametrize("conductance", [0.8, 0.5, 0.3])
def test_a_cable_of_blocked_cells_slows_as_the_table_says(conductance: float) -> None:
    ratio = cable_speed(conductance) / cable_speed(1.0)
    assert ratio == pytest.approx(conduction_speed_ratio(conductance), rel=CABLE)
