"""The electrics of the patient on screen: leads for the ECG, activation for the heart.

Computed after the fit, so that they do not hold it up; the heart is coloured by its patches until
they are there. Whoever shows a new heartbeat has it coloured. What the draft does to the electrics
is answered from the same model, in a fraction of a second.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Marking
from organtwin.errors import OrganTwinError
from organtwin.session.answers import Fitted, Foreseen, Heartbeat
from organtwin.session.draft import Draft
from organtwin.session.electric_answers import (
    computed,
    excited,
    fitted,
    predicted_cycle,
    replanned,
    told,
)
from organtwin.session.jobs import busy
from organtwin.session.measuring import ABLATE, LEAD_TOOLS, PACE
from organtwin.session.notice import Notice
from organtwin.session.plan_markings import placed_on_heart
from organtwin.session.selection import Selection
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.tasks.job import Job

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.simulation.conditions import Excitation
    from organtwin.therapy.kind import Therapy
    from organtwin.twin.ecg_comparison import EcgComparison
    from organtwin.twin.ecg_fitting import FittedElectrics
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.twin import Twin

REGION, ACTIVATION = "region", "activation"
COMPUTING = "Computing activation and ECG"
REPLANNING = "Predicting activation and ECG"
NO_BEAT = Notice(
    "The ventricles are not excited",
    "Under this plan no impulse reaches them, so the heart does not pump.",
    "Add a pacing site, or free the AV node.",
)
FITTING = "Fitting the electrics to the ECG"
EXCITING = "Exciting the pump by the fitted activation"


SAME_CYCLE = 0.02
"""[s] Differences of the cycle up to this do not pace the cells again: less than 1 ms of QT."""


class Asking(Protocol):
    """Who answers what the pump does under the plan."""

    def ask(self) -> None: ...


class Recalling(Protocol):
    """Who may know the electrics of a plan already."""

    def recall_electrics(self, draft: Draft) -> "ElectricAnswer | None": ...


class Ward(Protocol):
    """Where the work is asked for and shown: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    own_heart: "OwnHeart | None"
    ecg: "EcgComparison | None"
    foreseen: Foreseen | None
    selection: Selection
    prediction_work: Asking

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def plan_desk(self) -> Recalling: ...
    @property
    def draft(self) -> Draft: ...
    @property
    def notice(self) -> Notice | None: ...
    @notice.setter
    def notice(self, notice: Notice | None) -> None: ...
    @property
    def shown_hearts(self) -> tuple[Heartbeat, ...]: ...
    @property
    def electrics_changed(self) -> "SignalInstance": ...
    def edit(self, draft: Draft, *, merge: str | None = None) -> None: ...
    def receive_twin(self, answer: object) -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class ElectricDesk:
    """Asks for the electrics and hands them on; a newer question cancels the older."""

    def __init__(self, session: Ward) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self.fitted: FittedElectrics | None = None
        """What the patient's ECG was explained with, once it was asked for."""
        self.excitation: Excitation | None = None
        """How the pump is excited under what is done to conduction, once that is computed."""
        self.remarks: tuple[str, ...] = ()
        """Sentences on the electrics under the plan, for the verdict."""
        self._cycle: float | None = None
        """[s] of the rhythm that drugs were last asked for; ``None`` for the patient's own."""
        self._own: ElectricAnswer | None = None
        self._planned: ElectricAnswer | None = None
        self._planned_for: tuple[ElectricPlan, tuple[Therapy, ...]] | None = None
        self._heart: OwnHeart | None = None

    @property
    def ready(self) -> bool:
        """The electrics of the patient are there, and can be planned with."""
        return self._own is not None

    @property
    def computing(self) -> bool:
        """The electrics of the patient are being computed."""
        return self._own is None and busy(self._job)

    @property
    def own(self) -> "ElectricAnswer | None":
        """The patient's own electrics, once computed."""
        return self._own

    @property
    def planned(self) -> "ElectricAnswer | None":
        """The electrics of the draft where it changes them; see ``settled``."""
        return self._planned

    @property
    def settled(self) -> bool:
        """What is known of the electrics belongs to the draft."""
        if self._own is None:
            return not self.plan
        return self._planned_for == self._session.draft.electric_part

    @property
    def fittable(self) -> bool:
        """There is a recorded ECG, and nothing is being fitted to it."""
        ecg = self._session.ecg
        return self.ready and ecg is not None and ecg.measured is not None and not busy(self._job)

    @property
    def awaited(self) -> bool:
        """What is done to conduction is not in the prediction yet."""
        return bool(self.plan) and not self.settled

    @property
    def plan(self) -> ElectricPlan:
        return self._session.draft.electrics

    def edit(self, plan: ElectricPlan, *, merge: str | None = None) -> None:
        """Change the plan; edits in a row under one ``merge`` key undo together.

        The first change colours a heart that shows its anatomy by activation, to be seen there.
        """
        chosen = self._session.selection
        if plan and not self.plan and chosen.field == REGION:
            chosen.field = ACTIVATION
        self._session.edit(self._session.draft.with_electrics(plan), merge=merge)

    def place(self, tool: str, anchor: Anchor) -> None:
        """Pace, ablate or set a lead where the user clicked."""
        if self.ready and tool == PACE:
            self.edit(self.plan.pacing(anchor))
        elif self.ready and tool == ABLATE:
            self.edit(self.plan.ablating(anchor))
        elif self.ready and tool in LEAD_TOOLS:
            lead, pacemaker = LEAD_TOOLS[tool], self.plan.pacemaker
            moved = replace(pacemaker.placement(lead), where=anchor)
            self.edit(self.plan.paced_by(pacemaker.placing(lead, moved)))

    def draw_line(self, stops: tuple[Anchor, ...]) -> None:
        """Ablate along a line through the places that the user clicked."""
        if self.ready:
            self.edit(self.plan.ablating_line(stops))

    @property
    def placed(self) -> tuple[Marking, ...]:
        """Electrodes and lesions of the plan that were set on the heart, to be drawn there."""
        return placed_on_heart(self.plan)

    def ask(self) -> None:
        """Compute for the record and the heart that are there now."""
        session = self._session
        record, heart = session.record, session.own_heart
        if record is None:
            return
        self.forget()
        self._heart = heart
        self._job = session.jobs.start(
            session.jobs.lanes.building,
            COMPUTING,
            lambda progress: computed(session.science, record, heart, progress),
            on_result=self._receive,
            on_error=lambda error: session.report(error, COMPUTING),
        )

    def fit(self) -> None:
        """Fit the electrics to the recorded ECG: some minutes; till then the model's are shown."""
        session, heart = self._session, self._session.own_heart
        record = session.record
        if record is None or not self.fittable:
            return
        self._job = session.jobs.start(
            session.jobs.lanes.background,
            FITTING,
            lambda progress: fitted(session.science, record, heart, progress),
            on_result=self._receive_fit,
            on_error=lambda error: session.report(error, FITTING),
        )
        session.electrics_changed.emit()

    def follow(self, *, recalling: bool = True) -> None:
        """Answer the draft; without an electric plan the patient's own electrics come back.

        An answer that is known already is brought back, unless it is not ``recalling``.
        """
        own, session = self._own, self._session
        plan, drugs = session.draft.electric_part
        session.jobs.lanes.electric.cancel_all()
        if own is None:
            return
        if not plan and not drugs:
            self._receive_planned(None)
            return
        known = session.plan_desk.recall_electrics(session.draft) if recalling else None
        if known is not None:
            self._cycle = known.effect.cycle
            self._receive_planned(known)
            return
        self._cycle = cycle = predicted_cycle(session.foreseen) if drugs else None
        session.jobs.start(
            session.jobs.lanes.electric,
            REPLANNING,
            lambda progress: replanned(
                session.science, own, plan, drugs, cycle, self.fitted, progress
            ),
            on_result=self._receive_planned,
            on_error=self._refuse,
            on_partial=self._receive_planned,
        )

    def heed_rate(self) -> None:
        """Answer again where drugs act and the prediction has come to another rate."""
        cycle = predicted_cycle(self._session.foreseen)
        if self._own is None or cycle is None or not self._session.draft.electric_drugs:
            return
        asked = self._cycle or self._own.cycle
        if abs(cycle - asked) > SAME_CYCLE:
            self.follow(recalling=False)  # what is known is of the rhythm before

    def _refuse(self, error: BaseException) -> None:
        """Show the untreated electrics alone; drugs' limits are told in the verdict."""
        self._receive_planned(None)
        if isinstance(error, OrganTwinError) and self._session.draft.electric_drugs:
            self.remarks = (f"Activation and ECG under the plan are not computed: {error}",)
            self._session.electrics_changed.emit()
        else:
            self._session.report(error, REPLANNING)

    def forget(self) -> None:
        """Cancel, and colour no longer, as for another patient."""
        if self._job is not None:
            self._job.cancel()
        self._session.jobs.lanes.electric.cancel_all()
        self._own = self._planned = self.fitted = self.excitation = self._cycle = None
        self._planned_for, self.remarks = None, ()

    def colour(self, heartbeat: Heartbeat | None) -> None:
        """Put the computed values on a heart that is about to be shown."""
        answer = self._planned or self._own
        if heartbeat is not None and answer is not None and heartbeat.heart is self._heart:
            heartbeat.motion.electrics = answer.surface

    def _receive(self, answer: "ElectricAnswer") -> None:
        self._own, self._planned_for = answer, None
        self._show()
        self.follow()

    def _receive_fit(self, found: "FittedElectrics") -> None:
        self.fitted = found
        self._receive(found.answer)
        self._excite_pump()

    def _excite_pump(self) -> None:
        """Let the untreated pump beat with the activation that was fitted to the ECG."""
        session, found = self._session, self.fitted
        twin = session.twin
        if twin is None or found is None or found.answer.pump is None:
            return
        pump = found.answer.pump

        def receive(answer: Fitted) -> None:
            if session.twin is twin and self.fitted is found:
                session.receive_twin(answer)

        session.jobs.start(
            session.jobs.lanes.background,
            EXCITING,
            lambda progress: excited(
                session.science, twin, pump, lambda: session.own_heart, progress
            ),
            on_result=receive,
            on_error=lambda error: session.report(error, EXCITING),
        )

    def _receive_planned(self, found: object) -> None:
        """Show the electrics of the plan, and ask what the pump makes of them."""
        answer = cast("ElectricAnswer | None", found)
        before, self._planned = self.excitation, answer
        self.remarks = told(answer)
        self._planned_for = self._session.draft.electric_part
        planned = self._session.draft.electric_plan
        self.excitation = answer.pump if answer is not None and planned else None
        self._show()
        if self.excitation is not before:
            self._session.prediction_work.ask()
        if answer is not None and answer.pump is None:
            self._session.notice = NO_BEAT

    def _show(self) -> None:
        answer = self._planned or self._own
        if answer is None:
            return
        for heartbeat in self._session.shown_hearts:
            self.colour(heartbeat)
        self._session.ecg = answer.comparison
        self._session.electrics_changed.emit()
