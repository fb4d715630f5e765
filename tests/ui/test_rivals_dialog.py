from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from organtwin.scene.camera import CameraState
from organtwin.ui.views.rivals_dialog import RivalsDialog
from tests.synthetic_heart import SolidMotion, filled_anatomy


@dataclass(frozen=True)
class Rival:
    """Excites the whole heart at one time [s]."""

    at: float


class Beating(SolidMotion):
    electrics = None

    def surface_field(self, name, phase, out):
        out[:] = np.float32(self.electrics.at)


@pytest.fixture
def dialog(qtbot, session):
    shown = SimpleNamespace(motion=Beating(filled_anatomy()))
    session.electrics.fitted = SimpleNamespace(rivals=(Rival(0.05), Rival(0.3)))
    parent = QWidget()
    qtbot.addWidget(parent)
    made = RivalsDialog(session, shown, parent)
    made.show()
    yield made
    session.electrics.fitted = None
    made.close()


def test_every_rival_is_a_heart_of_its_own_colour(dialog):
    pictures = [view.grab().toImage() for view in dialog.views]
    middle = pictures[0].rect().center()
    assert len(pictures) == 2
    assert pictures[0].pixelColor(middle) != pictures[1].pixelColor(middle)


def test_turning_one_heart_turns_all(dialog):
    first, second = dialog.views
    camera = CameraState((0.4, -0.2, 0.1), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    first.camera_changed.emit(camera)
    assert second.camera == camera
