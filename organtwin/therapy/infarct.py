"""Infarcts by territory of a coronary artery; any set of segments for whoever calls ``infarcted``.

Dead muscle makes no force and is stiffer. Territories after Cerqueira et al. 2002, but the septum
as it is supplied: by its thirds. So the LAD feeds 35 % of the LV of the template, the circumflex
artery 36 % and the right coronary 29 %; a right coronary infarct takes some of the RV along.

The dose is how much of the territory dies, which is what tells infarcts apart: of 42 patients with
equal enzymes, anterior infarcts held 25.9 % of the LV and inferior ones 11.1 % by QRS score (Hands
1987, Int J Cardiol 17:155), three quarters of the one territory and two fifths of the other. The
heart itself loses alike by either: 0.6 points of ejection fraction per % of the LV that is dead, as
in these patients (0.5 to 0.6 from a normal of 60 %).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from organtwin.physiology.scar import scar
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind

SCAR_STIFFNESS = 5.0
"""Times the passive stress; 2 to 10 from memory (``disease_phenotypes.csv``), so assumed."""
INFERIOR_SEPTUM = (3, 9)
SEPTUM_FROM_FRONT = 1 / 3
"""Of the inferoseptal segments, which span half of the septum: its front two thirds are supplied by
the LAD, its last third by the posterior descending artery (usual anatomy; it varies much)."""
RIGHT_SHARE = 0.65
"""Of the RV free wall that the right coronary artery feeds. Tuned to the ejection fraction of the
RV after inferior against anterior infarction, 48 against 56 % (31 patients, first-pass radionuclide
angiocardiography), on the default heart with the usual size of either infarct."""
USUAL: Mapping[str, float] = {"lad": 75.0, "lcx": 40.0, "rca": 40.0}
"""[%] of the territory that dies: see above; of the circumflex artery assumed as of the right one.
"""
TERRITORIES: Mapping[str, tuple[int, ...]] = {
    "lad": (1, 2, 7, 8, 13, 14, 17),
    "rca": (3, 4, 9, 10, 15),
    "lcx": (5, 6, 11, 12, 16),
}


def infarcted(
    conditions: Conditions,
    losses: Mapping[int, float],
    stiffness: float = SCAR_STIFFNESS,
    right: float = 0.0,
    depth: float | None = None,
) -> Conditions:
    """The heart with a scar: segments (AHA 1 to 17) that lost a share of their force each.

    ``right``: share of the free wall of the RV that is dead. ``depth``: as of ``scar``.

    Raises
    ------
    ParameterError
        As ``physiology.scar.scar``.
    """
    new = scar(losses, stiffness, conditions.activation.layout, right, depth)
    return replace(conditions, scar=new.joined(conditions.scar))


def _infarct(territory: str, conditions: Conditions, loss_percent: float) -> Conditions:
    if loss_percent == 0.0:
        return conditions
    loss = 0.01 * loss_percent
    losses = {segment: loss * share for segment, share in supplied(territory).items()}
    right = loss * RIGHT_SHARE if territory == "rca" else 0.0
    return infarcted(conditions, losses, right=right, depth=1.0)


def supplied(territory: str) -> Mapping[int, float]:
    """Share of each segment that an artery feeds, its territory with the septum by thirds."""
    shares = dict.fromkeys(TERRITORIES[territory], 1.0)
    if territory == "lad":
        shares |= dict.fromkeys(INFERIOR_SEPTUM, SEPTUM_FROM_FRONT)
    if territory == "rca":
        shares |= dict.fromkeys(INFERIOR_SEPTUM, 1.0 - SEPTUM_FROM_FRONT)
    return shares


def _kind(territory: str, artery: str) -> TherapyKind:
    parts = (f"{s}" + (f" ({x:.0%})" if x < 1.0 else "") for s, x in supplied(territory).items())
    segments = ", ".join(parts)
    right = f" and {RIGHT_SHARE:.0%} of the RV free wall" if territory == "rca" else ""
    return TherapyKind(
        name=f"infarct_{territory}",
        label=f"Infarct, {artery}",
        family="to teach",
        unit="%",
        whole="all muscle of its segments",
        lower=0.0,
        upper=100.0,
        default=USUAL[territory],
        step=5.0,
        decimals=0,
        equation=f"this share of segments {segments}{right} is dead, patch by patch: no active "
        f"stress, {SCAR_STIFFNESS:g} times the passive stress",
        source="Territories: Cerqueira 2002, septum by thirds, RV by its ejection fraction after "
        "inferior infarction. Usual size: Hands 1987, anterior 25.9 and inferior 11.1 % of the LV. "
        "No force in dead muscle (from memory 0 to 20 %), "
        f"{SCAR_STIFFNESS:g} times stiffer (from memory 2 to 10 times)",
        evidence="assumed",
        population="any heart; a disease, not a treatment",
        limits="Acute: no remodelling, no reflex, no change of conduction. The pump's patches hold "
        "front and back of the heart together: the muscle lost is right, its place is blurred. "
        "How much of the territory dies is set, not predicted: with the usual sizes the default "
        "heart keeps an ejection fraction of 43 % after an anterior and 51 % after an inferior "
        "infarct (published 46 and 55 %, and 34 and 50 %). No stunned muscle around.",
        change=partial(_infarct, territory),
    )


INFARCTS = (
    _kind("lad", "left anterior descending"),
    _kind("lcx", "left circumflex"),
    _kind("rca", "right coronary"),
)
