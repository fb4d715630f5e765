"""What adults show, normal or ill: a heart beyond it is nobody's, whatever its levers.

The normal prior of the levers holds many hearts that would not keep anybody alive: one in seven
dies in the model, and of the others two in three show a pressure, volume or output that no table of
patients holds (300 draws). What was not measured is kept within these ranges.
"""

from collections.abc import Mapping
from types import MappingProxyType

from organtwin.quantities import quantity

Ranges = Mapping[str, tuple[float, float]]
"""Lowest and highest value in clinical units, by quantity."""

SHOWN: Ranges = MappingProxyType({
    "mean_arterial_pressure": (50.0, 140.0),
    "pulse_pressure": (15.0, 110.0),
    "cardiac_output": (2.5, 9.0),
    "lv_ef": (15.0, 80.0),
    "lv_edv": (46.0, 310.0),
    "rv_ef": (20.0, 80.0),
    "rv_edv": (46.0, 310.0),
    "la_volume_max": (20.0, 160.0),
    "pcwp": (2.0, 36.0),
    "ra_pressure": (0.5, 20.0),
    "pa_mean": (8.0, 56.0),
    "pulmonary_vascular_resistance": (20.0, 1000.0),
})  # fmt: skip
"""What normal and ill adults show, in clinical units.

Lowest and highest of the shared tables of normal ranges and of phenotypes, widened by about the
doubt of one reading: EF 19 to 74 %, EDV 46 to 300 mL (both ventricles), wedge 4 to 32, RAP 1 to
16, PA mean 8 to 50 mmHg, output 2.9 L/min to an index of 4 at 2.2 m2, PVR to 10 WU, atrium 16 to
34 mL/m2 (times 1.8 m2) and up to 5 times that when it dilates. The tables hold no arterial
pressures of the ill: 50 mmHg is where ``plausibility`` stops believing, the upper ends are ours.
"""


def within(values: Mapping[str, float], ranges: Ranges) -> bool:
    """Whether quantities (SI) lie in all of the ranges."""
    return all(
        low <= quantity(name).from_si(values[name]) <= high for name, (low, high) in ranges.items()
    )


def ranges_for(best: Mapping[str, float]) -> Ranges:
    """The ranges that hold for a patient whose best fit shows ``best`` (SI).

    Where the fit itself is driven beyond a range, the patient is beyond the tables, and the range
    says nothing of him.
    """
    return {name: limits for name, limits in SHOWN.items() if within(best, {name: limits})}
