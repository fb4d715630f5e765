"""Transcatheter aortic valves by nominal size, leaks beside them, and whether they fit.

The effective orifice comes from a table by size, between its rows by a straight line. Its numbers
are from memory (reference values by Doppler, Hahn 2019) and so are the cut-offs of oversizing:
assumed. Published abstracts agree with the table as a whole: 1.37 cm2 in annuli below 19 mm to
1.90 cm2 above 23 mm (122 balloon-expandable valves, PubMed 21999863); 1.71 against 1.84 cm2 for the
balloon- and the self-expanding valve (581 patients, PubMed 31547995). Mismatch: indexed orifice at
most 0.85 (moderate) or 0.65 cm2/m2 (severe), in obesity 0.70 and 0.55 (PMC10654767, abstract).
"""

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import Therapy, TherapyKind
from organtwin.therapy.valve import COMPETENT_LEAK
from organtwin.units import CM2

BALLOON_EXPANDABLE: Mapping[float, float] = MappingProxyType(
    {20.0: 1.22, 23.0: 1.45, 26.0: 1.74, 29.0: 1.89}
)
SELF_EXPANDING: Mapping[float, float] = MappingProxyType(
    {23.0: 1.09, 26.0: 1.69, 29.0: 1.97, 34.0: 2.60}
)
"""Effective orifice area [cm2] by nominal size [mm]. Assumed: from memory."""

BY_AREA, BY_PERIMETER = (0.0, 20.0), (10.0, 30.0)
"""Oversizing [%] within which a balloon-expandable valve is chosen by the area of the annulus and a
self-expanding one by its perimeter. Assumed; that leaks grow below 0 % of area is published
(Yang 2015, 153 patients)."""
MISMATCH, OBESE_MISMATCH = (0.85, 0.65), (0.70, 0.55)
"""Indexed effective orifice [cm2/m2], at most: moderate, severe."""
OBESE = 30.0
"""Body mass index [kg/m2] from which the lower cut-offs hold."""
GRADES = ((0.30, "severe"), (0.10, "moderate"), (0.0, "mild"))
"""Of a leak beside a valve, by its area [cm2] from; the guideline's grades, from memory."""
LEAK_NAME = "paravalvular_leak"

_TABLES: Mapping[str, Mapping[float, float]] = MappingProxyType(
    {"tavi_balloon": BALLOON_EXPANDABLE, "tavi_self": SELF_EXPANDING}
)
_SOURCE = (
    "Effective orifice by size: assumed, from memory of published reference values; as a whole it "
    "agrees with 1.37 to 1.90 cm2 by annulus (PubMed 21999863) and 1.71 against 1.84 cm2 "
    "(PubMed 31547995)"
)


def effective_orifice(name: str, size_mm: float) -> float:
    """Effective orifice area [cm2] of a valve of a nominal size [mm]."""
    table = _TABLES[name]
    return float(np.interp(size_mm, list(table), list(table.values())))


def _implant(name: str, conditions: Conditions, size_mm: float) -> Conditions:
    area = effective_orifice(name, size_mm) * CM2
    return conditions.with_parameters(aortic_open_area=area, aortic_leak_area=COMPETENT_LEAK)


def _by_size(name: str, label: str, step: float) -> TherapyKind:
    table = _TABLES[name]
    rows = ", ".join(f"{size:g} mm {area:.2f}" for size, area in table.items())
    return TherapyKind(
        name=name,
        label=label,
        family="valve",
        unit="mm",
        lower=min(table),
        upper=max(table),
        default=26.0,
        step=step,
        decimals=0,
        equation=f"aortic open area [cm2] by size: {rows}; no leak",
        source=_SOURCE,
        evidence="assumed",
        population="severe aortic stenosis",
        limits="Acute effect: the walls have not remodelled yet. A generic valve, not one maker's. "
        "A leak beside it is a setting of its own.",
        change=partial(_implant, name),
        group="aortic prosthesis",
    )


TAVI_BALLOON = _by_size("tavi_balloon", "TAVI, balloon-expandable", 3.0)
TAVI_SELF = _by_size("tavi_self", "TAVI, self-expanding", 1.0)


def _leak(conditions: Conditions, area_cm2: float) -> Conditions:
    present = conditions.parameters["aortic_leak_area"]
    return conditions.with_parameters(aortic_leak_area=present + area_cm2 * CM2)


PARAVALVULAR = TherapyKind(
    name=LEAK_NAME,
    label="Leak beside the aortic valve",
    family="valve",
    unit="cm2",
    lower=0.0,
    upper=0.5,
    default=0.05,
    step=0.05,
    decimals=2,
    equation="aortic leak area + this one; mild below 0.10, moderate below 0.30, else severe",
    source="Hydraulics of an orifice; grades by area from memory",
    evidence="assumed",
    population="after an aortic prosthesis",
    limits="How large it is follows from oversizing and calcium, and is not predicted.",
    change=_leak,
)
SIZED_VALVES = (TAVI_BALLOON, TAVI_SELF, PARAVALVULAR)


def leak_grade(area_cm2: float) -> str:
    """The grade of a leak beside a valve."""
    if area_cm2 <= 0.0:
        return "none"
    return next(grade for lowest, grade in GRADES if round(area_cm2, 9) >= lowest)


def oversizing(name: str, nominal: float, annulus: float) -> float:
    """By how many per cent a valve of diameter ``nominal`` exceeds the annulus' [m].

    Of the area for a balloon-expandable valve, of the perimeter for a self-expanding one.
    """
    ratio = nominal / annulus
    return 100.0 * ((ratio if "self" in name else ratio**2) - 1.0)


def sizing_advice(name: str, nominal: float, annulus: float) -> str:
    """What the annulus [m], as a circle of its area, says of a nominal size [m]."""
    share = oversizing(name, nominal, annulus)
    low, high = BY_PERIMETER if "self" in name else BY_AREA
    by = "perimeter" if "self" in name else "area"
    told = f"{share:+.0f} % of {by} in the drawn ring of {1e3 * annulus:.1f} mm"
    if share < low:
        return f"{told}: too small, it may leak or move"
    if share > high:
        return f"{told}: too large, the ring may tear"
    return told


def mismatch(area: float, body_surface: float, body_mass_index: float | None) -> str:
    """Patient-prosthesis mismatch: none, moderate or severe; ``area`` [m2], surface [m2]."""
    obese = body_mass_index is not None and body_mass_index >= OBESE
    moderate, severe = OBESE_MISMATCH if obese else MISMATCH
    indexed = area / CM2 / body_surface
    if indexed <= severe:
        return "severe"
    return "moderate" if indexed <= moderate else "none"


def prosthesis_findings(
    therapies: tuple[Therapy, ...], area: float, body_surface: float | None, index: float | None
) -> Iterator[str]:
    """What is to be said of an aortic prosthesis in a plan; ``area`` [m2] is its orifice."""
    names = {therapy.name: therapy for therapy in therapies}
    if names.keys() & {"aortic_valve", "tavi", *_TABLES} and body_surface is not None:
        found = mismatch(area, body_surface, index)
        if found != "none":
            indexed = area / CM2 / body_surface
            yield f"{found} patient-prosthesis mismatch: {indexed:.2f} cm2/m2"
    if LEAK_NAME in names and names[LEAK_NAME].dose > 0.0:
        yield f"{leak_grade(names[LEAK_NAME].dose)} leak beside the aortic valve"
