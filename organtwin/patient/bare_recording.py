"""A patient of whom there is nothing but a recording: what a dropped ECG file becomes."""

from pathlib import Path

from organtwin.patient.case_recordings import with_recordings
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.person import header_demographics, unused_findings
from organtwin.patient.readers import read_recording, reader_for
from organtwin.patient.record import PatientRecord
from organtwin.patient.recording import RecordingFile

RECORDING_EXTENSIONS = (".hea", ".dat", ".mat", ".dcm", ".dicom")


def record_of(path: Path) -> PatientRecord:
    """A record of the recording at ``path`` and what can be told from it: rate and intervals.

    Raises
    ------
    RecordError
        The recording cannot be read completely.
    """
    reader = reader_for(path)
    who = header_demographics(read_recording(path, reader=reader))
    record = PatientRecord(
        case_id=path.stem,
        title=f"Recording {path.stem}",
        diagnosis="not stated",
        demographics=who,
        measurements=(),
        remarks="Only a recording: rate and intervals are the patient's, all else is a normal "
        "adult. State pressures and echo numbers in a case file to fit the heart itself.",
        recordings=(RecordingFile(str(path), reader),),
        findings=(
            Finding(FindingKind.NOT_USED, "conduction is taken as normal: no case file states it"),
            *unused_findings(who),
        ),
    )
    return with_recordings(record)
