"""Residuals under the measurements, and posteriors."""

import pytest
from PySide6.QtCore import Qt

from organtwin.parameters.spec import ParameterSpec
from organtwin.twin.twin import FittedParameter
from organtwin.ui.panels.patient import _parameter_cells
from organtwin.ui.theme import DARK
from organtwin.ui.widgets.residual_plot import Residual, ResidualPlot
from tests.session.made_memory import memory


def test_residuals_are_drawn_for_what_was_fitted_in_the_colours_of_the_table(fitted):
    rows = fitted.patient.fit_page.plot.rows
    assert [(row.label, row.z) for row in rows] == [("HR", 0.4), ("LVEDV", -1.2), ("PCWP", 3.4)]
    assert [row.color for row in rows] == [DARK.good, DARK.good, DARK.bad]


def test_residuals_are_there_where_there_is_room_until_the_user_decides(fitted, qtbot):
    page = fitted.patient.fit_page
    assert page.plot.isVisible()
    page.resize(page.width(), 60)
    assert not page.plot.isVisible()
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert page.plot.isVisible()
    page.resize(page.width(), 700)
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert not page.plot.isVisible()


def test_what_the_library_holds_stands_in_a_line(window, session):
    assert not window.patient.memory.isVisible()
    session.library.known = memory()
    session.library_changed.emit()
    assert window.patient.memory.text() == (
        "Library: anna, 2 visits · this one of 2025-09-01 · 1 of 3 forecasts scored"
    )


def test_without_a_fit_there_are_no_residuals_to_toggle(window):
    assert not window.patient.fit_page.button.isEnabled()
    assert not window.patient.fit_page.plot.isVisible()


def test_a_residual_beyond_the_scale_stands_at_its_end_and_tells_its_number(qtbot):
    plot = ResidualPlot(None)
    qtbot.addWidget(plot)
    plot.resize(300, 60)
    plot.show_rows([Residual("HR", 1.0, "#ff0000"), Residual("SBP", 7.0, "#00ff00")], DARK)
    assert plot.position(-3.0) < plot.position(1.0) < plot.position(3.0) == plot.position(7.0)
    picture = plot.grab().toImage()
    dot = picture.pixelColor(round(plot.position(1.0)), 8)
    tip = picture.pixelColor(round(plot.position(7.0)) + 2, 20)
    assert (dot.name(), tip.name()) == ("#ff0000", "#00ff00")


@pytest.fixture
def posterior(fitted):
    pages = fitted.patient.pages
    pages.setCurrentWidget(fitted.posterior)
    assert pages.tabText(pages.currentIndex()) == "Posterior"
    return fitted.posterior


def test_the_hearts_are_drawn_against_the_prior(posterior, session):
    assert posterior.choice.currentText() == "Systemic resistance"
    assert len(posterior.chart._dots) == len(session.twin.ensemble)
    assert [curve.label for curve in posterior.chart._curves] == ["prior", "hearts"]
    assert "90 % of the hearts" in posterior.told.text()


def test_while_the_doubt_is_estimated_the_page_says_so(posterior, session):
    session.twin.ensemble = ()
    session.twin_changed.emit()
    assert "being estimated" in posterior.chart._empty_text


def test_a_normal_valve_is_a_closed_one_and_a_small_sd_has_room(fitted):
    """The prior of a fitted mitral leak read 1.00e-05, its sd was cut off."""
    spec = ParameterSpec("mitral_leak_area", "cm2", 0.0, 4e-4, 1e-9, "leak", "model")
    leak = FittedParameter("Mitral leak", spec, 0.5e-4, 1e-9, 0.0987e-4, 0.2, True)
    cells = [cell.text for cell in _parameter_cells(leak, DARK)]
    assert cells == ["Mitral leak", "0.00", "0.500", "±0.099", "cm²"]
    table = fitted.patient.parameter_table
    assert table.fontMetrics().horizontalAdvance(cells[3]) + 6 <= table.columnWidth(3)
