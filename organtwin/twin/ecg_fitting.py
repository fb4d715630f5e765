"""The electrics fitted to the patient's recorded ECG: a population that explains it, and its doubt.

The recording is examined, its averaged beat becomes the target, and ``assimilation.ecg_fit`` looks
for activations and recoveries of the heart on screen that explain it. The best of them is then the
patient's own electrics; all of them together give bands on the leads, the doubt of the activation
time at every place, and rival maps: explanations as different from each other as the ECG allows.

The ECG says nothing about the atria's shape here: they stay the model's, and the delay of the AV
node brings the QRS to the measured PR interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray
from organtwin.assimilation.ecg_agreement import Window, correlation
from organtwin.assimilation.ecg_fit import EcgMember, EcgTarget, fitting_ecg
from organtwin.assimilation.ecg_forward import VentricularForward, ventricular_forward
from organtwin.errors import InputError, RecordError
from organtwin.patient.ecg.examination import EcgExamination
from organtwin.patient.record import PatientRecord
from organtwin.physiology.electrophysiology.activation.conduction import (
    BLOCKED,
    Conduction,
)
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.simulation.electric_model import ElectricModel, ElectricState, electric_models
from organtwin.twin.comparing_ecg import comparison, cycle, examination_of
from organtwin.twin.electrics import (
    ElectricAnswer,
    ShownElectrics,
    SurfacePlaces,
    excitation,
    surface_electrics,
    surface_places,
    within_range,
)
from organtwin.twin.physique import body_of

if TYPE_CHECKING:
    from organtwin.twin.own_heart import OwnHeart

LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""Leads that do not follow from each other."""
LEAST_MEMBERS = 16
"""Fewer leave no quantiles of 5 and 95 %; assumed."""
LEAST_LEADS = 4
"""Fewer leave the place of the wave to guessing; assumed."""
_BEFORE, _BEHIND, _RECOVERY_END = 0.01, 0.02, 0.46
"""Around the QRS, and how far from its onset T is compared [s]."""
STEP = 1e-3
_BUILDING, _FITTING = 0.2, 0.9
N_RIVALS = 3
BRANCHES = (
    Branch.LEFT_BUNDLE, Branch.RIGHT_BUNDLE, Branch.LEFT_ANTERIOR_FASCICLE,
    Branch.LEFT_POSTERIOR_FASCICLE,
)  # fmt: skip
AS_GOOD_AS_BLOCKED = 0.25
"""Share of its effect on the mean time of activation below which a slow branch counts as blocked;
assumed: complete bundle branch block is told from a delay by the ECG's shape, not by tissue."""
BAND = (0.05, 0.95)
WIDENED = 1.25
"""On ten planted hearts the bare quantiles held the truth at 82 % of the nodes on average (46 to
100 %), widened by this 89 % (66 to 100 %); measured by scripts/measure_ecg_fit.py."""


@dataclass(frozen=True, eq=False)
class FittedElectrics:
    """What a fit found.

    ``answer`` is the best member as the patient's electrics, its comparison with bands; ``rivals``
    are members that differ most, the best first; ``blocked`` the share of members in which a branch
    does not conduct, or so slowly that muscle is as fast; correlations are medians over members.
    """

    answer: ElectricAnswer
    members: tuple[EcgMember, ...]
    rivals: tuple[ShownElectrics, ...]
    blocked: Mapping[str, float]
    qrs_correlation: float
    qrst_correlation: float


@dataclass(frozen=True, slots=True)
class EcgFitting:
    """Progress; the last step carries what was found."""

    fraction: float
    message: str
    fitted: FittedElectrics | None = None


def fitting_electrics(
    record: PatientRecord, heart: "OwnHeart | None" = None, *, n_members: int | None = None
) -> Iterator[EcgFitting]:
    """Fit the electrics of a record's heart to its recorded ECG; yields at least every 0.2 s or so.

    Raises
    ------
    RecordError
        There is no recorded ECG, or it has too few leads that can be used.
    InputError
        Too few members are asked for.
    """
    if n_members is not None and n_members < LEAST_MEMBERS:
        raise InputError(
            record.title, "members", expected=f"{LEAST_MEMBERS} or more", got=str(n_members),
            remedy="Fewer say nothing of doubt; 64 are the default.",
        )  # fmt: skip
    examination = examination_of(record)
    target = ecg_target(examination, record.title)
    anatomy = load_template() if heart is None else heart.anatomy
    model: ElectricModel | None = None
    body = body_of(record, own_heart=heart is not None)
    for step in electric_models(
        anatomy, electric_tissue(anatomy), physique=body.physique, size=body.size, movable=True
    ):
        model = step.model
        yield EcgFitting(_BUILDING * step.done, step.doing)
    if model is None or examination is None:
        raise RuntimeError("the electrical model ended without an answer")
    forward = ventricular_forward(model, target.leads)
    members: tuple[EcgMember, ...] = ()
    size = {} if n_members is None else {"n_members": n_members}
    for fit in fitting_ecg(forward, target, **size):
        members = fit.members
        yield EcgFitting(_BUILDING + (_FITTING - _BUILDING) * fit.done, fit.doing)
    places = surface_places(model, anatomy)
    answer = _best_answer(model, places, record, examination, members)
    answer = replace(answer, comparison=replace(answer.comparison, body=body.told))
    courses: list[FloatArray] = []
    whole = ventricular_forward(model, model.leads)
    for number, member in enumerate(members):
        courses.append(member_leads(whole, member, answer.comparison.model.times))
        done = number / len(members)
        yield EcgFitting(_FITTING + (1.0 - _FITTING) * done, "Drawing the doubt")
    yield EcgFitting(1.0, "Fitted", _found(answer, members, np.array(courses), forward, target))


