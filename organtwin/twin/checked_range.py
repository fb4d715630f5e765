"""Whether a prediction may be made at all: twin and plan beside the ranges that were checked.

    reasons = beyond(twin, plan)      before anything is computed
    reasons += beyond_after(plan, after)  of the state that was predicted

No reason: the prediction may be shown. Else it is declined with these reasons, or shown as
extrapolation where the user insists. Verified in tests/twin/test_checked_range.py; how often it is
right is measured by scripts/measure_refusal.py on cases that were written from the literature.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from organtwin.patient.conditions import words_found
from organtwin.patient.person import ADULT, BODY_SURFACE
from organtwin.quantities import quantity
from organtwin.simulation.conditions import Excitation
from organtwin.simulation.pacing import Mode
from organtwin.therapy.checked import NOBODY, CheckedRange, StateRange, other_ranges
from organtwin.therapy.exercise import GREATEST_EXTRACTION, extraction
from organtwin.therapy.kind import Therapy, TherapyKind
from organtwin.therapy.pacing import PACED_AS
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.traits import TRAITS, said
from organtwin.twin import plausibility
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_conditions import beyond_conditions, beyond_with
from organtwin.twin.patient_traits import (
    IRREGULAR,
    OTHER_HEARTS,
    rhythm_doubt,
    traits_of,
)
from organtwin.twin.twin import Twin
from organtwin.twin.unseen_combinations import unseen
from organtwin.units import MS

MODEL = "model"
"""Name of the model's own range among those of the therapies."""
DELAY = "pacemaker_delay"
"""Name of the range of AV delays [ms], of whatever mode."""
WORST_FIT = 3.0
"""Standard deviations by which a twin may miss one measurement. Fits of six bundled cases and of 14
planted patients miss none by more than 1.7 (scripts/measure_refusal.py)."""
TYPICAL_MISS = 2.0
"""Root mean square of all misses; 0.95 at most in the same fits."""
_LESIONS = frozenset(name for name in TRAITS if "stenosis" in name or "valve disease" in name
                     or "regurgitation" in name or name == "effusion")  # fmt: skip
"""Traits that a therapy of the family "to teach" gives to any patient."""
_WITHOUT_LESION = "Leave it out; to rehearse it here, first add the lesion itself to the plan."
_OTHER_PATIENT = "Choose a therapy that was checked in such patients."


def checked_range(kind: TherapyKind) -> CheckedRange:
    """What a therapy states; nobody where it states nothing."""
    if kind.drug is not None:
        return kind.drug.checked
    return other_ranges().get(kind.name, NOBODY)


def beyond(twin: Twin, plan: TherapyPlan) -> tuple[Beyond, ...]:
    """Everything of twin and plan that lies outside what was checked; nothing for an empty plan."""
    if not plan:
        return ()
    found = [*_of_patient(twin), *beyond_conditions(twin), *_of_fit(twin)]
    numbers = twin.numbers
    found += _of_states("this patient", other_ranges()[MODEL].states, numbers)
    given = tuple(therapy for therapy in plan.therapies if therapy.dose != 0.0 or _timed(therapy))
    found += unseen(given, numbers)  # first what forbids it, then whom it was checked in
    for therapy in given:
        found += _of_therapy(twin, plan, therapy, numbers)
        found += beyond_with(twin, therapy.kind)
    found += _of_pacemaker(twin, plan, numbers)
    return tuple(found)


def beyond_paced(
    twin: Twin, plan: TherapyPlan, mode: Mode, av: float | None = None
) -> tuple[Beyond, ...]:
    """As ``beyond``, of a plan with a pacemaker whose excitation is not computed yet.

    ``av`` is its AV delay [s], where that is to be judged as well.
    """
    paced = Excitation(twin.conditions.activation, 0.0, mode, av)
    return beyond(twin, replace(plan, excitation=paced))


