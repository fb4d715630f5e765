"""Files that come in together: what each is, whether they are of one patient, and their case."""

import json
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import InputError, RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.intake import Intake, taken_in
from organtwin.patient.intake_reading import are_to_import
from organtwin.patient.intake_saving import SavedIntake, check_into, saved_intake
from organtwin.patient.numbers.found import Reason
from organtwin.units import MMHG
from tests.patient.geometry.written_images import small_heart, write_dicom_seg, write_nifti
from tests.patient.numbers.written_numbers import observation, write_bundle, write_message
from tests.patient.written_recordings import ecg_steps, write_wfdb

SYSTOLIC = "NM|8480-6^Systolic^LN||122|mm[Hg]|||||F"


def intake_of(*paths: Path, **how: bool) -> Intake:
    return Intake(tuple(taken_in(paths)), **how)


def saved(intake: Intake, target: Path) -> SavedIntake:
    return saved_intake(intake, target, "case-1", b"key")


def bundle(folder: Path, name: str = "a.json", **more: object) -> Path:
    return write_bundle(folder / name, observation("8867-4", 72, "/min", **more))


def ecg(folder: Path, name: str = "strip") -> Path:
    beats = ecg_steps(np.arange(0.5, 10.0, 1.0))
    header = write_wfdb(folder, name, {"I": beats, "II": 2 * beats})
    header.write_text(header.read_text().replace("Male", "Female").replace("58", "73"))
    return header


def test_each_file_is_told_by_its_content(tmp_path: Path) -> None:
    labels, affine = small_heart()
    table = tmp_path / "t.csv"
    table.write_text("name,value,unit\nlv_ef,44,%\n")
    message = write_message(tmp_path / "m.txt", SYSTOLIC)
    image = write_nifti(tmp_path / "h.nii.gz", labels, affine)
    strip = ecg(tmp_path)
    paths = (bundle(tmp_path), message, table, strip, strip.with_suffix(".dat"), image)
    kinds = [file.kind for file in intake_of(*paths).files]
    assert kinds == ["FHIR R4", "HL7 v2", "table", "wfdb recording", "belongs to strip.hea",
                     "label image"]  # fmt: skip


@pytest.mark.parametrize("name", ["no.json", "case.toml", "notes.pdf", "empty.hl7"])
def test_what_is_not_read_is_refused_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    other = tmp_path / name
    content = {"case.toml": 'format = "organtwin-case"\n', "empty.hl7": "", "notes.pdf": "%PDF"}
    if name in content:
        other.write_text(content[name])
    intake = intake_of(other, bundle(tmp_path))
    (refused,) = intake.refused
    assert isinstance(refused.error, RecordError)
    assert refused.error.remedy
    assert [file.kind for file in intake.recognised] == ["FHIR R4"]


def test_numbers_and_signals_of_one_patient_make_one_case(tmp_path: Path) -> None:
    intake = intake_of(bundle(tmp_path), write_message(tmp_path / "m.hl7", SYSTOLIC), ecg(tmp_path))
    record = saved(intake, tmp_path / "case.toml").record
    assert record["heart_rate"].value == pytest.approx(1.2)
    assert record["systolic_pressure"].value == pytest.approx(122 * MMHG)
    assert set(record.waveforms) == {"I", "II"}
    assert record.demographics.sex == "female"
    assert load_case(tmp_path / "case.toml").case_id == "case-1"


def test_the_newest_of_several_files_is_taken(tmp_path: Path) -> None:
    old = write_bundle(tmp_path / "o.json", observation("8867-4", 60, "/min", "2023-01-01"))
    intake = intake_of(old, bundle(tmp_path))
    assert [entry.value for entry in intake.measurements] == [pytest.approx(1.2)]
    assert [(file.path.name, unused.reason) for file, unused in intake.ignored] == [
        ("o.json", Reason.OLDER)
    ]


def test_numbers_much_older_than_the_newest_are_told(tmp_path: Path) -> None:
    days = {"8741-1": "2023-12-02", "75994-4": "2023-12-01"}
    old = [observation(code, 5, unit, day) for (code, day), unit
           in zip(days.items(), ("L/min", "mm[Hg]"), strict=True)]  # fmt: skip
    path = write_bundle(tmp_path / "a.json", observation("8867-4", 72, "/min"), *old)
    assert intake_of(path).notes == ("PCWP was measured 91 days before the newest number",)


@pytest.mark.parametrize(
    ("patient", "what"),
    [
        ("PID|1||OTHER-1|||||F", "numbers"), ("PID|1||MRN-778812|||||M", "sexes"),
        ("PID|1||MRN-778812||||19510601|F", "dates of birth"),
    ],
)  # fmt: skip
def test_files_of_two_patients_are_refused_unless_said_to_be_one(
    tmp_path: Path, patient: str, what: str
) -> None:
    other = write_message(tmp_path / "m.hl7", SYSTOLIC, patient=patient)
    first = bundle(tmp_path)
    with pytest.raises(RecordError, match=what):
        saved(intake_of(first, other), tmp_path / "case.toml")
    assert not (tmp_path / "case.toml").exists()
    record = saved(intake_of(first, other, same_patient=True), tmp_path / "case.toml").record
    assert {"heart_rate", "systolic_pressure"} <= {entry.name for entry in record.measurements}


def test_numbers_that_no_heart_shows_together_are_refused_as_a_whole(tmp_path: Path) -> None:
    volumes = observation("8821-1", 80, "mL"), observation("8823-7", 90, "mL")
    intake = intake_of(write_bundle(tmp_path / "a.json", *volumes))
    with pytest.raises(RecordError, match="LVEDV"):
        check_into(intake, None)
    with pytest.raises(RecordError, match="LVEDV"):
        saved(intake, tmp_path / "case.toml")
    assert not (tmp_path / "case.toml").exists()


