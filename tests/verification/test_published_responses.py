"""The script that compares every published response: a few rows fast, all of them slowly.

Targets of the program: sign right in 95 % and a median error of 15 % on the rows that were not
tuned to. What is below that is stated as it was measured, so that it cannot get worse unnoticed.
"""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from organtwin.units import L_PER_MIN

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(SCRIPTS))
    try:
        name = "validate_therapies"
        spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(SCRIPTS))
        sys.modules.pop("validate_therapies", None)


@pytest.fixture(scope="module")
def rows(script):
    if not script.TABLE.is_file():
        pytest.skip("the shared table of published responses is not here")
    return script.all_rows(script.TABLE, script.studies())


@pytest.fixture(scope="module")
def made(script):
    """Two rows as they would come out of a run."""
    row = script.Row(2, "B", "X", "drug", "CO", 4.0, 5.0, "abstract", "untouched", 0.6)
    good = script.Compared(row, "inotrope", 4.8, 4.6, 4.9, 4.0 * L_PER_MIN, 4.0, 4.5, 5.1)
    seen = replace(row, number=4, status="seen")
    return good, replace(good, row=seen, response=3.8, low=3.7, high=3.9)


def test_the_split_of_the_table_stays_as_it_is(rows):
    """Odd rows tune, even ones do not; a row changes its half only if the table changes."""
    table = [row for row in rows if row.half != "F"]
    assert [row.half for row in table] == ["A", "B"] * (len(table) // 2) + ["A"] * (len(table) % 2)
    untouched = [r for r in table if r.half == "B" and r.status == "untouched"]
    assert not any(r.study in ("MC1", "MC2", "LEV2", "IVA1", "NTG1", "ECMO1") for r in untouched)


def test_rows_from_memory_are_left_out_and_counted(script, rows):
    memory = [row for row in rows if row.evidence in ("memory", "assumed")]
    assert memory
    found = script.validated(memory, script.studies(), 0)
    assert not found.compared
    assert found.data["no_evidence"] == len(memory)
    assert f"{len(memory)} of them as they are from memory or assumed" in found.text


def test_fresh_rows_are_none_of_the_table_and_read_in_print(rows):
    fresh = [row for row in rows if row.half == "F"]
    assert sum(row.status == "untouched" for row in fresh) >= 25
    assert {row.evidence for row in fresh} == {"abstract", "table"}


def test_a_seen_row_is_counted_apart(script, made):
    found = script.data(made, ())["sets"]
    assert (found["B strict"]["rows"], found["B"]["rows"]) == (1, 2)
    assert (found["B strict"]["signs_right"], found["B"]["signs_right"]) == (1, 1)
    assert found["B strict"]["median_error"] == pytest.approx(0.04)


def test_the_band_of_one_patient_and_the_doubt_of_the_mean_are_two_things(made):
    good, _ = made
    assert good.covered is False
    assert good.mean_covered is True
    assert replace(good, mean_low=4.75, mean_high=4.85).mean_covered is True  # its own doubt
    certain = replace(good.row, spread=0.1)
    assert replace(good, row=certain, mean_low=4.75, mean_high=4.85).mean_covered is False


def test_levels_are_those_of_the_quantity(made):
    good, _ = made
    assert good.quantity == "cardiac_output"
    assert good.level(5.0) == pytest.approx(5.0 * L_PER_MIN)
    share = replace(good, row=replace(good.row, variable="CO_pct", baseline=0.0))
    assert share.level(25.0) == pytest.approx(5.0 * L_PER_MIN)
    change = replace(good, row=replace(good.row, variable="dCO", baseline=0.0))
    assert change.level(1.0) == pytest.approx(5.0 * L_PER_MIN)


def test_the_picture_holds_a_mark_for_every_row(script, made):
    drawn = ElementTree.fromstring(script.picture(made, "title"))
    assert len(drawn.findall("{*}g")) == len(made)


def test_one_row_or_therapy_can_be_chosen_and_an_unknown_one_is_refused(script, rows):
    assert {row.study for row in script.chosen(rows, ["MitraClip"])} == {"MC1", "MC2", "F-MC"}
    assert [row.name for row in script.chosen(rows, ["F3"])] == ["F3"]
    with pytest.raises(SystemExit, match="no such"):
        script.chosen(rows, ["MC9"])


def test_a_handful_of_responses_has_sign_and_size(script, rows):
    """Valve and clip, two groups; measured: errors 21, 4, 16 and 4 %."""
    chosen = [row for row in rows if row.name in ("84", "86", "88", "90")]
    found = script.validated(chosen, script.studies(), 0)
    assert len(found.compared) == 4
    assert all(item.same_sign for item in found.compared)
    assert all(item.error < 0.25 for item in found.compared)


@pytest.mark.slow
def test_every_published_response(script, rows):
    """Measured: half B 24 of 25 signs, median 14 %; without those seen 9 of 9, 7 %.

    Fresh rows 103 of 105 signs, median 13 %; without those seen 59 of 60, 14 %.
    """
    sets = script.validated(rows, script.studies(), 0).data["sets"]
    signs = {name: found["signs_right"] / found["signs_asked"] for name, found in sets.items()}
    assert sets["B"]["rows"] == 25
    assert signs["A"] == signs["B strict"] == 1.0
    assert min(signs[name] for name in ("B", "F", "F strict")) >= 0.95
    assert sets["B strict"]["median_error"] < 0.12
    assert sets["B"]["median_error"] < 0.16
    assert sets["F"]["median_error"] < 0.16
    assert sets["F strict"]["median_error"] < 0.16
