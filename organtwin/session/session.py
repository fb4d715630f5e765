"""The one evented object of the program. Only the GUI thread sets it; everybody else listens."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from psygnal import Signal

from organtwin.anatomy.marking import Marking
from organtwin.errors import OrganTwinError
from organtwin.session.answers import Fitted, Foreseen, Heartbeat
from organtwin.session.archive_work import ArchiveWork
from organtwin.session.autosaving import Autosaving
from organtwin.session.course_work import CourseDesk
from organtwin.session.dose_work import DoseDesk
from organtwin.session.draft import Draft
from organtwin.session.ecg_clock import EcgClock
from organtwin.session.electric_work import ElectricDesk
from organtwin.session.fit_work import FitWork
from organtwin.session.heart_work import HeartWork
from organtwin.session.history import History
from organtwin.session.intake_work import IntakeWork
from organtwin.session.jobs import JobBoard
from organtwin.session.library_work import LibraryDesk
from organtwin.session.measuring import Measuring
from organtwin.session.notice import Notice, notice_of
from organtwin.session.opening_work import OpeningWork
from organtwin.session.pacing_work import PacingDesk
from organtwin.session.plan_desk import PlanDesk
from organtwin.session.plans import Plans
from organtwin.session.playhead import Playhead
from organtwin.session.prediction_work import PredictionWork
from organtwin.session.ramp_work import RampDesk
from organtwin.session.rhythm_work import RhythmWork
from organtwin.session.saving import Saving
from organtwin.session.science import Science
from organtwin.session.selection import Selection
from organtwin.session.stating import Stating
from organtwin.session.stream_work import StreamDesk
from organtwin.tasks.lanes import Lanes

if TYPE_CHECKING:
    from organtwin.patient.geometry.inspection import HeartFiles
    from organtwin.patient.geometry.source import HeartSource
    from organtwin.patient.intake import Intake
    from organtwin.patient.record import PatientRecord
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.beyond import Beyond
    from organtwin.twin.ecg_comparison import EcgComparison
    from organtwin.twin.heart_examination import Examination
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.prediction import Prediction
    from organtwin.twin.twin import Twin

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edited:
    """What undo and redo bring back."""

    plans: Plans = field(default_factory=Plans)
    markings: tuple[Marking, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def draft(self) -> Draft:
        """The plan on the table."""
        return self.plans.draft


class Session:
    """Record, twin, plan and prediction, the clock, the choices and the jobs.

    Setting ``draft`` is the whole of "the user moved a slider": the session asks for the
    prediction, the newest request wins, and ``prediction_changed`` tells when it is there.
    """

    record_changed = Signal()
    twin_changed = Signal()
    draft_changed = Signal()
    plans_changed = Signal()
    """A plan was added, named or taken away, or another one put on the table."""
    prediction_changed = Signal()
    notice_changed = Signal()
    markings_changed = Signal()
    conditions_changed = Signal()
    """Diagnoses were stated, or are stated no longer."""
    heart_changed = Signal()
    """The own heart, or the files that it may be built from."""
    heart_examined = Signal()
    ecg_changed = Signal()
    electrics_changed = Signal()
    """Activation and recovery on the heart that is shown."""
    intake_changed = Signal()
    """Files were read that may be imported."""
    library_changed = Signal()
    """What the library holds of the patient."""
    unsaved_found = Signal()
    """What a crashed program left was found, taken up or discarded."""
    stream_changed = Signal()
    """Something came from the live source, or it is another one."""

    def __init__(self, science: Science, lanes: Lanes) -> None:
        self.science = science
        self.playhead = Playhead()
        self.selection = Selection()
        self.measuring = Measuring(self)
        self.saving = Saving(self)
        self.stating = Stating(self)
        self.autosaving = Autosaving(self)
        self.opening = OpeningWork(self)
        self.heart_work = HeartWork(self)
        self.imports = IntakeWork(self)
        self.archives = ArchiveWork(self)
        self.electrics = ElectricDesk(self)
        self.pacing = PacingDesk(self)
        self.fit_work = FitWork(self)
        self.library = LibraryDesk(self)
        self.prediction_work = PredictionWork(self)
        self.plan_desk = PlanDesk(self)
        self.rhythm_work = RhythmWork(self)
        self.timeline = CourseDesk(self)
        self.doses = DoseDesk(self)
        self.ramps = RampDesk(self)
        self.stream = StreamDesk(self)
        self.jobs = JobBoard(lanes)
        self.record: PatientRecord | None = None
        self.fitted: Fitted | None = None
        self.sketch: Heartbeat | None = None
        """A heart that moves before it is fitted; it has no numbers."""
        self.foreseen: Foreseen | None = None
        self.own_heart: OwnHeart | None = None
        """From the patient's images or meshes, once built; till then the template is shown."""
        self.heart_files: HeartFiles | None = None
        """Files that were read and about which the user has not yet said what to do."""
        self.examination: Examination | None = None
        """What is wrong with those files, and where; once looked at as the user describes them."""
        self.intake: Intake | None = None
        """Files to import about which the user has not yet said what to do."""
        self.ecg_clock: EcgClock | None = None
        """Where in the recording the playhead stands; absent until the R peaks are known."""
        self.refusal: Notice | None = None
        """Why the plan cannot be predicted, when it lies outside the range of the model."""
        self._notice: Notice | None = None
        self._ecg: EcgComparison | None = None
        self._history = History(Edited())

    @property
    def fitting(self) -> bool:
        """The twin is absent or provisional, and work on it goes on."""
        return self.fit_work.going_on

    @property
    def predicting(self) -> bool:
        """Work on the prediction, or on its bands, goes on."""
        return self.prediction_work.going_on

    @property
    def up_to_date(self) -> bool:
        """What is shown is the answer to the draft."""
        if not self.plan:
            return self.foreseen is None
        return self.prediction is not None and self.prediction.plan == self.plan

    @property
    def twin(self) -> "Twin | None":
        return self.fitted.twin if self.fitted else None

    @property
    def baseline(self) -> Heartbeat | None:
        """The untreated heart: as it follows a live source, as fitted, or before, its sketch."""
        if self.stream.heartbeat is not None:
            return self.stream.heartbeat
        return self.fitted.baseline if self.fitted else self.sketch

    @property
    def prediction(self) -> "Prediction | None":
        return self.foreseen.prediction if self.foreseen else None

    @property
    def extrapolated(self) -> bool:
        """What is shown of the plan lies outside what was checked."""
        return bool(self.doubts)

    @property
    def doubts(self) -> "tuple[Beyond, ...]":
        """Why what is shown of the plan, or the moment of the course, is an extrapolation."""
        if self.timeline.heartbeat is not None:
            return self.timeline.doubted_now
        return self.prediction.beyond if self.prediction is not None else ()

    @property
    def planned(self) -> Heartbeat | None:
        """The heart under the plan; ``None`` without a plan, or when the plan has no answer.

        While a moment of the plan in time is looked at, the heart of that moment.
        """
        if self.timeline.heartbeat is not None:
            return self.timeline.heartbeat
        return self.foreseen.heartbeat if self.foreseen else None

    @property
    def shown(self) -> Heartbeat | None:
        """What the heart on screen does."""
        return self.planned or self.baseline

    @property
    def shown_hearts(self) -> tuple[Heartbeat, ...]:
        """Untreated and planned heart, as far as they are there."""
        return tuple(heart for heart in (self.baseline, self.planned) if heart is not None)

    @property
    def plan(self) -> "TherapyPlan":
        """What is applied of the draft, excited as was computed for it."""
        return replace(self.draft.plan, excitation=self.electrics.excitation)

    @plan.setter
    def plan(self, plan: "TherapyPlan") -> None:
        self.draft = replace(self.draft, therapies=plan.therapies, off=frozenset())

    @property
    def draft(self) -> Draft:
        return self._history.value.draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self.edit(draft)

    def edit(self, draft: Draft, *, merge: str | None = None) -> None:
        """Change the plan; edits in a row under one ``merge`` key undo together."""
        before = self._history.value
        if draft != before.draft:
            plans = before.plans.with_draft(draft)
            self._history.set(replace(before, plans=plans), merge=merge)
            self._tell_edits(before, self._history.value)

    @property
    def plans(self) -> Plans:
        """All plans; ``draft`` is the active one."""
        return self._history.value.plans

    @plans.setter
    def plans(self, plans: Plans) -> None:
        before = self._history.value
        if plans != before.plans:
            self._history.set(replace(before, plans=plans))
            self._tell_edits(before, self._history.value)

    @property
    def markings(self) -> tuple[Marking, ...]:
        """Landmarks and measurements on the heart."""
        return self._history.value.markings

    @markings.setter
    def markings(self, markings: tuple[Marking, ...]) -> None:
        if markings != self.markings:
            self._history.set(replace(self._history.value, markings=markings))
            self.markings_changed.emit()

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is stated of the patient, in names of ``patient.conditions``."""
        return self._history.value.conditions

    @conditions.setter
    def conditions(self, conditions: tuple[str, ...]) -> None:
        before = self._history.value
        if conditions != before.conditions:
            self._history.set(replace(before, conditions=conditions))
            self._tell_edits(before, self._history.value)

    def end_gesture(self) -> None:
        """Let the next edit undo on its own, as when a slider was let go."""
        self._history.seal()

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo or self.imports.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo or self.imports.can_redo

    def undo(self) -> None:
        """Take back the last edit; behind the first one, the import that brought the record."""
        if not self._history.can_undo:
            self.imports.undo()
            return
        before = self._history.value
        self._tell_edits(before, self._history.undo())

    def redo(self) -> None:
        """Bring back what was taken back last."""
        if not self._history.can_redo:
            self.imports.redo()
            return
        before = self._history.value
        self._tell_edits(before, self._history.redo())

    def _tell_edits(self, before: Edited, after: Edited) -> None:
        # Asked first, so that whoever hears of the draft finds the answers under way.
        insisting = before.draft.insist != after.draft.insist
        pump = insisting or before.draft.applied != after.draft.applied
        electric = before.draft.electric_part != after.draft.electric_part
        another = before.plans.active != after.plans.active and (pump or electric)
        if another:
            self.prediction_work.leave()
        if electric:
            self.electrics.follow()
        if pump and (not another or self.electrics.settled or self.electrics.own is None):
            self.prediction_work.ask()
        if another and self.foreseen is None:
            self.prediction_changed.emit()
        if before.draft != after.draft:
            self.timeline.follow()
            self.doses.follow()
            self.draft_changed.emit()
        if before.plans.with_draft(after.draft) != after.plans:
            self.plans_changed.emit()
        if before.markings != after.markings:
            self.markings_changed.emit()
        if before.conditions != after.conditions:
            self.stating.follow()

    @property
    def notice(self) -> Notice | None:
        return self._notice

    @notice.setter
    def notice(self, notice: Notice | None) -> None:
        self._notice = notice
        self.notice_changed.emit()

    @property
    def ecg(self) -> "EcgComparison | None":
        """The measured beat beside the model's, once there is one."""
        return self._ecg

    @ecg.setter
    def ecg(self, ecg: "EcgComparison | None") -> None:
        if ecg is not self._ecg:
            self._ecg = ecg
            self.ecg_changed.emit()

    def tick(self, elapsed: float) -> None:
        """Let ``elapsed`` seconds pass while playing."""
        if self.shown is None:
            return
        beat, now = self.shown.beat, monotonic()
        if self.stream.lock.locked(now):
            self.playhead.follow(self.stream.lock.phase(now, beat.duration, beat.av_delay))
        else:
            self.playhead.advance(elapsed, beat.duration)

    def open(self, source: str) -> None:
        """Read a bundled case or a file, then fit its twin; a file in error leaves all as it is."""
        self.opening.open(source)

    def drop(self, files: Sequence[Path]) -> None:
        """Ask about files that show a heart or are to be imported, or else open the first."""
        self.opening.sort(files)

    def open_heart(self, files: Sequence[Path]) -> None:
        """Read files of the patient's heart; ``heart_files`` then holds what they are."""
        self.heart_work.read(files)

    def examine_heart(self, source: "HeartSource") -> None:
        """Look for faults in files of a heart; ``examination`` then holds them."""
        self.heart_work.examine(source)

    def use_heart(self, source: "HeartSource") -> None:
        """Build the heart from files; what was shown stays until the new one is there."""
        self.heart_files = None
        if self.record is not None:
            self.heart_work.build(source)

    def shutdown(self) -> bool:
        """Cancel all work; False when some of it had to be left behind."""
        ended = self.jobs.lanes.shutdown()
        self.autosaving.close()
        return ended

    def receive_record(self, record: "PatientRecord") -> None:
        """Show a patient in place of the one before, and fit the twin."""
        self.stream.disconnect()
        self.record = record
        self.fitted = self.sketch = self.foreseen = self.refusal = None
        self.own_heart = self.heart_files = self.examination = self.intake = None
        self.ecg_clock = self.ecg = None
        self.jobs.lanes.preview.cancel_all()
        self.jobs.lanes.background.cancel_all()
        self.heart_work.forget()
        self.electrics.forget()
        self.pacing.forget()
        self.rhythm_work.forget()
        self.timeline.forget()
        self.doses.forget()
        self.ramps.forget()
        self.plan_desk.forget()
        self._history.clear(Edited(markings=record.markings, conditions=record.conditions))
        self.saving.note(record)
        self._notice = None
        for signal in (
            self.notice_changed,
            self.record_changed,
            self.twin_changed,
            self.draft_changed,
            self.plans_changed,
            self.prediction_changed,
            self.markings_changed,
            self.heart_changed,
        ):
            signal.emit()
        self.fit_work.ask(record)
        self.library.follow(record)
        if record.heart is not None:
            self.heart_work.build(record.heart)

    def receive_twin(self, answer: object) -> None:
        """Show a heart that moves: a ``Heartbeat`` not yet fitted, or a ``Fitted`` twin."""
        if self.shown is None:
            self.rhythm_work.seek()
        if isinstance(answer, Heartbeat):
            self.sketch = answer
        elif isinstance(answer, Fitted):
            self.fitted = self.stating.restated(answer)
        self.electrics.colour(self.baseline)
        self.rhythm_work.set_clock()
        self.timeline.forget()
        self.doses.forget()
        self.ramps.forget()
        self.twin_changed.emit()
        self.prediction_work.ask()

    def report(self, error: BaseException, doing: str) -> None:
        """Tell the user what went wrong, and the log what nobody foresaw."""
        if not isinstance(error, OrganTwinError | OSError):
            logger.error("%s failed", doing, exc_info=error)
        self.notice = notice_of(error, doing)