def beyond_after(plan: TherapyPlan, after: Mapping[str, float]) -> tuple[Beyond, ...]:
    """What of the steady state under a plan (SI) no living adult shows or nobody measured."""
    found = [
        Beyond("the predicted state", warning, "states of living adults", "",
               "Use a smaller dose, or another therapy.")
        for warning in plausibility.warnings(after)
    ]  # fmt: skip
    taken = extraction(plan.therapies, after)
    if taken > GREATEST_EXTRACTION:
        found.append(Beyond(
            "the predicted state", f"{100.0 * taken:.0f} mL of oxygen to be taken from each dL",
            f"at most {100.0 * GREATEST_EXTRACTION:.0f} mL/dL",
            "the output does not reach for this workload, so nobody would keep it up",
            "Use a smaller workload.",
        ))  # fmt: skip
    return tuple(found)


def beyond_states(subject: str, reached: Mapping[str, float]) -> tuple[Beyond, ...]:
    """What of a state (SI) lies outside those in which the model itself was exercised."""
    remedy = "Use smaller doses, or stop earlier."
    found = _of_states(subject, other_ranges()[MODEL].states, reached)
    return tuple(replace(reason, remedy=remedy) for reason in found)


def _timed(therapy: Therapy) -> bool:
    """Whether its dose is a setting whose zero is not "nothing is given"."""
    return bool(therapy.kind.conduction)


def _of_patient(twin: Twin) -> Iterator[Beyond]:
    record = twin.record
    who = record.demographics
    if who.age is not None and who.age < ADULT:
        yield Beyond("this patient", f"age {who.age:g} years", "adults",
                     "the model has the size and vessels of an adult",
                     "There is no remedy in this program.")  # fmt: skip
    area = who.body_surface_area
    if area is not None and not BODY_SURFACE[0] <= area <= BODY_SURFACE[1]:
        yield Beyond("this patient", f"body surface {area:.2f} m2",
                     f"{BODY_SURFACE[0]:g} to {BODY_SURFACE[1]:g} m2",
                     "the model is of usual size", "Check height and weight.")  # fmt: skip
    irregular = rhythm_doubt(record.rhythm)
    for name in (irregular,) if irregular else words_found(record.diagnosis, IRREGULAR):
        yield Beyond("this patient", name, "a regular rhythm with atrial contraction",
                     "the model repeats one beat", "Fit a record in sinus rhythm.")  # fmt: skip
    for name in words_found(record.diagnosis, OTHER_HEARTS):
        yield Beyond("this patient", name, "two ventricles in series, without it",
                     "the model does not have it",
                     "There is no remedy in this program.")  # fmt: skip


def _of_fit(twin: Twin) -> Iterator[Beyond]:
    rows = [row for row in twin.fit.rows if not row.direct]
    if not rows:
        yield Beyond("this twin", "no pressure, volume or flow was measured", "a fitted patient",
                     "it is the heart of an average adult",
                     "Add at least a cuff pressure to the record.")  # fmt: skip
        return
    worst = max(rows, key=lambda row: abs(row.z))
    typical = math.sqrt(sum(row.z**2 for row in rows) / len(rows))
    if abs(worst.z) <= WORST_FIT and typical <= TYPICAL_MISS:
        return
    q = worst.measurement.quantity
    yield Beyond(
        "this twin",
        f"{q.label} measured {q.text(worst.measurement.value)}, twin {q.text(worst.model)} "
        f"({worst.z:+.1f} sd; all: {typical:.1f} sd)",
        f"misses of at most {WORST_FIT:g} sd, {TYPICAL_MISS:g} sd in all",
        "a twin that does not explain its patient cannot foretell a response",
        "Check this measurement, its unit and its doubt.",
    )


def _of_states(
    subject: str, states: tuple[StateRange, ...], numbers: Mapping[str, float],
    therapies: tuple[str, ...] = (),
) -> Iterator[Beyond]:  # fmt: skip
    for state in states:
        value = numbers.get(state.quantity, math.nan)
        if not (value < state.lowest or value > state.highest):
            continue
        q = quantity(state.quantity)
        yield Beyond(subject, f"{q.label} {q.text(value)}", _between(state), state.source,
                     state.remedy or _OTHER_PATIENT if subject != "this patient" else
                     "Bring the patient into this range first.", therapies)  # fmt: skip


def _between(state: StateRange) -> str:
    q = quantity(state.quantity)
    if math.isinf(state.lowest):
        return f"at most {q.text(state.highest)}"
    if math.isinf(state.highest):
        return f"at least {q.text(state.lowest)}"
    return f"{q.from_si(state.lowest):.{q.decimals}f} to {q.text(state.highest)}"


