"""Visits with invented fits, so that tests of the library need no simulation."""

from datetime import date, timedelta

import numpy as np

from organtwin.store.entries import ParameterEntry, Posterior, Visit, VisitFacts
from organtwin.store.library import Library

LEVERS = ("left_contractility", "blood_volume", "systemic_resistance")
FIRST_DAY = date(2025, 3, 1)


def posterior(seed: int = 0, members: int = 5) -> Posterior:
    draw = np.random.default_rng(seed)
    spread = draw.normal(size=(3, 3))
    return Posterior(
        LEVERS, draw.normal(size=3), draw.normal(size=3), spread @ spread.T,
        draw.normal(size=(members, 3)),
    )  # fmt: skip


def parameters(seed: int = 0) -> tuple[ParameterEntry, ...]:
    draw = np.random.default_rng(seed)
    return tuple(
        ParameterEntry(name, float(draw.uniform(1.0, 2.0)), 0.1 * (index + 1), index != 1)
        for index, name in enumerate(("lv_active_stress", "blood_volume", "systemic_resistance"))
    )


def facts(number: int, patient: str = "p1") -> VisitFacts:
    day = FIRST_DAY + timedelta(days=number)
    return VisitFacts(patient, day, f"digest-{number}", "cases/p1", "organtwin 0.1.0")


def add(library: Library, number: int, patient: str = "p1") -> Visit:
    return library.add_visit(facts(number, patient), parameters(number), posterior(number))
