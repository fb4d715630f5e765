"""What the session asks of the science, as one value: tests hand in a small fake.

The functions import what they call when they are called, so that the window is on screen before
compiled kernels are loaded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.session.plan_science import MapsPacing, PlanScience

if TYPE_CHECKING:
    from organtwin.assimilation.causes import Cause
    from organtwin.assimilation.falls import Fallen
    from organtwin.assimilation.prior import Prior
    from organtwin.link.data_link import DataLink
    from organtwin.patient.case_file import CaseSummary
    from organtwin.patient.geometry.inspection import HeartFiles
    from organtwin.patient.geometry.source import HeartSource
    from organtwin.patient.intake import Intake
    from organtwin.patient.intake_reading import TakenFile
    from organtwin.patient.intake_saving import SavedIntake
    from organtwin.patient.record import PatientRecord
    from organtwin.physiology.mechanics.deformation import HeartMotion
    from organtwin.simulation.beat import Beat
    from organtwin.simulation.conditions import Excitation
    from organtwin.simulation.electric_plan import ElectricPlan
    from organtwin.store.evidence_card import EvidenceCard
    from organtwin.therapy.kind import Therapy, TherapyKind
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.beyond import Beyond
    from organtwin.twin.building import FitStep
    from organtwin.twin.ecg_fitting import EcgFitting, FittedElectrics
    from organtwin.twin.electrics import ElectricAnswer, ElectricWork
    from organtwin.twin.heart_examination import Examination
    from organtwin.twin.own_activation import OwnActivationStep
    from organtwin.twin.own_heart import HeartStep, OwnHeart
    from organtwin.twin.pacing_survey import SurveyStep
    from organtwin.twin.plan_comparison import HeartsUnder
    from organtwin.twin.prediction import PredictionStep
    from organtwin.twin.stream_loop import FollowStep, Heart
    from organtwin.twin.twin import Twin

    Drugs: TypeAlias = Sequence[Therapy]
    Replanning: TypeAlias = Iterator[ElectricWork]

HEART, IMPORT, OPEN = "heart", "import", "open"
"""What is done with files that were dropped."""


@dataclass(frozen=True)
class Science:
    """Everything that is asked.

    ``fit`` and ``predict`` yield at least every 0.2 s and may be left early. ``cases``, ``save``,
    ``therapies``, ``library`` and ``unsaved`` answer at once; the others are called off the GUI
    thread.
    """

    cases: "Callable[[], tuple[CaseSummary, ...]]"
    load: "Callable[[str], PatientRecord]"
    save: "Callable[[PatientRecord, Path], PatientRecord]"
    """Write a case; gives the record as it lies there."""
    therapies: "Callable[[], Mapping[str, TherapyKind]]"
    fit: "Callable[[PatientRecord, Prior | None], Iterator[FitStep]]"
    """Fit a record; the prior is what an earlier visit left, ``None`` for a normal adult."""
    predict: "Callable[[Twin, TherapyPlan], Iterator[PredictionStep]]"
    beyond: "Callable[[Twin, TherapyPlan], tuple[Beyond, ...]]"
    """Why a prediction is to be declined; asked before anything is computed."""
    evidence: "Callable[[TherapyKind], EvidenceCard]"
    """What predictions of a therapy rest on, and how its tests last ended here; at once."""
    glimpse: "Callable[[PatientRecord], Beat | None]"
    """A steady beat of the model before any fit, to show something that moves; None if it fails."""
    inspect: "Callable[[Sequence[Path]], HeartFiles]"
    """What the files of a heart hold."""
    examine: "Callable[[HeartSource], Examination]"
    """How the files of a heart look, and what is wrong with them where."""
    dropped: "Callable[[Sequence[Path]], str]"
    """What to do with files dropped on the window: ``HEART``, ``IMPORT``, or ``OPEN`` the first."""
    take_in: "Callable[[Sequence[Path]], Iterator[TakenFile]]"
    """What files hold that are to be imported, one by one."""
    make_case: "Callable[[Intake, Path], SavedIntake]"
    """Write what came in into a case and read it back."""
    heart: "Callable[[HeartSource], Iterator[HeartStep]]"
    """The patient's own heart from its files; yields as ``fit`` does."""
    motion: "Callable[[Beat, OwnHeart | None, Twin | None], HeartMotion]"
    """How a beat moves the patient's own heart, without one the template with the twin's walls."""
    electrics: "Callable[[PatientRecord, OwnHeart | None], Iterator[ElectricWork]]"
    """Activation and leads of the record's conduction; yields as ``fit`` does."""
    fit_electrics: "Callable[[PatientRecord, OwnHeart | None], Iterator[EcgFitting]]"
    """Electrics that explain the recorded ECG, with their doubt; yields as ``fit`` does."""
    untreated: "Callable[[Twin], HeartsUnder]"
    """What all hearts of a twin do without a plan."""
    replan: "Callable[[ElectricAnswer, ElectricPlan], ElectricAnswer]"
    """What the electrics would become under a plan."""
    replan_under_drugs: "Callable[[ElectricAnswer, ElectricPlan, Drugs, float | None], Replanning]"
    """The same with drugs on ion channels, in a rhythm of a cycle [s]; yields as ``fit`` does."""
    plan_doubt: "Callable[[FittedElectrics, ElectricAnswer], Replanning]"
    """Planned electrics with their doubt, from what the ECG was fitted with."""
    own_activation: "Callable[[Twin, Excitation], Iterator[OwnActivationStep]]"
    """The twin with its untreated pump excited by what was fitted to the ECG."""
    map_pacing: MapsPacing
    """What settings of a pacemaker do, over delays, modes or sites; yields as ``fit`` does."""
    follow: "Callable[[Twin, DataLink], Iterator[FollowStep]]"
    """A live source into the twin; never waits, and ends with the source."""
    live_beat: "Callable[[Heart, float], tuple[Beat, Mapping[str, float]] | None]"
    """One beat, as long as asked for [s], of a heart that follows, and its numbers; ``None`` if it
    does not survive."""
    causes: "Callable[[Fallen], tuple[Cause, ...]]"
    """What made the pressure fall, the likeliest first; takes about a second."""
    library: Callable[[], Path]
    """Where the library of patients lies, perhaps not begun yet."""
    unsaved: Callable[[], Path]
    """The folder of unsaved work, perhaps not made yet."""
    r_peaks: "Callable[[PatientRecord], FloatArray]"
    """Times of the R peaks in the recorded ECG, ``(n,)`` [s]; empty without an ECG."""
    planning: PlanScience = field(default_factory=PlanScience)


