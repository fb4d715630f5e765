import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from organtwin.session.session import Session
from organtwin.tasks.lanes import Lanes
from organtwin.ui import theme
from organtwin.ui.bridge import Bridge
from organtwin.ui.main_window import MainWindow
from tests.fake_science import Lab


class FakeHeart(QWidget):
    """Writes down what it is told."""

    PRESETS = ("AP", "LAO 45", "Four-chamber")
    CUTS = ("Four-chamber", "Across the view")
    camera_changed = Signal(object)
    cut_moved = Signal(float)
    cut_turned = Signal(float, float)
    point_set = Signal(object)
    outline_closed = Signal()
    segment_pointed = Signal(int)
    segment_chosen = Signal(int)
    angles = (45.0, -10.0)
    layers = (("walls", "Chamber walls"), ("blood", "Blood in the chambers"))

    def __init__(self):
        super().__init__()
        self.told = {}
        self.phases = []

    def show_motion(self, motion, ghost=None):
        self.told["motion"], self.told["ghost"] = motion, ghost

    def set_phase(self, phase):
        self.phases.append(phase)

    def set_field(self, name):
        self.told["field"] = name

    def set_preset(self, name):
        self.told["preset"] = name

    def set_angles(self, primary, secondary):
        self.told["angles"] = (primary, secondary)

    def set_cut(self, name, place):
        self.told["cut"], self.told["place"] = name, place

    def set_hidden(self, layers):
        self.told["hidden"] = layers

    def set_implants(self, implants, filling):
        self.implants = implants

    def set_segment(self, segment):
        self.told["segment"] = segment

    def set_tool(self, tool):
        self.told["tool"] = tool

    def set_markings(self, markings, pending):
        self.told["markings"], self.told["pending"] = markings, pending

    def set_theme(self, name):
        self.told["theme"] = name


@pytest.fixture(autouse=True)
def unsaved_answers(monkeypatch):
    """What the user answers, in turn, when asked about unsaved changes; then always Discard."""
    answers = []

    def question(*asked):
        return answers.pop(0) if answers else QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "question", question)
    return answers


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def session(qtbot, qapp, lab):
    bridge = Bridge()
    session = Session(lab.science(), Lanes(bridge.post))
    theme.apply(qapp, "dark")
    yield session
    lab.fit_gate.set()
    lab.predict_gate.set()
    lab.band_gate.set()
    lab.heart_gate.set()
    assert session.shutdown()


@pytest.fixture
def settled(qtbot, session):
    """Call it to wait until nothing is being computed."""

    def wait():
        qtbot.waitUntil(lambda: not session.jobs.statuses, timeout=5000)

    return wait


@pytest.fixture
def window(qtbot, session):
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def heart(window):
    heart = FakeHeart()
    window.stage.receive(heart)
    return heart


@pytest.fixture
def fitted(session, settled, window):
    """The window with a fitted twin."""
    session.open("one")
    settled()
    assert session.twin is not None
    return window
