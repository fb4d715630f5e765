"""A patient of whom there is nothing but a recording: what a dropped ECG file becomes."""

from dataclasses import replace
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.case_recordings import with_recordings
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.measurement import Measurement
from organtwin.patient.person import header_demographics, unused_findings
from organtwin.patient.readers import read_recording, reader_for
from organtwin.patient.record import PatientRecord
from organtwin.patient.recording import Recording, RecordingFile

BLOCKS = {"lbbb": "left bundle branch block", "rbbb": "right bundle branch block"}
"""Conduction of a record, and the pattern of the ECG that shows it."""
INTERVALS = ("pr_interval", "qrs_duration", "qt_interval")
LEAST_SD = 4e-3
"""[s] What two readers of one ECG differ by at least; assumed."""


def record_of(path: Path) -> PatientRecord:
    """A record of the recording at ``path`` and what can be told from it: rate and intervals.

    Raises
    ------
    RecordError
        The recording cannot be read completely.
    """
    reader = reader_for(path)
    recording = read_recording(path, reader=reader)
    who = header_demographics(recording)
    record = PatientRecord(
        case_id=path.stem,
        title=f"Recording {path.stem}",
        diagnosis="not stated",
        demographics=who,
        measurements=(),
        remarks="Only a recording: rate and intervals are the patient's, all else is a normal "
        "adult. State pressures and echo numbers in a case file to fit the heart itself.",
        recordings=(RecordingFile(str(path), reader),),
        findings=tuple(unused_findings(who)),
    )
    return with_conduction(with_recordings(record), recording)


def with_conduction(record: PatientRecord, recording: Recording) -> PatientRecord:
    """The record with the block and the intervals that its ECG shows; those it has stay."""
    from organtwin.patient.ecg.examination import examined  # it loads SciPy

    try:
        found = examined(recording)
    except RecordError as error:
        text = f"conduction is taken as normal: no ECG shows it ({error.got})"
        return _with_findings(record, Finding(FindingKind.NOT_USED, text))
    shown = [name for name, pattern in BLOCKS.items()
             if any(p.name == pattern and p.holds for p in found.patterns)]  # fmt: skip
    conduction = shown[0] if len(shown) == 1 else "normal"
    conduction = "paced" if found.spikes else conduction
    read = {"paced": "paced", **BLOCKS}.get(conduction, "no bundle branch block")
    known = {entry.name for entry in record.measurements}
    new = [
        Measurement(
            name, value.value, max(value.sd, LEAST_SD), None, "averaged beat of the recording"
        )
        for name in INTERVALS
        if name not in known and (value := found.measurements.values.get(name)) is not None
    ]
    finding = Finding(FindingKind.DETECTED, f"conduction is read off the ECG: {read}")
    added = replace(
        record, conduction=conduction, measurements=(*record.measurements, *new)
    )  # fmt: skip
    return _with_findings(added, finding)


def _with_findings(record: PatientRecord, *findings: Finding) -> PatientRecord:
    return replace(record, findings=(*record.findings, *findings))
