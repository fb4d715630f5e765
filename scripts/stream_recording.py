"""Play a recording as a live source: as an LSL outlet, or as HL7 v2 messages over MLLP.

Usage: stream_recording.py RECORDING lsl [--name NAME] [--wait 10] [--speed 1]
       stream_recording.py RECORDING mllp [--host 127.0.0.1] [--port 2575] [--speed 1]

For demonstrations and tests of the links. Time stamps say when it is played, not when it was
recorded. ``--lead II --lead ABP`` plays these channels alone, ``--seconds`` stops early.
"""

import argparse
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.link.mllp_frames import Frames, framed
from organtwin.link.replay import CHUNK, Replay, whole_tracks
from organtwin.patient.channels import OTHER_SIGNALS, PRESSURES
from organtwin.patient.readers import read_recording
from organtwin.patient.readers.hl7_message import message_of
from organtwin.patient.readers.monitor_codes import mdc_identifier
from organtwin.patient.recording import Recording
from organtwin.patient.samples import Samples
from organtwin.units import from_si

MLLP_EVERY = 1.0
"""[s] Source time of one message; monitors send waveforms every 1 to 6 s."""
_MDC_UNITS = {
    "mV": "266418^MDC_DIM_MILLI_VOLT^MDC", "mmHg": "266016^MDC_DIM_MMHG^MDC",
    "1": "262656^MDC_DIM_DIMLESS^MDC",
}  # fmt: skip


def sent_unit(channel: str) -> str:
    """Unit in which a channel is sent, as a monitor would."""
    if channel in OTHER_SIGNALS:
        return "1"
    return "mmHg" if channel in PRESSURES else "mV"


def in_unit(values: FloatArray, channel: str) -> FloatArray:
    unit = sent_unit(channel)
    return values if unit == "1" else values * from_si(1.0, unit)


def stamp(seconds: float) -> str:
    """HL7 time of ``seconds`` since 1970, in UTC, to the tenth of a millisecond."""
    whole, parts = divmod(round(seconds * 1e4), 10_000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y%m%d%H%M%S}.{parts:04d}+0000"


def waveform_message(chunks: Sequence[Samples], control: str, began: float) -> bytes:
    """One ORU^R01 with all waveforms of ``chunks``; ``began`` [s since 1970] is source time 0."""
    lines = [
        f"MSH|^~\\&|REPLAY|BED|||{stamp(began + chunks[0].start)}||ORU^R01^ORU_R01|{control}|P|2.6"
        "||||||UNICODE UTF-8",
        "PID|||REPLAYED^^^LOCAL",
        f"OBR|1|||69121^MDC_OBS_WAVE_CTS^MDC|||{stamp(began + chunks[0].start)}"
        f"|{stamp(began + max(chunk.end for chunk in chunks))}",
    ]
    number = 0
    for chunk in chunks:
        for channel, values in zip(chunk.channels, chunk.values, strict=True):
            number += 1
            identifier, unit = mdc_identifier(channel), _MDC_UNITS[sent_unit(channel)]
            samples = "^".join(
                "" if np.isnan(value) else f"{value:.6g}" for value in in_unit(values, channel)
            )
            lines += [
                f"OBX|{2 * number - 1}|NA|{identifier}|1.1.1.{number}|{samples}|{unit}|||||R"
                f"|||{stamp(began + chunk.start)}",
                f"OBX|{2 * number}|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.1.1.{number}.1|{chunk.rate:.9g}"
                "|264608^MDC_DIM_PER_SEC^MDC|||||R",
            ]
    return ("\r".join(lines) + "\r").encode()


def joined(chunks: Iterable[Samples]) -> list[Samples]:
    """Consecutive chunks of the same channels as one."""
    groups: dict[tuple[tuple[str, ...], float], list[Samples]] = {}
    for chunk in chunks:
        groups.setdefault((chunk.channels, chunk.rate), []).append(chunk)
    return [
        Samples(
            parts[0].source, channels, np.concatenate([part.values for part in parts], axis=1),
            parts[0].start, rate, parts[-1].arrival, parts[0].sequence,
        )
        for (channels, rate), parts in groups.items()
    ]  # fmt: skip