def ecg_target(examination: EcgExamination | None, title: str) -> EcgTarget:
    """The averaged beat, in the leads that can be used, as a fit compares it.

    Raises
    ------
    RecordError
        No ECG was recorded, no QRS or too few leads can be used.
    """
    remedy = "Record a 12-lead ECG, or open one with the case."
    if examination is None:
        raise RecordError(title, "ECG", expected="a recorded ECG", got="none", remedy=remedy)
    average = examination.average
    usable = [name for name in LEADS if name in average.names]
    if len(usable) < LEAST_LEADS:
        raise RecordError(
            title, "ECG leads", expected=f"at least {LEAST_LEADS} usable of {', '.join(LEADS)}",
            got=", ".join(usable) or "none", remedy=remedy,
        )  # fmt: skip
    qrs = examination.measurements.get("qrs_duration")
    if not np.isfinite(qrs):
        raise RecordError(
            title, "QRS", expected="a duration that can be measured", got="none", remedy=remedy
        )
    rows = [average.names.index(lead) for lead in usable]
    times = average.times - examination.waves.qrs_onset
    return target_of(tuple(usable), times, average.values[rows], average.noise[rows], qrs)


def target_of(
    leads: tuple[str, ...], times: FloatArray, volts: FloatArray, noise: FloatArray, qrs: float
) -> EcgTarget:
    """The windows that are compared of a beat whose QRS lasts ``qrs`` [s].

    ``volts`` ``(n_leads, n)`` [V] at ``times`` ``(n,)`` [s] from the onset of the QRS; ``noise``
    ``(n_leads,)`` [V].
    """
    early = _even(-_BEFORE, qrs + _BEHIND)
    late = _even(qrs + _BEHIND + _BEFORE, min(_RECOVERY_END, float(times[-1])))
    windows = [
        Window(at, np.stack([np.interp(at, times, row) for row in volts]), noise)
        for at in (early, late)
    ]
    return EcgTarget(leads, *windows)


def _even(start: float, end: float) -> FloatArray:
    return STEP * np.arange(round(start / STEP), round(end / STEP)).astype(float)


def _best_answer(
    model: ElectricModel,
    places: SurfacePlaces,
    record: PatientRecord,
    examination: EcgExamination,
    members: Sequence[EcgMember],
) -> ElectricAnswer:
    best = ranked(members)[0]
    state = state_of(best, model, examination.measurements.get("pr_interval"))
    beat = model.beat(state)
    compared = comparison(beat, record, examination, late=best.candidate.onset)
    length = cycle(record)
    doubt = places.field(_doubt(model, members))
    surface = surface_electrics(places, beat, length, doubt)
    pump = excitation(model.heart, beat)
    return ElectricAnswer(model, places, length, beat, compared, surface, pump)


def ranked(members: Sequence[EcgMember]) -> list[EcgMember]:
    """Members by how much of QRS and recovery they leave unexplained, the best first."""
    return sorted(members, key=lambda member: member.qrs_misfit + member.recovery_misfit)


def state_of(member: EcgMember, model: ElectricModel, pr_interval: float) -> ElectricState:
    """A member as a whole beat from the sinus node, its QRS after the measured PR interval.

    ``pr_interval`` [s] may be NaN: the delay of the AV node is then the usual one.
    """
    found = member.candidate
    below: dict[Branch, float] = {
        b: f for b, f in found.conduction.delays.items() if b is not Branch.AV_NODE
    }
    conduction = Conduction("fitted", delays=MappingProxyType(below))
    speeds = found.speeds
    if np.isfinite(pr_interval):
        onset = model.heart.activation(conduction, speeds).ventricular_onset
        speeds = within_range(speeds, "av_delay", speeds["av_delay"] + pr_interval - onset)
    return ElectricState(
        conduction, speeds, member.repolarisation, found.pose, found.electrodes_up,
        found.anisotropy,
    )  # fmt: skip


