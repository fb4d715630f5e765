"""From samples with planted beats to a twin that beats along, and what is told on the way."""

import numpy as np
import pytest

from organtwin.assimilation.synchroniser import ALONE, LONGEST, Synchroniser, Unused
from organtwin.patient.samples import Numbers, Samples
from organtwin.units import MMHG
from tests.assimilation.hearts_beside import ARTERIAL, hearts_beside
from tests.patient.streaming.planted import FAST, SLOW, beat_times, ecg, pressure

RR, SECONDS = 0.8, 30.0
R_PEAKS = beat_times(RR, SECONDS)
SIGNALS = {
    "II": (ecg(R_PEAKS, SECONDS), FAST),
    "ABP": (pressure(R_PEAKS + 0.15, SECONDS, systolic=118.0, diastolic=70.0), SLOW),
    "PAP": (pressure(R_PEAKS + 0.1, SECONDS, systolic=24.0, diastolic=10.0), SLOW),
    "CVP": (
        5.0 * MMHG + 1.0 * MMHG * np.sin(2 * np.pi * np.arange(0.0, SECONDS, 1 / SLOW) / RR),
        SLOW,
    ),
}  # fmt: skip
LEARNING = 4
"""Beats at the beginning or end that no detector can be sure of."""
PLANTED = len(R_PEAKS)


def synchroniser() -> Synchroniser:
    return Synchroniser(hearts_beside(12))


def chunks(names, start=0.0, end=SECONDS, shift=0.0, epoch=0, piece=0.4):
    """Chunks of every channel in turn, as a monitor sends them; 0.4 s are whole samples of all."""
    for number, begin in enumerate(np.arange(start, end - 1e-6, piece)):
        for name in names:
            values, rate = SIGNALS[name]
            own = values[round(begin * rate) : round(min(begin + piece, end) * rate)]
            yield Samples(
                "monitor", (name,), own[np.newaxis], begin + shift, rate, begin, number, epoch
            )


def fed(synchronised: Synchroniser, pieces):
    """Everything that is told."""
    answers = [synchronised.feed(piece) for piece in pieces]
    return (
        [beat for answer in answers for beat in answer.followed],
        [each for answer in answers for each in answer.unused],
    )


def numbers(time=5.0, **values: tuple[float, float]) -> Numbers:
    pairs = np.array(list(values.values())).reshape(-1, 2)
    return Numbers("cuff", tuple(values), pairs[:, 0], pairs[:, 1], time, time, 0)


def test_every_beat_reaches_the_twin_with_all_that_was_measured():
    kept = synchroniser()
    followed, unused = fed(kept, chunks(("II", "ABP", "PAP", "CVP")))
    assert PLANTED - LEARNING <= len(followed) == kept.used <= PLANTED
    assert not [each for each in unused if each.channel == "ABP"]
    last = followed[-1]
    assert last.interval == pytest.approx(RR, abs=0.02)
    assert last.measured["systolic_pressure"] == pytest.approx(118 * MMHG, abs=1 * MMHG)
    assert last.measured["diastolic_pressure"] == pytest.approx(70 * MMHG, abs=1 * MMHG)
    assert last.measured["ra_pressure"] == pytest.approx(5 * MMHG, abs=0.3 * MMHG)
    assert last.measured["pa_systolic"] == pytest.approx(24 * MMHG, abs=1 * MMHG)
    times = [beat.time for beat in followed]
    assert np.diff(times) == pytest.approx(np.full(len(times) - 1, RR), abs=0.03)


def test_r_peaks_are_told_at_once():
    kept = synchroniser()
    quick = [beat.time for piece in chunks(("II", "ABP")) for beat in kept.feed(piece).quick]
    assert len(quick) >= PLANTED - LEARNING
    nearest = np.abs(np.subtract.outer(quick, R_PEAKS)).min(axis=1)
    assert nearest.max() < 0.02


def test_samples_that_were_lost_cost_the_beats_that_they_touch():
    kept = synchroniser()
    whole = list(chunks(("II", "ABP")))
    torn = [piece for piece in whole if not 12.0 <= piece.start < 14.0]
    followed, unused = fed(kept, torn)
    lost = [each for each in unused if each.channel == "ABP"]
    assert 1 <= len(lost) <= 4, lost
    assert all("missing" in each.reason for each in lost)
    assert all(10.5 < each.time < 15.0 for each in lost)
    assert PLANTED - LEARNING - 5 <= len(followed) < PLANTED - 2
    assert not [beat for beat in followed if 12.1 < beat.time < 13.0]


def test_what_was_not_used_is_counted_by_channel_and_reason():
    kept = synchroniser()
    _, unused = fed(kept, [p for p in chunks(("II", "ABP")) if not 12.0 <= p.start < 14.0])
    assert sum(kept.reasons.values()) == len(unused) > 0
    assert all(kept.reasons[each.kind] for each in unused)


