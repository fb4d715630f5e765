"""The drawn heart in step with R peaks."""

import numpy as np
import pytest

from organtwin.session.phase_lock import DELAY, LONGEST, R_IN_QRS, PhaseLock

DURATION, AV_DELAY = 0.9, 0.16
AT_R = (AV_DELAY + R_IN_QRS) / DURATION


def fed(peaks, known_after=0.08, until=None):
    """A lock that has heard of the peaks known by a time."""
    lock = PhaseLock()
    for peak in peaks:
        if until is None or peak + known_after <= until:
            lock.note(peak)
    return lock


def drawn_peaks(peaks, known_after, frame=0.001):
    """Times at which the drawn heart passes its own R peak, less the delay."""
    found, before = [], None
    lock, waiting = PhaseLock(), list(peaks)
    for now in np.arange(peaks[1] + 0.2, peaks[-1], frame):
        while waiting and waiting[0] + known_after <= now:
            lock.note(waiting.pop(0))
        if not lock.locked(now):
            continue
        past = (lock.phase(now, DURATION, AV_DELAY) - AT_R) % 1.0
        if before is not None and past < before - 0.1:
            found.append(now - DELAY)
        before = past
    return np.array(found)


def test_two_peaks_are_needed_and_silence_ends_it():
    lock = PhaseLock()
    lock.note(10.0)
    assert not lock.locked(10.5)
    lock.note(11.0)
    assert lock.locked(11.5)
    assert not lock.locked(11.0 + DELAY + LONGEST + 0.01)
    with pytest.raises(ValueError, match="R peaks"):
        lock.phase(20.0, DURATION, AV_DELAY)


def test_the_phase_at_a_peak_is_that_of_the_models_peak():
    lock = fed([10.0, 10.8, 11.6])
    assert lock.phase(10.8 + DELAY, DURATION, AV_DELAY) == pytest.approx(AT_R)


def test_systole_runs_in_real_time_whatever_the_interval():
    for interval in (0.7, 1.4):
        lock = fed(np.arange(10.0, 10.0 + 4 * interval, interval))
        at = 10.0 + interval + DELAY
        moved = lock.phase(at + 0.3, DURATION, AV_DELAY) - lock.phase(at, DURATION, AV_DELAY)
        assert moved * DURATION == pytest.approx(0.3, abs=1e-9)


def test_a_heart_waits_for_a_late_beat_before_its_qrs():
    lock = fed([10.0, 10.8, 11.6])
    late = [lock.phase(now, DURATION, AV_DELAY) for now in (12.6, 12.9, 13.5)]
    assert late[0] == late[1] == late[2]
    assert 0.0 < late[0] * DURATION < AV_DELAY + 1e-9


def test_irregular_and_early_beats_are_drawn_on_their_peaks():
    random = np.random.default_rng(3)
    peaks = 10.0 + np.cumsum(np.clip(random.normal(0.75, 0.2, 60), 0.35, 1.4))
    drawn = drawn_peaks(peaks, known_after=0.08)
    errors = np.array([np.abs(drawn - peak).min() for peak in peaks[5:-2]])
    assert np.sqrt(np.mean(errors**2)) < 2e-3


def test_a_peak_known_late_is_drawn_late_by_no_more():
    peaks = np.arange(10.0, 40.0, 0.8)
    drawn = drawn_peaks(peaks, known_after=0.08 + 0.05)
    errors = np.array([np.abs(drawn - peak).min() for peak in peaks[5:-2]])
    assert errors.max() < 0.055


def test_the_phase_never_runs_backwards_between_peaks():
    lock = fed([10.0, 10.8, 11.6])
    phases = np.unwrap(
        [2 * np.pi * lock.phase(now, DURATION, AV_DELAY) for now in np.arange(10.9, 12.9, 0.005)]
    )
    assert np.diff(phases).min() >= -1e-9


def test_peaks_out_of_order_are_not_taken():
    lock = fed([10.0, 10.8])
    lock.note(10.5)
    assert lock.beats == 2
