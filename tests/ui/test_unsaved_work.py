"""What a crash left is offered above the heart, and a kill loses at most the last edit."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from organtwin.store.autosave import unsaved_work
from organtwin.store.unsaved import KeptPlan
from tests.session.test_autosaving import APEX, FLUID, crashed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def offered(window, session, lab, settled, tmp_path):
    lab.unsaved = tmp_path / "unsaved"
    found = crashed(lab.unsaved, plan=KeptPlan("A", therapies=(FLUID.at(300.0),)), markings=(APEX,))
    session.autosaving.look()
    settled()
    return found


def test_without_a_crash_nothing_is_offered(window):
    assert not window.unsaved.isVisible()


def test_restored_work_is_shown_as_unsaved(qtbot, window, session, settled, offered):
    assert window.unsaved.isVisible()
    assert "Work on two" in window.unsaved.text.text()
    assert "1 therapy, 1 marking" in window.unsaved.text.text()
    qtbot.mouseClick(window.unsaved.restore, Qt.MouseButton.LeftButton)
    settled()
    assert session.markings == (APEX,)
    assert window.isWindowModified()
    assert not window.unsaved.isVisible()


def test_discarded_work_is_gone(qtbot, window, session, offered):
    qtbot.mouseClick(window.unsaved.discard, Qt.MouseButton.LeftButton)
    assert not window.unsaved.isVisible()
    assert not offered.path.exists()
    assert session.markings == ()


def test_damaged_work_can_only_be_discarded(window, session, lab, settled, tmp_path):
    lab.unsaved = tmp_path
    (tmp_path / "x.unsaved.json").write_text("{", encoding="utf-8")
    session.autosaving.look()
    settled()
    assert "cannot be read" in window.unsaved.text.text()
    assert not window.unsaved.restore.isVisible()


@pytest.mark.slow
@pytest.mark.parametrize("edits", [3, 11, 24])
def test_a_kill_at_any_moment_loses_at_most_one_edit(tmp_path, edits):
    program = [sys.executable, str(ROOT / "tests" / "ui" / "edit_until_killed.py"), str(tmp_path)]
    there = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(program, stdout=subprocess.PIPE, env=there, text=True) as running:
        last = -1
        while last < edits:
            last = int(running.stdout.readline())
        running.send_signal(signal.SIGKILL)
        rest = running.stdout.read().split()
    last = int(rest[-1]) if rest else last
    (found,) = unsaved_work(tmp_path)
    number = int(found.work.markings[0].name.removeprefix("edit "))
    assert last - 1 <= number <= last + 1
