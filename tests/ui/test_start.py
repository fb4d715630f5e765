"""From nothing to a beating heart: the order of things, and the real program once."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, perf_counter, sleep
from types import SimpleNamespace

import pytest

from organtwin import app
from tests.ui.conftest import FakeHeart

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(qtbot, window, monkeypatch):
    module = SimpleNamespace(MarkedHeartView=lambda parent: FakeHeart())
    monkeypatch.setattr(app, "_heart_view_module", lambda: module)
    monkeypatch.setattr(app, "_ready_tools", lambda: None)
    return lambda case=None, begin=None: app.Start(window, case, begin)


def test_the_default_case_opens_and_its_heart_beats(start, window, session, settled):
    start().go()
    settled()
    assert session.record.title == "Case one"
    assert window.stage.display is not None
    assert session.playhead.playing


def test_a_named_case_opens_instead(start, session, settled):
    start("two").go()
    settled()
    assert session.record.title == "Case two"


def test_milestones_are_told_once_and_in_order(start, session, settled, capsys):
    start(begin=perf_counter()).go()
    settled()
    session.open("two")
    settled()
    told = [line.split(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert told == ["window visible", "first heart", "fitted"]


def test_nothing_is_told_unasked(start, settled, capsys):
    start().go()
    settled()
    assert capsys.readouterr().out == ""


def test_playback_stopped_by_the_user_stays_stopped(start, session, settled):
    start().go()
    settled()
    session.playhead.playing = False
    session.open("two")
    settled()
    assert not session.playhead.playing


def test_without_a_3d_view_the_rest_goes_on(start, window, session, settled, monkeypatch, caplog):
    def broken():
        raise ImportError("no OpenGL here")

    monkeypatch.setattr(app, "_heart_view_module", broken)
    start().go()
    settled()
    assert "no OpenGL here" in session.notice.text
    assert session.twin is not None


@pytest.mark.slow
def test_the_real_window_starts_fits_and_leaves_on_ctrl_c(tmp_path):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    code = "from organtwin.app import run_window; exit(run_window(None, profile_start=True))"
    with (tmp_path / "out").open("w+") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=out, stderr=subprocess.STDOUT, cwd=ROOT,
            env=environment,
        )  # fmt: skip
        try:
            deadline = monotonic() + 180
            while "fitted" not in (tmp_path / "out").read_text() and monotonic() < deadline:
                assert process.poll() is None, (tmp_path / "out").read_text()
                sleep(0.2)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()
    text = (tmp_path / "out").read_text()
    assert [line.split(":")[0] for line in text.splitlines() if line.endswith("ms")] == [
        "window visible",
        "first heart",
        "fitted",
    ]
    assert "Traceback" not in text