def _of_therapy(
    twin: Twin, plan: TherapyPlan, therapy: Therapy, numbers: Mapping[str, float]
) -> Iterator[Beyond]:
    kind, checked = therapy.kind, checked_range(therapy.kind)
    if checked.in_nobody:
        yield Beyond(kind.label, "any dose", "nobody", checked.source,
                     "Choose a therapy whose response was compared.", (kind.name,))  # fmt: skip
        return
    slack = 1e-9 * abs(checked.highest)
    if not checked.lowest - slack <= therapy.dose <= checked.highest + slack:
        yield Beyond(
            kind.label, f"{therapy.dose:.{kind.decimals}f} {kind.unit}",
            f"{checked.lowest:g} to {checked.highest:g} {kind.unit}", checked.source,
            "Stay inside this range.", (kind.name,),
        )  # fmt: skip
    own = traits_of(twin, plan) if checked.limits else frozenset()
    for limit in checked.limits:
        if therapy.dose > limit.highest and (present := sorted(own & set(limit.traits))):
            yield Beyond(
                kind.label, f"{therapy.dose:.{kind.decimals}f} {kind.unit}",
                f"up to {limit.highest:g} {kind.unit} with {present[0]}", limit.source,
                "Stay inside this range.",
            )  # fmt: skip
    yield from _of_traits(twin, plan, therapy, checked)
    yield from _of_states(kind.label, checked.states, numbers, (kind.name,))


def _of_pacemaker(twin: Twin, plan: TherapyPlan, numbers: Mapping[str, float]) -> Iterator[Beyond]:
    """A pacemaker is asked in whom its mode was checked, and at which AV delays."""
    mode = plan.excitation.mode if plan.excitation is not None else Mode.OFF
    if mode is Mode.OFF or any(therapy.kind.conduction for therapy in plan.therapies):
        return
    kind = PACED_AS.get(mode)
    if kind is None:
        yield Beyond(f"{mode} pacing", "any delay", "nobody",
                     "activation is computed, but no published response was compared",
                     "Choose biventricular pacing.")  # fmt: skip
        return
    checked = checked_range(kind)
    if checked.in_nobody:
        yield Beyond(kind.label, "any delay", "nobody", checked.source,
                     "Choose biventricular pacing.")  # fmt: skip
        return
    yield from _of_traits(twin, plan, kind.at(kind.default), checked)
    yield from _of_states(kind.label, checked.states, numbers)
    yield from beyond_with(twin, kind)
    av = plan.excitation.av if plan.excitation is not None else None
    if av is not None:
        yield from _of_delay(kind.label, av)


def _of_delay(label: str, av: float) -> Iterator[Beyond]:
    checked = other_ranges()[DELAY]
    if not checked.lowest - 0.5 <= av / MS <= checked.highest + 0.5:
        yield Beyond(label, f"AV delay {av / MS:.0f} ms",
                     f"{checked.lowest:g} to {checked.highest:g} ms", checked.source,
                     "Set the AV delay inside this range.")  # fmt: skip


def _of_traits(
    twin: Twin, plan: TherapyPlan, therapy: Therapy, checked: CheckedRange
) -> Iterator[Beyond]:
    own = traits_of(twin, plan)
    if checked.needs and not own & set(checked.needs):
        wanted = " or ".join(map(said, checked.needs))
        told = "; ".join(f"{name}: {TRAITS[name]}" for name in checked.needs)
        remedy = _WITHOUT_LESION if set(checked.needs) <= _LESIONS else _OTHER_PATIENT
        yield Beyond(therapy.kind.label, f"the patient has no {wanted}", checked.patients, told,
                     remedy, (therapy.kind.name,))  # fmt: skip
    left = traits_of(twin, plan, repaired=True) & own
    for name in sorted(left & set(checked.excludes)):
        yield Beyond(therapy.kind.label, f"the patient has {said(name)}",
                     f"{checked.patients}, without it", TRAITS[name], _OTHER_PATIENT,
                     (therapy.kind.name,))  # fmt: skip
