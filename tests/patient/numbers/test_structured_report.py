"""DICOM structured reports of echocardiography, written as devices write them."""

from datetime import date
from pathlib import Path

import pytest

from organtwin.errors import RecordError
from organtwin.patient.numbers import read_numbers
from organtwin.patient.numbers.found import NumbersFile, Reason
from organtwin.units import MMHG
from tests.patient.numbers.damaged_numbers import refusals
from tests.patient.numbers.written_numbers import (
    container,
    modifier,
    number_item,
    section,
    write_report,
)

LV, AORTIC, MITRAL = ("SRT", "T-32600"), ("SRT", "T-35400"), ("SCT", "91134007")
METHOD, FLOW = ("SRT", "G-C036"), ("SRT", "G-C048")
LEAK, FORWARD = ("SCT", "397417004"), ("SRT", "R-42047")
BIPLANE, TEICHHOLZ = ("DCM", "125207"), ("DCM", "125209")
MEAN = modifier(("DCM", "121401"), ("SRT", "R-00317"))
EDV, EF, AREA = ("LN", "18026-5"), ("LN", "18043-0"), ("SRT", "G-038E")


def values(file: NumbersFile) -> dict[str, float]:
    return {entry.name: entry.value for entry in file.measurements}


def test_numbers_mean_what_site_flow_and_method_around_them_say(tmp_path: Path) -> None:
    path = write_report(
        tmp_path / "a.dcm",
        section(LV, number_item(EDV, "128", "ml", modifier(METHOD, BIPLANE)),
                number_item(EF, "41", "%"), number_item(("SRT", "F-32100"), "4.1", "l/min")),
        section(AORTIC, number_item(("LN", "20256-4"), "38", "mm[Hg]"),
                number_item(("LN", "11726-7"), "410", "cm/s", modifier(FLOW, FORWARD)),
                number_item(AREA, "0.9", "cm2"),
                number_item(AREA, "0.2", "cm2", modifier(FLOW, LEAK))),
        section(MITRAL, number_item(AREA, "0.3", "cm2", modifier(FLOW, LEAK)),
                number_item(("LN", "20256-4"), "3", "mm[Hg]")),
    )  # fmt: skip
    file = read_numbers(path)
    assert values(file) == pytest.approx(
        {"lv_edv": 128e-6, "lv_ef": 0.41, "cardiac_output": 4.1e-3 / 60,
         "aortic_mean_gradient": 38 * MMHG, "aortic_peak_velocity": 4.1,
         "aortic_valve_area": 0.9e-4, "aortic_leak_area": 0.2e-4, "mitral_leak_area": 0.3e-4}
    )  # fmt: skip
    assert [entry.reason for entry in file.unused] == [Reason.UNKNOWN]
    assert {entry.taken for entry in file.measurements} == {date(2024, 3, 1)}
    assert (file.who.sex, round(file.who.age or 0)) == ("female", 74)


def test_the_better_method_and_the_mean_of_repeats_are_taken(tmp_path: Path) -> None:
    path = write_report(
        tmp_path / "a.dcm",
        section(LV, number_item(EDV, "140", "ml", modifier(METHOD, TEICHHOLZ)),
                number_item(EDV, "121", "ml", modifier(METHOD, BIPLANE)),
                number_item(EF, "44", "%"), number_item(EF, "46", "%", MEAN),
                number_item(EF, "48", "%")),
    )  # fmt: skip
    file = read_numbers(path)
    assert values(file) == pytest.approx({"lv_edv": 121e-6, "lv_ef": 0.46})
    assert sum(entry.count for entry in file.unused) == 3


def test_patient_characteristics_give_blood_pressure_height_and_weight(tmp_path: Path) -> None:
    path = write_report(
        tmp_path / "a.dcm",
        container(("DCM", "121118"), number_item(("SRT", "F-008EC"), "118", "mm[Hg]"),
                  number_item(("SRT", "F-008ED"), "72", "mm[Hg]"),
                  number_item(("LN", "8302-2"), "1.62", "m")),
        PatientWeight="61.5",
    )  # fmt: skip
    file = read_numbers(path)
    assert values(file) == pytest.approx(
        {"systolic_pressure": 118 * MMHG, "diastolic_pressure": 72 * MMHG}
    )
    assert (file.who.height, file.who.weight) == (1.62, 61.5)


def test_a_mass_divided_by_height_is_no_mass(tmp_path: Path) -> None:
    by_height = modifier(METHOD, ("DCM", "125271"))
    mass = number_item(("LN", "18087-7"), "110", "g", by_height)
    file = read_numbers(write_report(tmp_path / "a.dcm", section(LV, mass)))
    assert file.measurements == ()
    assert "height" in file.unused[0].detail


def test_a_report_that_is_not_complete_is_not_used(tmp_path: Path) -> None:
    path = write_report(
        tmp_path / "a.dcm", section(LV, number_item(EF, "41", "%")), CompletionFlag="PARTIAL"
    )
    assert [entry.reason for entry in read_numbers(path).unused] == [Reason.STATUS]


def test_a_finding_site_that_is_only_mentioned_says_nothing_about_numbers(tmp_path: Path) -> None:
    mentioned = modifier(("SRT", "G-C0E3"), MITRAL)
    mentioned.RelationshipType = "CONTAINS"
    area = number_item(AREA, "0.9", "cm2")
    file = read_numbers(write_report(tmp_path / "a.dcm", section(AORTIC, mentioned, area)))
    assert set(values(file)) == {"aortic_valve_area"}


def test_stages_of_a_stress_test_are_not_taken_for_rest(tmp_path: Path) -> None:
    stage = container(("DCM", "125310"), section(LV, number_item(EF, "71", "%")))
    file = read_numbers(write_report(tmp_path / "a.dcm", stage))
    assert file.measurements == ()
    assert "stress" in file.unused[0].detail


def test_private_elements_are_counted_and_others_named(tmp_path: Path) -> None:
    file = read_numbers(write_report(tmp_path / "a.dcm", section(LV, number_item(EF, "41", "%"))))
    assert {"PatientName", "PatientID", "PatientBirthDate", "ReferringPhysicianName",
            "1 private elements"} <= set(file.private)  # fmt: skip


def test_content_nested_without_end_is_refused(tmp_path: Path) -> None:
    item = number_item(EF, "41", "%")
    for _ in range(70):
        item = container(("DCM", "125007"), item)
    with pytest.raises(RecordError, match="nested"):
        read_numbers(write_report(tmp_path / "a.dcm", item))


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_damage_is_explained(tmp_path: Path) -> None:
    items = number_item(EF, "41", "%"), number_item(EDV, "99", "ml")
    path = write_report(tmp_path / "a.dcm", section(LV, *items))
    assert len(refusals(path, seed=3, spared=340)) > 10
