"""Work on several cores."""

import threading

import pytest

from organtwin.assimilation.simulating import side_by_side


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_results_come_in_the_order_asked(threads):
    assert list(side_by_side(lambda n: n * n, range(20), threads)) == [n * n for n in range(20)]


def test_two_are_worked_on_at_a_time():
    both = threading.Barrier(2, timeout=5.0)
    assert list(side_by_side(lambda n: both.wait() >= 0, range(4), 2)) == [True] * 4


def test_what_was_not_begun_is_left_when_nobody_asks_on():
    done = []
    results = side_by_side(lambda n: done.append(n), range(100), 2)
    next(results)
    results.close()
    assert len(done) < 10


def test_an_error_reaches_whoever_asked():
    def fails(n):
        raise KeyError(n)

    with pytest.raises(KeyError):
        list(side_by_side(fails, range(3), 2))
