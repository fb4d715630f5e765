"""Action potentials and calcium transients of the cells against an implicit solver's.

Tolerances: 1 ms of APD and 2 % of calcium are what an independent code of one model keeps; the
membrane potential is read to 0.3 mV, the steepest upstroke, over 0.1 ms as in the reference, to
2 %.
"""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.cells.biomarkers import (
    CellBiomarkers,
    action_potential_duration,
    biomarkers,
)
from organtwin.physiology.electrophysiology.cells.cell import (
    CellModel,
    ChannelBlock,
    Stimulus,
    remaining_fraction,
)
from organtwin.physiology.electrophysiology.cells.models import CELL_MODELS
from organtwin.physiology.electrophysiology.cells.pacing import CellBeat, one_beat, paced
from organtwin.physiology.electrophysiology.cells.torord import TORORD_ENDO

DATA = Path(__file__).parent / "data"
DURATION, CALCIUM, POTENTIAL, UPSTROKE = 1e-3, 0.02, 0.3e-3, 0.02
SCALED_DURATION = 0.5e-3
"""For the 16 scalings of 150 beats each; twice the largest difference found, 0.17 ms, and some."""
FEW_BEATS = 3e-3
"""What 12 beats leave of the way to a new steady state under a block of potassium channels."""
SAMPLED = 1e-4
REFERENCES = tuple(name for name in CELL_MODELS if name != "Stewart 2009 Purkinje")
FIRST_BEATS = {
    "ToR-ORd-dynCl endo": 0.2722, "ToR-ORd-dynCl epi": 0.2361, "ToR-ORd-dynCl mid": 0.3500,
}  # fmt: skip


@cache
def reference(name: str) -> dict[str, float]:
    """Biomarkers at the end of the reference's train, in its units."""
    with (DATA / "cell_biomarkers.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == name]
    return {row["biomarker"]: float(row["value"]) for row in rows if "0 beats" in row["protocol"]
            and "after 0 " not in row["protocol"]}  # fmt: skip


@cache
def beat_at_1_hz(name: str) -> CellBeat:
    return paced(CELL_MODELS[name], cycle_length=1.0, beats=2)


@cache
def read_at_1_hz(name: str) -> CellBiomarkers:
    return biomarkers(beat_at_1_hz(name))


def after_a_silence(model: CellModel) -> np.ndarray:
    """Published state after the 10 ms that the reference waits before its first stimulus."""
    silent = replace(model, stimulus=Stimulus(current=0.0, duration_ms=1.0))
    return one_beat(silent, model.published_state(), cycle_length=0.010).state


@pytest.mark.parametrize("name", REFERENCES)
def test_action_potential_durations_at_1_hz_are_the_reference_s(name: str) -> None:
    expected, read = reference(name), read_at_1_hz(name)
    wanted = [1e-3 * expected[key] for key in ("APD30", "APD50", "APD90")]
    np.testing.assert_allclose([read.apd30, read.apd50, read.apd90], wanted, rtol=0, atol=DURATION)


@pytest.mark.parametrize("name", REFERENCES)
def test_rest_and_peak_at_1_hz_are_the_reference_s(name: str) -> None:
    expected, read = reference(name), read_at_1_hz(name)
    wanted = [1e-3 * expected[key] for key in ("RMP", "Vpeak")]
    read_off = [read.resting_potential, read.peak_potential]
    np.testing.assert_allclose(read_off, wanted, rtol=0, atol=POTENTIAL)


@pytest.mark.parametrize("name", REFERENCES)
def test_steepest_upstroke_over_a_tenth_of_a_millisecond_is_the_reference_s(name: str) -> None:
    beat = beat_at_1_hz(name)
    samples = np.interp(np.arange(0.0, 0.02, SAMPLED), beat.times, beat.potentials)
    steepest = float(np.diff(samples).max() / SAMPLED)
    assert steepest == pytest.approx(reference(name)["dVdtmax"], rel=UPSTROKE)


@pytest.mark.parametrize("name", REFERENCES)
def test_calcium_at_1_hz_is_the_reference_s(name: str) -> None:
    expected, read = reference(name), read_at_1_hz(name)
    wanted = [expected["Ca_dia"], expected["Ca_peak"]]
    printed = 0.5e-6  # the reference is written to 1e-6 mM
    np.testing.assert_allclose(
        [read.diastolic_calcium, read.peak_calcium], wanted, rtol=CALCIUM, atol=printed
    )


@pytest.mark.parametrize("name", REFERENCES)
def test_calcium_transient_at_1_hz_lasts_as_long_as_the_reference_s(name: str) -> None:
    wanted = 1e-3 * reference(name)["CaTD90"]
    assert read_at_1_hz(name).calcium_transient_duration90 == pytest.approx(wanted, rel=CALCIUM)


@pytest.mark.parametrize("name", FIRST_BEATS)
def test_first_beat_from_the_published_state_has_the_published_duration(name: str) -> None:
    model = CELL_MODELS[name]
    beat = one_beat(model, after_a_silence(model), cycle_length=1.0)
    assert action_potential_duration(beat) == pytest.approx(FIRST_BEATS[name], abs=DURATION)


@pytest.mark.parametrize("name", CELL_MODELS)
def test_the_stored_rhythm_repeats_from_beat_to_beat(name: str) -> None:
    first = action_potential_duration(paced(CELL_MODELS[name], cycle_length=1.0, beats=1))
    second = read_at_1_hz(name).apd90
    assert second == pytest.approx(first, abs=0.05e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST_BEATS)
def test_five_hundred_beats_lead_from_the_published_state_to_the_stored_one(name: str) -> None:
    model = CELL_MODELS[name]
    settled = paced(model, cycle_length=1.0, beats=500, start=after_a_silence(model))
    assert action_potential_duration(settled) == pytest.approx(read_at_1_hz(name).apd90, abs=0.2e-3)


def scalings() -> dict[str, tuple[ChannelBlock, float]]:
    """Block and APD90 [s] of each case of the reference."""
    named = {"f_hERG": "I_Kr", "f_ICaL": "I_CaL", "f_INaL": "I_NaL", "f_INa": "I_Na",
             "f_Ito": "I_to", "f_IKs": "I_Ks", "f_IK1": "I_K1"}  # fmt: skip
    with (DATA / "torord_scalings.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["case"]: (
                ChannelBlock({current: float(row[key]) for key, current in named.items()}),
                1e-3 * float(row["APD90_ms"]),
            )
            for row in csv.DictReader(file)
        }


