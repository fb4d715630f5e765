from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.session.session import Session
from organtwin.ui.panels.markings import MarkingsList
from tests.synthetic_heart import SolidMotion, filled_anatomy

HEART = filled_anatomy(8)
A, B = (Anchor(SURFACE, (k,), (1.0,)) for k in (10, 300))
MARKINGS = (Marking(Kind.DISTANCE, "Distance 1", (A, B)), Marking(Kind.LANDMARK, "Apex", (A,)))


@pytest.fixture
def listing(qtbot, session: Session, monkeypatch) -> MarkingsList:
    shown = SimpleNamespace(motion=SolidMotion(HEART))
    monkeypatch.setattr(Session, "shown", property(lambda self: shown))
    session.markings = MARKINGS
    made = MarkingsList(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def cell(listing, row, column):
    return listing.table.item(row, column).text()


def test_values_are_listed_with_unit_and_their_span_over_the_beat(listing):
    a, b = HEART.surface.points[[10, 300]]
    length = 1e3 * float(((a - b) ** 2).sum() ** 0.5)
    assert cell(listing, 0, 2) == f"{length:.1f} mm"
    assert cell(listing, 0, 3) == f"{0.8 * length:.1f} to {length:.1f} mm"
    assert cell(listing, 1, 2).endswith(" mm")


def test_renaming_reaches_the_session_and_can_be_undone(listing, session):
    listing.table.item(1, 0).setText("LV apex")
    assert session.markings[1].name == "LV apex"
    session.undo()
    assert session.markings[1].name == "Apex"
    assert cell(listing, 1, 0) == "Apex"


def test_deleting_and_copying(qtbot, listing, session):
    qtbot.mouseClick(listing.copy, Qt.MouseButton.LeftButton)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[0] == "name"
    assert lines[2].split("\t")[:2] == ["Apex", "landmark"]
    listing.table.selectRow(0)
    qtbot.mouseClick(listing.delete, Qt.MouseButton.LeftButton)
    assert session.markings == MARKINGS[1:]
    assert listing.table.rowCount() == 1
