"""A clock that a test turns by hand, recordings to play, and chunks."""

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from organtwin.patient.recording import Recording
from organtwin.patient.samples import Samples
from organtwin.patient.waveform import Waveform

SCRIPT = Path(__file__).parents[2] / "scripts" / "stream_recording.py"


class Hand:
    """A monotonic clock that stands until it is turned."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


def recording(
    seconds: float = 4.0, rates: dict[str, float] | None = None, start: float = 0.0
) -> Recording:
    """A ramp on each channel: sample ``k`` of channel ``c`` is ``1000 c + k``."""
    waves = {}
    for number, (name, rate) in enumerate((rates or {"II": 500.0, "ABP": 125.0}).items()):
        count = round(seconds * rate)
        values = 1000.0 * number + np.arange(count, dtype=np.float64)
        waves[name] = Waveform(name, start + np.arange(count) / rate, values, "mV", "ramp")
    return Recording("ramp", waves)


def chunk(
    number: int, *, arrival: float = 0.0, count: int = 5, rate: float = 125.0, epoch: int = 0,
    channels: tuple[str, ...] = ("ABP",), source: str = "monitor",
) -> Samples:  # fmt: skip
    """Chunk ``number`` of a stream whose sample ``k`` has the value ``k``."""
    first = number * count
    values = np.tile(np.arange(first, first + count, dtype=np.float64), (len(channels), 1))
    return Samples(source, channels, values, first / rate, rate, arrival, number, epoch)


def until(met: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What ``met`` returns once it is true; real sockets need a moment."""
    end = time.monotonic() + seconds
    while not (found := met()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)
    return found


def streaming_script() -> ModuleType:
    """``scripts/stream_recording.py`` as a module."""
    if "stream_recording" not in sys.modules:
        spec = importlib.util.spec_from_file_location("stream_recording", SCRIPT)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        before = list(sys.path)
        spec.loader.exec_module(module)
        sys.path[:] = before
        sys.modules["stream_recording"] = module
    return sys.modules["stream_recording"]
