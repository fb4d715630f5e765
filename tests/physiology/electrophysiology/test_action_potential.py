"""The bundled libraries and how one is made from a family of cells."""

from functools import cache

import numpy as np
import pytest

from organtwin.physiology.electrophysiology.action_potential import (
    SAMPLE_TIMES,
    ActionPotentials,
    Chamber,
    library,
    load_action_potentials,
    trace_duration,
)
from organtwin.physiology.electrophysiology.cells.biomarkers import action_potential_duration
from organtwin.physiology.electrophysiology.cells.cell import ChannelBlock
from organtwin.physiology.electrophysiology.cells.family import (
    CellFamily,
    aligned_trace,
    building_family,
    durations_under,
)
from organtwin.physiology.electrophysiology.cells.models import CELL_MODELS
from organtwin.physiology.electrophysiology.cells.pacing import paced

CHAMBERS: tuple[Chamber, ...] = ("ventricle", "atrium")
CELLS = {"ventricle": "ToR-ORd-dynCl endo", "atrium": "Courtemanche 1998"}
STORED = 1e-5
"""Two counts of the stored resolution [V]."""
SAMPLED = 0.5e-3
"""Half a sample of 1 ms: what a duration read off a trace can be known to [s]."""


def interpolated(potentials: ActionPotentials, duration: float) -> np.ndarray:
    row = int(np.argmin(np.abs(potentials.durations - duration)))
    return potentials.voltages[row]


@pytest.mark.parametrize("chamber", CHAMBERS)
def test_every_trace_has_the_duration_it_is_filed_under(chamber: Chamber) -> None:
    stored = load_action_potentials(chamber)
    read = [trace_duration(trace) for trace in stored.voltages]
    np.testing.assert_allclose(read, stored.durations, rtol=0, atol=SAMPLED)


@pytest.mark.parametrize("chamber", CHAMBERS)
def test_all_traces_start_and_end_at_one_rest(chamber: Chamber) -> None:
    ends = load_action_potentials(chamber).voltages[:, [0, -1]]
    assert np.ptp(ends) == 0.0


@pytest.mark.parametrize("chamber", CHAMBERS)
def test_peaks_differ_by_less_than_a_millivolt(chamber: Chamber) -> None:
    assert np.ptp(load_action_potentials(chamber).voltages.max(axis=1)) < 1e-3


@pytest.mark.parametrize("chamber", CHAMBERS)
def test_the_steepest_rise_is_at_time_zero(chamber: Chamber) -> None:
    stored = load_action_potentials(chamber)
    steepest = np.argmax(np.diff(stored.voltages, axis=1), axis=1)
    around = stored.times[steepest], stored.times[steepest + 1]
    assert ((around[0] <= 1e-9) & (around[1] >= -1e-9)).all()


@pytest.mark.parametrize("chamber", CHAMBERS)
def test_neighbouring_traces_differ_little(chamber: Chamber) -> None:
    voltages = load_action_potentials(chamber).voltages
    steepest_repolarisation = 2.0  # [V/s]; phase 3 of the models reaches 1.6
    apart = np.diff(load_action_potentials(chamber).durations)[:, None]
    assert (np.abs(np.diff(voltages, axis=0)) < steepest_repolarisation * apart + 1e-6).all()


@pytest.mark.parametrize("chamber", CHAMBERS)
def test_the_library_holds_the_action_potential_of_the_unscaled_cell(chamber: Chamber) -> None:
    beat = paced(CELL_MODELS[CELLS[chamber]], cycle_length=1.0, beats=1)
    trace = aligned_trace(beat)
    stored = interpolated(load_action_potentials(chamber), action_potential_duration(beat))
    plateau = SAMPLE_TIMES > 0.005
    two_milliseconds = 3e-3  # [V], what a neighbouring row may differ by
    assert np.abs(stored - trace)[plateau].max() < two_milliseconds


@cache
def families() -> tuple[CellFamily, CellFamily]:
    """Three atrial cells, without and with half of their I_Kr."""
    made = []
    for block in (ChannelBlock(), ChannelBlock({"I_Kr": 0.5})):
        *_, last = building_family(
            CELL_MODELS["Courtemanche 1998"],
            repolarising=("I_Kr", "I_Ks"),
            block=block,
            factors=np.array([1.5, 1.0, 0.7]),
            beats=2,
        )
        assert last.family is not None
        made.append(last.family)
    return made[0], made[1]


def test_members_with_less_repolarising_current_last_longer() -> None:
    assert (np.diff(families()[0].durations) > 0.0).all()


def test_a_library_stretches_the_longest_cell_beyond_its_reach() -> None:
    family = families()[0]
    wished = np.array([1.1, 1.2]) * family.durations[-1]
    made = library(family.traces, durations=wished)
    read = [trace_duration(trace) for trace in made.voltages]
    np.testing.assert_allclose(read, wished, rtol=0, atol=SAMPLED)


def test_cells_of_unequal_rest_come_to_one_rest_in_a_library() -> None:
    family = families()[0]
    shifts = np.array([[-1e-3], [0.0], [2e-3]])  # [V]
    made = library(family.traces + shifts, durations=family.durations)
    assert np.ptp(made.voltages[:, [0, -1]]) < 1e-9


def test_a_blocked_rectifier_prolongs_every_place() -> None:
    before, after = families()
    places = np.array([0.9, 1.0, 1.1]) * before.durations[1]
    assert (durations_under(places, before=before, after=after) > places).all()


def test_a_place_beyond_the_family_changes_in_proportion_to_its_nearest_member() -> None:
    before, after = families()
    place = np.array([1.2 * before.durations[-1]])
    changed = durations_under(place, before=before, after=after)
    assert changed[0] == pytest.approx(1.2 * after.durations[-1])


def test_building_a_family_reports_how_far_it_is() -> None:
    steps = building_family(
        CELL_MODELS["Courtemanche 1998"], repolarising=("I_Kr",), factors=np.array([1.0]), beats=2
    )
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
