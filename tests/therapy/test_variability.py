"""How patients differ in their response: who draws what, and what a response can never become."""

import math

import numpy as np
import pytest

from organtwin.errors import DrugError
from organtwin.physiology.interface import Wall
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.drug import ASSUMED_SENSITIVITY, ASSUMED_SIZE
from organtwin.therapy.drug_file import read_drug
from organtwin.therapy.pharmacy import bundled_drugs
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.variability import SENSITIVITY, STRATA, score
from tests.therapy.written_drugs import EFFECT, HEAD, drug, text

NORMAL = Conditions()
PINNED = (-0.39885506564233686, 0.16365848623314108, -0.5977601260424784, 0.8596173642419117)
"""Scores of members 0, 1, 99 and 100, as first drawn."""
ROW = {"feature": "size", "sd": 0.5, "evidence": "abstract", "source": "a"}


def plan(*texts):
    return TherapyPlan(tuple(parse_therapy(t) for t in texts))


def test_a_member_responds_alike_under_every_plan_and_at_every_dose():
    alone = plan("dobutamine 5 ug/kg/min").drawn(17)
    beside = plan("fluid 500 mL", "dobutamine 10 ug/kg/min").drawn(17)
    assert alone["dobutamine"] == beside["dobutamine"]
    assert alone["dobutamine"] != plan("dobutamine 5 ug/kg/min").drawn(18)["dobutamine"]


def test_the_draw_of_a_member_is_for_ever():
    """Predictions in a library are compared with new ones: no draw may move."""
    found = [score(member, "dobutamine", SENSITIVITY) for member in (0, 1, 99, 100)]
    assert found == pytest.approx(PINNED, abs=1e-12)


def test_a_hundred_members_are_the_normal_distribution_itself():
    scores = np.array([score(member, "tavi", "area") for member in range(STRATA)])
    assert len(set(scores)) == STRATA
    assert scores.mean() == pytest.approx(0.0, abs=1e-12)
    assert scores.std() == pytest.approx(1.0, abs=0.02)


def test_two_features_of_one_therapy_are_drawn_apart():
    one, other = (
        [score(member, "dobutamine", feature) for member in range(STRATA)]
        for feature in ("contractility", "systemic_resistance")
    )
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.3


def test_no_response_of_any_member_changes_direction_or_takes_a_target_below_zero():
    for dosed in bundled_drugs().values():
        exposure = dosed.drug.exposure(dosed.upper)
        kind = THERAPIES[dosed.drug.name]
        for member in range(0, STRATA, 7):
            response = kind.at(dosed.upper).drawn(member)
            for failing in (False, True):
                own = dosed.drug.responding(response, exposure, heart_failure=failing)
                for usual, mine in zip(dosed.drug.effects, own.effects, strict=True):
                    middle = usual.factor(exposure, heart_failure=failing)
                    factor = mine.factor(exposure, heart_failure=failing)
                    assert factor > 0.0
                    assert (factor - 1.0) * (middle - 1.0) >= 0.0


def test_size_multiplies_the_logarithm_and_sensitivity_the_dose_it_takes(tmp_path):
    one = drug(tmp_path, {}, {"target": "systemic_resistance", "maximum": -0.4})
    own = one.responding({"systemic_resistance": 1.5, SENSITIVITY: 2.0}, 3.0)
    force, resistance = own.effects
    assert force.maximum == pytest.approx(0.5)
    assert force.factor(8.0) == pytest.approx(one.effects[0].factor(4.0))
    assert math.log1p(resistance.maximum) == pytest.approx(1.5 * math.log1p(-0.4))


def test_in_heart_failure_size_acts_on_what_is_left_of_the_effect(tmp_path):
    one = drug(tmp_path, {"in_heart_failure": 0.25})
    (effect,) = one.responding({"contractility": 2.0}, 1.0, heart_failure=True).effects
    assert 1.0 + effect.largest(heart_failure=True) == pytest.approx(1.125**2)


