"""What the surface can be coloured by, and the limits that belong to each field.

Limits are fixed per field, never taken from a frame or a patient: a colour means the same value
during the whole beat, before and after a therapy, and from one patient to the next.
"""

from dataclasses import dataclass

from organtwin.anatomy.regions import Region
from organtwin.errors import UnknownNameError

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Field:
    """A scalar on the surface: ``low`` and ``high`` in SI, shown in ``unit`` times ``per_unit``."""

    name: str
    label: str
    unit: str
    per_unit: float
    low: float
    high: float
    table: str
    ticks: tuple[float, ...]
    """Labelled values, in ``unit``."""


REGION = "region"
"""The field that is no number: each part of the heart in its own colour."""

FIELDS: dict[str, Field] = {
    "strain": Field(
        "strain", "Fibre strain", "%", 100.0, -0.3, 0.3, "vik_r", (-30, -15, 0, 15, 30)
    ),
    "activation": Field(
        "activation", "Activation", "ms", 1e3, 0.0, 0.32, "viridis_r", (0, 80, 160, 240, 320)
    ),
}
"""Strain is red where fibres shorten, as on echo stations. Activation counts from the sinus impulse
and runs from yellow (early) to violet (late), the order of hues of mapping systems; 320 ms is the
end of a broad QRS after a normal atrioventricular delay."""

REGION_COLORS: dict[Region, Color] = {
    Region.LV: (176, 66, 58),
    Region.SEPTUM: (168, 62, 56),
    Region.RV: (166, 66, 64),
    Region.LA: (184, 92, 86),
    Region.RA: (158, 80, 84),
    Region.AORTA: (206, 74, 64),
    Region.PULMONARY_ARTERY: (88, 108, 170),
    Region.SYSTEMIC_VEIN: (80, 98, 158),
    Region.PULMONARY_VEIN: (206, 104, 94),
}
"""Illustration colours: oxygenated blood red, venous blood blue, muscle between."""

FIELD_NAMES: tuple[str, ...] = (REGION, *FIELDS)


def field(name: str) -> Field | None:
    """The scalar field of that name, or None for the regions.

    Raises
    ------
    UnknownNameError
        With the nearest known name.
    """
    if name not in FIELD_NAMES:
        raise UnknownNameError("field", name, FIELD_NAMES)
    return FIELDS.get(name)
