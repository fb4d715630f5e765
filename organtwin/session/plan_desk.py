"""Several plans on one desk: adding, choosing and comparing them.

The plan on the table is answered by the preview. The others are answered one after another in the
background, while nothing is asked of the preview. An answer is kept as long as twin, heart and
plan are the same, so that going back to a plan, or undoing, shows it at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from psygnal import Signal

from organtwin.errors import OrganTwinError
from organtwin.session.answers import Foreseen, predict
from organtwin.session.draft import Draft
from organtwin.session.electric_answers import predicted_cycle, replanned
from organtwin.session.electric_work import NO_BEAT, ElectricDesk
from organtwin.session.jobs import busy
from organtwin.session.kept_answers import Kept, KeptAnswers
from organtwin.session.notice import Notice, notice_of
from organtwin.session.plans import LetteredPlan, Plans
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.plan_comparison import Aim, Dominance, HeartsUnder
    from organtwin.twin.twin import Twin

LOOKING = "Looking at the untreated hearts"


class Consulted(Protocol):
    """Whose plans these are: the session."""

    science: "Science"
    jobs: "JobBoard"
    own_heart: "OwnHeart | None"
    foreseen: Foreseen | None
    refusal: Notice | None
    plans: Plans
    electrics: ElectricDesk

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def plan(self) -> "TherapyPlan": ...
    @property
    def draft(self) -> Draft: ...
    @property
    def fitting(self) -> bool: ...
    @property
    def predicting(self) -> bool: ...
    @property
    def twin_changed(self) -> "SignalInstance": ...
    @property
    def draft_changed(self) -> "SignalInstance": ...
    @property
    def plans_changed(self) -> "SignalInstance": ...
    @property
    def prediction_changed(self) -> "SignalInstance": ...
    @property
    def electrics_changed(self) -> "SignalInstance": ...
    def report(self, error: BaseException, doing: str) -> None: ...
    def end_gesture(self) -> None: ...


@dataclass(frozen=True, eq=False)
class PlanAnswer:
    """What is known of a plan so far; ``refusal`` says why there is no prediction."""

    foreseen: Foreseen | None = None
    electric: "ElectricAnswer | None" = None
    refusal: Notice | None = None
    complete: bool = False


class PlanDesk:
    """Edits ``session.plans`` and keeps an answer for each of them."""

    changed = Signal()
    """A plan has another answer, or the untreated hearts were looked at."""

    def __init__(self, session: Consulted) -> None:
        self._session = session
        self._kept = KeptAnswers()
        self._job: Job[Any] | None = None
        self._working_on: tuple[Draft, Twin | None] = (Draft(), None)
        self._looking: Job[Any] | None = None
        self._untreated: tuple[Twin, HeartsUnder] | None = None
        session.twin_changed.connect(self._drop_old)
        for signal in (
            session.prediction_changed, session.electrics_changed, session.draft_changed,
            session.plans_changed,
        ):  # fmt: skip
            signal.connect(self.note)

    @property
    def going_on(self) -> bool:
        """A plan that is not on the table is being predicted."""
        return busy(self._job)

    def add(self, draft: Draft) -> None:
        """One more plan with this content, and show it."""
        self._set(self._session.plans.adding(draft))

    def duplicate(self, letter: str) -> None:
        """One more plan like that one, and show it."""
        self.add(self._session.plans[letter].draft)

    def rename(self, letter: str, name: str) -> None:
        self._set(self._session.plans.named(letter, name))

    def remove(self, letter: str) -> None:
        """Take a plan away; the last one is emptied. Undo brings it back."""
        self._set(self._session.plans.without(letter))

    def choose(self, letter: str) -> None:
        """Put a plan on the table; a letter without a plan changes nothing."""
        self._set(self._session.plans.choosing(letter))

    def _set(self, plans: Plans) -> None:
        self._session.end_gesture()
        self._session.plans = plans

    def answer(self, plan: LetteredPlan) -> PlanAnswer:
        """What is known of a plan; an empty one needs no prediction."""
        draft, twin = plan.draft, self._session.twin
        electric = self.recall_electrics(draft)
        if draft.electrics and electric is not None and electric.pump is None:
            return PlanAnswer(None, electric, NO_BEAT, True)
        if (why := self._kept.refusal(twin, draft)) is not None:
            return PlanAnswer(None, electric, why, True)
        if draft.electrics and electric is None:  # what is kept would leave them out
            return PlanAnswer()
        wanted = self._planned(draft)
        kept = self._found(wanted, insist=draft.insist)
        if kept is None:
            return PlanAnswer(None, electric, None, not wanted and not draft.electrics)
        return PlanAnswer(kept.foreseen, electric, None, kept.complete)

    def hearts(self, letter: str) -> "HeartsUnder | None":
        """The members under a plan, or under none for an empty letter; ``None`` if not known."""
        if letter:
            plan = self._session.plans[letter]
            answer = self.answer(plan)
            if answer.foreseen is not None and answer.foreseen.heartbeat is not None:
                from organtwin.twin.plan_comparison import treated

                return treated(answer.foreseen.prediction)
            if answer.refusal is not None or not answer.complete or answer.foreseen is not None:
                return None
        return self._untreated[1] if self._untreated is not None else None

    def dominance(self, first: str, second: str, aims: "Sequence[Aim]") -> "Dominance | None":
        """How often one plan beats another in all aims; an empty letter is no treatment."""
        from organtwin.twin.plan_comparison import dominance

        one, other = self.hearts(first), self.hearts(second)
        return None if one is None or other is None else dominance(one, other, aims)

    def look_at_untreated(self) -> None:
        """Work out what the members do without a plan, unless that is known."""
        session, twin = self._session, self._session.twin
        if twin is None or session.fitting or busy(self._looking) or self._untreated is not None:
            return

        def receive(hearts: "HeartsUnder") -> None:
            self._untreated = (twin, hearts)
            self.changed.emit()

        self._looking = session.jobs.start(
            session.jobs.lanes.background,
            LOOKING,
            lambda progress: session.science.untreated(twin),
            on_result=receive,
            on_error=lambda error: session.report(error, LOOKING),
        )

    def recall(self) -> Foreseen | None:
        """The whole answer to the plan on the table, if it was given before."""
        kept = self._found(self._session.plan, insist=self._session.draft.insist)
        return kept.foreseen if kept is not None and kept.complete else None

    def recall_electrics(self, draft: Draft) -> "ElectricAnswer | None":
        """The electrics under a plan, if they were computed before."""
        return self._kept.electric(self._session.electrics.own, draft.electric_part)

    def forget(self) -> None:
        """Cancel and know nothing, as for another patient."""
        for job in (self._job, self._looking):
            if job is not None:
                job.cancel()
        self._kept = KeptAnswers()
        self._untreated = None

    def _found(self, plan: "TherapyPlan", *, insist: bool) -> Kept | None:
        """The answer to a plan; an extrapolation only where the user insists."""
        session = self._session
        kept = self._kept.prediction(session.twin, session.own_heart, plan)
        return None if kept and kept.foreseen.prediction.beyond and not insist else kept

    def _planned(self, draft: Draft) -> "TherapyPlan":
        """What is simulated for a draft, as far as its electrics are known."""
        electric = self.recall_electrics(draft) if draft.electrics else None
        return replace(draft.plan, excitation=electric.pump if electric is not None else None)

    def _drop_old(self) -> None:
        """Cancel what was asked about another twin, and forget what was answered about it."""
        session = self._session
        if self._working_on[1] is not session.twin and self._job is not None:
            self._job.cancel()
        self._kept.only_of_twin(session.twin)
        if self._untreated is not None and self._untreated[0] is not session.twin:
            self._untreated = None
            if self._looking is not None:
                self._looking.cancel()

    def note(self) -> None:
        """Keep the answer to the plan on the table, then see to the others."""
        session, desk = self._session, self._session.electrics
        self._kept.only_of_electrics(desk.own)
        if desk.settled and desk.own is not None and desk.planned is not None:
            self._kept.keep_electric(desk.own, session.draft.electric_part, desk.planned)
        twin, foreseen = session.twin, session.foreseen
        if twin is not None and desk.settled:
            if session.refusal is not None and not session.predicting:
                self._kept.refuse(twin, desk.own, session.draft, session.refusal)
            elif (
                foreseen is not None and foreseen.drawn and foreseen.prediction.plan == session.plan
            ):
                self._keep(Kept(twin, session.plan, foreseen, not session.predicting))
        self._see_to_the_others()
        self.changed.emit()

    def _keep(self, answer: Kept) -> None:
        wanted = [self._planned(plan.draft) for plan in self._session.plans.items]
        self._kept.keep(answer, self._session.own_heart, wanted)

    def _lacks(self, plan: LetteredPlan) -> bool:
        """There is work to be done on a plan, and it can be done."""
        own, answer = self._session.electrics.own, self.answer(plan)
        if answer.refusal is not None or (plan.draft.electrics and own is None):
            return False
        leads = any(plan.draft.electric_part) and own is not None and answer.electric is None
        return leads or not answer.complete

    def _see_to_the_others(self) -> None:
        session, twin = self._session, self._session.twin
        others = [p for p in session.plans.items if p.letter != session.plans.active]
        if self._job is not None and busy(self._job):
            known = any(plan.draft == self._working_on[0] for plan in others)
            if known and not session.predicting:
                return
            # The plan on the table comes first: both together would take twice as long.
            self._job.cancel()
        if twin is None or session.fitting or session.predicting:
            return
        for plan in others:
            if self._lacks(plan):
                self._predict(plan, twin)
                return

    def _predict(self, plan: LetteredPlan, twin: "Twin") -> None:
        session, draft, own = self._session, plan.draft, self._session.electrics.own
        known = self.recall_electrics(draft)
        self._working_on = draft, twin
        doing = f"Predicting plan {plan.letter}"

        def receive(answer: "tuple[TherapyPlan, Foreseen | None, ElectricAnswer | None]") -> None:
            therapies, foreseen, electric = answer
            if electric is not None and own is not None:
                self._kept.keep_electric(own, draft.electric_part, electric)
            if foreseen is not None:
                self._keep(Kept(twin, therapies, foreseen, True))
            self.note()

        def fail(error: BaseException) -> None:
            self._kept.refuse(twin, own, draft, notice_of(error, doing))
            if not isinstance(error, OrganTwinError):
                session.report(error, doing)
            self.note()

        self._job = session.jobs.start(
            session.jobs.lanes.background,
            doing,
            lambda progress: _foreseen(session, twin, draft, own, known, progress),
            on_result=receive,
            on_error=fail,
        )


def _foreseen(
    session: Consulted, twin: "Twin", draft: Draft, own: "ElectricAnswer | None",
    known: "ElectricAnswer | None", progress: Progress,
) -> "tuple[TherapyPlan, Foreseen | None, ElectricAnswer | None]":  # fmt: skip
    """In the lane: the electrics of a plan, then what the pump makes of it.

    Drugs act on the electrics in the rhythm that the pump comes to, so these come once more then.
    """
    electric, (conduction, drugs) = known, draft.electric_part

    def leads(own: "ElectricAnswer", cycle: float | None) -> "ElectricAnswer":
        fitted = session.electrics.fitted
        return replanned(session.science, own, conduction, drugs, cycle, fitted, progress)

    if electric is None and own is not None and conduction:
        electric = leads(own, None)
    excitation = electric.pump if electric is not None and conduction else None
    plan = replace(draft.plan, excitation=excitation)
    if not plan:
        return plan, None, electric
    foreseen = predict(
        session.science, twin, plan, lambda: session.own_heart, progress, insist=draft.insist
    )
    if known is None and own is not None and drugs:
        electric = leads(own, predicted_cycle(foreseen))
    return plan, foreseen, electric
