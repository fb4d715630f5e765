"""Quick beats against the simulator's own, and at the edges of what a heart survives."""

import pytest

from organtwin.errors import ParameterError
from organtwin.physiology.heart import HeartState
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.quick_beats import lasting_for, quick_beat
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.units import ML, MMHG, PER_MIN

NORMAL = Conditions()
PRESSURES = (
    "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure", "ra_pressure",
    "pa_systolic", "pa_diastolic", "pa_mean", "pcwp",
)  # fmt: skip


@pytest.fixture(scope="module")
def rested() -> HeartState:
    solution = to_steady_state(beats(NORMAL))
    assert solution is not None
    return solution.beat.end_state


@pytest.mark.parametrize(
    "change", [{}, {"systemic_resistance": 1.5}, {"lv_active_stress": 0.6}, {"blood_volume": 0.95}]
)
def test_a_beat_is_that_of_the_simulator_within_the_stated_difference(rested, change):
    conditions = NORMAL.scaled(**change)
    beat = next(beats(conditions, rested))
    slow = biomarkers(beat, conditions)
    quick, state = quick_beat(conditions, rested, beat.duration)
    for name in PRESSURES:
        assert quick[name] == pytest.approx(slow[name], abs=0.45 * MMHG), name  # measured: 0.41
    # Measured here: 0.7 mL of stroke volume, 0.4 mL of the volumes.
    assert quick["stroke_volume"] == pytest.approx(slow["stroke_volume"], abs=1.0 * ML)
    assert quick["lv_edv"] == pytest.approx(slow["lv_edv"], abs=0.5 * ML)
    assert quick["lv_ef"] == pytest.approx(slow["lv_ef"], abs=0.005)
    assert state.volumes == pytest.approx(beat.end_state.volumes, rel=0.02)


def test_output_is_stroke_volume_over_the_interval(rested):
    quick, _ = quick_beat(NORMAL, rested, 0.7)
    assert quick["cardiac_output"] * 0.7 == pytest.approx(quick["stroke_volume"])


def test_the_av_delay_is_a_time_and_stays_when_the_interval_changes():
    before = NORMAL.parameters
    delay = before["av_delay_fraction"] / before["heart_rate"]
    for interval in (0.5, 0.8, 1.5):
        after = lasting_for(NORMAL, interval).parameters
        assert after["heart_rate"] == pytest.approx(1.0 / interval)
        assert after["av_delay_fraction"] * interval == pytest.approx(delay)


def test_a_delay_beyond_what_the_model_covers_is_its_nearest_share():
    share = NORMAL.parameters.specs["av_delay_fraction"]
    assert lasting_for(NORMAL, 0.25).parameters["av_delay_fraction"] == share.upper
    short = NORMAL.with_parameters(av_delay_fraction=share.lower)
    assert lasting_for(short, 1.5).parameters["av_delay_fraction"] == share.lower


def test_the_rate_of_the_conditions_does_not_matter_beyond_the_delay(rested):
    delay = NORMAL.parameters["av_delay_fraction"] / NORMAL.parameters["heart_rate"]
    faster = NORMAL.with_parameters(
        heart_rate=100 * PER_MIN, av_delay_fraction=delay * 100 * PER_MIN
    )
    assert quick_beat(faster, rested, 0.8)[0] == pytest.approx(quick_beat(NORMAL, rested, 0.8)[0])


def test_missing_blood_comes_within_the_beat(rested):
    more = NORMAL.scaled(blood_volume=1.03)
    _, state = quick_beat(more, rested, 0.8)
    assert state.blood_volume == pytest.approx(more.parameters["blood_volume"], rel=1e-6)


def test_a_heart_that_does_not_survive_gives_nothing(rested):
    volumes = 0.02 * rested.volumes
    emptied = HeartState(volumes, rested.flows, rested.patches, rested.junction)
    assert quick_beat(NORMAL, emptied, 0.8) is None


def test_an_interval_that_the_model_does_not_cover_gives_nothing(rested):
    assert quick_beat(NORMAL, rested, 0.2) is None
    with pytest.raises(ParameterError, match="heart rate"):
        lasting_for(NORMAL, 0.2)


def test_the_state_that_a_beat_starts_from_is_left_alone(rested):
    before = rested.volumes.copy()
    quick_beat(NORMAL, rested, 0.8)
    assert (rested.volumes == before).all()
