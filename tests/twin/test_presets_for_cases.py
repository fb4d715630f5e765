"""Every disease of the presets has, on its bundled case, a plan that is predicted."""

from functools import cache

import pytest

from organtwin.patient.case_file import load_case
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.presets import Preset, bundled_presets, diseases
from organtwin.twin.building import fitting
from organtwin.twin.checked_range import beyond
from organtwin.twin.prediction import predict
from organtwin.twin.twin import Twin

CASES = {
    "Heart failure, reduced EF": ("hfref_decompensated", "hfref_lbbb"),
    "Heart failure, preserved EF": ("hfpef",),
    "Aortic stenosis": ("aortic_stenosis", "aortic_stenosis_lbbb"),
    "Mitral regurgitation": ("mitral_regurgitation",),
    "Pulmonary hypertension": ("pulmonary_hypertension",),
    "Cardiogenic shock": ("cardiogenic_shock",),
    "Tamponade": ("tamponade", "healthy_adult"),  # one is made in a heart without it
    "Left bundle branch block": ("hfref_lbbb",),
    "Hypertrophic cardiomyopathy": ("obstructive_hcm",),
    "Atrial fibrillation": (),  # no bundled case fibrillates
}
DECLINED = {
    "lbbb_left_bundle": "shows map and ECG; no response of the circulation was compared",
    "shock_pump_fluid": "for a wedge pressure of 15 mmHg or less; the bundled heart is congested",
}
"""Presets that are worth having although no bundled case has their response."""
PRESETS = bundled_presets()


@cache
def twin_of(case: str) -> Twin:
    """Without an ensemble: what is checked is asked of the best fit."""
    return [step.twin for step in fitting(load_case(case), 0) if step.twin][-1]


@cache
def predicted(preset: Preset, case: str) -> bool:
    plan = TherapyPlan(preset.therapies)
    return not beyond(twin_of(case), plan) and not predict(twin_of(case), plan).beyond


def test_every_disease_of_the_menu_names_its_cases():
    assert set(CASES) == set(diseases(PRESETS))


@pytest.mark.parametrize("disease", [disease for disease, cases in CASES.items() if cases])
def test_each_disease_has_a_preset_that_is_predicted_on_its_bundled_case(disease):
    of = diseases(PRESETS)[disease]
    first = CASES[disease][0]
    assert any(predicted(preset, first) for preset in of), [preset.name for preset in of]


@pytest.mark.parametrize(
    "preset", [p for p in PRESETS if CASES[p.disease]], ids=lambda preset: preset.name
)
def test_a_preset_that_every_bundled_case_of_its_disease_declines_says_why(preset):
    found = any(predicted(preset, case) for case in CASES[preset.disease])
    assert found != (preset.name in DECLINED)
