"""From dropped files to an imported case on screen, and back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog

from organtwin.ui.panels.banner import Banner
from organtwin.ui.views.import_dialog import ImportDialog

ONE, SAME, OTHER = Path("/in/a1.hl7"), Path("/in/a2.hl7"), Path("/in/b1.hl7")
BAD = Path("/in/bad.hl7")
TARGET = "/cases/new.toml"


def drop(window, *files):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    window.dropEvent(QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    ))  # fmt: skip


def dialogs(window):
    return [d for d in window.findChildren(ImportDialog) if d.isVisible()]


def said(dialog):
    return [dialog.details.item(row).text() for row in range(dialog.details.count())]


def cells(dialog, row):
    return [dialog.files.item(row, column).text() for column in range(5)]


@pytest.fixture
def place(monkeypatch):
    """Where the user wants the case; empty for nowhere."""
    answers = [TARGET]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (answers[0], ""))
    return answers


@pytest.fixture
def asked(qtbot, fitted):
    def ask(*files):
        drop(fitted, *files)
        qtbot.waitUntil(lambda: bool(dialogs(fitted)), timeout=5000)
        return dialogs(fitted)[0]

    return ask


def test_each_file_is_listed_with_what_is_used_not_used_and_removed(asked):
    dialog = asked(ONE, BAD)
    assert cells(dialog, 0) == ["a1.hl7", "HL7 v2", "1 quantities", "3", "2 fields"]
    assert cells(dialog, 1)[:3] == ["bad.hl7", "refused", "refused"]
    assert said(dialog) == [
        "Used: HR 72 1/min", "Removed: name of the file, PID-5",
        "Not used: Glucose (3 times): no quantity of this program",
    ]  # fmt: skip
    dialog.files.setCurrentCell(1, 0)
    assert said(dialog)[0].startswith("Refused: x: file: expected a, got b. Mend it.")


def test_the_case_is_made_where_the_user_wants_it_and_shown(asked, place, session, lab, settled):
    dialog = asked(ONE)
    dialog.accept()
    settled()
    intake, target = lab.imported[-1]
    assert (intake.keep_identity, target) == (False, Path(TARGET))
    assert session.record.title == "Imported"
    assert session.twin is not None


def test_nothing_happens_when_no_place_is_named(asked, place, session, lab, settled):
    place[0] = ""
    dialog = asked(ONE)
    dialog.accept()
    settled()
    assert lab.imported == []
    assert dialog.isVisible()
    assert session.record.title == "Case one"
    dialog.reject()


def test_undo_brings_back_the_patient_before_and_redo_the_imported_one(
    fitted, asked, place, session, settled
):
    asked(ONE).accept()
    settled()
    fitted.actions_["undo"].trigger()
    settled()
    assert session.record.title == "Case one"
    assert session.twin is not None
    assert not session.can_undo
    fitted.actions_["redo"].trigger()
    settled()
    assert session.record.title == "Imported"


def test_another_case_that_is_opened_ends_the_way_back(asked, place, session, settled):
    asked(ONE).accept()
    settled()
    session.open("two")
    settled()
    assert not session.can_undo
    session.undo()
    settled()
    assert session.record.title == "Case two"


def test_the_identity_is_kept_on_request(asked, place, lab, settled):
    dialog = asked(ONE)
    dialog.keep_identity.click()
    assert cells(dialog, 0)[4] == ""
    assert not any(text.startswith("Removed") for text in said(dialog))
    dialog.accept()
    settled()
    assert lab.imported[-1][0].keep_identity


def test_files_of_two_patients_need_a_word(asked, place, lab, settled):
    dialog = asked(ONE, OTHER)
    assert not dialog.make.isEnabled()
    assert "different patient numbers" in dialog.problem.text()
    dialog.same_patient.click()
    assert dialog.make.isEnabled()
    dialog.accept()
    settled()
    assert lab.imported[-1][0].same_patient


def test_files_of_one_patient_need_none(asked):
    dialog = asked(ONE, SAME)
    assert dialog.make.isEnabled()
    assert not dialog.same_patient.isVisible()
    dialog.reject()


def test_refused_files_alone_make_no_case(asked):
    dialog = asked(BAD)
    assert not dialog.make.isEnabled()
    assert "nothing that can be used" in dialog.problem.text()
    dialog.reject()


def test_a_failure_is_told_and_leaves_all_as_it_was(
    fitted, asked, place, session, lab, settled, monkeypatch
):
    dialog = asked(ONE)
    monkeypatch.setattr(type(dialog.intake), "check", lambda self: (_ for _ in ()).throw(OSError()))
    dialog.accept()
    settled()
    assert session.record.title == "Case one"
    assert fitted.findChild(Banner).isVisible()
    assert not session.can_undo
