"""Planted beats come out once each, at their time, with their kind; disturbances are told."""

import numpy as np
import pytest

from organtwin.patient.streaming.ecg_beats import EcgBeatStream
from organtwin.patient.streaming.marks import ArtefactKind
from tests.patient.streaming.planted import FAST, beat_times, ecg, fed


def beats_of(values, rate=FAST, **how):
    return fed(EcgBeatStream("II", rate), values, rate, **how)


def test_every_beat_comes_once_at_its_time():
    peaks = beat_times(0.8)
    beats, _ = beats_of(ecg(peaks))
    assert len(beats) == len(peaks)
    np.testing.assert_allclose([b.time for b in beats], peaks, atol=1.5 / FAST)
    np.testing.assert_allclose([b.rr for b in beats[1:]], 0.8, atol=2.5 / FAST)
    assert np.isnan(beats[0].rr)
    assert not any(b.rejected or b.premature or b.ectopic for b in beats)


def test_how_the_signal_is_cut_changes_no_beat():
    values = ecg(beat_times(0.8, 30.0), 30.0)
    one, _ = beats_of(values, piece=0.02)
    other, _ = beats_of(values, piece=7.3)
    assert [b.time for b in one] == pytest.approx([b.time for b in other])


def test_a_beat_is_known_within_a_second():
    stream, values = EcgBeatStream("II", FAST), ecg(beat_times(0.8))
    waits = []
    for at in range(0, len(values), 10):
        for beat in stream.push(at / FAST, values[at : at + 10]):
            waits.append(stream.ring.end_time - beat.time)
    assert max(waits[4:]) <= 0.96  # 0.4 s of age, 0.5 s between looks, and a piece
    assert min(waits) >= 0.4


@pytest.mark.parametrize("height", [1e-3, -1e-3, 0.08e-3])
def test_size_and_direction_of_the_lead_do_not_matter(height):
    peaks = beat_times(0.7)
    beats, _ = beats_of(ecg(peaks, height=height, noise=0.02 * abs(height)))
    np.testing.assert_allclose([b.time for b in beats], peaks, atol=1.5 / FAST)
    assert np.sign([b.amplitude for b in beats]).sum() == np.sign(height) * len(peaks)


def test_the_onset_is_where_the_complex_begins():
    """The Q wave begins some 2.5 of its widths before its centre: 45 ms before the R peak."""
    beats, _ = beats_of(ecg(beat_times(0.8)))
    before = np.array([b.time - b.onset for b in beats])
    assert 0.035 < np.median(before) < 0.055
    assert before.std() < 0.006


def test_extrasystoles_are_told_by_time_and_by_shape():
    rr = np.full(60, 0.8)
    rr[[20, 40]], rr[[21, 41]] = 0.5, 1.1
    beats, _ = beats_of(ecg(beat_times(rr), wide=(41,)))
    assert [k for k, b in enumerate(beats) if b.premature] == [21, 41]
    assert [k for k, b in enumerate(beats) if b.ectopic] == [41]


def test_fibrillation_looks_irregular_and_nothing_else_does():
    rng = np.random.default_rng(3)
    fibrillating, _ = beats_of(ecg(beat_times(rng.uniform(0.4, 1.1, 70))))
    assert fibrillating[-1].irregular
    breathing, _ = beats_of(ecg(beat_times(0.8 + 0.06 * np.sin(np.arange(70) * 1.2))))
    assert breathing[-1].irregular is False
    bigeminy, _ = beats_of(ecg(beat_times(np.tile((0.5, 1.1), 35))))
    assert bigeminy[-1].irregular is False
    assert bigeminy[3].irregular is None


def test_a_gap_interrupts_only_the_interval_across_it():
    peaks = beat_times(0.8)
    values = ecg(peaks)
    gap = slice(int(20.1 * FAST), int(23.0 * FAST))
    values[gap] = np.nan
    beats, _ = beats_of(values)
    inside = (peaks > 20.1 - 0.06) & (peaks < 23.0 + 0.06)
    counted = [b for b in beats if not b.rejected]
    np.testing.assert_allclose([b.time for b in counted], peaks[~inside], atol=1.5 / FAST)
    assert sum(np.isnan(b.rr) for b in counted) == 2
    assert not any(b.rr > 0.9 for b in counted)


