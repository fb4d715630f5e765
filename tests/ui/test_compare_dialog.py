"""The window that compares plans."""

import csv

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from organtwin.scene.camera import CameraState
from organtwin.session.draft import Draft
from organtwin.session.plan_table import Beside
from organtwin.session.plans import Plans
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.ui.views.compare_dialog import CompareDialog
from organtwin.ui.views.compare_numbers import SHOWN, rows
from tests.fake_values import KINDS
from tests.synthetic_heart import SolidMotion, filled_anatomy

FLUID = Draft((KINDS["fluid"].at(2.0),))
POISON = Draft((KINDS["poison"].at(9.0),))


class Beating(SolidMotion):
    """A heart of the scene that also carries what the session puts on it."""

    electrics = None


@pytest.fixture
def dialog(qtbot, lab, session, settled):
    """Plan A fills the heart, plan B is refused."""
    lab.with_leads = True
    session.open("one")
    settled()
    session.plans = Plans().with_draft(FLUID).adding(POISON).choosing("A")
    settled()
    made = CompareDialog(session)
    qtbot.addWidget(made)
    made.show()
    settled()
    qtbot.waitUntil(lambda: not made._soon.isActive())
    return made


def turn_to(qtbot, dialog, number):
    dialog.tabs.setCurrentIndex(number)
    qtbot.waitUntil(lambda: not dialog._soon.isActive())


def test_the_numbers_of_every_plan_stand_beside_the_untreated(dialog):
    table = dialog.numbers.table
    edv = next(row for row in range(table.row_count) if table.text(row, 0) == "LVEDV")
    untreated, filled, change = (int(table.text(edv, column)) for column in (2, 4, 6))
    assert filled - untreated == change > 0
    assert "–" in table.text(edv, 5)
    assert table.text(edv, 7) == "–"  # plan B has no answer


def test_a_band_below_zero_has_room(dialog):
    """Of a right atrium that may be emptied it was cut off: "-2.8 to 1..."."""
    table = dialog.numbers.table
    wide = table.fontMetrics().horizontalAdvance("−12.8 to 15.0") + 6
    assert all(table.columnWidth(column) >= wide for column in (3, 5, 8))


def test_flows_of_machines_are_compared_only_where_a_plan_has_one(dialog):
    assert rows(dialog.numbers._shown) == SHOWN
    pumped = Beside("C", "C", numbers={"pump_flow": 5e-5, "cardiac_output": 8e-5})
    assert {"pump_flow", "native_output"} < set(rows((*dialog.numbers._shown, pumped)))


def test_the_key_says_what_is_done_and_why_there_is_no_answer(dialog):
    assert "Fluid 2 mL" in dialog.key.text()
    assert "vigour" in dialog.key.text()


def test_a_plan_more_is_a_group_of_columns_more(qtbot, dialog, session, settled):
    before = dialog.numbers.table.model().columnCount()
    session.plan_desk.duplicate("A")
    settled()
    qtbot.waitUntil(lambda: not dialog._soon.isActive())
    assert dialog.numbers.table.model().columnCount() == before + 3


