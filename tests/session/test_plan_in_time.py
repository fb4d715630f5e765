"""Times and order in the draft, the plan in time, and dose-response curves."""

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest

from organtwin.session.draft import Draft
from organtwin.store.unsaved import KeptPlan, UnsavedWork, work_of, work_text
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.times import ALL_ALONG, Times
from tests.fake_planning import fake_doses
from tests.fake_values import KINDS

PACING, FLUID, POISON = (KINDS[name].at(2.0) for name in ("pacing", "fluid", "poison"))
BOTH = Draft((PACING, FLUID))


def test_a_therapy_is_given_all_along_until_it_is_timed():
    timed = BOTH.timed("fluid", Times(60.0, 120.0))
    assert BOTH.times_of("fluid") == ALL_ALONG
    assert timed.times_of("fluid") == Times(60.0, 120.0)
    assert [(i.start, i.stop) for i in timed.course] == [(0.0, None), (60.0, 120.0)]
    assert timed.timed("fluid", ALL_ALONG) == BOTH
    assert timed.without("fluid").times == ()


def test_a_therapy_moves_in_the_order_and_stops_at_its_ends():
    assert BOTH.moved("fluid", 0).therapies == (FLUID, PACING)
    assert BOTH.moved("fluid", -3).therapies == (FLUID, PACING)
    assert BOTH.moved("pacing", 9).therapies == (FLUID, PACING)


def test_times_and_order_are_undone(bench):
    bench.fit()
    bench.session.draft = BOTH
    bench.session.draft = BOTH.timed("fluid", Times(60.0))
    bench.session.draft = bench.session.draft.moved("fluid", 0)
    bench.session.undo()
    assert bench.session.draft.therapies == BOTH.therapies
    bench.session.undo()
    assert bench.session.draft == BOTH
    bench.settle()


@pytest.fixture
def run(bench):
    bench.fit()
    bench.session.draft = BOTH
    bench.settle()
    bench.session.selection.course_duration_s = 600.0
    bench.session.timeline.run()
    bench.settle()
    return bench


def test_a_moment_of_the_course_is_the_heart_on_screen(run):
    session = run.session
    steady = session.shown
    session.timeline.look(300.0)
    run.settle()
    assert session.shown is session.timeline.heartbeat
    assert session.shown.numbers["heart_rate"] == pytest.approx(1.5, abs=0.03)
    assert 60.0 / session.shown.beat.duration == pytest.approx(90.0, abs=2.0)
    session.timeline.leave()
    assert session.shown is steady


def test_of_moments_asked_for_in_a_row_the_last_is_shown(run):
    for time in (100.0, 200.0, 500.0):
        run.session.timeline.look(time)
    run.settle()
    assert run.session.shown.numbers["heart_rate"] == pytest.approx(1.0 + 500.0 / 600.0, abs=0.03)


def test_another_draft_shows_the_steady_plan_and_marks_the_course(run):
    session = run.session
    session.timeline.look(300.0)
    run.settle()
    session.draft = session.draft.timed("fluid", Times(60.0))
    assert session.timeline.heartbeat is None
    assert session.timeline.course is not None
    assert not session.timeline.up_to_date
    session.timeline.look(300.0)
    assert session.timeline.time is None
    session.undo()
    assert session.timeline.up_to_date
    run.settle()


def test_a_late_moment_of_a_plan_that_is_gone_is_not_shown(run):
    session = run.session
    session.timeline.look(300.0)
    session.draft = session.draft.timed("fluid", Times(60.0))
    run.settle()
    assert session.timeline.heartbeat is None


def test_a_refused_course_says_why(bench):
    bench.fit()
    bench.session.draft = Draft((POISON,))
    bench.session.timeline.run()
    bench.settle()
    assert bench.session.timeline.course is None
    assert "vigour" in bench.session.timeline.refusal.text


def test_another_patient_has_no_course_of_the_last_one(run):
    run.fit("two")
    assert run.session.timeline.course is None


def test_a_course_outside_what_was_checked_is_declined_and_not_run(bench):
    bench.fit()
    session = bench.session
    session.draft = Draft((KINDS["fluid"].at(9.5),))
    session.timeline.run()
    bench.settle()
    assert session.timeline.course is None
    assert session.timeline.refusal.declined
    assert "0 to 9 mL" in session.timeline.refusal.text


def test_who_insists_sees_the_course_with_the_reasons(bench):
    bench.fit()
    session = bench.session
    session.draft = Draft((KINDS["fluid"].at(9.5),), insist=True)
    session.timeline.run()
    bench.settle()
    assert session.timeline.course is not None
    assert [reason.subject for reason in session.timeline.beyond] == ["Fluid"]
    session.draft = dataclasses.replace(session.draft, insist=False)
    assert not session.timeline.up_to_date
    bench.settle()
    session.timeline.run()
    bench.settle()
    assert (session.timeline.course, session.timeline.beyond) == (None, ())


def test_doses_outside_have_no_value_until_somebody_insists(bench):
    bench.fit()
    session = bench.session
    session.draft = BOTH
    session.doses.show("fluid", True)
    bench.settle()
    found = session.doses.response("fluid")
    assert np.isnan(found.values["cardiac_output"]).tolist() == found.outside.tolist()
    assert found.outside.any()
    session.draft = dataclasses.replace(session.draft, insist=True)
    bench.settle()
    assert np.isfinite(session.doses.response("fluid").values["cardiac_output"]).all()


@pytest.fixture
def counted(lab):
    """Names of the therapies whose curves were computed."""
    asked = []

    def doses(twin, plan, name, *, insist):
        asked.append(name)
        return fake_doses(twin, plan, name, insist=insist)

    lab.planning = dataclasses.replace(lab.planning, doses=doses)
    return asked


def test_a_curve_is_kept_while_only_its_own_dose_moves(counted, bench):
    bench.fit()
    session = bench.session
    session.draft = BOTH
    session.doses.show("pacing", True)
    bench.settle()
    assert session.doses.response("pacing").values["cardiac_output"][-1] == 11.0
    session.draft = session.draft.with_(KINDS["pacing"].at(7.0))
    bench.settle()
    assert counted == ["pacing"]
    session.draft = session.draft.with_(KINDS["fluid"].at(7.0))
    bench.settle()
    assert counted == ["pacing", "pacing"]
    session.undo()
    bench.settle()
    assert counted == ["pacing", "pacing"], "the curve of the plan before was kept"


def test_every_open_curve_is_answered_and_no_closed_one(counted, bench):
    bench.fit()
    session = bench.session
    session.draft = Draft((PACING, FLUID, KINDS["bleeding"].at(1.0)))
    session.doses.show("pacing", True)
    session.doses.show("fluid", True)
    bench.settle()
    assert set(counted) == {"pacing", "fluid"}
    assert session.doses.response("bleeding") is None


def test_times_survive_in_unsaved_work(tmp_path):
    times = (("dobutamine", Times(60.0)), ("fluid", Times(0.0, 120.0)))
    therapies = tuple(parse_therapy(t) for t in ("dobutamine 5 ug/kg/min", "fluid 500 mL"))
    work = UnsavedWork("default", plan=KeptPlan("A", therapies=therapies, times=times))
    written = work_text(work, tmp_path, datetime.now(UTC))
    assert work_of(written, tmp_path / "x")[0] == work
