"""The script that measures the model's error: which rows count, and what it makes of them."""

import importlib.util
import math
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from organtwin.units import MMHG

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_model_error.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("build_model_error", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop(spec.name, None)


def told(**values):
    """A row as validate_therapies.py writes it: 4 L/min before, 5 published, 6 predicted."""
    row = {
        "study": "X", "half": "A", "status": "untouched", "variable": "CO",
        "quantity": "cardiac_output", "levels": [5.0, 6.0, 0.0, 4.0],
    }  # fmt: skip
    return row | values


def misses(script, *sizes, group="flow"):
    """One study each, every published change a rise by a factor e^0.2."""
    return [
        script.Residual(str(place), group, size, 0.2, 0.0, counts=True)
        for place, size in enumerate(sizes)
    ]


def test_rows_to_tune_on_count_and_those_to_check_on_do_not(script):
    assert script.residual(told()).counts
    assert script.residual(told(half="B", status="seen")).counts
    assert script.residual(told(half="B")) is None
    assert script.residual(told(half="F", status="seen")) is None


def test_a_row_of_a_curve_tells_how_large_responses_are_but_not_how_wrong(script):
    tuned = script.residual(told(status="tuned"))
    assert not tuned.counts
    assert tuned.change == pytest.approx(math.log(5.0 / 4.0))
    rows = misses(script, 0.1, 0.1)
    assert script.errors([*rows, replace(rows[0], miss=9.0, counts=False)]) == script.errors(rows)


def test_misses_are_on_the_scale_of_the_group(script):
    assert script.residual(told()).miss == pytest.approx(math.log(6.0 / 5.0))
    pressures = [15.0 * MMHG, 17.0 * MMHG, 1.0 * MMHG, 20.0 * MMHG]
    filling = script.residual(told(variable="PCWP", quantity="pcwp", levels=pressures))
    assert (filling.miss, filling.change) == pytest.approx((2.0 * MMHG, -5.0 * MMHG))
    assert filling.doubt == pytest.approx(MMHG)


def test_what_has_no_place_on_the_scale_or_no_group_is_left_out(script):
    assert script.residual(told(levels=[-1.0, 6.0, 0.0, 4.0])) is None
    assert script.residual(told(quantity="pump_flow")) is None
    assert script.residual(told(variable="dCO_per_step")) is None


def test_equal_misses_give_that_miss(script):
    assert script.errors(misses(script, 0.1, -0.1, 0.1))["flow"].sd == pytest.approx(0.1)


def test_the_doubt_of_the_published_mean_is_no_error_of_the_model(script):
    doubted = [replace(row, doubt=0.06) for row in misses(script, 0.1, 0.1)]
    assert script.errors(doubted)["flow"].sd == pytest.approx(0.08)


def test_many_rows_of_one_study_weigh_as_one(script):
    once = misses(script, 0.1, 0.3)
    assert script.errors([*once, once[1], once[1]])["flow"] == script.errors(once)["flow"]


def test_a_group_without_studies_leans_on_what_is_true_of_all(script):
    rows = [*misses(script, 0.1, 0.1), replace(misses(script, 0.0)[0], group="heart rate",
            change=0.1, counts=False)]  # fmt: skip
    found = script.errors(rows)["heart rate"]
    assert (found.sd, found.studies) == (pytest.approx(0.05), 0)  # half of a usual response
    assert found.reach == pytest.approx(0.05 * 2.132, rel=1e-3)  # Student's t, 4 degrees


def test_what_it_writes_is_read_back(script):
    rows = misses(script, 0.1, 0.2)
    document = tomllib.loads(script.written(rows, script.errors(rows)))
    assert (document["studies"], document["rows"]) == (2, 2)
    by_label = {row["label"]: row for row in document["output"]}
    assert set(by_label) == {*script.GROUPS, script.GRADIENT}
    assert by_label["filling pressure"]["form"] == "shift"
