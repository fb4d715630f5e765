"""What the library holds as rows."""

import csv

import pytest

from organtwin.session.memory_tables import (
    FORECAST_HEADER,
    PARAMETER_HEADER,
    VISIT_HEADER,
    forecast_rows,
    forecast_table,
    parameter_table,
    visit_table,
    write_csv,
)
from tests.session.made_memory import memory


def test_a_forecast_shows_what_was_measured_of_it_and_an_open_one_what_leads():
    rows = forecast_rows(memory())
    shown = [(row.forecast_id, row.quantity.name) for row in rows]
    assert shown == [
        (3, "systolic_pressure"), (2, "lv_edv"), (1, "systolic_pressure"), (1, "lv_edv"),
    ]  # fmt: skip
    assert len(forecast_rows(memory(), everything=True)) == 9


def test_what_waits_to_be_scored_is_neither_inside_nor_outside():
    waiting = forecast_rows(memory())[1]
    assert waiting.due
    assert waiting.inside is None
    assert waiting.measured == pytest.approx(151.0)


def test_bands_are_quantiles_of_the_members_in_clinical_units():
    row = next(r for r in forecast_rows(memory()) if r.forecast_id == 1)
    # Members lie evenly from 0.95 to 1.05 of 120 mmHg; 5 % and 95 % of them are at 0.955 and 1.045.
    assert row.median == pytest.approx(120.0)
    assert (row.low, row.high) == (pytest.approx(114.6), pytest.approx(125.4))
    assert row.inside


def test_every_table_is_as_wide_as_its_header():
    known = memory()
    for header, table in (
        (VISIT_HEADER, visit_table(known)),
        (PARAMETER_HEADER, parameter_table(known)),
        (FORECAST_HEADER, forecast_table(forecast_rows(known))),
    ):
        assert table
        assert {len(cells) for cells in table} == {len(header)}


def test_a_parameter_is_told_in_its_unit_and_an_unknown_one_as_it_is_stored(tmp_path):
    write_csv(tmp_path / "p.csv", PARAMETER_HEADER, parameter_table(memory()))
    with (tmp_path / "p.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["value"]) == pytest.approx(100.0)
    assert float(rows[0]["low 90"]) == pytest.approx(100.0 - 1.645 * 3.0, abs=1e-3)
    assert rows[0]["unit"] == "mmHg"
    assert rows[2]["unit"] == "SI"
    assert float(rows[2]["value"]) == pytest.approx(13332.2, abs=0.1)
    assert [row["determined"] for row in rows] == ["yes", "no"] * 2
