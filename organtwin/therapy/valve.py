"""Replacing the aortic valve: the new orifice is the dose."""

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.units import CM2

COMPETENT_LEAK = 1e-9
"""Leak area [m2] of a closed healthy valve in the heart model."""


def _replace(conditions: Conditions, area_cm2: float) -> Conditions:
    return conditions.with_parameters(
        aortic_open_area=area_cm2 * CM2, aortic_leak_area=COMPETENT_LEAK
    )


AORTIC_VALVE = TherapyKind(
    name="aortic_valve",
    label="Aortic valve replacement",
    unit="cm2",
    lower=0.8,
    upper=3.5,
    default=1.6,
    step=0.1,
    decimals=1,
    equation="aortic open area = effective orifice area of the prosthesis; no leak",
    source="PARTNER cohort B, 1 year after replacement: 1.6 cm2, mean gradient 12.5 mmHg",
    evidence="table",
    population="severe aortic stenosis",
    limits="Acute effect: the wall has not become thinner yet; no paravalvular leak.",
    change=_replace,
)
