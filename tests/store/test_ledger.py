"""Forecasts stay as they were made, and are scored by what was measured afterwards."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError, UnknownNameError
from organtwin.store.digests import conditions_digest, program_version, record_digest
from organtwin.store.ledger import forecast, forecasts, note_forecast, score, score_visit, scores
from organtwin.store.library import Library
from organtwin.store.reliability import reliability
from organtwin.units import MMHG
from tests.store.made_forecasts import measured, prediction
from tests.store.made_visits import FIRST_DAY, add, facts, parameters, posterior
from tests.unfitted_twin import normal_twin


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library.db") as opened:
        yield opened


def test_a_forecast_is_kept_with_all_it_was_made_from(library: Library) -> None:
    twin, made = normal_twin(), prediction()
    noted = note_forecast(library, twin, made, "p1")
    (kept,) = forecasts(library, "p1")
    assert kept == noted == forecast(library, noted.forecast_id)
    assert kept.record_digest == record_digest(twin.record)
    assert kept.parameters_digest == conditions_digest(twin.conditions)
    assert kept.program == program_version()
    assert json.loads(kept.plan) == {"therapies": [{"name": "fluid", "dose": 500.0, "unit": "mL"}]}
    assert kept.told == "Crystalloid fluid 500 mL"
    assert kept.outcome == "STEADY"
    output = kept.foretold["cardiac_output"]
    assert output.before == made.before["cardiac_output"]
    assert output.point == made.after["cardiac_output"]
    assert output.members == made.members["cardiac_output"]


def test_a_forecast_of_a_measurement_holds_the_model_error(library: Library) -> None:
    made = replace(prediction(), error_share=1.0)
    output = note_forecast(library, normal_twin(), made, "p1").foretold["cardiac_output"]
    assert output.members == made.foretold("cardiac_output")
    assert np.std(output.members) > 2.0 * np.std(made.members["cardiac_output"])


def test_the_same_forecast_is_not_counted_twice(library: Library) -> None:
    first = note_forecast(library, normal_twin(), prediction(), "p1")
    assert note_forecast(library, normal_twin(), prediction(), "p1") == first
    other = replace(prediction(), members={})
    assert note_forecast(library, normal_twin(), other, "p1").forecast_id != first.forecast_id
    assert len(forecasts(library)) == 2


def test_a_forecast_is_entered_under_the_name_of_the_case_unless_another_is_given(library) -> None:
    assert note_forecast(library, normal_twin(), prediction()).patient_id == "known"
    assert library.patient("known").label == "A known heart"


@pytest.mark.parametrize("table", ["forecasts", "predicted", "scores"])
@pytest.mark.parametrize(
    "change",
    ["DELETE FROM {}", "UPDATE {} SET rowid = 9", "REPLACE INTO {0} SELECT * FROM {0}"],
)
def test_nothing_in_the_ledger_is_changed_or_deleted(library, table: str, change: str) -> None:
    noted = note_forecast(library, normal_twin(), prediction(), "p1")
    score(library, noted.forecast_id, measured(systolic_pressure=(130, 5)))
    before = library.rows(f"SELECT * FROM {table}")
    with pytest.raises(RecordError, match="only added to"), library.writing() as connection:
        connection.execute(change.format(table))
    assert library.rows(f"SELECT * FROM {table}") == before


def test_a_measurement_by_hand_scores_its_quantity(library: Library) -> None:
    noted = note_forecast(library, normal_twin(), prediction(), "p1")
    foretold = noted.foretold["systolic_pressure"]
    exact = foretold.point / MMHG
    (found,) = score(library, noted.forecast_id, measured(systolic_pressure=(exact + 40, 5)))
    mean = sum(foretold.members) / len(foretold.members)
    assert found.grade.error == pytest.approx((exact + 40) * MMHG - mean)
    assert found.grade.inside_90 is False
    assert found.grade.z > 3
    assert scores(library) == (found,)


def test_what_was_not_foretold_or_is_scored_already_is_refused(library: Library) -> None:
    number = note_forecast(library, normal_twin(), prediction(), "p1").forecast_id
    with pytest.raises(RecordError, match="was foretold, got QT"):
        score(library, number, measured(qt_interval=(400, 10)))
    with pytest.raises(UnknownNameError, match="forecast '99'"):
        score(library, 99, measured(systolic_pressure=(130, 5)))
    score(library, number, measured(systolic_pressure=(13, 5)))
    with pytest.raises(RecordError, match="no score yet"):
        score(library, number, measured(systolic_pressure=(130, 5)))


def test_a_mistyped_measurement_is_scored_again_and_the_first_row_stays(library: Library) -> None:
    number = note_forecast(library, normal_twin(), prediction(), "p1").forecast_id
    score(library, number, measured(systolic_pressure=(13, 5)))
    (again,) = score(library, number, measured(systolic_pressure=(130, 5)), again=True)
    assert scores(library, number) == (again,)
    assert library.rows("SELECT count(*) FROM scores") == [(2,)]


def test_a_visit_scores_the_forecasts_whose_plan_was_followed(library: Library) -> None:
    noted = note_forecast(library, normal_twin(), prediction(), "p1")
    visit = add(library, 0)
    found = score_visit(
        library, visit, measured(systolic_pressure=(130, 5), qt_interval=(400, 9)),
        [noted.forecast_id],
    )  # fmt: skip
    assert [s.quantity for s in found] == ["systolic_pressure"]
    assert found[0].measured_on == FIRST_DAY


def test_a_visit_does_not_score_what_was_made_from_it(library: Library) -> None:
    noted = note_forecast(library, normal_twin(), prediction(), "p1")
    own = replace(facts(0), case_digest=noted.record_digest)
    visit = library.add_visit(own, parameters(), posterior())
    with pytest.raises(RecordError, match="What it had seen cannot score it"):
        score_visit(library, visit, measured(systolic_pressure=(130, 5)), [noted.forecast_id])


def test_a_visit_does_not_score_another_patient(library: Library) -> None:
    noted = note_forecast(library, normal_twin(), prediction(), "p2")
    library.add_patient("p1")
    visit = add(library, 0)
    with pytest.raises(RecordError, match="one for p2"):
        score_visit(library, visit, measured(systolic_pressure=(130, 5)), [noted.forecast_id])


def test_hit_rates_count_numbers_but_doubt_them_by_forecasts(library: Library) -> None:
    number = note_forecast(library, normal_twin(), prediction(), "p1").forecast_id
    after = {name: f.point for name, f in forecast(library, number).foretold.items()}
    near = {"systolic_pressure": (after["systolic_pressure"] / MMHG, 5.0),
            "mean_arterial_pressure": (after["mean_arterial_pressure"] / MMHG, 5.0),
            "lv_edv": (after["lv_edv"] * 1e6 + 150, 5.0)}  # fmt: skip
    late = [replace(m, taken=date(2020, 1, 1)) for m in measured(**near)]
    score(library, number, late)
    found = reliability(scores(library), forecasts(library))
    assert (found.n_forecasts, found.n_numbers, found.in_hindsight) == (1, 3, 3)
    assert (found.band_90.hits, found.band_90.n) == (2, 3)
    assert found.band_90.high - found.band_90.low > 0.8  # one forecast is one trial
    assert sum(found.pit) == 3
    assert found.pit[-1] == 1
    alone = reliability(scores(library), forecasts(library), "lv_edv")
    assert (alone.band_90.hits, alone.band_90.n) == (0, 1)
    assert alone.bias > 100e-6


def test_a_forecast_without_members_is_kept_and_only_its_error_is_scored(library: Library) -> None:
    bare = replace(prediction(), members={})
    number = note_forecast(library, normal_twin(), bare, "p1").forecast_id
    (found,) = score(library, number, measured(systolic_pressure=(130, 5)))
    assert found.grade.pit is None
    whole = reliability(scores(library), forecasts(library))
    assert (whole.without_bands, whole.band_90.n) == (1, 0)
    assert whole.band_90.rate is None
