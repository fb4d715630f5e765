"""The live source in the window: page, signals, trends, dialog."""

import numpy as np
import pytest

from organtwin.assimilation.causes import Cause
from organtwin.link.data_link import LinkPhase, LinkState
from organtwin.ui.panels.sync import SyncPage
from organtwin.ui.panels.top_bar import _live
from organtwin.ui.views import connect_dialog
from organtwin.ui.views.connect_dialog import ConnectDialog
from organtwin.ui.views.live_view import LiveView
from organtwin.ui.views.trends_view import TrendsView
from tests.live_steps import FakeLink, fall, followed, step, unexplained


@pytest.fixture
def twin(session, settled):
    session.open("one")
    settled()
    return session


def take(session, *steps):
    session.stream.name = "bed 4"
    for each in steps:
        session.stream._take(each)


def shown(qtbot, widget):
    qtbot.addWidget(widget)
    widget.resize(420, 320)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_the_page_says_what_was_used_and_why_the_rest_was_not(qtbot, twin):
    page = shown(qtbot, SyncPage(twin))
    assert "follows no live source" in page.texts()[0][1]
    take(twin, step(7, reasons={"ABP: flush": 3}, set_aside={"PLETH": "no pressure"}))
    rows = page.texts()
    assert ("Source", "bed 4") in rows
    assert ("Beats", "7 used, 3 not") in rows
    assert ("", "3 × ABP: flush") in rows
    assert ("Not read", "PLETH: no pressure") in rows
    assert ("Twin", "explains all that is measured") in rows


def test_what_is_not_explained_and_why_the_pressure_fell_are_told(qtbot, twin):
    page = shown(qtbot, SyncPage(twin))
    take(twin, step(9, followed=(followed(123.0),), unexplained=(unexplained(3.0),)))
    twin.stream.fallen, twin.stream.causes = fall(0.22), (Cause("volume", -0.2, 0.87, 0.3),)
    twin.stream_changed.emit()
    rows = dict(page.texts())
    assert rows["Twin"] == "does not explain MAP (-2.4 sd, 2 min)"
    assert rows["Fall"] == "mean pressure fell by 22%; likely volume 87%"


def test_gaps_and_refusals_are_told(qtbot, twin):
    page = shown(qtbot, SyncPage(twin))
    take(twin, step(1, n_gaps=2, gap_seconds=1.5, refused={"unit kPa of HR": 4}))
    rows = dict(page.texts())
    assert rows["Lost"] == "2 gaps of 1.5 s together, 0 repeated, 0 too late"
    assert rows["Refused"] == "4 × unit kPa of HR"


def test_the_top_bar_tells_rate_lag_and_what_is_off(twin):
    assert _live(twin) is None
    take(twin, step(5, followed=(followed(1.0, 0.8),)))
    assert _live(twin) == ("● live 75/min, lag 92 ms · 5 beats followed", "good")
    take(twin, step(5, unexplained=(unexplained(),)))
    assert _live(twin)[1] == "bad"
    lost = LinkState(LinkPhase.LOST, "the connection broke", 0.0)
    take(twin, step(6, state=lost))
    assert _live(twin) == ("○ bed 4: lost", "bad")


def test_live_signals_are_drawn_with_their_gaps(qtbot, twin):
    view = shown(qtbot, LiveView(twin))
    blank = view.grab().toImage()
    take(twin, *(step(k) for k in range(60)))
    twin.stream.tails["II"].push(9.0, np.ones(10))
    assert view.grab().toImage() != blank


def test_trends_need_two_beats_and_then_show_band_and_line(qtbot, twin):
    view = shown(qtbot, TrendsView(twin))
    assert view.charts[0]._axes is None
    take(twin, step(1, followed=tuple(followed(0.8 * k) for k in range(5))))
    pressure = view.charts[0]
    assert {curve.label for curve in pressure._curves} == {"SBP", "MAP", "DBP", "CVP"}
    mean = next(c for c in pressure._curves if c.label == "MAP")
    assert mean.y.tolist() == pytest.approx([90.0] * 5)
    strip = pressure._strips[1]
    assert strip.low[0] == pytest.approx(89.1, abs=0.2)
    assert strip.high[0] == pytest.approx(90.9, abs=0.2)


def test_the_dialog_asks_for_what_each_source_needs(qtbot, twin):
    dialog = shown(qtbot, ConnectDialog(twin, None))
    assert not dialog.connect_button.isEnabled()
    dialog.file.setText("/data/record.hea")
    dialog.speed.select(4.0)
    assert dialog.source.name == "Replay of record.hea at 4×"
    dialog.kind.setCurrentIndex(1)
    assert dialog.source.name == "LSL streams of a patient"
    dialog.streams.setCurrentText("monitor, pump")
    assert dialog.source.name == "LSL monitor, pump"
    dialog.kind.setCurrentIndex(2)
    assert dialog.source.name == "HL7 v2 on 127.0.0.1:2575"
    dialog.kind.setCurrentIndex(3)
    dialog.server.setText("https://host/fhir/")
    assert not dialog.connect_button.isEnabled()
    dialog.patient.setText("p1")
    assert dialog.source.name == "FHIR https://host/fhir"
    dialog.kind.setCurrentIndex(4)
    dialog.folder.setText("/data/incoming")
    assert dialog.source.name == "Folder incoming"


def test_the_dialog_offers_the_streams_in_sight(qtbot, twin, settled, monkeypatch):
    monkeypatch.setattr(connect_dialog, "lsl_streams_in_sight", lambda: ("bed 4", "pump"))
    dialog = shown(qtbot, ConnectDialog(twin, None))
    dialog.kind.setCurrentIndex(1)
    dialog.streams.setCurrentText("typed")
    settled()
    offered = [dialog.streams.itemText(n) for n in range(dialog.streams.count())]
    assert offered[1:] == ["bed 4", "pump"]
    assert dialog.streams.currentText() == "typed"
    assert dialog.look.isEnabled()


def test_connecting_from_the_dialog_hands_the_source_to_the_session(qtbot, twin, monkeypatch):
    told = []
    monkeypatch.setattr(twin.stream, "connect", lambda opening, name: told.append(name))
    dialog = shown(qtbot, ConnectDialog(twin, None))
    dialog.file.setText("/data/record.hea")
    dialog.accept()
    assert told == ["Replay of record.hea"]


def test_the_buttons_follow_the_source(qtbot, twin):
    page = shown(qtbot, SyncPage(twin))
    assert page.connect_button.isEnabled()
    assert not page.disconnect_button.isEnabled()
    twin.stream.connect(FakeLink, "bed 4")
    assert page.disconnect_button.isEnabled()
    page.disconnect_button.click()
    assert not twin.stream.going_on


def test_the_trends_show_as_much_as_the_user_asks_for(qtbot, twin):
    view = shown(qtbot, TrendsView(twin))
    take(twin, step(1, followed=tuple(followed(60.0 * k) for k in range(20))))
    assert len(view.charts[0]._curves[0].x) == 6  # the last five minutes
    twin.selection.span_s = 0.0
    assert len(view.charts[0]._curves[0].x) == 20
