"""Chunks put in order: reordered, doubled, missing and late ones, at random and one by one."""

from itertools import pairwise

import numpy as np
import pytest

from organtwin.link.arranging import MOST_HELD, MOST_STREAMS, WINDOW, Arranger, Gap
from organtwin.patient.samples import Samples
from tests.link.played import chunk

EVERY = 0.04


def arranged(
    arriving: list[tuple[int, float]], **how: object
) -> tuple[Arranger, list[Samples | Gap]]:
    """Feed chunk numbers at their times, taking after each."""
    arranger, found = Arranger(), list[Samples | Gap]()
    for number, at in arriving:
        arranger.feed(chunk(number, arrival=at, **how))  # type: ignore[arg-type]
        found += arranger.take(at)
    return arranger, [*found, *arranger.flush()]


def numbers(found: list[Samples | Gap]) -> list[int | str]:
    return [one.sequence if isinstance(one, Samples) else "gap" for one in found]


def test_chunks_in_order_pass_as_soon_as_the_first_window_is_over() -> None:
    arranger = Arranger()
    arranger.feed(chunk(0, arrival=0.0))
    assert arranger.take(0.9 * WINDOW) == ()
    assert numbers(list(arranger.take(WINDOW))) == [0]
    arranger.feed(chunk(1, arrival=WINDOW))
    assert numbers(list(arranger.take(WINDOW))) == [1]


def test_chunks_that_overtook_each_other_come_in_order() -> None:
    arranger, found = arranged([(1, 0.04), (0, 0.05), (3, 0.1), (2, 0.12), (4, 0.16)])
    assert numbers(found) == [0, 1, 2, 3, 4]
    assert (arranger.counts.gaps, arranger.counts.reordered) == (0, 2)


def test_a_chunk_sent_twice_comes_once() -> None:
    arranger, found = arranged([(0, 0.0), (0, 0.01), (1, 0.4), (1, 0.41), (0, 0.5)])
    assert numbers(found) == [0, 1]
    assert arranger.counts.duplicates == 3


def test_a_hole_becomes_a_gap_after_the_window_and_is_not_filled() -> None:
    arranger = Arranger()
    arranger.feed(chunk(0, arrival=0.0))
    arranger.take(WINDOW)
    arranger.feed(chunk(3, arrival=1.0))
    assert arranger.take(1.0 + 0.9 * WINDOW) == ()
    assert arranger.waiting == 1
    gap, after = arranger.take(1.0 + WINDOW)
    assert gap == Gap("monitor", ("ABP",), pytest.approx(0.04), pytest.approx(0.12))
    assert isinstance(after, Samples)
    assert np.array_equal(after.values[0], np.arange(15.0, 20.0))
    assert arranger.counts.gaps == 1
    assert arranger.counts.gap_seconds == pytest.approx(0.08)


def test_what_comes_after_its_gap_was_named_is_late_and_dropped() -> None:
    arranger, found = arranged([(0, 0.0), (2, 0.4), (3, 0.9), (1, 0.95), (4, 1.0)])
    assert numbers(found) == [0, "gap", 2, 3, 4]
    assert (arranger.counts.late, arranger.counts.duplicates) == (1, 0)


def test_samples_that_were_sent_before_are_cut_off_a_chunk() -> None:
    arranger = Arranger()
    arranger.feed(chunk(0, arrival=0.0))
    arranger.feed(chunk(0, arrival=0.1, count=8))
    found = arranger.flush()
    assert np.concatenate([one.values[0] for one in found]) == pytest.approx(np.arange(8.0))
    assert arranger.counts.trimmed == 5


def test_a_new_epoch_begins_anew_and_the_old_one_is_given_out_first() -> None:
    arranger = Arranger()
    arranger.feed(chunk(50, arrival=0.0))
    arranger.feed(chunk(0, arrival=0.1, epoch=1))
    arranger.feed(chunk(51, arrival=0.2))
    found = arranger.flush()
    assert [(one.epoch, one.start) for one in found] == [(0, 2.0), (1, 0.0)]
    assert (arranger.counts.gaps, arranger.counts.late) == (0, 1)


def test_streams_do_not_wait_for_each_other() -> None:
    arranger = Arranger()
    for number in (0, 2):
        arranger.feed(chunk(number, arrival=0.0, channels=("CVP",)))
    arranger.feed(chunk(0, arrival=0.0))
    arranger.take(WINDOW)
    arranger.feed(chunk(1, arrival=1.0))
    assert [one.channels for one in arranger.take(1.0)][-1] == ("ABP",)


def test_a_flood_behind_a_hole_is_not_held_for_ever() -> None:
    arranger = Arranger(window=1e9)
    for number in range(1, 4 * MOST_HELD):
        arranger.feed(chunk(2 * number, arrival=0.0))
        arranger.take(0.0)
    assert arranger.waiting <= MOST_HELD


def test_streams_without_number_do_not_fill_the_memory() -> None:
    arranger, found = Arranger(), 0
    for number in range(2 * MOST_STREAMS):
        arranger.feed(chunk(0, source=f"file {number}"))
        found += len(arranger.take(0.0))
    assert len(arranger._streams) == MOST_STREAMS
    assert found + len(arranger.flush()) == 2 * MOST_STREAMS


def test_stamps_that_are_off_by_less_than_half_a_sample_join() -> None:
    arranger = Arranger()
    for number in range(100):
        exact = chunk(number, arrival=EVERY * number)
        off = 0.4 / exact.rate * (-1) ** number / 2
        arranger.feed(
            Samples("m", ("ABP",), exact.values, exact.start + off, 125.0, exact.arrival, number)
        )
    found = arranger.flush()
    assert numbers(list(found)) == list(range(100))


@pytest.mark.parametrize("seed", range(20))
def test_no_sample_is_lost_doubled_or_moved_by_a_bad_network(seed: int) -> None:
    """Of 500 chunks 5 % are dropped, 10 % doubled, all delayed by up to 200 ms."""
    random = np.random.default_rng(seed)
    sent = [number for number in range(500) if random.random() > 0.05]
    doubled = [*sent, *(number for number in sent if random.random() < 0.1)]
    arriving = sorted(
        ((number, number * EVERY + float(random.uniform(0.0, 0.2))) for number in doubled),
        key=lambda pair: pair[1],
    )
    arranger, found = arranged(arriving)
    values = np.concatenate([one.values[0] for one in found if isinstance(one, Samples)])
    expected = np.concatenate([chunk(number).values[0] for number in sent])
    assert np.array_equal(values, expected)
    for before, after in pairwise(found):
        assert after.start == pytest.approx(before.end, abs=1e-9)
    counts = arranger.counts
    missing = sorted(set(range(sent[0], sent[-1])) - set(sent))
    assert counts.duplicates == len(doubled) - len(sent)
    assert counts.gap_seconds == pytest.approx(EVERY * len(missing))
    assert counts.late == 0
