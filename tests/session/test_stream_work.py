"""A live source in the session: what arrives, what it changes, and how it ends."""

from time import monotonic

import pytest

from organtwin.assimilation.causes import Cause
from organtwin.errors import InputError
from organtwin.session.phase_lock import DELAY
from tests.live_steps import FakeLink, fall, followed, step


def connected(bench, lab, steps, link=None):
    lab.steps = steps
    bench.fit()
    bench.session.stream.connect(lambda: link or FakeLink(), "bed 4")
    bench.until(lambda: not bench.session.stream.going_on)
    return bench.session.stream


def test_without_a_fitted_twin_nothing_is_opened_and_the_user_is_told(bench):
    bench.session.stream.connect(FakeLink, "bed 4")
    assert not bench.session.stream.going_on
    assert "fit" in bench.session.notice.remedy


def test_samples_beats_and_peaks_of_a_source_are_kept(bench, lab):
    steps = [step(k, followed=(followed(0.8 * k),), r_peaks=(0.8 * k,)) for k in range(1, 5)]
    stream = connected(bench, lab, steps)
    assert list(stream.tails) == ["II"]
    assert len(stream.trends) == 4
    assert stream.lock.beats == 4
    assert stream.interval == pytest.approx(0.8)
    assert stream.step.used == 4


def test_the_signals_are_shown_as_soon_as_a_source_is_connected(bench, lab):
    connected(bench, lab, [])
    assert bench.session.selection.ecg_page == "live"


def test_after_some_beats_the_heart_is_drawn_as_it_is_now(bench, lab):
    steps = [step(k, followed=(followed(k, 0.75),), heart=("conditions", "state"))
             for k in range(1, 12)]  # fmt: skip
    stream = connected(bench, lab, steps)
    bench.until(lambda: stream.heartbeat is not None)
    assert bench.session.baseline is stream.heartbeat
    assert stream.heartbeat.numbers["heart_rate"] == pytest.approx(1.0 / 0.75)


def test_the_link_is_closed_when_the_source_ends_and_when_the_user_disconnects(bench, lab):
    ended, left = FakeLink(), FakeLink()
    connected(bench, lab, [step(1)], ended)
    assert ended.closed

    def endless(twin, link):
        while True:
            yield step(1)

    lab.follow = endless
    object.__setattr__(bench.session.science, "follow", endless)
    bench.session.stream.connect(lambda: left, "bed 5")
    bench.until(lambda: bench.session.stream.step is not None)
    bench.session.stream.disconnect()
    bench.until(lambda: left.closed)
    assert bench.session.stream.name == ""
    assert bench.session.stream.tails == {}


def test_a_source_that_cannot_be_opened_is_told_with_its_remedy(bench, lab):
    def refuses():
        raise InputError(
            "bed 4", "port", expected="a free port", got="2575", remedy="Take another."
        )

    bench.fit()
    bench.session.stream.connect(refuses, "bed 4")
    bench.until(lambda: bench.session.notice is not None)
    assert bench.session.notice.remedy == "Take another."


def test_the_cause_of_a_fall_is_asked_for_and_kept(bench, lab):
    lab.causes = (Cause("volume", -0.2, 0.9, 0.3),)
    stream = connected(bench, lab, [step(1, fallen=fall())])
    bench.until(lambda: bool(stream.causes))
    assert stream.causes[0].name == "volume"
    assert stream.fallen.share == 0.2


def test_another_patient_ends_following(bench, lab):
    stream = connected(bench, lab, [step(1, followed=(followed(1.0),))])
    bench.fit("two")
    assert stream.name == ""
    assert len(stream.trends) == 0


def test_the_playhead_stands_where_the_patients_heart_is(bench, lab):
    connected(bench, lab, [])
    lock, beat = bench.session.stream.lock, bench.session.shown.beat
    now = monotonic()
    for k in range(4):
        lock.note(now - DELAY - 2.0 + 0.8 * k)
    bench.session.tick(0.016)
    wanted = lock.phase(monotonic(), beat.duration, beat.av_delay)
    assert bench.session.playhead.phase == pytest.approx(wanted, abs=0.05)
