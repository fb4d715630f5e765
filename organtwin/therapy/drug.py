"""What a drug is: curves on the heart's parameters, on ion channels, and its way through the body.

    factor(x) = 1 + E x^h/(x50^h + x^h)      or, where only one dose was studied, 1 + e x

x is the exposure (dose, or steady plasma concentration), E the signed maximum, x50 the exposure of
half effect, h the Hill exponent. How drugs act together is in ``therapy.interactions``; how a file
becomes a ``Drug`` in ``therapy.drug_file``. Numbers, grades and sources stand in ``assets/drugs``.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from organtwin.therapy.checked import NOBODY, CheckedRange
from organtwin.therapy.variability import SENSITIVITY, Response, Variation

VESSEL_VOLUME = "vessel_volume"
"""Not a factor: litres that stay in the vessels of the body (``therapy.vessels``)."""
TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "contractility": tuple(f"{wall}_active_stress" for wall in ("la", "ra", "lv", "septum", "rv")),
    "systemic_resistance": ("systemic_resistance",),
    "pulmonary_resistance": ("pulmonary_resistance",),
    "heart_rate": ("heart_rate",),
    "blood_volume": ("blood_volume",),
    VESSEL_VOLUME: (),
    "left_ventricular_size": tuple(
        f"{wall}_{part}" for wall in ("lv", "septum") for part in ("reference_area", "wall_volume")
    ),
    "av_delay": ("av_delay_fraction",),
})  # fmt: skip
"""Parameters that each target of a drug multiplies."""
GRADES = ("assumed", "memory", "derived", "computed", "repository", "abstract")
"""From weakest to strongest. Assumed: a stated guess. Memory: known, but not read when it was
written down. Derived: by arithmetic from published numbers, which the source tells. Computed: by
this program from public data. Repository, abstract: read there."""
UNSUPPORTED = frozenset({"assumed", "memory"})
"""Grades that do not count as evidence."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One dose-response curve on one target.

    ``receptor`` names the mechanism where it is shared with other drugs; ``antagonist`` says that
    the drug keeps others from it. ``reflex_included``: the response was measured in people whose
    reflexes took part in it.
    """

    target: str
    maximum: float
    half: float
    """0 where the curve is a straight line of slope ``maximum``."""
    hill: float
    in_heart_failure: float
    reflex_included: bool
    evidence: str
    source: str
    receptor: str = ""
    antagonist: bool = False

    @property
    def linear(self) -> bool:
        return self.half == 0.0

    def occupancy_ratio(self, exposure: float, competing: float = 0.0) -> float:
        """Occupied over free receptors, ``competing`` that of what keeps the drug away."""
        return float((exposure / (self.half * (1.0 + competing))) ** self.hill)

    def largest(self, *, heart_failure: bool) -> float:
        """Signed maximum, or the slope, in this state."""
        return self.maximum * (self.in_heart_failure if heart_failure else 1.0)

    def share_of(self, reference: float, exposure: float) -> float:
        """Its size at an exposure, as a share of that at a reference exposure, at most 1."""
        if exposure >= reference:
            return 1.0
        if self.linear:
            return exposure / reference
        reached, whole = self.occupancy_ratio(exposure), self.occupancy_ratio(reference)
        return reached / (1.0 + reached) * (1.0 + whole) / whole

    def responding(
        self, size: float, needed: float, exposure: float, *, heart_failure: bool
    ) -> "Effect":
        """The curve of a patient whose response differs.

        The logarithm of the largest factor (of a straight line: of the factor at ``exposure``) is
        multiplied by ``size``, so no response changes its direction or takes a target below 0;
        of ``VESSEL_VOLUME``, which is no factor, the litres. ``needed`` multiplies the exposure of
        half effect.
        """
        if self.target == VESSEL_VOLUME:
            return replace(self, maximum=size * self.maximum, half=self.half * needed)
        share = self.in_heart_failure if heart_failure else 1.0
        reach = share * (exposure if self.linear else 1.0)
        if reach == 0.0:
            return self
        maximum = math.expm1(size * math.log1p(self.maximum * reach)) / reach
        return replace(self, maximum=maximum, half=self.half * needed)

    def factor(self, exposure: float, *, heart_failure: bool = False) -> float:
        """What the target is multiplied by, with no other drug there."""
        largest = self.largest(heart_failure=heart_failure)
        if self.linear:
            return 1.0 + largest * exposure
        ratio = self.occupancy_ratio(exposure)
        return 1.0 + largest * ratio / (1.0 + ratio)

    def equation(self, unit: str) -> str:
        name = self.target.replace("_", " ")
        if self.target == VESSEL_VOLUME and not self.linear:
            power = "" if self.hill == 1.0 else f"^{self.hill:g}"
            curve = f"{self.maximum:g} L x{power}/({self.half:g}{power} + x{power})"
            return (
                f"volume kept in the vessels = {curve}, x in {unit}; the model feels a third of it"
            )
        if self.linear:
            return f"{name} x (1 {self.maximum:+g} x), x in {unit}"
        exponent = "" if self.hill == 1.0 else f"^{self.hill:g}"
        text = f"{name} x (1 {self.maximum:+g} x{exponent}/({self.half:g}{exponent} + x{exponent}))"
        failing = (
            "" if self.in_heart_failure == 1.0 else f", x{self.in_heart_failure:g} in heart failure"
        )
        return f"{text}, x in {unit}{failing}"


@dataclass(frozen=True, slots=True)
class ChannelEffect:
    """Block of one ion current by the free plasma concentration [nmol/L].

    ``in_use`` replaces the concentration of half block where use at a normal rate deepens it.
    """

    current: str
    half_blocking: float
    hill: float
    evidence: str
    source: str
    in_use: float | None = None

    def ratio(self, concentration: float, *, used: bool = False) -> float:
        """Blocked over open channels at a free concentration [nmol/L]."""
        half = self.in_use if used and self.in_use is not None else self.half_blocking
        return float((concentration / half) ** self.hill)


@dataclass(frozen=True, slots=True)
class RecoveringBlock:
    """Sodium channels blocked anew by each beat at full dose, that recover between beats."""

    blocked_per_beat: float
    recovery_time: float
    """[s]"""
    evidence: str
    source: str

    def blocked(self, cycle_length: float) -> float:
        """Share that is still blocked when the next beat comes, in a steady rhythm."""
        left = math.exp(-cycle_length / self.recovery_time)
        return self.blocked_per_beat * left / (1.0 - (1.0 - self.blocked_per_beat) * left)


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviation, between patients, of the logarithm of something."""

    sd: float
    evidence: str
    source: str


