"""The history beside the window."""

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from organtwin.ui.views.date_axis import DateAxis
from organtwin.ui.views.history_dialog import HistoryDialog
from tests.session.made_memory import memory, without_forecasts


@pytest.fixture
def dialog(fitted, session):
    session.library.known = memory()
    fitted.actions_["history"].trigger()
    return fitted.findChild(HistoryDialog)


def column(table, number):
    return [table.text(row, number) for row in range(table.row_count)]


def test_the_latest_visit_stands_first_and_the_open_one_is_marked(dialog):
    assert dialog.who.text() == "anna · 2 visits"
    assert column(dialog.visits, 1) == ["2025-09-01", "2025-03-01"]
    assert column(dialog.visits, 0) == ["●", ""]
    assert column(dialog.visits, 2) == ["1abcdef0", "0abcdef0"]
    assert column(dialog.visits, 4) == ["6 of 7", "–"]
    assert column(dialog.visits, 5) == ["2025-03-01", "–"]


def test_a_point_that_the_data_did_not_determine_is_an_open_circle(dialog):
    chart = dialog.parameters.chart
    assert [dot.hollow for dot in chart._dots] == [False, True]
    assert [dot.y for dot in chart._dots] == pytest.approx([100.0, 110.0])
    assert "not determined" in dialog.parameters.told.text()


def test_the_chosen_parameter_stays_when_the_library_changes(dialog, session):
    dialog.parameters.choice.setCurrentIndex(1)
    session.library_changed.emit()
    assert dialog.parameters.choice.currentText() == "vanished"


def test_forecasts_tell_whether_their_bands_held(dialog):
    page = dialog.forecasts
    assert column(page.table, 7) == ["–", "waits", "yes", "no"]
    assert column(page.table, 5) == ["–", "151.0", "121.0", "190.0"]
    assert "Inside the 90 % band: 1 of 2, 50 %" in page.told.text()
    assert "2 of them open" in page.told.text()


def test_only_a_forecast_that_is_due_can_be_scored(dialog, session, monkeypatch):
    asked = []
    monkeypatch.setattr(session.library, "score", asked.append)
    page = dialog.forecasts
    page.table.selectRow(1)
    assert page.followed.isEnabled()
    page.followed.click()
    assert asked == [2]
    session.library.known = without_forecasts()
    session.library_changed.emit()
    assert not page.followed.isEnabled()
    assert "Keep this forecast" in page.told.text()


def test_tables_leave_the_program_as_csv(dialog, session, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), ""))
    for button, rows in (
        (dialog.export, 2), (dialog.parameters.export, 4), (dialog.forecasts.export, 4)
    ):  # fmt: skip
        button.click()
        assert len((tmp_path / "out.csv").read_text("utf-8").splitlines()) == rows + 1
    dialog.export.write(Path("/nowhere/out.csv"))
    assert "Exporting the visits" in session.notice.title


def test_a_patient_without_visits_is_told_how_to_begin(dialog, session):
    session.library.known = None
    session.library_changed.emit()
    assert dialog.visits.row_count == 0
    assert "no visits" in dialog.who.text() or "not clear" in dialog.who.text()
    assert not dialog.export.isEnabled()


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        (date(2025, 1, 10), date(2025, 4, 20), ["Jan 25", "Feb 25", "Mar 25", "Apr 25", "May 25"]),
        (date(2020, 6, 1), date(2024, 6, 1), ["2021", "2022", "2023", "2024"]),
    ],
)
def test_days_are_marked_by_months_or_years(first, last, texts):
    axis = DateAxis.of_days(first, last)
    assert [axis.text(mark) for mark in axis.marks] == texts
