"""The column of cards: the wheel changes no dose in passing, and what unfolds comes into sight."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from organtwin.therapy.catalogue import THERAPIES
from organtwin.ui.panels.therapy import CARD_WIDTH
from organtwin.ui.widgets.clamped_label import ClampedLabel
from organtwin.ui.widgets.therapy_card import TherapyCard
from organtwin.ui.widgets.wording import wrapped
from tests.fake_values import KINDS


@pytest.fixture
def column(fitted, session, settled):
    """The window with three cards, more than its column shows."""
    for name in ("bleeding", "fluid", "pacing"):
        session.draft = session.draft.with_(KINDS[name].at(3.0))
    settled()
    return fitted.therapy


def turn_wheel(over):
    place = QPointF(over.rect().center())
    event = QWheelEvent(
        place, over.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(over, event)
    return event


def test_the_wheel_in_passing_changes_no_dose_but_does_so_where_one_is_at_work(column, session):
    dose = column.cards["bleeding"].dose
    column.add.setFocus()
    for control in (dose.slider, dose.number):
        assert not turn_wheel(control).isAccepted()
    assert session.draft.therapies[0].dose == 3.0
    dose.slider.setFocus()
    turn_wheel(dose.slider)
    assert session.draft.therapies[0].dose > 3.0


def in_sight(column, card):
    window = column.cards_column.viewport()
    top = card.mapTo(window, QPoint(0, 0)).y()
    return top >= 0 and top + card.height() <= window.height()


def test_a_new_card_and_one_at_fault_come_into_sight(qtbot, column, session, settled):
    session.draft = session.draft.without("pacing")
    column._fill_menu()
    column._add(next(a for a in column.menu.actions() if a.data() == "pacing"))
    qtbot.waitUntil(lambda: in_sight(column, column.cards["pacing"]))
    session.draft = session.draft.with_(KINDS["fluid"].at(9.5))
    column.cards_column.verticalScrollBar().setValue(0)
    settled()
    card = column.cards["fluid"]
    qtbot.waitUntil(lambda: card.trouble.isVisible() and in_sight(column, card))


def test_what_unfolds_comes_into_sight(qtbot, column):
    card = column.cards["pacing"]
    column.cards_column.verticalScrollBar().setValue(0)
    assert not in_sight(column, card)
    card.clock.click()
    qtbot.waitUntil(lambda: in_sight(column, card))
    assert card.times.isVisible()


def test_a_text_without_room_ends_in_an_ellipsis_after_a_whole_word(qtbot):
    label = ClampedLabel(2)
    qtbot.addWidget(label)
    label.resize(160, label.height())
    label.setText("short")
    assert label.shown() == "short"
    label.setText("one two three four " * 20)
    words = label.shown().removesuffix(" …").split(" ")
    assert label.shown().endswith(" …")
    assert words == label.text().split(" ")[: len(words)]
    assert 4 < len(words) < 40


def test_a_long_tooltip_breaks_its_lines(qtbot):
    label = QLabel(wrapped("a < b\nnext"))
    qtbot.addWidget(label)
    assert label.text().startswith("<qt>")
    assert "a &lt; b<br>next" in label.text()
    assert wrapped("") == ""


@pytest.mark.parametrize("name", ["impella_cp", "sacubitril_valsartan", "norepinephrine"])
def test_no_card_is_wider_than_its_column(qtbot, column, name):
    """The end of the dose lay under the scroll bar beside a pump that can be ramped."""
    card = TherapyCard(
        THERAPIES[name], QLabel(), column, badge="assumed · medium risk", ramped=True
    )
    card.ensurePolished()
    bar = column.cards_column.verticalScrollBar().sizeHint().width()
    margin = column.cards_column.widget().layout().contentsMargins().right()
    assert card.layout().minimumSize().width() <= CARD_WIDTH - bar - margin
