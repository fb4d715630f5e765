"""What a stated condition declines, and what it does not."""

from dataclasses import replace

import pytest

from organtwin.patient.conditions import vocabulary
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.drug import Contraindication
from organtwin.therapy.drug_file import FAMILIES
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.traits import TRAITS
from organtwin.twin.checked_conditions import GROUPS
from organtwin.twin.checked_range import beyond
from tests.unfitted_twin import explained_twin


def told(conditions: str, *texts: str) -> str:
    twin = explained_twin()
    record = replace(twin.record, conditions=tuple(filter(None, conditions.split("; "))))
    plan = TherapyPlan(tuple(map(parse_therapy, texts)))
    return "\n".join(map(str, beyond(replace(twin, record=record), plan)))


def test_the_vocabulary_names_groups_families_therapies_and_traits_that_exist():
    known = {*GROUPS, *FAMILIES, *THERAPIES}
    for condition in vocabulary().values():
        assert set(condition.outside) <= known, condition.name
        assert set(condition.traits) <= set(TRAITS), condition.name


def test_what_the_model_does_not_have_declines_every_plan():
    found = told("atrial septal defect", "heart_rate 90 1/min")
    assert "this patient: atrial septal defect, checked: patients without it" in found
    assert "a shunt between the sides" in found


def test_what_bears_on_drugs_leaves_hydraulics_alone():
    assert "severe renal impairment" in told("severe renal impairment", "dobutamine 5 ug/kg/min")
    assert told("severe renal impairment", "aortic_stenosis 0.8 cm2") == ""


def test_what_bears_on_nothing_declines_nothing():
    assert told("diabetes mellitus; migraine", "dobutamine 5 ug/kg/min") == ""


def test_a_diagnosis_counts_as_the_trait_that_ranges_ask_for():
    assert "no hypertrophic cardiomyopathy" in told("", "mavacamten 100 %")
    found = told("obstructive hypertrophic cardiomyopathy", "mavacamten 100 %")
    assert "no hypertrophic cardiomyopathy" not in found
    assert "hypertrophic" in told(
        "obstructive hypertrophic cardiomyopathy", "dobutamine 5 ug/kg/min"
    )


def test_a_valve_that_only_a_word_calls_narrow_is_a_contradiction():
    found = told("severe aortic stenosis", "heart_rate 90 1/min")
    assert "severe aortic stenosis is stated, the fitted heart shows none" in found


def test_a_contraindication_of_a_drug_file_may_name_conditions():
    kind = THERAPIES["dobutamine"]
    reason = Contraindication("thick septum", "memory", conditions=frozenset({"asthma"}))
    drug = replace(kind.drug, contraindications=(reason,))
    twin = explained_twin()
    stated = replace(twin, record=replace(twin.record, conditions=("asthma",)))
    plan = TherapyPlan((replace(kind, drug=drug).at(5.0),))
    assert any("thick septum" in str(found) for found in beyond(stated, plan))


@pytest.mark.parametrize("name", ["other disease of heart or vessels"])
def test_a_disease_of_the_heart_that_is_not_listed_is_not_passed_over(name: str):
    assert name in told(name, "heart_rate 90 1/min")


def test_a_diagnosis_that_names_what_the_model_lacks_declines_though_nobody_states_it():
    twin = explained_twin()
    plan = TherapyPlan((parse_therapy("heart_rate 90 1/min"),))
    named = replace(twin, record=replace(twin.record, diagnosis="Left atrial myxoma"))
    denied = replace(twin, record=replace(twin.record, diagnosis="Palpitations, no myxoma"))
    assert "cardiac tumour, by the diagnosis" in "".join(map(str, beyond(named, plan)))
    assert beyond(denied, plan) == ()
