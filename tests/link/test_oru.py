"""Results in ORU messages: numbers, waveforms, units, times, and what is refused by name."""

import re
from datetime import datetime

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.link.oru import Results, results_of
from organtwin.patient.readers.hl7_message import message_of
from organtwin.patient.uncertainty import default_sd
from tests.link.written_oru import ART, LEAD, LEAD_RATE, RATE, oru


def read(*lines: str, **how: str) -> Results:
    return results_of(message_of(oru(*lines, **how), "bed 4"))


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("kind", ["ORU^R01^ORU_R01", "ORU^R01", "ORU^R40^ORU_R40"])
def test_numbers_are_read_by_loinc_and_mdc_code(kind: str) -> None:
    rate, pressure = read(RATE, ART, kind=kind).numbers
    assert (rate.name, rate.value) == ("heart_rate", pytest.approx(72.0 / 60.0))
    assert (pressure.name, pressure.value) == ("systolic_pressure", pytest.approx(120 * 133.322387))
    assert rate.sd == default_sd("heart_rate", rate.value)


def test_time_is_that_of_the_result_else_of_its_order() -> None:
    rate, pressure = read(RATE, ART).numbers
    assert rate.time == at("2024-01-31T12:04:59+01:00")
    assert pressure.time == at("2024-01-31T12:04:58.5+01:00")


def test_time_of_the_message_is_the_last_resort() -> None:
    content = oru(RATE).replace(b"|||20240131120459.000+0100", b"")
    (rate,) = results_of(message_of(content, "x")).numbers
    assert rate.time == at("2024-01-31T12:05:00+01:00")


def test_a_waveform_is_read_with_the_rate_beneath_it() -> None:
    results = read(LEAD, LEAD_RATE)
    (wave,) = results.waves
    assert (wave.channel, wave.rate) == ("II", 250.0)
    assert wave.values == pytest.approx([0.0, 0.5e-3, -0.25e-3, 1e-3])
    assert wave.start == at("2024-01-31T12:04:58+01:00")
    assert (results.unknown, results.faults) == ([], [])


def test_each_waveform_has_its_own_attributes_in_any_order() -> None:
    other = LEAD.replace("131330^MDC_ECG_ELEC_POTL_II", "131389^MDC_ECG_LEAD_III").replace(
        "1.2.1|", "1.2.10|"
    )
    rate = LEAD_RATE.replace("1.2.1.1", "1.2.10.1").replace("|250|", "|500|")
    waves = read(rate, LEAD, other, LEAD_RATE).waves
    assert [(wave.channel, wave.rate) for wave in waves] == [("II", 250.0), ("III", 500.0)]


def test_attributes_with_the_number_of_the_waveform_itself_belong_to_the_one_before() -> None:
    same = LEAD_RATE.replace("1.2.1.1", "1.2.1")
    again = LEAD.replace("131330^MDC_ECG_ELEC_POTL_II", "131329^MDC_ECG_ELEC_POTL_I")
    waves = read(LEAD, same, again, same.replace("|250|", "|125|")).waves
    assert [(wave.channel, wave.rate) for wave in waves] == [("II", 250.0), ("I", 125.0)]


def test_an_attribute_of_nothing_in_the_message_is_reported_not_given_to_another() -> None:
    stray = LEAD_RATE.replace("1.2.1.1", "1.2.10.1").replace("|250|", "|500|")
    results = read(LEAD, stray)
    assert results.waves == []
    assert results.unknown == ["0 MDC_ATTR_SAMP_RATE (NM) is nothing that this program uses"]
    assert "MDC_ATTR_SAMP_RATE of 131330" in results.faults[0]


def test_stored_counts_are_scaled_and_the_mark_for_missing_becomes_nan() -> None:
    counts = LEAD.replace("0^0.5^-0.25^1", "100^32767^^-200").replace(
        "266418^MDC_DIM_MILLI_VOLT^MDC", "262656^MDC_DIM_DIMLESS^MDC"
    )
    resolution = (
        "OBX|6|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|1.2.1.2|0.005|266418^MDC_DIM_MILLI_VOLT^MDC"
    )
    missing = "OBX|7|NM|262196^MDC_EVT_INOP^MDC|1.2.1.3|32767"
    (wave,) = read(counts, LEAD_RATE, resolution, missing).waves
    assert wave.values == pytest.approx([0.5e-3, np.nan, np.nan, -1e-3], nan_ok=True)


def test_samples_between_repetition_signs_are_read_as_well() -> None:
    (wave,) = read(LEAD.replace("0^0.5^-0.25^1", "0~0.5~-0.25~1"), LEAD_RATE).waves
    assert wave.values == pytest.approx([0.0, 0.5e-3, -0.25e-3, 1e-3])


