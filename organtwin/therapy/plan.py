"""Several therapies together."""

from dataclasses import dataclass
from itertools import combinations

from organtwin.errors import ParameterError
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import Therapy
from organtwin.therapy.pacing import PACING, VENTRICULAR


@dataclass(frozen=True, slots=True)
class TherapyPlan:
    """Therapies given at once, one per kind; frozen, so a plan can be compared and undone."""

    therapies: tuple[Therapy, ...] = ()

    def with_(self, therapy: Therapy) -> "TherapyPlan":
        """The plan with this therapy added, or its dose changed."""
        names = [item.name for item in self.therapies]
        if therapy.name in names:
            kept = tuple(therapy if item.name == therapy.name else item for item in self.therapies)
            return TherapyPlan(kept)
        return TherapyPlan((*self.therapies, therapy))

    def without(self, name: str) -> "TherapyPlan":
        """The plan with one kind of therapy removed."""
        return TherapyPlan(tuple(item for item in self.therapies if item.name != name))

    def apply(self, conditions: Conditions) -> Conditions:
        """Conditions under the plan.

        Atrial pacing comes first: a drug then cannot change the rate. Ventricular pacing comes
        last: its AV delay is a time, whatever the rate.

        Raises
        ------
        ParameterError
            Together they push a parameter out of the range of the model, or two of them cannot be
            given at once.
        """
        for one, other in combinations(self.therapies, 2):
            if one.contradicts(other):
                raise ParameterError(f"{one} contradicts {other}. Take one of them away.")
        for therapy in sorted(self.therapies, key=_turn):
            try:
                conditions = therapy.apply(conditions)
            except ParameterError as error:
                raise ParameterError(f"{therapy}: {error}. Use a smaller dose.") from error
        return conditions

    def __str__(self) -> str:
        return " + ".join(map(str, self.therapies)) or "no therapy"

    def __bool__(self) -> bool:
        return bool(self.therapies)


def _turn(therapy: Therapy) -> int:
    return 0 if therapy.kind is PACING else 2 if therapy.kind in VENTRICULAR else 1
