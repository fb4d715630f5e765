"""Blood taken away, and fluid in the pericardial sac put in or let out.

The model holds the blood of chambers and large vessels only. A loss is shared with the small
vessels it leaves out, in the proportion in which a fluid is: 3 L of crystalloid, half of which
stays in the vessels, act on the model as 21 % of 854 mL, hence 0.12 mL for each mL gained or
lost.
"""

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.units import ML

MODEL_SHARE = 0.12
"""Of blood gained or lost that is felt in the model's compartments; derivation above."""
REFILLED = 0.5
"""Of what ultrafiltration takes, refilled from the tissue by its end; as half of a fluid leaves."""


def _share(what: str) -> Variation:
    return Variation(
        "share", f"{what}: share that is felt", 0.3, "assumed",
        "Venous capacity and refilling differ between patients: no number was at hand",
    )  # fmt: skip


def _bleed(conditions: Conditions, lost_ml: float) -> Conditions:
    held = conditions.parameters["blood_volume"]
    return conditions.with_parameters(blood_volume=held - MODEL_SHARE * lost_ml * ML)


def _filter(conditions: Conditions, taken_ml: float) -> Conditions:
    return _bleed(conditions, (1.0 - REFILLED) * taken_ml)


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
    equation="blood volume of the model - 0.12 x loss",
    source="Share from 3 L crystalloid in healthy volunteers (stroke index +15 to +25 %), half of "
    "it kept in the vessels (from memory)",
    evidence="assumed",
    population="any patient, before refilling",
    limits="Whole blood in minutes. No dilution; the share holds for a body with usual venous "
    "capacity.",
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
    equation="blood volume of the model - 0.12 x 0.5 x volume taken; the other half is refilled",
    source="Share as for bleeding; refilling of one half is assumed, as one half of a crystalloid "
    "leaves the vessels",
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
