"""Real clicks and keys on the whole window, with a science that answers at once."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QToolButton

from organtwin.session.table import PURPOSE
from organtwin.ui.panels.banner import Banner
from organtwin.ui.panels.jobs import JobBar
from organtwin.ui.panels.top_bar import TopBar
from tests.fake_values import FakeKind


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(button, text):
    button.menu().aboutToShow.emit()
    next(a for a in button.menu().actions() if a.text() == text).trigger()


def add_therapy(window, name):
    window.therapy.menu.aboutToShow.emit()
    action = next(a for a in window.therapy.menu.actions() if a.data() == name)
    action.trigger()
    # A card gets its place when events are next handled; a click before that misses it.
    QApplication.sendPostedEvents()
    QApplication.sendPostedEvents()


def test_before_any_case_the_window_invites_to_open_one(window):
    assert PURPOSE in window.windowTitle()
    assert any("Open a case" in label.text() for label in window.patient.findChildren(QLabel))
    assert not window.therapy.add.isEnabled()
    assert not window.actions_["play"].isEnabled()


def test_a_fitted_case_is_named_and_its_agreement_counted(fitted):
    bar = fitted.findChild(TopBar)
    assert bar.patient.text() == "Case one"
    assert "fitted · 2 of 3 within 2 sd" in bar.sync.text()
    assert fitted.windowTitle().startswith("Case one")
    assert PURPOSE in fitted.windowTitle()


def test_while_fitting_the_bar_says_so_and_cancel_stops_it(qtbot, window, session, lab, settled):
    lab.fit_gate.clear()
    session.open("one")
    jobs, bar = window.findChild(JobBar), window.findChild(TopBar)
    qtbot.waitUntil(lambda: "trial" in jobs.message.text(), timeout=5000)
    assert "fitting" in bar.sync.text()
    click(qtbot, jobs.stop)
    settled()
    assert "not fitted" in bar.sync.text()
    assert jobs.message.text() == "Ready"


def test_a_click_on_play_starts_the_clock_and_space_stops_it(qtbot, fitted, session, heart):
    play = next(
        b for b in fitted.findChildren(QToolButton) if b.defaultAction() is fitted.actions_["play"]
    )
    click(qtbot, play)
    qtbot.waitUntil(lambda: session.playhead.phase > 0.02, timeout=3000)
    assert play.text() == "Pause"
    assert heart.phases
    qtbot.keyClick(fitted, Qt.Key.Key_Space)
    assert not session.playhead.playing
    assert play.text() == "Play"


def test_single_frames_can_be_stepped_from_the_keyboard(qtbot, fitted, session):
    qtbot.keyClick(fitted, Qt.Key.Key_Period)
    qtbot.keyClick(fitted, Qt.Key.Key_Period)
    qtbot.keyClick(fitted, Qt.Key.Key_Comma)
    assert session.playhead.phase == pytest.approx(0.02)


def test_adding_a_therapy_makes_a_card_and_a_prediction(qtbot, fitted, lab, settled):
    lab.predict_gate.clear()
    add_therapy(fitted, "pacing")
    assert fitted.response.status.text() == "predicting …"
    lab.band_gate.clear()
    lab.predict_gate.set()
    qtbot.waitUntil(lambda: "bands follow" in fitted.response.status.text(), timeout=5000)
    table = fitted.response.table
    row = ["HR", "70", "74", "+4", "", "/min"]
    assert [table.text(0, column) for column in range(6)] == row
    lab.band_gate.set()
    settled()
    assert list(fitted.therapy.cards) == ["pacing"]
    assert fitted.response.status.text() == "predicted"
    assert table.text(0, 4) == "67 to 81"


def test_a_therapy_can_be_added_only_once(fitted):
    add_therapy(fitted, "pacing")
    fitted.therapy.menu.aboutToShow.emit()
    enabled = {a.data(): a.isEnabled() for a in fitted.therapy.menu.actions()}
    assert enabled == {"pacing": False, "bleeding": True, "fluid": True, "poison": True}


def test_a_new_card_comes_into_view_with_its_dose_ready_for_the_keyboard(qtbot, fitted):
    """It was added below the unfolded pacemaker, out of sight."""
    panel = fitted.therapy
    for fold in (panel.conduction_fold, panel.pacing_fold):
        fold.button.setChecked(True)
    for name in ("pacing", "bleeding", "fluid"):
        add_therapy(fitted, name)
    card = panel.cards["fluid"]
    qtbot.waitUntil(lambda: card.visibleRegion().boundingRect().height() == card.height())
    qtbot.waitUntil(card.dose.number.hasFocus)


def test_dragging_the_slider_is_one_undo(qtbot, fitted, session, settled):
    add_therapy(fitted, "pacing")
    slider = fitted.therapy.cards["pacing"].dose.slider
    start = slider.rect().center() + QPoint(round((0.4 - 0.5) * (slider.width() - 14)), 0)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 12):
        qtbot.mouseMove(slider, start + QPoint(5 * step, 0))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(55, 0))
    dragged = session.plan.therapies[0].dose
    assert dragged > 4.5
    settled()
    qtbot.keyClick(fitted, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.plan.therapies[0].dose == 4.0
    assert fitted.therapy.cards["pacing"].dose.value == 4.0
    qtbot.keyClick(
        fitted,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert session.plan.therapies[0].dose == dragged


def test_typing_a_dose_reaches_the_plan_when_it_is_finished(qtbot, fitted, session):
    add_therapy(fitted, "pacing")
    number = fitted.therapy.cards["pacing"].dose.number
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "7.5")
    assert session.plan.therapies[0].dose == 4.0
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert session.plan.therapies[0].dose == 7.5


def test_digits_typed_into_a_dose_do_not_turn_the_camera(qtbot, fitted, session, heart):
    add_therapy(fitted, "pacing")
    number = fitted.therapy.cards["pacing"].dose.number
    number.setFocus()
    qtbot.keyClicks(number, "3")
    assert session.selection.preset == 0
    fitted.setFocus()
    qtbot.keyClick(fitted, Qt.Key.Key_3)
    assert session.selection.preset == 2
    assert heart.told["preset"] == "Four-chamber"


def test_switching_off_and_removing_a_therapy(qtbot, fitted, session, settled):
    add_therapy(fitted, "pacing")
    settled()
    card = fitted.therapy.cards["pacing"]
    card.on.click()
    assert session.plan.therapies == ()
    assert fitted.response.status.text() == "no plan"
    assert not card.dose.isEnabled()
    click(qtbot, card.remove)
    assert fitted.therapy.cards == {}


def test_a_card_tells_on_what_it_rests(qtbot, fitted):
    add_therapy(fitted, "pacing")
    card = fitted.therapy.cards["pacing"]
    assert not card.details.isVisible()
    click(qtbot, card.more)
    assert card.details.isVisible()
    assert "rate = rate₀ + dose" in card.details.text()
    assert "invented for the tests" in card.details.text()


def test_a_plan_that_empties_the_heart_shows_the_remedy_and_no_numbers(fitted, session, settled):
    add_therapy(fitted, "bleeding")
    fitted.therapy.cards["bleeding"].dose.number.setValue(9.0)
    settled()
    assert "ran empty" in fitted.therapy.verdict.text()
    assert session.prediction.solution.outcome.remedy in fitted.therapy.verdict.text()
    assert fitted.response.status.text() == "no answer"
    assert fitted.response.table.text(0, 2) == "–"
    fitted.therapy.cards["bleeding"].dose.number.setValue(1.0)
    settled()
    assert fitted.response.status.text() == "predicted"


def test_a_refused_plan_says_why_beside_the_plan(fitted, settled):
    add_therapy(fitted, "poison")
    fitted.therapy.cards["poison"].dose.number.setValue(9.0)
    settled()
    assert "vigour" in fitted.therapy.verdict.text()
    assert fitted.response.status.text() == "no answer"


def test_the_camera_menu_names_what_the_view_offers(fitted, heart):
    names = [fitted.actions_[f"preset {n}"].text() for n in range(10)]
    assert names[:3] == ["AP", "LAO 45", "Four-chamber"]
    enabled = [fitted.actions_[f"preset {n}"].isEnabled() for n in range(10)]
    assert enabled == [True] * 3 + [False] * 7


def test_a_broken_file_shows_a_banner_and_the_patient_stays(qtbot, fitted, session, settled):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/broken.json")])
    drop = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    fitted.dropEvent(drop)
    settled()
    banner = fitted.findChild(Banner)
    assert banner.isVisible()
    for part in ("broken.json", "measurement[3].unit", "'mmHgg'", "Write the unit as 'mmHg'."):
        assert part in banner.text.text()
    assert session.record.title == "Case one"
    click(qtbot, banner.close_button)
    assert not banner.isVisible()


def test_bundled_cases_are_offered_and_open(fitted, session, settled):
    fitted.cases.aboutToShow.emit()
    second = fitted.cases.actions()[1]
    assert second.text() == "Case two: stiff"
    second.trigger()
    settled()
    assert session.record.title == "Case two"


def test_the_heart_shows_the_plan_over_a_ghost_of_the_baseline(fitted, session, settled, heart):
    assert heart.told["motion"] is session.baseline.motion
    assert heart.told["ghost"] is None
    add_therapy(fitted, "pacing")
    settled()
    assert heart.told["motion"] is session.planned.motion
    assert heart.told["ghost"] is session.baseline.motion


def test_colour_camera_and_cut_follow_their_controls(qtbot, fitted, session, heart):
    fitted.stage.field.setCurrentIndex(1)
    fitted.stage.field.activated.emit(1)
    assert heart.told["field"] == "strain"
    assert fitted.actions_["field strain"].isChecked()
    choose(fitted.stage.cut, "Across the view")
    assert heart.told["cut"] == "Across the view"
    assert fitted.actions_["cut"].isChecked()
    qtbot.keyClick(fitted, Qt.Key.Key_2)
    assert heart.told["preset"] == "LAO 45"
    assert fitted.stage.preset.currentIndex() == 1


def test_the_theme_changes_everywhere(fitted, session, heart):
    fitted.actions_["theme"].trigger()
    assert session.selection.theme == "light"
    assert heart.told["theme"] == "light"
    assert fitted.palette().window().color().lightness() > 200


def test_the_ecg_cursor_and_the_loops_follow_the_playhead(fitted, session):
    session.playhead.move(session.baseline.beat.av_delay / session.baseline.beat.duration)
    assert fitted.ecg.cursor_time == pytest.approx(session.ecg_clock.r_peaks[1])
    before = fitted.grab().toImage()
    session.playhead.move(0.3)
    assert fitted.grab().toImage() != before


def test_everything_that_takes_the_focus_has_a_name(fitted):
    add_therapy(fitted, "pacing")
    nameless = [
        widget
        for kind in (QAbstractButton, QComboBox)
        for widget in fitted.findChildren(kind)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []


def test_tab_reaches_the_therapies_and_the_choices(qtbot, fitted):
    add_therapy(fitted, "pacing")
    card = fitted.therapy.cards["pacing"]
    wanted = {fitted.therapy.add, card.on, card.dose.slider, card.dose.number, fitted.stage.field}
    reached = set()
    widget = fitted.nextInFocusChain()
    for _ in range(400):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget)
        widget = widget.nextInFocusChain()
    assert wanted <= reached


def test_the_table_is_exported_with_its_plan(fitted, tmp_path, settled):
    add_therapy(fitted, "pacing")
    settled()
    fitted.commands.write_table(tmp_path / "numbers.json")
    contents = json.loads((tmp_path / "numbers.json").read_text())
    rate = next(row for row in contents["rows"] if row["quantity"] == "heart_rate")
    assert contents["plan"] == ["Pacing: 4 1/min"]
    assert (rate["measured"], rate["simulated"]) == (pytest.approx(72), pytest.approx(70))
    assert rate["predicted"] == pytest.approx(74)


def test_an_export_that_cannot_be_written_is_reported(fitted, session, tmp_path):
    fitted.commands.write_table(tmp_path / "missing" / "numbers.csv")
    assert "Exporting the table failed" in session.notice.title


def test_nothing_moves_while_predictions_come_and_go(fitted, settled):
    parts = (fitted.patient, fitted.stage, fitted.therapy, fitted.response, fitted.ecg)
    before = [part.geometry() for part in parts]
    add_therapy(fitted, "bleeding")
    for dose in (9.0, 1.0):
        fitted.therapy.cards["bleeding"].dose.number.setValue(dose)
        settled()
    assert [part.geometry() for part in parts] == before


def test_the_window_fits_a_small_screen(fitted, heart, session, settled):
    for name in ("pacing", "bleeding"):
        add_therapy(fitted, name)
    session.selection.preset = 2
    settled()
    assert fitted.minimumSizeHint().width() <= 1280
    assert fitted.minimumSizeHint().height() <= 700


def test_therapies_of_a_family_stand_together_in_the_menu(fitted, session):
    kinds = {
        kind.name: kind
        for kind in (
            FakeKind("one", "One", family="inotrope"),
            FakeKind("two", "Two", family="machine"),
            FakeKind("three", "Three", family="inotrope"),
        )
    }
    object.__setattr__(session.science, "therapies", lambda: kinds)
    menu = fitted.therapy.menu
    menu.aboutToShow.emit()
    told = {a.text(): [b.text() for b in a.menu().actions()] for a in menu.actions()}
    assert told == {"Inotrope": ["One", "Three"], "Pumps and balloon": ["Two"]}
    menu.actions()[0].menu().actions()[1].trigger()
    assert [t.kind.name for t in session.draft.therapies] == ["three"]


def test_the_response_lists_the_valves_on_a_page_of_its_own(fitted):
    table, page = fitted.response.table, fitted.response.page
    first = table.text(0, 0)
    page.setCurrentIndex(page.findText("Valves"))
    assert table.text(0, 0) == "AVA"
    page.setCurrentIndex(0)
    assert table.text(0, 0) == first
