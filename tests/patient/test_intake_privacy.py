"""What a de-identified case keeps: nothing that tells who the patient is, from any kind of file."""

import base64
import gzip
import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from organtwin.patient.case_file import load_case
from organtwin.patient.deidentification import date_shift, person_without_identity
from organtwin.patient.intake import Intake, taken_in
from organtwin.patient.intake_saving import saved_intake
from organtwin.patient.record import Demographics
from tests.patient import written_scp
from tests.patient.geometry.written_images import small_heart, write_nifti
from tests.patient.numbers.written_numbers import (
    number_item,
    observation,
    section,
    write_bundle,
    write_message,
    write_report,
)
from tests.patient.written_edf import write_edf
from tests.patient.written_recordings import ecg_steps, write_wfdb
from tests.patient.written_xml_ecg import twelve, write_muse, write_philips

SECRET = b"a key of this test"
PLANTED = (
    "Quillfeather", "Ottoline", "MRN-778812", "Thornway", "Nettlebridge", "555-0199",
    "Wigglesworth", "1950-06-01", "19500601", "01-JUN-1950", "2024-03-01", "20240301",
    "01/03/2024", "01.03.24", "2019-05-13", "13/05/2019", "2014-10-21", "21/10/2014",
    "Quillfeather".encode("utf-16-le").decode("latin-1"),
    base64.b64encode(b"Quillfeather").decode().rstrip("="),
)  # fmt: skip
NAME = "Quillfeather, Ottoline MRN-778812"
BEATS = np.arange(0.5, 10.0, 1.0)


def one_lead() -> np.ndarray:
    return ecg_steps(BEATS)


def twelve_leads() -> dict[str, np.ndarray]:
    """Steps of 5 uV: a tenth of what the sums of leads would make too large."""
    small = np.round(0.05 * one_lead())
    return twelve(small, 2 * small)


def fhir(folder: Path) -> Path:
    note = [{"text": f"seen {NAME} at 14 Thornway"}]
    rate = observation("8867-4", 72, "/min", note=note, performer=[{"display": "Wigglesworth"}])
    return write_bundle(folder / "Quillfeather.json", rate)


def hl7(folder: Path) -> Path:
    return write_message(
        folder / "Quillfeather.hl7", f"NM|8480-6^{NAME}^LN||122|mm[Hg]|||||F",
        f"TX|note^{NAME}^L||{NAME}||||||F",
    )  # fmt: skip


def report(folder: Path) -> Path:
    fraction = number_item(("LN", "18043-0"), "41", "%", meaning=NAME)
    return write_report(folder / "Quillfeather.dcm", section(("SRT", "T-32600"), fraction))


def table(folder: Path) -> Path:
    path = folder / "Quillfeather.csv"
    path.write_text(
        f'name,value,unit,date,patient\nlv_ef,44,%,2024-03-01,"{NAME}"\n"{NAME}",1,%,2024-03-01,x\n'
    )
    return path


def wfdb(folder: Path) -> Path:
    header = write_wfdb(folder, "Quillfeather", {"I": one_lead(), "II": 2 * one_lead()})
    text = header.read_text().replace("500 5000", "500 5000 10:30:00 01/03/2024", 1)
    header.write_text(f"{text}# Name: {NAME}\n# seen by Wigglesworth\n")
    return header


def dicom(folder: Path) -> Path:
    dataset = pydicom.dcmread(str(get_testdata_file("waveform_ecg.dcm", download=False)))
    dataset.PatientName, dataset.PatientID = "Quillfeather^Ottoline", "MRN-778812"
    dataset.PatientBirthDate, dataset.PatientAddress = "19500601", "14 Thornway"
    dataset.AcquisitionDateTime = dataset.StudyDate = "20240301"
    dataset.add_new(0x00991010, "LO", NAME)
    dataset.WaveformSequence[0].MultiplexGroupLabel = "Quillfeather"
    for annotation in dataset.WaveformAnnotationSequence:
        if "UnformattedTextValue" in annotation:
            annotation.UnformattedTextValue = NAME
    dataset.save_as(folder / "Quillfeather.dcm")
    return folder / "Quillfeather.dcm"


def edf(folder: Path) -> Path:
    signals = {"II": one_lead()}
    path = write_edf(
        folder, signals, {"II": 500}, onsets=tuple(map(float, range(10))), kind="EDF+C",
        patient="MRN-778812 F 01-JUN-1950 Quillfeather",
    )  # fmt: skip
    content = path.read_bytes().replace(b"mark 3", b"Wiggl3").replace(b"13.05.19", b"01.03.24")
    path = path.with_name("Quillfeather.edf")
    path.write_bytes(content)
    return path


def philips(folder: Path) -> Path:
    path = write_philips(folder, twelve_leads())
    text = path.read_text().replace(
        "<sex>", f"<name><lastname>Quillfeather</lastname></name><MRN>{NAME}</MRN><sex>"
    )
    path = path.with_name("Quillfeather.xml")
    path.write_text(text.replace("2020-05-18", "2024-03-01"))
    return path


def muse(folder: Path) -> Path:
    path = write_muse(folder, twelve_leads())
    text = path.read_text().replace("Sinus rhythm", NAME)
    path.write_text(
        text.replace("<PatientAge>", f"<PatientLastName>{NAME}</PatientLastName><PatientAge>")
    )
    return path


