"""How a declined plan, and an insisted one, look in the window; and the evidence of a card."""

import csv
import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from organtwin.session.electric_doubt import electric_doubt
from organtwin.ui.panels.response import SHOWN
from organtwin.ui.theme import DARK
from organtwin.ui.views import ecg_beat_paper
from organtwin.ui.views.ecg_beat_view import EcgBeatView
from organtwin.ui.views.ecg_intervals import EcgIntervals
from organtwin.ui.widgets.evidence_dialog import EvidenceDialog, evidence_html
from tests.fake_values import KINDS, fake_evidence

AFTER, CHANGE, BAND = 2, 3, 4
OUTPUT = SHOWN.index("cardiac_output")


@pytest.fixture
def outside(fitted, session, settled):
    """The window with a plan outside what was checked."""
    session.draft = session.draft.with_(KINDS["fluid"].at(9.5))
    settled()
    return fitted


def struck(table, column, row=OUTPUT):
    font = table.model().index(row, column).data(Qt.ItemDataRole.FontRole)
    return font is not None and font.strikeOut()


def test_declined_shows_dashes_and_the_reason(outside):
    table = outside.response.table
    assert {table.text(row, AFTER) for row in range(table.row_count)} == {"–"}
    assert outside.response.status.text() == "declined"
    assert outside.therapy.verdict.text().startswith("Declined. Fluid: 9.5 mL")
    assert "invented" in outside.therapy.verdict.toolTip()


def test_the_card_at_fault_says_why_and_the_verdict_how_to_see_the_rest(outside, session, settled):
    card, verdict = outside.therapy.cards["fluid"], outside.therapy.verdict
    assert card.trouble.isVisible()
    assert card.trouble.text() == "9.5 mL; checked: 0 to 9 mL."
    assert "Untick" not in verdict.text()  # nothing else would be left
    session.draft = session.draft.with_(KINDS["pacing"].at(1.0))
    settled()
    assert verdict.text().startswith("Declined. Untick Fluid to see the rest. Fluid: 9.5 mL")
    assert not outside.therapy.cards["pacing"].trouble.isVisible()
    card.on.click()
    settled()
    assert outside.response.status.text() == "predicted"
    assert not card.trouble.isVisible()


def test_the_box_shows_the_numbers_struck_through(outside, session, settled):
    outside.therapy.insist.click()
    settled()
    assert session.draft.insist
    table = outside.response.table
    assert all(struck(table, column) for column in (AFTER, CHANGE, BAND))
    assert not struck(table, 1)
    assert outside.response.status.text() == "extrapolated"
    assert outside.therapy.verdict.text().startswith("Extrapolation. Fluid")
    session.undo()
    settled()
    assert not outside.therapy.insist.isChecked()
    assert outside.response.status.text() == "declined"


def test_inside_nothing_is_struck(fitted, session, settled):
    session.draft = replace(session.draft.with_(KINDS["fluid"].at(4.0)), insist=True)
    settled()
    assert not struck(fitted.response.table, AFTER)
    assert fitted.response.status.text() == "predicted"


def test_the_box_is_reached_by_keyboard_and_says_what_it_does(outside):
    box = outside.therapy.insist
    assert box.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert "struck through" in box.toolTip()
    assert box.text() == "Show extrapolation"


def test_exports_mark_extrapolation(outside, settled, tmp_path):
    outside.therapy.insist.click()
    settled()
    outside.commands.write_table(tmp_path / "t.csv")
    outside.commands.write_table(tmp_path / "t.json")
    with (tmp_path / "t.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["predicted"]]
    assert rows
    assert {row["extrapolation"] for row in rows} == {"True"}
    plan = json.loads((tmp_path / "t.json").read_text())["plan"]
    assert any(line.startswith("EXTRAPOLATION: Fluid") for line in plan)


def test_a_badge_tells_grade_and_risk_and_opens_the_evidence(fitted, session, settled):
    session.draft = session.draft.with_(KINDS["fluid"].at(4.0))
    settled()
    badge: QToolButton = fitted.therapy.cards["fluid"].badge
    assert badge.text() == "none · medium risk"
    badge.click()
    (dialog,) = fitted.therapy.findChildren(EvidenceDialog)
    shown = dialog.text.toPlainText()
    dialog.close()
    for part in ("Context of use", "12 passed", "1 FAILED", "not run here yet", "absent: no bench"):
        assert part in shown


def test_what_failed_is_red_and_what_passed_is_not():
    html = evidence_html(fake_evidence(KINDS["fluid"]), DARK)
    before_failed = html.split("tests/two.py")[0]
    assert before_failed.rindex(DARK.bad) > before_failed.rindex(DARK.good)


def test_leads_and_map_of_a_declined_plan_are_marked_with_the_reason(outside, session, settled):
    session.electrics.edit(replace(session.draft.electrics, conduction="lbbb"))
    settled()
    session.selection.field = "activation"
    line = outside.stage.doubt
    assert line.text().startswith("plan declined: Fluid: 9.5 mL")
    assert str(electric_doubt(session)) in line.text()
    outside.therapy.insist.click()
    settled()
    assert line.text().startswith("plan extrapolated: Fluid")
    session.selection.field = "region"
    assert line.text() == ""


def test_leads_of_a_plan_inside_are_not_marked(fitted, session, settled):
    session.electrics.edit(replace(session.draft.electrics, conduction="lbbb"))
    settled()
    assert session.electrics.planned is not None
    assert electric_doubt(session) is None


def test_the_paper_of_a_declined_plan_is_hatched_and_its_intervals_struck_through(
    qtbot, outside, session, lab, settled, monkeypatch
):
    lab.with_leads = True
    session.electrics.ask()
    settled()
    told = []
    monkeypatch.setattr(ecg_beat_paper, "paint_doubt", lambda *given: told.append(given[2]))
    paper = EcgBeatView(session)
    table = EcgIntervals(session, paper)
    qtbot.addWidget(paper, before_close_func=lambda _: settled())
    paper.resize(500, 300)
    paper.grab()
    assert told == []
    session.electrics.edit(replace(session.draft.electrics, conduction="lbbb"))
    settled()
    paper.grab()
    assert told[-1].startswith("declined: Fluid: 9.5 mL")
    values = [row for row in range(table.row_count) if table.text(row, 4) != "–"]
    assert all(struck(table, 4, row) for row in values)
    told.clear()
    session.draft = session.draft.without("fluid")
    settled()
    paper.grab()
    assert told == []
    assert not any(struck(table, 4, row) for row in range(table.row_count))
