"""What the recordings of a case add to its record, and what of it is not taken up."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from organtwin.errors import RecordError
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.detection import DetectedRhythm, detect_rhythm
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.measurement import Measurement
from organtwin.patient.person import header_findings
from organtwin.patient.pressure_beats import pressure_measurements
from organtwin.patient.readers import read_recording
from organtwin.patient.record import PatientRecord
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from organtwin.units import PER_MIN

RATE_SHARE = 0.10
RATE_STEP = 5.0 * PER_MIN
"""A heart-rate meter may be wrong by the larger of 10 % and 5 per minute (ANSI/AAMI EC13:2002)."""
CHECKED = 60.0
"""[s] of an ECG that are searched to check a stated heart rate."""
_ROUNDING = 1e-9
"""Relative difference below which a stated and an annotated value are the same number."""


def with_recordings(record: PatientRecord, case: str = "") -> PatientRecord:
    """Read the files behind ``record`` and add what they hold; messages name ``case``.

    Intervals annotated in a file become measurements, unless the case states them itself. Where
    nothing gives a heart rate, it is detected in the ECG, with the mean and spread of RR; likewise
    pressures, from their waveforms.
    """
    waveforms: dict[str, Waveform] = {}
    median_beat: dict[str, Waveform] = {}
    known = {entry.name: entry for entry in record.measurements}
    findings: list[Finding] = []
    annotated = False
    for number, file in enumerate(record.recordings, start=1):
        with _named(f"{case}: waveform[{number}]" if case else ""):
            recording = read_recording(file.file, reader=file.reader, leads=file.leads)
            _refuse_repeated_leads(recording, waveforms)
        waveforms |= recording.waveforms
        median_beat |= recording.median_beat
        findings += _take_annotations(recording, known)
        findings += header_findings(recording, record.demographics)
        # The recorder has measured RR: it is compared with the rate like any other number.
        annotated |= any(entry.name == "rr_interval" for entry in recording.measurements)
    findings += [
        Finding(FindingKind.GAP, f"lead {wave.name}: {wave.gaps} of {len(wave.values)} samples "
                f"are marked as missing in {wave.source}", (wave.name,))
        for wave in waveforms.values() if wave.gaps
    ]  # fmt: skip
    rhythm = record.rhythm
    if any(name in waveforms for name in (*ECG_LEADS, *FURTHER_ECG_LEADS)):
        if "heart_rate" not in known:
            with _named(case):
                detected = detect_rhythm(waveforms)
            findings += _take_rhythm(detected, waveforms[detected.lead].source, known)
            rhythm = rhythm or detected.description
        elif not annotated:
            findings += _rate_conflicts(known["heart_rate"], waveforms)
    findings += _take_pressures(waveforms, known)
    return replace(
        record, waveforms=waveforms, median_beat=median_beat, rhythm=rhythm,
        measurements=tuple(known.values()), findings=(*record.findings, *findings),
    )  # fmt: skip


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Let an error in a recording say which entry of which case file led to it."""
    try:
        yield
    except RecordError as error:
        raise RecordError(
            f"{place}: {error.source}" if place else error.source, error.field,
            expected=error.expected, got=error.got, remedy=error.remedy,
        ) from error  # fmt: skip


def _take_rhythm(
    detected: DetectedRhythm, source: str, known: dict[str, Measurement]
) -> list[Finding]:
    """Add rate, mean and spread of RR, unless the case states them itself."""
    new = [entry for entry in detected.measurements(None, source) if entry.name not in known]
    known |= {entry.name: entry for entry in new}
    names = tuple(entry.name for entry in new)
    text = f"no heart rate was stated; detected: {detected.description}"
    return [Finding(FindingKind.DETECTED, said, names) for said in (text, *detected.doubts)]


def _rate_conflicts(stated: Measurement, waveforms: Mapping[str, Waveform]) -> list[Finding]:
    """A stated heart rate that the ECG beside it does not show.

    Only the first minute is searched, so that a long recording opens as fast as a short one.
    """
    try:
        detected = detect_rhythm({name: _beginning(wave) for name, wave in waveforms.items()})
    except RecordError as error:
        text = f"HR was not compared with the ECG: {error.got}"
        return [Finding(FindingKind.NOT_USED, text, ("heart_rate",))]
    shown = stated.quantity.text
    (rate, *_) = detected.measurements(None, "")
    allowed = max(RATE_SHARE * stated.value, RATE_STEP, math.hypot(stated.sd, rate.sd))
    if abs(stated.value - rate.value) <= allowed:
        return []
    text = (
        f"HR {shown(stated.value)} is stated ({stated.source}), but the ECG in "
        f"{waveforms[detected.lead].source} shows {detected.description}; the stated one is kept"
    )
    found = [Finding(FindingKind.CONTRADICTION, text, ("heart_rate",))]
    return found + [
        Finding(FindingKind.DETECTED, said, ("heart_rate",)) for said in detected.doubts
    ]


def _beginning(wave: Waveform) -> Waveform:
    count = round(CHECKED * wave.sampling_rate)
    if len(wave.values) <= count:
        return wave
    values = wave.values[:count]
    gaps = int(np.count_nonzero(np.isnan(values)))
    return replace(wave, times=wave.times[:count], values=values, gaps=gaps)


def _take_pressures(
    waveforms: Mapping[str, Waveform], known: dict[str, Measurement]
) -> list[Finding]:
    """Add pressures read off their waveforms, unless the case states them itself."""
    findings, taken = [], []
    for read in pressure_measurements(waveforms):
        if isinstance(read, Finding):
            findings.append(read)
        elif read.name not in known:
            known[read.name] = read
            taken.append(read)
    if taken:
        text = ", ".join(f"{m.quantity.label} {m.quantity.text(m.value)}" for m in taken)
        names = tuple(m.name for m in taken)
        findings.append(Finding(FindingKind.DETECTED, f"read off the waveforms: {text}", names))
    return findings


def _refuse_repeated_leads(recording: Recording, waveforms: Mapping[str, Waveform]) -> None:
    repeated = [name for name in recording.waveforms if name in waveforms]
    if repeated:
        raise RecordError(
            recording.source, f"lead {repeated[0]}",
            expected="each lead in one recording only", got="the lead in two recordings",
            remedy="Choose with `leads` which recording each lead is taken from.",
        )  # fmt: skip


def _take_annotations(recording: Recording, known: dict[str, Measurement]) -> list[Finding]:
    """Add annotated intervals to ``known``; report those that the case states differently."""
    findings = []
    for annotated in recording.measurements:
        stated = known.setdefault(annotated.name, annotated)
        if abs(stated.value - annotated.value) > _ROUNDING * abs(annotated.value):
            shown = annotated.quantity
            text = (
                f"{shown.label} {shown.text(annotated.value)} {annotated.source} is not used: "
                f"{shown.text(stated.value)} is stated ({stated.source})"
            )
            findings.append(Finding(FindingKind.NOT_USED, text, (annotated.name,)))
    return findings
