"""What is said about beats that are hard to believe or rest on nothing measured."""

import pytest

from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.twin.plausibility import unusual, warnings
from organtwin.units import MMHG
from tests.unfitted_twin import twin_under

NORMAL = Conditions()


def values(**changes):
    solution = to_steady_state(beats(NORMAL))
    return {**biomarkers(solution.beat, NORMAL), **changes}


def test_a_normal_heart_is_neither_unusual_nor_warned_about():
    assert unusual(values(), ()) == ()
    assert not list(warnings(values()))


def test_an_unmeasured_pressure_far_from_normal_is_named_with_its_range():
    assert unusual(values(pa_mean=40 * MMHG), ()) == ("PA mean 40 mmHg (normal 8 to 20)",)


def test_a_measured_pressure_is_the_patients_own():
    assert unusual(values(pa_mean=40 * MMHG), {"pa_mean"}) == ()


@pytest.mark.parametrize(("mean", "told"), [(49, True), (51, False)])
def test_a_pressure_that_reflexes_would_raise_is_warned_about(mean, told):
    found = list(warnings(values(mean_arterial_pressure=mean * MMHG)))
    assert any("reflexes" in text for text in found) == told


def test_a_twin_says_what_follows_from_the_fit_alone():
    tight = NORMAL.scaled(pulmonary_resistance=5.0)
    findings = twin_under(tight).fit.findings
    assert any(
        f.startswith("follows from the fit and was not measured: ") and "PVR" in f for f in findings
    )
