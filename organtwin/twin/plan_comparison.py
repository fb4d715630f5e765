"""Plans beside each other, and beside no plan, on the same hearts.

Every plan is tried on the same members of the posterior ensemble. Whether one plan is better than
another is therefore asked heart by heart: the doubt that both plans share cancels, so that plans
whose bands overlap may still be told apart. The model's own error (``model_doubt``) is not in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from organtwin.quantities import QUANTITIES
from organtwin.simulation.biomarkers import biomarkers
from organtwin.twin.model_doubt import Band, bands_of
from organtwin.twin.prediction import Prediction
from organtwin.twin.twin import Twin

LOWER_IS_BETTER = frozenset((
    "heart_rate", "lv_edp", "rv_edp", "pcwp", "ra_pressure", "pa_systolic", "pa_diastolic",
    "pa_mean", "lv_edv", "lv_esv", "rv_edv", "rv_esv", "la_volume_max", "ra_volume_max",
    "pulmonary_vascular_resistance", "systemic_vascular_resistance", "pericardial_effusion",
    "rr_sd", "lv_systolic_pressure", "rv_systolic_pressure", "qrs_duration", "qt_interval",
    *(name for name in QUANTITIES if "gradient" in name or "leak" in name),
    *(name for name in QUANTITIES if "regurgitant" in name or "velocity" in name),
))  # fmt: skip
"""Which way is usually hoped for; whoever compares may say otherwise for the patient at hand."""


@dataclass(frozen=True, slots=True)
class Aim:
    """An outcome, and which way is better."""

    name: str
    higher: bool

    def reached(self, value: float, other: float) -> bool:
        """Whether ``value`` is better than ``other``."""
        return value > other if self.higher else value < other


def usual_aim(name: str) -> Aim:
    """The outcome with the direction that is usually hoped for."""
    return Aim(name, name not in LOWER_IS_BETTER)


@dataclass(frozen=True, eq=False)
class HeartsUnder:
    """What the hearts of an ensemble do under one plan, or under none; SI by name of quantity.

    ``values`` are those of the best heart, ``bands`` of the members. ``members`` holds a value for
    each of ``survivors``, which are places in the ensemble of ``asked`` hearts; all empty until the
    members have run.
    """

    values: Mapping[str, float]
    bands: Mapping[str, Band]
    members: Mapping[str, tuple[float, ...]]
    survivors: tuple[int, ...]
    asked: int


@dataclass(frozen=True, slots=True)
class Dominance:
    """Of ``hearts``, in how many one plan beats the other in both outcomes, and the reverse.

    In the rest each plan has its merit, or nothing differs.
    """

    hearts: int
    first: int
    second: int

    @property
    def probability(self) -> float:
        """That the first plan is better in both outcomes."""
        return self.first / self.hearts

    @property
    def reverse(self) -> float:
        """That the second one is."""
        return self.second / self.hearts

    @property
    def mixed(self) -> float:
        return 1.0 - self.probability - self.reverse


def untreated(twin: Twin) -> HeartsUnder:
    """The hearts of a twin as they are."""
    found = [biomarkers(m.solution.beat, m.conditions) for m in twin.ensemble]
    values = twin.numbers
    members = {name: tuple(one[name] for one in found) for name in values} if found else {}
    bands = bands_of(members)
    return HeartsUnder(values, bands, members, tuple(range(len(found))), len(found))


def treated(prediction: Prediction) -> HeartsUnder:
    """The hearts of a twin under the plan of a prediction."""
    return HeartsUnder(
        prediction.after, prediction.bands, prediction.members, prediction.survivors,
        prediction.asked,
    )  # fmt: skip


def dominance(first: HeartsUnder, second: HeartsUnder, aims: Iterable[Aim]) -> Dominance | None:
    """How often one is better than the other in every aim, heart by heart.

    A heart that only one of the two plans keeps alive counts for that plan; one that neither does
    counts for none. ``None`` where either has no members or not these outcomes, or they are not of
    the same ensemble.
    """
    aims = tuple(aims)
    known = all(aim.name in hearts.members for hearts in (first, second) for aim in aims)
    if not known or not first.survivors or not second.survivors or first.asked != second.asked:
        return None
    one, other = _by_heart(first, aims), _by_heart(second, aims)
    return Dominance(first.asked, _wins(one, other, aims), _wins(other, one, aims))


def _by_heart(hearts: HeartsUnder, aims: tuple[Aim, ...]) -> dict[int, tuple[float, ...]]:
    columns = [hearts.members[aim.name] for aim in aims]
    return dict(zip(hearts.survivors, zip(*columns, strict=True), strict=True))


def _wins(
    one: Mapping[int, tuple[float, ...]], other: Mapping[int, tuple[float, ...]],
    aims: tuple[Aim, ...],
) -> int:  # fmt: skip
    def wins(heart: int) -> bool:
        if heart not in other:
            return True
        pairs = zip(aims, one[heart], other[heart], strict=True)
        return all(aim.reached(mine, theirs) for aim, mine, theirs in pairs)

    return sum(map(wins, one))
