"""Which live source the user wants, as a value; ``opening`` makes the link, in its own thread."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from organtwin.errors import InputError

if TYPE_CHECKING:
    from organtwin.link.data_link import DataLink

Opening = Callable[[], "DataLink"]
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Of a replay."""
MLLP_PORT, LOOPBACK = 2575, "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LiveSource:
    """``name`` is what the user reads; ``opening`` may take a while and may refuse."""

    name: str
    opening: Opening


def replayed(file: Path, speed: float = 1.0) -> LiveSource:
    """A recording played as if it came in now."""

    def opening() -> "DataLink":
        from organtwin.link.replay import Replay
        from organtwin.patient.readers import read_recording

        return Replay(read_recording(file), speed=speed)

    at = "" if speed == 1.0 else f" at {speed:g}×"
    return LiveSource(f"Replay of {file.name}{at}", opening)


def lsl_stream(name: str) -> LiveSource:
    """A Lab Streaming Layer stream by its name."""

    def opening() -> "DataLink":
        from organtwin.link.lsl import LslStream

        return LslStream(name=name)

    return LiveSource(f"LSL stream {name}", opening)


def mllp_listener(
    port: int = MLLP_PORT, address: str = LOOPBACK, peers: tuple[str, ...] = ()
) -> LiveSource:
    """HL7 v2 results over MLLP; beyond this computer only for peers that are named."""

    def opening() -> "DataLink":
        from organtwin.link.mllp import MllpListener

        return MllpListener(address, port, peers=peers)

    return LiveSource(f"HL7 v2 on {address}:{port}", opening)


def watched_folder(folder: Path) -> LiveSource:
    """Recordings that are written into a folder."""

    def opening() -> "DataLink":
        from organtwin.link.watch import WatchedFolder

        if not folder.is_dir():
            raise InputError(
                str(folder), "folder", expected="a folder", got="none there",
                remedy="Choose the folder into which recordings are written.",
            )  # fmt: skip
        return WatchedFolder(folder)

    return LiveSource(f"Folder {folder.name}", opening)
