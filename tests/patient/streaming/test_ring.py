"""The bounded memory of an arriving channel: nothing grows, gaps stay, time stays true."""

import numpy as np
import pytest

from organtwin.patient.streaming.ring import Ring

RATE = 125.0


def test_the_newest_samples_are_kept_whatever_the_pieces():
    ring, rng = Ring(RATE, 4.0), np.random.default_rng(0)
    signal = rng.normal(size=5000)
    at = 0
    while at < len(signal):
        n = int(rng.integers(1, 700))
        ring.push(100.0 + at / RATE, signal[at : at + n])
        at += n
        done = min(at, len(signal))
        count, kept = ring.last(4.0)
        assert count + len(kept) == done == ring.end
        np.testing.assert_array_equal(kept, signal[done - len(kept) : done])
    assert len(kept) == 500
    assert ring.time_of(1000) == pytest.approx(108.0)


def test_memory_does_not_grow():
    ring = Ring(RATE, 4.0)
    ring.push(0.0, np.zeros(10))
    before = ring.nbytes
    for k in range(1, 2000):
        ring.push(10 * k / RATE, np.zeros(10))
    assert ring.nbytes == before


def test_a_gap_in_source_time_is_kept_as_missing_samples():
    ring = Ring(RATE, 4.0)
    ring.push(0.0, np.ones(100))
    pushed = ring.push(100 / RATE + 0.4, np.full(50, 2.0))
    assert pushed.missing == 50
    _, kept = ring.last(4.0)
    assert np.isnan(kept[100:150]).all()
    assert ring.time_of(150) == pytest.approx(1.2)
    np.testing.assert_array_equal(kept[150:], 2.0)


def test_samples_that_come_twice_are_dropped_and_counted():
    ring = Ring(RATE, 4.0)
    ring.push(0.0, np.arange(100.0))
    assert ring.push(60 / RATE, np.arange(60.0, 160.0)).repeated == 40
    np.testing.assert_array_equal(ring.last(4.0)[1], np.arange(160.0))
    assert ring.repeated == 40


@pytest.mark.parametrize("jump", [1e5, -3600.0])
def test_another_clock_starts_anew(jump):
    ring = Ring(RATE, 4.0)
    ring.push(0.0, np.ones(100))
    assert ring.push(jump, np.full(10, 3.0)).restarted
    assert ring.first == 100
    assert ring.time_of(100) == pytest.approx(jump)
    np.testing.assert_array_equal(ring.last(4.0)[1], 3.0)
    assert ring.restarts == 1


def test_a_clock_that_runs_a_little_wrong_loses_no_sample():
    """100 ppm over an hour is 45 samples; time stays within a fifth of a sample."""
    ring, true_rate = Ring(RATE, 4.0), RATE * (1 + 1e-4)
    for k in range(7200):
        start = k * 62 / true_rate
        ring.push(start, np.zeros(62))
        assert abs(ring.time_of(ring.end - 62) - start) < 0.2 / RATE
    assert ring.missing == ring.repeated == 0
