"""From a draft to the heart under the plan: asking, and asking again while a slider moves.

What comes of it are attributes of the session. The newest draft wins, but never by cancelling a
prediction that has shown nothing yet.
"""

from typing import TYPE_CHECKING, Any, Protocol

from organtwin.errors import OrganTwinError
from organtwin.session.answers import Foreseen, Heartbeat, predict
from organtwin.session.jobs import busy
from organtwin.session.notice import Notice, notice_of
from organtwin.tasks.job import Job

if TYPE_CHECKING:
    from psygnal import SignalInstance

    from organtwin.session.draft import Draft
    from organtwin.session.electric_work import ElectricDesk
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.twin import Twin

PREDICTING = "Predicting"


class Recalling(Protocol):
    """Who may know the answer already, and is told when there is one."""

    def recall(self) -> Foreseen | None: ...
    def note(self) -> None: ...


class Consulting(Protocol):
    """Where the plan is made and its answer lies: the session."""

    science: "Science"
    jobs: "JobBoard"
    own_heart: "OwnHeart | None"
    foreseen: Foreseen | None
    refusal: Notice | None

    @property
    def twin(self) -> "Twin | None": ...
    @property
    def shown(self) -> Heartbeat | None: ...
    @property
    def plan(self) -> "TherapyPlan": ...
    @property
    def draft(self) -> "Draft": ...
    @property
    def electrics(self) -> "ElectricDesk": ...
    @property
    def plan_desk(self) -> "Recalling": ...
    @property
    def prediction_changed(self) -> "SignalInstance": ...
    def report(self, error: BaseException, doing: str) -> None: ...


class PredictionWork:
    """Asks for the prediction of the draft and puts it into the session.

    Numbers and curves come first, the heart's motion after them. A newer request waits for both,
    else the heart would stand still while a slider moves.
    """

    def __init__(self, session: Consulting) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self._answered = True
        """The running prediction has shown its heart, so a newer request may cancel it."""
        self._asked_again = False

    @property
    def going_on(self) -> bool:
        """Work on the prediction, or on its bands, goes on."""
        return busy(self._job)

    def ask(self) -> None:
        """Follow the draft; without a plan the prediction goes at once."""
        session = self._session
        if session.twin is None:
            return
        if not session.plan:
            session.jobs.lanes.preview.cancel_all()
            session.foreseen, session.refusal, self._asked_again = None, None, False
            session.prediction_changed.emit()
        elif (known := session.plan_desk.recall()) is not None:
            self.leave()
            self._receive(known)
        elif self.going_on and not self._answered:
            # A slider moves faster than a heart settles. Were each request to cancel the one
            # before, nothing would be seen until the slider rests.
            self._asked_again = True
        else:
            self._predict()

    def leave(self) -> None:
        """Give up what was asked and what was answered: another plan is on the table."""
        session = self._session
        session.jobs.lanes.preview.cancel_all()
        session.foreseen, session.refusal, self._asked_again = None, None, False

    def _predict(self) -> None:
        session = self._session
        twin, plan, insist = session.twin, session.plan, session.draft.insist
        if twin is None:
            return
        self._answered = self._asked_again = False
        session.refusal, shown = None, session.shown
        self._job = session.jobs.start(
            session.jobs.lanes.preview,
            PREDICTING,
            lambda progress: predict(
                session.science, twin, plan, lambda: session.own_heart, progress,
                insist=insist, meanwhile=shown,
            ),
            on_result=self._receive_last,
            on_error=self._fail,
            on_partial=self._receive,
        )  # fmt: skip

    def _receive_last(self, foreseen: object) -> None:
        self._receive(foreseen)
        self._session.plan_desk.note()

    def _receive(self, foreseen: object) -> None:
        if not isinstance(foreseen, Foreseen):
            return
        session = self._session
        self._answered = self._answered or foreseen.drawn
        news, session.foreseen = foreseen is not session.foreseen, foreseen
        if self._answered and self._asked_again:
            self._predict()  # from the heart that is shown now
        if news:
            session.electrics.colour(foreseen.heartbeat)
            session.electrics.heed_rate()
            session.prediction_changed.emit()

    def _fail(self, error: BaseException) -> None:
        if self._asked_again:
            self._predict()
            return
        session = self._session
        session.foreseen = None
        if isinstance(error, OrganTwinError):
            session.refusal = notice_of(error, PREDICTING)
        else:
            session.report(error, PREDICTING)
        session.prediction_changed.emit()
