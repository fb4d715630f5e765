"""SCP-ECG recordings (EN 1064): rhythm, reference beat, annotated intervals and statements.

Bimodal compression (rhythm thinned out between the beats) is refused: no such file was at hand to
check its reconstruction with. Leads III, aVR, aVL and aVF, which such files leave out, are derived
and named in the fact ``derived leads``.
"""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, values_in_si
from organtwin.patient.readers.annotated_intervals import annotated_intervals
from organtwin.patient.readers.derived_leads import with_derived
from organtwin.patient.readers.dicom_leads import LEAD_NUMBERS
from organtwin.patient.readers.faults import content_of, explained
from organtwin.patient.readers.scp_record import (
    interval_marks,
    patient_facts,
    sections,
    statements,
)
from organtwin.patient.readers.scp_signal import (
    ReferenceBeat,
    Signals,
    huffman_tables,
    reference_beat,
    signals,
    with_beats_added,
)
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform

_NEEDED = {3: "definition of leads", 6: "rhythm"}


def read_scp(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read an SCP-ECG file, every CRC checked.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with explained(source, "SCP-ECG"):
        parts = sections(content_of(path), source)
        for number, what in _NEEDED.items():
            if number not in parts:
                raise RecordError(
                    source, f"section {number}", expected=f"the {what}", got="no such section",
                    remedy="Export the full recording, with its signal.",
                )  # fmt: skip
        _refuse_bimodal(parts[6], source)
        spans, subtracted = _leads(parts[3])
        rhythm, beat = _signals(parts, spans, source, subtracted=subtracted)
        facts, began = patient_facts(parts.get(1, b""))
        waveforms, derived = with_derived(_waveforms(rhythm, spans, source, leads), leads)
        if derived:
            facts["derived leads"] = ", ".join(derived)
        if len(parts.get(8, b"")) > 8 and (said := statements(parts[8])):
            facts["statements"] = said
        median: dict[str, Waveform] = {}
        if beat is not None:
            alike = tuple((number, 1, 0) for number, _, _ in spans)
            median, _ = with_derived(_waveforms(beat, alike, source, leads), leads)
        marks = interval_marks(parts[7]) if 7 in parts else {}
        taken = began.date() if began else None
        return Recording(
            source, waveforms, median, annotated_intervals(marks, source, taken), facts
        )


def _refuse_bimodal(body: bytes, source: str) -> None:
    if body[5]:
        raise RecordError(
            source, "section 6 compression", expected="none, Huffman or reference beat",
            got="bimodal compression, which this program cannot undo",
            remedy="Export without it, or as DICOM or aECG.",
        )  # fmt: skip


def _leads(body: bytes) -> tuple[tuple[tuple[int, int, int], ...], bool]:
    """Number, first and last sample of each lead, and whether a reference beat was subtracted."""
    count, flags = body[0], body[1]
    rows = [struct.unpack_from("<IIB", body, 2 + 9 * row) for row in range(count)]
    return tuple((number, first, last) for first, last, number in rows), bool(flags & 1)


def _signals(
    parts: Mapping[int, bytes], spans: tuple[tuple[int, int, int], ...], source: str, *,
    subtracted: bool,
) -> tuple[Signals, Signals | None]:  # fmt: skip
    """Rhythm and reference beat, the beat put back where it was subtracted."""
    tables = huffman_tables(parts[2]) if 2 in parts else ()
    counts = _counts(spans, source)
    rhythm = signals(parts[6], counts, tables, (source, "section 6"))
    if 4 not in parts or 5 not in parts:
        if subtracted:
            raise RecordError(
                source, "section 5", expected="the reference beat that was subtracted",
                got="no such section", remedy="Export the recording again.",
            )  # fmt: skip
        return rhythm, None
    marks = reference_beat(parts[4])
    length = _beat_length(parts[5], marks)
    if not subtracted and length < 2:
        return rhythm, None
    beat = signals(parts[5], (length,) * len(counts), tables, (source, "section 5"))
    if not subtracted:
        return rhythm, beat
    if beat.step != rhythm.step or any(first != 1 for _, first, _ in spans):
        raise RecordError(
            source, "section 5", expected="the sampling rate of the rhythm, from its first sample",
            got=f"{1.0 / beat.step:g} Hz beside {1.0 / rhythm.step:g} Hz",
            remedy="Export without subtraction of the reference beat.",
        )  # fmt: skip
    whole = (
        with_beats_added(*pair, marks) for pair in zip(rhythm.samples, beat.samples, strict=True)
    )
    return Signals(tuple(whole), rhythm.step), beat


def _beat_length(body: bytes, marks: ReferenceBeat) -> int:
    """Number of samples of the reference beat; 0 where none is stored."""
    (microseconds,) = struct.unpack_from("<H", body, 2)
    return round(1e6 * marks.length / microseconds) if microseconds else 0


def _counts(spans: tuple[tuple[int, int, int], ...], source: str) -> tuple[int, ...]:
    """Number of samples of each lead."""
    counts = tuple(last - first + 1 for _, first, last in spans)
    if not counts or min(counts) < 2 or min(first for _, first, _ in spans) < 1:
        raise RecordError(
            source, "section 3", expected="leads of at least two samples", got=f"{counts} samples",
            remedy="Copy or export the file again.",
        )  # fmt: skip
    return counts


def _waveforms(
    found: Signals, spans: tuple[tuple[int, int, int], ...], source: str, leads: tuple[str, ...]
) -> dict[str, Waveform]:
    waveforms: dict[str, Waveform] = {}
    for (number, first, _), values in zip(spans, found.samples, strict=True):
        name = LEAD_NUMBERS.get(number)
        if name is None and leads:
            continue
        if name is None or name in waveforms:
            raise RecordError(
                source, "section 3", expected="known leads, each once",
                got=f"lead number {number}" if name is None else f"lead {name} twice",
                remedy="List the leads to be read under `leads` in the case file.",
            )  # fmt: skip
        times = (first - 1 + np.arange(len(values), dtype=np.float64)) * found.step
        channel = Channel(source, f"lead {name}", name)
        volts = values_in_si(values, "V", channel, 1.0 / found.step)
        waveforms[name] = Waveform(name, times, volts, "nV", source)
    return waveforms