def test_nothing_of_use_makes_no_case(tmp_path: Path) -> None:
    nothing = write_bundle(tmp_path / "a.json", observation("2339-0", 90, "mg/dL"), patient=False)
    with pytest.raises(RecordError, match="nothing that can be used"):
        saved(intake_of(nothing), tmp_path / "case.toml")


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_a_case_is_added_to_and_what_it_states_stays(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"case{suffix}"
    saved(intake_of(bundle(tmp_path)), target)
    if suffix == ".toml":
        target.write_text("# a note\n" + target.read_text())
    faster = write_message(
        tmp_path / "m.hl7",
        SYSTOLIC,
        "NM|8867-4^HR^LN||90|/min|||||F",
        "NM|8302-2^H^LN||170|cm|||||F",
    )
    added = saved(intake_of(faster, ecg(tmp_path)), target)
    assert added.record["heart_rate"].value == pytest.approx(1.2)
    assert "systolic_pressure" in added.record
    assert added.record.demographics.height == pytest.approx(1.7)
    assert set(added.record.waveforms) == {"I", "II"}
    assert [entry.reason for entry in added.already] == [Reason.STATED]
    if suffix == ".toml":
        assert target.read_text().startswith("# a note\n")


def test_the_dates_of_a_case_move_alike_when_it_is_added_to(tmp_path: Path) -> None:
    target = tmp_path / "case.toml"
    saved(intake_of(bundle(tmp_path)), target)
    more = write_bundle(tmp_path / "b.json", observation("8741-1", 5, "L/min", "2024-03-11"))
    record = saved_intake(intake_of(more), target, "case-2", b"key").record
    first, second = record["heart_rate"].taken, record["cardiac_output"].taken
    assert first is not None
    assert second is not None
    assert (second - first).days == 10


def test_a_case_of_another_patient_is_not_added_to(tmp_path: Path) -> None:
    target = tmp_path / "case.toml"
    saved(intake_of(bundle(tmp_path)), target)
    before = target.read_bytes()
    man = write_message(tmp_path / "m.hl7", SYSTOLIC, patient="PID|1||X|||||M")
    with pytest.raises(RecordError, match="sex"):
        check_into(intake_of(man), target)
    with pytest.raises(RecordError, match="sex"):
        saved(intake_of(man), target)
    assert target.read_bytes() == before


def test_a_case_that_cannot_be_read_back_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """The case states an end-systolic volume, the import brings a smaller end-diastolic one."""
    target = tmp_path / "case.toml"
    esv = write_bundle(tmp_path / "a.json", observation("8823-7", 90, "mL"))
    saved(intake_of(esv), target)
    before = target.read_bytes()
    edv = write_bundle(tmp_path / "b.json", observation("8821-1", 80, "mL"))
    with pytest.raises(RecordError):
        saved(intake_of(edv, ecg(tmp_path)), target)
    assert target.read_bytes() == before
    assert not (tmp_path / "case-recordings").exists()


def test_annotations_beside_a_record_are_told_as_such(tmp_path: Path) -> None:
    header = ecg(tmp_path)
    marks = tmp_path / "strip.atr"
    marks.write_bytes(b"\1\2")
    alone, beside = intake_of(marks), intake_of(header, marks)
    assert alone.refused
    assert not beside.refused
    assert beside.files[1].kind == "beside strip.hea, not read"


def test_copies_of_another_import_are_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "case-recordings"
    folder.mkdir()
    (folder / "recording-1.hea").write_text("of another case")
    record = saved(intake_of(ecg(tmp_path)), tmp_path / "case.toml").record
    assert (folder / "recording-1.hea").read_text() == "of another case"
    assert Path(record.recordings[0].file).name == "recording-2.hea"


def test_a_lead_of_two_recordings_is_taken_once(tmp_path: Path) -> None:
    intake = intake_of(ecg(tmp_path, "one"), ecg(tmp_path, "two"))
    record = saved(intake, tmp_path / "case.toml").record
    assert set(record.waveforms) == {"I", "II"}
    assert [unused.reason for _, unused in intake.ignored] == [Reason.DUPLICATE, Reason.DUPLICATE]


def test_a_heart_of_a_format_that_cannot_be_cleaned_needs_its_identity(tmp_path: Path) -> None:
    labels, affine = small_heart()
    masks = {int(value): labels == value for value in np.unique(labels) if value}
    names = {value: f"part {value}" for value in masks}
    image = write_dicom_seg(tmp_path / "h.dcm", masks, names, affine)
    target = tmp_path / "case.json"
    with pytest.raises(InputError, match="keep the identity"):
        saved(intake_of(image), target)
    assert not target.exists()
    assert not (tmp_path / "case-heart").exists()
    heart = saved(intake_of(image, keep_identity=True), target).record.heart
    assert heart is not None
    assert heart.files[0].resolve() == image.resolve()
    assert json.loads(target.read_text())["heart"]["files"] == ["h.dcm"]


def test_what_is_dropped_is_imported_when_it_is_no_single_case_heart_or_recording(
    tmp_path: Path,
) -> None:
    labels, affine = small_heart()
    image = write_nifti(tmp_path / "h.nii.gz", labels, affine)
    strip, message = ecg(tmp_path), write_message(tmp_path / "m.hl7", SYSTOLIC)
    assert are_to_import([message])
    assert are_to_import([strip, image])
    assert are_to_import([strip, ecg(tmp_path, "other")])
    assert not are_to_import([strip, strip.with_suffix(".dat")])
    assert not are_to_import([image])
    assert not are_to_import([tmp_path / "case.toml"])
