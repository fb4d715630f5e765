from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.session.measuring import ABLATE, PACE
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.ui.panels.conduction import NOT_FITTED, ConductionCard, recorded_told
from tests.fake_science import fake_record

HERE = Anchor(SURFACE, (3,), (1.0,))


@pytest.fixture
def card(qtbot, session, settled):
    made = ConductionCard(session)
    # What still runs would tell a card of itself that is gone.
    qtbot.addWidget(made, before_close_func=lambda _: settled())
    session.open("one")
    settled()
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(menu, words):
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_it_waits_for_the_electrics(qtbot, session):
    made = ConductionCard(session)
    qtbot.addWidget(made)
    assert not made.isEnabled()


def test_while_it_waits_it_says_for_what(qtbot, session):
    made = ConductionCard(session)
    qtbot.addWidget(made)
    assert "there is none" in made.told.text()
    assert not made.told.isHidden()


def test_the_recorded_pattern_is_told_in_the_words_of_the_list(session):
    assert recorded_told(None) == "as recorded"
    assert recorded_told(replace(fake_record("one"), conduction="lbbb")) == "as recorded: LBBB"


def test_choosing_a_conduction_changes_the_plan_and_undo_the_choice(card, session):
    card.conduction.setCurrentIndex(card.conduction.findText("LBBB"))
    card.conduction.activated.emit(card.conduction.currentIndex())
    assert session.draft.electrics.conduction == "lbbb"
    session.undo()
    assert card.conduction.value == ""


def test_a_usual_site_becomes_a_row_whose_delay_can_be_set(card, session):
    choose(card.pace.menu(), "Apex of the right ventricle")
    assert [row.name.text() for row in card.rows] == ["Apex of the right ventricle"]
    card.rows[0].value.setValue(140.0)
    assert session.draft.electrics.paced[0].time == pytest.approx(0.14)


def test_the_tools_are_taken_and_laid_down_here(qtbot, card, session):
    choose(card.pace.menu(), "Where I click on the heart")
    assert session.measuring.tool == PACE
    assert card.pace.isChecked()
    qtbot.mouseClick(card.ablate, Qt.MouseButton.LeftButton)
    assert session.measuring.tool == ABLATE
    assert not card.pace.isChecked()
    qtbot.mouseClick(card.ablate, Qt.MouseButton.LeftButton)
    assert session.measuring.tool == ""


def test_a_lesion_row_sets_its_radius_and_the_cross_removes_it(qtbot, card, session):
    session.electrics.edit(ElectricPlan().ablating(HERE))
    card.rows[0].value.setValue(6.0)
    assert session.draft.electrics.ablated[0].radius == pytest.approx(6e-3)
    card.rows[0].removed.emit(0)
    assert not session.draft.electrics
    assert card.rows == []


def test_branches_are_blocked_and_freed(card, session):
    choose(card.block.menu(), "Left bundle")
    assert session.draft.electrics.blocked == {"LEFT_BUNDLE"}
    assert card.block.isChecked()
    choose(card.block.menu(), "Left bundle")
    assert not session.draft.electrics


def test_several_steps_of_one_delay_undo_together(card, session):
    choose(card.pace.menu(), "His bundle")
    session.end_gesture()
    for delay in (110.0, 120.0, 130.0):
        card.rows[0].value.setValue(delay)
    session.undo()
    assert session.draft.electrics.paced[0].time == pytest.approx(0.1)


def test_what_the_fit_found_is_told(qtbot, session, lab, settled):
    lab.with_leads = True
    made = ConductionCard(session)
    qtbot.addWidget(made)
    session.open("one")
    settled()
    made.show()
    assert made.told.text() == NOT_FITTED
    qtbot.mouseClick(made.fit, Qt.MouseButton.LeftButton)
    settled()
    assert made.told.text() == (
        "96 explanations of the ECG: QRS r 0.95, with T 0.91; left bundle blocked in 97 %."
    )


def test_without_a_recorded_ecg_no_fit_is_offered(card):
    assert card.fit.isHidden()
    assert card.told.isHidden()
