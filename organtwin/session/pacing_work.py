"""Maps of pacemaker settings for the window: asked for, shown, and taken into the plan."""

from typing import TYPE_CHECKING, Any, Protocol

from psygnal import Signal

from organtwin.session.draft import Draft
from organtwin.session.jobs import busy, watched
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from organtwin.session.electric_work import ElectricDesk
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.pacing_survey import Survey
    from organtwin.twin.twin import Twin

MAPPING = "Mapping pacemaker settings"


class Mapped(Protocol):
    """Where the work is asked for and shown: the session."""

    science: "Science"
    jobs: "JobBoard"

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def draft(self) -> Draft: ...
    @property
    def electrics(self) -> "ElectricDesk": ...
    def end_gesture(self) -> None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class PacingDesk:
    """Holds the newest map; a newer question cancels the older."""

    changed = Signal()

    def __init__(self, session: Mapped) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self.survey: Survey | None = None

    @property
    def ready(self) -> bool:
        """Twin and electrics are there, so that settings can be tried."""
        return self._session.twin is not None and self._session.electrics.ready

    @property
    def going_on(self) -> bool:
        return busy(self._job)

    @property
    def progress(self) -> tuple[float, str]:
        """How far the map is, 0 to 1, and what is being done."""
        if self._job is None or not self.going_on:
            return 0.0, ""
        return self._job.status.fraction, self._job.status.message

    def ask(self, over: str) -> None:
        """Map settings around the pacemaker of the draft."""
        session = self._session
        answer, twin, draft = session.electrics.own, session.twin, session.draft
        self.cancel()
        if answer is None or twin is None:
            return
        self._job = session.jobs.start(
            session.jobs.lanes.background,
            MAPPING,
            lambda progress: self._mapped(_asked(session, answer, twin, draft, over), progress),
            on_result=self._receive,
            on_error=self._fail,
            on_partial=self._receive,
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Stop what runs; what was found stays."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self.changed.emit()

    def forget(self) -> None:
        """As for another patient or another heart."""
        self.cancel()
        self.survey = None
        self.changed.emit()

    def take(self, number: int) -> None:
        """Bring one setting of the map into the plan."""
        if self.survey is None:
            return
        desk = self._session.electrics
        self._session.end_gesture()
        desk.edit(desk.plan.paced_by(self.survey.found.settings[number]))

    @staticmethod
    def _mapped(steps: Any, progress: Progress) -> "Survey | None":
        survey = None
        for step in watched(steps, progress):
            if step.survey is not None:
                survey = step.survey
                progress.publish(survey)
        return survey

    def _receive(self, survey: object) -> None:
        from organtwin.twin.pacing_survey import Survey

        if isinstance(survey, Survey):
            self.survey = survey
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self._session.report(error, MAPPING)
        self.changed.emit()


def _asked(session: Mapped, answer: "ElectricAnswer", twin: "Twin", draft: Draft, over: str) -> Any:
    """The steps of the map; what lies outside what was checked is left out unless they insist."""
    return session.science.map_pacing(
        answer, twin, draft.electrics, draft.plan, over, insist=draft.insist
    )