def heart_science() -> Science:
    """The real answers."""
    return Science(
        cases=_cases,
        load=_load,
        save=_save,
        therapies=_therapies,
        fit=_fit,
        predict=_predict,
        beyond=_beyond,
        evidence=_evidence,
        glimpse=_glimpse,
        inspect=_inspect,
        examine=_examine,
        dropped=_dropped,
        take_in=_take_in,
        make_case=_make_case,
        heart=_heart,
        motion=_motion,
        electrics=_electrics,
        fit_electrics=_fit_electrics,
        untreated=_untreated,
        replan=_replan,
        replan_under_drugs=_replan_under_drugs,
        plan_doubt=_plan_doubt,
        own_activation=_own_activation,
        map_pacing=_map_pacing,
        follow=_follow,
        live_beat=_live_beat,
        causes=_causes,
        library=_library,
        unsaved=_unsaved,
        r_peaks=_r_peaks,
    )


def _cases() -> "tuple[CaseSummary, ...]":
    from organtwin.patient.case_file import bundled_cases

    return bundled_cases()


def _load(source: str) -> "PatientRecord":
    from organtwin.patient.case_file import load_case

    return load_case(source)


def _save(record: "PatientRecord", path: Path) -> "PatientRecord":
    from organtwin.patient.case_saving import saved_case

    return saved_case(record, path)


def _therapies() -> "Mapping[str, TherapyKind]":
    from organtwin.therapy.catalogue import THERAPIES

    return THERAPIES


def _fit(record: "PatientRecord", prior: "Prior | None") -> "Iterator[FitStep]":
    from organtwin.twin.building import fitting

    return fitting(record, prior=prior)


def _predict(twin: "Twin", plan: "TherapyPlan") -> "Iterator[PredictionStep]":
    from organtwin.twin.prediction import predicting

    return predicting(twin, plan)


def _beyond(twin: "Twin", plan: "TherapyPlan") -> "tuple[Beyond, ...]":
    from organtwin.twin.checked_range import beyond

    return beyond(twin, plan)


def _evidence(kind: "TherapyKind") -> "EvidenceCard":
    from organtwin.store.evidence_card import evidence_card

    return evidence_card(kind)


def _glimpse(record: "PatientRecord") -> "Beat | None":
    from organtwin.assimilation.observation import observation
    from organtwin.simulation.simulator import beats, to_steady_state

    solution = to_steady_state(beats(observation(record).conditions))
    return None if solution is None else solution.beat


def _inspect(files: Sequence[Path]) -> "HeartFiles":
    from organtwin.patient.geometry.inspection import inspected

    return inspected(files)


def _examine(source: "HeartSource") -> "Examination":
    from organtwin.twin.heart_examination import examination

    return examination(source)


