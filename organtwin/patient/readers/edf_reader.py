"""EDF and EDF+ recordings: signals of 16-bit integers in data records, each at its own rate.

EDF+D files are read when their records follow each other without a gap; others are refused.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, canonical_channel, values_in_si
from organtwin.patient.readers.edf_header import (
    ANNOTATIONS,
    EdfHeader,
    EdfSignal,
    read_header,
)
from organtwin.patient.readers.faults import content_of, explained
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform

_BYTES = 2
_LIST = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15[\d.]*)?\x14([^\0]*)\0")
"""Time-stamped annotations of EDF+: onset, duration, texts that \\x14 ends."""


def read_edf(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read an EDF or EDF+ file.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with explained(source, "EDF"):
        content = content_of(path)
        header = read_header(content, source)
        records = _records(content, header, source)
        ends = np.cumsum([signal.per_record for signal in header.signals])
        waveforms: dict[str, Waveform] = {}
        texts: list[str] = []
        for signal, end in zip(header.signals, ends, strict=True):
            columns = records[:, end - signal.per_record : end]
            if signal.label == ANNOTATIONS:
                texts += _texts(columns, header, source)
                continue
            wave = _waveform(signal, columns, header, source=source, leads=leads)
            if wave is not None and wave.name in waveforms:
                raise RecordError(
                    source, f"signal {signal.label!r}", expected="each lead once",
                    got=f"lead {wave.name} twice", remedy="Correct the labels in the file.",
                )  # fmt: skip
            if wave is not None:
                waveforms[wave.name] = wave
        if not waveforms and not leads:
            raise RecordError(
                source, "signals", expected="at least one signal", got="annotations alone",
                remedy="Choose the file with the signals of this recording.",
            )  # fmt: skip
        facts = dict(header.facts)
        if texts:
            facts["annotations"] = "; ".join(texts)
        return Recording(source, waveforms, facts=facts)


def _records(content: bytes, header: EdfHeader, source: str) -> NDArray[np.int16]:
    """Samples ``(n_records, n)`` as stored; ``n`` counts those of all signals in one record."""
    width = sum(signal.per_record for signal in header.signals)
    expected = header.size + _BYTES * width * header.records
    if len(content) != expected or not width:
        state = "truncated" if len(content) < expected else "longer than its header says"
        raise RecordError(
            source, "data records",
            expected=f"{header.records} records of {_BYTES * width} bytes ({expected} in all)",
            got=f"{len(content)} bytes: the file is {state}", remedy="Copy the file again.",
        )  # fmt: skip
    stored = np.frombuffer(content, "<i2", offset=header.size)
    return stored.reshape(header.records, width)


def _waveform(
    signal: EdfSignal, columns: NDArray[np.int16], header: EdfHeader, *, source: str,
    leads: tuple[str, ...],
) -> Waveform | None:  # fmt: skip
    """The signal in SI, or ``None`` where only others are asked for."""
    try:
        name = canonical_channel(signal.label, source)
    except RecordError:
        if leads:
            return None
        raise
    if leads and name not in leads:
        return None
    if columns.size < 2:
        raise RecordError(
            source, f"signal {signal.label!r}", expected="at least two samples", got="one",
            remedy="Export the recording again.",
        )  # fmt: skip
    rate = signal.per_record / header.record_length
    scaled = columns.reshape(-1).astype(np.float64) * signal.gain + signal.offset
    values = values_in_si(scaled, signal.unit, Channel(source, f"lead {name}", name), rate)
    return Waveform(name, np.arange(len(values)) / rate, values, signal.unit, source)


def _texts(columns: NDArray[np.int16], header: EdfHeader, source: str) -> list[str]:
    """Annotations as ``seconds text``, once the onsets of the records are seen to be whole.

    The first list of a record has an empty first text and tells when the record begins.
    """
    said: list[str] = []
    begun: list[float] = []
    for row in columns:
        lists = _LIST.findall(row.tobytes())
        if lists and lists[0][1].startswith(b"\x14"):
            begun.append(float(lists[0][0]))
        for onset, texts in lists:
            words = [text.decode("utf-8").strip() for text in texts.split(b"\x14")]
            said += [f"{float(onset):g} s {text}" for text in words if text]
    steps = np.diff(begun)
    # Half a millisecond: onsets are printed with few digits.
    if header.plus == "EDF+D" and not (
        len(begun) == len(columns) and np.allclose(steps, header.record_length, rtol=0, atol=5e-4)
    ):
        raise RecordError(
            source, "onsets of the data records",
            expected=f"{len(columns)} records, one every {header.record_length:g} s",
            got="records with gaps between them",
            remedy="Export the stretches between the gaps as files of their own.",
        )  # fmt: skip
    return said
