import pytest
from PySide6.QtGui import QValidator

from organtwin.ui.widgets.c_arm_dialog import CArmDialog


@pytest.fixture
def dialog(fitted, heart, session):
    fitted.actions_["angles"].trigger()
    (dialog,) = fitted.findChildren(CArmDialog)
    return dialog


def test_it_begins_with_the_angles_the_heart_is_seen_from(dialog):
    assert (dialog.about.value(), dialog.tilt.value()) == (45, -10)


def test_typed_angles_turn_the_heart(dialog, heart):
    dialog.about.setValue(-30)
    dialog.tilt.setValue(25)
    assert heart.told["angles"] == (-30.0, 25.0)
    assert (dialog.about.text(), dialog.tilt.text()) == ("RAO 30°", "CRAN 25°")


def test_the_same_angles_turn_again_after_a_turn_by_hand(dialog, heart, session):
    dialog.about.setValue(40)
    heart.camera_changed.emit(None)
    assert session.selection.angles is None
    session.selection.angles = (40.0, 0.0)
    assert heart.told["angles"] == (40.0, 0.0)


@pytest.mark.parametrize(
    ("text", "value"), [("RAO 30°", -30), ("lao 45", 45), ("-20", -20), ("r10", -10)]
)
def test_angles_are_read_as_laboratories_write_them(dialog, text, value):
    assert dialog.about.validate(text, 0)[0] is QValidator.State.Acceptable
    assert dialog.about.valueFromText(text) == value


@pytest.mark.parametrize("text", ["LAO 181", "XYZ 10", "RAO -5", "200"])
def test_other_texts_are_not_angles(dialog, text):
    assert dialog.about.validate(text, 0)[0] is not QValidator.State.Acceptable


def test_a_tilt_names_head_or_feet_in_full_where_one_letter_leaves_it_open(dialog):
    assert dialog.tilt.validate("C 10", 0)[0] is not QValidator.State.Acceptable
    assert dialog.tilt.valueFromText("CAU 10") == -10