def test_size_acts_on_a_straight_line_at_the_dose_that_is_given():
    usual = bundled_drugs()["ivabradine"].drug
    own = usual.responding({"heart_rate": 2.0}, 5.0)
    assert own.effects[0].factor(5.0) == pytest.approx(usual.effects[0].factor(5.0) ** 2)


def test_a_repair_that_closes_nothing_closes_nothing_in_any_patient():
    clip = THERAPIES["mitral_clip"]
    leaking = NORMAL.with_parameters(mitral_leak_area=4e-5)
    for factor in (0.5, 2.0):
        assert clip.changed(leaking, 0.0, {"leak": factor}) == leaking
        left = clip.changed(leaking, 75.0, {"leak": factor}).parameters["mitral_leak_area"]
        assert left == pytest.approx(4e-5 * 0.25**factor)


def test_members_reach_other_areas_heads_and_delays():
    for text_, name in (("tavi 1.6 cm2", "aortic_open_area"), ("lvad 5400 rpm", "lvad_speed")):
        one = plan(text_)
        found = {
            one.apply(NORMAL, responses=one.drawn(m)).parameters[name] for m in range(10)
        }  # fmt: skip
        assert len(found) == 10
        assert min(found) < one.apply(NORMAL).parameters[name] < max(found)
    pacing = plan("rv_pacing 100 ms")
    slow = pacing.apply(NORMAL, responses={"rv_pacing": {"spread": 1.5}}).activation
    usual = pacing.apply(NORMAL).activation
    ventricles = slice(usual.layout.slice(Wall.LV).start, None)
    assert slow.delays[ventricles] == pytest.approx(1.5 * usual.delays[ventricles])
    assert slow.delays[: ventricles.start] == pytest.approx(usual.delays[: ventricles.start])


def test_what_a_teacher_sets_varies_in_nobody():
    for name in ("aortic_stenosis", "infarct_lad", "pericardial_effusion", "heart_rate"):
        assert THERAPIES[name].variations == ()


def test_every_drug_with_an_effect_says_how_much_patients_differ():
    for dosed in bundled_drugs().values():
        own = dosed.drug
        if own.effects:
            assert own.size is not ASSUMED_SIZE, own.name
        if any(not effect.linear for effect in own.effects):
            assert own.sensitivity is not ASSUMED_SENSITIVITY, own.name


def test_without_a_number_the_assumed_one_holds_and_is_called_so(tmp_path):
    bare = drug(tmp_path, {})
    assert (bare.size, bare.sensitivity) == (ASSUMED_SIZE, ASSUMED_SENSITIVITY)
    assert {v.evidence for v in bare.variations} == {"assumed"}


def test_numbers_of_a_file_are_read(tmp_path):
    rows = [ROW, {**ROW, "feature": "sensitivity", "sd": 0.0}]
    path = tmp_path / "mix.toml"
    path.write_text(text(HEAD, effect=[EFFECT], variability=rows), "utf-8")
    (only,) = read_drug(path).drug.variations
    assert (only.feature, only.sd, only.evidence) == ("contractility", 0.5, "abstract")


@pytest.mark.parametrize(
    ("rows", "field", "hint"),
    [
        ([{**ROW, "feature": "hope"}], "variability[1].feature", "sensitivity"),
        ([{**ROW, "sd": 1.5}], "variability[1].sd", "at most 1"),
        ([{**ROW, "sd": -0.1}], "variability[1].sd", "at least 0"),
        ([ROW, ROW], "variability[2].feature", "size twice"),
        ([{**ROW, "source": ""}], "variability[1].source", "not empty"),
        ([{**ROW, "spread": 1}], "variability[1].spread", "known"),
    ],
)
def test_a_spread_that_is_wrong_is_refused(tmp_path, rows, field, hint):
    path = tmp_path / "mix.toml"
    path.write_text(text(HEAD, effect=[EFFECT], variability=rows), "utf-8")
    with pytest.raises(DrugError) as caught:
        read_drug(path)
    assert field in str(caught.value)
    assert hint in str(caught.value)
