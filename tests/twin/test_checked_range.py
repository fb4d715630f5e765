"""What is declined and why; the ranges themselves are measured by scripts/measure_refusal.py."""

from dataclasses import replace

import pytest

from organtwin.patient.record import Demographics
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.checked import NOBODY
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin import checked_range as checked_range_module
from organtwin.twin.beyond import Beyond, blamed
from organtwin.twin.checked_range import beyond, beyond_after, checked_range
from organtwin.twin.patient_traits import traits_of
from organtwin.twin.prediction import predict
from organtwin.twin.twin import Twin
from organtwin.units import CM2, L_PER_MIN, MMHG, PER_MIN
from scripts.measure_refusal import answers
from tests.unfitted_twin import record, twin_under, unfitted_twin

NORMAL = Conditions()


def plan(*texts: str) -> TherapyPlan:
    return TherapyPlan(tuple(parse_therapy(text) for text in texts))


def explained(conditions: Conditions = NORMAL, **words: object) -> Twin:
    """A twin that meets the one pressure of its record."""
    twin = twin_under(conditions)
    fitted = unfitted_twin(record(systolic_pressure=(118, 20)))
    return replace(twin, fit=fitted.fit, record=replace(fitted.record, **words))


def told(twin: Twin, *texts: str) -> str:
    return "\n".join(map(str, beyond(twin, plan(*texts))))


def test_every_therapy_states_its_range():
    silent = [name for name, kind in THERAPIES.items() if checked_range(kind) is NOBODY]
    assert silent == []


def test_a_plan_inside_is_not_declined_and_no_plan_never_is():
    assert told(explained(), "dobutamine 5 ug/kg/min") == ""
    assert beyond(twin_under(NORMAL), TherapyPlan()) == ()


def test_a_dose_outside_tells_dose_range_source_and_remedy():
    found = told(explained(), "dobutamine 15 ug/kg/min")
    for part in ("15.0 ug/kg/min", "0 to 10 ug/kg/min", "Akhtar 1975", "Stay inside"):
        assert part in found
    assert told(explained(), "dobutamine 10 ug/kg/min") == ""


def test_a_patient_of_another_kind_is_told_who_was_studied():
    found = told(explained(), "milrinone 0.5 ug/kg/min")
    assert "the patient has no heart failure with an EF below 45 %" in found
    assert "severe heart failure" in found


def test_a_reason_names_the_therapies_without_which_it_would_be_gone():
    found = beyond(explained(), plan("milrinone 0.5 ug/kg/min", "dobutamine 15 ug/kg/min"))
    assert {reason.therapies for reason in found} >= {("milrinone",), ("dobutamine",)}
    assert blamed(found)["dobutamine"] == "15.0 ug/kg/min; checked: 0 to 10 ug/kg/min"


def test_what_forbids_a_therapy_is_told_before_whom_it_was_checked_in(monkeypatch):
    forbidden = Beyond("Fluid", "wet", "dry", "contraindicated", "Wait.", ("fluid",))
    monkeypatch.setattr(checked_range_module, "unseen", lambda given, numbers: (forbidden,))
    found = [r.therapies for r in beyond(explained(), plan("milrinone 0.5 ug/kg/min"))]
    assert found.index(("fluid",)) < found.index(("milrinone",))


def test_a_state_outside_tells_quantity_and_bounds():
    fast = explained(NORMAL.with_parameters(heart_rate=120 * PER_MIN))
    assert "HR 120 1/min, checked: 40 to 115 1/min" in told(fast, "dobutamine 5 ug/kg/min")


def test_septal_reduction_needs_an_obstruction_and_not_the_diagnosis_alone():
    name = "Obstructive hypertrophic cardiomyopathy"
    thick = NORMAL.scaled(lv_wall_volume=1.3, septum_wall_volume=1.3)
    narrow = thick.with_parameters(outflow_tract_area=1.0 * CM2)
    for text in ("septal_myectomy 10 mm", "septal_ablation 100 %"):
        assert "LVOT grad 0 mmHg, checked" in told(explained(thick, diagnosis=name), text)
        assert told(explained(narrow, diagnosis=name), text) == ""
        assert "no hypertrophic cardiomyopathy" in told(explained(narrow), text)


def test_a_lesion_is_as_bad_as_the_worse_of_reading_and_fit():
    milder = NORMAL.with_parameters(aortic_leak_area=0.28 * CM2)
    read = record(aortic_leak_area=(0.35, 0.09)).measurements
    for measured in ((), read):
        twin = explained(milder)
        twin = replace(twin, record=replace(twin.record, measurements=measured))
        assert ("severe aortic regurgitation" in traits_of(twin, plan())) is bool(measured)
    replaced = traits_of(twin, plan("aortic_valve 1.6 cm2"), repaired=True)
    assert "severe aortic regurgitation" not in replaced


def test_nothing_is_checked_of_what_nobody_compared():
    assert "checked: nobody" in told(explained(), "epinephrine 0.05 ug/kg/min")


def test_a_twin_that_misses_its_record_declines():
    missed = unfitted_twin(record(systolic_pressure=(180, 5)))
    found = told(missed, "heart_rate 80 1/min")
    assert "SBP measured 180 mmHg" in found
    assert "does not explain its patient" in found


