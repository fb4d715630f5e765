"""Every way we could think of to write a case file wrongly, and what the message then says."""

# ruff: noqa: E501  (a table of cases reads best with one case a line)

import json
import tomllib
from pathlib import Path

import pytest

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from tests.patient.written_recordings import assert_explains

GOOD = """
format = "organtwin-case"
version = 1
id = "p"
title = "t"
diagnosis = "d"
[patient]
sex = "male"
age = "58 years"
height = "178 cm"
[[measurement]]
name = "lv_edv"
value = 200
unit = "mL"
sd = 20
source = "echo"
[[measurement]]
name = "lv_ef"
value = 30
unit = "%"
sd = 4
taken = "2025-03-01"
source = "echo"
[[measurement]]
name = "systolic_pressure"
value = 120
unit = "mmHg"
source = "cuff"
"""

ENTRY = '\n[[measurement]]\nname = "{}"\nvalue = {}\nunit = "{}"\nsource = "s"\n'

# (what is wrong, old text, new text, field, expected, got, remedy)
BROKEN = [
    ("negative EF", "value = 30", "value = -30", r"measurement\[2\].value", "3 to 95 %", "-30 %", "check number"),
    ("EF above 100 %", "value = 30", "value = 150", r"measurement\[2\].value", "3 to 95 %", "150 %", "unit"),
    ("EF as a fraction in percent", "value = 30", "value = 0.3", r"measurement\[2\].value", "3 to 95", "0.3 %", "unit"),
    ("not a number", "value = 30", "value = nan", r"measurement\[2\].value", "finite", "nan", "Leave the entry out"),
    ("infinite", "value = 200", "value = inf", r"measurement\[1\].value", "finite", "inf", "Leave"),
    ("text for a number", "value = 30", 'value = "30"', r"measurement\[2\].value", "without quotes", "'30'", "Correct"),
    ("truth value for a number", "value = 30", "value = true", r"measurement\[2\].value", "number", "True", "Correct"),
    ("value missing", "value = 30\n", "", r"measurement\[2\].value", "a number", "nothing", "Add `value"),
    ("unit missing", 'unit = "%"\n', "", r"measurement\[2\].unit", "a text", "nothing", "Add `unit"),
    ("unknown unit", 'unit = "mmHg"', 'unit = "mmQg"', r"measurement\[3\].unit", "mmHg", "'mmQg'", "mmHg"),
    ("unit of another kind", 'unit = "mmHg"', 'unit = "mL"', r"measurement\[3\].unit", "same kind", r"length.*3", "mmHg"),
    ("unknown quantity", '"lv_ef"', '"lvef"', r"measurement\[2\].name", "quantity", "did you mean.*'lv_ef'", "FORMAT.md"),
    ("quantity twice", 'source = "cuff"', 'source = "cuff"' + ENTRY.format("lv_ef", 31, "%"), r"measurement\[4\].name", "once", "'lv_ef' a second time", "second case"),
    ("unknown key in an entry", "sd = 4", "stdev = 4", r"measurement\[2\].stdev", "one of name, value", "unknown key 'stdev'", "delete"),
    ("unknown key of the file", 'title = "t"', 'titel = "t"', "^titel", "one of", "did you mean.*'title'", "delete"),
    ("sd of zero", "sd = 4", "sd = 0", r"measurement\[2\].sd", "above zero", "^0$", "leave `sd` out"),
    ("negative sd", "sd = 4", "sd = -4", r"measurement\[2\].sd", "above zero", "-4", "default"),
    ("sd that says nothing", "sd = 4", "sd = 1e300", r"measurement\[2\].sd", "0.00092 to 92 %", "1e.300 %", "leave `sd` out"),
    ("sd finer than any reading", "sd = 4", "sd = 1e-306", r"measurement\[2\].sd", "0.00092 to 92 %", "1e-306 %", "leave `sd` out"),
    ("impossible date", "2025-03-01", "2025-13-01", r"measurement\[2\].taken", "2025-03-01", "2025-13-01", "year-month-day"),
    ("date to come", "2025-03-01", "2999-01-01", r"measurement\[2\].taken", "1900-01-01 to today", "2999-01-01", "Correct the date"),
    ("date as a number", '"2025-03-01"', "20250301", r"measurement\[2\].taken", "such as 2025-03-01", "20250301", "year-month-day"),
    ("number of 400 digits", "value = 30", f"value = {'9' * 400}", r"measurement\[2\].value", "finite", "999", "Leave"),
    ("number of 5000 digits", "value = 30", f"value = {'9' * 5000}", "TOML", "well-formed", "digits", "Correct"),
    ("key twice", "sd = 4", "sd = 4\nsd = 5", "TOML", "well-formed", "line 2.*sd = 5", "each key stands once"),
    ("decimal comma", '"178 cm"', '"1,78 m"', "patient.height", "number with its unit", "1,78 m", "decimal sign is a point"),
    ("nested without end", "sd = 4", "sd = " + 5000 * "[", "nesting", "three deep", "hundreds", "FORMAT.md"),
    ("source missing", 'source = "cuff"', "", r"measurement\[3\].source", "text", "nothing", "Add `source"),
    ("unknown provenance", 'source = "cuff"', 'source = "c"\nprovenance = "guessed"', r"measurement\[3\].provenance", "measured, published, typical", "guessed", "one of"),
    ("unknown conduction", 'title = "t"', 'title = "t"\nconduction = "LBB"', "conduction", "lbbb", "unknown word 'LBB'", "one of"),
    ("unknown sex", '"male"', '"m"', "patient.sex", "female, male", "'m'", "one of"),
    ("height without unit", '"178 cm"', '"178"', "patient.height", "number with its unit", "'178'", "one text"),
    ("height in kg", '"178 cm"', '"178 kg"', "patient.height", "same kind", "mass", "cm"),
    ("height as inches in metres", '"178 cm"', '"70 m"', "patient.height", "40 to 260 cm", "70 m", "Check"),
    ("age of a tortoise", '"58 years"', '"190 years"', "patient.age", "0 to 120 years", "190 years", "Check"),
    ("unsupported version", "version = 1", "version = 2", "version", "^1$", "^2$", "program version"),
    ("another file", "organtwin-case", "otherthing", "format", "organtwin-case", "otherthing", "begins with"),
    ("malformed TOML", 'id = "p"', "id = p", "TOML", "well-formed", "line 4", "quotes"),
    ("id missing", 'id = "p"\n', "", "^id$", "a text", "nothing", "Add `id"),
    ("blank title", 'title = "t"', 'title = " "', "title", "a text", "' '", "FORMAT.md"),
    ("recording not there", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "none.hea"', "header file", "beside the signal", "no such file", "Copy"),
    ("recording of unknown format", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "ecg.pdf"', r"waveform\[1\].file", ".dcm", ".pdf", "as DICOM or WFDB"),
    ("recording without known ending", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "ecg.q"', r"waveform\[1\].file", ".dcm", ".q", "reader"),
    ("unknown reader", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "a"\nreader = "bdf"', r"waveform\[1\].reader", "wfdb, dicom", "bdf", "one of"),
    ("lead that the recording lacks", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "pydicom:waveform_ecg.dcm"\nleads = ["II", "V9"]', "lead V9", "a lead of this", "without it", "has: II"),
    ("lead that does not exist", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "pydicom:waveform_ecg.dcm"\nleads = ["V22"]', r"waveform\[1\].leads", "known lead", "V2", "leads"),
    ("leads not a list", 'source = "cuff"', 'source = "cuff"\n[[waveform]]\nfile = "a.hea"\nleads = "II"', r"waveform\[1\].leads", "list of texts", "'II'", "FORMAT.md"),
    ("ESV above EDV", 'source = "cuff"', 'source = "cuff"' + ENTRY.format("lv_esv", 210, "mL"), "lv_edv and lv_esv", "LVEDV above LVESV", "200 mL.*210 mL", "swapped"),
    ("RV ESV equals EDV", 'source = "cuff"', 'source = "cuff"' + ENTRY.format("rv_edv", 150, "mL") + ENTRY.format("rv_esv", 150, "mL"), "rv_edv and rv_esv", "RVEDV above", "150 mL", "swapped"),
    ("SBP below DBP", 'source = "cuff"', 'source = "cuff"' + ENTRY.format("diastolic_pressure", 16.5, "kPa"), "systolic_pressure and diastolic_pressure", "SBP above DBP", "120 mmHg.*124 mmHg", "swapped"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "field", "expected", "got", "remedy"),
    [row[1:] for row in BROKEN],
    ids=[row[0] for row in BROKEN],
)
def test_a_wrong_entry_is_named_and_explained(
    tmp_path: Path, old: str, new: str, field: str, expected: str, got: str, remedy: str
) -> None:
    assert old in GOOD
    path = tmp_path / "case.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        load_case(path)
    in_recording = field.startswith(("lead", "header"))
    # What is wrong inside a recording is told with the case and its entry that led there.
    file = r"case.toml: waveform\[1\]: .*(waveform_ecg|none.hea)" if in_recording else "case.toml$"
    assert_explains(caught.value, file=file, field=field, expected=expected, got=got, remedy=remedy)


def test_the_text_before_it_was_broken_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(load_case(path).measurements) == 3


@pytest.mark.parametrize(
    ("name", "content", "field", "expected", "got"),
    [
        ("empty.toml", b"", "file", "a case", "an empty file"),
        ("blank.json", b"  \n", "file", "a case", "an empty file"),
        ("bad.json", b'{"format": "organtwin-case",\n "version": }', "line 2", "well-formed JSON", "Expecting"),
        ("twice.json", b'{"format": "organtwin-case", "id": "a", "id": "b"}', "^id$", "once", "twice"),
        ("deep.json", b"[" * 100_000, "nesting", "three deep", "hundreds"),
        ("digits.json", b'{"format": ' + b"9" * 5000 + b"}", "JSON", "ordinary length", "digits"),
        ("list.json", b"[1, 2]", "JSON", "an object", "list"),
        ("table.json", b'{"format": "organtwin-case", "version": 1, "measurement": {}}', "measurement", "tables headed", "{}"),
        ("latin.toml", 'title = "Müller"'.encode("latin-1"), "byte 10", "UTF-8", "invalid"),
        ("case.yaml", b"format: x", "extension", ".toml or .json", "'.yaml'"),
        ("nan.json", b'{"format": "organtwin-case", "version": 1, "id": "a", "title": "t", "diagnosis": "d", "measurement": [{"name": "lv_ef", "value": NaN, "unit": "%", "source": "s"}]}',
         r"measurement\[1\].value", "finite", "nan"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_case_is_explained(
    tmp_path: Path, name: str, content: bytes, field: str, expected: str, got: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        load_case(path)
    assert_explains(caught.value, file=name, field=field, expected=expected, got=got)


@pytest.mark.parametrize("extension", ["toml", "json"])
def test_a_byte_order_mark_is_passed_over(tmp_path: Path, extension: str) -> None:
    text = GOOD if extension == "toml" else json.dumps(tomllib.loads(GOOD))
    path = tmp_path / f"case.{extension}"
    path.write_text(text, encoding="utf-8-sig")
    assert len(load_case(path).measurements) == 3


def test_a_message_quotes_no_endless_value(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(GOOD.replace("value = 30", f"value = {'9' * 400}"), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        load_case(path)
    assert len(str(caught.value)) < 1000


def test_a_file_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        load_case(tmp_path / "none.toml")
    assert_explains(
        caught.value, file="none.toml", field="file", expected="readable", got="No such"
    )


@pytest.mark.parametrize(
    ("name", "content", "got", "remedy"),
    [
        ("a.xml", b"<otherecg/>", "XML", "ECG Toolkit"),
        ("a.bdf", b"0", "BDF", "edf2mit"),
        ("a.q", b"0", "'.q'", "ending of its format"),
        ("note", b"x", "without an ending", "ending of its format"),
    ],
)  # fmt: skip
def test_a_file_of_another_format_brings_the_way_to_convert_it(
    tmp_path: Path, name: str, content: bytes, got: str, remedy: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        load_case(path)
    assert_explains(
        caught.value, file=name, field="extension", expected=r"\.toml.*\.hea.*\.dcm", got=got,
        remedy=remedy,
    )  # fmt: skip


def test_a_folder_names_what_in_it_can_be_opened(tmp_path: Path) -> None:
    for name in ("b.dcm", "a.toml", "c.txt"):
        (tmp_path / name).touch()
    with pytest.raises(RecordError) as caught:
        load_case(tmp_path)
    assert_explains(
        caught.value,
        file=".",
        field="file",
        expected="toml",
        got="a folder",
        remedy="a.toml, b.dcm",
    )


def test_a_record_name_brings_its_header(tmp_path: Path) -> None:
    (tmp_path / "rec_hr.hea").touch()
    with pytest.raises(RecordError) as caught:
        load_case(tmp_path / "rec_hr")
    assert_explains(
        caught.value, file="rec_hr", field="file", expected="hea", got="no such file",
        remedy="Did you mean .*rec_hr.hea?",
    )  # fmt: skip


def test_a_record_name_alone_is_looked_for_in_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rec_hr.hea").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordError, match=r"Did you mean rec_hr\.hea\?"):
        load_case("rec_hr")


def test_a_misspelt_bundled_case_brings_the_nearest_name() -> None:
    with pytest.raises(RecordError) as caught:
        load_case("hfref_lbb")
    assert_explains(
        caught.value, file="hfref_lbb", field="case", expected="bundled case",
        got="did you mean.*'hfref_lbbb'", remedy="default",
    )  # fmt: skip


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(GOOD + '\n[[waveform]]\nfile = "."\n', encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        load_case(path)
    assert_explains(
        caught.value, file=r"case.toml: waveform\[1\]: ", field="file", expected="a recording",
        got="a folder", remedy="Name the .hea",
    )  # fmt: skip


def test_a_lead_in_two_recordings_is_refused(tmp_path: Path) -> None:
    shipped = '\n[[waveform]]\nfile = "pydicom:waveform_ecg.dcm"\n'
    path = tmp_path / "case.toml"
    path.write_text(GOOD + shipped + shipped, encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        load_case(path)
    assert_explains(
        caught.value, file=r"case.toml: waveform\[2\]: .*waveform_ecg.dcm", field="lead I",
        expected="one recording only", got="two recordings", remedy="leads",
    )  # fmt: skip
