"""Courses of hours in memory that does not grow, and the tails of live channels."""

import numpy as np
import pytest

from organtwin.session import stream_trends
from organtwin.session.stream_tail import SWEEP, Tail
from organtwin.session.stream_trends import Trends

MEMBERS = np.linspace(0.0, 100.0, 101)


def test_a_course_has_what_was_measured_and_the_band_of_the_members():
    trends = Trends()
    trends.note(1.0, {"pa_mean": 40.0}, {"pa_mean": MEMBERS, "lv_ef": MEMBERS})
    trends.note(2.0, {}, {"pa_mean": MEMBERS + 1.0})
    course = trends.course("pa_mean")
    assert course.measured[0] == 40.0
    assert np.isnan(course.measured[1])
    assert course.low.tolist() == pytest.approx([5.0, 6.0])
    assert course.high.tolist() == pytest.approx([95.0, 96.0])
    assert np.isnan(trends.course("lv_ef").middle[1])


def test_a_course_can_be_of_the_last_minutes_only():
    trends = Trends()
    for time in range(100):
        trends.note(float(time), {}, {"pa_mean": MEMBERS})
    assert trends.course("pa_mean", 9.5).times[0] == 90.0


def test_older_rows_are_thinned_and_the_newest_stay(monkeypatch):
    monkeypatch.setattr(stream_trends, "MOST", 200)
    trends = Trends()
    for time in range(2000):
        trends.note(float(time), {}, {"pa_mean": MEMBERS})
    times = trends.course("pa_mean").times
    assert len(times) <= 201
    assert times[0] == 0.0
    assert times[-50:].tolist() == [float(t) for t in range(1950, 2000)]


def test_a_tail_holds_the_last_seconds_and_keeps_gaps():
    tail = Tail(100.0)
    tail.push(0.0, np.ones(300))
    tail.push(3.5, np.full(100, 2.0))
    times, values = tail.last(SWEEP)
    assert times[-1] == pytest.approx(4.49)
    assert np.isnan(values).sum() == 50


def test_the_range_of_a_tail_follows_slowly():
    tail = Tail(100.0)
    tail.push(0.0, np.sin(np.arange(1200) / 10.0))
    before = tail.range
    tail.push(12.0, 10.0 * np.sin(np.arange(600) / 10.0))
    after = tail.range
    assert before[1] < after[1] < 4.0
