"""How measurements on the heart are written: millimetres, degrees, square centimetres."""

import numpy as np

from organtwin.anatomy.marking import UNITS, Kind
from organtwin.anatomy.regions import Region
from organtwin.arrays import FloatArray
from organtwin.ui.widgets.wording import ABSENT, number
from organtwin.units import MM

_REGION_NAMES = {Region.LV: "LV", Region.RV: "RV", Region.LA: "LA", Region.RA: "RA"}
_AXES = (("L", "R"), ("P", "A"), ("H", "F"))


def value_text(kind: Kind, value: float | None) -> str:
    """A measurement with its unit; a dash where it has no value."""
    if value is None or not np.isfinite(value):
        return ABSENT
    scale, decimals, unit = UNITS[kind]
    return number(value * scale, decimals) + unit


def span_text(kind: Kind, values: list[float | None]) -> str:
    """Smallest and largest value over a beat."""
    known = [value for value in values if value is not None and np.isfinite(value)]
    if not known:
        return ABSENT
    unit = UNITS[kind][2]
    return f"{value_text(kind, min(known)).removesuffix(unit)} to {value_text(kind, max(known))}"


def place_text(place: FloatArray) -> str:
    """Patient coordinates, each axis named by the side that the point lies on."""
    if not np.isfinite(place).all():
        return ABSENT
    parts = [
        f"{plus if value >= 0 else minus} {number(abs(value) / MM, 1)}"
        for value, (plus, minus) in zip(place, _AXES, strict=True)
    ]
    return " ".join(parts) + " mm"


def region_text(region: Region) -> str:
    """E.g. ``LV``, ``pulmonary artery``."""
    return _REGION_NAMES.get(region, region.name.replace("_", " ").lower())
