"""The beat on ECG paper under mouse and keyboard: curves, cursor, calipers, choices."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QRegion, QWheelEvent
from PySide6.QtWidgets import QApplication

from organtwin.ui.views.ecg_beat_page import EcgBeatPage
from organtwin.ui.views.ecg_caliper import Point
from organtwin.ui.views.ecg_caliper_mark import place_of, point_at
from organtwin.ui.views.ecg_rhythm import rhythm
from organtwin.ui.views.ecg_sheet import RHYTHM
from tests.synthetic_ecg import comparison


@pytest.fixture
def page(qtbot, session, fitted):
    page = fitted.beat
    session.ecg = comparison()
    return page


@pytest.fixture
def beat(qtbot, session, fitted):
    """A roomy view of its own, on the session of the window."""
    page = EcgBeatPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    session.ecg = comparison()
    page.show()
    qtbot.waitExposed(page)
    page.beat.grab()
    yield page.beat
    page.hide()


def drag(qtbot, view, key, start, end):
    cell = view.sheet.cell(key)
    begin, finish = (place_of(view.sheet, cell, point).toPoint() for point in (start, end))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(view, begin + QPoint(30, 0))
    qtbot.mouseMove(view, finish)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=finish)


def pixels(view, box):
    image = view.grab().toImage()
    area = box.toAlignedRect().adjusted(0, 20, -1, -1)
    return [image.pixelColor(x, y) for x in range(area.left(), area.right())
            for y in range(area.top(), area.bottom())]  # fmt: skip


def test_no_curve_is_painted_in_an_excluded_lead(beat, session):
    def inked(lead):
        return sum(color.lightness() > 130 for color in pixels(beat, beat.sheet.cell(lead).box))

    session.playhead.phase = 0.999
    assert inked("V2") > 50
    session.ecg = comparison(excluded={"V2": "flat"})
    assert inked("V2") == 0
    assert inked("V3") > 50


def test_the_cursor_stands_on_the_qrs_when_the_ventricles_fire(beat, session):
    heart = session.shown.beat
    session.playhead.phase = heart.av_delay / heart.duration
    lines = beat.cursor_lines()
    onsets = [cell.origin.x() for cell in beat.sheet.cells if cell.key != RHYTHM]
    assert len(lines) == 13
    assert [line.x1() for line in lines[:12]] == pytest.approx(onsets, abs=1.0)  # to the pixel


def test_an_excluded_lead_has_no_cursor(beat, session):
    session.ecg = comparison(excluded={"V2": "flat"})
    assert len(beat.cursor_lines()) == 12


class Painted(QObject):
    def __init__(self):
        super().__init__()
        self.region = QRegion()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.region += event.region()
        return False


def test_a_frame_of_playback_paints_little_of_the_paper(qtbot, beat, session):
    QApplication.processEvents()
    painted = Painted()
    beat.installEventFilter(painted)
    session.playhead.move(0.01)
    qtbot.waitUntil(lambda: not painted.region.isEmpty())
    area = sum(rect.width() * rect.height() for rect in painted.region)
    assert area < 0.05 * beat.width() * beat.height()


def test_a_point_of_the_paper_and_its_pixel_are_one(beat):
    cell = beat.sheet.cell("V5")
    point = point_at(beat.sheet, cell, place_of(beat.sheet, cell, Point(0.123, 0.45e-3)))
    assert (point.time, point.volts) == pytest.approx((0.123, 0.45e-3))


def test_a_drag_measures(qtbot, beat):
    drag(qtbot, beat, "V4", Point(0.0, 0.0), Point(0.4, 0.5e-3))
    pixel = 1 / beat.sheet.paper.pixels_per_second
    assert beat.caliper.interval == pytest.approx(0.4, abs=pixel)
    assert beat.caliper.rise == pytest.approx(0.5e-3, abs=1 / beat.sheet.paper.pixels_per_volt)
    assert beat.readout == beat.caliper.text()


def test_a_click_measures_nothing(qtbot, beat):
    qtbot.mouseClick(beat, Qt.MouseButton.LeftButton, pos=beat.rect().center())
    assert beat.caliper is None


def test_arrow_keys_move_the_edge_by_a_millisecond_and_with_shift_by_ten(qtbot, beat):
    drag(qtbot, beat, "V4", Point(0.0, 0.0), Point(0.4, 0.0))
    before = beat.caliper.interval
    qtbot.keyClick(beat, Qt.Key.Key_Right)
    qtbot.keyClick(beat, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert beat.caliper.interval == pytest.approx(before + 0.011)
    qtbot.keyClick(beat, Qt.Key.Key_Home)
    qtbot.keyClick(beat, Qt.Key.Key_Right)
    assert beat.caliper.interval == pytest.approx(before + 0.010)


def test_escape_takes_the_calipers_away(qtbot, beat):
    clean = beat.grab().toImage()
    drag(qtbot, beat, "V4", Point(0.0, 0.0), Point(0.4, 0.0))
    assert beat.grab().toImage() != clean
    qtbot.keyClick(beat, Qt.Key.Key_Escape)
    assert beat.caliper is None
    assert beat.grab().toImage() == clean


def test_the_end_of_the_calipers_can_be_dragged_again(qtbot, beat):
    drag(qtbot, beat, "V4", Point(0.0, 0.0), Point(0.3, 0.0))
    drag(qtbot, beat, "V4", Point(0.3, 0.0), Point(0.4, 0.0))
    pixel = 1 / beat.sheet.paper.pixels_per_second
    assert beat.caliper.interval == pytest.approx(0.4, abs=2 * pixel)


def test_hovering_reads_every_curve_of_the_lead(qtbot, beat):
    cell = beat.sheet.cell("V4")
    place = place_of(beat.sheet, cell, Point(0.04, 0.0))
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, place, beat.mapToGlobal(place), none, none,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(beat, move)
    assert beat.readout.startswith("V4")
    assert all(word in beat.readout for word in ("measured", "simulated", "predicted", "mV", "ms"))


def test_a_double_click_enlarges_a_lead_and_another_brings_all_back(qtbot, beat, session):
    middle = beat.sheet.cell("V3").box.center().toPoint()

    def click_twice():
        qtbot.mouseDClick(beat, Qt.MouseButton.LeftButton, pos=middle)
        qtbot.mouseRelease(beat, Qt.MouseButton.LeftButton, pos=middle)

    click_twice()
    assert session.selection.lead == "V3"
    assert [cell.lead for cell in beat.sheet.cells] == ["V3"]
    click_twice()
    assert session.selection.lead == ""


@pytest.mark.parametrize(("turn", "gain"), [(120, 20.0), (-120, 5.0), (60, 10.0)])
def test_a_notch_of_the_wheel_steps_the_gain(beat, session, turn, gain):
    place = QPointF(beat.rect().center())
    event = QWheelEvent(
        place, beat.mapToGlobal(place), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    beat.wheelEvent(event)
    assert session.selection.ecg_gain_mm_mv == gain


def test_the_menus_choose_speed_gain_and_layout(page, fitted, session):
    for key in ("ecg_speed_mm_s 50.0", "ecg_gain_mm_mv 20.0", "ecg_layout 6x2"):
        fitted.actions_[key].trigger()
        assert fitted.actions_[key].isChecked()
    chosen = session.selection
    assert (chosen.ecg_speed_mm_s, chosen.ecg_gain_mm_mv, chosen.ecg_layout) == (50.0, 20.0, "6x2")
    assert page.beat.sheet.paper.caption() == "50 mm/s  20 mm/mV"


def test_the_choices_lie_in_menus_of_the_view(fitted):
    view = next(a.menu() for a in fitted.menuBar().actions() if a.text() == "View")
    inner = [action.text() for action in view.actions() if action.menu() is not None]
    assert inner == ["ECG speed", "ECG gain", "ECG layout", "Trends"]


def test_keys_turn_speed_gain_layout_size_and_page(qtbot, page, fitted, session):
    chosen = session.selection
    for key in (Qt.Key.Key_S, Qt.Key.Key_A, Qt.Key.Key_Y, Qt.Key.Key_X, Qt.Key.Key_T):
        qtbot.keyClick(fitted, key)
    assert (chosen.ecg_speed_mm_s, chosen.ecg_gain_mm_mv, chosen.ecg_layout) == (50.0, 20.0, "3x4")
    assert chosen.ecg_fills
    assert chosen.ecg_page == "recording"


def test_the_beat_is_shown_once_there_is_one_and_a_chosen_page_stays(qtbot, fitted, session):
    assert fitted.ecg.isVisible()
    session.ecg = comparison()
    assert fitted.beat.isVisible()
    session.selection.ecg_page = "recording"
    session.ecg = comparison()
    assert fitted.ecg.isVisible()


def test_a_new_case_has_no_ecg_of_the_last_one(page, session, settled):
    session.open("two")
    settled()
    assert session.ecg is None
    assert page.beat.empty_text().startswith("No ECG yet")
    page.grab()


def test_while_the_ecg_is_computed_the_view_says_so(page, session, monkeypatch):
    """It said that none had been computed, for the minute that this takes."""
    session.ecg = None
    page.grab()
    told = page.beat._told
    monkeypatch.setattr(type(session.electrics), "computing", True)
    session.jobs.changed.emit()
    page.grab()
    assert told != page.beat._told
    assert "being computed" in page.beat._told


def test_before_any_case_the_view_says_what_to_do(window):
    assert window.beat.beat.empty_text() == "No ECG yet: open a case."


@pytest.mark.parametrize("size", [(320, 160), (200, 100), (1600, 300)])
def test_any_size_can_be_painted(beat, size):
    beat.window().resize(*size)
    beat.grab()
    assert beat.sheet.paper.scale > 0


def test_the_table_gives_way_where_the_paper_needs_the_room(qtbot, beat):
    page = beat.window()
    assert page.intervals.isVisible()
    page.resize(340, 240)
    assert not page.intervals.isVisible()


def test_where_the_table_has_no_room_the_caption_tells_the_width_of_the_qrs(beat, session):
    """At 1500 x 950 nothing on the screen said by how much pacing narrows the QRS."""
    page = beat.window()
    assert beat.readout == ""
    page.resize(340, 240)
    session.ecg = comparison(intervals={"QRS": (None, 0.179, 0.141)})
    assert beat.readout == "QRS 179 → 141 ms"
    session.ecg = comparison(intervals={"QRS": (0.182, 0.179, None)})
    assert beat.readout == "QRS 182 ms measured, 179 ms"


def test_without_a_recording_the_strip_repeats_the_simulated_beat_and_says_so(beat, session):
    assert rhythm(session, 0, 2.0).label == "measured, as recorded"
    session.record = replace(session.record, waveforms={})
    strip = rhythm(session, 0, 2.0)
    assert "simulated" in strip.label
    assert 0.0 <= strip.times.min() <= strip.times.max() <= 2.0


def test_a_recording_of_nothing_but_gaps_leaves_the_strip_empty(beat, session):
    nothing = replace(session.record.waveforms["II"], values=np.full(5000, np.nan))
    session.record = replace(session.record, waveforms={"II": nothing})
    session.record_changed.emit()
    beat.grab()
    assert np.isnan(rhythm(session, 0, 2.0).volts).all()
