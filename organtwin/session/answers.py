"""What the session shows, and the work that makes it; run in the lanes, off the GUI thread."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from organtwin.errors import OrganTwinError
from organtwin.session.jobs import last_answer, watched
from organtwin.session.science import Science
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from organtwin.assimilation.prior import Prior
    from organtwin.patient.geometry.source import HeartSource
    from organtwin.patient.record import PatientRecord
    from organtwin.physiology.mechanics.deformation import HeartMotion
    from organtwin.simulation.beat import Beat, Outcome
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.beyond import Beyond
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.prediction import Prediction
    from organtwin.twin.stream_loop import Heart
    from organtwin.twin.twin import Twin


@dataclass(frozen=True, eq=False)
class Heartbeat:
    """One beat ready to be shown: its curves, its clinical numbers (SI) and its motion.

    ``heart`` is the patient's own where that is what moves; ``None`` for the template. Until the
    motion of this beat is worked out, ``motion`` is what was on screen before; not ``drawn`` then.
    """

    beat: "Beat"
    numbers: "Mapping[str, float]"
    motion: "HeartMotion"
    heart: "OwnHeart | None" = None
    drawn: bool = True


@dataclass(frozen=True, eq=False)
class Fitted:
    """A twin and how its heart beats untreated."""

    twin: "Twin"
    baseline: Heartbeat


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A prediction, with the heartbeat to show when it ended in one that can be believed."""

    prediction: "Prediction"
    heartbeat: Heartbeat | None

    @property
    def drawn(self) -> bool:
        """No motion is still to come."""
        return self.heartbeat is None or self.heartbeat.drawn


HeartNow: TypeAlias = "Callable[[], OwnHeart | None]"
"""The patient's own heart, once it is built; asked whenever a beat is to be shown."""


def fit(
    science: Science,
    record: "PatientRecord",
    heart: HeartNow,
    progress: Progress,
    prior: "Prior | None" = None,
) -> Fitted:
    """Fit a twin to the record, from a prior that an earlier visit left or a normal adult.

    Published on the way: a ``Heartbeat`` before anything is fitted, then every twin as ``Fitted``.
    """
    progress.report(0.0, "preparing; the first start on a machine compiles the model")
    beat = science.glimpse(record)
    if beat is not None:
        progress.publish(Heartbeat(beat, {}, science.motion(beat, heart(), None), heart()))
    fitted: Fitted | None = None
    for step in watched(science.fit(record, prior), progress):
        if step.twin is not None:
            fitted = shown(science, step.twin, heart())
            progress.publish(fitted)
    if fitted is None:
        raise OrganTwinError(f"{record.title}: the fit ended without a twin")
    return fitted


def shown(science: Science, twin: "Twin", heart: "OwnHeart | None") -> Fitted:
    """A twin with how its heart beats untreated."""
    beat = twin.baseline.beat
    return Fitted(twin, Heartbeat(beat, twin.numbers, science.motion(beat, heart, twin), heart))


def live(
    science: Science, twin: "Twin", moment: "Heart", interval: float, heart: "OwnHeart | None"
) -> Heartbeat | None:
    """How the heart that follows a live source beats now; ``None`` if it does not survive."""
    answer = science.live_beat(moment, interval)
    if answer is None:
        return None
    beat, numbers = answer
    return Heartbeat(beat, numbers, science.motion(beat, heart, twin), heart)


def build(science: Science, source: "HeartSource", progress: Progress) -> "OwnHeart":
    """The patient's own heart from its files."""
    otherwise = "the files of the heart were read without a heart"
    return last_answer(science.heart(source), progress, lambda step: step.heart, otherwise)


def predict(
    science: Science,
    twin: "Twin",
    plan: "TherapyPlan",
    heart: HeartNow,
    progress: Progress,
    *,
    insist: bool = False,
    meanwhile: Heartbeat | None = None,
) -> Foreseen:
    """Predict under the plan; a quick answer on the way is published as ``Foreseen``.

    With ``meanwhile``, what is on screen now, that answer is published twice: working out how a
    heart moves takes ten times as long as its steady state, so numbers and curves come first, on
    the motion that is shown already.

    Raises
    ------
    DeclinedError
        Twin, plan or the state it leads to lies outside what was checked, and nobody insists.
    """
    foreseen: Foreseen | None = None
    decline(() if insist else science.beyond(twin, plan))
    for step in watched(science.predict(twin, plan), progress):
        if step.prediction is not None:
            decline(() if insist else step.prediction.beyond)
            if foreseen is None and meanwhile is not None:
                _publish_undrawn(step.prediction, meanwhile, progress)
            foreseen = _imagined(science, step.prediction, twin, foreseen, heart())
            progress.publish(foreseen)
    if foreseen is None:
        raise OrganTwinError("the prediction ended without an answer")
    return foreseen


def decline(reasons: "tuple[Beyond, ...]") -> None:
    """Raise ``DeclinedError`` where there is a reason to."""
    if reasons:
        from organtwin.twin.beyond import declined

        raise declined(reasons)


def _publish_undrawn(prediction: "Prediction", meanwhile: Heartbeat, progress: Progress) -> None:
    solution = prediction.solution
    if believable(solution.outcome):
        early = replace(meanwhile, beat=solution.beat, numbers=prediction.after, drawn=False)
        progress.publish(Foreseen(prediction, early))


def _imagined(
    science: Science,
    prediction: "Prediction",
    twin: "Twin",
    earlier: Foreseen | None,
    heart: "OwnHeart | None",
) -> Foreseen:
    solution = prediction.solution
    if not believable(solution.outcome):
        return Foreseen(prediction, None)
    if earlier is not None and earlier.prediction.solution is solution:
        return Foreseen(prediction, earlier.heartbeat)
    motion = science.motion(solution.beat, heart, twin)
    return Foreseen(prediction, Heartbeat(solution.beat, prediction.after, motion, heart))


def believable(outcome: "Outcome") -> bool:
    """Whether the last beat of a simulation that ended so is an answer, not on the way to one."""
    from organtwin.simulation.beat import Outcome

    return outcome is Outcome.STEADY
