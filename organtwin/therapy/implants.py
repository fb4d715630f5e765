"""What a plan puts into or around the heart, for whoever draws it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.regions import Valve
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.therapy.kind import Therapy
from organtwin.units import CM2, ML, MM

EFFUSION = "effusion"
SEPTAL_SCAR, SEPTAL_TROUGH = "septal scar", "septal trough"
LEADS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "biventricular": ("apex of the right ventricle", "lateral vein of the left ventricle"),
    "lv_paced": ("lateral vein of the left ventricle",),
    "rv_paced": ("apex of the right ventricle",),
    "paced": ("apex of the right ventricle",),
    "left_bundle_paced": ("left bundle branch area",),
})  # fmt: skip
"""Where the electrodes of a pattern of conduction lie, by the names of ``activation.sites``."""
ATRIAL_LEAD = "right atrial appendage"

_VALVES: Mapping[str, tuple[str, Valve]] = MappingProxyType({
    "aortic_valve": ("bioprosthesis", Valve.AORTIC),
    "mitral_valve": ("bioprosthesis", Valve.MITRAL),
    "tricuspid_valve": ("bioprosthesis", Valve.TRICUSPID),
    "pulmonary_valve": ("bioprosthesis", Valve.PULMONARY),
    "tavi": ("balloon-expandable valve", Valve.AORTIC),
    "tavi_balloon": ("balloon-expandable valve", Valve.AORTIC),
    "tavi_self": ("self-expanding valve", Valve.AORTIC),
    "mitral_clip": ("clip", Valve.MITRAL),
})  # fmt: skip
_OTHERS: Mapping[str, str] = MappingProxyType({
    "lvad": "lvad", "impella_2_5": "impella", "impella_cp": "impella", "rvad": "rvad",
    "rvad_ventricular": "rvad from the ventricle", "ecmo": "ecmo", "iabp": "balloon",
    "iabp_1_2": "balloon", "iabp_1_3": "balloon",
    "pericardiocentesis": "drain",
    "septal_ablation": SEPTAL_SCAR, "septal_myectomy": SEPTAL_TROUGH,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Implant:
    """One thing to be drawn.

    ``size``: nominal diameter of a valve [m], 0 where the plan does not tell it; volume of an
    effusion or balloon [m3]. ``area`` [m2]: the effective orifice. ``where``: an electrode's place,
    set on the heart or by the name of a usual site.
    """

    name: str
    label: str
    valve: Valve | None = None
    size: float = 0.0
    area: float = 0.0
    where: Anchor | str = ""


def implants(
    therapies: tuple[Therapy, ...], electrics: ElectricPlan, effusion: float = 0.0
) -> tuple[Implant, ...]:
    """What therapies and an electric plan leave in the heart; ``effusion`` [m3] is around it."""
    found = [made for therapy in therapies if (made := _implant(therapy)) is not None]
    sites = [*LEADS.get(electrics.conduction, ()), *(site.where for site in electrics.paced)]
    pacemaker = electrics.pacemaker
    sites += [pacemaker.placement(lead).where for lead in pacemaker.leads]
    if any(therapy.name == "heart_rate" for therapy in therapies):
        sites.append(ATRIAL_LEAD)
    found += [Implant("lead", f"Lead, {_told(site)}", where=site) for site in dict.fromkeys(sites)]
    if effusion > 0.0:
        found.append(Implant(EFFUSION, "Pericardial effusion", size=effusion))
    return tuple(found)


def _told(site: Anchor | str) -> str:
    return site if isinstance(site, str) else "where it was set"


def _implant(therapy: Therapy) -> Implant | None:
    name, dose = therapy.name, therapy.dose
    if dose == 0.0:
        return None
    if name in _VALVES:
        kind, valve = _VALVES[name]
        by_size = therapy.kind.unit == "mm"
        size = dose * MM if by_size else 0.0
        area = dose * CM2 if therapy.kind.unit == "cm2" else 0.0
        return Implant(kind, therapy.kind.label, valve, size, area)
    if name in _OTHERS:
        size = dose * ML if therapy.kind.unit == "mL" else 0.0
        return Implant(_OTHERS[name], therapy.kind.label, size=size)
    return None
