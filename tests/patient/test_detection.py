from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organtwin.errors import RecordError
from organtwin.patient.detection import detect_rhythm
from organtwin.patient.waveform import Waveform
from tests.patient.written_recordings import ecg_steps

RATE = 250.0


def lead(
    name: str, beats: np.ndarray, *, seconds: float = 20.0, height: float = 1000.0
) -> Waveform:
    values = 1e-6 * ecg_steps(beats, seconds=seconds, rate=RATE, height=height)
    return Waveform(name, np.arange(len(values)) / RATE, values, "mV", "made.hea")


@settings(max_examples=15, deadline=None)
@given(rate=st.floats(35, 170), height=st.floats(100, 3000), sign=st.sampled_from((-1, 1)))
def test_every_beat_is_found_at_any_rate_height_and_polarity(
    rate: float, height: float, sign: int
) -> None:
    beats = np.arange(0.8, 19.5, 60.0 / rate)
    rhythm = detect_rhythm({"V2": lead("V2", beats, height=sign * height)})
    assert rhythm.heart_rate * 60 == pytest.approx(rate, rel=0.02)
    assert np.abs(rhythm.peaks[:, None] - beats).min(axis=1).max() < 1.5 / RATE
    assert rhythm.regular


def test_measurements_carry_mean_spread_and_doubt() -> None:
    intervals = np.tile([0.9, 1.1], 9)
    beats = 0.8 + np.concatenate([[0], np.cumsum(intervals)])
    rhythm = detect_rhythm({"II": lead("II", beats)})
    by_name = {entry.name: entry for entry in rhythm.measurements(None, "made.hea")}
    assert by_name["rr_interval"].value == pytest.approx(1.0, abs=2 / RATE)
    assert by_name["rr_sd"].value == pytest.approx(np.std(intervals, ddof=1), abs=0.01)
    n = rhythm.n_intervals
    assert by_name["rr_interval"].sd == pytest.approx(rhythm.rr_sd / np.sqrt(n))
    assert by_name["heart_rate"].sd == pytest.approx(by_name["rr_interval"].sd, rel=0.02)  # at 1 Hz


def test_random_intervals_are_irregular_and_one_extrasystole_is_not() -> None:
    rng = np.random.default_rng(4)
    fibrillation = 0.8 + np.cumsum(rng.uniform(0.45, 1.05, 22))
    assert not detect_rhythm({"II": lead("II", fibrillation)}).regular
    extrasystole = np.arange(0.8, 19.0, 0.8)
    extrasystole[10] -= 0.3
    assert detect_rhythm({"II": lead("II", extrasystole)}).regular


def test_flat_and_missing_leads_are_passed_over() -> None:
    beats = np.arange(0.8, 19.5, 0.75)
    good = lead("V6", beats)
    flat = replace(good, name="II", values=np.zeros_like(good.values))
    lost = replace(good, name="I", values=np.full_like(good.values, np.nan), gaps=len(good.values))
    assert detect_rhythm({"I": lost, "II": flat, "V6": good}).lead == "V6"


def test_one_lead_with_artefacts_is_outvoted() -> None:
    beats = np.arange(0.8, 19.5, 0.8)
    rng = np.random.default_rng(1)
    disturbed = lead("II", np.sort(np.concatenate([beats, rng.uniform(1, 19, 15)])))
    rhythm = detect_rhythm({"II": disturbed, "I": lead("I", beats), "V5": lead("V5", beats)})
    assert rhythm.lead == "I"


def test_of_three_leads_that_disagree_the_one_without_missed_beats_is_taken() -> None:
    beats = np.arange(0.8, 19.5, 0.8)
    leads = {
        "II": lead("II", beats),
        "I": lead("I", np.delete(beats, 12)),
        "V5": lead("V5", np.delete(beats, [7, 12])),
    }
    rhythm = detect_rhythm(leads)
    assert rhythm.lead == "II"
    assert rhythm.heart_rate * 60 == pytest.approx(75, rel=0.01)
    assert not rhythm.doubts


def test_an_interval_of_twice_the_median_raises_a_doubt() -> None:
    rhythm = detect_rhythm({"II": lead("II", np.delete(np.arange(0.8, 19.5, 0.8), 12))})
    (doubt,) = rhythm.doubts
    assert rhythm.regular
    assert "1 of 22 RR intervals in lead II are about twice" in doubt


def test_irregular_episodes_are_told_from_a_regular_rhythm() -> None:
    rng = np.random.default_rng(5)
    intervals = np.concatenate([np.full(45, 0.8), rng.uniform(0.45, 1.1, 30), np.full(45, 0.8)])
    beats = 0.8 + np.cumsum(intervals)
    rhythm = detect_rhythm({"II": lead("II", beats, seconds=beats[-1] + 1.0)})
    assert rhythm.description.startswith("regular with irregular episodes, ")
    assert any("stretches of 10 beats" in doubt for doubt in rhythm.doubts)


