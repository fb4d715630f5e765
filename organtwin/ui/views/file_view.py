"""The files of a heart as they are, with the places of what was found in them.

Turned, shifted and approached by the mouse as the heart is. Marks are painted over the finished
picture, so that those inside or behind show too.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from organtwin.arrays import FloatArray
from organtwin.scene.camera import CameraState
from organtwin.scene.file_scene import FileScene, Outline
from organtwin.scene.navigation import TURN_PER_WIDTH, ZOOM_PER_STEP, orbited, panned, zoomed
from organtwin.scene.picture import Canvas, GraphicsError, pixel_places
from organtwin.scene.theme import THEMES

_HALO, _QUIET, _CHOSEN = QColor(16, 18, 22, 210), QColor(255, 232, 120), QColor(255, 96, 72)
_DOT, _RING = 3.5, 11.0


class FileView(QWidget):
    """Shows outlines and marks; ``look_at`` turns to a place."""

    def __init__(self, theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(240, 200)
        self.setAccessibleName("The files in 3D")
        self._marks = self._chosen = np.empty((0, 3))
        self._camera: CameraState | None = None
        self._grip = QPointF()
        self._canvas: Canvas | None = None
        try:
            self._canvas = Canvas(self.width(), self.height())
            self._scene = FileScene(self._canvas.renderer, THEMES[theme])
            self._canvas.set_antialiasing(True)
        except GraphicsError:
            self.hide()

    @property
    def camera(self) -> CameraState | None:
        """Where the files are seen from; None before the first outline."""
        return self._camera

    def show_outlines(self, outlines: Sequence[Outline]) -> None:
        """Draw these; the camera stays once it was set."""
        if self._canvas is None:
            return
        self._scene.show(outlines)
        if outlines and self._camera is None:
            self._look(self._scene.from_front(self._canvas.aspect))
        self.update()

    def set_marks(self, marks: FloatArray, chosen: FloatArray) -> None:
        """Mark places ``(k, 3)`` [m], and more loudly the chosen ones ``(m, 3)``."""
        self._marks, self._chosen = marks, chosen
        self.update()

    def look_at(self, places: FloatArray) -> None:
        """Turn the files so that ``places`` ``(k, 3)`` [m] lie in front."""
        if self._canvas is not None and self._camera is not None:
            self._look(self._scene.towards(places, self._camera))

    def seen(self, places: FloatArray) -> FloatArray:
        """Where places ``(n, 3)`` [m] are in the widget ``(n, 2)`` [pixels]."""
        if self._canvas is None or self._camera is None or not len(places):
            return np.empty((0, 2))
        shares = pixel_places(self._camera, self._canvas.aspect, places)
        return np.asarray(shares * [self.width(), self.height()])

    def release(self) -> None:
        """Give the graphics memory back."""
        if self._canvas is not None:
            self._canvas.close()
            self._canvas = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._canvas is not None:
            pixels = self._canvas.render()
            height, width = pixels.shape
            image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(0, 0, image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for places, color in ((self._marks, _QUIET), (self._chosen, _CHOSEN)):
            painter.setBrush(color)
            painter.setPen(QPen(_HALO, 1.5))
            for x, y in self.seen(places).tolist():
                painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in self.seen(self._chosen).tolist():
            for color, width in ((_HALO, 4.0), (_CHOSEN, 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(QPointF(x, y), _RING, _RING)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._canvas is not None:
            ratio = self.devicePixelRatioF()
            size = event.size()
            self._canvas.resize(
                max(round(size.width() * ratio), 1), max(round(size.height() * ratio), 1)
            )
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        moved = event.position() - self._grip
        self._grip = event.position()
        if self._camera is None:
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.buttons() & Qt.MouseButton.LeftButton and not shift:
            turn = TURN_PER_WIDTH / max(self.width(), 1)
            self._look(orbited(self._camera, moved.x() * turn, moved.y() * turn))
        elif event.buttons():
            height = max(self.height(), 1)
            self._look(panned(self._camera, moved.x() / height, -moved.y() / height))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self._camera is not None:
            self._look(zoomed(self._camera, ZOOM_PER_STEP ** (event.angleDelta().y() / 120.0)))

    def _look(self, camera: CameraState) -> None:
        self._camera = camera
        if self._canvas is not None:
            self._scene.look(camera)
        self.update()
