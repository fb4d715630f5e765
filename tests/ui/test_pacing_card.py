from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.session.draft import Draft
from organtwin.session.electric_work import ElectricDesk
from organtwin.session.measuring import ABLATE_LINE
from organtwin.simulation.pacing import Lead, Mode, Pacemaker
from organtwin.ui.panels.conduction import ConductionCard
from organtwin.ui.panels.pacing import MODES, PacingCard
from organtwin.ui.panels.pacing_switch import PacingSwitch
from organtwin.ui.views.heat_map import HeatMap
from organtwin.ui.views.pacing_dialog import PacingDialog
from tests.fake_values import KINDS

HERE, THERE = Anchor(SURFACE, (3,), (1.0,)), Anchor(SURFACE, (7,), (1.0,))


@pytest.fixture
def card(qtbot, session, settled):
    made = PacingCard(session)
    # What still runs would tell a card of itself that is gone.
    qtbot.addWidget(made, before_close_func=lambda _: settled())
    session.open("one")
    settled()
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(card, mode):
    card.mode.setCurrentIndex(card.mode.values.index(mode))
    card.mode.activated.emit(card.mode.currentIndex())


def pacemaker(session) -> Pacemaker:
    return session.draft.electrics.pacemaker


def test_every_mode_is_offered(card):
    assert {mode for _, mode in MODES} == set(Mode)


def test_a_lead_is_told_in_a_word_and_whole_in_the_tooltip(card, session, monkeypatch):
    """Beside its buttons a row showed "apex of the rig…" and "lateral vein of …"."""
    monkeypatch.setattr(card, "_sentence", lambda pacemaker: "")
    choose(card, Mode.BIVENTRICULAR)
    assert [row.site.text() for row in card.rows] == ["apex", "lateral vein"]
    assert card.rows[1].site.toolTip() == "lateral vein of the left ventricle"


def test_delays_of_the_pacemaker_are_set_and_undone_together(card, session, monkeypatch):
    monkeypatch.setattr(card, "_sentence", lambda pacemaker: "")
    choose(card, Mode.BIVENTRICULAR)
    session.end_gesture()
    for delay in (110.0, 120.0, 130.0):
        card.sensed.setValue(delay)
    card.vv.setValue(20.0)
    assert pacemaker(session).sensed_av == pytest.approx(0.13)
    assert pacemaker(session).vv == pytest.approx(0.02)
    session.undo()
    assert pacemaker(session).sensed_av == pytest.approx(0.1)
    session.undo()
    assert not session.draft.electrics


def test_a_lead_is_set_where_the_user_clicks_on_the_heart(card, session, monkeypatch):
    monkeypatch.setattr(card, "_sentence", lambda pacemaker: "")
    choose(card, Mode.BIVENTRICULAR)
    row = next(row for row in card.rows if row.lead is Lead.LV)
    row.place.menu().actions()[0].trigger()
    assert session.measuring.tool == "LV lead"
    session.measuring.set_point(HERE)
    assert pacemaker(session).placement(Lead.LV).where == HERE
    assert [marking.name for marking in session.electrics.placed] == ["LV lead"]
    row.delay.setValue(15.0)
    assert pacemaker(session).time(Lead.LV) == pytest.approx(0.115)


def test_one_side_alone_has_no_delay_between_sides(card, monkeypatch):
    monkeypatch.setattr(card, "_sentence", lambda pacemaker: "")
    choose(card, Mode.LV)
    assert not card.vv.isEnabled()
    choose(card, Mode.BIVENTRICULAR)
    assert card.vv.isEnabled()


def test_a_line_of_lesions_is_drawn_point_by_point_and_undone(card, session):
    session.measuring.take(ABLATE_LINE)
    session.measuring.set_point(HERE)
    session.measuring.finish()
    assert not session.draft.electrics.lines
    session.measuring.set_point(THERE)
    session.measuring.finish()
    assert session.draft.electrics.lines[0].stops == (HERE, THERE)
    assert session.electrics.placed[0].anchors == (HERE, THERE)
    session.undo()
    assert not session.draft.electrics.lines


def test_a_cell_of_the_map_is_taken_into_the_plan(qtbot, card, session, settled):
    dialog = PacingDialog(session, card)
    dialog.show()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    settled()
    assert "AV 150 ms" in dialog.told.text()
    assert dialog.map.best == 4
    card._sentence = lambda pacemaker: ""
    middle = dialog.map.cell_rect(4).center().toPoint()
    qtbot.mouseClick(dialog.map, Qt.MouseButton.LeftButton, pos=middle)
    assert pacemaker(session).sensed_av == pytest.approx(0.15)
    assert pacemaker(session).vv == pytest.approx(0.0)
    dialog.close()


