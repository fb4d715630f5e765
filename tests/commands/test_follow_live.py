"""``organtwin follow`` at one end of a real wire, a recording played at the other: two programs."""

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
RECORD = Path("haemodynamics/mimicdb-03700181/03700181.hea")
"""Ten minutes of ECG, arterial pressure and breathing at 122 beats a minute."""
SECONDS = 30.0
LEAST_BEATS = 40
"""Of the 60 in that time: the first take 2 s to be certain, and each end is found by waiting."""


def started(*arguments: str, out: Path) -> subprocess.Popen[bytes]:
    with out.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip


def until_said(word: str, out: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120.0
    while word not in out.read_text(errors="replace"):
        assert process.poll() is None, out.read_text(errors="replace")
        assert time.monotonic() < end, f"{word!r} was not said: {out.read_text(errors='replace')}"
        time.sleep(0.05)


def live(tmp_path: Path, record: Path, source: list[str], wire: list[str]) -> list[dict]:
    """The log of a follower that began to look for its source before that was there."""
    log, said = tmp_path / "log.jsonl", tmp_path / "follow.txt"
    follower = started(
        "-m", "organtwin", "follow", "default", *source, "--members", "20", "--every", "2",
        "--for", f"{SECONDS + 15.0}", "--log", str(log), out=said,
    )  # fmt: skip
    player = None
    try:
        until_said("source connecting", said, follower)
        player = started(
            "scripts/stream_recording.py", str(record), *wire, "--seconds", f"{SECONDS}",
            out=tmp_path / "player.txt",
        )  # fmt: skip
        assert player.wait(SECONDS + 30.0) == 0, (tmp_path / "player.txt").read_text()
        assert follower.wait(60.0) == 0, said.read_text()
    finally:
        for process in (follower, player):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
    return [json.loads(row) for row in log.read_text().splitlines()]


def assert_followed(entries: list[dict]) -> None:
    beats = [entry for entry in entries if entry["kind"] == "beat"]
    summary = entries[-1]
    assert summary["kind"] == "summary"
    assert summary["beats_used"] == len(beats) >= LEAST_BEATS
    assert summary["gaps"] == 0
    with_pressure = [beat for beat in beats if "mean_arterial_pressure" in beat["measured"]]
    assert len(with_pressure) >= LEAST_BEATS
    rates = [60.0 / beat["interval"] for beat in with_pressure]
    assert np.median(rates) == pytest.approx(123, abs=4)
    assert {entry["phase"] for entry in entries if entry["kind"] == "state"} >= {"live"}


@pytest.mark.slow
def test_a_recording_played_over_lsl_is_followed(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("pylsl")
    name = f"test-{uuid.uuid4()}"
    source = ["--lsl", "--name", f"{name}-1", "--name", f"{name}-2"]
    wire = ["lsl", "--name", name, "--wait", "10"]
    assert_followed(live(tmp_path, shared_data / RECORD, source, wire))


@pytest.mark.slow
def test_a_recording_played_over_mllp_is_followed(shared_data: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    wire = ["mllp", "--port", port, "--lead", "ABP"]
    assert_followed(live(tmp_path, shared_data / RECORD, ["--mllp", port], wire))
