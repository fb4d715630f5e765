"""Therapies as pure changes of conditions: curves, composition, refusals."""

from dataclasses import replace
from itertools import permutations

import pytest

from organtwin.errors import InputError, OrganTwinError, ParameterError, UnknownNameError
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import CM2, PER_MIN

NORMAL = Conditions()
FAILING = replace(NORMAL, chronic_heart_failure=True)


def factor(text: str, parameter: str, conditions: Conditions = NORMAL) -> float:
    after = parse_therapy(text).apply(conditions)
    return after.parameters[parameter] / conditions.parameters[parameter]


@pytest.mark.parametrize(
    ("therapy", "parameter", "expected", "tolerance"),
    [
        # Published points the curves were derived from.
        ("dobutamine 6.25 ug/kg/min", "systemic_resistance", 0.775, 0.03),
        ("dobutamine 10 ug/kg/min", "systemic_resistance", 0.58, 0.07),
        ("dobutamine 4 ug/kg/min", "heart_rate", 96.4 / 87.6, 0.02),
        ("dobutamine 8 ug/kg/min", "heart_rate", 108.9 / 87.6, 0.02),
        ("milrinone 1 ug/kg/min", "systemic_resistance", 0.59, 0.02),
        ("milrinone 1 ug/kg/min", "heart_rate", 99 / 92, 0.02),
        ("milrinone 1 ug/kg/min", "lv_active_stress", 1.32, 0.03),
        ("nitroprusside 5 ug/kg/min", "systemic_resistance", 0.49, 0.05),
        ("esmolol 16 mg/min", "heart_rate", 79 / 91, 0.02),
        ("esmolol 16 mg/min", "lv_active_stress", 0.72, 0.01),
    ],
)
def test_curve_passes_near_its_published_point(therapy, parameter, expected, tolerance):
    assert factor(therapy, parameter) == pytest.approx(expected, rel=tolerance)


def test_a_failing_heart_speeds_up_less_under_dobutamine():
    assert factor("dobutamine 10 ug/kg/min", "heart_rate", FAILING) == pytest.approx(1.07, abs=0.01)


def test_norepinephrine_exposure_meets_the_measured_plasma_rise():
    """0.2 ug/kg/min raises plasma by 7276 pg/mL = 43 nmol/L (Ensinger)."""
    exposure = 0.2 * 217.8
    assert exposure == pytest.approx(43.0, rel=0.02)
    assert factor("norepinephrine 0.2 ug/kg/min", "systemic_resistance") == pytest.approx(
        1 + 0.8 * exposure / (20 + exposure)
    )


@pytest.mark.parametrize("name", [n for n in THERAPIES if THERAPIES[n].lower == 0.0])
def test_a_dose_of_zero_changes_nothing(name):
    assert not NORMAL.parameters.diff(THERAPIES[name].at(0.0).apply(NORMAL).parameters)


@pytest.mark.parametrize("name", THERAPIES)
def test_every_therapy_says_where_it_comes_from_and_what_it_leaves_out(name):
    kind = THERAPIES[name]
    assert kind.lower <= kind.default <= kind.upper
    for text in (kind.equation, kind.source, kind.population, kind.limits, kind.evidence):
        assert text.strip()


def test_order_of_a_plan_does_not_matter():
    therapies = [
        parse_therapy(text)
        for text in ("dobutamine 5 ug/kg/min", "heart_rate 100 1/min", "fluid 500 mL")
    ]
    results = [TherapyPlan(order).apply(NORMAL).parameters for order in permutations(therapies)]
    for name, value in results[0].items():
        for other in results[1:]:
            assert other[name] == pytest.approx(value, rel=1e-12)
    assert results[0]["heart_rate"] == pytest.approx(100 * PER_MIN)


def test_a_plan_is_a_value_with_one_entry_per_kind():
    plan = TherapyPlan().with_(parse_therapy("fluid 250 mL"))
    higher = plan.with_(parse_therapy("fluid 500 mL"))
    assert [t.dose for t in plan.therapies] == [250]
    assert [t.dose for t in higher.therapies] == [500]
    assert not higher.without("fluid")
    assert str(higher) == "Crystalloid fluid 500 mL"


def test_a_valve_replacement_opens_the_orifice_and_stops_the_leak():
    sick = NORMAL.with_parameters(aortic_open_area=0.6 * CM2, aortic_leak_area=0.2 * CM2)
    after = parse_therapy("aortic_valve 1.6 cm2").apply(sick).parameters
    assert after["aortic_open_area"] == pytest.approx(1.6 * CM2)
    assert after["aortic_leak_area"] < 1e-8


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        ("dobutamin 5 ug/kg/min", UnknownNameError, "dobutamine"),
        ("dobutamine", InputError, 'Write for example "dobutamine 5 ug/kg/min"'),
        ("dobutamine five ug/kg/min", InputError, "Write for example"),
        ("dobutamine 5", InputError, "Write for example"),
        ("dobutamine 5 mL", OrganTwinError, "same kind of quantity"),
        ("dobutamine 5 ugs/kgs", OrganTwinError, "unit"),
        ("dobutamine 50 ug/kg/min", InputError, "0 to 20 ug/kg/min"),
        ("dobutamine -1 ug/kg/min", InputError, "0 to 20 ug/kg/min"),
        ("dobutamine nan ug/kg/min", InputError, "0 to 20 ug/kg/min"),
        ("", UnknownNameError, "therapy"),
    ],
)
def test_a_therapy_that_cannot_be_read_is_refused_with_a_remedy(text, error, hint):
    with pytest.raises(error, match=r"(?s).*") as caught:
        parse_therapy(text)
    assert hint in str(caught.value)


def test_units_of_a_dose_are_converted():
    assert parse_therapy("fluid 0.5 L").dose == pytest.approx(500)
    assert parse_therapy("norepinephrine 200 ng/kg/min").dose == pytest.approx(0.2)


def test_a_plan_beyond_the_model_is_refused():
    fast = NORMAL.with_parameters(heart_rate=250 * PER_MIN)
    with pytest.raises(ParameterError, match="heart_rate"):
        TherapyPlan((parse_therapy("dobutamine 20 ug/kg/min"),)).apply(fast)
