"""Philips files: written here with an own XLI encoder, and real ones beside the checkout."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.readers import read_recording, reader_for
from organtwin.units import from_si
from tests.patient.damaged_files import assert_damage_is_explained
from tests.patient.written_recordings import ecg_steps
from tests.patient.written_xml_ecg import twelve, write_philips

STEP = 5e-6
BEATS = np.arange(0.4, 4.0, 0.8)
LEADS = twelve(*(ecg_steps(BEATS, seconds=4.0, height=height) for height in (101.0, 233.0)))
FILES = ("2020-5-18_15-48-11.xml", "3191723_ZZDEMOPTONLY_1-04_orig.xml")


@pytest.mark.parametrize(
    ("method", "version"), [("XLI", "1.04"), ("XLI", "1.03"), ("none", "1.04")]
)
def test_leads_come_back_as_they_were(tmp_path: Path, method: str, version: str) -> None:
    path = write_philips(tmp_path, LEADS, method=method, version=version)
    assert reader_for(path) == "philips"
    found = read_recording(path).waveforms
    assert list(found) == list(LEADS)
    for name, wave in found.items():
        assert wave.values == pytest.approx(STEP * LEADS[name][: len(wave.values)], abs=1e-12)
        assert wave.sampling_rate == pytest.approx(500.0)


def test_the_calibration_mark_at_the_end_is_no_ecg(tmp_path: Path) -> None:
    mark = np.repeat([0.0, 200.0, 0.0], (50, 100, 50))
    marked = {name: np.concatenate((signal[:900], mark)) for name, signal in LEADS.items()}
    found = read_recording(write_philips(tmp_path, marked)).waveforms
    assert {len(wave.values) for wave in found.values()} == {900}
    assert found["V6"].values == pytest.approx(STEP * LEADS["V6"][:900], abs=1e-12)


def test_measurements_patient_and_beat_are_those_of_the_file(tmp_path: Path) -> None:
    found = read_recording(write_philips(tmp_path, LEADS))
    told = {entry.name: from_si(entry.value, "ms") for entry in found.measurements}
    assert told == pytest.approx({"rr_interval": 938, "pr_interval": 164, "qrs_duration": 102})
    assert found.median_beat["II"].values == pytest.approx([2.5e-6, -5e-6, 7.5e-6])
    wanted = {"sex": "Male", "age": "58", "height [m]": "1.778", "date": "20200518",
              "time": "15:48:11"}  # fmt: skip
    assert wanted.items() <= dict(found.facts).items()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('compression="XLI"', 'compression="ZLI"', "compressed by XLI or not"),
        ('dataencoding="Base64" comp', 'dataencoding="Plain" comp', "compressed by XLI or not"),
        (">1.04<", ">2.0<", "version 1.03 or 1.04"),
        ('resolution="5"', 'resolution="-5"', "resolution.*above zero"),
        ('durationperchannel="', 'durationperchannel="1', "samples per lead"),
        ('"I II III', '"I I III', "each once"),
        ("<print>164", "<print>1640", "annotated pr_interval"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = write_philips(tmp_path, LEADS)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(RecordError, match=told):
        read_recording(path)


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    path = write_philips(tmp_path, LEADS, head="<!DOCTYPE a [<!ENTITY b 'b'>]>")
    with pytest.raises(RecordError, match="document type"):
        read_recording(path)


def test_only_explained_errors_come_out_of_damaged_files(tmp_path: Path) -> None:
    path = write_philips(tmp_path, {name: signal[:100] for name, signal in LEADS.items()})
    assert assert_damage_is_explained(path, "philips", seed=2) > 100


@pytest.mark.parametrize("name", FILES)
def test_the_rhythm_of_real_files_holds_their_representative_beats(
    shared_data: Path, name: str
) -> None:
    """The beats are stored without compression: what was unpacked must contain them, to scale."""
    found = read_recording(shared_data / "ecg/philips-sierra" / name)
    assert {len(wave.values) for wave in found.waveforms.values()} == {5300}
    for lead, beat in found.median_beat.items():
        every = round(beat.sampling_rate / 500.0)
        shape = beat.values[::every] - np.mean(beat.values[::every])
        windows = np.lib.stride_tricks.sliding_window_view(found.waveforms[lead].values, len(shape))
        windows = windows - windows.mean(axis=1, keepdims=True)
        alike = windows @ shape / np.linalg.norm(windows, axis=1) / np.linalg.norm(shape)
        tops = [at for at in np.flatnonzero(alike > 0.85)
                if alike[at] == np.max(alike[max(at - 150, 0) : at + 150])]  # fmt: skip
        assert np.max(alike) > 0.95, lead
        assert len(tops) >= 8, lead
        # Single beats vary by up to 20 % in V2 of the second file, their mean by up to 6 %.
        assert np.mean(windows[tops] @ shape) / (shape @ shape) == pytest.approx(1.0, abs=0.08)


def test_intervals_of_the_real_patient_are_read(shared_data: Path) -> None:
    found = read_recording(shared_data / "ecg/philips-sierra" / FILES[0])
    told = {entry.name: from_si(entry.value, "ms") for entry in found.measurements}
    assert told == pytest.approx(
        {"rr_interval": 938, "pr_interval": 164, "qrs_duration": 102, "qt_interval": 399}
    )
