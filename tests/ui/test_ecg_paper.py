"""ECG paper in numbers: millimetres, layouts, what is drawn in which lead, calipers, intervals."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF

from organtwin.session.selection import Selection
from organtwin.ui.theme import DARK
from organtwin.ui.views import ecg_leads
from organtwin.ui.views.ecg_beat_painter import legend
from organtwin.ui.views.ecg_caliper import Caliper, Point
from organtwin.ui.views.ecg_intervals import error_of, rows
from organtwin.ui.views.ecg_paper import Paper, resolution, size_note
from organtwin.ui.views.ecg_sheet import RHYTHM, Room, Wish, rows_of, sheet, single
from tests.fake_values import fake_record
from tests.synthetic_ecg import comparison, signals

PER_MM = 4.0
EXTENTS = dict.fromkeys(signals().leads, (-0.5e-3, 1e-3))


def laid(width=1200.0, height=800.0, *, layout="3x4", speed=25.0, gain=10.0, fills=False):
    room = Room(QRectF(0, 0, width, height), -0.2, 0.6)
    return sheet(room, Wish(layout, speed, gain, PER_MM, fills), EXTENTS)


def test_a_second_is_25_millimetres_and_a_millivolt_ten():
    paper = Paper(PER_MM, 25.0, 10.0)
    line = paper.line(QPointF(100, 200), np.array((0.0, 1.0)), np.array((0.0, 1e-3)))
    assert (line[1].x(), line[1].y()) == pytest.approx((100 + 25 * PER_MM, 200 - 10 * PER_MM))


def test_twice_the_speed_makes_a_beat_twice_as_wide():
    slow, fast = laid(speed=25.0), laid(speed=50.0)
    assert fast.paper.pixels_per_second == 2 * slow.paper.pixels_per_second


def test_the_calibration_mark_is_one_millivolt_tall():
    mark = Paper(PER_MM, 25.0, 20.0).calibration(0.0, 100.0).boundingRect()
    assert (mark.width(), mark.height()) == pytest.approx((5 * PER_MM, 20 * PER_MM))


def test_a_believable_screen_tells_its_millimetres():
    screen = SimpleNamespace(
        physicalSize=lambda: QSizeF(520, 290), geometry=lambda: QRect(0, 0, 1920, 1080)
    )
    true = resolution(screen, 96.0)
    assert true.known
    assert true.pixels_per_mm == pytest.approx(1920 / 520)


@pytest.mark.parametrize("size", [(0, 0), (160, 90_000), (1.6, 0.9)])
def test_a_screen_without_a_size_is_taken_for_96_dpi_and_that_is_said(size):
    screen = SimpleNamespace(
        physicalSize=lambda: QSizeF(*size), geometry=lambda: QRect(0, 0, 1920, 1080)
    )
    true = resolution(screen, 96.0)
    assert not true.known
    assert true.pixels_per_mm == pytest.approx(96 / 25.4)
    assert "96 dpi" in size_note(Paper(true.pixels_per_mm, 25.0, 10.0), true)


def test_with_room_the_sheet_has_its_true_size_and_without_it_is_reduced():
    assert laid(1200, 800).paper.scale == PER_MM
    assert laid(320, 160).paper.scale < PER_MM
    assert laid(1200, 800, fills=True).paper.scale > PER_MM


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
@pytest.mark.parametrize("size", [(320, 160), (346, 240), (1200, 800)])
def test_all_leads_lie_on_the_paper_and_none_on_another(layout, size):
    cells = laid(*size, layout=layout).cells
    assert {cell.key for cell in cells} - {RHYTHM} == set(EXTENTS)
    paper = QRectF(0, 0, *size).adjusted(-0.01, -0.01, 0.01, 0.01)
    assert all(paper.contains(cell.box) for cell in cells)
    for number, cell in enumerate(cells):
        inside = cell.box.adjusted(0.1, 0.1, -0.1, -0.1)
        assert not any(inside.intersects(other.box) for other in cells[number + 1 :])


def test_the_usual_layout_stands_as_on_a_printed_record():
    assert rows_of("3x4", ()) == (
        ("I", "aVR", "V1", "V4"),
        ("II", "aVL", "V2", "V5"),
        ("III", "aVF", "V3", "V6"),
    )
    assert rows_of("6x2", ("V7", "V3R"))[-1] == ("V7", "V3R")


def test_the_layout_that_is_largest_fits_itself_to_the_room():
    tall = laid(150, 1400, layout="")
    assert len({cell.box.left() for cell in tall.cells}) == 1
    assert len({cell.box.left() for cell in laid(layout="").cells}) == 4


def test_more_gain_draws_taller_waves_on_the_same_grid():
    usual, tall = laid(gain=10.0), laid(gain=20.0)
    assert tall.paper.scale == usual.paper.scale
    assert tall.paper.pixels_per_volt == 2 * usual.paper.pixels_per_volt


def test_one_lead_fills_the_view():
    room = Room(QRectF(0, 0, 400, 300), -0.2, 0.6)
    alone = single("V3", room, Wish("", 25.0, 10.0, PER_MM), EXTENTS)
    assert [cell.lead for cell in alone.cells] == ["V3"]
    assert alone.paper.scale > 2 * PER_MM


def test_a_lead_that_was_not_used_says_why_and_reaches_nowhere():
    ecg = comparison(excluded={"V2": "flat"})
    assert ecg_leads.absence(ecg, "V2") == "not used: flat"
    assert ecg_leads.extents(ecg)["V2"] == (0.0, 0.0)


def test_a_lead_that_was_not_recorded_stays_empty_though_it_was_computed():
    monitor = replace(signals(("I", "II", "V4")), leads=("I", "II", "V3R"))
    ecg = comparison(measured=monitor)
    assert ecg_leads.absence(ecg, "V1") == "not recorded"
    assert "V3R" in ecg_leads.leads(ecg)


def test_the_legend_tells_measured_from_simulated_and_names_the_factor():
    words = [text for _, (text, _) in legend(comparison())]
    assert words[:2] == ["measured", "simulated × 1.18"]
    assert words[2].startswith("predicted")


def test_nothing_is_called_measured_without_a_record():
    words = [text for _, (text, _) in legend(comparison(measured=None))]
    assert "measured" not in words


def test_kinds_of_curve_differ_without_their_colour():
    looks = {(ink.width, ink.dashes) for ink, _ in ecg_leads.curves(comparison())}
    assert len(looks) == 3


def test_calipers_tell_time_rate_and_rise():
    caliper = Caliper("II", (Point(0.0, 0.1e-3), Point(0.8, -0.4e-3)))
    assert caliper.text() == "800 ms  75 /min  −0.50 mV"


def test_a_short_interval_is_no_heart_rate():
    assert "/min" not in Caliper("II", (Point(0.0, 0.0), Point(0.1, 0.0))).text()


def test_the_gain_stops_at_its_ends():
    chosen = Selection()
    chosen.step_ecg_gain(9)
    assert chosen.ecg_gain_mm_mv == 40.0
    chosen.step_ecg_gain(-9)
    assert chosen.ecg_gain_mm_mv == 2.5


def test_intervals_are_told_in_milliseconds_and_the_axis_in_degrees():
    table = [[cell.text for cell in row] for row in rows(comparison(), None, DARK)]
    assert table[1] == ["QRS", "92", "96", "+4", "148", "ms"]
    assert table[-1] == ["QRS axis", "52", "45", "−7", "−12", "°"]


def test_a_difference_beyond_twice_the_error_is_marked():
    def difference(simulated):
        ecg = comparison(intervals={"QRS": (0.092, simulated, None)}, axis=(None, None, None))
        return rows(ecg, None, DARK)[0][3]

    assert difference(0.111).color is None
    assert difference(0.113).text == "+21 ▲"
    assert difference(0.113).color == DARK.watch


def test_the_error_of_the_record_comes_before_the_usual_one():
    record = fake_record()
    own = replace(record.measurements[0], name="qrs_duration", value=0.1, sd=4e-3)
    record = replace(record, measurements=(own,))
    assert error_of("QRS", record) == (4e-3, "as recorded")
    assert error_of("QT", record)[0] == 30e-3


def test_axes_on_both_sides_of_180_degrees_lie_close():
    ecg = comparison(axis=(np.radians(178.0), np.radians(-178.0), None), intervals={})
    assert rows(ecg, None, DARK)[0][3].text == "+4"
