"""What a report tells of: the twin, and its plans with their answers, in the window or without."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from organtwin.session.answers import Heartbeat
from organtwin.session.draft import Draft
from organtwin.session.electric_answers import told
from organtwin.session.plan_table import Beside, beside

if TYPE_CHECKING:
    from organtwin.session.session import Session
    from organtwin.store.evidence_card import EvidenceCard
    from organtwin.therapy.implants import Implant
    from organtwin.therapy.kind import TherapyKind
    from organtwin.twin.prediction import Prediction
    from organtwin.twin.twin import Twin

DECLINED, EXTRAPOLATED, PREDICTED, NO_ANSWER, EMPTY = (
    "declined", "extrapolated", "predicted", "no answer", "no therapy",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ReportedPlan:
    """A plan and what is known of it; ``prediction`` also where it did not settle."""

    shown: Beside
    draft: Draft
    prediction: "Prediction | None" = None
    declined: bool = False
    remarks: tuple[str, ...] = ()
    """Sentences on its electrics."""

    @property
    def letter(self) -> str:
        return self.shown.letter

    @property
    def kinds(self) -> "tuple[TherapyKind, ...]":
        """What is given; a pacemaker is the therapy that its mode was compared as."""
        from organtwin.therapy.pacing import PACED_AS

        given = tuple(therapy.kind for therapy in self.draft.applied)
        paced = PACED_AS.get(self.draft.electrics.pacemaker.mode)
        return given if paced is None or paced in given else (*given, paced)

    @property
    def uncarded(self) -> bool:
        """Something is done to conduction that is no therapy with evidence of its own."""
        from organtwin.therapy.pacing import PACED_AS

        plan = self.draft.electrics
        known = plan.pacemaker.mode in PACED_AS
        others = replace(plan, pacemaker=type(plan.pacemaker)())
        return bool(others) or (bool(plan.pacemaker) and not known)

    @property
    def extrapolated(self) -> bool:
        """Its numbers lie outside what was checked, and are struck through."""
        return self.prediction is not None and bool(self.prediction.beyond)

    @property
    def state(self) -> str:
        """In a word or two, as the window says it."""
        if self.declined:
            return DECLINED
        if self.shown.why:
            return NO_ANSWER
        if self.prediction is None:
            return EMPTY
        return EXTRAPOLATED if self.extrapolated else PREDICTED

    @property
    def implants(self) -> "tuple[Implant, ...]":
        """What it leaves in the heart."""
        from organtwin.therapy.implants import implants

        fluid = float(self.shown.numbers.get("pericardial_effusion", 0.0))
        return implants(self.draft.applied, self.draft.electric_plan, fluid)


@dataclass(frozen=True, eq=False)
class Reported:
    """``untreated`` comes before ``plans``; ``cards`` are of their therapies, by name."""

    twin: "Twin"
    untreated: Beside
    plans: tuple[ReportedPlan, ...]
    cards: "Mapping[str, EvidenceCard]" = field(default_factory=dict)

    @property
    def hearts(self) -> tuple[Beside, ...]:
        """The untreated heart and all plans."""
        return (self.untreated, *(plan.shown for plan in self.plans))

    @property
    def implanted(self) -> "tuple[Implant, ...]":
        """What lies in the untreated heart."""
        from organtwin.simulation.electric_plan import ElectricPlan
        from organtwin.therapy.implants import implants

        fluid = float(self.untreated.numbers.get("pericardial_effusion", 0.0))
        return implants((), ElectricPlan(), fluid)


def reported(session: "Session") -> Reported | None:
    """What the session knows now; ``None`` before there is a twin."""
    hearts = beside(session)
    if not hearts or session.twin is None:
        return None
    plans = []
    for shown, plan in zip(hearts[1:], session.plans.items, strict=True):
        answer = session.plan_desk.answer(plan)
        prediction = answer.foreseen.prediction if answer.foreseen is not None else None
        refused = answer.refusal is not None and answer.refusal.declined
        plans.append(
            ReportedPlan(shown, plan.draft, prediction, refused, told(answer.electric))
        )  # fmt: skip
    # An empty plan beside others tells nothing.
    meant = [p for p in plans if p.draft.applied or p.draft.electrics]
    cards = {kind.name: session.science.evidence(kind) for plan in meant for kind in plan.kinds}
    return Reported(session.twin, hearts[0], tuple(meant), cards)


def predicted_plan(
    letter: str, draft: Draft, prediction: "Prediction", heartbeat: Heartbeat | None
) -> ReportedPlan:
    """A plan that was predicted without a session; no heartbeat where it did not settle."""
    if heartbeat is None:
        ending = prediction.solution
        why = f"{ending.detail or ending.outcome.meaning}. {ending.outcome.remedy}"
        return ReportedPlan(Beside(letter, letter, why=why), draft, prediction)
    shown = Beside(
        letter, letter, heartbeat, prediction.after, prediction.bands, prediction.change_bands
    )
    return ReportedPlan(shown, draft, prediction)


def refused_plan(letter: str, draft: Draft, why: str, *, declined: bool) -> ReportedPlan:
    """A plan without an answer."""
    return ReportedPlan(Beside(letter, letter, why=why), draft, declined=declined)
