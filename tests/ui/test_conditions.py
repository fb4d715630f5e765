"""The line of the patient panel that tells conditions and asks about those that the text names."""

from dataclasses import replace

import pytest


@pytest.fixture
def line(fitted, session, settled):
    """Beside a record whose diagnosis mentions what it does not state."""
    session.record = replace(session.record, diagnosis="Cardiac amyloidosis")
    session.record_changed.emit()
    settled()
    return fitted.patient.conditions


def test_a_condition_in_the_text_is_asked_about(line):
    assert line.asked == "cardiac amyloidosis"


def test_adding_it_states_it_and_ends_the_question(line, session, settled):
    line.add.click()
    settled()
    assert session.conditions == ("cardiac amyloidosis",)
    assert line.asked == ""


def test_what_was_denied_is_not_asked_again_when_the_case_is_saved(line, session, settled):
    line.deny.click()
    session.record_changed.emit()
    settled()
    assert line.asked == ""


def test_another_case_is_asked_anew(line, session, settled):
    line.deny.click()
    session.record = replace(session.record, case_id="another")
    session.record_changed.emit()
    settled()
    assert line.asked == "cardiac amyloidosis"
