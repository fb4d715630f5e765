"""Wording, tables, the dose control, the bridge and the clock."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from organtwin.quantities import QUANTITIES
from organtwin.ui.bridge import Bridge
from organtwin.ui.panels.patient import PatientPanel
from organtwin.ui.theme import DARK, LIGHT
from organtwin.ui.widgets.dose_control import DoseControl
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.wording import number, pretty_unit, signed, significant


@pytest.mark.parametrize(
    ("unit", "written"),
    [("dyn s/cm5", "dyn·s/cm⁵"), ("1/min", "/min"), ("cm2", "cm²"), ("ug/kg/min", "µg/kg/min"),
     ("mmHg", "mmHg"), ("1", ""), ("mm^2", "mm²")],
)  # fmt: skip
def test_units_are_written_as_in_print(unit, written):
    assert pretty_unit(unit) == written


def test_numbers_have_true_minus_signs_and_no_negative_zero():
    assert number(-3.14159, 2) == "−3.14"
    assert number(-0.001, 1) == "0.0"
    assert (signed(2.0, 1), signed(-2.0, 1), signed(0.04, 1)) == ("+2.0", "−2.0", "0.0")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1220.4, "1220"),
        (0.1234, "0.123"),
        (1.0, "1.00"),
        (120.0, "120"),
        (2.5e-5, "2.50e−05"),
        (0.0, "0.00"),
    ],
)
def test_parameters_are_written_with_three_digits(value, written):
    assert significant(value) == written


def luminance(color):
    def linear(channel):
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    c = QColor(color)
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF())


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("role", ["text", "muted", "good", "watch", "bad", "accent"])
def test_words_stand_out_from_every_ground(theme, role):
    """WCAG 2.1, 1.4.3: at least 4.5 to 1 for ordinary text."""
    for ground in (theme.panel, theme.raised, theme.window):
        light, dark = sorted((luminance(getattr(theme, role)), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_table_keeps_its_columns_whatever_it_shows(qtbot):
    columns = (Column("name", "x", numeric=False), Column("value", "12"), Column("unit", "m"))
    table = FactTable("test", columns, None)
    qtbot.addWidget(table)
    widths = [table.columnWidth(column) for column in range(2)]
    table.show_rows([(Cell("a very long name indeed"), Cell("123456789"), Cell(""))])
    table.show_rows([(Cell("a"), Cell("1"), Cell("")), (Cell("b"), Cell("2"), Cell(""))])
    assert [table.columnWidth(column) for column in range(2)] == widths
    assert table.row_count == 2
    assert table.model().data(table.model().index(0, 1), Qt.ItemDataRole.TextAlignmentRole) & (
        Qt.AlignmentFlag.AlignRight
    )
    table.show_rows([])
    assert table.row_count == 0


def test_every_label_and_value_fits_its_column(qtbot, fitted):
    table = fitted.findChild(PatientPanel).fit_table
    metrics = table.fontMetrics()
    for quantity in QUANTITIES.values():
        assert metrics.horizontalAdvance(quantity.label) + 6 <= table.columnWidth(1), quantity.label
        widest = max(abs(quantity.lower), abs(quantity.upper))
        text = number(-widest if quantity.lower < 0 else widest, quantity.decimals)
        assert metrics.horizontalAdvance(text) + 6 <= table.columnWidth(2), quantity.name


@pytest.fixture
def dose(qtbot):
    control = DoseControl("Drug", "mg", (0.5, 2.5), step=0.1, decimals=1)
    qtbot.addWidget(control)
    control.resize(300, 30)
    control.show()
    qtbot.waitExposed(control)
    return control


def test_slider_and_number_agree(dose):
    dose.slider.setValue(20)
    assert dose.value == 2.5
    dose.number.setValue(0.7)
    assert dose.slider.value() == 2


def test_a_dose_shown_from_the_session_is_not_echoed(qtbot, dose):
    with qtbot.assertNotEmitted(dose.changed):
        dose.show_value(1.3)
    assert (dose.value, dose.slider.value()) == (1.3, 8)


def test_arrow_keys_change_the_dose_and_leaving_settles_it(qtbot, dose):
    dose.show_value(1.0)
    dose.slider.setFocus()
    with qtbot.waitSignal(dose.changed) as change:
        qtbot.keyClick(dose.slider, Qt.Key.Key_Right)
    assert change.args == [1.1]
    with qtbot.waitSignal(dose.settled):
        dose.number.setFocus()


def test_a_click_beside_the_handle_is_a_gesture_of_its_own(qtbot, dose):
    with qtbot.waitSignals([dose.changed, dose.settled]):
        qtbot.mouseClick(dose.slider, Qt.MouseButton.LeftButton, pos=dose.slider.rect().center())


def test_the_bridge_runs_posts_of_many_threads_on_the_gui_thread(qtbot, qapp):
    bridge = Bridge()
    ran = []

    def post(poster):
        for index in range(50):
            bridge.post(lambda index=index: ran.append((poster, index, threading.get_ident())))

    threads = [threading.Thread(target=post, args=(poster,)) for poster in range(6)]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: len(ran) == 300, timeout=5000)
    for thread in threads:
        thread.join()
    assert {ident for _, _, ident in ran} == {threading.get_ident()}
    for poster in range(6):
        assert [index for n, index, _ in ran if n == poster] == list(range(50))


def test_the_bridge_never_runs_a_post_inside_the_call_that_made_it(qtbot, qapp):
    bridge = Bridge()
    ran = []
    bridge.post(lambda: ran.append(True))
    assert ran == []
    qtbot.waitUntil(lambda: bool(ran))


def test_the_clock_passes_real_time(qtbot, fitted, session):
    session.playhead.speed = 0.25
    session.playhead.playing = True
    qtbot.wait(400)
    session.playhead.playing = False
    cycles = session.playhead.beat + session.playhead.phase
    duration = session.baseline.beat.duration
    assert 0.2 * 0.25 / duration < cycles < 1.5 * 0.25 / duration
    stopped = session.playhead.phase
    qtbot.wait(60)
    assert session.playhead.phase == stopped
