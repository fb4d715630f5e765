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


def lsl_streams(names: tuple[str, ...] = ()) -> LiveSource:
    """Lab Streaming Layer streams by their names; without any, those that are of a patient."""

    def opening() -> "DataLink":
        from organtwin.link.lsl import PATIENT_KINDS, LslStream
        from organtwin.link.together import Together

        named = [LslStream(name=name) for name in names]
        return Together(named or [LslStream(kind=kind) for kind in PATIENT_KINDS])

    return LiveSource("LSL " + (", ".join(names) or "streams of a patient"), opening)


def lsl_streams_in_sight() -> tuple[str, ...]:
    """Names of the streams that this network announces now; takes a second."""
    from organtwin.link.lsl import in_sight

    return in_sight()


def fhir_server(base: str, patient: str, token: str = "") -> LiveSource:
    """Observations of one patient on a FHIR R4 server; a token is sent as a bearer's."""

    def opening() -> "DataLink":
        from organtwin.link.fhir_polling import FhirPolling, bearer
        from organtwin.patient.numbers.fhir import read_observation

        return FhirPolling(base, patient, read_observation, headers=bearer(token))

    return LiveSource(f"FHIR {base.rstrip('/')}", opening)


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
