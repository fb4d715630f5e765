"""The untreated pump under the activation that was fitted to the ECG."""

from dataclasses import replace
from functools import cache

import pytest

from organtwin.errors import OrganTwinError
from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.simulation.conditions import Excitation
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.own_activation import REMARK, beating_with
from organtwin.twin.prediction import predict
from organtwin.twin.twin import Twin
from tests.unfitted_twin import normal_twin


def blocked(pr_interval: float = 0.16) -> Excitation:
    layout = normal_twin().conditions.activation.layout
    return Excitation(conduction_pattern("lbbb", layout), pr_interval)


@cache
def excited() -> Twin:
    return [step.twin for step in beating_with(normal_twin(), blocked()) if step.twin][-1]


def test_baseline_and_members_beat_with_it() -> None:
    twin = excited()
    assert twin.conditions.activation.pattern == "lbbb"
    assert [m.conditions.activation.pattern for m in twin.ensemble] == ["lbbb"] * 2
    name = "dp_dt_max"
    assert twin.numbers[name] < 0.97 * normal_twin().numbers[name]


def test_the_table_of_the_fit_shows_the_new_numbers_and_says_why() -> None:
    twin = excited()
    for row in twin.fit.rows:
        if not row.direct:
            assert row.model == twin.numbers[row.measurement.name]
            assert row.z == pytest.approx((row.model - row.measurement.value) / row.measurement.sd)
    assert REMARK in twin.fit.findings[0]
    assert "measurements within 2 sd" in twin.fit.findings[0]


def test_a_second_fit_of_the_ecg_tells_only_of_itself() -> None:
    again = [step.twin for step in beating_with(excited(), blocked()) if step.twin][-1]
    assert sum(REMARK in finding for finding in again.fit.findings) == 1


def test_a_plan_starts_from_the_own_activation() -> None:
    found = predict(
        replace(excited(), ensemble=()), TherapyPlan((parse_therapy("furosemide 0.3 mg/kg"),))
    )
    assert found.conditions.activation.pattern == "lbbb"


def test_an_interval_outside_the_model_is_refused() -> None:
    with pytest.raises(OrganTwinError, match="does not settle"):
        list(beating_with(normal_twin(), blocked(0.7)))
