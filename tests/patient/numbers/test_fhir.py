"""FHIR R4: what is read, what is told and not used, and what is refused."""

import json
from datetime import date
from pathlib import Path

import pytest

from organtwin.errors import RecordError
from organtwin.patient.numbers import read_numbers
from organtwin.patient.numbers.fhir import read_observation
from organtwin.patient.numbers.found import NumbersFile, Reason
from organtwin.units import MMHG
from tests.patient.numbers.damaged_numbers import refusals
from tests.patient.numbers.written_numbers import (
    LOINC,
    PATIENT,
    SNOMED,
    coding,
    observation,
    quantity,
    write_bundle,
)

BUNDLE = Path("records/fhir/synthea_cardiac_arrest_bundle_r4.json")


def values(file: NumbersFile) -> dict[str, float]:
    return {entry.name: entry.value for entry in file.measurements}


def reasons(file: NumbersFile) -> dict[Reason, int]:
    found: dict[Reason, int] = {}
    for entry in file.unused:
        found[entry.reason] = found.get(entry.reason, 0) + entry.count
    return found


def panel(code: dict[str, object], *parts: tuple[str, float], **more: object) -> dict[str, object]:
    return {
        "resourceType": "Observation", "status": "final", "code": code,
        "effectiveDateTime": "2024-03-01T09:30:00+01:00",
        "component": [{"code": coding(part), "valueQuantity": quantity(value, "mm[Hg]")}
                      for part, value in parts], **more,
    }  # fmt: skip


def test_numbers_come_in_si_with_day_doubt_and_a_source_of_our_own_words(tmp_path: Path) -> None:
    file = read_numbers(write_bundle(tmp_path / "a.json", observation("8867-4", 72, "/min")))
    (rate,) = file.measurements
    assert rate.value == pytest.approx(1.2)
    assert rate.sd == pytest.approx(2 / 60)
    assert rate.sd_assumed
    assert rate.taken == date(2024, 3, 1)
    assert rate.source == "heart rate LN 8867-4, FHIR R4"


def test_the_parts_of_a_blood_pressure_are_read(tmp_path: Path) -> None:
    pressure = panel(coding("85354-9"), ("8480-6", 131), ("8462-4", 84))
    file = read_numbers(write_bundle(tmp_path / "a.json", pressure))
    assert values(file) == pytest.approx(
        {"systolic_pressure": 131 * MMHG, "diastolic_pressure": 84 * MMHG}
    )


def test_the_generic_code_of_a_pulmonary_pressure_is_not_taken_for_the_arm(tmp_path: Path) -> None:
    both = {"coding": [{"system": LOINC, "code": "8480-6"}, {"system": LOINC, "code": "8440-0"}]}
    lungs = panel(coding("250767002", SNOMED), ("8462-4", 8))
    lungs["component"].append({"code": both, "valueQuantity": quantity(18, "mm[Hg]")})  # type: ignore[attr-defined]
    file = read_numbers(write_bundle(tmp_path / "a.json", lungs))
    assert values(file) == pytest.approx({"pa_systolic": 18 * MMHG})
    assert [entry.reason for entry in file.unused] == [Reason.UNKNOWN]


def test_the_newest_value_is_taken_and_the_others_are_told(tmp_path: Path) -> None:
    rates = [observation("8867-4", 60 + year, "/min", f"20{year}-01-01") for year in (21, 24, 22)]
    file = read_numbers(write_bundle(tmp_path / "a.json", *rates))
    assert values(file)["heart_rate"] == pytest.approx(84 / 60)
    assert reasons(file) == {Reason.OLDER: 2}


def test_of_one_day_the_better_method_is_taken(tmp_path: Path) -> None:
    teichholz, biplane = observation("77891-0", 48, "%"), observation("79991-6", 55, "%")
    file = read_numbers(write_bundle(tmp_path / "a.json", biplane, teichholz))
    assert values(file) == pytest.approx({"lv_ef": 0.55})
    assert reasons(file) == {Reason.OTHER_METHOD: 1}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "preliminary"}, Reason.STATUS),
        ({"status": "entered-in-error"}, Reason.STATUS),
        ({"valueQuantity": quantity(72, "mm[Hg]")}, Reason.UNIT),
        ({"valueQuantity": {"value": 72}}, Reason.UNIT),
        ({"valueQuantity": quantity(700, "/min")}, Reason.RANGE),
        ({"valueQuantity": {**quantity(40, "/min"), "comparator": "<"}}, Reason.NO_NUMBER),
        ({"valueQuantity": {"unit": "/min"}}, Reason.NO_NUMBER),
        ({"code": coding("2339-0")}, Reason.UNKNOWN),
        ({"code": coding("8867-4", "http://example.org")}, Reason.UNKNOWN),
        ({"effectiveDateTime": "2219-01-01"}, Reason.FUTURE),
        ({"subject": {"reference": "Device/d"}}, Reason.AMBIGUOUS),
    ],
)
def test_what_cannot_be_used_is_told_with_its_reason(
    tmp_path: Path, changed: dict[str, object], reason: Reason
) -> None:
    rate = {**observation("8867-4", 72, "/min"), **changed}
    file = read_numbers(write_bundle(tmp_path / "a.json", rate))
    assert file.measurements == ()
    assert reasons(file) == {reason: 1}


def test_a_plain_unit_without_ucum_is_read_as_people_write_it(tmp_path: Path) -> None:
    plain = observation("8867-4", 72, "/min", valueQuantity={"value": 72, "unit": "beats/min"})
    assert values(read_numbers(write_bundle(tmp_path / "a.json", plain))) == {"heart_rate": 1.2}


