"""Levels and heights after the filters; ten seconds at 500 or 1000 Hz."""

import numpy as np
import pytest

from organtwin.patient.ecg.examination import examined
from organtwin.patient.ecg.filters import low_passed, mains, without_mains
from organtwin.patient.recording import Recording
from tests.patient.ecg.drawn_ecg import beat, drawn, with_values

RATE = 1000.0
TIMES = np.arange(10000) / RATE


@pytest.mark.parametrize("frequency", [49.9, 50.0, 60.0])
def test_mains_are_found_at_their_own_frequency(frequency: float) -> None:
    wave = drawn()["II"]
    found = mains(wave.values + 2e-5 * np.sin(2 * np.pi * frequency * wave.times), 500.0)
    assert found is not None
    assert found.frequency == pytest.approx(frequency, abs=0.25)
    assert found.size == pytest.approx(2e-5 / np.sqrt(2.0), rel=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_broad_noise_is_not_taken_for_mains(seed: int) -> None:
    noise = 1e-4 * np.random.default_rng(seed).standard_normal(5000)
    assert mains(drawn()["V3"].values + noise, 500.0) is None


def test_the_notch_takes_mains_and_leaves_the_complex() -> None:
    clean = sum(beat("V4", TIMES - peak) for peak in np.arange(0.5, 9.5, 0.85))
    filtered = without_mains(clean + 1e-4 * np.sin(2 * np.pi * 50.0 * TIMES), RATE, 50.0)
    inner = slice(1000, 9000)
    # 5 % of R: the notch takes what QRS itself holds within 1.7 Hz of the line.
    assert np.abs(filtered - clean)[inner].max() < 0.05 * clean.max()


def test_the_low_pass_has_three_decibel_at_its_corner() -> None:
    tone = np.sin(2 * np.pi * 150.0 * TIMES)
    share = np.ptp(low_passed(tone, RATE)[2000:8000]) / 2.0
    assert share == pytest.approx(np.sqrt(0.5), abs=0.01)


@pytest.mark.parametrize("st", [-2e-4, 0.0, 2e-4])
def test_st_level_and_r_height_pass_a_wandering_baseline_unchanged(st: float) -> None:
    waveforms = drawn(st=st)
    for name in list(waveforms):
        wave = waveforms[name]
        drift = 5e-4 * np.sin(2 * np.pi * 0.25 * wave.times) + 2e-3 * wave.times / 10.0
        if name == "V4":
            waveforms = with_values(waveforms, name, wave.values + drift)
    straight = examined(Recording("drawn", drawn(st=st))).measurements.deflections["V4"]
    found = examined(Recording("drawn", waveforms)).measurements.deflections["V4"]
    # A tenth of a small square on paper (0.01 mV), and 2 % of the R wave.
    assert found.st == pytest.approx(straight.st, abs=1e-5)
    assert found.st - examined(Recording("drawn", drawn())).measurements.deflections[
        "V4"
    ].st == pytest.approx(st, abs=1.5e-5)
    assert found.r == pytest.approx(1.3e-3, rel=0.02)
