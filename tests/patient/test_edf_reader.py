"""EDF and EDF+ files, written here byte by byte."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.readers import read_recording, reader_for
from tests.patient.damaged_files import assert_damage_is_explained
from tests.patient.written_edf import write_edf
from tests.patient.written_recordings import ecg_steps

BEATS = np.arange(0.4, 4.0, 0.8)
ONE = ecg_steps(BEATS, seconds=4.0, height=500.0)
FIVE = ecg_steps(BEATS, seconds=4.0, rate=250.0, height=900.0)
LEADS, RATES = {"ECG II": ONE, "V5": FIVE}, {"ECG II": 500, "V5": 250}


def test_every_signal_has_its_own_rate_and_scale(tmp_path: Path) -> None:
    found = read_recording(write_edf(tmp_path, LEADS, RATES)).waveforms
    assert found["II"].values == pytest.approx(1e-6 * ONE, abs=1e-12)
    assert found["V5"].values == pytest.approx(1e-6 * FIVE, abs=1e-12)
    rates = (found["II"].sampling_rate, found["V5"].sampling_rate)
    assert rates == pytest.approx((500.0, 250.0))


def test_physical_limits_shift_and_turn_a_signal(tmp_path: Path) -> None:
    path = write_edf(tmp_path, {"II": ONE}, {"II": 500})
    low, high = f"{-32767:<8}{32767:<8}" * 2, f"{100:<8}{-100:<8}" + f"{-32767:<8}{32767:<8}"
    content = path.read_bytes()
    assert low.encode() in content
    path.write_bytes(content.replace(low.encode(), high.encode(), 1))
    values = read_recording(path).waveforms["II"].values
    assert values == pytest.approx(-1e-4 * ONE / 32767, abs=1e-12)


def test_start_patient_and_annotations_are_facts(tmp_path: Path) -> None:
    path = write_edf(tmp_path, LEADS, RATES, onsets=(0, 1, 2, 3), kind="EDF+C")
    facts = read_recording(path).facts
    wanted = {"date": "20190513", "time": "14:05:09", "sex": "female", "born": "02-AUG-1951"}
    assert wanted.items() <= dict(facts).items()
    assert facts["annotations"] == "0 s mark 0; 1 s mark 1; 2 s mark 2; 3 s mark 3"


def test_time_between_the_records_is_missing_not_closed_up(tmp_path: Path) -> None:
    path = write_edf(tmp_path, LEADS, RATES, onsets=(5.0, 6.0, 9.5, 10.5), kind="EDF+D")
    found = read_recording(path).waveforms
    for name, rate, signal in (("II", 500, ONE), ("V5", 250, FIVE)):
        wave = found[name]
        assert wave.gaps == 2.5 * rate
        assert np.isnan(wave.values[2 * rate : round(4.5 * rate)]).all()
        recorded = wave.values[~np.isnan(wave.values)]
        assert recorded == pytest.approx(1e-6 * signal, abs=1e-12)


@pytest.mark.parametrize("onsets", [(5, 6, 6.5, 8), (5, 6, 7, 200), (5, 4, 7, 8)])
def test_records_that_overlap_or_lie_far_apart_are_refused(
    tmp_path: Path, onsets: tuple[float, ...]
) -> None:
    path = write_edf(tmp_path, LEADS, RATES, onsets=onsets, kind="EDF+D")
    with pytest.raises(RecordError, match="rising onsets"):
        read_recording(path)


def test_a_file_with_gaps_must_tell_when_each_record_begins(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="4 rising onsets"):
        read_recording(write_edf(tmp_path, LEADS, RATES, kind="EDF+D"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content[:-2], "truncated"),
        (lambda content: content + b"\0\0", "longer than its header"),
        (lambda content: content[:300], "header.*truncated"),
        (lambda content: content[:236] + b"-1      " + content[244:], "did not finish"),
        (lambda content: content[:244] + b"x       " + content[252:], "duration of a data record"),
        (lambda content: content.replace(b"uV      ", b"furlong ", 1), "unit"),
        (lambda content: content.replace(b"V5 ", b"II ", 1), "each lead once"),
        (lambda content: content.replace(b"V5 ", b"EEG", 1), "known lead"),
        (lambda content: content.replace(b"-32767  ", b"32767   ", 1), "different physical limits"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(tmp_path: Path, change, told: str) -> None:
    path = write_edf(tmp_path, LEADS, RATES)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(RecordError, match=told):
        read_recording(path)


def test_leads_not_asked_for_are_not_looked_at(tmp_path: Path) -> None:
    path = write_edf(tmp_path, {"SaO2": ONE, "V5": FIVE}, {"SaO2": 500, "V5": 250})
    assert list(read_recording(path, leads=("V5",)).waveforms) == ["V5"]


def test_annotations_alone_are_refused(tmp_path: Path) -> None:
    path = write_edf(tmp_path, {"EDF Annotations": ONE}, {"EDF Annotations": 500})
    with pytest.raises(RecordError, match="annotations alone"):
        read_recording(path)


def test_content_tells_the_format_whatever_the_name(tmp_path: Path) -> None:
    path = write_edf(tmp_path, LEADS, RATES).rename(tmp_path / "holter.dat")
    assert reader_for(path) == "edf"
    assert load_case(path)["heart_rate"].value == pytest.approx(1.25, rel=0.01)


def test_only_explained_errors_come_out_of_damaged_files(tmp_path: Path) -> None:
    short = {"II": ONE[:100], "V5": FIVE[:50]}
    path = write_edf(tmp_path, short, {"II": 50, "V5": 25}, onsets=(0, 1), kind="EDF+D")
    assert assert_damage_is_explained(path, "edf", seed=4) > 100
