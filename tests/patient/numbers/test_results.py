"""HL7 version 2 results from files."""

from datetime import date
from pathlib import Path

import pytest

from organtwin.errors import RecordError
from organtwin.patient.numbers import read_numbers
from organtwin.patient.numbers.found import NumbersFile, Reason
from organtwin.units import MMHG
from tests.patient.numbers.damaged_numbers import refusals
from tests.patient.numbers.written_numbers import write_message

SYSTOLIC = "NM|8480-6^Systolic^LN||122|mm[Hg]^^UCUM|||||F|||20240301103000"


def values(file: NumbersFile) -> dict[str, float]:
    return {entry.name: entry.value for entry in file.measurements}


def test_numbers_of_loinc_and_of_monitors_are_read(tmp_path: Path) -> None:
    path = write_message(
        tmp_path / "a.hl7", SYSTOLIC,
        "NM|147842^MDC_ECG_HEART_RATE^MDC|1.1|84|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R",
        "NM|LOCAL^CO^L^8741-1^Cardiac output^LN||5.1|L/min|||||C",
        "SN|8414-5^PA mean^LN||^21|kPa|||||P", "SN|75994-4^Wedge^LN||=^12|mm[Hg]|||||F",
    )  # fmt: skip
    file = read_numbers(path)
    assert values(file) == pytest.approx(
        {"systolic_pressure": 122 * MMHG, "heart_rate": 1.4, "cardiac_output": 5.1e-3 / 60,
         "pcwp": 12 * MMHG}
    )  # fmt: skip
    assert [entry.reason for entry in file.unused] == [Reason.STATUS]
    assert {entry.taken for entry in file.measurements} == {date(2024, 3, 1)}
    assert (file.who.sex, round(file.who.age or 0)) == ("female", 74)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("NM|8480-6^x^LN||122|mm[Hg]|||||P", Reason.STATUS),
        ("NM|8480-6^x^LN||122|mm[Hg]|||||W", Reason.STATUS),
        ("NM|8480-6^x^LN||-999|mm[Hg]|||||F", Reason.RANGE),
        ("NM|8480-6^x^LN||>200|mm[Hg]|||||F", Reason.NO_NUMBER),
        ("SN|8480-6^x^LN||>^200|mm[Hg]|||||F", Reason.NO_NUMBER),
        ("ST|8480-6^x^LN||122|mm[Hg]|||||F", Reason.NO_NUMBER),
        ("NM|8480-6^x^LN||122||||||F", Reason.UNIT),
        ("NM|8480-6^x^LN||122|%|||||F", Reason.UNIT),
        ("NM|150022^MDC_ECG_HEART_RATE^MDC||88|mm[Hg]|||||F", Reason.AMBIGUOUS),
        ("NM|8480-6^x^L||122|mm[Hg]|||||F", Reason.UNKNOWN),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_its_reason(
    tmp_path: Path, result: str, reason: Reason
) -> None:
    file = read_numbers(write_message(tmp_path / "a.hl7", result))
    assert file.measurements == ()
    assert [entry.reason for entry in file.unused] == [reason]


def test_a_verified_value_counts_more_than_one_of_a_monitor(tmp_path: Path) -> None:
    monitor = SYSTOLIC.replace("||122|", "||140|").replace(
        "|F|||20240301103000", "|R|||20240301110000"
    )
    file = read_numbers(write_message(tmp_path / "a.hl7", SYSTOLIC, monitor))
    assert values(file) == pytest.approx({"systolic_pressure": 122 * MMHG})


def test_private_fields_are_named(tmp_path: Path) -> None:
    file = read_numbers(write_message(tmp_path / "a.hl7", SYSTOLIC))
    assert {"PID-3", "PID-5", "PID-7", "PID-11"} <= set(file.private)


def test_messages_of_two_patients_are_refused(tmp_path: Path) -> None:
    first = write_message(tmp_path / "a.hl7", SYSTOLIC).read_bytes()
    second = write_message(tmp_path / "b.hl7", SYSTOLIC, patient="PID|1||X-9").read_bytes()
    (tmp_path / "c.hl7").write_bytes(first + b"\r" + second)
    with pytest.raises(RecordError, match="2 patients"):
        read_numbers(tmp_path / "c.hl7")


def test_damage_is_explained(tmp_path: Path) -> None:
    path = write_message(tmp_path / "a.hl7", SYSTOLIC, SYSTOLIC)
    assert len(refusals(path, seed=11, spared=9)) > 10
