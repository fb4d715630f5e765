"""Blood and plasma water taken away, and fluid in the pericardial sac put in or let out.

How much of a loss is felt by the model's own vessels is told in ``therapy.vessels``. Tissue refills
part of a loss of blood meanwhile.

Plasma water that is filtered off is refilled from the tissue, the faster the more is lacking. With
a volume V taken evenly in a time T, k the rate of refilling and s the share of a loss that the
blood bears when all has settled, the blood lacks at the end

    V (s + (1 - s) (1 - exp(-k T))/(k T))
"""

import math
from functools import partial

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.therapy.vessels import with_volume
from organtwin.units import ML

REFILLED = 0.4
"""Of blood lost in minutes, replaced from tissue: up to a half after 900 mL (Riddez 1997)."""
REFILL_RATE = 1.5
"""[1/h] of refilling. Blood volume fell by 7.3 % with 1.5 L and by 6.7 % with 2.7 L taken in a
session (PMID 16557103, twice n = 8), by 3.2 % an hour with 1.7 L (n = 47, doi
10.1097/MAT.0000000000000795): of 5 L, in 4 h, 0.12 to 0.38 of what was taken, mean 0.25."""
SETTLED_SHARE = 0.1
"""Assumed: little, as who is filtered has water in the tissue. In refractory heart failure the
volume in the vessels stayed as it was while 4.9 L were taken (Marenzi 2001, n = 24)."""
SESSION_H = 4.0
"""Usual length of a session of haemodialysis [h]."""


def _share(what: str) -> Variation:
    return Variation(
        "share", f"{what}: share that is felt", 0.3, "assumed",
        "Venous capacity and refilling differ between patients: no number was at hand",
    )  # fmt: skip


def _bleed(conditions: Conditions, lost_ml: float) -> Conditions:
    return with_volume(conditions, -(1.0 - REFILLED) * lost_ml * ML)


def lacking_ml(taken_ml: float, hours: float) -> float:
    """What the blood lacks [mL] after so much plasma water was taken evenly in this time."""
    reach = REFILL_RATE * hours
    if reach == 0.0:
        return taken_ml
    return taken_ml * (SETTLED_SHARE + (1.0 - SETTLED_SHARE) * -math.expm1(-reach) / reach)


def _filter(
    rate_ml_h: float, conditions: Conditions, taken_ml: float, share: float = 1.0
) -> Conditions:
    """At a rate [mL/h]; ``share`` of the usual loss is felt."""
    lacking = share * lacking_ml(taken_ml, taken_ml / rate_ml_h)
    return with_volume(conditions, -lacking * ML)


def _dialyse(conditions: Conditions, taken_ml: float, share: float = 1.0) -> Conditions:
    """In one session, whatever rate that takes."""
    return with_volume(conditions, -share * lacking_ml(taken_ml, SESSION_H) * ML)


def _effuse(conditions: Conditions, added_ml: float) -> Conditions:
    present = conditions.parameters["pericardial_effusion"]
    return conditions.with_parameters(pericardial_effusion=present + added_ml * ML)


def _drain(conditions: Conditions, taken_ml: float) -> Conditions:
    present = conditions.parameters["pericardial_effusion"]
    return conditions.with_parameters(pericardial_effusion=max(present - taken_ml * ML, 0.0))


BLEEDING = TherapyKind(
    name="bleeding",
    label="Bleeding",
    family="volume and pericardium",
    unit="mL",
    lower=0.0,
    upper=2000.0,
    default=500.0,
    step=100.0,
    decimals=0,
    equation="blood volume of the model - 1/3 x 0.6 x loss; the rest is refilled",
    source="A third by compliance, 54 mL/mmHg in the model of 160 in the body; of 900 mL up to a "
    "half is refilled from tissue (Riddez 1997), 0.4 taken",
    evidence="derived",
    population="healthy volunteers, up to 1 L in minutes",
    limits="Whole blood in minutes. Blood is not thinned by what refills it; the share holds for a "
    "body with usual venous capacity. The faint of the last stage is not modelled.",
    change=_bleed,
    acute=True,
    variation=_share("Bleeding"),
)