def test_what_is_not_known_is_reported_and_the_rest_is_read() -> None:
    saturation = "OBX|9|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.3|98|262688^MDC_DIM_PERCENT^MDC"
    note = "OBX|10|ST|147842^MDC_ECG_HEART_RATE^MDC|1.1.4|fine"
    gas = LEAD.replace("131330^MDC_ECG_ELEC_POTL_II", "151684^MDC_CONC_AWAY_CO2")
    deleted = RATE.replace("|||||F", "|||||X").replace("|72|", "||")
    device = "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X"
    odd = "OBX|11|NM|0^MDC_ATTR_STRANGE^MDC|1.2.1.7|1"
    results = read(device, saturation, note, gas, deleted, LEAD, LEAD_RATE, odd, ART)
    assert [number.name for number in results.numbers] == ["systolic_pressure"]
    assert len(results.waves) == 1
    assert sorted(results.unknown) == sorted([
        "150456 MDC_PULS_OXIM_SAT_O2 (NM) is nothing that this program uses",
        "147842 MDC_ECG_HEART_RATE (ST) is nothing that this program uses",
        "8867-4 Heart rate has result status X: no value",
        "MDC_ATTR_STRANGE of 131330 MDC_ECG_ELEC_POTL_II is not known",
        "151684 MDC_CONC_AWAY_CO2 (waveform) is nothing that this program uses",
    ])  # fmt: skip
    assert results.faults == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (RATE.replace("/min^per minute^UCUM", "mm[Hg]^^UCUM"), "unit of heart_rate.*'mmHg'"),
        (RATE.replace("/min^per minute^UCUM", "furlong"), "unit of heart_rate.*furlong"),
        (RATE.replace("|72|", "|7200|"), "heart_rate: expected 15 to 300 1/min, got 7200"),
        (RATE.replace("|72|", "|seventy|"), "8867-4 Heart rate: expected a number, got seventy"),
        (RATE.replace("|72|", "|nan|"), "expected a number, got nan"),
        (RATE.replace("|72|", "||"), "expected a number, got nothing"),
        (ART.replace("20240131120458.500+0100", "yesterday"), "OBX-14 of 150033.*got yesterday"),
        (ART.replace("150033", "150034"), "150034.*expected MDC_PRESS_BLD_ART_DIA"),
        (LEAD, "MDC_ATTR_SAMP_RATE of 131330.*got nothing"),
        (f"{LEAD}\r{LEAD_RATE.replace('|250|', '|0|')}", "samples per second, got 0"),
        (f"{LEAD}\r{LEAD_RATE.replace('264608^MDC_DIM_PER_SEC', '264338^MDC_DIM_MILLI_SEC')}",
         "samples per second, got 250 ms"),
        (f"{LEAD.replace('-0.25', 'low')}\r{LEAD_RATE}", "samples of 131330.*could not convert"),
        (f"{LEAD.replace('-0.25', 'inf')}\r{LEAD_RATE}", "finite numbers"),
        (f"{LEAD.replace('0^0.5^-0.25^1', '')}\r{LEAD_RATE}", "samples of 131330.*got 0"),
        (f"{LEAD.replace('266418^MDC_DIM_MILLI_VOLT', '266016^MDC_DIM_MMHG')}\r{LEAD_RATE}",
         "131330 MDC_ECG_ELEC_POTL_II unit.*mmHg"),
        (f"{LEAD}\r{LEAD_RATE}\rOBX|6|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|1.2.1.2|1e99"
         "\rOBX|7|NM|0^MDC_ATTR_NU_MSMT_RES^MDC|1.2.1.2|" + 400 * "9", "expected a number"),
        (f"{LEAD.replace('0.5', '1e300')}\r{LEAD_RATE}\r"
         "OBX|6|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|1.2.1.2|1e99", "finite numbers, got infinity"),
    ],
)  # fmt: skip
def test_a_result_that_contradicts_itself_is_refused_by_name(line: str, told: str) -> None:
    results = read(line, ART.replace("|||20240131120458.500+0100", ""))
    assert len(results.faults) == 1
    assert re.search(told, results.faults[0]), results.faults
    assert [number.name for number in results.numbers] == ["systolic_pressure"]
    assert results.waves == []


def test_a_code_of_thousands_of_digits_is_only_unknown() -> None:
    results = read(RATE.replace("8867-4^Heart rate^LN", f"{9_999 * '7'}^x^MDC"))
    assert len(results.unknown) == 1


def test_another_kind_of_message_is_refused() -> None:
    with pytest.raises(RecordError, match=r"MSH-9.*ADT\^A01"):
        read(RATE, kind="ADT^A01")


def test_damaged_messages_are_explained() -> None:
    good = oru(RATE, ART, LEAD, LEAD_RATE)
    random = np.random.default_rng(8)
    refused = 0
    for _ in range(400):
        content = bytearray(good)
        for place in random.integers(0, len(content), int(random.integers(1, 5))):
            content[place] = int(random.integers(0, 256))
        try:
            results_of(message_of(bytes(content), "x"))
        except RecordError as error:
            refused += bool(error.remedy)
    assert refused > 50