@pytest.mark.parametrize(
    ("channel", "reason", "kind"),
    [
        ("V1", "V1: -28 mmHg off the rest", "V1: n mmHg off the rest"),
        ("ABP", "0.25 s of samples are missing", "ABP: n s of samples are missing"),
        ("ABP", "factor of 0.736: mmHg as cmH2O", "ABP: factor of n: mmHg as cmH2O"),
    ],
)
def test_hours_of_beats_have_few_kinds_of_reasons(channel, reason, kind):
    assert Unused(0.0, channel, reason).kind == kind


def test_a_source_that_begins_anew_is_followed_on():
    kept = synchroniser()
    before, _ = fed(kept, chunks(("II", "ABP"), end=15.0, shift=5000.0))
    after, unused = fed(kept, chunks(("II", "ABP"), start=15.0, shift=-15.0, epoch=1))
    assert len(before) + len(after) >= PLANTED - 2 * LEARNING
    assert all(beat.time > 5000.0 for beat in before)
    assert all(0.0 <= beat.time < 15.0 for beat in after if beat.time < 5000.0)
    assert [beat for beat in after if beat.time < 5000.0]
    assert not [each for each in unused if "already" in each.reason]


def test_pressures_of_before_a_restart_do_not_go_with_beats_of_after():
    kept = synchroniser()
    fed(kept, chunks(("CVP",), end=15.0, shift=5000.0))
    followed, _ = fed(kept, chunks(("II",), start=15.0, shift=-15.0, epoch=1))
    after = [beat for beat in followed if beat.time < 5000.0]
    assert after
    assert not [beat for beat in after if "ra_pressure" in beat.measured]


def test_a_channel_that_comes_later_is_taken_from_then_on():
    kept = synchroniser()
    before, _ = fed(kept, chunks(("II",), end=12.0))
    after, unused = fed(kept, chunks(("II", "ABP"), start=12.0))
    assert all(beat.measured == {} for beat in before)
    assert set(after[-1].measured) == set(ARTERIAL)
    assert len(before) + len(after) >= PLANTED - 2 * LEARNING - 2
    times = [beat.time for beat in (*before, *after)]
    assert (np.diff(times) > 0.5 * RR).all(), "no beat twice"
    # 3.2 intervals are lost while the new stream learns; what waited in the old one is not.
    assert np.diff(times).max() < 3.5 * RR
    assert not [each for each in unused if "already" in each.reason]


def test_the_ecg_alone_brings_the_intervals():
    kept = synchroniser()
    followed, unused = fed(kept, chunks(("II",)))
    assert len(followed) >= PLANTED - LEARNING
    assert [beat.interval for beat in followed] == pytest.approx([RR] * len(followed), abs=0.01)
    assert [each.reason for each in unused] == ["no beat before it in a row"]


def test_a_line_that_falls_silent_leaves_the_ecg():
    """The arterial line is disconnected: the hearts beat on at the patient's intervals."""
    kept = synchroniser()
    pieces = [p for p in chunks(("II", "ABP")) if p.channels == ("II",) or p.start < 10.0]
    followed, _ = fed(kept, pieces)
    silent = [beat for beat in followed if beat.time > 15.0]
    assert len(silent) >= (SECONDS - 15.0) / RR - LEARNING
    assert all(beat.measured == {} for beat in silent)


def test_a_line_that_comes_back_takes_over_without_a_beat_twice():
    kept = synchroniser()
    pieces = [
        p for p in chunks(("II", "ABP")) if p.channels == ("II",) or not 8.0 <= p.start < 18.0
    ]
    followed, _ = fed(kept, pieces)
    assert set(followed[-1].measured) == set(ARTERIAL)
    times = [beat.time for beat in followed]
    assert (np.diff(times) > 0.4 * RR).all()


def test_a_pause_is_not_simulated_as_one_long_beat():
    kept = synchroniser()
    pauses = np.concatenate((np.full(12, RR), [LONGEST + 0.5], np.full(14, RR)))
    peaks = beat_times(pauses)
    values = ecg(peaks, SECONDS)
    pieces = [
        Samples("monitor", ("II",), values[np.newaxis, round(a * FAST) : round((a + 1) * FAST)],
                a, FAST, a, int(a))
        for a in np.arange(0.0, SECONDS, 1.0)
    ]  # fmt: skip
    followed, unused = fed(kept, pieces)
    assert max(beat.interval for beat in followed) < 1.0
    assert any("no heart here" in each.reason for each in unused)


