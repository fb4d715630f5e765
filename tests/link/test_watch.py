"""A watched folder: complete files only, once each, errors told, nothing written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from organtwin.link.data_link import LinkPhase
from organtwin.link.watch import PERIOD, WatchedFolder
from organtwin.patient.samples import Samples
from tests.link.played import Hand
from tests.patient.written_edf import write_edf
from tests.patient.written_recordings import ecg_steps, write_wfdb

BEATS = np.arange(0.5, 4.0, 1.0)
SIGNAL = ecg_steps(BEATS, seconds=4.0)


def at_once(work: Callable[[], None]) -> None:
    work()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    watched = tmp_path / "watched"
    watched.mkdir()
    return watched


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """An EDF file elsewhere, to be put into the folder."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    return write_edf(elsewhere, {"ECG II": SIGNAL}, {"ECG II": 500})


def watching(folder: Path, hand: Hand, **how: bool) -> WatchedFolder:
    link = WatchedFolder(folder, start=at_once, clock=hand, **how)
    link.poll()
    return link


def looked(link: WatchedFolder, hand: Hand, times: int = 3) -> list[Samples]:
    found: list[Samples] = []
    for _ in range(times):
        hand.turn(PERIOD)
        found += [one for one in link.poll() if isinstance(one, Samples)]
    return found


def test_a_new_recording_comes_once_with_all_it_holds(folder: Path, made: Path, hand: Hand) -> None:
    link = watching(folder, hand)
    shutil.copy(made, folder / "a.edf")
    (chunk,) = looked(link, hand)
    assert (chunk.channels, chunk.rate, chunk.start) == (("II",), 500.0, 0.0)
    assert chunk.values[0] == pytest.approx(1e-6 * SIGNAL, abs=1e-12)
    (recording,) = link.recordings()
    assert recording.source.endswith("a.edf")
    assert "date" in recording.facts
    assert (looked(link, hand), link.recordings()) == ([], ())
    assert link.state.phase is LinkPhase.LIVE


def test_a_growing_file_waits_until_it_rests(folder: Path, made: Path, hand: Hand) -> None:
    link, content = watching(folder, hand), made.read_bytes()
    for end in range(500, len(content), 500):
        (folder / "a.edf").write_bytes(content[:end])
        assert looked(link, hand, times=1) == []
    (folder / "a.edf").write_bytes(content)
    assert looked(link, hand, times=1) == []
    assert len(looked(link, hand, times=1)) == 1
    assert link.refused == {}


def test_what_lay_there_before_is_left_alone_unless_it_is_asked_for_or_changes(
    folder: Path, made: Path, hand: Hand
) -> None:
    shutil.copy(made, folder / "old.edf")
    link = watching(folder, hand)
    assert looked(link, hand) == []
    assert len(looked(watching(folder, hand, existing=True), hand)) == 1
    os.utime(folder / "old.edf", ns=(5, 5))
    assert len(looked(link, hand)) == 1


def test_each_file_is_an_epoch_of_its_own(folder: Path, made: Path, hand: Hand) -> None:
    link = watching(folder, hand)
    for name in ("a.edf", "b.edf"):
        shutil.copy(made, folder / name)
    found = looked(link, hand)
    assert [(chunk.epoch, chunk.sequence) for chunk in found] == [(0, 0), (1, 1)]


def test_files_that_belong_together_are_one_recording_and_rest_together(
    folder: Path, hand: Hand
) -> None:
    link = watching(folder, hand)
    write_wfdb(folder, "two", {"I": SIGNAL, "II": SIGNAL})
    signals = (folder / "two.dat").read_bytes()
    for end in (100, 200, 300):
        (folder / "two.dat").write_bytes(signals[:end])
        assert looked(link, hand, times=1) == []
    (folder / "two.dat").write_bytes(signals)
    (chunk,) = looked(link, hand)
    assert chunk.channels == ("I", "II")
    assert link.refused == {}


@pytest.mark.parametrize(
    "name", [".a.edf", "~a.edf", "a.edf~", "a.edf.part", "a.edf.tmp", "A.CRDOWNLOAD", ".~lock.x#"]
)
def test_hidden_and_unfinished_names_are_ignored(
    folder: Path, made: Path, hand: Hand, name: str
) -> None:
    link = watching(folder, hand)
    shutil.copy(made, folder / name)
    (folder / "deeper").mkdir()
    assert looked(link, hand) == []
    assert link.refused == {}
    (folder / name).rename(folder / "done.edf")
    assert len(looked(link, hand)) == 1


def test_an_unreadable_file_is_reported_once_and_again_when_it_changes(
    folder: Path, made: Path, hand: Hand
) -> None:
    link = watching(folder, hand)
    (folder / "a.edf").write_bytes(made.read_bytes()[:-2])
    (folder / "notes.docx").write_text("hello")
    assert looked(link, hand) == []
    told = sorted(link.refused)
    assert len(told) == 2
    assert "truncated" in told[0]
    assert "extension" in told[1]
    assert set(link.refused.values()) == {1}
    (folder / "a.edf").write_bytes(made.read_bytes())
    assert len(looked(link, hand)) == 1


def test_a_folder_that_goes_away_is_a_state_and_is_watched_again(
    folder: Path, made: Path, hand: Hand
) -> None:
    link = watching(folder, hand)
    folder.rename(folder.with_name("away"))
    hand.turn(PERIOD)
    assert link.poll() == ()
    assert link.state.phase is LinkPhase.LOST
    assert "cannot look into" in link.state.sentence
    folder.with_name("away").rename(folder)
    shutil.copy(made, folder / "a.edf")
    assert len(looked(link, hand, times=4)) == 1
    assert link.state.phase is LinkPhase.LIVE


def test_nothing_is_written_to_the_folder(folder: Path, made: Path, hand: Hand) -> None:
    shutil.copy(made, folder / "a.edf")
    before = [(path.name, path.stat().st_mtime_ns) for path in folder.iterdir()]
    folder.chmod(0o555)
    try:
        link = watching(folder, hand, existing=True)
        assert len(looked(link, hand)) == 1
        link.close()
        link.close()
        assert link.poll() == ()
    finally:
        folder.chmod(0o755)
    assert [(path.name, path.stat().st_mtime_ns) for path in folder.iterdir()] == before
