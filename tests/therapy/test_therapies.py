"""Therapies as pure changes of conditions: curves, composition, refusals."""

from dataclasses import replace
from itertools import permutations

import pytest

from organtwin.errors import InputError, OrganTwinError, ParameterError
from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import CM2, MS, PER_MIN

NORMAL = Conditions()
FAILING = replace(NORMAL, chronic_heart_failure=True)


def factor(text: str, parameter: str, conditions: Conditions = NORMAL) -> float:
    after = parse_therapy(text).apply(conditions)
    return after.parameters[parameter] / conditions.parameters[parameter]


@pytest.mark.parametrize(
    ("therapy", "parameter", "expected", "tolerance"),
    [
        # Published points the curves were derived from.
        ("dobutamine 4 ug/kg/min", "heart_rate", 96.4 / 87.6, 0.02),
        ("dobutamine 8 ug/kg/min", "heart_rate", 108.9 / 87.6, 0.02),
        ("milrinone 1 ug/kg/min", "systemic_resistance", 0.59, 0.02),
        ("levosimendan 0.2 ug/kg/min", "systemic_resistance", 0.655, 0.005),
        ("levosimendan 0.4 ug/kg/min", "heart_rate", 1.08, 0.005),
        ("levosimendan 0.2 ug/kg/min", "heart_rate", 1.0, 0.02),
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
        1 + 0.48 * exposure / (15 + exposure)
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
        for text in (
            "dobutamine 5 ug/kg/min", "heart_rate 100 1/min", "fluid 500 mL", "lv_pacing 100 ms",
        )
    ]  # fmt: skip
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
        ("dobutamin 5 ug/kg/min", InputError, "did you mean 'dobutamine'"),
        ("dobutamine", InputError, 'Write for example "dobutamine 5 ug/kg/min"'),
        ("dobutamine five ug/kg/min", InputError, "Write for example"),
        ("dobutamine 5", InputError, "Write for example"),
        ("dobutamine 5 mL", OrganTwinError, "same kind of quantity"),
        ("dobutamine 5 ugs/kgs", OrganTwinError, "unit"),
        ("dobutamine 50 ug/kg/min", InputError, "0 to 20 ug/kg/min"),
        ("dobutamine -1 ug/kg/min", InputError, "0 to 20 ug/kg/min"),
        ("dobutamine nan ug/kg/min", InputError, "0 to 20 ug/kg/min"),
        ("", InputError, "organtwin therapies"),
        ("zzz 100 mg", InputError, "known: ace_inhibitor"),
        ("furosemide 40 mg", InputError, "in 70 kg, 40 mg are 0.571 mg/kg"),
        ("furosemide 40 %", InputError, "therapy 'furosemide 40 %'"),
        ("dobutamine 350 ug/min", InputError, "in 70 kg, 350 ug/min are 5 ug/kg/min"),
        ("dobutamine 5 1/min", InputError, "same kind of quantity"),
    ],
)
def test_a_therapy_that_cannot_be_read_is_refused_with_a_remedy(text, error, hint):
    with pytest.raises(error, match=r"(?s).*") as caught:
        parse_therapy(text)
    assert hint in str(caught.value)


def test_units_of_a_dose_are_converted():
    assert parse_therapy("fluid 0.5 L").dose == 500
    assert parse_therapy("aortic_valve 160 mm2").dose == 1.6
    assert parse_therapy("norepinephrine 200 ng/kg/min").dose == pytest.approx(0.2)


def test_two_ways_of_pacing_the_ventricles_contradict_each_other():
    plan = TherapyPlan().with_(parse_therapy("rv_pacing 100 ms")).with_(parse_therapy("fluid 1 L"))
    assert plan.apply(NORMAL).activation.pattern == "rv_paced"
    with pytest.raises(ParameterError, match="RV pacing 100 ms contradicts LV pacing 120 ms"):
        plan.with_(parse_therapy("lv_pacing 120 ms")).apply(NORMAL)


def test_ventricular_pacing_keeps_how_slowly_the_heart_conducts_and_sets_the_av_delay():
    blocked = NORMAL.excited(conduction_pattern("lbbb", PatchLayout(), 1.4))
    paced = parse_therapy("biventricular_pacing 120 ms").apply(blocked)
    usual = conduction_pattern("biventricular", PatchLayout()).delays
    first = PatchLayout().slice(Wall.LV).start
    assert paced.activation.delays[first:] == pytest.approx(1.4 * usual[first:])
    assert (paced.activation.delays[:first] == blocked.activation.delays[:first]).all()
    rate = paced.parameters["heart_rate"]
    assert paced.parameters["av_delay_fraction"] / rate == pytest.approx(120 * MS)


