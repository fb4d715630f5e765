"""Setting the heart rate, as atrial pacing would: conduction and filling stay sequential."""

from dataclasses import replace

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.units import PER_MIN


def _pace(conditions: Conditions, rate_per_min: float) -> Conditions:
    return replace(conditions.with_parameters(heart_rate=rate_per_min * PER_MIN), paced=True)


PACING = TherapyKind(
    name="heart_rate",
    label="Heart rate (atrial pacing)",
    unit="1/min",
    lower=40.0,
    upper=160.0,
    default=80.0,
    step=1.0,
    decimals=0,
    equation="cycle length = 60 s/rate; activation times follow the cycle as in the heart model",
    source="Definition; timing by cycle length from Walmsley et al. 2015",
    evidence="physical",
    population="any patient in sinus rhythm",
    limits="No force-frequency relation and no reflex. It replaces the rate a drug would cause.",
    change=_pace,
)
