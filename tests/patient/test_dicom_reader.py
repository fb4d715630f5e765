from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest

from organtwin.patient.channels import ECG_LEADS
from organtwin.patient.readers import read_recording
from organtwin.units import from_si


@pytest.fixture
def dataset(shipped_ecg: Path) -> pydicom.Dataset:
    return pydicom.dcmread(shipped_ecg)


def saved(dataset: pydicom.Dataset, folder: Path) -> Path:
    path = folder / "changed.dcm"
    dataset.save_as(path)
    return path


def test_rhythm_strip_and_median_beat_are_kept_apart(shipped_ecg: Path) -> None:
    recording = read_recording(shipped_ecg)
    assert tuple(recording.waveforms) == ECG_LEADS
    assert tuple(recording.median_beat) == ECG_LEADS
    assert {len(wave.values) for wave in recording.waveforms.values()} == {10000}
    assert {len(wave.values) for wave in recording.median_beat.values()} == {1200}
    assert recording.waveforms["V2"].sampling_rate == pytest.approx(1000.0)


def test_samples_are_scaled_by_sensitivity_to_volt(
    shipped_ecg: Path, dataset: pydicom.Dataset
) -> None:
    stored = np.frombuffer(dataset.WaveformSequence[0].WaveformData, "<i2").reshape(-1, 12)
    wave = read_recording(shipped_ecg).waveforms["II"]
    np.testing.assert_allclose(wave.values, stored[:, 1] * 1.25e-6, rtol=1e-12)


def test_limb_leads_obey_einthoven(shipped_ecg: Path) -> None:
    waves = read_recording(shipped_ecg).waveforms
    error = waves["II"].values - waves["I"].values - waves["III"].values
    assert np.abs(error).max() < 3 * 1.25e-6  # three roundings to the recorder's step


def test_baseline_and_correction_are_applied_in_the_unit_of_the_channel(
    dataset: pydicom.Dataset, tmp_path: Path, shipped_ecg: Path
) -> None:
    before = read_recording(shipped_ecg).waveforms["I"].values
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[0]
    channel.ChannelSensitivityCorrectionFactor = "2"
    channel.ChannelBaseline = "100"  # uV, not steps: PS3.3 C.10.9.1
    after = read_recording(saved(dataset, tmp_path)).waveforms["I"].values
    np.testing.assert_allclose(after, 2 * before + 100e-6, rtol=1e-9)


def test_padding_values_are_gaps(dataset: pydicom.Dataset, tmp_path: Path) -> None:
    group = dataset.WaveformSequence[0]
    stored = np.frombuffer(group.WaveformData, "<i2").reshape(-1, 12).copy()
    stored[5:9, 0] = -32768
    group.WaveformData = stored.tobytes()
    group.add_new(0x5400100A, "OW", np.array([-32768], "<i2").tobytes())
    wave = read_recording(saved(dataset, tmp_path)).waveforms["I"]
    assert wave.gaps == 4
    assert np.isnan(wave.values[5:9]).all()


def test_annotated_intervals_become_measurements(shipped_ecg: Path) -> None:
    recording = read_recording(shipped_ecg)
    values = {entry.name: from_si(entry.value, "ms") for entry in recording.measurements}
    assert values == pytest.approx(
        {"rr_interval": 982, "pr_interval": 161, "qrs_duration": 75, "qt_interval": 368}
    )
    assert {entry.taken for entry in recording.measurements} == {date(2013, 1, 25)}
    assert all(entry.sd_assumed for entry in recording.measurements)


def test_header_facts_are_given_as_they_stand(shipped_ecg: Path) -> None:
    facts = read_recording(shipped_ecg).facts
    assert facts["sex"] == "F"
    assert facts["age"] == "042Y"
    assert facts["QTc Interval"] == "370 ms"
    assert facts["statements"] == "RITMO SINUSALE; ECG NORMALE"


def test_a_file_of_the_package_is_found_without_the_network() -> None:
    assert len(read_recording("pydicom:waveform_ecg.dcm", leads=("II",)).waveforms) == 1
