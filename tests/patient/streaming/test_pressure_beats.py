"""Planted pulses come out once each with their numbers; what is no patient is marked."""

import numpy as np
import pytest

from organtwin.patient.streaming.marks import ArtefactKind
from organtwin.patient.streaming.pressure_beats import PressureBeatStream
from organtwin.patient.streaming.pressure_sites import PressureSite
from organtwin.units import MMHG
from tests.patient.streaming.planted import SLOW, beat_times, fed, pressure

FEET = beat_times(0.8)


def pulses_of(values, site=PressureSite.ARTERIAL, rate=SLOW, **how):
    return fed(PressureBeatStream("ABP", rate, site), values, rate, **how)


def kinds(marks):
    return {mark.kind for mark in marks}


def good(beats):
    return [beat for beat in beats if not beat.rejected]


def test_every_pulse_comes_once_with_its_numbers():
    beats, marks = pulses_of(pressure(FEET))
    assert not marks
    assert (
        len(good(beats)) == len(beats) == len(FEET) - 2
    )  # the first has no trough, the last no end
    np.testing.assert_allclose([b.foot for b in beats], FEET[1:-1], atol=0.012)
    np.testing.assert_allclose([b.peak for b in beats], FEET[1:-1] + 0.12, atol=0.017)
    for name, value in (("systolic", 120.0), ("diastolic", 70.0), ("pulse", 50.0)):
        np.testing.assert_allclose(
            [getattr(b, name) / MMHG for b in beats], value, atol=0.6, err_msg=name
        )
    whole = pressure(FEET)[int(FEET[5] * SLOW) : int(FEET[25] * SLOW)].mean()
    assert beats[20].mean == pytest.approx(whole, rel=0.005)
    assert beats[20].running_mean == pytest.approx(whole, rel=0.005)


def test_upstroke_notch_and_area_are_those_planted():
    beats, _ = pulses_of(pressure(FEET))
    steepest = 0.5 * np.pi * 50.0 / 0.12  # of a quarter sine [mmHg/s]
    assert beats[9].steepest / MMHG == pytest.approx(steepest, rel=0.1)
    np.testing.assert_allclose([b.notch - b.foot for b in beats], 0.30, atol=0.02)
    np.testing.assert_allclose([b.notch_pressure / MMHG for b in beats], 92.5, atol=3.0)
    area = 50.0 * 0.12 * 2 / np.pi + (22.5 * 0.18 + 27.5 * 0.18 * 2 / np.pi)  # sines, 0 to 0.3 s
    assert np.median([b.systolic_area / MMHG for b in beats]) == pytest.approx(area, rel=0.04)


def test_a_pulse_without_a_bend_has_no_notch():
    t = np.arange(0, 30, 1 / SLOW)
    beats, _ = pulses_of((90 + 20 * np.sin(2 * np.pi * t / 0.9)) * MMHG)
    assert np.isnan([b.notch for b in good(beats)]).all()


def test_a_pulse_that_falls_evenly_has_no_notch():
    t = np.arange(0, 30, 1 / SLOW)
    phase = t % 0.8
    shape = np.where(phase < 0.12, phase / 0.12, np.exp(-(phase - 0.12) / 0.15))
    beats, _ = pulses_of((70 + 50 * shape) * MMHG)
    assert np.isnan([b.notch for b in good(beats)]).all()


def test_a_high_dicrotic_wave_ends_no_pulse():
    """As in a pulmonary artery: from its notch the pressure rises by more than half a pulse."""
    t = np.arange(0, 40, 1 / SLOW)
    phase = t % 0.8
    waves = np.exp(-(((phase - 0.15) / 0.06) ** 2)) + 0.8 * np.exp(-(((phase - 0.38) / 0.05) ** 2))
    beats, _ = pulses_of((12 + 16 * waves) * MMHG, PressureSite.PULMONARY)
    assert len(beats) == 48
    np.testing.assert_allclose([b.end - b.start for b in beats], 0.8, atol=0.05)


