from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from organtwin.anatomy.template_file import load_template
from organtwin.scene.surface_segments import surface_segments
from organtwin.session.session import Session
from organtwin.ui.views.bullseye import SECTORS, segment_under
from organtwin.ui.views.bullseye_view import BullseyeView, readings

HEART = load_template()
SEGMENTS = surface_segments(HEART).segments


class Beat:
    """Strain is minus a hundredth of the segment's number in mid-beat."""

    duration, anatomy = 0.8, HEART

    def surface_points(self, phase, out):
        out[:] = HEART.surface.points

    def surface_field(self, name, phase, out):
        out[:] = 0.01 * SEGMENTS
        if name == "strain":
            out *= -(np.sin(np.pi * phase) ** 2)


@pytest.fixture
def view(qtbot, session: Session, monkeypatch) -> BullseyeView:
    shown = SimpleNamespace(motion=Beat())
    monkeypatch.setattr(Session, "shown", property(lambda self: shown))
    made = BullseyeView(session)
    qtbot.addWidget(made)
    made.resize(240, 260)
    made.show()
    qtbot.waitExposed(made)
    made.grab()
    return made


def place_of(view, segment) -> QPoint:
    centre, radius = view._geometry()
    return next(s for s in SECTORS if s.segment == segment).middle(centre, radius).toPoint()


def choose(view, name):
    view.quantity.setCurrentIndex(view.quantity.findData(name))


@pytest.mark.parametrize(
    ("x", "y", "segment"),
    [
        (0.0, 0.9, 1), (-0.8, 0.4, 2), (-0.8, -0.4, 3), (0.0, -0.9, 4), (0.8, -0.4, 5),
        (0.8, 0.4, 6), (0.0, 0.6, 7), (0.5, -0.3, 11), (0.0, 0.35, 13), (-0.35, 0.0, 14),
        (0.0, -0.35, 15), (0.35, 0.0, 16), (0.05, 0.0, 17), (0.8, 0.8, 0),
    ],
)  # fmt: skip
def test_segments_lie_where_the_standard_has_them(x, y, segment):
    assert segment_under(x, y) == segment


def test_every_number_is_written_inside_its_own_sector():
    for sector in SECTORS:
        middle = sector.middle(QPointF(0, 0), 1.0)
        assert segment_under(middle.x(), -middle.y()) == sector.segment


def test_each_segment_shows_its_mean(view, session):
    session.playhead.move(0.5)
    np.testing.assert_allclose(view.values()[1:], -0.01 * np.arange(1, 18), atol=1e-6)
    session.playhead.move(0.5)
    np.testing.assert_allclose(view.values()[1:], 0.0, atol=1e-6)
    choose(view, "peak")
    np.testing.assert_allclose(view.values()[1:], -0.01 * np.arange(1, 18), atol=1e-6)
    choose(view, "activation")
    np.testing.assert_allclose(view.values()[1:], 0.01 * np.arange(1, 18), atol=1e-6)


def test_pointing_and_clicking_reach_the_session(view, session, qtbot):
    qtbot.mouseMove(view, place_of(view, 11))
    assert session.selection.pointed == 11
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(view, 7))
    assert session.selection.segment == 7
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(view, 7))
    assert session.selection.segment == 0


def test_a_segment_marked_elsewhere_is_outlined(view, session):
    before = view.grab().toImage()
    session.selection.point_at(4)
    assert view.grab().toImage() != before
    session.selection.point_at(0)
    assert view.grab().toImage() == before


def test_the_quantity_and_the_colours_of_the_heart_go_together(view, session):
    session.selection.field = "activation"
    assert view.quantity.currentData() == "activation"
    choose(view, "peak")
    assert session.selection.field == "strain"
    session.selection.field = "region"
    choose(view, "activation")
    assert session.selection.field == "region"


def test_a_heart_without_segments_says_so(view, monkeypatch):
    monkeypatch.setattr("organtwin.ui.views.bullseye_view.surface_segments", lambda anatomy: None)
    assert readings(Beat()) is None
    view._read = None
    assert view.values() is None
    assert not view.grab().toImage().isNull()
