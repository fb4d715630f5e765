"""File > Save case, and the mark in the title of what is not saved yet."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.resources import asset

SAVE = QMessageBox.StandardButton.Save
DISCARD = QMessageBox.StandardButton.Discard
CANCEL = QMessageBox.StandardButton.Cancel
APEX = Marking(Kind.LANDMARK, "Apex", (Anchor(SURFACE, (0,), (1.0,)),))
OWN = Path("/cases/own.toml")


@pytest.fixture
def owned(fitted, session):
    """The window with a case of the user's own."""
    session.record = replace(session.record, case_file=OWN)
    return fitted


@pytest.fixture
def chosen(monkeypatch):
    """What the user answers when asked for a place."""
    asked = []

    def answer(parent, title, proposed, kinds):
        asked.append((proposed, kinds))
        return "/elsewhere/copy.toml", kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return asked


def test_a_new_marking_is_unsaved_until_it_is_saved(owned, session, lab):
    assert not owned.isWindowModified()
    session.markings = (APEX,)
    assert owned.isWindowModified()
    owned.actions_["save"].trigger()
    assert not owned.isWindowModified()
    record, path = lab.saved[-1]
    assert (record.markings, path) == ((APEX,), OWN)


def test_undo_goes_back_behind_what_was_saved(owned, session):
    session.markings = (APEX,)
    owned.actions_["save"].trigger()
    owned.actions_["undo"].trigger()
    assert session.markings == ()
    assert owned.isWindowModified()


def test_a_case_of_the_program_is_saved_elsewhere(owned, session, lab, chosen):
    bundled = asset("cases/default.toml")
    session.record = replace(session.record, case_file=bundled)
    owned.actions_["save"].trigger()
    assert chosen == [(f"{session.record.case_id}.toml", "Case (*.toml)")]
    assert lab.saved[-1][1] == Path("/elsewhere/copy.toml")
    assert session.record.case_file == Path("/elsewhere/copy.toml")


def test_a_place_that_cannot_be_written_is_told_and_stays_unsaved(owned, session):
    session.record = replace(session.record, case_file=Path("/cases/locked.toml"))
    session.markings = (APEX,)
    owned.actions_["save"].trigger()
    assert "Saving locked.toml" in session.notice.title
    assert owned.isWindowModified()


def test_markings_of_a_case_are_shown_when_it_is_opened(window, session, lab, settled):
    plain = lab.load
    object.__setattr__(
        session.science, "load", lambda source: replace(plain(source), markings=(APEX,))
    )
    session.open("one")
    settled()
    assert session.markings == (APEX,)
    assert not session.can_undo
    assert not window.isWindowModified()


def test_closing_with_unsaved_markings_can_be_taken_back(owned, session, unsaved_answers):
    session.markings = (APEX,)
    unsaved_answers.append(CANCEL)
    assert not owned.close()
    assert owned.isVisible()
    assert session.markings == (APEX,)


def test_closing_saves_the_markings_when_asked_to(owned, session, lab, unsaved_answers):
    session.markings = (APEX,)
    unsaved_answers.append(SAVE)
    assert owned.close()
    assert lab.saved[-1][0].markings == (APEX,)


def test_closing_discards_the_markings_when_asked_to(owned, session, lab, unsaved_answers):
    session.markings = (APEX,)
    unsaved_answers.append(DISCARD)
    assert owned.close()
    assert not lab.saved


def test_closing_without_changes_does_not_ask(owned, unsaved_answers):
    unsaved_answers.append(CANCEL)
    assert owned.close()


def test_a_save_that_fails_keeps_the_window_open(owned, session, unsaved_answers):
    session.record = replace(session.record, case_file=Path("/cases/locked.toml"))
    session.markings = (APEX,)
    unsaved_answers.append(SAVE)
    assert not owned.close()


def test_another_case_is_not_opened_over_unsaved_markings(owned, session, settled, unsaved_answers):
    session.markings = (APEX,)
    unsaved_answers.append(CANCEL)
    session.open("two")
    settled()
    assert session.markings == (APEX,)


def test_a_dropped_case_replaces_unsaved_markings_once_they_are_discarded(
    owned, session, settled, unsaved_answers
):
    session.markings = (APEX,)
    unsaved_answers += [CANCEL, DISCARD]
    session.drop([Path("two.toml")])
    settled()
    assert session.markings == (APEX,)
    session.drop([Path("two.toml")])
    settled()
    assert session.markings == ()
