"""Several drugs at once: by what they share, not as if each were alone.

On each target, effects are grouped by the receptor they act through. In a group,

    agonists       u_i = (x_i/(x50_i (1 + A)))^h_i,   factor 1 + sum E_i u_i/(1 + sum u_i)
    antagonists    u_j = (x_j/x50_j)^h_j,             factor 1 + sum E_j u_j/(1 + sum u_j)
    A              sum of x_j/x50_j of all antagonists at that receptor (competition, Gaddum 1937)

Two drugs on one receptor thus share its places: together they never exceed the stronger one's
maximum. An antagonist keeps its own effect, which is on the patient's own transmitter. Groups, and
effects without a receptor, multiply (independent action). Channels likewise: pore blockers of one
current share it, g = 1/(1 + sum (C_i/IC50_i)^h_i). Assumes that half of the effect is half of the
occupancy.

A response that was measured in people with their reflexes holds its effector: the reflex of the
model leaves it alone. Below the doses that were measured its curve is only drawn to 0, where
nothing was seen, so the hold falls with the effect itself, and several drugs share what is left:

    drug           a = min(1, e(x)/e(x_m))            e = |factor - 1|, x_m ``Drug.measured_from``
    all together   h = 1 - prod (1 - a)               reflex gain of the effector times 1 - h

h is continuous and rises with every exposure; it is 0 at dose 0 and 1 wherever one of the drugs is
at a measured dose. That the way between is e(x)/e(x_m) is assumed: nobody measured there. Verified
in tests/therapy/test_interactions.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from organtwin.therapy.drug import TARGETS, VESSEL_VOLUME, Drug, Effect
from organtwin.units import ML


@dataclass(frozen=True, slots=True)
class Given:
    """A drug and how much of it is there, in its ``exposure_unit``."""

    drug: Drug
    exposure: float

    @property
    def concentration(self) -> float:
        """Free plasma concentration [nmol/L]; 0 where no number relates it to the dose."""
        return self.exposure / self.drug.exposure_per_dose * self.drug.concentration_per_dose


def combined_factors(given: Iterable[Given], *, heart_failure: bool) -> dict[str, float]:
    """What each target is multiplied by under all drugs together, by name of target.

    Of ``VESSEL_VOLUME`` it is 1 plus as many litres.
    """
    present = [item for item in given if item.exposure > 0.0]
    competing = _competing(present)
    groups: dict[tuple[str, str, bool], list[tuple[Effect, float]]] = {}
    factors: dict[str, float] = {}
    for item in present:
        for effect in item.drug.effects:
            if effect.receptor and not effect.linear:
                key = (effect.target, effect.receptor, effect.antagonist)
                groups.setdefault(key, []).append((effect, item.exposure))
                continue
            factor = effect.factor(item.exposure, heart_failure=heart_failure)
            before = factors.get(effect.target, 1.0)
            litres = effect.target == VESSEL_VOLUME  # they add up
            factors[effect.target] = before + factor - 1.0 if litres else before * factor
    for (target, receptor, antagonist), members in groups.items():
        away = 0.0 if antagonist else competing.get(receptor, 0.0)
        factor = _shared(members, away, heart_failure=heart_failure)
        factors[target] = factors.get(target, 1.0) * factor
    return factors


def _competing(present: list[Given]) -> Mapping[str, float]:
    """Exposure over half-effect exposure of all antagonists, by receptor.

    A drug counts once at a receptor, with the effect that needs least of it.
    """
    total: dict[str, float] = {}
    for item in present:
        own: dict[str, float] = {}
        for effect in item.drug.effects:
            if effect.antagonist and not effect.linear:
                ratio = item.exposure / effect.half
                own[effect.receptor] = max(own.get(effect.receptor, 0.0), ratio)
        for receptor, ratio in own.items():
            total[receptor] = total.get(receptor, 0.0) + ratio
    return total


def _shared(members: list[tuple[Effect, float]], competing: float, *, heart_failure: bool) -> float:
    ratios = [effect.occupancy_ratio(exposure, competing) for effect, exposure in members]
    reached = sum(
        effect.largest(heart_failure=heart_failure) * ratio
        for (effect, _), ratio in zip(members, ratios, strict=True)
    )
    return 1.0 + reached / (1.0 + sum(ratios))


def parameter_factors(targets: Mapping[str, float], *, paced: bool) -> dict[str, float]:
    """The same by parameter of the heart; a pacemaker leaves no rate to change."""
    return {
        parameter: factor
        for target, factor in targets.items()
        if not (paced and target == "heart_rate")
        for parameter in TARGETS[target]
    }


def added_volume(targets: Mapping[str, float]) -> float:
    """Volume that comes into the vessels of the body [m3]; its target is 1 plus as many litres."""
    return (targets.get(VESSEL_VOLUME, 1.0) - 1.0) * 1e3 * ML


def open_channels(given: Iterable[Given], *, used: bool = False) -> dict[str, float]:
    """Share of each current that all drugs together leave, by name of current.

    ``used``: with the block that use at a normal rate adds.
    """
    blocked: dict[str, float] = {}
    for item in given:
        for channel in item.drug.channels:
            ratio = channel.ratio(item.concentration, used=used)
            blocked[channel.current] = blocked.get(channel.current, 0.0) + ratio
    return {current: 1.0 / (1.0 + ratio) for current, ratio in blocked.items()}


def held_targets(
    given: Iterable[Given], already: Mapping[str, float] = MappingProxyType({})
) -> dict[str, float]:
    """By effector, the share of the reflex's answer that what was measured there contains.

    ``already``: shares that are held without these drugs.
    """
    held = dict(already)
    for item in given:
        for effect in item.drug.effects:
            if effect.reflex_included:
                share = effect.share_of(item.drug.measured_from, item.exposure)
                left = (1.0 - held.get(effect.target, 0.0)) * (1.0 - share)
                held[effect.target] = 1.0 - left
    return held
