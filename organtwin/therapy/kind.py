"""What a therapy is: a pure change of conditions, with a dose or setting, a source and limits."""

from collections.abc import Callable
from dataclasses import dataclass

from organtwin.errors import InputError
from organtwin.simulation.conditions import Conditions


@dataclass(frozen=True, slots=True)
class TherapyKind:
    """One kind of therapy; doses are in ``unit``, as they are prescribed.

    ``change`` is the pure change of conditions at a dose. ``equation`` tells it in words,
    ``source`` where it comes from, ``evidence`` its grade (abstract, table, derived, assumed,
    physical), ``population`` in whom it was seen, ``limits`` what it does not cover. Of a ``group``
    that has a name only one kind can be given at a time.
    """

    name: str
    label: str
    unit: str
    lower: float
    upper: float
    default: float
    step: float
    decimals: int
    equation: str
    source: str
    evidence: str
    population: str
    limits: str
    change: Callable[[Conditions, float], Conditions]
    group: str = ""
    conduction: str = ""
    """The named conduction that it brings about, its dose the delay after the sinus impulse."""

    def at(self, dose: float) -> "Therapy":
        """A therapy of this kind at a dose.

        Raises
        ------
        InputError
            The dose lies outside the range the effect is known for.
        """
        slack = 1e-9 * self.upper  # a converted unit may miss the bound by rounding
        if not self.lower - slack <= dose <= self.upper + slack:
            raise InputError(
                f"therapy {self.name}",
                "dose",
                expected=f"{self.lower:g} to {self.upper:g} {self.unit}",
                got=f"{dose:g} {self.unit}",
                remedy="Stay inside the range: outside it the effect was never measured.",
            )
        return Therapy(self, min(max(dose, self.lower), self.upper))


@dataclass(frozen=True, slots=True)
class Therapy:
    """A kind of therapy at a dose."""

    kind: TherapyKind
    dose: float

    @property
    def name(self) -> str:
        return self.kind.name

    def contradicts(self, other: "Therapy") -> bool:
        """Whether it is another kind of the same group, so that both cannot be given at once."""
        return self.name != other.name and "" != self.kind.group == other.kind.group

    def apply(self, conditions: Conditions) -> Conditions:
        return self.kind.change(conditions, self.dose)

    def __str__(self) -> str:
        return f"{self.kind.label} {self.dose:.{self.kind.decimals}f} {self.kind.unit}"
