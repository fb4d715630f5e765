"""The loop from a source to the twin, one look at a time, on a clock turned by hand."""

import numpy as np
import pytest

from organtwin.assimilation.following import FOLLOWED
from organtwin.assimilation.synchroniser import ALONE, Synchroniser
from organtwin.link.data_link import LinkPhase, LinkState
from organtwin.link.replay import Replay
from organtwin.patient.recording import Recording
from organtwin.patient.samples import Numbers
from organtwin.patient.waveform import Waveform
from organtwin.twin.stream_loop import courses, following, synchroniser_of
from organtwin.units import MMHG
from tests.assimilation.hearts_beside import hearts_beside
from tests.link.played import Hand, chunk
from tests.link.test_together import Scripted
from tests.patient.streaming.planted import FAST, SLOW, beat_times, ecg, pressure
from tests.unfitted_twin import normal_twin

SECONDS, RR = 12.0, 0.8
R_PEAKS = beat_times(RR, SECONDS)


def recording() -> Recording:
    signals = {"II": (ecg(R_PEAKS, SECONDS), FAST), "ABP": (pressure(R_PEAKS + 0.1, SECONDS), SLOW)}
    return Recording("planted", {
        name: Waveform(name, np.arange(len(values)) / rate, values, "V", "planted")
        for name, (values, rate) in signals.items()
    })  # fmt: skip


def steps(link, hand: Hand, **how):
    """All steps, 20 ms apart."""
    for step in following(link, Synchroniser(hearts_beside(12)), clock=hand, **how):
        yield step
        hand.turn(0.02)


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_a_recording_is_followed_to_its_end(speed):
    hand = Hand()
    found = list(steps(Replay(recording(), speed=speed, clock=hand), hand, speed=speed))
    last = found[-1]
    assert last.state.phase is LinkPhase.ENDED
    beats = [beat for step in found for beat in step.followed]
    assert len(beats) == last.used >= len(R_PEAKS) - 4
    assert sum(step.n_gaps for step in found) == 0
    count = sum(s.count for step in found for s in step.samples if "ABP" in s.channels)
    assert count == round(SECONDS * SLOW), "every sample once"


def test_r_peaks_are_told_in_the_time_of_this_computer():
    hand = Hand(5000.0)
    found = list(steps(Replay(recording(), clock=hand), hand))
    peaks = np.array([peak for step in found for peak in step.r_peaks]) - 5000.0
    # A chunk is told when its last sample would have come: up to 40 ms and a look later.
    late = (peaks[:, None] - R_PEAKS).min(axis=1, where=peaks[:, None] > R_PEAKS - 0.02, initial=9)
    assert len(peaks) >= len(R_PEAKS) - 4
    assert (late > -0.02).all()
    assert late.max() < 0.08
    assert np.ptp(late) < 0.02


def test_a_step_without_news_says_so():
    hand = Hand()
    found = list(steps(Replay(recording(), clock=hand), hand))
    news = [step.news for step in found]
    assert news[0], "the state was not known before"
    assert not all(news)
    assert all(step.news for step in found if step.samples or step.followed)


def test_the_heart_comes_with_beats_and_only_then():
    hand = Hand()
    for step in steps(Replay(recording(), clock=hand), hand):
        assert (step.heart is not None) == bool(step.followed)


def test_what_gets_lost_is_told_as_a_gap():
    hand = Hand()
    pieces = (chunk(0, arrival=1000.0), chunk(5, arrival=1000.0))
    link = Scripted(LinkPhase.LIVE, *pieces)
    run = steps(link, hand)
    next(run)
    link.chunks = ()
    for _ in range(30):
        step = next(run)
        if step.gaps:
            break
    (gap,) = step.gaps
    assert (gap.start, gap.end) == pytest.approx((5 / 125, 25 / 125))
    assert (step.n_gaps, step.gap_seconds) == (1, pytest.approx(20 / 125))


def test_what_waits_behind_a_hole_is_not_lost_when_the_source_ends():
    hand = Hand()
    link = Scripted(LinkPhase.LIVE, chunk(0, arrival=999.0))
    run = steps(link, hand)
    assert len(next(run).samples) == 1
    link.chunks = (chunk(5, arrival=1000.02),)
    assert next(run).samples == ()
    link.chunks, link.state = (), LinkState(LinkPhase.ENDED, "over", 0.0)
    last = next(run)
    assert len(last.gaps) == len(last.samples) == 1
    with pytest.raises(StopIteration):
        next(run)


def test_numbers_alone_are_followed_once_for_each_moment():
    hand = Hand()
    values = {"systolic_pressure": 120 * MMHG, "diastolic_pressure": 65 * MMHG}
    pair = [
        Numbers("cuff", (name,), np.array([value]), np.array([6 * MMHG]), 50.0, 0.0, number)
        for number, (name, value) in enumerate(values.items())
    ]
    step = next(steps(Scripted(LinkPhase.LIVE, *pair), hand))
    assert step.used == len(step.followed) == ALONE
    assert len(step.followed[-1].measured) == 2
    assert step.news


def test_a_twin_is_followed_with_the_hearts_that_fit_it():
    kept = synchroniser_of(normal_twin())
    assert len(kept.filter.hearts()) == len(normal_twin().ensemble)


def test_courses_hold_quantities_and_what_is_followed():
    hand = Hand()
    beat = next(
        b for step in steps(Replay(recording(), clock=hand), hand) for b in step.followed
    )  # fmt: skip
    found = courses(beat)
    assert {"cardiac_output", "systolic_pressure", *(d.name for d in FOLLOWED)} <= set(found)
    assert {values.shape for values in found.values()} == {(12,)}