def test_how_the_signal_is_cut_changes_no_pulse():
    values = pressure(FEET)
    one, _ = pulses_of(values, piece=0.04)
    other, _ = pulses_of(values, piece=9.1)
    np.testing.assert_allclose(
        [(b.start, b.systolic) for b in one], [(b.start, b.systolic) for b in other]
    )


def test_pulses_belong_to_the_r_peak_before_them():
    stream, feet = PressureBeatStream("ABP", SLOW, PressureSite.ARTERIAL), beat_times(0.8, 40.0)
    for foot in feet:
        if foot != feet[10]:
            stream.note_r_peak(foot - 0.17)
    beats = good(fed(stream, pressure(feet, 40.0), SLOW)[0])
    lag = np.array([b.foot - b.r_peak for b in beats])
    assert np.flatnonzero(np.isnan(lag)).tolist() == [9]
    np.testing.assert_allclose(lag[np.isfinite(lag)], 0.17, atol=0.012)


def disturbed(start, stop, change):
    values = pressure(FEET)
    here = slice(int(start * SLOW), int(stop * SLOW))
    values[here] = change(values[here])
    return values


def flushed(values):
    return np.full(len(values), 285.0 * MMHG)


def opened(values):
    return np.random.default_rng(0).normal(0.0, 0.3, len(values)) * MMHG


def closed(values):
    return np.full(len(values), 62.0 * MMHG)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (flushed, ArtefactKind.FLUSH),
        (opened, ArtefactKind.ZEROING),
        (closed, ArtefactKind.FLAT),
        (lambda v: np.full(len(v), 200.0 * MMHG), ArtefactKind.FLUSH),
        (lambda v: v.mean() + 0.25 * (v - v.mean()), ArtefactKind.DAMPED),
        (lambda v: v / 7.5006, ArtefactKind.JUMP),
        (lambda v: -v, ArtefactKind.JUMP),
        (lambda v: v + 30.0 * MMHG, ArtefactKind.JUMP),
        (lambda v: np.full(len(v), np.nan), ArtefactKind.GAP),
    ],
    ids=["flush", "zeroing", "flat", "rail", "damped", "unit", "polarity", "level", "gap"],
)
def test_a_disturbance_is_marked_where_it_is_and_its_beats_rejected(change, kind):
    beats, marks = pulses_of(disturbed(30.0, 38.0, change))
    found = [m for m in marks if m.kind is kind]
    assert found, kinds(marks)
    late = 2.3 if kind in (ArtefactKind.DAMPED, ArtefactKind.JUMP) else 0.7
    assert min(m.start for m in found) == pytest.approx(30.0, abs=late)
    assert max(m.end for m in found) == pytest.approx(38.0, abs=late)
    assert all(m.channel == "ABP" and m.sentence for m in found)
    for beat in beats:
        if 30.0 < 0.5 * (beat.start + beat.end) < 38.0:
            assert beat.rejected, beat
    clean = [b for b in good(beats) if b.end < 28.0 or b.start > 42.0]
    assert (
        len(clean) >= ((FEET > 1.3) & (FEET < 27.2)).sum() + ((FEET > 42) & (FEET < 58)).sum() - 2
    )
    assert all(abs(b.systolic / MMHG - 120) < 1 and abs(b.diastolic / MMHG - 70) < 1 for b in clean)


def test_a_spike_is_motion_and_costs_its_beat_only():
    values = disturbed(30.0, 30.05, lambda v: v + 130 * MMHG)
    beats, marks = pulses_of(values)
    assert kinds(marks) == {ArtefactKind.MOTION}
    assert 1 <= len(beats) - len(good(beats)) <= 2


