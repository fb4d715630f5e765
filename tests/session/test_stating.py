"""Conditions are edits: they reach record and twin, are undone, and the plan is judged anew."""

import pytest

from organtwin.errors import UnknownNameError

HOCM = "obstructive hypertrophic cardiomyopathy"


def test_a_condition_reaches_record_and_twin_and_is_undone(bench):
    bench.fit()
    session = bench.session
    before = session.twin
    assert session.stating.add("hocm") == HOCM
    assert session.conditions == session.record.conditions == (HOCM,)
    assert session.twin is not before
    assert session.twin.record.conditions == (HOCM,)
    assert session.saving.unsaved
    session.undo()
    assert session.record.conditions == session.twin.record.conditions == ()
    assert not session.saving.unsaved
    session.redo()
    session.stating.remove(HOCM)
    assert session.conditions == ()


def test_stating_it_twice_is_one_step_and_an_unknown_word_changes_nothing(bench):
    bench.fit()
    session = bench.session
    session.stating.add("HOCM")
    session.stating.add(HOCM)
    with pytest.raises(UnknownNameError):
        session.stating.add("chronic zebra syndrome")
    session.undo()
    assert session.conditions == ()


def test_the_plan_is_asked_again_of_the_twin_that_states_more(bench, lab):
    bench.fit()
    from tests.fake_values import KINDS

    session = bench.session
    session.draft = session.draft.with_(KINDS["fluid"].at(5.0))
    bench.settle()
    asked = len(lab.predicted)
    session.stating.add("HOCM")
    bench.settle()
    assert len(lab.predicted) == asked + 1
    assert session.prediction is not None


def test_what_was_judged_without_it_is_dropped(bench):
    bench.fit()
    session = bench.session
    dropped = []
    session.ramps.changed.connect(lambda: dropped.append("ramp"))
    session.pacing.changed.connect(lambda: dropped.append("map of pacing"))
    session.stating.add("HOCM")
    assert set(dropped) == {"ramp", "map of pacing"}
