"""What the codes of monitors mean, and which are not believed."""

import pytest

from organtwin.errors import RecordError, UnknownNameError
from organtwin.patient.channels import ECG_LEADS
from organtwin.patient.readers.monitor_codes import (
    _LOINC,
    channel_named,
    mdc_identifier,
    plain_unit,
    quantity_in_si,
    quantity_labelled,
    quantity_named,
    unit_named,
)
from organtwin.units import si_factor


@pytest.mark.parametrize(
    ("identifier", "meaning"),
    [
        (("8480-6", "whatever", "LN"), "systolic_pressure"),
        (("147842", "MDC_ECG_HEART_RATE", "MDC"), "heart_rate"),
        (("147842", "", "MDC"), "heart_rate"),
        (("0", "MDC_PRESS_BLD_ART_PULM_MEAN", "MDC"), "pa_mean"),
        (("150035", "MDC_PRESS_BLD_ART_MEAN", ""), "mean_arterial_pressure"),
        (("8480-6", "", "L"), None),
        (("150019", "MDC_PRESS_BLD_MEAN", "MDC"), None),
        (("149530", "MDC_PULS_OXIM_PULS_RATE", "MDC"), None),
        (("131330", "MDC_ECG_ELEC_POTL_II", "MDC"), None),
    ],
)
def test_a_number_is_told_by_code_or_name(
    identifier: tuple[str, str, str], meaning: str | None
) -> None:
    assert quantity_named([identifier], "x") == meaning


@pytest.mark.parametrize(
    ("identifier", "meaning"),
    [
        (("131330", "MDC_ECG_ELEC_POTL_II", "MDC"), "II"),
        (("131330", "MDC_ECG_LEAD_II", "MDC"), "II"),
        (("150036", "", "MDC"), "ABP"),
        (("149504", "MDC_PULS_OXIM_PLETH", "MDC"), "PLETH"),
        (("150037", "MDC_PRESS_BLD_ART_ABP_SYS", "MDC"), None),
        (("131330", "MDC_ECG_ELEC_POTL_II", "99ACME"), None),
    ],
)
def test_a_waveform_is_told_by_code_or_name(
    identifier: tuple[str, str, str], meaning: str | None
) -> None:
    assert channel_named([identifier], "x") == meaning


def test_a_number_and_a_name_that_disagree_are_not_believed() -> None:
    with pytest.raises(RecordError, match=r"131331.*expected MDC_ECG_ELEC_POTL_V1.*LEAD_III"):
        channel_named([("131331", "MDC_ECG_LEAD_III", "MDC")], "x")


def test_two_identifiers_must_mean_one_thing() -> None:
    systolic = ("150033", "MDC_PRESS_BLD_ART_SYS", "MDC")
    assert quantity_named([systolic, ("76215-3", "", "LN")], "x") == "systolic_pressure"
    with pytest.raises(RecordError, match="diastolic_pressure and systolic_pressure"):
        quantity_named([systolic, ("76213-8", "", "LN")], "x")


@pytest.mark.parametrize(
    ("beside", "meaning"),
    [
        (("150045", "MDC_PRESS_BLD_ART_PULM_SYS", "MDC"), "pa_systolic"),
        (("150301", "MDC_PRESS_CUFF_SYS", "MDC"), "systolic_pressure"),
        (("NBPs", "cuff", "99ACME"), "systolic_pressure"),
        (("150041", "MDC_PRESS_BLD_ART_FEMORAL_SYS", "MDC"), None),
        (("8402-0", "another vessel", "LN"), None),
    ],
)
def test_a_pressure_of_no_named_vessel_yields_to_the_code_beside_it(
    beside: tuple[str, str, str], meaning: str | None
) -> None:
    generic = ("8480-6", "Systolic blood pressure", "LN")
    assert quantity_named([generic, beside], "x") == meaning
    assert quantity_named([beside, generic], "x") == meaning


@pytest.mark.parametrize(
    ("sent", "unit", "like"),
    [
        (("266016", "MDC_DIM_MMHG", "MDC"), "mmHg", "mmHg"),
        (("", "MDC_DIM_KILO_PASCAL", "MDC"), "kPa", "mmHg"),
        (("mm[Hg]", "mm Hg", "UCUM"), "mmHg", "mmHg"),
        (("{beats}/min", "", "UCUM"), "/min", "1/min"),
        (("/min", "", ""), "/min", "1/min"),
        (("mL/{beat}", "", "UCUM"), "mL", "mL"),
        (("cm[H2O]", "", "UCUM"), "cmH2O", "mmHg"),
        (("dyn.s/cm5", "", "UCUM"), "dyn.s/cm5", "dyn s/cm5"),
        (("", "", ""), "1", "%"),
    ],
)
def test_units_are_read_in_mdc_and_ucum(sent: tuple[str, str, str], unit: str, like: str) -> None:
    assert unit_named(*sent) == unit
    assert si_factor(unit, like) > 0.0


def test_an_annotation_alone_is_no_unit_of_its_own() -> None:
    assert plain_unit("{score}") == "1"


def test_a_unit_that_does_not_fit_and_an_impossible_value_are_refused_by_name() -> None:
    assert quantity_in_si("systolic_pressure", 16.0, "kPa", "x") == pytest.approx(16e3)
    with pytest.raises(RecordError, match=r"unit of heart_rate.*'mmHg'"):
        quantity_in_si("heart_rate", 72.0, "mmHg", "x")
    with pytest.raises(
        RecordError, match="systolic_pressure: expected 30 to 300 mmHg, got 120 kPa"
    ):
        quantity_in_si("systolic_pressure", 120.0, "kPa", "x")


@pytest.mark.parametrize("label", ["heart_rate", "HR", "hr", "MDC_ECG_HEART_RATE"])
def test_a_label_may_be_the_name_the_short_name_or_that_of_mdc(label: str) -> None:
    assert quantity_labelled(label) == "heart_rate"


def test_a_label_without_meaning_names_nothing() -> None:
    assert [quantity_labelled(word) for word in ("", "SpO2", "MDC_PRESS_BLD_SYS")] == [None] * 3


def test_every_standard_lead_can_be_sent_and_is_read_back() -> None:
    for lead in ECG_LEADS:
        code, name, system = mdc_identifier(lead).split("^")
        assert channel_named([(code, name, system)], "x") == lead
    with pytest.raises(UnknownNameError, match="MCL1"):
        mdc_identifier("MCL1")


def test_every_loinc_code_has_the_check_digit_of_its_number() -> None:
    """LOINC users' guide: modulus 10, doubling every second digit from the right."""
    for code in _LOINC:
        number, digit = code.split("-")
        doubled = [
            int(sign) * 2 if place % 2 == 0 else int(sign)
            for place, sign in enumerate(reversed(number))
        ]
        total = sum(value - 9 if value > 9 else value for value in doubled)
        assert int(digit) == -total % 10, code
