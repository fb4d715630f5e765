"""Visits and forecasts go into a real library, with a science that answers at once."""

import pytest

from organtwin.store.ledger import forecasts
from organtwin.store.library import Library
from tests.session.library_visits import FIRST, PLAN, SECOND, record_of


@pytest.fixture
def shelf(bench, lab, tmp_path):
    """Call it with a record to open it beside a library in the test's own folder."""
    lab.library = tmp_path / "library.db"

    def opened(record):
        bench.session.receive_record(record)
        bench.settle()
        return bench.session.library

    return opened


def visits(path, patient="anna"):
    with Library.open(path, create=False) as library:
        return library.visits(patient)


def test_opening_a_case_begins_no_library(shelf, lab):
    desk = shelf(record_of())
    assert desk.known is None
    assert not lab.library.exists()
    assert desk.patient_id == "anna"


def test_a_fitted_twin_becomes_a_visit_with_its_posterior(shelf, bench, lab):
    desk = shelf(record_of())
    told = []
    bench.session.library_changed.connect(lambda: told.append(desk.known))
    desk.add_visit()
    bench.settle()
    (visit,) = visits(lab.library)
    with Library.open(lab.library) as library:
        assert library.posterior(visit).members.shape == (13, 13)
    assert visit.day == FIRST
    (line,) = told[-1].visits
    assert line.here
    assert (line.quality.n_measurements, line.quality.n_fitted, line.quality.n_within) == (3, 3, 2)
    assert desk.known.earlier == ()


def test_a_visit_entered_twice_is_told_and_changes_nothing(shelf, bench, lab):
    desk = shelf(record_of())
    for _ in range(2):
        desk.add_visit()
        bench.settle()
    assert "count twice" in bench.session.notice.remedy
    assert len(visits(lab.library)) == 1


def test_without_a_day_nothing_is_entered(shelf, bench, lab):
    desk = shelf(record_of(day=None))
    desk.add_visit()
    assert "Name patient and day" in bench.session.notice.remedy
    assert not lab.library.exists()
    desk.add_visit(day=SECOND)
    bench.settle()
    assert visits(lab.library)[0].day == SECOND


def test_a_stranger_beside_known_patients_is_nobody_till_somebody_says_who(shelf, bench, lab):
    shelf(record_of()).add_visit()
    bench.settle()
    desk = shelf(record_of(SECOND, 160.0, case="scan-17"))
    assert desk.patient_id == ""
    assert [p.patient_id for p in desk.known.patients] == ["anna"]
    desk.add_visit("anna")
    bench.settle()
    assert [v.day for v in visits(lab.library)] == [FIRST, SECOND]
    assert desk.patient_id == "anna"


def test_a_later_visit_is_fitted_from_the_posterior_of_the_last(shelf, bench, lab):
    shelf(record_of()).add_visit()
    bench.settle()
    desk = shelf(record_of(SECOND, 160.0))
    assert desk.can_fit_from_last
    desk.fit_from_last()
    bench.settle()
    assert lab.priors[:2] == [None, None]
    assert lab.priors[2].mean.shape == (13,)
    desk.add_visit()
    bench.settle()
    first, second = visits(lab.library)
    assert second.facts.prior_visit == first.visit_id


def test_a_visit_is_no_prior_of_its_own_record(shelf, bench, lab):
    desk = shelf(record_of())
    desk.add_visit()
    bench.settle()
    assert not desk.can_fit_from_last
    desk.fit_from_last()
    bench.settle()
    assert "count twice" in bench.session.notice.remedy
    assert bench.session.twin is not None
    assert len(lab.priors) == 1


def kept_forecast(shelf, bench):
    desk = shelf(record_of())
    bench.session.plan = PLAN
    bench.settle()
    desk.keep_forecast()
    bench.settle()
    return desk


def test_a_forecast_is_kept_with_its_members_and_only_once(shelf, bench, lab):
    desk = kept_forecast(shelf, bench)
    desk.keep_forecast()
    bench.settle()
    with Library.open(lab.library) as library:
        (forecast,) = forecasts(library, "anna")
    assert len(forecast.foretold["lv_edv"].members) == 24
    assert desk.known.forecasts == (forecast,)
    assert desk.known.due == ()


def test_without_a_finished_prediction_nothing_is_kept(shelf, bench, lab):
    desk = shelf(record_of())
    assert not desk.can_keep
    desk.keep_forecast()
    assert "Make a plan" in bench.session.notice.remedy
    assert not lab.library.exists()


def test_a_measurement_that_came_later_scores_a_forecast_whose_plan_was_followed(shelf, bench):
    kept_forecast(shelf, bench)
    desk = shelf(record_of(FIRST, 170.0))
    (due,) = desk.known.due
    assert [m.name for m in due.measured] == ["lv_edv"]  # the rate is the one from before
    assert desk.known.scores == ()
    desk.score(due.forecast.forecast_id)
    bench.settle()
    (score,) = desk.known.scores
    assert (score.quantity, score.grade.pit is not None) == ("lv_edv", True)
    assert desk.known.due == ()


def test_a_visit_scores_the_forecasts_that_are_said_to_be_followed(shelf, bench):
    kept_forecast(shelf, bench).add_visit()
    bench.settle()
    desk = shelf(record_of(SECOND, 170.0))
    number = desk.known.due[0].forecast.forecast_id
    desk.add_visit(followed=(number,))
    bench.settle()
    assert {s.quantity for s in desk.known.scores} == {"heart_rate", "lv_edv"}
    assert {s.measured_on for s in desk.known.scores} == {SECOND}


def test_what_was_assumed_scores_nothing(shelf, bench):
    kept_forecast(shelf, bench)
    desk = shelf(record_of(SECOND, 170.0))
    assert "pcwp" not in {m.name for due in desk.known.due for m in due.measured}


@pytest.mark.parametrize("content", [b"no library", b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_library_is_told_with_a_remedy_and_left_alone(shelf, bench, lab, content):
    lab.library.write_bytes(content)
    desk = shelf(record_of())
    assert "library" in bench.session.notice.title
    assert "left as it is" in bench.session.notice.remedy
    desk.add_visit("anna")
    bench.settle()
    assert lab.library.read_bytes() == content


def test_a_library_of_a_newer_program_is_told_and_left_alone(shelf, bench, lab):
    with Library.open(lab.library) as library:
        library.rows("PRAGMA user_version = 99")
    desk = shelf(record_of())
    assert "newer organtwin" in bench.session.notice.remedy
    desk.add_visit("anna")
    bench.settle()
    assert "newer organtwin" in bench.session.notice.remedy


def test_what_was_asked_for_another_record_is_not_shown(shelf, bench, lab):
    shelf(record_of()).add_visit()
    told = []
    bench.session.library_changed.connect(lambda: told.append(bench.session.library.known))
    bench.session.receive_record(record_of(SECOND, 160.0, case="bert"))
    bench.settle()
    assert told
    assert not any(known is not None and known.visits for known in told)