ASSUMED_SIZE = Spread(0.3, "assumed", "no number for this drug was at hand: a third")
ASSUMED_SENSITIVITY = Spread(0.4, "assumed", "no number for this drug was at hand: half as much")
"""Of drugs whose files tell nothing."""


@dataclass(frozen=True, slots=True)
class Kinetics:
    """One compartment. ``half_life`` [s]; a bolus is there at once and only falls."""

    half_life: float
    evidence: str
    source: str

    def remaining(self, duration: float) -> float:
        """Share of an exposure that is left after ``duration`` [s] without the drug."""
        return float(0.5 ** (duration / self.half_life))


@dataclass(frozen=True, slots=True)
class Contraindication:
    """A reason not to give the drug: another drug, a quantity beyond a limit (SI), a condition.

    Without any it is only told, never found by the program. A ``caution`` warns where patients were
    given the drug all the same, so that their response is known.
    """

    text: str
    evidence: str
    others: frozenset[str] = frozenset()
    quantity: str = ""
    above: float = math.inf
    below: float = -math.inf
    caution: bool = False
    conditions: frozenset[str] = frozenset()
    """Names of ``patient.conditions``."""

    def applies(self, quantities: Mapping[str, float], others: frozenset[str]) -> bool:
        """Whether the patient's quantities (SI) or the other drugs of the plan meet it."""
        value = quantities.get(self.quantity, math.nan)
        return bool(self.others & others) or value > self.above or value < self.below


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug as its file describes it.

    Doses are in ``unit``; ``exposure_per_dose`` takes them to ``exposure_unit``, and
    ``concentration_per_dose`` to the free plasma concentration [nmol/L], where it is known.
    """

    name: str
    label: str
    family: str
    mechanism: str
    unit: str
    route: str
    acute: bool
    exposure_unit: str
    exposure_per_dose: float
    concentration_per_dose: float
    population: str
    limits: str
    effects: tuple[Effect, ...]
    channels: tuple[ChannelEffect, ...]
    recovering_block: RecoveringBlock | None
    longer_action_potential: float
    kinetics: Kinetics | None
    contraindications: tuple[Contraindication, ...]
    size: Spread = ASSUMED_SIZE
    """Of how large each effect is, drawn for each target."""
    sensitivity: Spread = ASSUMED_SENSITIVITY
    """Of the exposure of half effect, and of how much of a dose arrives."""

    @property
    def variations(self) -> tuple[Variation, ...]:
        """What differs between patients; nothing of what acts on ion channels alone."""
        sizes = {
            effect.target: f"{self.label}: {effect.target.replace('_', ' ')}"
            for effect in self.effects
        }
        found = [_varying(target, label, self.size) for target, label in sizes.items()]
        if any(not effect.linear for effect in self.effects):
            found.append(_varying(SENSITIVITY, f"{self.label}: dose it takes", self.sensitivity))
        return tuple(variation for variation in found if variation.sd > 0.0)

    def responding(
        self, response: Response, exposure: float, *, heart_failure: bool = False
    ) -> "Drug":
        """The drug in a patient who responds otherwise, at an exposure."""
        if not response:
            return self
        needed = response.get(SENSITIVITY, 1.0)
        effects = tuple(
            effect.responding(
                response.get(effect.target, 1.0), needed, exposure, heart_failure=heart_failure
            )
            for effect in self.effects
        )
        return replace(self, effects=effects)

    whole: str = ""
    """What a dose of 100 % is, in a few words."""
    checked: CheckedRange = NOBODY
    measured_from: float = 0.0
    """Exposure from which on its responses count as measured with the reflex in them."""

    @property
    def electric(self) -> bool:
        """Whether it acts on ion channels."""
        return bool(self.channels or self.recovering_block or self.longer_action_potential)

    @property
    def changes_electrics(self) -> bool:
        """Whether activation or ECG change under it."""
        return self.electric or any(effect.target == "av_delay" for effect in self.effects)

    def exposure(self, dose: float) -> float:
        """Steady exposure at a dose, in ``exposure_unit``."""
        return dose * self.exposure_per_dose

    def warnings(self, quantities: Mapping[str, float], others: frozenset[str]) -> tuple[str, ...]:
        """Contraindications that the patient's quantities or the other drugs meet."""
        return tuple(
            f"{self.label}: {reason.text}"
            for reason in self.contraindications
            if reason.applies(quantities, others - {self.name})
        )

    @property
    def evidence(self) -> str:
        """Grade of its weakest number on heart or channels; memory counts as assumed."""
        grades = [effect.evidence for effect in self.effects]
        grades += [channel.evidence for channel in self.channels]
        if self.recovering_block is not None:
            grades.append(self.recovering_block.evidence)
        weakest = min(grades, key=GRADES.index)
        return "assumed" if weakest in UNSUPPORTED else weakest


def _varying(feature: str, label: str, spread: Spread) -> Variation:
    return Variation(feature, label, spread.sd, spread.evidence, spread.source)
