"""Rival explanations of one ECG: hearts side by side whose activation differs most."""

from copy import copy
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.scene.camera import CameraState
from organtwin.session.session import Session
from organtwin.ui.views.heart_view import HeartView

if TYPE_CHECKING:
    from organtwin.session.answers import Heartbeat

FIELD = "activation"


class RivalsDialog(QDialog):
    """Turning one heart turns all. Shows what was fitted when it was opened."""

    def __init__(self, session: Session, shown: "Heartbeat", parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Rival explanations of the ECG")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1100, 460)
        rivals = session.electrics.fitted.rivals if session.electrics.fitted else ()
        self.views = [HeartView(self) for _ in rivals]
        row = QHBoxLayout()
        row.setSpacing(2)
        for number, (view, rival) in enumerate(zip(self.views, rivals, strict=True)):
            motion = copy(shown.motion)
            motion.electrics = rival
            view.show_motion(motion)
            view.set_theme(session.selection.theme)
            view.set_field(FIELD)
            view.set_caption("best" if number == 0 else f"rival {number}")
            view.camera_changed.connect(self._turn_all)
            row.addWidget(view)
        note = QLabel(
            "Each explains the recorded QRS and T about as well as the others. "
            "Where they differ, the ECG does not tell.",
            self,
        )
        note.setObjectName("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addLayout(row, 1)
        layout.addWidget(note)

    @Slot(object)
    def _turn_all(self, camera: CameraState) -> None:
        for view in self.views:
            if view is not self.sender():
                view.set_camera(camera)

    def done(self, result: int) -> None:
        self._release()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._release()
        super().closeEvent(event)

    def _release(self) -> None:
        for view in self.views:
            view.release()
