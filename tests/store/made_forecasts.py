"""Forecasts with invented members, so that tests of the ledger need one heartbeat only."""

from dataclasses import replace
from functools import cache

import numpy as np

from organtwin.patient.measurement import Measurement
from organtwin.quantities import quantity
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.prediction import Prediction, predict
from tests.unfitted_twin import normal_twin

PLAN = TherapyPlan((parse_therapy("fluid 500 mL"),))


@cache
def prediction(plan: TherapyPlan = PLAN, members: int = 24) -> Prediction:
    """The response of the normal heart, with members spread by 5 % around it, no model error."""
    found = predict(normal_twin(), plan)
    draw = np.random.default_rng(1).standard_normal(members)
    spread = {name: tuple(value * (1.0 + 0.05 * draw)) for name, value in found.after.items()}
    return replace(found, members=spread, survivors=tuple(range(members)), error_share=0.0)


def measured(**values: tuple[float, float]) -> list[Measurement]:
    """Values and standard deviations in clinical units."""
    return [
        Measurement(name, quantity(name).to_si(value), quantity(name).to_si(sd), None, "cuff")
        for name, (value, sd) in values.items()
    ]
