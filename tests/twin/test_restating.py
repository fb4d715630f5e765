"""A condition that is stated later answers as one that the case stated from the start."""

from dataclasses import replace

import pytest

from organtwin.patient.stated import with_conditions
from organtwin.therapy.exercise import PRESERVED, reserve_of
from organtwin.twin.restating import restated
from tests.unfitted_twin import explained_twin, unfitted_twin

HFPEF = ("heart failure with preserved ejection fraction",)


@pytest.fixture(scope="module")
def failing():
    return restated(explained_twin(), HFPEF)


def test_the_record_states_it(failing):
    assert failing.record.conditions == HFPEF


def test_every_heart_of_the_twin_answers_exercise_as_a_failing_one(failing):
    hearts = (failing, *failing.ensemble)
    assert {reserve_of(heart.conditions) for heart in hearts} == {PRESERVED}


def test_the_twin_is_that_of_a_case_which_states_it(failing):
    of_case = unfitted_twin(with_conditions(explained_twin().record, HFPEF))
    told = (failing.observation.conditions, of_case.observation.conditions)
    assert told[0].preserved_heart_failure is told[1].preserved_heart_failure is True


def test_taking_it_away_brings_the_twin_back(failing):
    assert restated(failing, ()).conditions == explained_twin().conditions


def test_a_heart_that_ejects_little_stays_one_of_reduced_ejection():
    twin = explained_twin()
    weak = replace(twin, conditions=replace(twin.conditions, chronic_heart_failure=True))
    assert not restated(weak, HFPEF).conditions.preserved_heart_failure
