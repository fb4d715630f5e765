"""A twin whose conditions somebody states anew: fit and untreated beat stay as they are.

Whether the left heart fails though it ejects well is told by diagnosis or conditions. It changes no
untreated beat, but what exercise finds in every member (``therapy.exercise.reserve_of``).
"""

from collections.abc import Sequence
from dataclasses import replace

from organtwin.patient.stated import failing_left, with_conditions
from organtwin.simulation.conditions import Conditions
from organtwin.twin.twin import Twin


def restated(twin: Twin, names: Sequence[str]) -> Twin:
    """The twin of the same patient who has these conditions."""
    record = with_conditions(twin.record, names)
    preserved = failing_left(record) and not twin.conditions.chronic_heart_failure
    if preserved == twin.conditions.preserved_heart_failure:
        return replace(twin, record=record)

    def told(conditions: Conditions) -> Conditions:
        return replace(conditions, preserved_heart_failure=preserved)

    return replace(
        twin,
        record=record,
        observation=replace(twin.observation, conditions=told(twin.observation.conditions)),
        conditions=told(twin.conditions),
        ensemble=tuple(replace(m, conditions=told(m.conditions)) for m in twin.ensemble),
    )
