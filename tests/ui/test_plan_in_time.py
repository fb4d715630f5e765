"""The course beside the trends, and times, order, curves and presets on the therapy cards."""

import dataclasses

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from organtwin.session.draft import Draft
from organtwin.therapy.presets import bundled_presets
from organtwin.therapy.times import Times
from tests.fake_values import KINDS

PACING, FLUID, BLEEDING = (KINDS[name].at(2.0) for name in ("pacing", "fluid", "bleeding"))


@pytest.fixture
def planned(fitted, session, settled):
    session.draft = Draft((PACING, FLUID, BLEEDING))
    settled()
    return fitted


@pytest.fixture
def run(planned, session, settled, qtbot):
    session.selection.ecg_page = "course"
    session.selection.course_duration_s = 600.0
    qtbot.mouseClick(planned.course.start, Qt.MouseButton.LeftButton)
    settled()
    return planned


def drag(qtbot, widget, start, end):
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(widget, start + (end - start) / 2)
    qtbot.mouseMove(widget, end)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def names(session):
    return [therapy.kind.name for therapy in session.draft.therapies]


def test_dragging_the_playhead_shows_the_heart_of_that_moment(qtbot, run, session, settled):
    plot = run.course.plot
    drag(qtbot, plot, QPoint(100, 30), QPoint(round(plot.x_of(300.0)), 30))
    settled()
    assert session.timeline.time == pytest.approx(300.0, abs=3.0)
    assert run.response.table.text(0, 2) in ("89", "90")  # the nearest of 40 moments
    assert run.response.table.text(0, 4) == ""
    assert run.response.status.text() == "a moment of the course"
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    settled()
    assert session.timeline.time == pytest.approx(312.0, abs=3.0)
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert session.timeline.time is None
    assert run.response.table.text(0, 2) == "72"


def test_dragging_the_end_of_a_bar_stops_the_therapy_then(qtbot, run, session, settled):
    plot = run.course.plot
    box = plot.bar_boxes()[1]
    end = QPoint(round(plot.x_of(150.0)), round(box.center().y()))
    drag(qtbot, plot, QPointF(box.right() - 1, box.center().y()).toPoint(), end)
    assert session.draft.times_of("fluid").stop == pytest.approx(150.0, abs=4.0)
    assert "earlier plan" in run.course.state.text()
    session.undo()
    assert session.draft.times == ()
    settled()


def test_without_a_course_the_view_says_how_to_get_one(fitted, session):
    assert not fitted.course.start.isEnabled()
    assert "Add a therapy" in fitted.course.plot._text


def test_a_refused_course_says_why(qtbot, fitted, session, settled):
    session.draft = Draft((KINDS["poison"].at(2.0),))
    session.timeline.run()
    settled()
    assert "vigour" in fitted.course.plot._text


def test_the_times_of_a_card_reach_the_draft_and_undo(qtbot, planned, session, settled):
    card = planned.therapy.cards["fluid"]
    assert not card.times.isVisible()
    card.clock.click()
    assert card.times.isVisible()
    card.times.start.setValue(5.0)
    card.times.stop.setValue(30.0)
    assert session.draft.times_of("fluid") == Times(300.0, 1800.0)
    session.undo()
    assert session.draft.times_of("fluid") == Times(300.0)
    assert card.times.stop.text() == "end"
    settled()


def test_hours_show_the_same_times(planned, session, settled):
    card = planned.therapy.cards["fluid"]
    session.draft = session.draft.timed("fluid", Times(0.0, 6 * 3600.0))
    assert card.times.unit.currentText() == "h"
    assert card.times.stop.value() == 6.0
    settled()


def test_times_that_contradict_are_refused_and_the_old_ones_stay(planned, session, settled):
    card = planned.therapy.cards["fluid"]
    session.draft = session.draft.timed("fluid", Times(60.0, 120.0))
    card.times.start.setValue(3.0)
    assert session.draft.times_of("fluid") == Times(60.0, 120.0)
    assert card.times.start.value() == 1.0
    assert "contradict" in session.notice.title
    settled()


