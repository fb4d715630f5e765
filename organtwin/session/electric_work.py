"""The electrics of the patient on screen: leads for the ECG, activation for the heart.

Computed after the fit, so that they do not hold it up; the heart is coloured by its patches until
they are there. Whoever shows a new heartbeat has it coloured. What the draft does to the electrics
is answered from the same model, in a fraction of a second.
"""

from typing import TYPE_CHECKING, Any, Protocol

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.session.answers import Heartbeat
from organtwin.session.draft import Draft
from organtwin.session.jobs import busy, last_answer
from organtwin.session.measuring import ABLATE, PACE
from organtwin.session.notice import Notice
from organtwin.session.selection import Selection
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.simulation.conditions import Excitation
    from organtwin.twin.ecg_comparison import EcgComparison
    from organtwin.twin.ecg_fitting import FittedElectrics
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart

REGION, ACTIVATION = "region", "activation"
COMPUTING = "Computing activation and ECG"
REPLANNING = "Predicting activation and ECG"
NO_BEAT = Notice(
    "The ventricles are not excited",
    "Under this plan no impulse reaches them, so the heart does not pump.",
    "Add a pacing site, or free the AV node.",
)
FITTING = "Fitting the electrics to the ECG"


class Asking(Protocol):
    """Who answers what the pump does under the plan."""

    def ask(self) -> None: ...


class Recalling(Protocol):
    """Who may know the electrics of a plan already."""

    def recall_electrics(self, plan: ElectricPlan) -> "ElectricAnswer | None": ...


class Ward(Protocol):
    """Where the work is asked for and shown: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    own_heart: "OwnHeart | None"
    ecg: "EcgComparison | None"
    selection: Selection
    prediction_work: Asking

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
    def report(self, error: BaseException, doing: str) -> None: ...


class ElectricDesk:
    """Asks for the electrics and hands them on; a newer question cancels the older."""

    def __init__(self, session: Ward) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self.fitted: FittedElectrics | None = None
        """What the patient's ECG was explained with, once it was asked for."""
        self.excitation: Excitation | None = None
        """How the pump is excited under what was done by hand; a therapy excites it itself."""
        self._own: ElectricAnswer | None = None
        self._planned: ElectricAnswer | None = None
        self._planned_for: ElectricPlan | None = None
        self._heart: OwnHeart | None = None

    @property
    def ready(self) -> bool:
        """The electrics of the patient are there, and can be planned with."""
        return self._own is not None

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
        return self._planned_for == self._session.draft.electric_plan

    @property
    def fittable(self) -> bool:
        """There is a recorded ECG, and nothing is being fitted to it."""
        ecg = self._session.ecg
        return self.ready and ecg is not None and ecg.measured is not None and not busy(self._job)

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
        """Pace or ablate where the user clicked."""
        if self.ready and tool == PACE:
            self.edit(self.plan.pacing(anchor))
        elif self.ready and tool == ABLATE:
            self.edit(self.plan.ablating(anchor))

    @property
    def placed(self) -> tuple[Marking, ...]:
        """Electrodes and lesions of the plan that were set on the heart, to be drawn there."""
        return tuple(
            Marking(Kind.LANDMARK, step.name, (step.where,))
            for step in self.plan.steps
            if isinstance(step.where, Anchor)
        )

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

    def follow(self) -> None:
        """Answer the draft; without an electric plan the patient's own electrics come back."""
        own, plan, session = self._own, self._session.draft.electric_plan, self._session
        session.jobs.lanes.electric.cancel_all()
        if own is None:
            return
        if not plan:
            self._receive_planned(None)
            return
        if (known := session.plan_desk.recall_electrics(plan)) is not None:
            self._receive_planned(known)
            return
        session.jobs.start(
            session.jobs.lanes.electric,
            REPLANNING,
            lambda progress: session.science.replan(own, plan),
            on_result=self._receive_planned,
            on_error=lambda error: session.report(error, REPLANNING),
        )

    def forget(self) -> None:
        """Cancel, and colour no longer, as for another patient."""
        if self._job is not None:
            self._job.cancel()
        self._session.jobs.lanes.electric.cancel_all()
        self._own = self._planned = self.fitted = self.excitation = None
        self._planned_for = None

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

    def _receive_planned(self, answer: "ElectricAnswer | None") -> None:
        """Show the electrics of the plan, and ask what the pump makes of them."""
        before, self._planned = self.excitation, answer
        self._planned_for = self._session.draft.electric_plan
        self.excitation = answer.pump if answer is not None and self.plan else None
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


def fitted(
    science: "Science", record: "PatientRecord", heart: "OwnHeart | None", progress: Progress
) -> "FittedElectrics":
    """The electrics fitted to the ECG, with progress."""
    steps = science.fit_electrics(record, heart)
    otherwise = f"{record.title}: the fit of the electrics ended without an answer"
    return last_answer(steps, progress, lambda step: step.fitted, otherwise)


def computed(
    science: "Science", record: "PatientRecord", heart: "OwnHeart | None", progress: Progress
) -> "ElectricAnswer":
    """The electrics, with progress."""
    steps = science.electrics(record, heart)
    otherwise = f"{record.title}: the electrics ended without an answer"
    return last_answer(steps, progress, lambda step: step.answer, otherwise)
