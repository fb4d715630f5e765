"""All plans beside the untreated heart, as values."""

import pytest

from organtwin.session.draft import Draft
from organtwin.session.plan_table import HEADER, beside, file_rows
from organtwin.session.plans import Plans
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.units import ML
from tests.fake_values import KINDS

FLUID = Draft((KINDS["fluid"].at(2.0),))
POISON = Draft((KINDS["poison"].at(9.0),))
LBBB = Draft(electrics=ElectricPlan("lbbb"))


@pytest.fixture
def compared(bench, lab):
    """Untreated, fluid, poison, a block, and an empty plan."""
    lab.with_leads = True
    bench.fit()
    plans = Plans().with_draft(FLUID).adding(POISON).adding(LBBB).adding(Draft())
    bench.session.plans = plans.named("A", "fill")
    bench.session.plan_desk.look_at_untreated()
    bench.settle()
    return {plan.letter: plan for plan in beside(bench.session)}


def test_before_a_twin_there_is_nothing_to_compare(bench):
    assert beside(bench.session) == ()


def test_the_untreated_heart_comes_first_with_its_bands(compared):
    assert next(iter(compared)) == ""
    assert compared[""].bands["lv_edv"].high90 > compared[""].numbers["lv_edv"]


def test_a_plan_has_its_numbers_and_bands(compared):
    plan = compared["A"]
    assert plan.title == "A fill"
    assert plan.numbers["lv_edv"] > compared[""].numbers["lv_edv"]
    assert plan.bands
    assert plan.why == ""


def test_a_plan_without_an_answer_says_why(compared):
    assert compared["B"].heartbeat is None
    assert not compared["B"].numbers
    assert "vigour" in compared["B"].why


def test_an_empty_plan_is_the_untreated_heart(compared):
    assert compared["D"].numbers == compared[""].numbers
    assert compared["D"].heartbeat is compared[""].heartbeat


def test_only_a_plan_of_conduction_has_other_leads(compared):
    assert compared["A"].leads is compared[""].leads
    assert compared["C"].leads is not compared[""].leads
    assert compared["C"].leads is not None


def test_the_file_holds_clinical_units_and_leaves_open_what_is_not_known(compared):
    rows = [dict(zip(HEADER, row, strict=True)) for row in file_rows([*compared.values()],
                                                                     ["lv_edv"])]  # fmt: skip
    assert [row["plan"] for row in rows] == ["untreated", "A", "C", "D"]
    first, fluid = rows[0], rows[1]
    assert (first["change"], first["name"]) == ("", "")
    assert fluid["name"] == "fill"
    assert fluid["unit"] == "mL"
    assert fluid["value"] == pytest.approx(compared["A"].numbers["lv_edv"] / ML)
    assert fluid["change"] == pytest.approx(fluid["value"] - fluid["untreated"])
    assert (fluid["change high 90"] - fluid["change"]) * ML == pytest.approx(2.0)  # of the fake
    assert fluid["low 90"] < fluid["low 50"] < fluid["value"] < fluid["high 90"]