def _dropped(files: Sequence[Path]) -> str:
    from organtwin.patient.geometry.inspection import may_show_heart
    from organtwin.patient.intake_reading import are_to_import

    if may_show_heart(files[0]) and not are_to_import(files):
        return HEART
    return IMPORT if are_to_import(files) else OPEN


def _take_in(files: Sequence[Path]) -> "Iterator[TakenFile]":
    from organtwin.patient.intake import taken_in

    return taken_in(files)


def _make_case(intake: "Intake", target: Path) -> "SavedIntake":
    from organtwin.patient.intake_saving import new_case_id, saved_intake
    from organtwin.resources import user_secret

    return saved_intake(intake, target, new_case_id(), user_secret())


def _heart(source: "HeartSource") -> "Iterator[HeartStep]":
    from organtwin.twin.heart_cache import opening_heart

    return opening_heart(source)


def _motion(beat: "Beat", heart: "OwnHeart | None", twin: "Twin | None") -> "HeartMotion":
    from organtwin.twin.beating import beating

    motion = beating(beat, heart, twin)
    # Worked out at the first question; asked here, it does not hold up the window.
    _ = motion.anatomy
    return motion


def _electrics(record: "PatientRecord", heart: "OwnHeart | None") -> "Iterator[ElectricWork]":
    from organtwin.twin.electrics import electric_answers

    return electric_answers(record, heart)


def _fit_electrics(record: "PatientRecord", heart: "OwnHeart | None") -> "Iterator[EcgFitting]":
    from organtwin.twin.ecg_fitting import fitting_electrics

    return fitting_electrics(record, heart)


def _untreated(twin: "Twin") -> "HeartsUnder":
    from organtwin.twin.plan_comparison import untreated

    return untreated(twin)


def _replan(answer: "ElectricAnswer", plan: "ElectricPlan") -> "ElectricAnswer":
    from organtwin.twin.planned_electrics import planned_electrics

    return planned_electrics(answer, plan)


def _replan_under_drugs(
    answer: "ElectricAnswer", plan: "ElectricPlan", therapies: "Sequence[Therapy]",
    cycle: float | None,
) -> "Iterator[ElectricWork]":  # fmt: skip
    from organtwin.twin.planned_electrics import planning_under_drugs

    return planning_under_drugs(answer, plan, therapies, cycle)


def _plan_doubt(
    fitted: "FittedElectrics", planned: "ElectricAnswer"
) -> "Iterator[ElectricWork]":  # fmt: skip
    from organtwin.twin.planned_doubt import doubting_plan

    return doubting_plan(fitted, planned)


def _own_activation(twin: "Twin", excitation: "Excitation") -> "Iterator[OwnActivationStep]":
    from organtwin.twin.own_activation import beating_with

    return beating_with(twin, excitation)


def _map_pacing(
    answer: "ElectricAnswer", twin: "Twin", plan: "ElectricPlan", therapies: "TherapyPlan",
    over: str, *, insist: bool,
) -> "Iterator[SurveyStep]":  # fmt: skip
    from organtwin.twin.pacing_survey import surveying

    return surveying(answer, twin, plan, therapies, over, insist=insist)


def _follow(twin: "Twin", link: "DataLink") -> "Iterator[FollowStep]":
    from organtwin.link.replay import Replay
    from organtwin.twin.stream_loop import following, synchroniser_of

    speed = link.speed if isinstance(link, Replay) else 1.0
    return following(link, synchroniser_of(twin), speed=speed)


def _live_beat(heart: "Heart", interval: float) -> "tuple[Beat, Mapping[str, float]] | None":
    from organtwin.errors import ParameterError
    from organtwin.simulation.biomarkers import biomarkers
    from organtwin.simulation.quick_beats import lasting_for
    from organtwin.simulation.simulator import SimulationStopped, beats

    try:
        conditions = lasting_for(heart[0], interval)
        beat = next(beats(conditions, heart[1]))
    except (SimulationStopped, ParameterError):
        return None
    return beat, biomarkers(beat, conditions)


def _causes(fallen: "Fallen") -> "tuple[Cause, ...]":
    from organtwin.assimilation.causes import causes_of

    answers = tuple(causes_of(fallen.hearts, fallen.fall))
    return answers[-1] if answers else ()


def _library() -> Path:
    from organtwin.store.library import default_library

    return default_library()


def _unsaved() -> Path:
    from organtwin.store.autosave import unsaved_folder

    return unsaved_folder()


def _r_peaks(record: "PatientRecord") -> FloatArray:
    from organtwin.errors import RecordError
    from organtwin.patient.detection import detect_rhythm

    try:
        return detect_rhythm(record.waveforms).peaks
    except RecordError:
        return np.empty(0)