def test_a_twin_of_nothing_but_a_rate_declines():
    assert "average adult" in told(twin_under(NORMAL), "heart_rate 80 1/min")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"demographics": Demographics(age=9.0)}, "age 9 years"),
        ({"demographics": Demographics(height=1.9, weight=190.0)}, "body surface"),
        ({"rhythm": "nodal rhythm"}, "nodal rhythm"),
        ({"rhythm": "sinus rhythm with pauses"}, "irregular"),
        ({"diagnosis": "Atrial septal defect"}, "shunt"),
        ({"diagnosis": "HOCM"}, "hypertrophic"),
    ],
)
def test_people_the_model_is_not(words, expected):
    assert expected in told(explained(**words), "dobutamine 5 ug/kg/min")


@pytest.mark.parametrize(
    "words",
    [
        {"rhythm": "sinus rhythm, no atrial fibrillation"},
        {"rhythm": "regular, 61/min in lead II (10 beats)"},
        {"diagnosis": "No septal defect, without outflow obstruction"},
        {"diagnosis": "waiting for transplantation"},
    ],
)
def test_what_is_denied_is_no_reason(words):
    assert told(explained(**words), "dobutamine 5 ug/kg/min") == ""


def test_a_lesion_of_the_plan_counts_and_its_repair_too():
    assert told(explained(), "aortic_stenosis 0.8 cm2", "tavi 1.6 cm2") == ""
    narrowed = told(explained(), "aortic_stenosis 0.8 cm2", "dobutamine 5 ug/kg/min")
    assert "severe aortic stenosis" in narrowed
    mended = ("aortic_stenosis 0.8 cm2", "tavi 1.6 cm2", "dobutamine 5 ug/kg/min")
    assert told(explained(), *mended) == ""


def test_a_prosthesis_needs_a_valve_to_replace():
    assert "no severe aortic stenosis" in told(explained(), "tavi 1.6 cm2")
    stenosed = explained(NORMAL.with_parameters(aortic_open_area=0.8 * CM2))
    assert told(stenosed, "tavi 1.6 cm2") == ""


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("dobutamine 5 ug/kg/min", "esmolol 8 mg/min"), "pull against each other"),
        (("iabp 40 mL", "esmolol 8 mg/min"), "weakens the heart"),
        (("dofetilide 4 nmol/L", "sotalol 14690 nmol/L"), "I_Kr"),
        (("verapamil 81 nmol/L", "metoprolol 5 mg"), "block of the AV node"),
    ],
)
def test_combinations_nobody_saw(texts, expected):
    assert expected in told(explained(), *texts)


def test_a_contraindicated_state_is_outside():
    slow = explained(NORMAL.with_parameters(heart_rate=45 * PER_MIN))
    assert "HR 45 1/min, checked: at least 50 1/min" in told(slow, "amiodarone_iv 100 %")


def test_no_dose_at_all_is_no_reason():
    assert told(explained(), "milrinone 0 ug/kg/min") == ""


def test_a_predicted_state_nobody_lives_in_is_a_reason():
    low = dict(explained().numbers) | {"mean_arterial_pressure": 38 * MMHG}
    (reason,) = beyond_after(TherapyPlan(), low)
    assert "below 50 mmHg" in str(reason)
    assert beyond_after(TherapyPlan(), explained().numbers) == ()


def test_a_workload_that_the_output_does_not_reach_for_is_a_reason():
    """190 W ask for 2.5 L/min of oxygen: 32 mL from each dL of 8 L/min, of the 16 that can be."""
    weak = dict(explained().numbers) | {"cardiac_output": 8.0 * L_PER_MIN}
    (reason,) = beyond_after(plan("exercise 190 W"), weak)
    assert "32 mL of oxygen" in str(reason)
    assert beyond_after(plan("exercise 20 W"), weak) == ()


def test_exercise_is_declined_where_it_is_dangerous_or_was_not_compared():
    assert told(explained(), "exercise 60 W") == ""
    narrow = explained(NORMAL.with_parameters(aortic_open_area=0.8 * CM2))
    assert "aortic stenosis" in told(narrow, "exercise 20 W")
    assert "aortic stenosis" not in told(narrow, "tavi 1.6 cm2", "exercise 20 W")
    assert "coronary disease" in told(explained(diagnosis="angina, coronary"), "exercise 20 W")
    failing = explained(diagnosis="heart failure with preserved ejection fraction")
    assert "up to 90 W with preserved heart failure" in told(failing, "exercise 150 W")
    assert told(failing, "exercise 40 W") == told(explained(), "exercise 150 W") == ""
    assert "Bicycle exercise with" in told(explained(), "lvad 5400 rpm", "exercise 20 W")


def test_a_prediction_carries_its_reasons():
    assert predict(explained(), plan("dobutamine 5 ug/kg/min")).beyond == ()
    assert predict(explained(), plan("dobutamine 15 ug/kg/min")).beyond


def test_every_twelfth_written_case_is_answered_as_it_should_be():
    """The coarse twin of the measurement: at most one in twenty wrong, as there."""
    found = [answer for answer in answers(every=12) if not answer.case.held_out]
    wrong = [answer.case for answer in found if not answer.right]
    assert len(found) > 35
    assert len(wrong) <= len(found) // 20, wrong


def test_the_card_of_one_of_two_that_were_never_given_together_names_both():
    """It read "Both; checked: support without it."."""
    pair = Beyond("LVAD with Esmolol", "both", "support without it", "", "", ("lvad", "esmolol"))
    dose = Beyond("Fluid", "9 mL", "0 to 5 mL", "", "", ("fluid",))
    assert blamed([pair, dose]) == {
        "lvad": "LVAD with Esmolol; checked: support without it",
        "esmolol": "LVAD with Esmolol; checked: support without it",
        "fluid": "9 mL; checked: 0 to 5 mL",
    }
