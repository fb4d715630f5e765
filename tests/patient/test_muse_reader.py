"""GE MUSE files, written here: no real one may be shared."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.readers import read_recording
from organtwin.units import from_si
from tests.patient.damaged_files import assert_damage_is_explained
from tests.patient.written_recordings import ecg_steps
from tests.patient.written_xml_ecg import muse_leads, write_muse

STEP = 4.88e-6
BEATS = np.arange(0.4, 4.0, 0.8)
ONE, TWO = (ecg_steps(BEATS, seconds=4.0, height=height) for height in (101.0, 233.0))
LEADS = {"I": ONE, "II": TWO, **{f"V{number}": number * ONE for number in range(1, 7)}}


def test_stored_leads_are_scaled_and_the_others_derived(tmp_path: Path) -> None:
    found = read_recording(write_muse(tmp_path, LEADS))
    assert found.waveforms["V3"].values == pytest.approx(STEP * 3 * ONE)
    assert found.waveforms["III"].values == pytest.approx(STEP * (TWO - ONE))
    assert found.waveforms["aVR"].values == pytest.approx(-STEP * (TWO + ONE) / 2)
    assert found.waveforms["aVL"].values == pytest.approx(STEP * (ONE - TWO / 2))
    assert found.facts["derived leads"] == "III, aVR, aVL, aVF"
    assert {len(wave.values) for wave in found.median_beat.values()} == {60}
    assert len(found.median_beat) == len(found.waveforms) == 12


def test_measurements_and_patient_are_those_of_the_file(tmp_path: Path) -> None:
    found = read_recording(write_muse(tmp_path, LEADS))
    told = {entry.name: from_si(entry.value, "ms") for entry in found.measurements}
    assert told == pytest.approx({"pr_interval": 158, "qrs_duration": 90, "qt_interval": 402})
    wanted = {"age": "71 years", "sex": "FEMALE", "height [m]": "1.63", "date": "20141021",
              "time": "07:05:33", "statements": "Sinus rhythm; Left axis"}  # fmt: skip
    assert wanted.items() <= dict(found.facts).items()


def test_a_file_alone_becomes_a_patient(tmp_path: Path) -> None:
    record = load_case(write_muse(tmp_path, LEADS))
    assert record.demographics.sex == "female"
    assert record["heart_rate"].value == pytest.approx(1 / 0.8, rel=0.01)


@pytest.mark.parametrize(
    "head",
    ["<!DOCTYPE RestingECG [<!ENTITY a 'b'>]>", "<!DOCTYPE other SYSTEM 'restecg.dtd'>"],
)
def test_only_the_bare_name_of_its_document_type_is_let_through(tmp_path: Path, head: str) -> None:
    with pytest.raises(RecordError, match="document type"):
        read_recording(write_muse(tmp_path, LEADS, head=head))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (">4.88<", ">0<", "units per bit.*above zero"),
        (">MICROVOLTS<", ">FURLONGS<", "unit"),
        ("Total>2000<", "Total>1999<", "1999 samples of 2 bytes"),
        (">500</SampleBase>", "></SampleBase>", "SampleBase.*above zero"),
        ("<LeadID>V2<", "<LeadID>V1<", "each lead once"),
        (">Rhythm<", ">Median<", "each at most once"),
        ("<QTInterval>402", "<QTInterval>4020", "annotated qt_interval"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = write_muse(tmp_path, LEADS)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RecordError, match=told):
        read_recording(path)


def test_leads_not_asked_for_are_not_looked_at(tmp_path: Path) -> None:
    path = write_muse(tmp_path, LEADS, body=muse_leads({"V9": ONE}, "MICROVOLTS", "XYZ"))
    assert list(read_recording(path, leads=("V1",)).waveforms) == ["V1"]
    with pytest.raises(RecordError, match="XYZ"):
        read_recording(path)


def test_only_explained_errors_come_out_of_damaged_files(tmp_path: Path) -> None:
    path = write_muse(tmp_path, {"I": ONE[:100], "II": TWO[:100]})
    assert assert_damage_is_explained(path, "muse", seed=3) > 100
