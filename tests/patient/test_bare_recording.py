"""A file with nothing but an ECG."""

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case


def test_an_ecg_file_alone_becomes_a_patient_with_rate_and_intervals():
    record = load_case(get_testdata_file("waveform_ecg.dcm", download=False))
    assert len(record.waveforms) == 12
    assert record["pr_interval"].value == pytest.approx(0.161)
    assert record["heart_rate"].value == pytest.approx(1 / 0.982, rel=0.01)
    assert not any(m.provenance.value == "typical" for m in record.measurements)
    assert "not stated" in record.diagnosis
    assert any("conduction" in finding.text for finding in record.findings)


def test_sex_and_age_come_from_the_header(shared_data):
    record = load_case(sorted((shared_data / "ecg" / "cinc2021").glob("*.hea"))[0])
    assert record.demographics.sex in ("female", "male")
    assert record.demographics.age
    assert "heart_rate" in record


def test_a_broken_recording_is_refused_as_such(tmp_path):
    path = tmp_path / "ecg.dcm"
    path.write_bytes(b"not dicom")
    with pytest.raises(RecordError, match=r"ecg\.dcm"):
        load_case(path)


def test_a_dicom_ecg_without_an_ending_is_told_by_its_mark(tmp_path):
    source = Path(get_testdata_file("waveform_ecg.dcm", download=False))
    path = tmp_path / "IM0001"
    path.write_bytes(source.read_bytes())
    assert len(load_case(path).waveforms) == 12
