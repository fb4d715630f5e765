"""What the surface can be coloured by, and the limits that belong to each field.

Limits are fixed per field, never taken from a frame or a patient: a colour means the same value
during the whole beat, before and after a therapy, and from one patient to the next.
"""

import math
from dataclasses import dataclass

from organtwin.anatomy.regions import Region
from organtwin.errors import UnknownNameError

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Levels:
    """Lines between bands of equal value, each ``spacing`` wide and centred on its multiples.

    None are drawn where the value jumps by more than ``steepest`` over one triangle. In SI.
    """

    spacing: float
    steepest: float


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
    levels: Levels | None = None
    beating: bool = True
    """Whether the values change with the phase."""


REGION = "region"
"""The field that is no number: each part of the heart in its own colour."""

FIELDS: dict[str, Field] = {
    "strain": Field(
        "strain", "Fibre strain", "%", 100.0, -0.3, 0.3, "vik_r", (-30, -15, 0, 15, 30)
    ),
    "activation": Field(
        "activation",
        "Activation",
        "ms",
        1e3,
        0.0,
        0.32,
        "viridis_r",
        (0, 80, 160, 240, 320),
        Levels(spacing=0.01, steepest=0.012),
        beating=False,
    ),
    "voltage": Field(
        "voltage", "Membrane voltage", "mV", 1e3, -0.09, 0.03, "viridis", (-90, -60, -30, 0, 30)
    ),
    "duration": Field(
        "duration",
        "Action potential",
        "ms",
        1e3,
        0.2,
        0.4,
        "viridis",
        (200, 250, 300, 350, 400),
        Levels(spacing=0.01, steepest=0.012),
        beating=False,
    ),
    "recovery": Field(
        "recovery",
        "Recovery",
        "ms",
        1e3,
        0.3,
        0.7,
        "viridis_r",
        (300, 400, 500, 600, 700),
        Levels(spacing=0.01, steepest=0.012),
        beating=False,
    ),
    "doubt": Field(
        "doubt",
        "Doubt of activation",
        "± ms",
        1e3,
        0.0,
        0.02,
        "viridis_r",
        (0, 5, 10, 15, 20),
        beating=False,
    ),
}
"""Strain is red where fibres shorten, as on echo stations. Activation counts from the sinus impulse
and runs from yellow (early) to violet (late), the order of hues of mapping systems; 320 ms is the
end of a broad QRS after a normal atrioventricular delay. Isochrones are 10 ms apart; where atria
and ventricles meet they are left out, since no wave crosses there. Voltage goes from violet at rest
to yellow in the plateau; recovery is the time at which the action potential has fallen by 90 %.
Doubt is half the width of the 90 % band of the time of excitation."""

HELIX = Field(
    "helix", "Helix angle", "°", 180.0 / math.pi, -math.pi / 2, math.pi / 2, "vik",
    (-90, -45, 0, 45, 90), beating=False,
)  # fmt: skip
"""Colours the fibres: blue left-handed (epicardium), red right-handed (endocardium)."""

REGION_COLORS: dict[Region, Color] = {
    Region.LV: (172, 60, 52),
    Region.SEPTUM: (164, 58, 52),
    Region.RV: (164, 66, 62),
    Region.LA: (186, 96, 88),
    Region.RA: (160, 82, 86),
    Region.AORTA: (204, 70, 60),
    Region.PULMONARY_ARTERY: (88, 110, 172),
    Region.SYSTEMIC_VEIN: (78, 98, 158),
    Region.PULMONARY_VEIN: (206, 106, 96),
    Region.CORONARY_ARTERY: (198, 42, 38),
    Region.CORONARY_VEIN: (74, 92, 150),
    Region.VALVE_LEAFLET: (226, 206, 184),
    Region.PAPILLARY_MUSCLE: (176, 76, 66),
    Region.FAT: (228, 190, 126),
    Region.PERICARDIUM: (206, 192, 180),
}
FAT_COLOR: Color = REGION_COLORS[Region.FAT]
CUT_COLOR: Color = (186, 102, 92)
"""Illustration colours: oxygenated blood red, venous blood blue, muscle between."""
CUT_COLORS: dict[Region, Color] = {
    Region.LV: (190, 104, 92),
    Region.SEPTUM: (176, 92, 98),
    Region.RV: (198, 124, 112),
    Region.LA: (206, 142, 128),
    Region.RA: (188, 134, 138),
    Region.AORTA: (222, 168, 146),
    Region.PULMONARY_ARTERY: (150, 158, 192),
    Region.SYSTEMIC_VEIN: (140, 148, 186),
    Region.PULMONARY_VEIN: (218, 160, 148),
    Region.CORONARY_ARTERY: (198, 84, 76),
    Region.CORONARY_VEIN: (124, 134, 178),
    Region.VALVE_LEAFLET: (226, 206, 184),
    Region.PAPILLARY_MUSCLE: (190, 104, 92),
    Region.FAT: (232, 204, 150),
    Region.PERICARDIUM: (206, 192, 180),
}
"""Freshly cut tissue: paler than its surface, and each part in a tone of its own."""
BLOOD_COLORS: tuple[Color, Color] = ((176, 34, 34), (62, 78, 156))
"""Oxygenated and venous blood."""

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
