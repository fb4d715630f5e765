"""EDF and EDF+ recordings: signals of 16-bit integers in data records, each at its own rate.

Time between the records of an EDF+D file that nothing was recorded in is kept as missing samples.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
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
_ONSET_STEP = 5e-4
"""[s] Onsets are printed with few digits: records may seem to overlap by so much."""
_LONGEST_SPAN = 20
"""Time from the first record to the last by the time recorded; more would only fill the memory."""
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
        starts, texts = _annotations(records, header, source)
        ends = np.cumsum([signal.per_record for signal in header.signals])
        waveforms: dict[str, Waveform] = {}
        for signal, end in zip(header.signals, ends, strict=True):
            columns = records[:, end - signal.per_record : end]
            if signal.label == ANNOTATIONS:
                continue
            clock = (starts, header.record_length)
            wave = _waveform(signal, columns, clock, source=source, leads=leads)
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
    signal: EdfSignal, columns: NDArray[np.int16], clock: tuple[FloatArray, float], *,
    source: str, leads: tuple[str, ...],
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
    starts, length = clock
    rate = signal.per_record / length
    firsts = np.rint(starts * rate).astype(np.int64)
    scaled = np.full(firsts[-1] + signal.per_record, np.nan)
    places = firsts[:, None] + np.arange(signal.per_record)
    scaled[places] = columns.astype(np.float64) * signal.gain + signal.offset
    gaps = int(np.count_nonzero(np.isnan(scaled)))
    values = values_in_si(scaled, signal.unit, Channel(source, f"lead {name}", name), rate)
    return Waveform(name, np.arange(len(values)) / rate, values, signal.unit, source, gaps)


def _annotations(
    records: NDArray[np.int16], header: EdfHeader, source: str
) -> tuple[FloatArray, list[str]]:
    """Begin of each record ``(n_records,)`` [s] from that of the first, and the texts.

    The first list of a record has an empty first text and tells when the record begins; texts are
    given as ``seconds text``. A file without gaps needs no such lists.
    """
    ends = np.cumsum([signal.per_record for signal in header.signals])
    said: list[str] = []
    begun: list[float] = []
    for signal, end in zip(header.signals, ends, strict=True):
        if signal.label != ANNOTATIONS:
            continue
        for row in records[:, end - signal.per_record : end]:
            lists = _LIST.findall(row.tobytes())
            if lists and lists[0][1].startswith(b"\x14"):
                begun.append(float(lists[0][0]))
            for onset, texts in lists:
                words = [text.decode("utf-8").strip() for text in texts.split(b"\x14")]
                said += [f"{float(onset):g} s {text}" for text in words if text]
    if header.plus != "EDF+D":
        even: FloatArray = np.arange(header.records, dtype=np.float64) * header.record_length
        return even, said
    return _checked_starts(begun, header, source), said


def _checked_starts(begun: list[float], header: EdfHeader, source: str) -> FloatArray:
    starts = np.array(begun, dtype=np.float64) - (begun[0] if begun else 0.0)
    length, count = header.record_length, header.records
    if (
        len(starts) != count
        or (np.diff(starts) < length - _ONSET_STEP).any()
        or starts[-1] > _LONGEST_SPAN * count * length
    ):
        raise RecordError(
            source, "onsets of the data records",
            expected=f"{count} rising onsets, within {_LONGEST_SPAN} times the time recorded",
            got=f"{len(starts)} onsets, the last at {starts[-1] if len(starts) else 0.0:g} s",
            remedy="Export the stretches between the gaps as files of their own.",
        )  # fmt: skip
    return starts
