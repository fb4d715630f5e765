import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from organtwin.patient.readers import read_recording
from tests.patient.written_recordings import ecg_steps, write_wfdb


@pytest.mark.parametrize("extension", ["dat", "mat"])
def test_samples_arrive_in_volt(tmp_path: Path, extension: str) -> None:
    steps = np.array([0, 250, -1000, 1500] * 5)
    header = write_wfdb(
        tmp_path, "record", {"avr": steps, "V1": -steps}, gain="500(100)/mV", extension=extension
    )
    recording = read_recording(header)
    assert list(recording.waveforms) == ["aVR", "V1"]
    wave = recording.waveforms["aVR"]
    # (step - baseline) / gain, by the definition of the format, in mV
    np.testing.assert_allclose(wave.values, (steps - 100) / 500 * 1e-3, rtol=1e-12)
    assert wave.unit == "mV"
    assert wave.sampling_rate == pytest.approx(500.0)


def test_signal_file_or_bare_name_lead_to_the_same_record(two_leads: Path) -> None:
    for path in (two_leads.with_suffix(".dat"), two_leads.with_suffix("")):
        assert list(read_recording(path).waveforms) == ["I", "II"]


def test_header_comments_become_facts(two_leads: Path) -> None:
    assert read_recording(two_leads).facts == {"age": "58", "sex": "Male"}


def test_missing_samples_are_counted_and_not_a_number(tmp_path: Path) -> None:
    steps = np.arange(100)
    steps[10:13] = -32768  # the mark for "no sample" in format 16
    wave = read_recording(write_wfdb(tmp_path, "holes", {"II": steps})).waveforms["II"]
    assert wave.gaps == 3
    assert np.flatnonzero(np.isnan(wave.values)).tolist() == [10, 11, 12]


def test_pressure_arrives_in_pascal(tmp_path: Path) -> None:
    header = write_wfdb(tmp_path, "art", {"ABP": np.full(50, 1200)}, gain="10(0)/mmHg")
    assert read_recording(header).waveforms["ABP"].values[0] == pytest.approx(120 * 133.322387415)


def test_segments_are_joined_and_an_empty_one_is_a_gap(tmp_path: Path) -> None:
    first, second = np.arange(40), np.arange(100, 160)
    write_wfdb(tmp_path, "s1", {"II": first}, rate="250")
    write_wfdb(tmp_path, "s2", {"II": second}, rate="250")
    header = tmp_path / "joined.hea"
    header.write_text("joined/4 1 250 130\nlayout 0\ns1 40\n~ 30\ns2 60\n")
    (tmp_path / "layout.hea").write_text("layout 1 250 0\n~ 0 1000/mV 16 0 0 0 0 II\n")
    wave = read_recording(header).waveforms["II"]
    assert wave.gaps == 30
    np.testing.assert_allclose(wave.values[:40], first * 1e-6, atol=1e-15)
    np.testing.assert_allclose(wave.values[70:], second * 1e-6, atol=1e-15)


def test_a_gap_between_segments_of_equal_layout_needs_no_layout_header(tmp_path: Path) -> None:
    first, second = np.arange(40), np.arange(100, 160)
    write_wfdb(tmp_path, "s1", {"II": first, "V5": first}, rate="250")
    write_wfdb(tmp_path, "s2", {"II": second, "V5": second}, rate="250")
    header = tmp_path / "joined.hea"
    header.write_text("joined/3 2 250 130\ns1 40\n~ 30\ns2 60\n")
    wave = read_recording(header).waveforms["V5"]
    assert wave.gaps == 30
    assert wave.sampling_rate == pytest.approx(250.0)
    np.testing.assert_allclose(wave.values[:40], first * 1e-6, atol=1e-15)
    np.testing.assert_allclose(wave.values[70:], second * 1e-6, atol=1e-15)


def test_a_channel_sampled_twice_per_frame_keeps_its_rate(tmp_path: Path) -> None:
    fast, slow = np.arange(200), np.arange(100) * 3
    frames = np.stack([fast[0::2], fast[1::2], slow], axis=1).astype("<i2")
    (tmp_path / "mixed.dat").write_bytes(frames.tobytes())
    header = tmp_path / "mixed.hea"
    header.write_text(
        f"mixed 2 125 100\nmixed.dat 16x2 1000/mV 16 0 0 {fast.sum() % 65536} 0 II\n"
        f"mixed.dat 16 1000/mV 16 0 0 {slow.sum() % 65536} 0 V5\n"
    )
    waves = read_recording(header).waveforms
    assert waves["II"].sampling_rate == pytest.approx(250.0)
    assert waves["V5"].sampling_rate == pytest.approx(125.0)
    np.testing.assert_allclose(waves["II"].values, fast * 1e-6, atol=1e-15)


def test_only_the_leads_asked_for_are_read_and_others_are_left_alone(tmp_path: Path) -> None:
    steps = ecg_steps(np.array([1.0]), seconds=2.0)
    header = write_wfdb(tmp_path, "odd", {"avf": steps, "gadget": steps})
    assert list(read_recording(header, leads=("aVF",)).waveforms) == ["aVF"]


def test_the_program_starts_without_the_reading_libraries() -> None:
    code = (
        "import sys, organtwin.patient.case_file, organtwin.patient.detection;"
        "print([m for m in ('pandas', 'wfdb', 'pydicom', 'pint', 'scipy') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