def test_the_person_is_told_by_patient_height_and_weight(tmp_path: Path) -> None:
    body = observation("8302-2", 171, "cm"), observation("29463-7", 68000, "g")
    rate = observation("8867-4", 72, "/min", "2024-06-01")
    who = read_numbers(write_bundle(tmp_path / "a.json", *body, rate)).who
    assert (who.sex, who.height, who.weight) == ("female", 1.71, 68.0)
    assert who.age == pytest.approx(74.0, abs=0.01)


def test_lines_of_resources_and_a_single_resource_are_read_too(tmp_path: Path) -> None:
    rate, output = observation("8867-4", 72, "/min"), observation("8741-1", 4.8, "L/min")
    lines = tmp_path / "a.ndjson"
    lines.write_text("\n".join(map(json.dumps, (PATIENT, rate, output))) + "\n")
    single = tmp_path / "one.json"
    single.write_text(json.dumps(rate))
    assert set(values(read_numbers(lines))) == {"heart_rate", "cardiac_output"}
    assert set(values(read_numbers(single))) == {"heart_rate"}


def test_private_elements_are_named_and_their_content_is_not(tmp_path: Path) -> None:
    file = read_numbers(write_bundle(tmp_path / "a.json", observation("8867-4", 72, "/min")))
    assert {"Patient.name", "Patient.identifier", "Patient.address", "Patient.birthDate",
            "Observation.subject"} <= set(file.private)  # fmt: skip
    assert "Quillfeather" not in " ".join(file.private)


def test_two_patients_in_one_file_are_refused(tmp_path: Path) -> None:
    other = observation("8867-4", 72, "/min", subject={"reference": "Patient/p2"})
    with pytest.raises(RecordError, match="2 patients"):
        read_numbers(write_bundle(tmp_path / "a.json", other))


def test_an_address_in_a_bundle_is_the_patient(tmp_path: Path) -> None:
    rate = observation("8867-4", 72, "/min", subject={"reference": "urn:uuid:77"})
    path = tmp_path / "a.json"
    entries = [{"fullUrl": "urn:uuid:77", "resource": PATIENT}, {"resource": rate}]
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    assert set(values(read_numbers(path))) == {"heart_rate"}


@pytest.mark.parametrize("begin", ["", '{"resourceType": "Patient"}\n'])
def test_nesting_without_end_is_refused(tmp_path: Path, begin: str) -> None:
    path = tmp_path / "a.json"
    bundle = '{"resourceType": "Bundle", "entry": [{"resource": '
    path.write_text(begin + 50_000 * bundle)
    with pytest.raises(RecordError) as error:
        read_numbers(path)
    assert error.value.field == "nesting"


def test_damage_is_explained(tmp_path: Path) -> None:
    path = write_bundle(
        tmp_path / "a.json", observation("8867-4", 72, "/min"),
        panel(coding("85354-9"), ("8480-6", 131), ("8462-4", 84)),
    )  # fmt: skip
    assert len(refusals(path, seed=7, spared=20)) > 100


def test_the_real_bundle_gives_its_newest_blood_pressure(shared_data: Path) -> None:
    """Values read off the file by hand: the last of ten visits, 22 April 2019."""
    file = read_numbers(shared_data / BUNDLE)
    assert values(file) == pytest.approx(
        {"systolic_pressure": 132.47 * MMHG, "diastolic_pressure": 87.59 * MMHG}, rel=1e-3
    )
    assert {entry.taken for entry in file.measurements} == {date(2019, 4, 22)}
    assert (file.who.sex, round(file.who.age or 0)) == ("male", 73)
    assert reasons(file)[Reason.OLDER] == 36


def test_one_observation_of_a_server_is_read_with_what_is_not_used() -> None:
    measured, sentences = read_observation(observation("8480-6", 122, "mm[Hg]"))
    assert [(each.name, each.sd > 0) for each in measured] == [("systolic_pressure", True)]
    assert measured[0].value == pytest.approx(122 * MMHG)
    assert sentences == ()
    measured, sentences = read_observation(observation("2339-0", 90, "mg/dL"))
    assert measured == ()
    assert "no quantity of this program" in sentences[0]


def test_an_observation_of_another_shape_is_refused() -> None:
    with pytest.raises(RecordError):
        read_observation({"resourceType": "Observation", "status": "final", "component": 7})


def condition(code: str, status: str = "active", sure: str = "confirmed") -> dict[str, object]:
    return {
        "resourceType": "Condition", "subject": {"reference": "Patient/p1"},
        "clinicalStatus": coding(status, "clinical"), "verificationStatus": coding(sure, "sure"),
        "code": coding(code, SNOMED, "something"),
    }  # fmt: skip


def test_conditions_that_hold_are_taken_over_by_their_code(tmp_path: Path) -> None:
    file = read_numbers(write_bundle(
        tmp_path / "a.json", condition("45227007"), condition("70142008", "resolved"),
        condition("85598007", sure="differential"), condition("444814009"),
    ))  # fmt: skip
    assert file.conditions == ("obstructive hypertrophic cardiomyopathy",)
    assert reasons(file) == {Reason.STATUS: 2, Reason.CONDITION: 1}


def test_conditions_of_another_patient_refuse_the_file(tmp_path: Path) -> None:
    other = {**condition("45227007"), "subject": {"reference": "Patient/p2"}}
    with pytest.raises(RecordError, match="2 patients"):
        read_numbers(write_bundle(tmp_path / "a.json", other))
