import pytest

from organtwin.session.draft import Draft
from tests.fake_values import KINDS, fake_heart, fake_record


def with_(draft, name, dose):
    return draft.with_(KINDS[name].at(dose))


def test_opening_a_case_gives_record_then_twin(bench):
    bench.session.open("one")
    bench.until(lambda: bench.session.record is not None)
    assert bench.session.fitting
    bench.settle()
    assert bench.session.twin.record is bench.session.record
    assert not bench.session.fitting
    assert bench.session.shown is bench.session.baseline


def test_a_heart_moves_before_the_twin_is_there_and_claims_no_numbers(bench, lab):
    lab.fit_gate.clear()
    bench.session.open("one")
    bench.until(lambda: bench.session.shown is not None)
    assert bench.session.twin is None
    assert bench.session.fitting
    assert bench.session.shown.numbers == {}
    lab.fit_gate.set()
    bench.settle()
    assert bench.session.shown.numbers


def test_a_broken_file_tells_why_and_keeps_the_patient(bench):
    bench.fit()
    twin = bench.session.twin
    bench.session.open("broken.json")
    bench.settle()
    notice = bench.session.notice
    assert notice.title == "Opening broken.json failed"
    assert "broken.json: measurement[3].unit" in notice.text
    assert "'mmHgg'" in notice.text
    assert notice.remedy == "Write the unit as 'mmHg'."
    assert bench.session.twin is twin


def test_a_broken_file_does_not_disturb_a_running_fit(bench, lab):
    lab.fit_gate.clear()
    bench.session.open("one")
    bench.until(lambda: bench.session.fitting)
    bench.session.open("broken.json")
    bench.until(lambda: bench.session.notice is not None)
    assert bench.session.fitting
    lab.fit_gate.set()
    bench.settle()
    assert bench.session.twin is not None


def test_opening_another_case_cancels_the_first_fit(bench, lab):
    lab.fit_gate.clear()
    bench.session.open("one")
    bench.until(lambda: bench.session.fitting)
    bench.session.open("two")
    bench.until(lambda: bench.session.record.title == "Case two")
    lab.fit_gate.set()
    bench.settle()
    assert bench.session.twin.record.title == "Case two"


def test_a_cancelled_fit_leaves_the_record_without_a_twin(bench, lab):
    lab.fit_gate.clear()
    bench.session.open("one")
    bench.until(lambda: bench.session.fitting)
    for status in bench.session.jobs.statuses:
        bench.session.jobs.cancel(status.number)
    bench.settle()
    assert bench.session.record is not None
    assert bench.session.twin is None
    assert not bench.session.fitting
    assert bench.session.notice is None


def test_a_plan_predicts_and_changes_what_is_shown(bench):
    bench.fit()
    bench.session.draft = with_(Draft(), "pacing", 20.0)
    assert bench.session.predicting
    assert not bench.session.up_to_date
    bench.settle()
    assert bench.session.up_to_date
    assert bench.session.shown is bench.session.planned
    assert bench.session.shown.beat.duration == pytest.approx(60 / 90)


def test_of_a_hundred_slider_positions_the_last_is_shown(bench, lab):
    bench.fit()
    for position in range(100):
        bench.session.edit(with_(bench.session.draft, "pacing", position / 10), merge="drag")
    bench.settle()
    assert bench.session.prediction.plan == bench.session.plan
    assert bench.session.plan.therapies[0].dose == 9.9
    assert len(lab.predicted) < 100


def test_answers_keep_coming_while_a_slider_moves(bench, lab):
    bench.fit()
    lab.predict_gate.clear()
    for dose in (1.0, 2.0, 3.0):
        bench.session.edit(with_(bench.session.draft, "pacing", dose), merge="drag")
    seen = []
    bench.session.prediction_changed.connect(
        lambda: seen.append(bench.session.prediction.plan.therapies[0].dose)
    )
    lab.predict_gate.set()
    bench.settle()
    assert [plan.therapies[0].dose for plan in lab.predicted] == [1.0, 3.0]
    assert seen[0] == 1.0
    assert seen[-1] == 3.0
    assert bench.session.up_to_date


def test_the_failure_of_an_outdated_plan_is_not_reported(bench, lab):
    bench.fit()
    lab.predict_gate.clear()
    bench.session.draft = with_(Draft(), "poison", 1.0)
    bench.session.draft = with_(Draft(), "pacing", 1.0)
    lab.predict_gate.set()
    bench.settle()
    assert bench.session.notice is None
    assert bench.session.up_to_date


