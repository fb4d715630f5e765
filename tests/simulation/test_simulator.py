"""Running beats: steady states, endings, blood volume."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from organtwin.errors import UnknownNameError
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.units import CM2, ML, MMHG, PER_MIN

NORMAL = Conditions()


@pytest.fixture(scope="module")
def resting():
    return to_steady_state(beats(NORMAL))


def test_a_cold_start_becomes_steady(resting):
    assert resting.outcome is Outcome.STEADY
    assert resting.n_beats < 30


def test_the_steady_beat_meets_itself(resting):
    for name in ("lv_volume", "aortic_pressure", "la_volume"):
        values = resting.beat.traces[name]
        seam = abs(values[0] - values[-1])
        largest_step = np.abs(np.diff(values)).max()
        assert seam < 1.5 * largest_step


def test_the_atrial_wave_through_the_mitral_valve_comes_when_it_is_measured(resting):
    """P-A'TDI: 120 ms (quartiles 106 and 135) after the P wave begins, 117 people without heart
    failure (PMID 30985354); here the fastest filling, 17 ms later, before the ventricles begin."""
    beat = resting.beat
    before = beat.times < beat.av_delay
    peak = beat.times[before][beat.traces["mitral_flow"][before].argmax()]
    assert 0.106 < peak < 0.145


def test_a_trace_is_read_at_any_time_and_wraps(resting):
    trace = resting.beat["lv_volume"]
    period = resting.beat.duration
    assert trace(0.123 + period) == pytest.approx(trace(0.123))
    with pytest.raises(UnknownNameError, match="lv_volume"):
        resting.beat["lv_volum"]


def test_blood_volume_moves_to_its_target_in_small_steps(resting):
    wanted = NORMAL.parameters["blood_volume"] + 150 * ML
    run = beats(NORMAL.with_parameters(blood_volume=wanted), resting.beat.end_state)
    volumes = [beat.end_state.blood_volume for _, beat in zip(range(12), run, strict=False)]
    steps = np.diff([resting.beat.end_state.blood_volume, *volumes])
    assert volumes[-1] == pytest.approx(wanted, rel=1e-9)
    assert np.abs(steps).max() < 0.0501 * wanted


def test_changing_the_rate_changes_the_beat_at_once(resting):
    beat = next(beats(NORMAL.with_parameters(heart_rate=90 * PER_MIN), resting.beat.end_state))
    assert beat.duration == pytest.approx(60 / 90)


def test_bleeding_out_ends_with_an_outcome_and_a_remedy(resting):
    low = NORMAL.with_parameters(blood_volume=301 * ML, systemic_vein_reference_area=40 * CM2)
    solution = to_steady_state(beats(low, resting.beat.end_state))
    assert solution.outcome in (Outcome.EMPTIED, Outcome.OUT_OF_RANGE)
    assert solution.outcome.remedy
    assert "beat" in solution.detail
    for values in solution.beat.traces.values():
        assert np.isfinite(values).all()


def test_a_run_without_any_beat_reports_the_given_one(resting):
    wrecked = resting.beat.end_state.volumes.copy()
    wrecked[0] = 0.0
    state = type(resting.beat.end_state)(
        wrecked, resting.beat.end_state.flows, resting.beat.end_state.patches,
        resting.beat.end_state.junction,
    )  # fmt: skip
    assert to_steady_state(beats(NORMAL, state)) is None
    solution = to_steady_state(beats(NORMAL, state), otherwise=resting.beat)
    assert solution.beat is resting.beat
    assert solution.outcome is not Outcome.STEADY
    assert solution.detail.startswith("beat 1")


@pytest.mark.parametrize(
    ("volume", "size", "rate"),
    [(0.65, 0.65, 130), (0.65, 0.75, 150), (0.7, 0.7, 130), (0.7, 0.7, 120), (0.69, 0.7, 130)],
)
def test_a_small_fast_heart_whose_walls_go_slack_in_filling_lives(volume, size, rate):
    """Early in filling no wall bears tension; the junction then has no force to be found by."""
    walls = {f"{w}_{p}": size for w in ("lv", "septum") for p in ("reference_area", "wall_volume")}
    strong = {"lv_active_stress": 1.5, "septum_active_stress": 1.5}
    small = NORMAL.scaled(blood_volume=volume, pericardium_volume=0.85, **walls, **strong)
    run = beats(small.with_parameters(heart_rate=rate * PER_MIN))
    assert to_steady_state(run).outcome is Outcome.STEADY


def test_the_beat_limit_is_an_ending_of_its_own():
    solution = to_steady_state(beats(NORMAL), Periodicity(tolerance=1e-12, beat_limit=3))
    assert solution.outcome is Outcome.BEAT_LIMIT
    assert solution.n_beats == 3


def test_the_same_start_gives_the_same_beat_bit_for_bit(resting):
    first, second = (next(beats(NORMAL, resting.beat.end_state)) for _ in range(2))
    for name, values in first.traces.items():
        assert np.array_equal(values, second.traces[name])


factor = st.floats(0.4, 2.5)
RESISTANCES = {"systemic_vascular_resistance", "pulmonary_vascular_resistance"}


@settings(max_examples=25, deadline=None)
@given(
    contractility=factor, resistance=factor, volume=st.floats(0.45, 2.0),
    rate=st.floats(35, 180), size=st.floats(0.7, 1.5),
)  # fmt: skip
@example(contractility=1.0, resistance=2.0, volume=1.5, rate=55.0, size=1.5)  # runs empty
def test_any_heart_gives_numbers_or_an_ending_never_nan(
    contractility, resistance, volume, rate, size
):
    conditions = NORMAL.scaled(
        lv_active_stress=contractility, septum_active_stress=contractility,
        systemic_resistance=resistance, blood_volume=volume, lv_reference_area=size,
        septum_reference_area=size,
    ).with_parameters(heart_rate=rate * PER_MIN)  # fmt: skip
    solution = to_steady_state(beats(conditions), Periodicity(beat_limit=12))
    if solution is None:
        return
    assert solution.outcome in Outcome
    found = biomarkers(solution.beat, conditions)
    unbounded = {name for name, value in found.items() if not np.isfinite(value)}
    if found["cardiac_output"] > 0:
        assert not unbounded
    else:  # a pressure drop that drives nothing: infinite, but never NaN
        assert unbounded <= RESISTANCES
        assert all(found[name] == np.inf for name in unbounded)
    assert 0 < found["lv_esv"] < found["lv_edv"]


def test_ejection_fraction_falls_when_afterload_rises(resting):
    high = NORMAL.scaled(systemic_resistance=1.5)
    after = biomarkers(to_steady_state(beats(high, resting.beat.end_state)).beat, high)
    before = biomarkers(resting.beat, NORMAL)
    assert after["lv_ef"] < before["lv_ef"] - 0.05
    assert after["mean_arterial_pressure"] > before["mean_arterial_pressure"] + 15 * MMHG


def test_biomarkers_agree_with_each_other(resting):
    b = biomarkers(resting.beat, NORMAL)
    assert b["stroke_volume"] == pytest.approx(b["lv_edv"] - b["lv_esv"], rel=0.01)
    assert b["cardiac_output"] == pytest.approx(b["stroke_volume"] * b["heart_rate"])
    assert b["pulse_pressure"] == pytest.approx(b["systolic_pressure"] - b["diastolic_pressure"])
    assert b["systemic_vascular_resistance"] * b["cardiac_output"] == pytest.approx(
        b["mean_arterial_pressure"] - b["ra_pressure"]
    )
    assert b["ra_pressure"] < b["rv_edp"] + 3 * MMHG < b["pcwp"] + 6 * MMHG