def test_clipping_is_marked():
    values = np.minimum(pressure(FEET), 105.0 * MMHG)
    beats, marks = pulses_of(values)
    assert kinds(marks) == {ArtefactKind.CLIPPED}
    assert all("clipped" in b.rejected for b in beats if b.start > 3.0)


def test_a_wedged_catheter_is_no_pulmonary_artery_pressure():
    values = pressure(FEET, systolic=30.0, diastolic=12.0)
    t = np.arange(len(values)) / SLOW
    wedge = (11.0 + 1.5 * np.sin(2 * np.pi * t / 0.8)) * MMHG
    values = np.where((t > 30.0) & (t < 42.0), wedge, values)
    beats, marks = pulses_of(values, PressureSite.PULMONARY)
    found = [m for m in marks if m.kind is ArtefactKind.WEDGE]
    assert len(found) == 1
    assert (found[0].start, found[0].end) == pytest.approx((30.0, 42.0), abs=2.3)
    assert not [b for b in good(beats) if b.start > 31.0 and b.end < 42.0]


def test_a_real_fall_of_pressure_is_the_patient():
    """120/70 to 80/45 within 20 s: no mark, and no beat lost."""
    n = len(FEET)
    share = np.clip((np.arange(n) - 30) / 25, 0.0, 1.0)
    values = pressure(FEET, systolic=120 - 40 * share, diastolic=70 - 25 * share)
    beats, marks = pulses_of(values)
    assert not marks
    assert len(good(beats)) == len(FEET) - 2


def test_an_arrest_is_not_damping():
    """The mean falls with the pulse: nothing is said to be the line's fault but a flat line."""
    values = pressure(FEET)
    t = np.arange(len(values)) / SLOW
    dying = (20 + 50 * np.exp(-(t - 30) / 3)) * MMHG
    _, marks = pulses_of(np.where(t > 30, dying, values))
    assert kinds(marks) <= {ArtefactKind.FLAT, ArtefactKind.MOTION}


def test_what_still_lasts_at_the_end_is_told():
    _, marks = pulses_of(disturbed(55.0, 60.0, flushed))
    assert kinds(marks) == {ArtefactKind.FLUSH}


def test_marks_of_one_source_time_do_not_touch_another():
    stream = PressureBeatStream("ABP", SLOW, PressureSite.ARTERIAL)
    stream.push(0.0, disturbed(30.0, 38.0, flushed))
    stream.restart()
    beats = stream.push(0.0, pressure(FEET)) + stream.finish()
    assert len(good(beats)) == len(FEET) - 2
    assert [m.kind for m in stream.marks()].count(ArtefactKind.FLUSH) == 1


def test_gaps_and_another_source_time_lose_no_beat():
    stream, values = PressureBeatStream("ABP", SLOW, PressureSite.ARTERIAL), pressure(FEET)
    beats = stream.push(0.0, values)
    beats += stream.push(7000.0, values)
    beats += stream.finish()
    assert len(beats) == 2 * (len(FEET) - 2)


def test_a_flush_tells_how_the_line_follows():
    """A line that swings at 12 Hz with a damping of 0.15, after a flush from 30 to 31 s."""
    rate = 250.0
    values = pressure(FEET, rate=rate)
    t = np.arange(len(values)) / rate - 31.0
    values[(t >= -1.0) & (t < 0.0)] = 300.0 * MMHG
    swing = 200.0 * np.exp(-0.15 * 75.4 * t) * np.cos(75.4 * t) * MMHG
    values += np.where((t >= 0.0) & (t < 1.0), swing, 0.0)
    stream = PressureBeatStream("ABP", rate, PressureSite.ARTERIAL)
    assert stream.line_response is None
    _, marks = fed(stream, values, rate)
    assert stream.line_response.natural_frequency == pytest.approx(12.0, rel=0.1)
    assert stream.line_response.damping == pytest.approx(0.15, abs=0.05)
    assert kinds(marks) == {ArtefactKind.FLUSH, ArtefactKind.DAMPED}