def test_samples_lost_between_pieces_are_a_gap():
    peaks, stream = beat_times(0.8), EcgBeatStream("II", FAST)
    values = ecg(peaks)
    cut, on = int(20.1 * FAST), int(21.0 * FAST)
    beats = stream.push(0.0, values[:cut])
    beats += stream.push(on / FAST, values[on:])
    marks = stream.marks()
    beats += stream.finish()
    assert any(m.kind is ArtefactKind.GAP for m in marks)
    late = [b.time for b in beats if b.time > 22.0]
    np.testing.assert_allclose(late, peaks[peaks > 22.0], atol=1.5 / FAST)


def test_another_source_time_loses_no_beat():
    peaks, stream = beat_times(0.8, 20.0), EcgBeatStream("II", FAST)
    values = ecg(peaks, 20.0)
    beats = stream.push(0.0, values)
    beats += stream.push(5000.0, values)
    beats += stream.finish()
    assert len(beats) == 2 * len(peaks)
    assert np.isnan(beats[len(peaks)].rr)
    assert beats[-1].time == pytest.approx(5000.0 + peaks[-1], abs=1.5 / FAST)


def test_electrocautery_rejects_beats_and_says_so():
    peaks, rng = beat_times(0.8), np.random.default_rng(1)
    values = ecg(peaks)
    burst = slice(int(30 * FAST), int(34 * FAST))
    values[burst] += rng.normal(0.0, 1.5e-3, 4 * int(FAST))
    beats, marks = beats_of(values)
    found = [m for m in marks if m.kind is ArtefactKind.CAUTERY]
    assert len(found) == 1
    assert found[0].start == pytest.approx(30.0, abs=0.35)
    assert found[0].end == pytest.approx(34.0, abs=0.35)
    during = [b for b in beats if 30.2 < b.time < 33.8]
    assert during
    assert all("electrocautery" in b.rejected for b in during)
    outside = [b.time for b in beats if not b.rejected]
    away = (peaks < 29.5) | (peaks > 34.5)
    assert set(np.round(peaks[away], 1)) <= set(np.round(outside, 1))


def test_hum_of_the_mains_disturbs_nothing():
    peaks = beat_times(0.8)
    values = ecg(peaks) + 0.2e-3 * np.sin(2 * np.pi * 50.0 * np.arange(int(60 * FAST)) / FAST)
    beats, marks = beats_of(values)
    assert len(beats) == len(peaks)
    assert not marks
    assert not any(b.rejected for b in beats)


def test_a_lead_that_falls_off_is_marked_and_beats_go_on_after():
    peaks = beat_times(0.8)
    values = ecg(peaks)
    values[int(20 * FAST) : int(30 * FAST)] = 0.0
    beats, marks = beats_of(values)
    flat = [m for m in marks if m.kind is ArtefactKind.FLAT]
    assert len(flat) == 1
    assert (flat[0].start, flat[0].end) == pytest.approx((20.0, 30.0), abs=0.3)
    assert not [b for b in beats if 20.1 < b.time < 29.9]
    good = [b.time for b in beats if not b.rejected and b.time > 31.0]
    assert len(good) == (peaks > 31.0).sum()


def test_clipped_beats_are_rejected():
    peaks = beat_times(0.8)
    values = ecg(peaks, wide=range(len(peaks)))
    values[int(30 * FAST) :] = np.minimum(values[int(30 * FAST) :], 0.6e-3)
    beats, marks = beats_of(values)
    assert {m.kind for m in marks} == {ArtefactKind.CLIPPED}
    late = [b for b in beats if b.time > 34.0]
    assert all("clipped" in b.rejected for b in late)


def test_a_moving_line_is_motion():
    values = ecg(beat_times(0.8))
    t = np.arange(len(values)) / FAST
    values += 4e-3 * np.exp(-(((t - 30.0) / 0.5) ** 2))
    _, marks = beats_of(values)
    assert {m.kind for m in marks} == {ArtefactKind.MOTION}


def test_a_lead_turned_round_is_told_once_and_learnt():
    peaks = beat_times(0.8)
    values = ecg(peaks)
    values[int(30 * FAST) :] *= -1.0
    beats, marks = beats_of(values)
    turned = [m for m in marks if m.kind is ArtefactKind.JUMP]
    assert len(turned) == 1
    assert turned[0].start == pytest.approx(peaks[peaks > 30.0][0], abs=0.9)
    assert len(beats) == len(peaks)
    assert not any(b.rejected or b.ectopic for b in beats if b.time > 36.0)


def test_noise_alone_has_no_end_of_beats_that_count():
    values = np.random.default_rng(5).normal(0.0, 1e-5, int(20 * FAST))
    beats, _ = beats_of(values)
    assert all("too few alike peaks" in b.rejected for b in beats)