_REFILLED = (
    f"blood lacks V ({SETTLED_SHARE:g} + {1.0 - SETTLED_SHARE:g} (1 - exp(-k T))/(k T)), "
    f"k = {REFILL_RATE:g} per hour; blood volume of the model - 1/3 x that"
)
_FILTERED = (
    "Refilling from blood volume by haematocrit in haemodialysis (PMID 16557103, n = 8; "
    "doi 10.1097/MAT.0000000000000795, n = 47); share felt as for bleeding"
)


def _ultrafiltration(rate_ml_h: float, name: str) -> TherapyKind:
    change = partial(_filter, rate_ml_h)
    return TherapyKind(
        name=name,
        label=f"Ultrafiltration, {rate_ml_h:g} mL/h",
        family="volume and pericardium",
        unit="mL",
        lower=0.0,
        upper=6000.0,
        default=2000.0,
        step=250.0,
        decimals=0,
        equation=f"{_REFILLED}; T = V/({rate_ml_h:g} mL/h)",
        source=_FILTERED,
        evidence="assumed",
        population="fluid overload in heart failure, at the end of the filtration",
        limits="Volume taken net. In refractory heart failure the vessels lost no volume at all "
        "(Marenzi 2001) and pressures fell with the water of lung and sac, which is not modelled. "
        "Thicker blood, electrolytes and vessel tone stay.",
        change=change,
        varied=change,
        group="fluid taken from the blood",
        acute=True,
        variation=_share("Ultrafiltration"),
    )


ULTRAFILTRATION = _ultrafiltration(250.0, "ultrafiltration")
FAST_ULTRAFILTRATION = _ultrafiltration(500.0, "ultrafiltration_fast")

DIALYSIS = TherapyKind(
    name="haemodialysis",
    label=f"Haemodialysis, {SESSION_H:g} h",
    family="volume and pericardium",
    unit="mL",
    lower=0.0,
    upper=5000.0,
    default=2000.0,
    step=250.0,
    decimals=0,
    equation=f"{_REFILLED}; T = {SESSION_H:g} h",
    source=_FILTERED,
    evidence="assumed",
    population="kidney failure on haemodialysis, at the end of a session",
    limits="Volume taken net. No flow of a fistula, no thicker blood, no change of electrolytes, "
    "calcium, temperature or vessel tone, which lower pressure in a session too.",
    change=_dialyse,
    varied=_dialyse,
    group="fluid taken from the blood",
    acute=True,
    variation=_share("Haemodialysis"),
)

EFFUSION = TherapyKind(
    name="pericardial_effusion",
    label="Pericardial effusion",
    family="volume and pericardium",
    unit="mL",
    lower=0.0,
    upper=300.0,
    default=150.0,
    step=10.0,
    decimals=0,
    equation="pericardial pressure = p_ref ((heart + effusion)/V_ref)^k: the fluid takes room",
    source="Pericardium of the heart model (VanOsta2024)",
    evidence="physical",
    population="any heart; a disease, not a treatment",
    limits="Acute: the sac has not stretched. No breathing, so no paradoxical pulse.",
    change=_effuse,
    acute=True,
)

DRAINAGE = TherapyKind(
    name="pericardiocentesis",
    label="Pericardiocentesis",
    family="volume and pericardium",
    unit="mL",
    lower=0.0,
    upper=1000.0,
    default=200.0,
    step=10.0,
    decimals=0,
    equation="effusion - volume drained, not below zero",
    source="Reddy: right atrial pressure 16 to 7 mmHg, output 3.87 to 7.0 L/min",
    evidence="physical",
    population="tamponade",
    limits="Needs an effusion in the record (pericardial_effusion) or in the plan. Fluid given "
    "meanwhile is not modelled.",
    change=_drain,
    acute=True,
)

VOLUME_THERAPIES = (
    BLEEDING, ULTRAFILTRATION, FAST_ULTRAFILTRATION, DIALYSIS, EFFUSION, DRAINAGE,
)  # fmt: skip
