"""From files of a heart to a heart on screen, by clicks and drops."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

from organtwin.anatomy.finding import GeometryFinding, GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.mapping import read_mapping
from organtwin.patient.geometry.voxelizing import Shell
from organtwin.ui.panels.banner import Banner
from organtwin.ui.panels.jobs import JobBar
from organtwin.ui.views.heart_dialog import HeartDialog
from tests.fake_values import fake_heart

IMAGE = Path("/scans/heart.nii")
SHELLS = (Path("/scans/heart_epi.ply"), Path("/scans/heart_endo_lv.ply"), Path("/scans/thing.ply"))


def choose(box, value):
    box.setCurrentIndex(box.values.index(value))
    box.activated.emit(box.currentIndex())


def drop(window, *files):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    window.dropEvent(event)


def dialogs(window):
    return [d for d in window.findChildren(HeartDialog) if d.isVisible()]


@pytest.fixture
def asked(qtbot, fitted, session):
    """Drop files and give the dialog that asks about them."""

    def ask(*files):
        drop(fitted, *files)
        qtbot.waitUntil(lambda: bool(dialogs(fitted)), timeout=5000)
        return dialogs(fitted)[0]

    return ask


def test_the_values_of_a_dropped_image_are_listed_with_the_likeliest_meaning(asked):
    dialog = asked(IMAGE)
    first = [dialog.values.item(0, column).text() for column in range(4)]
    assert first == ["1", "RV", "90000", "90.0"]
    assert dialog.preset.value == "acdc"
    shown = [box.value for box in dialog.structures]
    assert shown == [Structure.RV_BLOOD, Structure.LV_MUSCLE, Structure.LV_BLOOD]
    assert dialog.complete.isChecked()
    assert "left atrium, right atrium" in dialog.hint.text()


def test_what_is_chosen_is_what_the_heart_is_built_from(qtbot, asked, session, lab, settled):
    dialog = asked(IMAGE)
    choose(dialog.structures[0], None)
    assert dialog.preset.value == ""
    dialog.any_position.click()
    qtbot.mouseClick(dialog.build, Qt.MouseButton.LeftButton)
    settled()
    source = lab.sources[-1]
    assert session.record.heart is source
    assert source.files == (IMAGE,)
    assert source.mapping.values == {1: None, 2: Structure.LV_MUSCLE, 3: Structure.LV_BLOOD}
    assert (source.complete, source.position) == (True, Position.ANY)
    assert session.own_heart == fake_heart(source.name)


def test_a_preset_that_fits_is_named_in_the_source(asked, session, lab, settled):
    dialog = asked(IMAGE)
    choose(dialog.preset, "organtwin")
    dialog.complete.click()
    dialog.accept()
    settled()
    assert lab.sources[-1].mapping == "organtwin"
    assert not lab.sources[-1].complete


def test_a_preset_that_does_not_know_all_values_ignores_the_others(asked):
    dialog = asked(IMAGE)
    choose(dialog.preset, "whole_heart")
    assert [box.value for box in dialog.structures] == [Structure.HEART, None, None]
    assert dialog.choice.source.mapping.values[2] is None


def test_a_wheel_that_passes_over_a_choice_chooses_nothing(asked):
    dialog = asked(IMAGE)
    box = dialog.structures[0]
    place, nowhere = QPointF(5, 5), QPoint()
    for _ in range(3):
        wheel = QWheelEvent(
            place, place, nowhere, QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(box, wheel)
    assert box.value is Structure.RV_BLOOD


def test_without_any_part_of_the_heart_nothing_can_be_built(asked):
    dialog = asked(IMAGE)
    for box in dialog.structures:
        choose(box, None)
    assert not dialog.build.isEnabled()
    assert "Say which value" in dialog.problem.text()


def test_a_mapping_is_saved_and_opened_again(asked, tmp_path):
    dialog = asked(IMAGE)
    choose(dialog.structures[0], Structure.AORTA)
    dialog.save_mapping(tmp_path / "mine.toml")
    assert dialog.choice.source.mapping == str(tmp_path / "mine.toml")
    assert read_mapping(tmp_path / "mine.toml").values[1] is Structure.AORTA
    choose(dialog.preset, "acdc")
    dialog.open_mapping(tmp_path / "mine.toml")
    assert dialog.structures[0].value is Structure.AORTA
    (tmp_path / "mine.toml").write_text("format = 3")
    dialog.open_mapping(tmp_path / "mine.toml")
    assert "organtwin-label-mapping" in dialog.problem.text()
    assert dialog.structures[0].value is Structure.AORTA


def test_surfaces_are_told_apart_by_their_names_and_the_rest_is_asked(asked, lab, settled):
    dialog = asked(*SHELLS)
    assert dialog.parts[SHELLS[1]].value is Shell.LV_ENDOCARDIUM
    assert not dialog.build.isEnabled()
    assert "thing.ply" in dialog.problem.text()
    choose(dialog.parts[SHELLS[2]], Shell.EPICARDIUM)
    assert "same part" in dialog.problem.text()
    choose(dialog.parts[SHELLS[2]], Shell.BASE)
    choose(dialog.unit, "mm")
    choose(dialog.axes, "RAS")
    dialog.accept()
    settled()
    source = lab.sources[-1]
    parts = {"heart_epi.ply": Shell.EPICARDIUM, "heart_endo_lv.ply": Shell.LV_ENDOCARDIUM}
    assert source.parts == {**parts, "thing.ply": Shell.BASE}
    assert (source.unit, source.axes, source.complete) == ("mm", "RAS", True)


def test_contours_ask_for_the_time_frame(asked, lab, settled):
    dialog = asked(Path("/scans/points.txt"))
    assert dialog.frame.value == 3
    assert not dialog.complete.isEnabled()
    choose(dialog.frame, 7)
    dialog.accept()
    settled()
    assert lab.sources[-1].frame == 7


def test_cancel_changes_nothing_and_the_files_can_be_asked_about_again(asked, session, lab):
    dialog = asked(IMAGE)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert session.record.heart is None
    assert session.heart_files is None
    assert lab.sources == []
    assert asked(IMAGE).isVisible()


def test_a_dropped_case_still_opens_as_a_case(fitted, lab, settled):
    drop(fitted, Path("/cases/two.json"))
    settled()
    assert lab.opened[-1] == str(Path("/cases/two.json"))
    assert dialogs(fitted) == []


def test_another_case_takes_the_question_away(qtbot, asked, fitted, session, settled):
    asked(IMAGE)
    session.open("two")
    settled()
    assert session.record.title == "Case two"
    assert dialogs(fitted) == []


def test_a_broken_file_is_told_in_full_and_not_asked_about(fitted, settled):
    drop(fitted, Path("/scans/broken.nii"))
    settled()
    text = fitted.findChild(Banner).text.text()
    for part in ("/scans/broken.nii", "header", "348 bytes", "got 12", "Copy it again."):
        assert part in text
    assert dialogs(fitted) == []


def test_the_notes_and_the_title_tell_own_heart_from_template(asked, fitted, session, settled):
    assert "template, sized to the fitted volumes" in fitted.patient.notes.toPlainText()
    assert fitted.stage.what.text() == "simulated · template"
    asked(IMAGE).accept()
    settled()
    notes = fitted.patient.notes.toPlainText()
    for part in (
        "LV: 200 mL in the images, 198 mL meshed",
        "Measured: LV blood",
        "From the template: aorta",
        "1234 tetrahedra",
        "the images show LV 200 mL, the twin 130 mL",
        "31 enclosed holes",
    ):
        assert part in notes
    assert "sized to the fitted" not in notes
    assert fitted.stage.what.text() == "simulated · own heart"


def test_cancelling_the_building_leaves_the_template(qtbot, asked, fitted, session, lab, settled):
    lab.heart_gate.clear()
    asked(IMAGE).accept()
    jobs = fitted.findChild(JobBar)
    qtbot.waitUntil(lambda: "Meshing" in jobs.message.text(), timeout=5000)
    qtbot.mouseClick(jobs.stop, Qt.MouseButton.LeftButton)
    settled()
    assert session.own_heart is None
    assert fitted.stage.what.text() == "simulated · template"


def test_everything_in_the_dialog_can_be_reached_by_tab(asked):
    dialog = asked(IMAGE)
    reached, widget = set(), dialog.nextInFocusChain()
    for _ in range(200):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(widget)
        widget = widget.nextInFocusChain()
    assert {dialog.preset, *dialog.structures, dialog.complete, dialog.build} <= reached


def test_the_dialog_fits_a_small_screen(asked):
    dialog = asked(IMAGE)
    assert dialog.width() <= 1200
    assert dialog.height() <= 700


def test_ctrl_h_asks_for_the_files(qtbot, fitted, monkeypatch):
    names = [str(file) for file in SHELLS]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *args: (names, ""))
    qtbot.keyClick(fitted, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(dialogs(fitted)), timeout=5000)
    assert list(dialogs(fitted)[0].parts) == list(SHELLS)


def test_before_any_case_there_is_no_patient_whose_heart_could_be_opened(window):
    assert not window.actions_["heart"].isEnabled()


def test_files_that_are_refused_cannot_be_built_and_say_why(asked, lab, settled):
    lab.examination = SimpleNamespace(
        outlines=(),
        findings=(
            GeometryFinding(
                GeometryFindingKind.REFUSED, "labels", "expected one connected heart, got two",
                remedy="Keep one heart.",
            ),
        ),
    )  # fmt: skip
    dialog = asked(IMAGE)
    settled()
    assert dialog.problem.text() == "expected one connected heart, got two. Keep one heart."
    assert not dialog.build.isEnabled()


def test_files_are_looked_at_anew_when_their_meaning_changes(asked, lab, settled):
    dialog = asked(IMAGE)
    settled()
    dialog.any_position.click()
    settled()
    assert [source.position for source in lab.examined] == [Position.USUAL, Position.ANY]
