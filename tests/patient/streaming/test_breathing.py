"""Breathing moves beats by a planted amount; venous means, end of expiration."""

from itertools import pairwise

import numpy as np
import pytest

from organtwin.patient.streaming.breathing import BreathingWatch
from organtwin.patient.streaming.patient_stream import PatientStream
from organtwin.patient.streaming.respiration import breathing_wave
from organtwin.patient.streaming.venous_beats import VenousBeatStream
from organtwin.units import MMHG
from tests.patient.streaming.planted import FAST, SLOW, beat_times, ecg, pressure

TIMES = np.arange(0.0, 30.0, 0.8)


def breath(times, rate=13.0):
    return np.sin(2 * np.pi * rate / 60.0 * np.asarray(times))


@pytest.mark.parametrize("rate", [8.0, 13.0, 24.0])
def test_the_planted_breathing_is_found(rate):
    noise = np.random.default_rng(0).normal(0.0, 0.5, len(TIMES))
    wave = breathing_wave(TIMES, 50.0 + 3.0 * breath(TIMES, rate) + noise + 0.1 * TIMES)
    assert wave is not None
    assert wave.clear
    assert 60.0 * wave.frequency == pytest.approx(rate, rel=0.05)
    assert wave.highest - wave.lowest == pytest.approx(6.0, abs=0.8)
    assert wave.variation == pytest.approx(6.0 / 51.5, rel=0.15)


def test_noise_alone_is_not_clear_and_few_beats_say_nothing():
    noise = np.random.default_rng(1).normal(50.0, 2.0, len(TIMES))
    wave = breathing_wave(TIMES, noise)
    assert wave is not None
    assert not wave.clear
    assert breathing_wave(TIMES[:8], noise[:8]) is None


def test_venous_means_follow_told_beats_and_seconds_without():
    values = np.full(int(30 * SLOW), 6.0) + 2.0 * np.sin(2 * np.pi * np.arange(30 * SLOW) / 100)
    stream = VenousBeatStream("CVP", SLOW)
    means = []
    for k in range(300):
        at = int(k * 0.1 * SLOW)
        for beat in beat_times(0.8, 15.0):
            if k * 0.1 - 0.1 < beat + 0.7 <= k * 0.1:
                stream.note_beat(beat)
        means += stream.push(at / SLOW, values[at : int((k + 1) * 0.1 * SLOW)] * MMHG)
    means += stream.finish()
    by_beat = [m for m in means if m.by_beat]
    np.testing.assert_allclose([m.mean / MMHG for m in by_beat[1:]], 6.0, atol=0.15)
    assert sum(not m.by_beat for m in means if m.start > 16.0) >= 11
    assert all(a.end == b.start for a, b in pairwise(means))


def patient(ventilated, seconds=60.0):
    """ECG, arterial and venous pressure that breathe together, 12 a minute."""
    peaks = beat_times(0.8, seconds)
    feet, turn = peaks + 0.17, breath(peaks, 12.0)
    sign = 1.0 if ventilated else -1.0
    arterial = pressure(feet, seconds, systolic=120 + 5 * turn, diastolic=70 + turn)
    t = np.arange(0.0, seconds, 1.0 / SLOW)
    venous = (8.0 + 1.5 * sign * breath(t, 12.0) + np.sin(2 * np.pi * t / 0.4)) * MMHG
    stream = PatientStream({"II": FAST, "ABP": SLOW, "CVP": SLOW, "PLETH": SLOW})
    stream.breathing.ventilated = ventilated
    signals = (("II", FAST, ecg(peaks, seconds)), ("ABP", SLOW, arterial), ("CVP", SLOW, venous))
    heard = {"ecg": [], "ABP": [], "CVP": [], "quick": [], "marks": []}
    for k in range(int(seconds * 5)):
        for name, rate, values in signals:
            a, b = int(k * rate / 5), int((k + 1) * rate / 5)
            new = stream.push(name, a / rate, values[a:b])
            heard["ecg"] += new.ecg
            heard["quick"] += new.quick
            heard["marks"] += new.marks
            heard["ABP"] += new.pressures.get("ABP", ())
            heard["CVP"] += new.venous.get("CVP", ())
    return stream, heard


@pytest.mark.parametrize("ventilated", [True, False])
def test_one_patient_is_heard_on_all_channels(ventilated):
    stream, heard = patient(ventilated)
    assert "PLETH" in stream.unused
    assert not heard["marks"]
    lags = [b.foot - b.r_peak for b in heard["ABP"]]
    np.testing.assert_allclose(lags, 0.17, atol=0.015)
    assert all(b.by_beat for b in heard["CVP"][3:])
    now = stream.breathing.now(stream.irregular)
    assert now is not None
    assert 60.0 * now.frequency == pytest.approx(12.0, abs=0.6)
    assert now.pulse_variation == pytest.approx(8.0 / 50.0, rel=0.12)
    assert now.systolic_variation / MMHG == pytest.approx(10.0, rel=0.12)
    # The mean over a beat of 0.8 s takes 4 % off a wave of 5 s.
    expired = 8.0 - 1.5 * 0.96 if ventilated else 8.0 + 1.5 * 0.96
    assert now.venous_end_expiratory / MMHG == pytest.approx(expired, abs=0.2)
    # Here the systolic pressure falls with the venous one, so expiration ends at its least.
    assert now.delta_down / MMHG == pytest.approx(0.0, abs=1.3)
    assert bool(now.doubt) is not ventilated


def test_an_irregular_rhythm_makes_variation_doubtful():
    stream, _ = patient(True, 40.0)
    now = stream.breathing.now(irregular=True)
    assert now is not None
    assert "irregular" in now.doubt
    assert BreathingWatch().now() is None
