"""Blood taken away, and fluid in the pericardial sac put in or let out.

How much of a loss is felt by the model's own vessels is told in ``therapy.vessels``. Tissue refills
part of it meanwhile.
"""

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.therapy.vessels import with_volume
from organtwin.units import ML

REFILLED = 0.4
"""Of blood lost in minutes, replaced from tissue: up to a half after 900 mL (Riddez 1997)."""
REFILLED_SLOWLY = 0.82
"""Of what ultrafiltration takes in hours, by its end; keeps the size of its effect as it was."""


def _share(what: str) -> Variation:
    return Variation(
        "share", f"{what}: share that is felt", 0.3, "assumed",
        "Venous capacity and refilling differ between patients: no number was at hand",
    )  # fmt: skip


def _bleed(conditions: Conditions, lost_ml: float) -> Conditions:
    return with_volume(conditions, -(1.0 - REFILLED) * lost_ml * ML)


def _filter(conditions: Conditions, taken_ml: float) -> Conditions:
    return with_volume(conditions, -(1.0 - REFILLED_SLOWLY) * taken_ml * ML)


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

ULTRAFILTRATION = TherapyKind(
    name="ultrafiltration",
    label="Ultrafiltration (dialysis)",
    family="volume and pericardium",
    unit="mL",
    lower=0.0,
    upper=4000.0,
    default=2000.0,
    step=250.0,
    decimals=0,
    equation="blood volume of the model - 1/3 x 0.18 x volume taken; the rest is refilled",
    source="Share as for bleeding; that four fifths are refilled in some hours is assumed",
    evidence="assumed",
    population="fluid overload, at the end of a session of some hours",
    limits="No change of electrolytes, temperature or vessel tone.",
    change=_filter,
    acute=True,
    variation=_share("Ultrafiltration"),
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

VOLUME_THERAPIES = (BLEEDING, ULTRAFILTRATION, EFFUSION, DRAINAGE)
