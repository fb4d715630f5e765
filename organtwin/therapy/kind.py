"""What a therapy is: a pure change of conditions, with a dose or setting, a source and limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from organtwin.errors import InputError
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.drug import Drug
from organtwin.therapy.interactions import (
    Given,
    added_volume,
    combined_factors,
    held_targets,
    parameter_factors,
)
from organtwin.therapy.slowing import speed_factor
from organtwin.therapy.variability import Response, Responses, Variation, drawn
from organtwin.therapy.vessels import with_volume


@dataclass(frozen=True, slots=True)
class TherapyKind:
    """One kind of therapy; doses are in ``unit``, as they are prescribed.

    ``change`` is the pure change of conditions at a dose; a ``drug`` has none, as what it does
    depends on the other drugs (``given``). An ``acute`` one is answered by the reflex.
    ``equation`` tells it in words, ``source`` where it comes from, ``evidence`` its grade
    (abstract, table, derived, assumed, physical), ``population`` in whom it was seen, ``limits``
    what it does not cover. Of a ``group`` that has a name only one kind can be given at a time.
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
    change: Callable[[Conditions, float], Conditions] | None = None
    group: str = ""
    conduction: str = ""
    """The named conduction that it brings about, its dose the delay after the sinus impulse."""
    family: str = ""
    """Under which it stands in the menu; empty for one of its own."""
    whole: str = ""
    """What a dose of 100 % is, in a few words."""
    acute: bool = False
    drug: Drug | None = None
    variation: Variation | None = None
    """What differs between patients where it is not a drug."""
    varied: Callable[[Conditions, float, float], Conditions] | None = None
    """The change at a dose in a patient whose factor of ``variation`` is given; without it the
    factor multiplies the dose."""

    @property
    def variations(self) -> tuple[Variation, ...]:
        """What differs between patients."""
        if self.drug is not None:
            return self.drug.variations
        return () if self.variation is None else (self.variation,)

    def changed(self, conditions: Conditions, dose: float, response: Response) -> Conditions:
        """Conditions under what is not a drug, in a patient of that response."""
        if self.change is None:
            return conditions
        factor = 1.0 if self.variation is None else response.get(self.variation.feature, 1.0)
        if factor == 1.0:
            return self.change(conditions, dose)
        if self.varied is not None:
            return self.varied(conditions, dose, factor)
        return self.change(conditions, dose * factor)

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

    def drawn(self, member: int) -> Response:
        """How the member at a place (from 0) of an ensemble responds, at any dose."""
        return drawn(member, self.name, self.kind.variations)

    def apply(self, conditions: Conditions) -> Conditions:
        """Conditions under this therapy alone."""
        return given((self,), conditions)

    def __str__(self) -> str:
        return f"{self.kind.label} {self.dose:.{self.kind.decimals}f} {self.kind.unit}"


def given(
    therapies: Iterable[Therapy],
    conditions: Conditions,
    exposures: Mapping[str, float] | None = None,
    responses: Responses | None = None,
) -> Conditions:
    """Conditions under therapies: drugs all together, after the others.

    ``exposures`` by name of drug, in its ``exposure_unit``, where they are not those of a steady
    dose; ``responses`` by name of therapy, where they are not those of the middle patient.

    Raises
    ------
    InputError
        The drugs leave less than 30 % of the sodium current.
    """
    doses: list[Given] = []
    failing = conditions.chronic_heart_failure
    for therapy in therapies:
        response = (responses or {}).get(therapy.name, {})
        conditions = therapy.kind.changed(conditions, therapy.dose, response)
        if (drug := therapy.kind.drug) is not None:
            exposure = (exposures or {}).get(drug.name, drug.exposure(therapy.dose))
            drug = drug.responding(response, exposure, heart_failure=failing)
            doses.append(Given(drug, exposure))
    present = [item for item in doses if item.exposure > 0.0]
    targets = combined_factors(present, heart_failure=failing)
    held = held_targets(present, conditions.reflex_held)
    changed = conditions.scaled(**parameter_factors(targets, paced=conditions.paced))
    changed = with_volume(changed, added_volume(targets))
    changed = replace(changed, reflex_held=held)
    return _slowed(present, changed)


def _slowed(present: Sequence[Given], conditions: Conditions) -> Conditions:
    """Ventricles excited as slowly as the sodium current that is left makes them."""
    speed = speed_factor(present, 1.0 / conditions.parameters["heart_rate"])
    if speed == 1.0:
        return conditions
    return replace(conditions, activation=conditions.activation.slowed(1.0 / speed))
