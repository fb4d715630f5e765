"""Several therapies together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from organtwin.errors import InputError, ParameterError
from organtwin.simulation.conditions import Conditions, Excitation
from organtwin.therapy.exercise import EXERCISE
from organtwin.therapy.kind import Therapy, TherapyKind, given
from organtwin.therapy.pacing import PACED_AS, PACING, VENTRICULAR
from organtwin.therapy.prosthesis import PARAVALVULAR
from organtwin.therapy.valve import LESIONS
from organtwin.therapy.variability import Responses, drawn
from organtwin.therapy.volume import EFFUSION


@dataclass(frozen=True, slots=True)
class TherapyPlan:
    """Therapies given at once, one per kind; frozen, so a plan can be compared and undone.

    ``excitation``: what was computed for pacing, blocks and lesions on the patient's own heart.
    """

    therapies: tuple[Therapy, ...] = ()
    excitation: Excitation | None = None

    def with_(self, therapy: Therapy) -> "TherapyPlan":
        """The plan with this therapy added, or its dose changed."""
        names = [item.name for item in self.therapies]
        if therapy.name in names:
            kept = tuple(therapy if item.name == therapy.name else item for item in self.therapies)
            return replace(self, therapies=kept)
        return replace(self, therapies=(*self.therapies, therapy))

    def without(self, name: str) -> "TherapyPlan":
        """The plan with one kind of therapy removed."""
        return replace(self, therapies=tuple(t for t in self.therapies if t.name != name))

    @property
    def answered(self) -> tuple[TherapyKind, ...]:
        """Kinds to which patients respond each in their own way: a pacemaker is one of them."""
        kinds = tuple(therapy.kind for therapy in self.therapies)
        paced = self._paced_as
        return kinds if paced is None or paced in kinds else (*kinds, paced)

    @property
    def _paced_as(self) -> TherapyKind | None:
        return None if self.excitation is None else PACED_AS.get(self.excitation.mode)

    def drawn(self, member: int) -> Responses:
        """How the member at a place (from 0) of an ensemble responds to each therapy."""
        return {kind.name: drawn(member, kind.name, kind.variations) for kind in self.answered}

    def apply(
        self,
        conditions: Conditions,
        exposures: Mapping[str, float] | None = None,
        responses: Responses | None = None,
    ) -> Conditions:
        """Conditions under the plan; ``exposures`` by name of drug where they are not steady.

        ``responses`` by name of therapy where they are not those of the middle patient.

        Atrial pacing and what makes a heart sicker come first: a drug then cannot change the rate,
        and a repair meets the lesion. Exercise is of the heart as all else but drugs leaves it.
        All drugs act together (``interactions``). A leak beside a
        prosthesis comes after it, and ventricular pacing last: its AV delay is a time, whatever the
        rate. A computed excitation takes the place of what pacing does on the template. With an
        acute therapy the reflex answers.

        Raises
        ------
        ParameterError
            Together they push a parameter out of the range of the model, or two of them cannot be
            given at once.
        """
        for one, other in combinations(self.therapies, 2):
            if one.contradicts(other):
                raise ParameterError(f"{one} contradicts {other}. Take one of them away.")
        for together in sorted(self._groups(), key=lambda group: _turn(group[0])):
            try:
                conditions = given(together, conditions, exposures, responses)
            except InputError as error:
                named = " + ".join(map(str, together))
                raise ParameterError(f"{named}: {error}") from error
            except ParameterError as error:
                named = " + ".join(map(str, together))
                raise ParameterError(f"{named}: {error}. Use a smaller dose.") from error
        if any(therapy.kind.acute for therapy in self.therapies):
            conditions = replace(conditions, reflex=True)
        return self._excited(conditions, responses or {})

    def _groups(self) -> list[tuple[Therapy, ...]]:
        """All drugs as one group, everything else alone."""
        drugs = tuple(therapy for therapy in self.therapies if therapy.kind.drug is not None)
        alone = [(therapy,) for therapy in self.therapies if therapy.kind.drug is None]
        return [*alone, *((drugs,) if drugs else ())]

    def _excited(self, conditions: Conditions, responses: Responses) -> Conditions:
        """Excited as computed; by a pacemaker as fast as the front spreads in this patient."""
        found = self.excitation
        if found is None:
            return conditions
        activation, paced = found.activation, self._paced_as
        if paced is not None and (own := responses.get(paced.name)):
            activation = activation.slowed(own.get(paced.variations[0].feature, 1.0))
        try:
            return conditions.excited(activation, found.pr_interval)
        except ParameterError as error:
            remedy = "Change the delay of pacing, or the heart rate."
            raise ParameterError(f"changed conduction: {error}. {remedy}") from error

    def __str__(self) -> str:
        parts = [str(therapy) for therapy in self.therapies]
        if self.excitation is not None:
            parts.append("changed conduction")
        return " + ".join(parts) or "no therapy"

    def __bool__(self) -> bool:
        return bool(self.therapies) or self.excitation is not None


def _turn(therapy: Therapy) -> int:
    if therapy.kind is PACING or therapy.kind in (EFFUSION, *LESIONS):
        return 0
    if therapy.kind in (PARAVALVULAR, *VENTRICULAR):
        return 3
    return 2 if therapy.kind is EXERCISE or therapy.kind.drug is not None else 1
