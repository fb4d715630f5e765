"""Exercise: the published responses of healthy people."""

from dataclasses import replace
from functools import cache

import pytest

from organtwin.errors import InputError
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.exercise import exercising
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state

NORMAL = Conditions()
RULE = Periodicity(tolerance=3e-4, beat_limit=150)


@cache
def at(load):
    conditions = exercising(NORMAL, load)
    solution = to_steady_state(beats(conditions), RULE)
    return biomarkers(solution.beat, conditions)


@pytest.mark.parametrize(
    ("name", "published", "tolerance"),
    [
        ("heart_rate", 167 / 73, 1e-6),  # Higginbotham 1986
        ("cardiac_output", 9.7 / 3.0, 0.02),  # Higginbotham 1986; not used in setting the levers
        ("stroke_volume", 58 / 41, 0.01),  # Higginbotham 1986
        ("lv_edv", 135 / 107, 0.01),  # Poliner 1980, supine
        ("lv_ef", 84 / 76, 0.03),  # Poliner 1980, supine; not used in setting the levers
    ],
)
def test_peak_exercise_changes_the_heart_as_published(name, published, tolerance):
    assert at(1.0)[name] / at(0.0)[name] == pytest.approx(published, rel=tolerance)


def test_every_step_of_load_raises_the_output():
    outputs = [at(load)["cardiac_output"] for load in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert outputs == sorted(outputs)


def test_a_paced_heart_keeps_its_rate_in_exercise():
    after = exercising(replace(NORMAL, paced=True), 1.0).parameters
    assert after["heart_rate"] == NORMAL.parameters["heart_rate"]


@pytest.mark.parametrize("load", [-0.1, 1.1, float("nan")])
def test_a_load_beyond_the_peak_is_refused(load):
    with pytest.raises(InputError, match="0 \\(rest\\) to 1 \\(peak\\)"):
        exercising(NORMAL, load)