def test_the_order_is_changed_by_keys(qtbot, planned, session, settled):
    card = planned.therapy.cards["fluid"]
    card.dose.slider.setFocus()
    qtbot.keyClick(card.dose.slider, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert names(session) == ["fluid", "pacing", "bleeding"]
    qtbot.keyClick(card.dose.slider, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(card.dose.slider, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert names(session) == ["pacing", "bleeding", "fluid"]
    assert card.dose.value == 2.0
    settled()


def test_a_card_is_dragged_to_another_place_in_one_undo(planned, session, settled):
    """The panel is told the height of the cursor; cards may lie outside of what is scrolled to."""
    panel, card = planned.therapy, planned.therapy.cards["bleeding"]
    first = panel.cards["pacing"]
    above = first.mapToGlobal(QPoint(0, 2)).y()
    second = panel.cards["fluid"]
    card.dragged.emit("bleeding", second.mapToGlobal(QPoint(0, 2)).y())
    card.dragged.emit("bleeding", above)
    card.settled.emit()
    assert names(session) == ["bleeding", "pacing", "fluid"]
    session.undo()
    assert names(session) == ["pacing", "fluid", "bleeding"]
    settled()


def test_a_press_and_a_move_on_the_card_drag_it(qtbot, planned, session, settled):
    card = planned.therapy.cards["pacing"]
    drag(qtbot, card, QPoint(4, 4), QPoint(4, 4 + 3 * card.height()))
    assert names(session)[-1] == "pacing"
    settled()


def test_the_curve_opens_on_demand_and_marks_the_dose(qtbot, planned, session, settled):
    card = planned.therapy.cards["pacing"]
    assert not card.curve.isVisible()
    card.curve_button.click()
    settled()
    assert card.curve.isVisible()
    assert card.curve.chart._dots[0].x == 2.0
    session.draft = session.draft.with_(KINDS["pacing"].at(6.0))
    assert card.curve.chart._dots[0].x == 6.0
    settled()


def test_the_output_of_the_curves_is_chosen_once_for_all(planned, session, settled):
    for name in ("pacing", "fluid"):
        planned.therapy.cards[name].curve_button.click()
    settled()
    curve = planned.therapy.cards["pacing"].curve
    curve.output.setCurrentIndex(curve.output.findData("heart_rate"))
    curve.output.activated.emit(curve.output.currentIndex())
    assert session.selection.dose_output == "heart_rate"
    assert planned.therapy.cards["fluid"].curve.output.currentData() == "heart_rate"


@pytest.fixture
def presets(lab):
    """Two of the bundled ones, of the fake's therapies."""
    shock, made = (
        next(p for p in bundled_presets() if p.name == name)
        for name in ("shock_drugs", "tamponade_made")
    )
    two = (
        dataclasses.replace(shock, therapies=(PACING,)),
        dataclasses.replace(made, therapies=(FLUID, BLEEDING)),
    )
    lab.planning = dataclasses.replace(lab.planning, presets=lambda: two)


def actions(window):
    menu = window.therapy.presets.menu()
    menu.aboutToShow.emit()
    return {a.data(): a for group in menu.actions() if group.menu() for a in group.menu().actions()}


def test_presets_stand_by_disease_and_say_where_they_do_not_fit(presets, session, fitted):
    found = actions(fitted)
    assert found["shock_drugs"].text().endswith("(does not fit)")
    assert "SBP is 120 mmHg; meant for SBP below 90 mmHg" in found["shock_drugs"].toolTip()
    assert "does not fit" not in found["tamponade_made"].text()
    assert "Example: Teaching example" in found["tamponade_made"].toolTip()


def test_a_chosen_preset_is_the_plan_and_undo_brings_the_old_one(
    presets, session, planned, settled
):
    before = session.draft
    planned.therapy.presets.menu().triggered.emit(actions(planned)["shock_drugs"])
    assert names(session) == ["pacing"]
    assert "SBP is 120 mmHg" in session.notice.text
    session.undo()
    assert session.draft == before
    settled()


def test_a_stretch_that_reaches_unchecked_states_is_hatched_and_its_moments_struck_through(
    planned, session, settled
):
    session.selection.ecg_page = "course"
    session.selection.course_duration_s = 1800.0
    session.timeline.run()
    settled()
    view = planned.course
    assert view.plot._extrapolated == ((900.0, 1800.0),)
    assert view.state.text().startswith("extrapolation from 15.0 min to 30.0 min: the state")
    session.timeline.look(1200.0)
    settled()
    assert session.extrapolated
    assert planned.response.status.text() == "extrapolated moment"
    session.timeline.look(300.0)
    settled()
    assert not session.extrapolated
