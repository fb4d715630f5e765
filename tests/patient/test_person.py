"""Age and body as headers write them, and what is said about a patient who is no normal adult."""

import pytest

from organtwin.patient.finding import FindingKind
from organtwin.patient.person import header_demographics, header_findings, unused_findings
from organtwin.patient.record import Demographics
from organtwin.patient.recording import Recording


def header(**facts: str) -> Recording:
    return Recording("ecg.hea", {}, facts=facts)


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("58", 58.0), ("058Y", 58.0), ("58 years", 58.0), ("58.5", 58.5), ("006M", 0.5),
        ("6 months", 0.5), ("003W", 21 / 365.25), ("010D", 10 / 365.25), ("NaN", None),
        ("Unknown", None), ("300", None), ("130Y", None), ("six", None), ("6 fortnights", None),
    ],
)  # fmt: skip
def test_the_unit_of_an_age_counts(written: str, years: float | None) -> None:
    found = header_demographics(header(age=written)).age
    assert found == (years if years is None else pytest.approx(years))


@pytest.mark.parametrize("written", ["300", "130Y", "six", "6 fortnights"])
def test_an_age_that_cannot_be_read_is_told(written: str) -> None:
    (finding,) = header_findings(header(age=written), Demographics())
    assert finding.kind is FindingKind.NOT_USED
    assert f"age '{written}' in ecg.hea is not used" in finding.text


@pytest.mark.parametrize("written", ["NaN", "unknown", ""])
def test_an_age_that_nobody_stated_is_passed_over(written: str) -> None:
    assert not list(header_findings(header(age=written), Demographics()))


def test_height_and_weight_of_a_header_are_compared_with_the_case() -> None:
    recording = header(**{"height [m]": "1.80", "weight [kg]": "80"})
    assert header_demographics(recording).body_surface_area == pytest.approx(2.0, abs=0.01)
    assert not list(header_findings(recording, Demographics(height=1.79, weight=82.0)))
    (finding,) = header_findings(recording, Demographics(height=1.60, weight=82.0))
    assert finding.kind is FindingKind.CONTRADICTION
    assert "says height 1.8, the case says 1.6" in finding.text


def test_what_is_known_of_a_person_and_not_used_is_told() -> None:
    who = Demographics("female", 42.0, 1.65, 60.0)
    (finding,) = unused_findings(who)
    assert finding.kind is FindingKind.NOT_USED
    assert finding.text.startswith("age: shown only")
    (finding,) = unused_findings(Demographics("female", None, 1.65, None))
    assert finding.text.startswith("height: used for the trunk of the ECG only")
    assert not list(unused_findings(Demographics()))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (Demographics(age=4.0), "4 years old, the model is an adult"),
        (Demographics(age=0.5), "6 months old"),
        (Demographics(height=1.40, weight=35.0), "body surface is 1.17 m2"),
        (Demographics(height=2.0, weight=160.0), "body surface is 2.8"),
    ],
)
def test_a_body_unlike_the_model_is_a_contradiction(who: Demographics, words: str) -> None:
    *_, finding = unused_findings(who)
    assert finding.kind is FindingKind.CONTRADICTION
    assert words in finding.text
