"""Axes, charts and the ECG paper: what is painted, and that moving a mark paints little."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF
from PySide6.QtGui import QColor, QRegion

from organtwin.patient.waveform import Waveform
from organtwin.ui.theme import DARK, LIGHT
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Dot
from organtwin.ui.views.ecg_view import Strip, _pieces
from tests.fake_values import KINDS, fake_record


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e5), st.integers(2, 8))
def test_an_axis_holds_its_extent_on_few_round_marks(low, span, ticks):
    axis = Axis.covering("x", "", (low, low + span), ticks=ticks)
    slack = 1e-6 * max(abs(low), span)
    assert axis.lower <= low + slack
    assert axis.upper >= low + span - slack
    assert len(axis.marks) <= ticks + 3
    mantissa = axis.step / 10 ** np.floor(np.log10(axis.step) + 1e-9)
    assert min(abs(mantissa - m) for m in (1, 2, 2.5, 5)) < 1e-6


def test_marks_are_written_with_as_many_decimals_as_they_need():
    axis = Axis("x", "", 0.0, 1.0, 0.25)
    assert [axis.text(m) for m in axis.marks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert Axis("x", "", -20.0, 20.0, 20.0).text(-20.0) == "−20"


def test_a_time_ends_where_it_ends_and_keeps_its_marks_inside():
    axis = Axis.spanning("time", "ms", (0.0, 606.0))
    assert (axis.lower, axis.upper) == (0.0, 606.0)
    assert axis.marks == (0.0, 200.0, 400.0, 600.0)
    assert Axis.spanning("dose", "rpm", (23_000.0, 46_000.0)).marks[0] == 25_000.0


def test_extents_join():
    assert joined((0, 2), (-1, 1), (0.5, 3)) == (-1, 3)


@pytest.fixture
def chart(qtbot):
    chart = Chart("test")
    qtbot.addWidget(chart)
    chart.resize(300, 200)
    axis = Axis("x", "s", 0.0, 1.0, 0.5)
    line = np.linspace(0, 1, 50)
    chart.set_curves(axis, axis, [Curve("LV", "lv", line, line)])
    chart.show()
    qtbot.waitExposed(chart)
    return chart


def pixel_count(image, color, tolerance=40):
    pixels = np.frombuffer(image.convertToFormat(image.Format.Format_RGB32).bits(), np.uint8)
    pixels = pixels.reshape(image.height(), -1, 4)[:, : image.width(), 2::-1].astype(int)
    wanted = QColor(color)
    rgb = (wanted.red(), wanted.green(), wanted.blue())
    return int((np.abs(pixels - rgb).max(axis=2) < tolerance).sum())


def test_a_curve_is_drawn_in_its_colour(chart):
    assert pixel_count(chart.grab().toImage(), DARK.lv) > 150
    assert pixel_count(chart.grab().toImage(), DARK.aorta) == 0


def test_a_dot_and_the_cursor_appear_and_move_without_trace(chart):
    clean = chart.grab().toImage()
    chart.set_marks(0.5, [Dot(0.5, 0.5, "aorta")])
    marked = chart.grab().toImage()
    assert pixel_count(marked, DARK.aorta) > 20
    chart.set_marks(None, [])
    assert chart.grab().toImage() == clean


class Painted(QObject):
    """Adds up what a widget is asked to paint."""

    def __init__(self):
        super().__init__()
        self.region = QRegion()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.region += event.region()
        return False


def test_moving_a_mark_paints_where_it_was_and_is_and_little_else(qtbot, chart):
    chart.set_marks(0.2, [Dot(0.2, 0.5, "lv")])
    qtbot.wait(50)
    painted = Painted()
    chart.installEventFilter(painted)
    chart.set_marks(0.8, [Dot(0.8, 0.5, "lv")])
    qtbot.waitUntil(lambda: not painted.region.isEmpty())
    plot = chart.plot_rect()
    for x in (0.2, 0.8):
        place = QPoint(round(plot.left() + x * plot.width()), round(plot.center().y()))
        assert painted.region.contains(place)
    area = sum(rect.width() * rect.height() for rect in painted.region)
    assert area < 0.1 * chart.width() * chart.height()


def test_an_empty_chart_ignores_marks(chart):
    chart.set_empty("Nothing yet")
    before = chart.grab().toImage()
    chart.set_marks(0.2, [Dot(0.1, 0.1, "lv")])
    assert chart.grab().toImage() == before


def test_a_theme_repaints_the_ground(chart):
    chart.set_theme(LIGHT)
    assert pixel_count(chart.grab().toImage(), LIGHT.panel, 5) > 20000


def test_ranges_only_widen_while_one_twin_is_open(fitted, session, settled):
    def ranges():
        charts = (fitted.loops.chart, *fitted.traces.charts)
        return [(axis.lower, axis.upper) for chart in charts for axis in chart._axes]

    start = ranges()
    session.draft = session.draft.with_(KINDS["fluid"].at(10.0))
    settled()
    wide = ranges()
    assert wide != start
    session.draft = session.draft.without("fluid")
    settled()
    assert ranges() == wide
    session.open("two")
    settled()
    assert ranges() == start


def test_the_printed_sheet_has_twelve_strips_over_ten_seconds(fitted):
    fitted.ecg.grab()
    strips = fitted.ecg._strips
    assert len(strips) == 12
    assert {s.start for s in strips} == {0.0, 2.5, 5.0, 7.5}
    rows = [[s.lead for s in strips if s.box.top() == top] for top in
            sorted({s.box.top() for s in strips})]  # fmt: skip
    assert rows[1] == ["II", "aVL", "V2", "V5"]


def test_one_lead_turns_its_page_with_the_cursor(fitted, session):
    session.selection.lead = "II"
    fitted.ecg.grab()
    first = fitted.ecg._strips[0]
    assert first.duration < 10.0
    for _ in range(9):
        session.playhead.move(1.0)
    fitted.ecg.grab()
    assert fitted.ecg._strips[0].start > first.start
    strip = fitted.ecg._strips[0]
    assert strip.start <= fitted.ecg.cursor_time < strip.start + strip.duration


def test_one_lead_is_drawn_at_25_mm_a_second(fitted, session):
    session.selection.lead = "II"
    fitted.ecg.grab()
    strip = fitted.ecg._strips[0]
    per_mm = fitted.ecg.logicalDpiX() / 25.4
    assert strip.box.width() / strip.duration == pytest.approx(25 * per_mm)


def test_a_gap_in_a_lead_stays_a_gap():
    times = np.arange(100) / 100
    values = np.zeros(100)
    values[40:50] = np.nan
    lead = Waveform("II", times, values, "mV", "test", gaps=10)
    pieces = _pieces(lead, Strip("II", QRectF(0, 0, 100, 50), 0.0, 1.0), 1.0, 25.0)
    assert [piece.count() for piece in pieces] == [40, 50]


def test_a_record_without_an_ecg_says_so(fitted, session, lab, settled, monkeypatch):
    monkeypatch.setattr(lab, "load", lambda source: fake_record(ecg=False))
    session.science = lab.science()
    session.open("one")
    settled()
    assert fitted.ecg.leads() == {}
    assert fitted.ecg.cursor_time is None
    fitted.ecg.grab()
