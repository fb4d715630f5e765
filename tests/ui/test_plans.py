"""The tabs of plans over the therapy cards, and the menu of plans."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from organtwin.session.draft import Draft
from tests.fake_values import KINDS

FLUID = Draft((KINDS["fluid"].at(2.0),))


@pytest.fixture
def tabs(fitted):
    return fitted.therapy.plans


def labels(tabs):
    return [tabs.bar.tabText(place) for place in range(tabs.bar.count())]


def test_one_plan_is_one_tab(tabs):
    assert labels(tabs) == ["A"]


def test_a_copy_is_added_and_shown_with_its_cards(tabs, fitted, session, settled):
    session.draft = FLUID
    fitted.actions_["copy plan"].trigger()
    settled()
    assert labels(tabs) == ["A", "B"]
    assert tabs.bar.currentIndex() == 1
    assert [*fitted.therapy.cards] == ["fluid"]


def test_an_empty_plan_has_no_cards_and_the_first_keeps_its_own(tabs, fitted, session, settled):
    session.draft = FLUID
    fitted.actions_["empty plan"].trigger()
    assert not fitted.therapy.cards
    tabs.bar.setCurrentIndex(0)
    settled()
    assert session.plans.active == "A"
    assert [*fitted.therapy.cards] == ["fluid"]


def test_keys_choose_plans(qtbot, tabs, fitted, session, settled):
    session.plan_desk.add(FLUID)
    qtbot.keyClick(fitted, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert session.plans.active == "A"
    qtbot.keyClick(fitted, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert session.plans.active == "B"
    settled()


def test_no_two_actions_share_a_key(fitted):
    keys = [a.shortcut().toString() for a in fitted.actions_._by_key.values()]
    keys = [key for key in keys if key]
    assert len(keys) == len(set(keys))


def test_the_menu_of_a_tab_renames_duplicates_and_deletes(monkeypatch, tabs, session, settled):
    session.plan_desk.add(FLUID)
    monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: ("fill her up quickly", True))
    rename, copy, delete = tabs.menu_of("B").actions()
    rename.trigger()
    assert session.plans["B"].name == "fill her up quickly"
    assert labels(tabs)[1].startswith("B fill h")
    assert labels(tabs)[1].endswith("…")
    copy.trigger()
    assert session.plans["C"].draft == FLUID
    delete.trigger()
    assert labels(tabs) == ["A", "C"]
    session.undo()
    assert len(labels(tabs)) == 3
    settled()


def test_a_name_that_is_not_agreed_to_is_not_taken(monkeypatch, tabs, session, fitted):
    monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: ("x", False))
    fitted.actions_["rename plan"].trigger()
    assert session.plans["A"].name == ""


def test_a_fifth_plan_is_not_offered(tabs, fitted, session, settled):
    for _ in range(3):
        session.plan_desk.add(Draft())
    assert not tabs.new.isEnabled()
    assert not fitted.actions_["copy plan"].isEnabled()
    assert not tabs.menu_of("A").actions()[1].isEnabled()
    settled()


def test_the_tooltip_says_what_is_done_and_how_far_it_is_answered(tabs, session, settled):
    session.draft = FLUID
    settled()
    assert "Fluid 2 mL" in tabs.bar.tabToolTip(0)
    assert "Predicted" in tabs.bar.tabToolTip(0)


def test_two_plans_leave_the_panel_as_wide_as_it_was(tabs, fitted, session, settled):
    before = fitted.therapy.minimumSizeHint().width()
    for name in ("a very long name indeed",) * 3:
        session.plan_desk.add(Draft())
        session.plan_desk.rename(session.plans.active, name)
    assert fitted.therapy.minimumSizeHint().width() == before
    settled()
