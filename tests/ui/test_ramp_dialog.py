"""The ramp test in the window: from the card or the menu, and back into the plan."""

import pytest

from organtwin.ui.plan_actions import PLANS
from tests.fake_values import KINDS


@pytest.fixture
def dialog(fitted, session, settled):
    """The dialog, asked for from the card."""
    session.draft = session.draft.with_(KINDS["fluid"].at(4.0)).with_(KINDS["bleeding"].at(1.0))
    settled()
    cards = fitted.therapy.cards
    assert not cards["bleeding"].ramp.isVisible()
    cards["fluid"].ramp.click()
    settled()
    return fitted.commands.plans._ramping


def test_each_setting_is_a_row_with_its_flow_and_what_is_wrong(dialog):
    rows = range(dialog.table.row_count)
    assert [dialog.table.text(row, 0) for row in rows] == ["0.0", "1.5", "3.0", "4.5", "5.5",
                                                          "7.0", "8.5"]  # fmt: skip
    assert [dialog.table.text(row, 1) for row in rows][-1] == "8.50"
    assert dialog.table.text(6, 9) == "The aortic valve never opens."
    assert dialog.table.text(0, 9) == ""
    assert "1 setting is left out" in dialog.state.text()


def test_a_row_becomes_the_setting_of_the_plan(dialog, session, settled):
    assert not dialog.use.isEnabled()
    dialog.table.selectRow(2)
    dialog.use.click()
    settled()
    assert session.draft.therapies[0].dose == 3.0
    assert dialog.table.row_count == 7
    session.undo()
    settled()
    assert session.draft.therapies[0].dose == 4.0


def test_another_plan_is_told_and_run_again(dialog, session, settled):
    session.draft = session.draft.with_(KINDS["bleeding"].at(2.0))
    settled()
    assert dialog.state.text() == "Of an earlier plan; run it again."
    dialog.again.click()
    settled()
    assert "left out" in dialog.state.text()


def test_the_menu_asks_for_it_only_where_there_is_a_device(fitted, session, settled):
    action = fitted.actions_["ramp"]
    assert any(spec.key == "ramp" and spec.shortcut for spec in PLANS)
    assert not action.isEnabled()
    session.draft = session.draft.with_(KINDS["fluid"].at(4.0))
    settled()
    assert action.isEnabled()
    action.trigger()
    settled()
    assert fitted.commands.plans._ramping.isVisible()
