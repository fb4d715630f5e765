"""The script that plays a recording, against both ends of the real wires."""

import threading
import uuid
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from organtwin.link.lsl import LslStream
from organtwin.link.mllp import MllpListener
from organtwin.patient.readers import read_recording
from organtwin.patient.samples import Samples
from tests.link.played import streaming_script, until
from tests.patient.written_recordings import ecg_steps, write_wfdb

SECONDS = 2.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    signal = ecg_steps(np.arange(0.5, SECONDS, 1.0), seconds=SECONDS)
    return write_wfdb(tmp_path, "two", {"I": signal, "II": 0.5 * signal})


def played(*arguments: str) -> threading.Thread:
    thread = threading.Thread(target=streaming_script().main, args=(arguments,), daemon=True)
    thread.start()
    return thread


def test_a_recording_is_sent_over_mllp(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listener, found = MllpListener(port=0), list[Samples]()
    thread = played(str(file), "mllp", "--port", str(listener.address[1]), "--speed", "16")

    def all_of_it() -> bool:
        found.extend(one for one in listener.poll() if isinstance(one, Samples))
        return sum(one.count for one in found) >= 2 * SECONDS * 500

    until(all_of_it)
    while thread.is_alive():
        listener.poll()
        thread.join(0.001)
    assert {one.channels for one in found} == {("I",), ("II",)}
    assert capsys.readouterr().out.splitlines() == ["message 1: AA", "message 2: AA"]
    listener.close()


def test_a_recording_is_sent_over_lsl(file: Path) -> None:
    pytest.importorskip("pylsl")
    name = f"test-{uuid.uuid4()}"
    link, found = LslStream(name=f"{name}-1"), list[Samples]()
    thread = played(str(file), "lsl", "--name", name, "--wait", "10")

    def all_of_it() -> bool:
        found.extend(one for one in link.poll() if isinstance(one, Samples))
        return sum(one.count for one in found) >= SECONDS * 500

    until(all_of_it)
    values = np.concatenate([one.values for one in found], axis=1)
    source = read_recording(file).waveforms
    # Sent in single precision.
    assert values[0] == pytest.approx(source["I"].values, rel=1e-6, abs=1e-9)
    assert values[1] == pytest.approx(source["II"].values, rel=1e-6, abs=1e-9)
    for before, after in pairwise(found):
        assert after.start == pytest.approx(before.end, abs=0.5 / before.rate)
    link.close()
    thread.join()


def test_what_is_not_answered_is_told_and_sending_goes_on(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listener = MllpListener(port=0)
    port = listener.address[1]
    listener.close()
    played(str(file), "mllp", "--port", str(port), "--speed", "16").join(10.0)
    assert "message 2 was not taken" in capsys.readouterr().out