class Sender:
    """Sends HL7 messages over MLLP and reads what is answered."""

    def __init__(self, host: str, port: int, *, timeout: float = 5.0) -> None:
        self._link = socket.create_connection((host, port), timeout=timeout)
        self._frames = Frames()

    def send(self, message: bytes) -> None:
        self._link.sendall(framed(message))

    def send_raw(self, data: bytes) -> None:
        self._link.sendall(data)

    def answers(self) -> Iterator[tuple[str, str, str]]:
        """Code, control id and reason of each answer that has come; waits for the first."""
        data = self._link.recv(65_536)
        if not data:
            raise ConnectionError("the listener hung up")
        for frame in self._frames.feed(data):
            answer = message_of(frame.content, "listener")
            status, error = answer.first("MSA"), answer.first("ERR")
            assert status is not None
            yield status.text(1), status.text(2), "" if error is None else error.text(8)

    def close(self) -> None:
        self._link.close()

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def play_over_mllp(replay: Replay, chosen: argparse.Namespace) -> None:
    """Send one message for each second; a listener that goes away is looked for again."""
    began, number, waiting = time.time() - replay.begin, 0, list[Samples]()
    sender: Sender | None = None
    while not (ended := replay.state.phase.value == "ended") or waiting:
        waiting += [chunk for chunk in replay.poll() if isinstance(chunk, Samples)]
        span = max((chunk.end for chunk in waiting), default=0.0) - (
            waiting[0].start if waiting else 0.0
        )
        if not waiting or (span < MLLP_EVERY - 1e-9 and not ended):
            time.sleep(CHUNK / 4)
            continue
        number += 1
        message, waiting = waveform_message(joined(waiting), str(number), began), []
        try:
            sender = sender or Sender(chosen.host, chosen.port)
            sender.send(message)
            for code, control, why in sender.answers():
                print(f"message {control}: {code} {why}".rstrip())
        except OSError as error:
            print(f"message {number} was not taken: {error}")
            if sender is not None:
                sender.close()
            sender = None
        if replay.position - replay.begin > chosen.seconds:
            break
    if sender is not None:
        sender.close()


def lsl_outlets(recording: Recording, name: str) -> dict[tuple[str, ...], Any]:
    """One outlet for each group of channels that share a rate."""
    import pylsl

    outlets: dict[tuple[str, ...], Any] = {}
    for channels, _, _, rate in whole_tracks(recording):
        kind = "ECG" if not set(channels) & {*PRESSURES, *OTHER_SIGNALS} else "vitals"
        called = f"{name}-{len(outlets) + 1}"
        info = pylsl.StreamInfo(
            called, kind, len(channels), rate, "float32",
            f"{called}-{Path(recording.source).stem}",
        )  # fmt: skip
        info.set_channel_labels(list(channels))
        info.set_channel_units([sent_unit(channel) for channel in channels])
        outlets[channels] = pylsl.StreamOutlet(info)
        print(f"stream {called} at {rate:g} Hz: {', '.join(channels)}")
    return outlets


def play_over_lsl(recording: Recording, chosen: argparse.Namespace) -> None:
    """Push each chunk with the time at which its last sample is played."""
    import pylsl

    outlets = lsl_outlets(recording, chosen.name)
    for outlet in outlets.values():
        if chosen.wait:
            outlet.wait_for_consumers(chosen.wait)
    replay = Replay(recording, speed=chosen.speed)
    began = pylsl.local_clock() - replay.position / replay.speed
    while replay.state.phase.value != "ended" and replay.position - replay.begin <= chosen.seconds:
        for chunk in replay.poll():
            if not isinstance(chunk, Samples):
                continue
            rows = [in_unit(v, c) for c, v in zip(chunk.channels, chunk.values, strict=True)]
            last = began + (chunk.end - 1.0 / chunk.rate) / replay.speed
            samples = np.stack(rows, axis=1).astype(np.float32)
            outlets[chunk.channels].push_chunk(samples, last)
        time.sleep(CHUNK / 4)
    time.sleep(0.5)  # what was pushed last is still on its way


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recording")
    parser.add_argument("wire", choices=("lsl", "mllp"))
    parser.add_argument("--name", default="OrganTwin")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2575)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--wait", type=float, default=0.0, help="[s] for somebody to listen (LSL)")
    parser.add_argument("--lead", action="append", default=[])
    chosen = parser.parse_args(arguments)
    recording = read_recording(chosen.recording, leads=tuple(chosen.lead))
    if chosen.wire == "lsl":
        play_over_lsl(recording, chosen)
    else:
        play_over_mllp(Replay(recording, speed=chosen.speed), chosen)


if __name__ == "__main__":
    main()
