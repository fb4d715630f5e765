"""Infarcts by territory of a coronary artery; any set of segments for whoever calls ``infarcted``.

Dead muscle makes no force and is stiffer. Territories after Cerqueira et al. 2002.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from organtwin.physiology.scar import scar
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind

SCAR_STIFFNESS = 5.0
"""Times the passive stress; 2 to 10 from memory (``disease_phenotypes.csv``), so assumed."""
TERRITORIES: Mapping[str, tuple[int, ...]] = {
    "lad": (1, 2, 7, 8, 13, 14, 17),
    "rca": (3, 4, 9, 10, 15),
    "lcx": (5, 6, 11, 12, 16),
}


def infarcted(
    conditions: Conditions, losses: Mapping[int, float], stiffness: float = SCAR_STIFFNESS
) -> Conditions:
    """The heart with a scar: segments (AHA 1 to 17) that lost a share of their force each.

    Raises
    ------
    ParameterError
        As ``physiology.scar.scar``.
    """
    new = scar(losses, stiffness, conditions.activation.layout)
    return replace(conditions, scar=new.joined(conditions.scar))


def _infarct(territory: str, conditions: Conditions, loss_percent: float) -> Conditions:
    if loss_percent == 0.0:
        return conditions
    return infarcted(conditions, dict.fromkeys(TERRITORIES[territory], 0.01 * loss_percent))


def _kind(territory: str, artery: str) -> TherapyKind:
    segments = ", ".join(str(number) for number in TERRITORIES[territory])
    return TherapyKind(
        name=f"infarct_{territory}",
        label=f"Infarct, {artery}",
        family="to teach",
        unit="%",
        lower=0.0,
        upper=100.0,
        default=100.0,
        step=10.0,
        decimals=0,
        equation=f"in segments {segments}: active stress x (1 - loss), passive stress x "
        f"(1 + {SCAR_STIFFNESS - 1:g} loss)",
        source="Territories: Cerqueira 2002. No force in dead muscle (from memory 0 to 20 %), "
        f"{SCAR_STIFFNESS:g} times stiffer (from memory 2 to 10 times)",
        evidence="assumed",
        population="any heart; a disease, not a treatment",
        limits="Acute: no remodelling, no reflex, no change of conduction. The pump's patches hold "
        "front and back of the heart together: the muscle lost is right, its place is blurred.",
        change=partial(_infarct, territory),
    )


INFARCTS = (
    _kind("lad", "left anterior descending"),
    _kind("lcx", "left circumflex"),
    _kind("rca", "right coronary"),
)
