import os
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from organtwin.scene.navigation import orbited
from organtwin.scene.picture import GraphicsError
from organtwin.ui.views import heart_view
from organtwin.ui.views.heart_view import HeartView
from tests.electric_motion import Electrics, electric_motion
from tests.synthetic_heart import SyntheticMotion, synthetic_anatomy

ANATOMY = synthetic_anatomy(12)


@pytest.fixture
def view(qtbot) -> Iterator[HeartView]:
    made = HeartView()
    qtbot.addWidget(made)
    made.resize(320, 240)
    made.show()
    qtbot.waitExposed(made)
    made.show_motion(SyntheticMotion(ANATOMY))
    yield made
    made.release()


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return np.stack([(words >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def reddish(image: np.ndarray) -> float:
    return float(((image[..., 0] - image[..., 1]) > 40).mean())


def counted_renders(view: HeartView) -> list[int]:
    renders: list[int] = []
    view._picture.renderer.AddObserver("EndEvent", lambda *_: renders.append(1))
    return renders


def test_the_widget_paints_a_heart(view):
    assert reddish(pixels(view.grab().toImage())) > 0.15


def test_many_changes_are_drawn_once(view, qtbot):
    view._settle.stop()
    view.grab()
    renders = counted_renders(view)
    for phase in np.linspace(0.1, 0.9, 30):
        view.set_phase(float(phase))
    view.set_field("strain")
    view.grab()
    view.grab()
    assert len(renders) == 1


def test_a_still_heart_is_redrawn_with_smooth_edges(view, qtbot, monkeypatch):
    monkeypatch.setattr(heart_view, "QUICK_FRAME", 0.0)
    view.set_phase(0.1)
    view.grab()
    renders = counted_renders(view)
    qtbot.waitUntil(lambda: view._picture.antialiasing and len(renders) == 1, timeout=3000)


@pytest.mark.parametrize(
    ("quick", "slow", "smooth"), [(9.0, 9.0, True), (0.0, 9.0, False), (9.0, 0.0, False)]
)
def test_edges_are_smooth_during_the_beat_only_where_frames_are_quick(
    view, monkeypatch, quick, slow, smooth
):
    monkeypatch.setattr(heart_view, "QUICK_FRAME", quick)
    monkeypatch.setattr(heart_view, "SLOW_FRAME", slow)
    seen = []
    for phase in np.linspace(0.1, 0.9, 10):
        view.set_phase(float(phase))
        view.grab()
        seen.append(view._picture.antialiasing)
    assert seen[-4:] == [smooth] * 4


def test_dragging_turns_and_a_double_click_goes_back(view, qtbot):
    start = view.camera
    seen = []
    view.camera_changed.connect(seen.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    event_pos = QPoint(160, 100)
    _drag(view, event_pos, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=event_pos)
    assert view.camera != start
    assert view.camera.focal_point == start.focal_point
    assert seen == [view.camera]
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=event_pos)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=event_pos)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=event_pos)
    assert view.camera == start


def test_the_right_button_shifts(view, qtbot):
    start = view.camera
    qtbot.mousePress(view, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    _drag(view, QPoint(100, 130), Qt.MouseButton.RightButton)
    qtbot.mouseRelease(view, Qt.MouseButton.RightButton, pos=QPoint(100, 130))
    qtbot.mouseRelease(view, Qt.MouseButton.RightButton, pos=QPoint(100, 130))
    assert view.camera.focal_point != start.focal_point
    np.testing.assert_allclose(view.camera.direction, start.direction, atol=1e-12)


def test_the_wheel_comes_nearer(view):
    def distance():
        return np.linalg.norm(np.subtract(view.camera.position, view.camera.focal_point))

    before = distance()
    where = QPointF(100, 100)
    event = QWheelEvent(
        where, where, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    assert distance() < 0.95 * before


def test_a_new_motion_of_the_same_heart_keeps_the_camera(view):
    view.set_camera(orbited(view.camera, 0.3, 0.2))
    kept = view.camera
    view.show_motion(SyntheticMotion(ANATOMY, 0.1), ghost=SyntheticMotion(ANATOMY))
    assert view.camera == kept


def test_the_heart_opens_where_it_is_told_and_closes(view):
    assert not view.clipped
    for name in view.CUTS:
        view.set_cut(name)
        assert view.clipped
    view.set_cut("")
    assert not view.clipped


def test_a_named_cut_keeps_the_half_that_the_camera_looks_into(view):
    for preset in ("AP", "Posterior"):
        view.set_preset(preset)
        view.set_cut("Four-chamber")
        assert view.camera.direction @ np.array(view._picture.scene.plane.normal) < 0


def test_a_cut_across_the_view_stays_when_the_camera_turns(view):
    view.set_cut("Across the view")
    plane = view._picture.scene.plane
    np.testing.assert_allclose(plane.normal, -view.camera.direction)
    view.set_preset("Left lateral")
    assert view._picture.scene.plane == plane
    view.set_cut("Across the view", (0.01, 0.0, 0.0))
    moved = np.subtract(view._picture.scene.plane.origin, plane.origin)
    np.testing.assert_allclose(moved, 0.01 * np.array(plane.normal))


def test_with_ctrl_the_wheel_moves_the_cut_and_dragging_turns_it(view, qtbot):
    before = view.camera
    where = QPointF(100, 100)
    ctrl = Qt.KeyboardModifier.ControlModifier
    with qtbot.waitSignal(view.cut_moved) as moved:
        event = QWheelEvent(
            where, where, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, ctrl,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)
    assert moved.args == [pytest.approx(0.001)]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, ctrl, QPoint(100, 100))
    with qtbot.waitSignal(view.cut_turned) as turned:
        _drag(view, QPoint(132, 100), Qt.MouseButton.LeftButton, ctrl)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, ctrl, QPoint(132, 100))
    assert turned.args == [pytest.approx(0.34), 0.0]
    assert view.camera == before


def test_layers_taken_away_are_missing_from_the_picture(view):
    assert ("walls", "Chamber walls") in view.layers
    assert ("leaflets", "Valve leaflets") not in view.layers
    whole = reddish(pixels(view.grab().toImage()))
    view.set_hidden(frozenset({"walls", "blood"}))
    assert reddish(pixels(view.grab().toImage())) < 0.7 * whole


HIDDEN = frozenset({"pericardium", "blood", "fibers", "conduction", "torso"})


@pytest.mark.parametrize("turned", [False, True])
def test_the_camera_stands_back_for_the_torso_and_returns(view, turned):
    view.show_motion(electric_motion(Electrics()))
    view.set_hidden(HIDDEN)
    if turned:
        view._navigate(orbited(view.camera, 0.4, 0.1))
    before, picture = view.camera, view.grab_png()
    view.set_hidden(HIDDEN - {"torso"})
    gap = np.linalg.norm(np.subtract(view.camera.position, view.camera.focal_point))
    assert gap > 1.5 * np.linalg.norm(np.subtract(before.position, before.focal_point))
    np.testing.assert_allclose(view.camera.direction, before.direction, atol=1e-9)
    view.set_hidden(HIDDEN)
    assert view.camera == before
    assert view.grab_png() == picture


def test_a_view_chosen_with_the_torso_stays_when_it_goes(view):
    view.show_motion(electric_motion(Electrics()))
    view.set_hidden(HIDDEN - {"torso"})
    view.set_preset("Left lateral")
    far = view.camera
    view.set_hidden(HIDDEN)
    np.testing.assert_allclose(view.camera.direction, far.direction, atol=1e-9)
    assert view.camera == view._picture.scene.preset("Left lateral", view._picture.aspect).camera


def test_a_torso_that_was_chosen_before_its_model_came_moves_the_camera_when_it_comes(view):
    waiting = electric_motion(None)
    view.show_motion(waiting)
    view.set_hidden(HIDDEN - {"torso"})
    near = view.camera
    object.__setattr__(waiting, "electrics", Electrics())
    view.show_motion(waiting)
    assert view.camera != near


def test_resizing_makes_a_picture_of_the_new_size(view, qtbot):
    view.resize(400, 200)
    qtbot.waitUntil(lambda: view.width() == 400)
    image = QImage.fromData(view.grab_png())
    assert (image.width(), image.height()) == (400, 200)
    assert reddish(pixels(image)) > 0.1


def test_themes_change_the_ground(view):
    view.set_theme("light")
    assert pixels(view.grab().toImage())[2, 160].min() > 200


def test_a_released_view_keeps_its_last_picture_and_ignores_the_rest(view):
    view.grab()
    view.release()
    view.set_phase(0.5)
    view.set_preset("AP")
    assert reddish(pixels(view.grab().toImage())) > 0.15
    assert view.grab_png() == b""


def test_without_opengl_a_label_says_so_and_the_view_stays_usable(qtbot, monkeypatch):
    def refuse(*_args):
        raise GraphicsError("graphics: OpenGL: expected version 3.2 or later, got none.")

    monkeypatch.setattr(heart_view, "Picture", refuse)
    made = HeartView()
    qtbot.addWidget(made)
    made.show()
    made.show_motion(SyntheticMotion(ANATOMY))
    made.set_phase(0.5)
    made.set_cut("Four-chamber")
    made.set_hidden(frozenset({"walls"}))
    assert made.layers == ()
    assert not made.available
    assert "OpenGL" in made.findChild(QLabel).text()


@pytest.mark.display
@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="needs an X display")
def test_on_a_real_display_the_heart_shows_and_closing_is_clean(qtbot):
    made = HeartView()
    qtbot.addWidget(made)
    made.resize(320, 240)
    made.show()
    qtbot.waitExposed(made)
    made.show_motion(SyntheticMotion(ANATOMY))
    screen = made.screen()
    qtbot.waitUntil(
        lambda: reddish(pixels(screen.grabWindow(made.winId()).toImage())) > 0.1, timeout=5000
    )
    made.close()
    made.deleteLater()


def _drag(
    view: HeartView,
    to: QPoint,
    button: Qt.MouseButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), view.mapToGlobal(QPointF(to)), button, button,
        modifiers,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
