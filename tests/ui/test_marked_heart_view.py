from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.ui.views.marked_heart_view import MarkedHeartView
from tests.synthetic_heart import SolidMotion, filled_anatomy

HEART = filled_anatomy()
MIDDLE, CORNER = QPoint(160, 130), QPoint(4, 4)


@pytest.fixture
def view(qtbot) -> Iterator[MarkedHeartView]:
    made = MarkedHeartView()
    qtbot.addWidget(made)
    made.resize(320, 240)
    made.show()
    qtbot.waitExposed(made)
    made.show_motion(SolidMotion(HEART))
    yield made
    made.release()


def hover(view, place: QPoint) -> None:
    where = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, view.mapToGlobal(where), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def yellow(view) -> int:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    words = np.frombuffer(image.constBits(), np.uint32)
    red, green, blue = ((words >> shift) & 255 for shift in (16, 8, 0))
    return int(((red > 240) & (green > 220) & (blue < 140)).sum())


def anchors(view, *places) -> list[Anchor]:
    found = [view._under(QPointF(place)) for place in places]
    return [one.anchor for one in found]


def test_a_click_with_a_tool_sets_a_point_on_the_heart(view, qtbot):
    view.set_tool("distance")
    with qtbot.waitSignal(view.point_set) as told:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=MIDDLE)
    (anchor,) = told.args
    assert anchor.ground == SURFACE
    assert sum(anchor.weights) == pytest.approx(1.0)
    with qtbot.assertNotEmitted(view.point_set):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=CORNER)


def test_a_drag_with_a_tool_turns_the_heart_and_sets_nothing(view, qtbot):
    view.set_tool("landmark")
    before = view.camera
    with qtbot.assertNotEmitted(view.point_set):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=MIDDLE)
        where = QPointF(MIDDLE + QPoint(40, 0))
        QApplication.sendEvent(view, QMouseEvent(
            QEvent.Type.MouseMove, where, view.mapToGlobal(where), Qt.MouseButton.LeftButton,
            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        ))  # fmt: skip
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=MIDDLE + QPoint(40, 0))
    assert view.camera != before


def test_a_double_click_with_a_tool_closes_the_outline(view, qtbot):
    view.set_tool("area")
    with qtbot.waitSignal(view.outline_closed):
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=MIDDLE)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=MIDDLE)


def test_without_a_tool_a_click_chooses_a_segment(view, qtbot):
    with qtbot.waitSignal(view.segment_chosen), qtbot.assertNotEmitted(view.point_set):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=MIDDLE)


def test_the_probe_is_painted_while_the_cursor_is_on_the_heart(view):
    view.set_tool("probe")
    bare = view.grab().toImage()
    hover(view, MIDDLE)
    assert view.grab().toImage() != bare
    hover(view, CORNER)
    assert view.grab().toImage() == bare


def test_markings_are_painted_and_follow_the_beat(view):
    before = yellow(view)
    places = [QPoint(140, 110), QPoint(180, 150), QPoint(150, 160)]
    marking = Marking(Kind.AREA, "Ring", tuple(anchors(view, *places)))
    view.set_markings((marking,), ())
    painted = yellow(view)
    assert painted > before + 50
    rest = view._seen(marking.anchors)
    view.set_phase(0.5)
    moved = view._seen(marking.anchors)
    np.testing.assert_allclose(rest[1], [[p.x(), p.y()] for p in places], atol=0.01)
    assert np.abs(moved[1] - rest[1]).max() > 0.5
    assert marking.value(moved[0]) == pytest.approx(0.64 * marking.value(rest[0]), rel=1e-3)
    view.set_markings((), ())
    assert yellow(view) < painted


def test_points_of_another_heart_are_not_painted(view):
    lost = Anchor(SURFACE, (10**7,), (1.0,))
    before = view.grab().toImage()
    view.set_markings((Marking(Kind.LANDMARK, "lost", (lost,)),), (lost, lost))
    assert view.grab().toImage() == before


def test_a_segment_is_outlined(view):
    scene = view._picture.scene
    scene._segments = np.where(np.arange(len(HEART.surface.points)) < 200, 7, 0).astype(np.int32)
    before = yellow(view)
    view.set_segment(7)
    assert yellow(view) > before
    view.set_segment(0)
    assert yellow(view) == before
