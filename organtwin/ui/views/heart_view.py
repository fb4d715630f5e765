"""The beating heart in the window: turn with the left button, shift with the right, wheel to zoom.

With Ctrl, the wheel moves the cut and the left button turns it.

The picture is drawn off screen and painted like any other widget, so it lives under every
display server, is part of window screenshots, and closing the window cannot pull a native surface
from under the renderer. A phase, a field or a turn only marks the picture as old; the next paint
event draws it once.
"""

from time import perf_counter

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QEvent,
    QIODevice,
    QPointF,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QImage,
    QImageWriter,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from organtwin.arrays import Float32Array
from organtwin.scene.camera import PRESETS, CameraState, c_arm_angles
from organtwin.scene.motion import Motion
from organtwin.scene.navigation import TURN_PER_WIDTH, ZOOM_PER_STEP, aimed, orbited, panned, zoomed
from organtwin.scene.picture import GraphicsError, Picture
from organtwin.scene.planes import CUTS, FREE, Section, Shift, shifted
from organtwin.scene.theme import DARK, THEMES
from organtwin.therapy.implants import Implant
from organtwin.ui.views.standing_back import StandingBack

CUT_PER_STEP = 1e-3
"""How far one step of the wheel moves the cut [m]."""
SETTLE_MS = 220
"""After so long without change the still picture is drawn once more with smooth edges."""
QUICK_FRAME, SLOW_FRAME = 0.012, 0.024
"""Edges are smooth during the beat where a plain frame takes less than the first [s], unless
``PATIENCE`` smooth frames took more than the second: on any graphics card, rarely in software."""
PATIENCE = 3


