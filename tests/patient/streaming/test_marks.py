"""Marks join where windows overlap, are given out once, and are forgotten."""

import pytest

from organtwin.patient.streaming.marks import ArtefactKind, Mark, MarkBook


def mark(start, end, kind=ArtefactKind.FLUSH):
    return Mark(start, end, kind, "ABP", f"ABP: {kind.value}")


def test_pieces_of_one_disturbance_become_one_mark():
    book = MarkBook(30.0)
    book.note([mark(1.0, 2.0)])
    book.note([mark(1.5, 3.0), mark(3.2, 4.0), mark(1.0, 2.0, ArtefactKind.MOTION)])
    flushes = [m for m in book.touching(0.0, 10.0) if m.kind is ArtefactKind.FLUSH]
    assert [(m.start, m.end) for m in flushes] == [(1.0, 4.0)]


def test_a_mark_is_given_out_once_when_it_is_over():
    book = MarkBook(30.0)
    book.note([mark(1.0, 2.0)])
    assert book.finish(1.5, 1.5) == []
    assert len(book.finish(3.0, 3.0)) == 1
    book.note([mark(1.0, 2.0)])  # seen again in the next window
    assert book.finish(4.0, 4.0) == []


def test_old_marks_are_forgotten():
    book = MarkBook(30.0)
    for k in range(1000):
        book.note([mark(2.0 * k, 2.0 * k + 0.5)])
        book.finish(2.0 * k - 1.0, 2.0 * k)
    assert len(book.touching(0.0, 1e9)) <= 17


@pytest.mark.parametrize(("start", "end", "touched"), [(0.0, 0.9, False), (0.0, 1.0, True)])
def test_a_beat_that_touches_a_mark_has_its_sentence_for_a_reason(start, end, touched):
    book = MarkBook(30.0)
    book.note([mark(1.0, 2.0)])
    assert book.reason(start, end) == ("ABP: flush" if touched else "")
    assert book.reason(start, end, frozenset({ArtefactKind.FLUSH})) == ""
