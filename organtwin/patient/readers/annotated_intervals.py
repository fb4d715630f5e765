"""Intervals that a recorder wrote into its file, as measurements of the patient."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity


def annotated_intervals(
    found: Mapping[str, float], source: str, taken: date | None
) -> tuple[Measurement, ...]:
    """Measurements of ``found``, intervals [s] by the name of their quantity.

    Raises
    ------
    RecordError
        A number is out of the range in which its quantity can lie.
    """
    for name, value in found.items():
        bounds = quantity(name)
        if not bounds.to_si(bounds.lower) <= value <= bounds.to_si(bounds.upper):
            raise RecordError(
                source, f"annotated {name}", expected=f"{bounds.lower:g} to {bounds.upper:g} ms",
                got=f"{1e3 * value:g} ms", remedy="Have the annotation corrected in the recorder.",
            )  # fmt: skip
    return tuple(
        Measurement(
            name, value, default_sd(name, value), taken, f"annotated in {Path(source).name}",
            sd_assumed=True,
        )
        for name, value in found.items()
    )  # fmt: skip
