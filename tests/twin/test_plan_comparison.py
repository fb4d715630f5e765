"""Plans compared on the same hearts."""

import pytest

from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.plan_comparison import (
    Aim,
    HeartsUnder,
    dominance,
    treated,
    untreated,
    usual_aim,
)
from organtwin.twin.prediction import predict
from tests.unfitted_twin import normal_twin, numbers

OUTPUT, WEDGE = usual_aim("cardiac_output"), usual_aim("pcwp")


def hearts(survivors, **members) -> HeartsUnder:
    return HeartsUnder({}, {}, members, tuple(survivors), 4)


def test_wide_bands_that_overlap_are_told_apart_heart_by_heart():
    worse = hearts(range(4), cardiac_output=(1.0, 2.0, 3.0, 4.0))
    better = hearts(range(4), cardiac_output=(1.1, 2.1, 3.1, 4.1))
    found = dominance(better, worse, (OUTPUT,))
    assert (found.probability, found.reverse, found.mixed) == (1.0, 0.0, 0.0)


def test_a_plan_must_be_better_in_both_outcomes():
    one = hearts(range(4), cardiac_output=(2.0, 2.0, 1.0, 1.0), pcwp=(8.0, 12.0, 8.0, 12.0))
    other = hearts(range(4), cardiac_output=(1.5,) * 4, pcwp=(10.0,) * 4)
    found = dominance(one, other, (OUTPUT, WEDGE))
    assert (found.first, found.second, found.mixed) == (1, 1, 0.5)


def test_the_direction_is_the_askers():
    one, other = hearts(range(4), pcwp=(9.0,) * 4), hearts(range(4), pcwp=(10.0,) * 4)
    assert dominance(one, other, (Aim("pcwp", higher=True),)).second == 4


def test_equal_values_are_better_for_nobody():
    same = hearts(range(4), pcwp=(9.0,) * 4)
    assert dominance(same, same, (WEDGE,)).mixed == 1.0


def test_hearts_are_paired_by_their_place_not_by_their_rank():
    one = hearts((1, 2, 3), pcwp=(2.0, 3.0, 4.0))
    other = hearts((0, 1, 2), pcwp=(0.5, 1.0, 9.0))
    found = dominance(one, other, (WEDGE,))
    # heart 0 lives only under the other, 3 only under the one; 1 favours the other, 2 the one
    assert (found.first, found.second) == (2, 2)


def test_without_members_nothing_is_said():
    assert dominance(hearts(()), hearts(range(4), pcwp=(1.0,) * 4), (WEDGE,)) is None


@pytest.mark.parametrize(("name", "higher"), [("cardiac_output", True), ("lv_edp", False),
                                              ("aortic_mean_gradient", False)])  # fmt: skip
def test_usual_hopes(name, higher):
    assert usual_aim(name).higher is higher


@pytest.fixture(scope="module")
def fluid():
    return predict(normal_twin(), TherapyPlan((parse_therapy("fluid 500 mL"),)))


def test_a_prediction_says_which_hearts_its_members_are(fluid):
    assert fluid.survivors == (0, 1)
    assert fluid.asked == 2
    assert len(fluid.members["cardiac_output"]) == 2


def test_untreated_hearts_are_those_of_the_ensemble():
    twin = normal_twin()
    found = untreated(twin)
    assert found.members["pcwp"] == tuple(numbers(member)["pcwp"] for member in twin.ensemble)
    assert found.values == twin.numbers


def test_fluid_fills_every_heart_at_a_higher_wedge_pressure(fluid):
    plan, none = treated(fluid), untreated(normal_twin())
    assert dominance(plan, none, (OUTPUT,)).probability == 1.0
    assert dominance(plan, none, (OUTPUT, WEDGE)).mixed == 1.0
