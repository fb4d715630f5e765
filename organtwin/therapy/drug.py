"""Drugs and fluids: factors on the heart's parameters by a dose-response curve.

    factor(x) = 1 + E x^h/(x50^h + x^h)      or, where only one dose was studied, 1 + e x

x is the exposure (dose, or steady plasma concentration), E the signed maximum, x50 the exposure of
half effect, h the Hill exponent. Effects of several drugs multiply (independent action), so their
order does not matter. Numbers, grades and sources are in ``assets/parameters/drugs.toml``; tests in
tests/therapy. Clinical responses include the reflexes of the people studied; none are added.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from organtwin.resources import asset
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind

TARGETS: Mapping[str, tuple[str, ...]] = {
    "contractility": tuple(f"{wall}_active_stress" for wall in ("la", "ra", "lv", "septum", "rv")),
    "systemic_resistance": ("systemic_resistance",),
    "pulmonary_resistance": ("pulmonary_resistance",),
    "heart_rate": ("heart_rate",),
    "blood_volume": ("blood_volume",),
}
_GRADES = ("assumed", "derived", "abstract")
"""From weakest to strongest: a drug is as good as its weakest effect."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One dose-response curve on one target."""

    target: str
    maximum: float
    half: float
    hill: float
    in_heart_failure: float
    evidence: str
    source: str

    def factor(self, exposure: float, *, heart_failure: bool = False) -> float:
        """What the target is multiplied by."""
        maximum = self.maximum * (self.in_heart_failure if heart_failure else 1.0)
        if self.half == 0.0:
            return 1.0 + maximum * exposure
        power = exposure**self.hill
        return float(1.0 + maximum * power / (self.half**self.hill + power))

    def equation(self, unit: str) -> str:
        name = self.target.replace("_", " ")
        if self.half == 0.0:
            return f"{name} x (1 {self.maximum:+g} x), x in {unit}"
        exponent = "" if self.hill == 1.0 else f"^{self.hill:g}"
        text = f"{name} x (1 {self.maximum:+g} x{exponent}/({self.half:g}{exponent} + x{exponent}))"
        failing = (
            "" if self.in_heart_failure == 1.0 else f", x{self.in_heart_failure:g} in heart failure"
        )
        return f"{text}, x in {unit}{failing}"


def drug_kinds() -> dict[str, TherapyKind]:
    """All drugs and fluids of the bundled table, in file order."""
    with asset("parameters/drugs.toml").open("rb") as file:
        table: dict[str, dict[str, Any]] = tomllib.load(file)
    return {name: _kind(name, row) for name, row in table.items()}


def _kind(name: str, row: dict[str, Any]) -> TherapyKind:
    effects = tuple(_effect(entry) for entry in row["effect"])
    return TherapyKind(
        name=name,
        label=row["label"],
        unit=row["unit"],
        lower=row["lower"],
        upper=row["upper"],
        default=row["default"],
        step=row["step"],
        decimals=row["decimals"],
        equation="\n".join(effect.equation(row["exposure_unit"]) for effect in effects),
        source="\n".join(
            f"{effect.target.replace('_', ' ')} ({effect.evidence}): {effect.source}"
            for effect in effects
        ),
        evidence=min((effect.evidence for effect in effects), key=_GRADES.index),
        population=row["population"],
        limits=row["limits"],
        change=partial(_act, effects, float(row["exposure_per_dose"])),
    )


def _effect(entry: dict[str, Any]) -> Effect:
    linear = "per_exposure" in entry
    return Effect(
        target=entry["target"],
        maximum=float(entry["per_exposure"] if linear else entry["maximum"]),
        half=0.0 if linear else float(entry["half"]),
        hill=1.0 if linear else float(entry["hill"]),
        in_heart_failure=float(entry.get("in_heart_failure", 1.0)),
        evidence=entry["evidence"],
        source=entry["source"],
    )


def _act(
    effects: tuple[Effect, ...], exposure_per_dose: float, conditions: Conditions, dose: float
) -> Conditions:
    exposure = dose * exposure_per_dose
    factors: dict[str, float] = {}
    for effect in effects:
        if conditions.paced and effect.target == "heart_rate":
            continue
        factor = effect.factor(exposure, heart_failure=conditions.chronic_heart_failure)
        for parameter in TARGETS[effect.target]:
            factors[parameter] = factors.get(parameter, 1.0) * factor
    return conditions.scaled(**factors)