def test_a_plan_beyond_the_model_is_refused():
    fast = NORMAL.with_parameters(heart_rate=250 * PER_MIN)
    with pytest.raises(ParameterError, match="heart_rate"):
        TherapyPlan((parse_therapy("dobutamine 20 ug/kg/min"),)).apply(fast)


def test_pacing_leaves_a_drug_no_rate_to_change():
    fast = NORMAL.with_parameters(heart_rate=180 * PER_MIN)
    both = TherapyPlan(
        (parse_therapy("dobutamine 20 ug/kg/min"), parse_therapy("heart_rate 100 1/min"))
    )
    assert both.apply(fast).parameters["heart_rate"] == pytest.approx(100 * PER_MIN)


def test_contractility_is_that_of_all_five_walls():
    expected = factor("dobutamine 10 ug/kg/min", "lv_active_stress")
    assert expected == pytest.approx(1 + 1.6 * 10 / 27)
    for wall in ("la", "ra", "septum", "rv"):
        assert factor("dobutamine 10 ug/kg/min", f"{wall}_active_stress") == expected


@pytest.mark.parametrize(
    ("therapy", "changed"),
    [
        ("dobutamine 10 ug/kg/min", {"active_stress", "systemic_resistance", "heart_rate"}),
        ("norepinephrine 0.1 ug/kg/min", {"systemic_resistance", "blood_volume", "active_stress",
                                          "heart_rate"}),
        ("vasopressin 0.04 U/min", {"systemic_resistance"}),
        ("phenylephrine 1 ug/kg/min", {"systemic_resistance", "blood_volume"}),
        ("milrinone 0.5 ug/kg/min", {"active_stress", "systemic_resistance",
                                     "pulmonary_resistance", "heart_rate", "blood_volume"}),
        ("nitroprusside 1 ug/kg/min", {"systemic_resistance", "blood_volume"}),
        ("esmolol 8 mg/min", {"heart_rate", "active_stress"}),
        ("furosemide 1 mg/kg", {"blood_volume"}),
        ("fluid 500 mL", {"blood_volume", "systemic_resistance", "pulmonary_resistance"}),
        ("heart_rate 90 1/min", {"heart_rate"}),
        ("aortic_valve 1.6 cm2", {"aortic_open_area"}),
    ],
)  # fmt: skip
def test_a_therapy_changes_its_targets_and_nothing_else(therapy, changed):
    after = parse_therapy(therapy).apply(NORMAL).parameters
    names = {change.spec.name for change in NORMAL.parameters.diff(after)}
    assert {n if not n.endswith("active_stress") else "active_stress" for n in names} == changed


@pytest.mark.parametrize(
    ("therapy", "parameter", "expected"),
    [
        # The two ends of each remaining curve, by its published or stated numbers.
        ("milrinone 1 ug/kg/min", "pulmonary_resistance", 163 / 285),
        ("milrinone 1 ug/kg/min", "blood_volume", 1 - 0.24 * 0.837),
        ("nitroprusside 5 ug/kg/min", "blood_volume", 1 - 0.25 * 5 / 6.5),
        ("furosemide 1.3 mg/kg", "blood_volume", 1 - 0.08 * 1.3),
        ("fluid 20 mL", "systemic_resistance", 1 - 0.14 * 20 / 825),
    ],
)
def test_volume_and_lung_effects_have_their_stated_size(therapy, parameter, expected):
    assert factor(therapy, parameter) == pytest.approx(expected, rel=0.07)


def test_a_dose_that_misses_its_bound_by_rounding_is_given_at_the_bound():
    kind = THERAPIES["fluid"]
    assert kind.at(3000.0 * (1 + 1e-12)).dose == 3000.0
    assert kind.at(-1e-9).dose == 0.0
    with pytest.raises(InputError):
        kind.at(3000.1)


def test_months_of_ivabradine_make_the_left_ventricle_smaller_and_nothing_else_but_the_rate():
    changed = {
        change.spec.name
        for change in FAILING.parameters.diff(
            parse_therapy("ivabradine 6 mg").apply(FAILING).parameters
        )
    }
    walls = {f"{wall}_{part}" for wall in ("lv", "septum")
             for part in ("reference_area", "wall_volume")}  # fmt: skip
    assert changed == {"heart_rate", *walls}
    assert factor("ivabradine 6 mg", "lv_reference_area", FAILING) < 1.0


def test_levosimendan_widens_veins_too():
    assert factor("levosimendan 0.2 ug/kg/min", "blood_volume") < 1.0


def test_a_dose_in_per_cent_says_what_all_of_it_is():
    unsaid = [kind.name for kind in THERAPIES.values() if kind.unit == "%" and not kind.whole]
    assert unsaid == []