def scp(folder: Path) -> Path:
    number, name = b"MRN-778812\0", b"Quillfeather\0"
    tags = written_scp.patient()
    for tag, value in ((0, name), (1, b"Ottoline\0"), (2, number)):
        tags = struct.pack("<BH", tag, len(value)) + value + tags
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(written_scp, "patient", lambda: tags)
        path = written_scp.write_scp(folder, {1: np.round(0.4 * one_lead())})
    return path.rename(path.with_name("Quillfeather.scp"))


def nifti(folder: Path) -> Path:
    labels, affine = small_heart()
    path = write_nifti(
        folder / "Quillfeather.nii", labels, affine, extension=f"<a>{NAME}</a>".encode()
    )
    content = bytearray(path.read_bytes())
    content[148:160] = b"Quillfeather"
    path = path.with_name("Quillfeather.nii.gz")
    path.write_bytes(gzip.compress(bytes(content)))
    return path


WRITERS: tuple[Callable[[Path], Path], ...] = (
    fhir, hl7, report, table, wfdb, dicom, edf, philips, muse, scp, nifti,
)  # fmt: skip


def everything_kept(folder: Path) -> str:
    """All bytes of a case, its copies and the names of both, unpacked."""
    kept = []
    for path in sorted(folder.rglob("*")):
        kept.append(path.relative_to(folder).as_posix())
        if path.is_file():
            content = path.read_bytes()
            packed = content[:2] == b"\x1f\x8b"
            kept.append(content[:64].decode("latin-1"))
            kept.append((gzip.decompress(content) if packed else content).decode("latin-1"))
    return "\n".join(kept)


@pytest.mark.parametrize("written", WRITERS)
def test_nothing_planted_in_a_file_reaches_the_case(
    written: Callable[[Path], Path], tmp_path: Path
) -> None:
    given, kept = tmp_path / "Quillfeather", tmp_path / "kept"
    given.mkdir()
    kept.mkdir()
    source = written(given)
    raw = source.read_bytes()
    assert b"Quillfeather" in (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    intake = Intake(tuple(taken_in([source])))
    assert not intake.refused, intake.refused[0].error
    saved = saved_intake(intake, kept / "case.toml", "case-1", SECRET)
    text = everything_kept(kept)
    assert [planted for planted in PLANTED if planted.lower() in text.lower()] == []
    assert [planted for planted in PLANTED if planted in repr(intake.removed[0][1])] == []
    assert intake.removed[0][1]
    assert saved.record.measurements or saved.record.heart


@pytest.mark.parametrize("written", WRITERS)
def test_the_identity_stays_where_the_user_wants_it(
    written: Callable[[Path], Path], tmp_path: Path
) -> None:
    source = written(tmp_path)
    intake = Intake(tuple(taken_in([source])), keep_identity=True)
    saved_intake(intake, tmp_path / "case.json", "case-1", SECRET)
    assert intake.removed == ()
    taken = [entry.taken for entry in intake.measurements if entry.taken is not None]
    assert {str(day) for day in taken} <= {"2024-03-01", "2014-10-21", "2019-05-13"}
    assert not list(tmp_path.glob("case-*"))


def test_dates_move_together_and_the_same_for_one_case(tmp_path: Path) -> None:
    days = "2024-03-01", "2024-02-10"
    source = write_bundle(
        tmp_path / "a.json", observation("8867-4", 72, "/min", days[0]),
        observation("8741-1", 5, "L/min", days[1]),
    )  # fmt: skip
    intake = Intake(tuple(taken_in([source])))
    record = saved_intake(intake, tmp_path / "case.toml", "case-1", SECRET).record
    first, second = record["heart_rate"].taken, record["cardiac_output"].taken
    assert first is not None
    assert second is not None
    assert first - second == timedelta(days=20)
    assert str(first) not in days
    shift = date_shift("case-1", SECRET)
    assert timedelta(days=-1500) <= shift <= timedelta(days=-30)
    assert date_shift("case-1", SECRET) == shift
    assert len({date_shift(f"case-{n}", SECRET) for n in range(20)}) > 15
    assert date_shift("case-1", b"another key") != shift


@pytest.mark.parametrize(
    ("age", "kept"), [(None, None), (42.7, 42.0), (89.9, 89.0), (90.0, 90.0), (103.2, 90.0)]
)
def test_ages_are_whole_and_above_89_they_are_90(age: float | None, kept: float | None) -> None:
    assert person_without_identity(Demographics("female", age)).age == kept


def test_signals_stay_as_they_were(tmp_path: Path) -> None:
    """Within a part in a thousand million of the largest sample: the rounding to 32 bits."""
    source = dicom(tmp_path)
    intake = Intake(tuple(taken_in([source])))
    record = saved_intake(intake, tmp_path / "case.toml", "case-1", SECRET).record
    before, after = intake.recognised[0].recording, load_case(tmp_path / "case.toml").waveforms
    assert before is not None
    assert list(after) == list(before.waveforms)
    for name, wave in after.items():
        original = before.waveforms[name].values
        assert np.abs(wave.values - original).max() < 1e-9 * np.abs(original).max()
    assert record["qrs_duration"].value == pytest.approx(0.075)


def test_missing_samples_stay_missing(tmp_path: Path) -> None:
    steps = one_lead()
    steps[100:140] = -32768
    header = write_wfdb(tmp_path, "gap", {"II": steps})
    record = saved_intake(
        Intake(tuple(taken_in([header]))), tmp_path / "case.toml", "case-1", SECRET
    ).record
    assert record.waveforms["II"].gaps == 40