def test_the_table_is_written_as_csv(dialog, tmp_path):
    dialog.numbers.export.write(tmp_path / "plans.csv")
    with (tmp_path / "plans.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["plan"] for row in rows} == {"untreated", "A"}


def test_loops_and_traces_are_drawn_for_plans_that_have_a_beat(qtbot, dialog, session):
    turn_to(qtbot, dialog, 1)
    curves = dialog.curves.loops._curves
    assert [(curve.label, curve.ghost) for curve in curves] == [("", True), ("A", False)]
    assert curves[1].x.max() > curves[0].x.max()
    session.selection.side = "right"
    assert dialog.curves.side.value == "right"
    assert dialog.curves.loops._curves[0].y.max() < 40  # mmHg: the fake's right ventricle


def test_loops_carry_a_dot_each_that_follows_the_playhead(qtbot, dialog, session):
    turn_to(qtbot, dialog, 1)
    before = dialog.curves.loops._dots
    session.playhead.step(10)
    assert len(dialog.curves.loops._dots) == 2
    assert dialog.curves.loops._dots != before


def test_only_leads_that_a_plan_changes_are_drawn_over_the_untreated(
    qtbot, dialog, session, settled
):
    turn_to(qtbot, dialog, 2)
    assert [curve.label for curve in dialog.ecg.charts["V1"]._curves] == [""]
    session.plan_desk.add(Draft(electrics=ElectricPlan("lbbb")))
    settled()
    qtbot.waitUntil(lambda: len(dialog.ecg.charts["V1"]._curves) == 2)
    assert [curve.label for curve in dialog.ecg.charts["V1"]._curves] == ["", "C"]


def test_one_lead_is_drawn_alone(qtbot, dialog):
    turn_to(qtbot, dialog, 2)
    dialog.ecg.lead.setCurrentIndex(dialog.ecg.lead.values.index("V1"))
    dialog.ecg.lead.activated.emit(dialog.ecg.lead.currentIndex())
    assert [lead for lead, chart in dialog.ecg.charts.items() if chart.isVisible()] == ["V1"]


def choose(box, value):
    box.setCurrentIndex(box.values.index(value))
    box.activated.emit(box.currentIndex())


def test_a_plan_that_is_better_in_both_says_how_surely(qtbot, dialog):
    turn_to(qtbot, dialog, 3)
    page = dialog.dominance
    choose(page.outcomes[1], "lv_edv")
    assert page.wishes[1].value is False
    assert page.table.text(0, 0) == "A or untreated"
    assert page.table.text(0, 3) == "100 %"
    choose(page.wishes[1], True)
    assert page.table.text(0, 1) == "100 %"
    assert page.table.text(1, 1) == "–"  # B was refused


def test_points_ranges_and_boxes_are_drawn(qtbot, dialog):
    turn_to(qtbot, dialog, 3)
    page = dialog.dominance
    choose(page.outcomes[1], "lv_edv")
    assert [dot.hollow for dot in page.chart._dots] == [True, False]
    assert len(page.chart._strips) == 2
    wide = page.chart._curves[2]
    assert wide.x[0] < page.chart._dots[1].x < wide.x[1]


@pytest.fixture
def hearts(qtbot, lab, session, settled, monkeypatch):
    """The page of hearts with two plans, whose motions VTK can draw."""
    made = session.science
    moving = lambda beat, heart, twin: Beating(filled_anatomy())  # noqa: E731
    object.__setattr__(made, "motion", moving)
    session.open("one")
    settled()
    session.plans = Plans().with_draft(FLUID).adding(Draft((KINDS["pacing"].at(3.0),)))
    settled()
    dialog = CompareDialog(session)
    qtbot.addWidget(dialog)
    dialog.tabs.setCurrentIndex(4)
    dialog.show()
    settled()
    yield dialog.hearts
    dialog.close()


def test_every_plan_is_a_heart(hearts):
    assert [*hearts.views] == ["A", "B"]
    assert isinstance(hearts.findChild(QLabel), QLabel)


def test_hearts_beat_in_step(hearts, session):
    session.playhead.step(7)
    phases = [view._picture.scene.phase for view in hearts.views.values()]
    assert phases == [pytest.approx(session.playhead.phase)] * 2


def test_turning_one_heart_turns_all(hearts):
    first, second = hearts.views.values()
    camera = CameraState((0.4, -0.2, 0.1), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    first.camera_changed.emit(camera)
    assert second.camera == camera


def test_a_plan_that_goes_takes_its_heart_with_it(qtbot, hearts, session, settled):
    session.plan_desk.remove("B")
    settled()
    qtbot.waitUntil(lambda: [*hearts.views] == ["A"])


def test_a_closed_window_holds_no_graphics(hearts):
    hearts.window().close()
    assert not hearts.views


def test_the_untreated_heart_lies_over_each_as_an_outline(hearts):
    assert all(view._picture.scene._ghost is not None for view in hearts.views.values())
    assert np.isfinite(hearts.views["A"].camera.position).all()