def test_settings_outside_what_was_checked_are_hatched_and_told_with_the_evidence(
    qtbot, card, session, settled, monkeypatch
):
    dialog = PacingDialog(session, card)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    settled()
    survey = session.pacing.survey
    assert dialog.map.doubted == frozenset()
    found = replace(survey.found, doubted={0: "AV delay 30 ms"}, refused={1: "nobody"})
    session.pacing.survey = replace(survey, found=found)
    session.pacing.changed.emit()
    assert dialog.map.doubted == frozenset({0})
    assert "EXTRAPOLATION: AV delay 30 ms" in dialog.map._tips[0]
    assert "1 setting outside what was checked" in dialog.told.text()
    assert "Left out: 1 setting, such as" in dialog.told.text()
    assert dialog.badge.text().startswith("Biventricular pacing: derived")
    dialog.close()


def test_the_map_is_walked_and_taken_by_keys(qtbot):
    import numpy as np

    made = HeatMap()
    qtbot.addWidget(made)
    made.set_axes(("rows", "columns"), ("a", "b"), ("c", "d"))
    made.set_cells(["1"] * 4, ["tip"] * 4, np.linspace(0, 1, 4), np.ones(4, bool), 1)
    taken = []
    made.chosen.connect(taken.append)
    qtbot.keyClick(made, Qt.Key.Key_Return)
    qtbot.keyClick(made, Qt.Key.Key_Left)
    qtbot.keyClick(made, Qt.Key.Key_Down)
    qtbot.keyClick(made, Qt.Key.Key_Return)
    assert taken == [1, 2]


def test_a_map_that_is_being_made_shows_how_far_it_is_and_is_stopped(
    qtbot, card, session, settled, lab
):
    dialog = PacingDialog(session, card)
    dialog.show()
    lab.fit_gate.clear()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.progress.value() == 400)
    assert dialog.progress.isVisible()
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    lab.fit_gate.set()
    settled()
    assert session.pacing.survey is None
    assert not dialog.progress.isVisible()
    assert dialog.start.isEnabled()
    dialog.close()


def test_how_deep_a_line_goes_is_set_beside_its_width_and_undone(qtbot, session, settled):
    made = ConductionCard(session)
    qtbot.addWidget(made, before_close_func=lambda _: settled())
    session.open("one")
    settled()
    session.electrics.draw_line((HERE, THERE))
    made.rows[0].deep.setValue(9.0)
    assert session.draft.electrics.lines[0].depth == pytest.approx(9e-3)
    assert session.draft.electrics.lines[0].radius == pytest.approx(4e-3)
    session.undo()
    assert made.rows[0].deep.value() == 5.0


@pytest.fixture
def switch(card, session, qtbot, monkeypatch):
    monkeypatch.setattr(card, "_sentence", lambda pacemaker: "")
    made = PacingSwitch(session)
    qtbot.addWidget(made)
    return made


def test_the_tick_takes_pacing_off_and_brings_it_back_as_it_was_set(switch, card, session):
    """The one way was the mode, which had to be found again."""
    assert switch.isHidden()
    choose(card, Mode.LEFT_BUNDLE)
    card.sensed.setValue(130.0)
    session.end_gesture()
    set_so = pacemaker(session)
    assert switch.isChecked()
    assert not switch.isHidden()
    switch.click()
    assert not pacemaker(session)
    assert not switch.isChecked()
    assert not switch.isHidden()
    switch.click()
    assert pacemaker(session) == set_so
    session.undo()
    assert not pacemaker(session)
    assert not switch.isChecked()


def test_each_plan_has_a_pacemaker_of_its_own_to_bring_back(switch, card, session):
    choose(card, Mode.BIVENTRICULAR)
    session.plan_desk.add(Draft())
    assert switch.isHidden()
    session.plan_desk.choose("A")
    assert switch.isChecked()
    assert not switch.isHidden()


def test_numbers_without_the_pacing_that_is_still_computed_say_so(
    fitted, session, settled, monkeypatch
):
    """For the first minute of a case they were called predicted, leads drawn and all."""
    monkeypatch.setattr(ElectricDesk, "awaited", True)
    session.draft = session.draft.with_(KINDS["fluid"].at(2.0))
    settled()
    assert fitted.response.status.text() == "conduction follows …"
    assert fitted.therapy.verdict.text().startswith("What is done to conduction is not in these")