def test_numbers_go_with_the_next_beat_and_with_their_own_error():
    kept = synchroniser()
    fed(kept, chunks(("II",), end=12.0))
    kept.note(numbers(mean_arterial_pressure=(88 * MMHG, 6 * MMHG)))
    followed, _ = fed(kept, chunks(("II",), start=12.0, end=20.0))
    with_it = [beat for beat in followed if beat.measured]
    assert [dict(beat.measured) for beat in with_it] == [{"mean_arterial_pressure": 88 * MMHG}]
    spread = np.hypot(with_it[0].quantities["mean_arterial_pressure"].std(ddof=1), 6 * MMHG)
    off = 88 * MMHG - with_it[0].quantities["mean_arterial_pressure"].mean()
    assert with_it[0].innovations["mean_arterial_pressure"] == pytest.approx(off / spread)


def test_a_line_is_believed_before_a_cuff():
    kept = synchroniser()
    fed(kept, chunks(("II", "ABP"), end=12.0))
    kept.note(numbers(systolic_pressure=(160 * MMHG, 6 * MMHG)))
    followed, _ = fed(kept, chunks(("II", "ABP"), start=12.0, end=20.0))
    assert max(beat.measured["systolic_pressure"] for beat in followed) < 125 * MMHG


def test_numbers_that_cannot_be_followed_are_counted():
    kept = synchroniser()
    kept.note(numbers(lv_ef=(0.5, 0.05), ra_pressure=(np.nan, MMHG), pa_mean=(9 * MMHG, 0.0)))
    assert dict(kept.reasons) == {
        "lv_ef: not followed": 1, "ra_pressure: not followed": 1, "pa_mean: not followed": 1,
    }  # fmt: skip


def test_numbers_alone_stand_for_some_beats_at_the_rate_they_tell():
    kept = synchroniser()
    answer = kept.note(
        numbers(100.0, heart_rate=(1.25, 0.02), systolic_pressure=(110 * MMHG, 6 * MMHG))
    )
    assert len(answer.followed) == kept.used == ALONE
    assert {beat.interval for beat in answer.followed} == {0.8}
    assert answer.followed[-1].time == 100.0
    assert dict(answer.followed[-1].measured) == {"systolic_pressure": 110 * MMHG}
    assert not kept.reasons


def test_numbers_of_one_moment_are_one_beat():
    kept = synchroniser()
    answer = kept.note(
        numbers(100.0, systolic_pressure=(110 * MMHG, 6 * MMHG)),
        numbers(100.0, diastolic_pressure=(60 * MMHG, 6 * MMHG)),
        numbers(100.0, heart_rate=(2.0, 0.02)),
    )
    assert len(answer.followed) == ALONE
    assert len(answer.followed[-1].measured) == 2
    assert answer.followed[-1].interval == 0.5


def test_numbers_that_follow_each_other_quickly_are_no_more_beats_than_there_was_time_for():
    kept = synchroniser()
    told = [
        kept.note(numbers(100.0 + seconds, systolic_pressure=(110 * MMHG, 6 * MMHG)))
        for seconds in (0.0, 0.1, 2.0)
    ]
    own = np.median([1.0 / c.parameters["heart_rate"] for c, _ in hearts_beside(12)])
    assert [len(answer.followed) for answer in told] == [ALONE, 0, int((2.0 - own) / own) + 1]


def test_channels_that_are_not_used_are_set_aside_with_the_reason():
    kept = synchroniser()
    values = np.zeros((3, 10))
    kept.feed(Samples("monitor", ("II", "V1", "PLETH"), values, 0.0, FAST, 0.0, 0))
    kept.feed(Samples("monitor", ("ABP", "ART"), values[:2], 0.0, SLOW, 0.0, 0))
    assert kept.lead == "II"
    assert kept.set_aside["V1"] == "II is used"
    assert "no pressure" in kept.set_aside["PLETH"]
    assert kept.set_aside["ART"] == "ABP is used"


def test_a_fall_is_told_with_hearts_to_ask_for_its_cause():
    kept, feet = synchroniser(), beat_times(RR, 60.0)
    share = np.clip((np.arange(len(feet)) - 39) / 6.0, 0.0, 1.0)
    values = pressure(feet, 60.0, systolic=118.0 - 30.0 * share, diastolic=70.0 - 16.0 * share)
    found = []
    for begin in np.arange(0.0, 60.0, 1.0):
        own = values[np.newaxis, round(begin * SLOW) : round((begin + 1.0) * SLOW)]
        answer = kept.feed(Samples("monitor", ("ABP",), own, begin, SLOW, begin, int(begin)))
        found += [answer.fallen] if answer.fallen else []
    (fallen,) = found
    assert fallen.onset == pytest.approx(feet[40], abs=1.5 * RR)
    assert fallen.share == pytest.approx(0.24, abs=0.03)
    assert fallen.hearts
