"""The table of codes is complete, unambiguous, and what it takes from DICOM stands in DICOM."""

import tomllib

import pytest
from pydicom.sr._concepts_dict import concepts

from organtwin.patient.numbers.codes import BODY, code_table, known_code, meaning_of
from organtwin.quantities import QUANTITIES
from organtwin.resources import asset

ROWS = tomllib.loads(asset("codes/observations.toml").read_text("utf-8"))
IN_DICOM = {
    known_code(scheme, code)
    for scheme, names in concepts.items() for codes in names.values() for code in codes
}  # fmt: skip


def test_every_row_names_a_quantity_and_its_source() -> None:
    for row in ROWS["code"]:
        assert row["quantity"] in QUANTITIES or row["quantity"] in BODY
    assert all(row["source"] and row["meaning"] for kind in ROWS.values() for row in kind)


def test_every_code_said_to_be_of_dicom_stands_in_its_tables() -> None:
    said = [
        (row["system"], row["code"]) for kind in ("code", "unfit") for row in ROWS[kind]
        if "PS3.16" in row["source"]
    ]  # fmt: skip
    assert len(said) > 80
    assert [code for code in said if code not in IN_DICOM] == []


def check_digit(number: str) -> int:
    """Of LOINC (Luhn): every second digit from the right doubled as one number, and the others."""
    doubled = str(2 * int(number[::-1][::2]))
    total = sum(map(int, doubled)) + sum(map(int, number[::-1][1::2]))
    return -total % 10


def test_every_loinc_code_has_its_check_digit() -> None:
    codes = [row["code"] for kind in ROWS.values() for row in kind if row["system"] == "LN"]
    assert len(codes) > 70
    wrong = [code for code in codes if check_digit(code.split("-")[0]) != int(code[-1])]
    assert wrong == []


def test_no_code_at_one_place_means_two_quantities() -> None:
    seen: dict[object, str] = {}
    for row in ROWS["code"]:
        for site in row.get("site", [None]):
            key = (row["system"], row["code"], site, row.get("flow", ""))
            assert seen.setdefault(key, row["quantity"]) == row["quantity"], key
    assert not set(code_table().unfit) & set(code_table().meanings)


@pytest.mark.parametrize(
    ("system", "code", "known"),
    [
        ("http://loinc.org", "8867-4", ("LN", "8867-4")), ("LN", " 8867-4 ", ("LN", "8867-4")),
        ("SRT", "G-038E", ("SCT", "399367004")), ("99SDM", "T-35400", ("SCT", "34202007")),
        ("MDC", "2:16156", ("MDC", "147228")), ("MDC", "147228", ("MDC", "147228")),
        ("http://example.org", "8867-4", None), ("LN", "", None), ("SRT", "nonsense", None),
    ],
)  # fmt: skip
def test_systems_are_known_by_all_of_their_names(
    system: str, code: str, known: tuple[str, str] | None
) -> None:
    assert known_code(system, code) == known


def test_a_code_that_names_the_vessel_counts_more_than_a_generic_one() -> None:
    """So profiles of intensive care write the pressure of the pulmonary artery."""
    meaning = meaning_of([("LN", "8480-6"), ("LN", "8440-0")], arterial=False)
    assert getattr(meaning, "quantity", None) == "pa_systolic"


def test_a_generic_pressure_in_a_panel_of_another_vessel_is_none() -> None:
    assert "arterial" in str(meaning_of([("LN", "8480-6")], arterial=False))


def test_codes_that_contradict_each_other_mean_nothing() -> None:
    assert "different" in str(meaning_of([("LN", "8440-0"), ("LN", "8741-1")]))


def test_a_valve_area_is_an_opening_or_a_leak_by_the_direction_of_flow() -> None:
    area, aortic = [("SCT", "399367004")], "34202007"
    quantities = [getattr(meaning_of(area, aortic, flow), "quantity", None)
                  for flow in ("", "antegrade", "regurgitant", "79692001")]  # fmt: skip
    assert quantities == ["aortic_valve_area", "aortic_valve_area", "aortic_leak_area", None]