def test_a_band_in_the_making_gives_way_to_a_new_plan(bench, lab):
    bench.fit()
    lab.band_gate.clear()
    bench.session.draft = with_(Draft(), "pacing", 1.0)
    bench.until(lambda: bench.session.up_to_date)
    bench.session.draft = with_(Draft(), "pacing", 2.0)
    bench.until(lambda: bench.session.up_to_date)
    lab.band_gate.set()
    bench.settle()
    assert bench.session.prediction.plan.therapies[0].dose == 2.0
    assert bench.session.prediction.bands


def test_removing_the_last_therapy_shows_the_untreated_heart_at_once(bench):
    bench.fit()
    bench.session.draft = with_(Draft(), "pacing", 20.0)
    bench.settle()
    bench.session.draft = bench.session.draft.without("pacing")
    assert bench.session.shown is bench.session.baseline
    assert bench.session.up_to_date


def test_an_answer_that_comes_after_the_plan_was_cleared_is_dropped(bench, lab):
    bench.fit()
    lab.predict_gate.clear()
    bench.session.draft = with_(Draft(), "pacing", 20.0)
    bench.session.draft = Draft()
    lab.predict_gate.set()
    lab.band_gate.set()
    bench.settle()
    assert bench.session.prediction is None


def test_an_emptied_heart_shows_no_beat_but_its_remedy(bench):
    bench.fit()
    bench.session.draft = with_(Draft(), "bleeding", 9.0)
    bench.settle()
    assert bench.session.planned is None
    assert bench.session.shown is bench.session.baseline
    assert "ran empty" in bench.session.prediction.solution.detail
    assert bench.session.prediction.solution.outcome.remedy
    assert bench.session.notice is None


def test_the_session_survives_a_prediction_that_raises(bench, caplog):
    bench.fit()
    bench.session.draft = with_(Draft(), "poison", 1.0)
    bench.settle()
    assert "ValueError: poisoned" in bench.session.notice.text
    assert "Predicting failed" in caplog.text
    bench.session.draft = with_(Draft(), "pacing", 1.0)
    bench.settle()
    assert bench.session.up_to_date


def test_a_plan_outside_the_model_is_refused_with_its_reason(bench, caplog):
    bench.fit()
    bench.session.draft = with_(Draft(), "poison", 9.0)
    bench.settle()
    assert "vigour: expected 0 to 1, got 3" in bench.session.refusal.text
    assert bench.session.notice is None
    assert bench.session.planned is None
    assert caplog.text == ""
    bench.session.undo()
    assert bench.session.refusal is None


def test_undo_and_redo_bring_back_plan_and_prediction(bench):
    bench.fit()
    first, second = with_(Draft(), "pacing", 1.0), with_(Draft(), "pacing", 2.0)
    bench.session.draft = first
    bench.session.draft = second
    bench.session.undo()
    bench.settle()
    assert bench.session.draft == first
    assert bench.session.prediction.plan == first.plan
    bench.session.redo()
    bench.settle()
    assert bench.session.prediction.plan == second.plan
    assert not bench.session.can_redo


def test_one_drag_is_one_undo_and_the_next_drag_another(bench):
    bench.fit()
    session = bench.session
    session.draft = with_(Draft(), "pacing", 4.0)
    for last in (9.0, 2.0):
        for dose in (5.0, 6.0, last):
            session.edit(with_(session.draft, "pacing", dose), merge="dose of pacing")
        session.end_gesture()
    session.undo()
    assert session.plan.therapies[0].dose == 9.0
    session.undo()
    assert session.plan.therapies[0].dose == 4.0


def test_a_switched_off_therapy_keeps_its_dose_but_is_not_applied(bench):
    bench.fit()
    draft = with_(with_(Draft(), "pacing", 3.0), "bleeding", 1.0).switched("pacing", on=False)
    bench.session.draft = draft
    bench.settle()
    assert [t.kind.name for t in bench.session.plan.therapies] == ["bleeding"]
    assert bench.session.draft.switched("pacing", on=True).plan.therapies[0].dose == 3.0


def test_a_new_case_starts_with_an_empty_plan_and_no_history(bench):
    bench.fit()
    bench.session.draft = with_(Draft(), "pacing", 3.0)
    bench.settle()
    bench.fit("two")
    assert bench.session.draft == Draft()
    assert bench.session.prediction is None
    assert not bench.session.can_undo


def test_a_cancelled_prediction_is_told_from_a_finished_one(bench, lab):
    bench.fit()
    lab.predict_gate.clear()
    bench.session.draft = with_(Draft(), "pacing", 3.0)
    (status,) = bench.session.jobs.statuses
    bench.session.jobs.cancel(status.number)
    bench.settle()
    assert not bench.session.predicting
    assert not bench.session.up_to_date


