"""Numbers in tables."""

import re
from datetime import date
from pathlib import Path

import pytest

from organtwin.errors import RecordError
from organtwin.patient.numbers import read_numbers, told_numbers
from organtwin.patient.numbers.found import Reason
from organtwin.resources import asset
from organtwin.units import MMHG


def table(folder: Path, text: str, layout: str = "") -> Path:
    path = folder / "numbers.csv"
    path.write_text(text)
    if layout:
        Path(f"{path}.toml").write_text(layout)
    return path


def test_a_table_in_our_words_needs_no_second_file(tmp_path: Path) -> None:
    path = table(tmp_path, "name,value,unit,sd,date\nlv_ef,38,%,4,2024-05-02\npcwp,2.4,kPa,,\n")
    file = read_numbers(path)
    ef, wedge = file.measurements
    assert (ef.value, ef.sd, ef.sd_assumed, ef.taken) == (0.38, 0.04, False, date(2024, 5, 2))
    assert (wedge.value, wedge.sd, wedge.taken) == (2400.0, pytest.approx(3 * MMHG), None)
    assert wedge.sd_assumed


def test_codes_stand_for_names(tmp_path: Path) -> None:
    path = table(tmp_path, "code,value,unit\n8480-6,121,mm[Hg]\n29463-7,70,kg\n")
    file = read_numbers(path)
    assert [entry.name for entry in file.measurements] == ["systolic_pressure"]
    assert file.who.weight == 70.0


def test_a_second_file_names_columns_words_separator_and_dates(tmp_path: Path) -> None:
    path = table(
        tmp_path, "Name des Patienten;Wert;Messung;Einheit;Tag\nX;38;EF biplan;%;2.5.2024\n"
        "X;k.A.;EF biplan;%;2.5.2024\nX;7;Laune;%;2.5.2024\n",
        'separator = ";"\nmissing = "k.A."\ndate_format = "%d.%m.%Y"\n'
        '[columns]\nname = "Messung"\nvalue = "Wert"\nunit = "Einheit"\ndate = "Tag"\n'
        '[names]\n"EF biplan" = "lv_ef"\n',
    )  # fmt: skip
    file = read_numbers(path)
    assert [(m.name, m.value, m.taken) for m in file.measurements] == [
        ("lv_ef", 0.38, date(2024, 5, 2))
    ]
    assert {entry.reason for entry in file.unused} == {Reason.NO_NUMBER, Reason.UNKNOWN}
    assert file.private == ("column Name des Patienten",)


@pytest.mark.parametrize(
    ("text", "layout", "field"),
    [
        ("name,value,unit\nlv_ef,much,%\n", "", "line 2"),
        ("name,value,unit\nlv_ef,38\n", "", "line 2"),
        ("name,value,unit,date\nlv_ef,38,%,2.5.2024\n", "", "line 2, date"),
        ("name,value,unit,sd\nlv_ef,38,%,wide\n", "", "line 2, sd"),
        ("a,b\nlv_ef,38\n", '[columns]\nname = "a"\nvalue = "c"\n', "column 'c'"),
        ("a,b\nlv_ef,38\n", '[columns]\nname = "a"\n', "columns"),
        ("a,b\nx,38\n", '[columns]\nname="a"\nvalue="b"\n[names]\nx = "lvef"\n', "names.x"),
        ("a,b\nx,38\n", '[columns]\nname="a"\nwert="b"\n', "columns.wert"),
        ("a,b\nx,38\n", 'colour = 1\n[columns]\nname="a"\nvalue="b"\n', "colour"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, layout: str, field: str) -> None:
    with pytest.raises(RecordError) as error:
        read_numbers(table(tmp_path, text, layout))
    assert error.value.field == field


def test_the_example_of_the_document_is_accepted(tmp_path: Path) -> None:
    document = asset("cases/IMPORT.md").read_text("utf-8")
    (layout,) = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    text = "Parameter;Result;Unit;Day\nEF biplane;38;%;2.5.2024\nEF biplane;n/a;%;2.5.2024\n"
    (ef,) = read_numbers(table(tmp_path, text, layout)).measurements
    assert (ef.name, ef.value, ef.taken) == ("lv_ef", 0.38, date(2024, 5, 2))


def test_a_table_of_signals_is_none_of_numbers(tmp_path: Path) -> None:
    layout = 'rate = 100\n[channels]\nII = {column = "ecg", unit = "mV"}\n'
    assert told_numbers(table(tmp_path, "ecg\n0.1\n0.2\n", layout)) is None
