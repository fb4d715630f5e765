"""Transcatheter valves by size: orifice, fit to the annulus, leak beside them, mismatch."""

import pytest

from organtwin.anatomy.regions import Valve
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.implants import implants
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.prosthesis import (
    BALLOON_EXPANDABLE,
    SELF_EXPANDING,
    leak_grade,
    mismatch,
    oversizing,
    prosthesis_findings,
    sizing_advice,
)
from organtwin.units import CM2


def under(*texts):
    return TherapyPlan(tuple(parse_therapy(text) for text in texts)).apply(Conditions()).parameters


@pytest.mark.parametrize(
    ("name", "table"), [("tavi_balloon", BALLOON_EXPANDABLE), ("tavi_self", SELF_EXPANDING)]
)
def test_a_nominal_size_has_the_orifice_of_its_row_and_larger_is_wider(name, table):
    areas = [under(f"{name} {size:g} mm")["aortic_open_area"] / CM2 for size in table]
    assert areas == pytest.approx(list(table.values()))
    assert areas == sorted(areas)


def test_two_prostheses_of_one_valve_cannot_be_given_at_once():
    from organtwin.errors import ParameterError

    with pytest.raises(ParameterError, match="contradicts"):
        under("tavi_balloon 26 mm", "aortic_valve 1.6 cm2")


def test_a_leak_beside_the_valve_stays_whatever_the_order():
    for order in (("tavi_balloon 26 mm", "paravalvular_leak 0.1 cm2"),
                  ("paravalvular_leak 0.1 cm2", "tavi_balloon 26 mm")):  # fmt: skip
        assert under(*order)["aortic_leak_area"] == pytest.approx(0.1 * CM2, rel=1e-3)


@pytest.mark.parametrize(
    ("area", "grade"),
    [(0.0, "none"), (0.05, "mild"), (0.1, "moderate"), (0.29, "moderate"), (0.3, "severe")],
)
def test_leaks_are_graded_by_their_area(area, grade):
    assert leak_grade(area) == grade


def test_oversizing_is_by_area_for_one_kind_and_by_perimeter_for_the_other():
    assert oversizing("tavi_balloon", 26e-3, 24e-3) == pytest.approx(100 * ((26 / 24) ** 2 - 1))
    assert oversizing("tavi_self", 26e-3, 24e-3) == pytest.approx(100 * (26 / 24 - 1))


def test_a_valve_outside_of_the_range_of_the_annulus_is_warned_of():
    assert "too small" in sizing_advice("tavi_balloon", 23e-3, 26e-3)
    assert "too large" in sizing_advice("tavi_balloon", 29e-3, 22e-3)
    assert "too" not in sizing_advice("tavi_balloon", 26e-3, 25e-3)


@pytest.mark.parametrize(
    ("indexed", "index", "found"),
    [  # cut-offs of the abstract of PMC10654767
        (0.86, 24.0, "none"), (0.80, 24.0, "moderate"), (0.65, 24.0, "severe"),
        (0.75, 32.0, "none"), (0.60, 32.0, "moderate"), (0.55, 32.0, "severe"),
        (0.80, None, "moderate"),
    ],
)  # fmt: skip
def test_mismatch_by_indexed_orifice(indexed, index, found):
    assert mismatch(indexed * 1.9 * CM2, 1.9, index) == found


def test_mismatch_is_told_only_of_a_prosthesis_and_a_known_body():
    plan = (parse_therapy("tavi_balloon 23 mm"),)
    assert "moderate" in next(prosthesis_findings(plan, 1.45 * CM2, 2.0, 25.0))
    assert not list(prosthesis_findings(plan, 1.45 * CM2, None, None))
    assert not list(prosthesis_findings((), 1.45 * CM2, 2.0, 25.0))


def test_a_plan_tells_what_it_leaves_in_the_heart():
    plan = tuple(parse_therapy(text) for text in (
        "tavi_balloon 26 mm", "iabp 40 mL", "heart_rate 80 1/min", "dobutamine 5 ug/kg/min",
    ))  # fmt: skip
    found = implants(plan, ElectricPlan(conduction="biventricular"), 200e-6)
    assert [item.name for item in found] == [
        "balloon-expandable valve", "balloon", "lead", "lead", "lead", "effusion"
    ]  # fmt: skip
    assert found[0].valve is Valve.AORTIC
    assert found[0].size == pytest.approx(26e-3)
    assert found[1].size == pytest.approx(40e-6)


def test_a_dose_of_nought_leaves_nothing():
    assert implants((parse_therapy("iabp 0 mL"),), ElectricPlan()) == ()
