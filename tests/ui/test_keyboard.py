"""Everything by keyboard: each key once, all of them listed, controls named and reached."""

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QScrollBar,
    QTabBar,
    QWidget,
)

from organtwin.ui.actions import TABLE
from organtwin.ui.views.keys_dialog import FURTHER, KeysDialog
from tests.fake_values import KINDS

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QTabBar)


def test_no_key_means_two_things():
    keys = Counter(
        QKeySequence(key).toString() for spec in TABLE for key in (spec.shortcut, spec.also) if key
    )
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.fixture
def dialog(fitted):
    fitted.actions_["keys"].trigger()
    return fitted.findChild(KeysDialog)


def test_every_key_is_listed_in_help(dialog):
    listed = {dialog.table.text(row, 2) for row in range(dialog.table.row_count)}
    native = QKeySequence.SequenceFormat.NativeText
    written = {key for keys in listed for key in keys.split(" or ")}
    assert {QKeySequence(s.shortcut).toString(native) for s in TABLE if s.shortcut} <= written
    assert {keys for _, _, keys in FURTHER} <= listed


def test_the_list_is_searched_by_words(dialog):
    dialog.search.setText("compare plan")
    assert [dialog.table.text(row, 1) for row in range(dialog.table.row_count)] == [
        "Compare plans…"
    ]
    dialog.search.setText("nothing of the kind")
    assert dialog.table.row_count == 0


def shown_controls(window):
    return [
        w
        for w in window.findChildren(QWidget)
        if isinstance(w, CONTROLS) and w.isVisible() and not isinstance(w, QScrollBar)
        and w.objectName() != "qt_menubar_ext_button"
    ]  # fmt: skip


def told(control):
    text = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName() or text


def test_every_control_of_a_card_has_a_name_and_is_reached_by_tab(fitted, session, settled):
    session.draft = session.draft.with_(KINDS["fluid"].at(4.0))
    settled()
    card = fitted.therapy.cards["fluid"]
    for fold in (card.clock, card.curve_button, card.more):
        fold.click()
    settled()
    controls = shown_controls(card)
    assert len(controls) >= 10
    assert [c for c in controls if not told(c)] == []
    assert [c for c in controls if not c.focusPolicy() & Qt.FocusPolicy.TabFocus] == []


def test_every_control_of_the_window_has_a_name(fitted, session, settled):
    session.draft = session.draft.with_(KINDS["fluid"].at(4.0))
    settled()
    assert [c for c in shown_controls(fitted) if not told(c)] == []


def reached(window):
    """All widgets that Tab visits from the first one on."""
    first = window.nextInFocusChain()
    found, now = [first], first.nextInFocusChain()
    while now is not first:
        found.append(now)
        now = now.nextInFocusChain()
    return [w for w in found if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible()]


def test_tab_visits_a_card_from_its_switch_to_its_ramp_in_the_order_seen(fitted, session, settled):
    session.draft = session.draft.with_(KINDS["fluid"].at(4.0))
    settled()
    card = fitted.therapy.cards["fluid"]
    inside = [w for w in reached(fitted) if card.isAncestorOf(w) and isinstance(w, CONTROLS)]
    places = [(w.mapTo(card, w.rect().center()).y() // 12, w.mapTo(card, w.rect().center()).x())
              for w in inside]  # fmt: skip
    assert places == sorted(places)


def test_both_usual_keys_redo(fitted):
    keys = {key.toString() for key in fitted.actions_["redo"].shortcuts()}
    assert keys == {"Ctrl+Shift+Z", "Ctrl+Y"}
