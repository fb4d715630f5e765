"""A pacemaker as it is set: which electrodes pace, where they lie, and when they fire.

A value without computation. Delays count as on a programmer: the first ventricular electrode fires
one atrioventricular (AV) delay after the sinus impulse (sensed) or after the atrial electrode
(paced); the interventricular (VV) delay then lies between the sides. The heart's own conduction
goes on beside it, so that both fuse where the AV delay is longer than the heart's own. A sensed AV
delay counts from the sinus impulse itself; a device senses it later, where its electrode lies.
Every electrode is taken to capture, and none to be inhibited by what it senses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from organtwin.anatomy.anchor import Anchor
from organtwin.units import MS


class Lead(StrEnum):
    """An electrode by what it is for."""

    ATRIAL = "atrial"
    RV = "RV"
    LV = "LV"
    LV2 = "LV2"
    HIS = "His"
    LEFT_BUNDLE = "left bundle area"


class Mode(StrEnum):
    """Which ventricular electrodes pace."""

    OFF = "off"
    RV = "RV only"
    LV = "LV only"
    BIVENTRICULAR = "biventricular"
    MULTIPOINT = "multipoint LV"
    MULTIPOINT_BIVENTRICULAR = "multipoint biventricular"
    HIS = "His bundle"
    LEFT_BUNDLE = "left bundle area"


LEADS_OF: Mapping[Mode, tuple[Lead, ...]] = MappingProxyType({
    Mode.OFF: (),
    Mode.RV: (Lead.RV,),
    Mode.LV: (Lead.LV,),
    Mode.BIVENTRICULAR: (Lead.RV, Lead.LV),
    Mode.MULTIPOINT: (Lead.LV, Lead.LV2),
    Mode.MULTIPOINT_BIVENTRICULAR: (Lead.RV, Lead.LV, Lead.LV2),
    Mode.HIS: (Lead.HIS,),
    Mode.LEFT_BUNDLE: (Lead.LEFT_BUNDLE,),
})  # fmt: skip

USUAL: Mapping[Lead, str] = MappingProxyType({
    Lead.ATRIAL: "right atrial appendage",
    Lead.RV: "apex of the right ventricle",
    Lead.LV: "lateral vein of the left ventricle",
    Lead.LV2: "posterolateral vein of the left ventricle",
    Lead.HIS: "His bundle",
    Lead.LEFT_BUNDLE: "left bundle branch area",
})  # fmt: skip
"""Where each electrode lies unless it is set elsewhere: names of ``activation.sites.Site``."""

AV_RANGE = (30 * MS, 350 * MS)
"""[s] As pacemakers offer."""
VV_RANGE = (-80 * MS, 80 * MS)
"""[s] As pacemakers offer."""
LEAD_RANGE = (0.0, 80 * MS)
"""[s] What one electrode may wait besides."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an electrode lies, and how much later [s] than its side it fires.

    ``selective``: an electrode on the conduction system captures that alone, not the muscle around.
    """

    where: Anchor | str
    delay: float = 0.0
    selective: bool = False


@dataclass(frozen=True, slots=True)
class Pacemaker:
    """``vv`` [s] is positive where the left side fires first. ``placed`` holds leads moved.

    ``past_block``: pacing the His bundle also excites a left bundle that is blocked, as where
    the block lies in its fibres within the His bundle (corrective capture).
    """

    mode: Mode = Mode.OFF
    atrial: bool = False
    sensed_av: float = 0.1
    paced_av: float = 0.14
    vv: float = 0.0
    past_block: bool = True
    placed: Mapping[Lead, Placement] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return self.mode is not Mode.OFF or self.atrial

    def __hash__(self) -> int:
        return hash((
            self.mode, self.atrial, self.sensed_av, self.paced_av, self.vv, self.past_block,
            frozenset(self.placed.items()),
        ))  # fmt: skip

    @property
    def av(self) -> float:
        """The AV delay that counts [s]: paced with an atrial electrode, else sensed."""
        return self.paced_av if self.atrial else self.sensed_av

    @property
    def leads(self) -> tuple[Lead, ...]:
        """The electrodes that pace."""
        return (*((Lead.ATRIAL,) if self.atrial else ()), *LEADS_OF[self.mode])

    @property
    def resynchronising(self) -> bool:
        """There are two sides, so that the VV delay counts."""
        return {Lead.RV, Lead.LV} <= set(self.leads)

    def placement(self, lead: Lead) -> Placement:
        """Where a lead lies: as set, else at its usual site."""
        return self.placed.get(lead, Placement(USUAL[lead]))

    def placing(self, lead: Lead, placement: Placement) -> "Pacemaker":
        """The same with one lead at another place or delay."""
        return replace(self, placed=MappingProxyType({**self.placed, lead: placement}))

    def at_av(self, delay: float) -> "Pacemaker":
        """The same with another AV delay [s], of the kind that counts."""
        return replace(self, paced_av=delay) if self.atrial else replace(self, sensed_av=delay)

    def time(self, lead: Lead) -> float:
        """When a lead fires [s] after the atria begin."""
        if lead is Lead.ATRIAL:
            return 0.0
        own = self.placement(lead).delay
        if not self.resynchronising:
            return self.av + own
        late = max(self.vv, 0.0) if lead is Lead.RV else max(-self.vv, 0.0)
        return self.av + late + own

    @property
    def told(self) -> str:
        """The setting in words."""
        kind = "paced" if self.atrial else "sensed"
        parts = ["atrial pacing"] if self.atrial else []
        if self.mode is not Mode.OFF:
            parts.append(f"{self.mode} pacing, {kind} AV {self.av / MS:.0f} ms")
        if self.resynchronising:
            parts.append(vv_told(self.vv))
        return ", ".join(parts) or "no pacing"


def vv_told(vv: float) -> str:
    """A VV delay [s] in words."""
    if abs(vv) < 0.5 * MS:
        return "both sides together"
    return f"{'LV' if vv > 0 else 'RV'} {abs(vv) / MS:.0f} ms first"
