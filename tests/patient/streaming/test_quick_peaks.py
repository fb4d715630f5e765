"""R peaks within a tenth of a second, for a picture that beats with the patient."""

import numpy as np
import pytest

from organtwin.patient.streaming.quick_peaks import QuickPeaks
from tests.patient.streaming.planted import FAST, beat_times, ecg, fed


def quick(values, rate=FAST, **how):
    return fed(QuickPeaks(rate), values, rate, **how)[0]


@pytest.mark.parametrize("rate", [125.0, 250.0, 500.0])
@pytest.mark.parametrize("rr", [0.4, 0.8, 1.6])
def test_peaks_are_found_at_any_rate_within_a_tenth_of_a_second(rate, rr):
    peaks = beat_times(rr)
    beats = quick(ecg(peaks, rate=rate), rate)
    known = peaks[peaks > 3.3]
    late = [b for b in beats if b.time > 3.3]
    np.testing.assert_allclose([b.time for b in late], known, atol=1.5 / rate)
    assert max(b.confirmed - b.time for b in beats) <= 0.1


def test_how_the_signal_is_cut_changes_nothing():
    values = ecg(beat_times(0.8, 30.0), 30.0, noise=0.05e-3)
    whole = [(b.time, b.confirmed) for b in quick(values, piece=11.0)]
    for piece in (0.004, 0.05, 0.33):
        cut = [(b.time, b.confirmed) for b in quick(values, piece=piece)]
        np.testing.assert_allclose(cut, whole)


def test_ventricular_beats_are_found_too():
    rr = np.full(60, 0.8)
    rr[[20, 40]], rr[[21, 41]] = 0.5, 1.1
    peaks = beat_times(rr)
    beats = quick(ecg(peaks, wide=(21, 41)))
    times = np.array([b.time for b in beats])
    for k in (21, 41):
        assert np.abs(times - peaks[k]).min() < 0.02
    assert np.abs(times[:, None] - peaks).min(axis=1).max() < 0.02


def test_no_t_wave_and_no_noise_is_a_beat():
    peaks = beat_times(1.0)
    beats = quick(ecg(peaks, noise=0.05e-3))
    assert all(np.abs(peaks - b.time).min() < 0.01 for b in beats)


def test_a_smaller_signal_is_found_again_after_some_seconds():
    peaks = beat_times(0.8)
    values = ecg(peaks, noise=0.002e-3)
    values[int(20 * FAST) :] *= 0.2
    times = np.array([b.time for b in quick(values)])
    assert (times > 30.0).sum() == (peaks > 30.0).sum()


def test_gaps_give_no_beat_and_stop_nothing():
    peaks = beat_times(0.8)
    values = ecg(peaks)
    values[int(20 * FAST) : int(24 * FAST)] = np.nan
    times = np.array([b.time for b in quick(values)])
    assert not ((times > 20.0) & (times < 24.0)).any()
    assert (times > 26.0).sum() == (peaks > 26.0).sum()


def test_another_source_time_starts_anew():
    stream, values = QuickPeaks(FAST), ecg(beat_times(0.8, 20.0), 20.0)
    stream.push(0.0, values)
    beats = stream.push(9000.0, values)
    assert len(beats) >= 20
    assert all(b.time > 9000.0 for b in beats)
