"""Work done side by side: every answer in its place, errors told, nothing left running."""

import threading

import pytest

from organtwin.assimilation.simulating import side_by_side


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_answer_comes_once_with_its_place(threads):
    found = dict(side_by_side(lambda x: x * x, list(range(30)), threads))
    assert found == {x: x * x for x in range(30)}


def test_nothing_asked_is_nothing_answered():
    assert list(side_by_side(abs, [], 2)) == []


def test_two_are_under_way_at_once():
    both = threading.Barrier(2, timeout=5.0)
    assert len(list(side_by_side(lambda _: both.wait(), [0, 1], 2))) == 2


def test_an_error_of_the_work_is_raised_where_it_is_iterated():
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda x: 1 // x, [1, 2, 0, 3], 2))


def test_whoever_stops_iterating_leaves_the_rest_undone():
    begun = []
    run = side_by_side(lambda x: begun.append(x), list(range(1000)), 2)
    next(run)
    run.close()
    assert len(begun) <= 10
    assert not [one for one in threading.enumerate() if one.name.startswith("heart")]