def _doubt(model: ElectricModel, members: Sequence[EcgMember]) -> FloatArray:
    """Half the width of the 90 % band of activation at every node [s]; NaN in the atria."""
    doubt = np.full(len(model.heart.tissue.nodes), np.nan)
    low, high = activation_band(members)
    doubt[: len(low)] = 0.5 * (high - low)
    return doubt


def activation_band(members: Sequence[EcgMember]) -> tuple[FloatArray, FloatArray]:
    """Where the activation of every ventricular node lies with 90 %, ``(n,)`` [s] each.

    The quantiles of the members, ``WIDENED`` about their median: a population of some sixty in 18
    dimensions settles in fewer valleys than the ECG allows.
    """
    times = [member.activation for member in members]
    low, middle, high = np.quantile(times, (BAND[0], 0.5, BAND[1]), axis=0)
    return middle + WIDENED * (low - middle), middle + WIDENED * (high - middle)


def member_leads(forward: VentricularForward, member: EcgMember, times: FloatArray) -> FloatArray:
    """Leads ``(n_leads, n)`` [V] of a member at times [s] from the measured QRS onset."""
    excitation = forward.excitation(member.candidate)
    if excitation is None:
        raise ValueError("a member that excites nothing")
    moved = times - member.candidate.onset
    return member.amplitude * forward.leads(excitation, moved, member.repolarisation)


def _found(
    answer: ElectricAnswer, members: tuple[EcgMember, ...], courses: FloatArray,
    forward: VentricularForward, target: EcgTarget,
) -> FittedElectrics:  # fmt: skip
    times = answer.comparison.model.times
    bands = np.moveaxis(np.quantile(courses, BAND, axis=0), 0, 1)
    bands[:, :, times < target.qrs.times[0]] = np.nan  # the atria are not fitted
    compared = replace(answer.comparison, bands=bands)
    own = courses[:, list(forward.chosen)]
    whole = [
        np.concatenate([_at(window.times, times, own) for window in windows], axis=2)
        for windows in ((target.qrs,), (target.qrs, target.recovery))
    ]
    both = np.concatenate([target.qrs.volts, target.recovery.volts], axis=1)
    measured = (target.qrs.volts, both)
    early, all_of_it = (
        float(np.median([correlation(volts, course) for course in found]))
        for volts, found in zip(measured, whole, strict=True)
    )
    return FittedElectrics(
        replace(answer, comparison=compared), members, _rivals(answer, members),
        _blocked(answer.model, members), early, all_of_it,
    )  # fmt: skip


def _at(wanted: FloatArray, times: FloatArray, courses: FloatArray) -> FloatArray:
    rows = courses.reshape(-1, len(times))
    shape = (*courses.shape[:2], len(wanted))
    return np.array([np.interp(wanted, times, row) for row in rows]).reshape(shape)


def _blocked(model: ElectricModel, members: Sequence[EcgMember]) -> Mapping[str, float]:
    """Share of the members in which a branch is blocked or as good as that."""
    shares = {
        branch.name.lower(): float(np.mean([_as_blocked(model, m, branch) for m in members]))
        for branch in BRANCHES
    }
    return MappingProxyType(shares)


def _as_blocked(model: ElectricModel, member: EcgMember, branch: Branch) -> bool:
    """Whether a branch brings forward little of what it would if it conducted as it should."""
    conduction, speeds = member.candidate.conduction, member.candidate.speeds
    factor = conduction.delays.get(branch, 1.0)
    if factor in (1.0, BLOCKED):
        return factor == BLOCKED
    slow, healthy, blocked = (
        model.heart.activation(conduction.slowed(branch, each), speeds).ventricular
        for each in (factor, 1.0, BLOCKED)
    )
    reached = np.isfinite(blocked)
    if not reached.any():
        return False
    gained, whole = (float(np.mean((blocked - t)[reached])) for t in (slow, healthy))
    return gained < AS_GOOD_AS_BLOCKED * whole


def _rivals(answer: ElectricAnswer, members: Sequence[EcgMember]) -> tuple[ShownElectrics, ...]:
    """The best member, then each time the one farthest from all that were chosen."""
    order = ranked(members)
    times = np.array([member.activation for member in order])
    chosen = [0]
    while len(chosen) < min(N_RIVALS, len(order)):
        apart = np.min([np.abs(times - times[k]).mean(axis=1) for k in chosen], axis=0)
        chosen.append(int(np.argmax(apart)))
    onset = answer.beat.activation.ventricular_onset
    n = len(answer.model.heart.tissue.nodes)
    shown = []
    for k in chosen:
        whole = answer.beat.activation.times.copy()
        own = order[k]
        whole[: len(own.activation)] = own.activation + onset
        lasting = answer.model.durations(own.repolarisation)[:n]
        arrival = answer.places.field(whole)
        shown.append(ShownElectrics(arrival, answer.places.field(lasting), answer.cycle))
    return tuple(shown)