class HeartView(QWidget):
    """Shows one motion and, if wanted, the outline of another."""

    camera_changed = Signal(object)
    """A ``CameraState``, after the user has turned, shifted or zoomed; to link a second view."""
    cut_moved = Signal(float)
    """By how much [m] the user moved the cut."""
    cut_turned = Signal(float, float)
    """By which angles [rad] the user turned the cut."""
    PRESETS, CUTS = PRESETS, CUTS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._preset = PRESETS[0]
        self._cut_name = ""
        self._cut_base: Section | None = None
        self._shift = Shift()
        self._camera: CameraState | None = None
        self._framed = True
        self._back = StandingBack()
        self._grip = QPointF()
        self._stale = True
        self._quick = False
        self._slow_frames = 0
        self._image = QImage()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._draw_smooth)
        self._picture = self._open_picture()

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    @property
    def available(self) -> bool:
        """Whether this machine can draw in 3D; if not, a label says so in the view's place."""
        return self._picture is not None

    @property
    def preset(self) -> str:
        return self._preset

    @property
    def clipped(self) -> bool:
        """Whether the heart is open."""
        return self._picture is not None and self._picture.scene.plane is not None

    @property
    def camera(self) -> CameraState | None:
        """Where the heart is seen from; None before the first motion."""
        return self._camera

    @property
    def angles(self) -> tuple[float, float] | None:
        """Of a C-arm that looks from the same direction [degrees]."""
        return None if self._camera is None else c_arm_angles(self._camera.direction)

    def show_motion(self, motion: Motion, ghost: Motion | None = None) -> None:
        """Show ``motion``, with the outline of ``ghost``, e.g. the baseline under a plan.

        A motion of the same heart keeps the camera and the cut.
        """
        if self._picture is None:
            return
        newcomer = self._picture.scene.show(motion)
        self._picture.scene.set_ghost(ghost)
        if newcomer:
            self.set_preset(self._preset)
        self._step_back()
        self._refresh()

    def set_phase(self, phase: float) -> None:
        """Move to ``phase`` of the beat, in [0, 1)."""
        if self._picture is not None and phase != self._picture.scene.phase:
            self._picture.scene.set_phase(phase)
            self._refresh()

    def set_field(self, name: str) -> None:
        """Colour by ``"region"``, ``"strain"`` or ``"activation"``."""
        if self._picture is not None:
            self._picture.scene.set_field(name)
            self._refresh()

    def set_preset(self, name: str) -> None:
        """Look from a named view."""
        if self._picture is None:
            return
        view = self._picture.scene.preset(name, self._picture.aspect)
        self._preset = name
        self._framed = True
        self._back.forget()
        self.set_camera(view.camera)
        if self._cut_name != FREE:
            self._lay_cut()

    def set_camera(self, camera: CameraState) -> None:
        """Look through ``camera``, e.g. that of a view beside this one."""
        if self._picture is not None:
            self._camera = camera
            self._picture.scene.look(camera)
            self._refresh()

    def set_angles(self, primary: float, secondary: float) -> None:
        """Look from the angles of a C-arm [degrees]; see ``navigation.aimed``."""
        if self._camera is not None:
            self._framed = False
            self.set_camera(aimed(self._camera, primary, secondary))

    def set_cut(self, name: str, place: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
        """Open the heart along one of ``CUTS``, moved to ``place``; an empty name closes it.

        ``place`` is depth [m], turn and tilt [rad]. Of a named plane, the half that the camera
        looks into is kept.
        """
        self._shift = Shift(*place)
        if name != self._cut_name:
            self._cut_name = name
            self._lay_cut()
        else:
            self._cut()

    @property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """Name and label of what can be taken away from the heart that is shown."""
        if self._picture is None:
            return ()
        return tuple((layer.name, layer.label) for layer in self._picture.scene.layers)

    def set_hidden(self, layers: frozenset[str]) -> None:
        """Take the named layers away."""
        if self._picture is not None:
            self._picture.scene.set_hidden(layers)
            self._step_back()
            self._refresh()

    def set_implants(self, implants: tuple[Implant, ...], filling: Float32Array) -> None:
        """Draw what a plan puts in; ``filling`` is how full a balloon is over the beat."""
        if self._picture is not None:
            self._picture.scene.set_implants(implants, filling)
            self._frame()
            self._refresh()

    def _step_back(self) -> None:
        if self._picture is not None and self._camera is not None:
            back = self._back.camera(self._picture, self._camera, self._preset, framed=self._framed)
            self.set_camera(back)

    def set_theme(self, name: str) -> None:
        """``"dark"`` or ``"light"``."""
        if self._picture is not None:
            self._picture.scene.set_theme(THEMES[name])
            self._refresh()

    def set_caption(self, caption: str) -> None:
        """Text in the upper left corner of the picture."""
        if self._picture is not None:
            self._picture.scene.set_caption(caption)
            self._refresh()

    def grab_png(self) -> bytes:
        """The picture as a PNG file, with smooth edges; empty where nothing can be drawn."""
        if self._picture is None:
            return b""
        self._draw_smooth()
        self._update_image()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(self._image)
        return bytes(buffer.data().data())

    def release(self) -> None:
        """Give the graphics memory back; the view stays as its last picture."""
        self._settle.stop()
        if self._picture is not None:
            self._image = self._image.copy()  # it points into the picture's buffer
            self._picture.close()
            self._picture = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is not None:
            self._update_image()
        painter = QPainter(self)
        painter.drawImage(0, 0, self._image)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._picture is None:
            return
        ratio = self.devicePixelRatioF()
        size = event.size()
        width, height = (max(round(side * ratio), 1) for side in (size.width(), size.height()))
        self._picture.resize(width, height)
        self._slow_frames = 0
        self._frame()
        self._refresh()

    def _frame(self) -> None:
        """Take in what is shown, where a named view is held; one turned by hand is left alone."""
        if self._picture is not None and self._framed and self._camera is not None:
            self.set_camera(self._picture.scene.preset(self._preset, self._picture.aspect).camera)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.resizeEvent(QResizeEvent(self.size(), self.size()))
        if event.type() == QEvent.Type.DeferredDelete:
            self.release()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        moved = event.position() - self._grip
        self._grip = event.position()
        if self._camera is None:
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        turn = TURN_PER_WIDTH / max(self.width(), 1)
        if event.buttons() & Qt.MouseButton.LeftButton and _with_ctrl(event):
            self.cut_turned.emit(moved.x() * turn, moved.y() * turn)
        elif event.buttons() & Qt.MouseButton.LeftButton and not shift:
            self._navigate(orbited(self._camera, moved.x() * turn, moved.y() * turn))
        elif event.buttons():
            height = max(self.height(), 1)
            self._navigate(panned(self._camera, moved.x() / height, -moved.y() / height))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        if self._picture is not None and self._camera is not None:
            self._navigate(self._picture.scene.preset(self._preset, self._picture.aspect).camera)
            self._framed = True

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120.0
        event.accept()
        if _with_ctrl(event):
            self.cut_moved.emit(steps * CUT_PER_STEP)
        elif self._camera is not None:
            self._navigate(zoomed(self._camera, ZOOM_PER_STEP**steps))

    def _navigate(self, camera: CameraState) -> None:
        self._framed = False
        self.set_camera(camera)
        self.camera_changed.emit(camera)

    def _lay_cut(self) -> None:
        """Lay the cut anew, as the heart and the camera are now."""
        self._cut_base = None
        if self._picture is not None and self._camera is not None and self._cut_name:
            self._cut_base = self._picture.scene.section(self._cut_name, self._camera)
        self._cut()

    def _cut(self) -> None:
        if self._picture is not None:
            base = self._cut_base
            self._picture.scene.set_clip(None if base is None else shifted(base, self._shift))
            self._refresh()

    def _refresh(self) -> None:
        self._stale = True
        if self._picture is not None:
            self._picture.set_antialiasing(self._quick)
        self._settle.start()
        self.update()

    @Slot()
    def _draw_smooth(self) -> None:
        if self._picture is not None:
            self._picture.set_antialiasing(True)
            self._stale = True
            self.update()

    def _update_image(self) -> None:
        if not self._stale or self._picture is None:
            return
        start = perf_counter()
        pixels = self._picture.render()
        elapsed = perf_counter() - start
        self._judge(elapsed, smooth=self._picture.antialiasing)
        height, width = pixels.shape
        self._image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(self.devicePixelRatioF())
        self._stale = False

    def _judge(self, elapsed: float, *, smooth: bool) -> None:
        """Decide from the time of one frame [s] whether the next may have smooth edges."""
        if not smooth:
            self._quick = elapsed < QUICK_FRAME and self._slow_frames < PATIENCE
        elif elapsed > SLOW_FRAME:
            self._slow_frames += 1
            self._quick = self._quick and self._slow_frames < PATIENCE

    def _open_picture(self) -> Picture | None:
        try:
            return Picture(self.width(), self.height(), DARK)
        except GraphicsError as error:
            label = QLabel(f"The 3D view cannot be shown.\n{error}", self)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, on=False)
            QVBoxLayout(self).addWidget(label)
            return None


def _with_ctrl(event: QMouseEvent | QWheelEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
