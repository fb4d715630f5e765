"""A plan outside what was checked is declined; who insists sees it marked as extrapolation."""

from dataclasses import replace

import pytest

from tests.fake_values import KINDS

TOO_MUCH = 9.5


def give(bench, name="fluid", dose=TOO_MUCH, **changes):
    session = bench.session
    session.draft = replace(session.draft.with_(KINDS[name].at(dose)), **changes)
    bench.settle()
    return session


def test_it_is_declined_without_a_number_and_nothing_is_computed(bench, lab):
    bench.fit()
    session = give(bench)
    assert session.refusal.declined
    assert "0 to 9 mL" in session.refusal.text
    assert (session.prediction, session.planned) == (None, None)
    assert lab.predicted == []


def test_inside_nothing_changes(bench):
    bench.fit()
    session = give(bench, dose=5.0)
    assert session.refusal is None
    assert session.planned is not None
    assert not session.extrapolated


def test_who_insists_sees_it_as_extrapolation(bench):
    bench.fit()
    session = give(bench, insist=True)
    assert session.refusal is None
    assert session.planned is not None
    assert session.extrapolated


def test_insisting_is_undone_as_any_change_of_the_plan(bench):
    bench.fit()
    session = give(bench)
    session.draft = replace(session.draft, insist=True)
    bench.settle()
    assert session.extrapolated
    session.undo()
    bench.settle()
    assert session.refusal is not None
    assert session.prediction is None
    session.redo()
    bench.settle()
    assert session.extrapolated


def test_a_number_shown_before_does_not_outlive_the_step_outside(bench):
    bench.fit()
    give(bench, dose=5.0)
    session = give(bench)
    assert session.planned is None
    assert session.refusal.declined


def test_a_state_that_is_only_predicted_outside_is_declined_too(bench, lab, monkeypatch):
    reasons = lab.beyond(None, replace_plan(TOO_MUCH))
    bench.fit()
    monkeypatch.setattr(
        type(lab), "beyond", lambda self, twin, plan: reasons if lab.predicted else ()
    )
    session = give(bench, dose=5.0)
    assert lab.predicted
    assert session.refusal.declined
    assert session.prediction is None


def replace_plan(dose):
    from organtwin.therapy.plan import TherapyPlan

    return TherapyPlan((KINDS["fluid"].at(dose),))


@pytest.mark.parametrize("insist", [False, True])
def test_insisting_is_kept_with_unsaved_work(tmp_path, insist):
    from datetime import UTC, datetime

    from organtwin.store.unsaved import KeptPlan, UnsavedWork, work_of, work_text

    work = UnsavedWork("one", plan=KeptPlan("A", insist=insist))
    written = work_text(work, tmp_path, datetime.now(UTC))
    assert work_of(written, tmp_path / "x")[0].plan.insist is insist
    older = written.replace(b'"insist": false, ', b"").replace(b'"insist": true, ', b"")
    assert work_of(older, tmp_path / "x")[0].plan.insist is False
