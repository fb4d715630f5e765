"""Words for diagnoses: found by any of their names, asked about, never guessed."""

import json
from pathlib import Path

import pytest
from pydicom.sr._concepts_dict import concepts

from organtwin.errors import RecordError, UnknownNameError
from organtwin.patient.case_file import load_case, save_case
from organtwin.patient.case_saving import saved_case
from organtwin.patient.conditions import UNLISTED, condition_named, mentioned, vocabulary
from organtwin.patient.finding import FindingKind
from organtwin.patient.stated import asked_about, findings_now, with_conditions

HOCM = "obstructive hypertrophic cardiomyopathy"
CASE = """format = "organtwin-case"
version = 1   # the first
id = "p"
title = "Visit"
diagnosis = "{diagnosis}"
{line}
[[measurement]]
name = "lv_ef"
value = 60
unit = "%"
source = "echo"
"""


def case(folder: Path, line: str = "", diagnosis: str = "palpitations") -> Path:
    path = folder / "case.toml"
    path.write_text(CASE.format(line=line, diagnosis=diagnosis), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    ["HOCM", "hocm", "Hypertrophic cardiomyopathy with obstruction", "45227007",
     "cardiomyopathy, hypertrophic, obstructive"],
)  # fmt: skip
def test_a_condition_is_known_by_any_name_in_any_order_and_by_its_code(text: str) -> None:
    assert condition_named(text) == HOCM


def test_british_and_american_spelling_are_the_same() -> None:
    assert condition_named("ischemic cardiomyopathy") == "ischaemic cardiomyopathy"
    assert condition_named("cardiac tumor") == "cardiac tumour"


def test_an_unknown_word_offers_near_names() -> None:
    with pytest.raises(UnknownNameError, match="pericarditis"):
        condition_named("constrictive pericardits")


def test_no_name_stands_for_two_conditions() -> None:
    for name, condition in vocabulary().items():
        for word in (name, *condition.words, *condition.codes):
            assert condition_named(word) == name


def test_codes_are_those_of_the_dicom_standard_or_of_a_public_record(shared_data: Path) -> None:
    told = {code for codes in concepts["SCT"].values() for code in codes}
    record = shared_data / "records" / "fhir" / "synthea_cardiac_arrest_bundle_r4.json"
    for entry in json.loads(record.read_text("utf-8"))["entry"]:
        code = entry["resource"].get("code", {})
        told |= {coding["code"] for coding in code.get("coding", ())}
    used = {code for condition in vocabulary().values() for code in condition.codes}
    assert used <= told


def test_free_text_mentions_what_bears_on_predictions_unless_it_denies_it() -> None:
    assert mentioned("Known HOCM; no atrial fibrillation, diabetes") == (HOCM,)
    assert mentioned("a hit song, an AF of sorts") == ("atrial fibrillation",)
    assert mentioned("Hypertrophic cardiomyopathy with obstruction") == (HOCM,)


def test_a_case_states_conditions_in_words_of_the_vocabulary(tmp_path: Path) -> None:
    record = load_case(case(tmp_path, 'conditions = ["HOCM", "diabetes", "IHSS"]'))
    assert record.conditions == (HOCM, "diabetes mellitus")


def test_a_case_with_an_unknown_condition_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as told:
        load_case(case(tmp_path, 'conditions = ["chronic zebra syndrome"]'))
    assert told.value.field == "conditions"
    assert UNLISTED[0] in told.value.remedy


def test_a_text_that_mentions_more_than_is_stated_is_a_question(tmp_path: Path) -> None:
    asking = load_case(case(tmp_path, 'remarks = "Septal HOCM."'))
    (question,) = [f for f in asking.findings if f.kind is FindingKind.QUESTION]
    assert question.names == (HOCM,) == asked_about(asking)
    answered = with_conditions(asking, [HOCM])
    assert asked_about(answered) == ()
    assert str(question) not in findings_now(answered, tuple(map(str, asking.findings)))


def test_saving_puts_conditions_into_their_line_and_leaves_the_rest(tmp_path: Path) -> None:
    path = case(tmp_path, 'conditions = [\n  "HOCM",\n]  # by echo')
    saved_case(with_conditions(load_case(path), (HOCM, "asthma")), path)
    assert load_case(path).conditions == (HOCM, "asthma")
    assert "version = 1   # the first\n" in path.read_text("utf-8")
    saved_case(with_conditions(load_case(path), ()), path)
    assert path.read_text("utf-8") == CASE.format(line="", diagnosis="palpitations").replace(
        '"palpitations"\n\n', '"palpitations"\n'
    )


def test_saving_leaves_other_names_of_the_same_conditions_as_they_were_written(
    tmp_path: Path,
) -> None:
    path = case(tmp_path, 'conditions = ["HOCM"]')
    before = path.read_text("utf-8")
    saved_case(load_case(path), path)
    assert path.read_text("utf-8") == before


def test_a_json_case_keeps_them(tmp_path: Path) -> None:
    record = load_case(case(tmp_path, 'conditions = ["HOCM"]'))
    save_case(record, tmp_path / "case.json")
    assert load_case(tmp_path / "case.json").conditions == (HOCM,)