def test_playing_moves_at_the_pace_of_the_shown_beat(bench):
    bench.fit()
    playhead = bench.session.playhead
    playhead.speed = 0.5
    bench.session.tick(bench.session.shown.beat.duration)
    assert playhead.phase == pytest.approx(0.5)
    bench.session.tick(bench.session.shown.beat.duration)
    assert playhead.phase == pytest.approx(0.0, abs=1e-9)
    assert playhead.beat == 1


def test_the_ecg_cursor_stands_on_an_r_peak_when_the_ventricles_fire(bench):
    bench.fit()
    clock, beat = bench.session.ecg_clock, bench.session.baseline.beat
    phase = beat.av_delay / beat.duration
    for number in range(3):
        assert clock.time(number, phase) == pytest.approx(clock.r_peaks[number + 1])
    middle = clock.time(0, phase + 0.25)
    assert middle == pytest.approx(clock.r_peaks[1] + 0.25 * 60 / 72)
    assert clock.r_peaks[0] < clock.time(0, 0.0) < clock.r_peaks[1]


def test_a_record_without_an_ecg_has_no_ecg_clock(bench, lab, monkeypatch):
    monkeypatch.setattr(lab, "load", lambda source: fake_record(ecg=False))
    bench = type(bench)(lab)
    bench.fit()
    assert bench.session.ecg_clock is None
    assert bench.session.shutdown()


def test_the_patients_own_heart_takes_the_place_of_the_template_when_it_is_built(lab, bench):
    lab.heart_gate.clear()
    lab.hearts["one"] = "scan"
    bench.session.open("one")
    bench.until(lambda: bench.session.twin is not None and not bench.session.fitting)
    assert bench.session.baseline.motion.heart is None
    assert bench.session.own_heart is None
    lab.heart_gate.set()
    bench.until(lambda: bench.session.baseline.motion.heart == fake_heart("scan"))
    bench.session.draft = with_(bench.session.draft, "fluid", 2.0)
    bench.until(lambda: bench.session.up_to_date)
    assert bench.session.planned.motion.heart == fake_heart("scan")


def test_a_heart_that_cannot_be_built_leaves_the_template_and_says_why(lab, bench):
    lab.hearts["one"] = "broken"
    bench.session.open("one")
    bench.settle()
    assert bench.session.baseline.motion.heart is None
    assert "expected a heart" in bench.session.notice.text


def test_another_case_forgets_the_heart_of_the_one_before(lab, bench):
    lab.hearts["one"] = "scan"
    bench.session.open("one")
    bench.settle()
    assert bench.session.own_heart == fake_heart("scan")
    bench.session.open("two")
    bench.settle()
    assert bench.session.own_heart is None
    assert bench.session.baseline.motion.heart is None


def test_numbers_of_a_plan_come_before_its_motion(bench, lab):
    bench.fit()
    session, before, seen = bench.session, bench.session.shown, []
    session.prediction_changed.connect(lambda: seen.append(session.planned))
    session.draft = with_(Draft(), "pacing", 3.0)
    bench.settle()
    first, second = seen[:2]
    assert (first.drawn, second.drawn) == (False, True)
    assert first.motion is before.motion
    assert second.motion is not before.motion
    assert first.numbers == second.numbers
    assert first.beat is second.beat


def test_a_slider_that_moves_waits_for_the_motion_and_not_for_the_numbers_alone(bench, lab):
    bench.fit()
    session, drawn = bench.session, []
    lab.predict_gate.clear()
    session.draft = with_(Draft(), "pacing", 1.0)
    session.edit(with_(session.draft, "pacing", 2.0), merge="drag")
    motions = []

    def note():
        drawn.append((session.prediction.plan.therapies[0].dose, session.planned.drawn))
        motions.append(session.planned.motion)

    session.prediction_changed.connect(note)
    lab.predict_gate.set()
    bench.settle()
    assert drawn[:4] == [(1.0, False), (1.0, True), (2.0, False), (2.0, True)]
    assert motions[2] is motions[1]  # never back to the heart before


def test_an_answer_without_its_motion_is_not_kept_for_comparing(bench, lab):
    bench.fit()
    session, kept = bench.session, []

    def note():
        answer = session.plan_desk.answer(session.plans.items[0])
        kept.append((session.planned.drawn, answer.foreseen is not None))

    session.prediction_changed.connect(note)
    session.draft = with_(Draft(), "pacing", 3.0)
    bench.settle()
    assert kept[:2] == [(False, False), (True, True)]