def test_a_rate_that_doubles_within_the_strip_is_told() -> None:
    intervals = np.concatenate([np.full(12, 0.5), np.full(12, 0.8)])
    beats = 0.8 + np.cumsum(intervals)
    rhythm = detect_rhythm({"II": lead("II", beats, seconds=beats[-1] + 1.0)})
    assert rhythm.regular
    assert any("varies by" in doubt for doubt in rhythm.doubts)


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_rhythm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = {n: replace(lead(n, np.ones(1)), values=rng.normal(0, 1e-3, 5000)) for n in ("I", "II")}
    with pytest.raises(RecordError, match="do not resemble each other"):
        detect_rhythm(noise)


@pytest.mark.parametrize("rate", [20.0, 25.0, 40.0, 41.0])
def test_a_lead_sampled_too_slowly_is_passed_over_and_named(rate: float) -> None:
    good = lead("V5", np.arange(0.8, 19.5, 0.8))
    slow = replace(good, name="II", times=np.arange(len(good.values)) / rate)
    assert detect_rhythm({"II": slow, "V5": good}).lead == "V5"
    with pytest.raises(RecordError, match=f"II has {rate:.4g} samples per second, of 50 needed"):
        detect_rhythm({"II": slow})


def test_a_rate_of_no_living_heart_points_to_the_sampling_rate() -> None:
    beats = np.arange(2.0, 118.0, 5.0)  # 12 per minute
    with pytest.raises(RecordError, match=r"shows 12 beats per minute: check the sampling rate"):
        detect_rhythm({"II": lead("II", beats, seconds=120.0)})


def test_a_lead_with_many_gaps_serves_where_there_is_no_better() -> None:
    beats = np.arange(0.8, 19.5, 0.8)
    good, gapped = lead("V5", beats), lead("II", beats)
    values = gapped.values.copy()
    values[: int(10.0 * RATE)] = np.nan
    gapped = replace(gapped, values=values, gaps=int(10.0 * RATE))
    assert detect_rhythm({"II": gapped, "V5": good}).lead == "V5"
    rhythm = detect_rhythm({"II": gapped})
    assert rhythm.rr_mean == pytest.approx(0.8, abs=1 / RATE)
    assert rhythm.peaks[0] > 10.0


def test_leads_that_share_few_beats_raise_a_doubt() -> None:
    rng = np.random.default_rng(2)
    leads = {n: lead(n, np.sort(0.8 + np.cumsum(rng.uniform(0.5, 1.1, 20)))) for n in ("I", "II")}
    assert any("are found in another lead" in doubt for doubt in detect_rhythm(leads).doubts)


@pytest.mark.parametrize("cut", [7.97, 8.0, 8.02])
def test_a_complex_cut_by_a_gap_is_no_beat(cut: float) -> None:
    wave = lead("II", np.arange(0.8, 19.5, 0.8))  # one of them at 8.0 s
    values = wave.values.copy()
    values[int(cut * RATE) : int(8.5 * RATE)] = np.nan
    rhythm = detect_rhythm({"II": replace(wave, values=values, gaps=int(0.5 * RATE))})
    assert not ((rhythm.peaks > 7.9) & (rhythm.peaks < 8.6)).any()
    assert len(rhythm.peaks) == 23


def test_an_interval_across_a_gap_is_not_counted() -> None:
    beats = np.arange(0.8, 19.5, 0.8)
    wave = lead("II", beats)
    values = wave.values.copy()
    values[int(6.0 * RATE) : int(9.0 * RATE)] = np.nan
    rhythm = detect_rhythm({"II": replace(wave, values=values, gaps=int(3 * RATE))})
    assert rhythm.rr_mean == pytest.approx(0.8, abs=1 / RATE)
    assert not ((rhythm.peaks > 5.95) & (rhythm.peaks < 9.0)).any()
    assert rhythm.n_intervals == len(rhythm.peaks) - 2


@pytest.mark.parametrize(
    "waveforms",
    [{}, {"ABP": lead("ABP", np.ones(1))}, {"II": lead("II", np.array([1.0, 2.0]), seconds=3.0)}],
)
def test_without_beats_it_says_so(waveforms: dict[str, Waveform]) -> None:
    with pytest.raises(RecordError, match="at least 3 detectable beats"):
        detect_rhythm(waveforms)


def test_detection_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    detect_rhythm({"II": lead("II", np.arange(0.8, 19.5, 0.8))})
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
