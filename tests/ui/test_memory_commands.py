"""File > Add visit, Keep this forecast, and cases as one file, by the actions of the window."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.resources import asset
from organtwin.session.archive_work import free_folder
from organtwin.store.library import Library
from organtwin.ui.views.visit_dialog import NEW, PatientDialog, VisitDialog
from tests.session.library_visits import FIRST, PLAN, SECOND, record_of


@pytest.fixture
def opened(window, session, lab, settled, tmp_path):
    """Call it with a record to open it in the window, beside a library of the test's own."""
    lab.library = tmp_path / "library.db"

    def opened(record):
        session.receive_record(record)
        settled()
        return window

    return opened


def asked(window, kind=QDialog):
    return next(d for d in window.findChildren(kind) if d.isVisible())


def visits(lab):
    with Library.open(lab.library) as library:
        return [(v.facts.patient_id, v.day) for p in library.patients()
                for v in library.visits(p.patient_id)]  # fmt: skip


def test_no_two_actions_share_a_key(window):
    keys = [a.spec.shortcut for a in window.actions_._by_key.values() if a.spec.shortcut]
    assert len(keys) == len(set(keys))


def test_a_clear_visit_is_added_without_a_question(opened, lab, settled):
    window = opened(record_of())
    window.actions_["add visit"].trigger()
    settled()
    assert visits(lab) == [("anna", FIRST)]
    assert not any(d.isVisible() for d in window.findChildren(QDialog))
    assert not window.actions_["fit from last"].isEnabled()


def test_a_visit_can_only_be_added_once_the_twin_is_fitted(window):
    assert not window.actions_["add visit"].isEnabled()


def test_an_unclear_visit_is_asked_about(opened, lab, settled):
    opened(record_of()).actions_["add visit"].trigger()
    settled()
    window = opened(record_of(None, 160.0, case="scan-17"))
    window.actions_["add visit"].trigger()
    dialog = asked(window, VisitDialog)
    assert dialog.patient_id == "scan-17"  # a new one is proposed, nobody is guessed
    dialog.patient.setCurrentIndex(dialog.patient.values.index("anna"))
    assert not dialog.form.isRowVisible(dialog.new_id)
    dialog.accept()
    settled()
    assert {patient for patient, _ in visits(lab)} == {"anna"}
    assert len(visits(lab)) == 2


def test_a_new_patient_needs_an_id(opened, lab, settled):
    opened(record_of()).actions_["add visit"].trigger()
    settled()
    window = opened(record_of(SECOND, 160.0, case="scan-17"))
    window.actions_["add visit"].trigger()
    dialog = asked(window, VisitDialog)
    dialog.patient.select(NEW)
    dialog.new_id.setText("  ")
    assert not dialog.done_button.isEnabled()
    dialog.reject()


def test_only_the_plans_that_were_ticked_are_scored(opened, session, lab, settled):
    window = opened(record_of())
    session.plan = PLAN
    settled()
    window.actions_["keep forecast"].trigger()
    settled()
    window = opened(record_of(SECOND, 170.0))
    window.actions_["add visit"].trigger()
    dialog = asked(window, VisitDialog)
    assert dialog.followed == ()
    item = dialog.plans.item(0)
    assert "LVEDV" in item.text()
    item.setCheckState(Qt.CheckState.Checked)
    dialog.accept()
    settled()
    assert len(session.library.known.scores) == 2


def test_a_forecast_of_a_stranger_is_asked_about(opened, session, lab, settled):
    opened(record_of()).actions_["add visit"].trigger()
    settled()
    window = opened(record_of(SECOND, 170.0, case="scan-17"))
    session.plan = PLAN
    settled()
    window.actions_["keep forecast"].trigger()
    dialog = asked(window, PatientDialog)
    dialog.accept()
    settled()
    assert [f.patient_id for f in session.library.known.forecasts] == ["scan-17"]


APEX = Marking(Kind.LANDMARK, "Apex", (Anchor(SURFACE, (0,), (1.0,)),))
CASE = asset("cases/default.toml")


@pytest.fixture
def saving_to(monkeypatch, tmp_path):
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "sent.otwin"), "")
    )
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    return tmp_path


def test_a_case_travels_as_one_file(fitted, session, lab, settled, saving_to):
    session.record = replace(session.record, case_file=CASE)
    fitted.actions_["archive"].trigger()
    settled()
    assert (saving_to / "sent.otwin").is_file()
    drop(fitted, saving_to / "sent.otwin")
    settled()
    assert lab.opened[-1] == str(saving_to / "sent" / CASE.name)


def drop(window, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip


def test_an_archive_is_opened_from_the_menu(fitted, session, lab, settled, saving_to, monkeypatch):
    session.archives.open(saving_to / "damaged.otwin", saving_to / "never")
    settled()
    assert "Unpacking damaged.otwin" in session.notice.title
    session.record = replace(session.record, case_file=CASE)
    session.archives.pack(saving_to / "sent.otwin")
    settled()
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(saving_to / "sent.otwin"), "")
    )
    fitted.actions_["open"].trigger()
    settled()
    assert lab.opened[-1] == str(saving_to / "sent" / CASE.name)


def test_what_is_not_saved_is_not_exported(fitted, session, settled, saving_to):
    session.record = replace(session.record, case_file=CASE)
    session.markings = (APEX,)
    fitted.actions_["archive"].trigger()
    settled()
    assert "Save the case first" in session.notice.remedy
    assert not (saving_to / "sent.otwin").exists()


def test_nothing_is_unpacked_over_a_folder_that_is_there(tmp_path):
    (tmp_path / "case").mkdir()
    assert free_folder(tmp_path, Path("x/case.otwin")) == tmp_path / "case-2"
