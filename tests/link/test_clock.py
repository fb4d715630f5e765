"""Source time against local time: offset, drift, jitter, lag, steps."""

import numpy as np
import pytest

from organtwin.link.clock import LARGEST_DRIFT, SourceClock
from tests.link.played import chunk

OFFSET, EVERY = 5000.0, 0.04


def arrivals(
    seconds: float, *, drift: float = 0.0, jitter: float = 0.02, seed: int = 5, speed: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Source and local times of chunks; delays are exponential with mean ``jitter`` [s]."""
    source = np.arange(EVERY, seconds, EVERY)
    delay = np.random.default_rng(seed).exponential(jitter, len(source)) if jitter else 0.0
    return source, OFFSET + source / speed * (1.0 + drift) + delay


def fed(source: np.ndarray, local: np.ndarray, speed: float = 1.0) -> SourceClock:
    clock = SourceClock(speed)
    for pair in zip(source, local, strict=True):
        clock.note(float(pair[0]), float(pair[1]))
    return clock


def test_nothing_is_known_before_the_first_chunk() -> None:
    clock = SourceClock()
    assert not clock.known
    assert np.isnan([clock.offset, clock.lag(1.0), clock.to_local(1.0), clock.to_source(1.0)]).all()
    assert clock.jitter.count == 0


@pytest.mark.parametrize("speed", [0.25, 1.0, 16.0])
def test_the_fastest_chunks_tell_the_offset(speed: float) -> None:
    source, local = arrivals(120.0 * speed, speed=speed)
    clock = fed(source, local, speed)
    # 25 chunks a second with a mean delay of 20 ms: the fastest of each second is 0.8 ms late.
    assert clock.offset == pytest.approx(OFFSET, abs=2e-3)
    assert clock.to_local(float(source[-1])) == pytest.approx(OFFSET + source[-1] / speed, abs=2e-3)
    assert clock.to_source(clock.to_local(7.0)) == pytest.approx(7.0, abs=1e-6)


@pytest.mark.parametrize("drift", [-100e-6, 50e-6, 100e-6, 300e-6])
def test_drift_is_followed_and_does_not_become_lag(drift: float) -> None:
    source, local = arrivals(600.0, drift=drift)
    clock = fed(source, local)
    # Over 60 s an edge known to 1 ms has a slope known to 40 ppm.
    assert clock.drift == pytest.approx(drift, abs=40e-6)
    assert clock.offset == pytest.approx(OFFSET + 600.0 * drift, abs=3e-3)


def test_a_level_minimum_would_lag_behind_a_drifting_clock() -> None:
    source, local = arrivals(600.0, drift=300e-6, jitter=0.0)
    delay = local - source
    assert delay[-1] - delay[-1500:].min() == pytest.approx(0.018, abs=1e-3)
    assert fed(source, local).offset == pytest.approx(delay[-1], abs=1e-4)


def test_a_slope_that_no_quartz_has_is_not_believed() -> None:
    source, local = arrivals(30.0, drift=10 * LARGEST_DRIFT, jitter=0.0)
    assert fed(source, local).drift == 0.0


def test_jitter_is_told_in_percentiles_of_the_last_minute() -> None:
    source, local = arrivals(300.0)
    jitter = fed(source, local).jitter
    assert jitter.count == pytest.approx(60.0 / EVERY, abs=2)
    # Of an exponential distribution: -ln(1 - p) times its mean; 1500 draws.
    for found, part in ((jitter.median, 0.5), (jitter.p95, 0.95), (jitter.p99, 0.99)):
        assert found == pytest.approx(-0.02 * np.log(1.0 - part), rel=0.25)


def test_lag_is_the_age_of_the_newest_sample() -> None:
    source, local = arrivals(60.0, jitter=0.0)
    clock = fed(source, local)
    assert clock.lag(float(local[-1]) + 0.7) == pytest.approx(0.7, abs=1e-6)


def test_a_burst_that_was_held_up_counts_as_lag_and_does_not_move_the_offset() -> None:
    source, local = arrivals(60.0, jitter=0.0)
    local = np.maximum(local, np.where((source > 40) & (source < 45), OFFSET + 45.0, 0.0))
    clock = fed(source, local)
    assert clock.offset == pytest.approx(OFFSET, abs=1e-3)
    assert clock.restarts == 0


@pytest.mark.parametrize("step", [30.0, 3600.0])
def test_a_clock_set_forward_starts_the_estimate_anew(step: float) -> None:
    source, local = arrivals(60.0, jitter=0.0)
    clock = fed(source, local)
    for k in range(1, 100):
        clock.note(60.0 + step + k * EVERY, OFFSET + 60.0 + k * EVERY)
    assert clock.offset == pytest.approx(OFFSET - step, abs=1e-3)
    assert clock.restarts == 1


def test_a_clock_set_back_by_an_hour_starts_the_estimate_anew() -> None:
    source, local = arrivals(7200.0, jitter=0.0)
    clock = fed(source[-2000:], local[-2000:])
    clock.note(3600.0, OFFSET + 7200.0)
    assert clock.offset == pytest.approx(OFFSET + 3600.0, abs=1e-3)
    assert clock.restarts == 1


def test_a_new_epoch_starts_the_estimate_anew() -> None:
    clock = SourceClock()
    clock.feed(chunk(0, arrival=10.04))
    assert clock.offset == pytest.approx(10.0)
    clock.feed(chunk(100, arrival=12.04, epoch=1))
    assert clock.offset == pytest.approx(8.0)


def test_sources_with_restarts_of_their_own_do_not_disturb_each_other() -> None:
    clock = SourceClock()
    for number in range(50):
        when = 0.04 * (number + 1)
        clock.feed(chunk(number, arrival=when, source="ecg", epoch=0))
        clock.feed(chunk(number, arrival=when, source="pressure", epoch=3))
    assert clock.restarts == 1
    assert clock.jitter.count == 99
