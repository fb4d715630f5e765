"""What the conditions that a case states forbid to predict, and why by the vocabulary.

Three ways: the model does not have it (no prediction at all), a therapy or a group of them was
never seen in it, or the fitted heart does not show what is stated, so that it is the wrong heart.
"""

from collections.abc import Iterator

from organtwin.patient.conditions import Condition, mentioned, vocabulary, words_found
from organtwin.therapy.device import DEVICES
from organtwin.therapy.drug import Contraindication
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.prosthesis import TAVI_BALLOON, TAVI_SELF
from organtwin.therapy.traits import TRAITS
from organtwin.therapy.valve import VALVE_THERAPIES
from organtwin.twin.beyond import Beyond
from organtwin.twin.patient_traits import (
    BY_DIAGNOSIS,
    IRREGULAR,
    OTHER_HEARTS,
    traits_of,
)
from organtwin.twin.twin import Twin

EVERYTHING, DRUGS, ELECTRIC, MACHINES, VALVES = (
    "everything", "drugs", "electric drugs", "machines", "valves",
)  # fmt: skip
GROUPS = (EVERYTHING, DRUGS, ELECTRIC, MACHINES, VALVES)
"""Beside these, ``outside`` of a condition names families of drugs and therapies."""
_VALVES = frozenset(kind.name for kind in (*VALVE_THERAPIES, TAVI_BALLOON, TAVI_SELF))
_MACHINES = frozenset(kind.name for kind in DEVICES)
_NO_REMEDY = "There is no remedy in this program."


def beyond_conditions(twin: Twin) -> Iterator[Beyond]:
    """What is stated that the model, or the fitted heart, does not have."""
    shown = traits_of(twin, TherapyPlan())
    yield from _named_by_diagnosis(twin)
    for condition in _stated(twin):
        if EVERYTHING in condition.outside:
            yield Beyond("this patient", condition.name, "patients without it",
                         _why(condition), _NO_REMEDY)  # fmt: skip
        for trait in condition.traits:
            if trait not in BY_DIAGNOSIS | shown:
                yield Beyond(
                    "this patient", f"{condition.name} is stated, the fitted heart shows none",
                    "hearts that show what is stated", f"{trait}: {TRAITS[trait]}",
                    "Add the measurement that tells it, or take the condition away.",
                )  # fmt: skip


def _named_by_diagnosis(twin: Twin) -> Iterator[Beyond]:
    """What nobody stated and the diagnosis names all the same, where the model does not have it."""
    diagnosis = twin.record.diagnosis
    if words_found(diagnosis, {**IRREGULAR, **OTHER_HEARTS}):
        return  # told in words of their own
    for name in mentioned(diagnosis):
        condition = vocabulary()[name]
        if EVERYTHING in condition.outside and name not in twin.record.conditions:
            yield Beyond("this patient", f"{name}, by the diagnosis", "patients without it",
                         _why(condition), _NO_REMEDY)  # fmt: skip


def beyond_with(twin: Twin, kind: TherapyKind) -> Iterator[Beyond]:
    """What is stated in which this therapy was never seen."""
    for condition in _stated(twin):
        if set(condition.outside) & _groups_of(kind):
            yield Beyond(kind.label, condition.name, "patients without it", _why(condition),
                         "Choose a therapy that was checked in such patients.")  # fmt: skip
    for reason in kind.drug.contraindications if kind.drug is not None else ():
        yield from _contraindicated(twin, kind, reason)


def _contraindicated(twin: Twin, kind: TherapyKind, reason: Contraindication) -> Iterator[Beyond]:
    for name in reason.conditions.intersection(twin.record.conditions):
        yield Beyond(
            kind.label, name, "patients without it",
            f"contraindicated, so nobody's response was seen: {reason.text}",
            "Choose another therapy.",
        )  # fmt: skip


def _stated(twin: Twin) -> Iterator[Condition]:
    for name in twin.record.conditions:
        yield vocabulary()[name]


def _groups_of(kind: TherapyKind) -> set[str]:
    """What ``outside`` may call a therapy, but for everything."""
    found = {kind.name}
    if kind.drug is not None:
        found |= {DRUGS, kind.drug.family}
        if kind.drug.electric:
            found.add(ELECTRIC)
    if kind.name in _MACHINES:
        found.add(MACHINES)
    if kind.name in _VALVES:
        found.add(VALVES)
    return found


def _why(condition: Condition) -> str:
    memory = "from memory" if condition.evidence == "memory" else ""
    told = "; ".join(filter(None, (condition.source, memory)))
    return f"{condition.why} ({told})" if told else condition.why
