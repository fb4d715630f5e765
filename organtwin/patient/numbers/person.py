"""The person behind the numbers of a file, as far as the model needs it."""

from collections.abc import Mapping
from datetime import date

from organtwin.patient.record import Demographics

DAYS_A_YEAR = 365.25
OLDEST = 120.0
"""[years] What a case file accepts."""


def age_on(day: date | None, born: date | None) -> float | None:
    """Age [years] on a day; ``None`` where either is unknown or no age follows."""
    if day is None or born is None:
        return None
    age = (day - born).days / DAYS_A_YEAR
    return age if 0.0 <= age <= OLDEST else None


def described(sex: str | None, age: float | None, body: Mapping[str, float]) -> Demographics:
    """What is known of the person; ``body`` holds height and weight [m, kg]."""
    return Demographics(sex, age, body.get("height"), body.get("weight"))