@pytest.mark.slow
def test_scaled_channels_change_the_duration_as_in_the_reference() -> None:
    state = after_a_silence(TORORD_ENDO)
    durations = []
    for block, _ in scalings().values():
        beat = paced(TORORD_ENDO, cycle_length=1.0, beats=150, block=block, start=state)
        state = beat.state  # the reference went on from case to case: sodium was still drifting
        durations.append(action_potential_duration(beat))
    expected = [duration for _, duration in scalings().values()]
    np.testing.assert_allclose(durations, expected, rtol=0, atol=SCALED_DURATION)


@pytest.mark.parametrize("case", ["hERG_x0.5", "dofetilide@1xCmax"])
def test_a_block_of_few_beats_already_comes_near_the_reference(case: str) -> None:
    block, expected = scalings()[case]
    beat = paced(TORORD_ENDO, cycle_length=1.0, beats=12, block=block)
    assert action_potential_duration(beat) == pytest.approx(expected, abs=FEW_BEATS)


def test_a_purkinje_cell_beats_without_a_stimulus() -> None:
    model = CELL_MODELS["Stewart 2009 Purkinje"]
    silent = replace(model, stimulus=Stimulus(current=0.0, duration_ms=1.0))
    beat = one_beat(silent, model.published_state(), cycle_length=3.0)
    rising = np.diff(np.signbit(beat.potentials + 0.02).astype(int)) < 0
    assert np.count_nonzero(rising) >= 2


def test_an_unknown_current_is_refused_by_a_message_that_names_model_and_currents() -> None:
    with pytest.raises(InputError, match=r"ToR-ORd-dynCl endo.*I_Kur.*I_NaL.*I_K1"):
        TORORD_ENDO.blocked_strengths(ChannelBlock({"I_Kur": 0.5}))


def test_a_negative_factor_is_refused() -> None:
    with pytest.raises(InputError, match="I_Kr"):
        ChannelBlock({"I_Kr": -0.1})


def test_two_blocks_multiply() -> None:
    both = ChannelBlock({"I_Kr": 0.5}) * ChannelBlock({"I_Kr": 0.5, "I_CaL": 0.8})
    assert dict(both.factors) == {"I_Kr": 0.25, "I_CaL": 0.8}


def test_a_block_can_be_narrowed_to_what_a_model_has() -> None:
    block = ChannelBlock({"I_Kr": 0.5, "I_NaL": 0.8})
    assert dict(block.only(CELL_MODELS["TT2006 epi"].currents).factors) == {"I_Kr": 0.5}


def test_half_of_the_channels_remain_at_the_half_blocking_concentration() -> None:
    assert remaining_fraction(3.0, half_blocking=3.0, hill=1.7) == pytest.approx(0.5)


def test_a_cycle_shorter_than_the_stimulus_is_refused() -> None:
    with pytest.raises(InputError, match="cycle length"):
        paced(TORORD_ENDO, cycle_length=0.0005, beats=1)


def test_a_duration_is_missing_when_the_beat_ends_before_it() -> None:
    assert np.isnan(action_potential_duration(paced(TORORD_ENDO, cycle_length=0.1, beats=1)))
