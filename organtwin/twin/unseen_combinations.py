"""Combinations whose joint response nobody has seen, or that their contraindications forbid."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from organtwin.quantities import quantity
from organtwin.therapy.device import DEVICES
from organtwin.therapy.drug import Contraindication, Drug
from organtwin.therapy.exercise import EXERCISE
from organtwin.therapy.kind import Therapy
from organtwin.twin.beyond import Beyond

MOST_DRUGS = 3
"""Drugs acting on the circulation at once; no study at hand gave more than two."""
MOST_MACHINES = 2
OPPOSED = (("pressor", "vasodilator"), ("inotrope", "beta blocker"),
           ("inotrope", "calcium channel blocker"))  # fmt: skip
"""Families whose drugs pull against each other; studies gave one or the other."""
WEAKENING = frozenset({"beta blocker", "calcium channel blocker"})
"""Families that weaken a heart that a machine is there to help."""
_TAKE_AWAY = "Take one of them away."


def unseen(therapies: tuple[Therapy, ...], numbers: Mapping[str, float]) -> Iterator[Beyond]:
    """What of a plan's combinations lies outside; ``numbers`` of the untreated patient, SI."""
    drugs = [t.kind.drug for t in therapies if t.kind.drug is not None]
    names = frozenset(t.name for t in therapies)
    for drug in drugs:
        for reason in drug.contraindications:
            if not reason.caution and reason.applies(numbers, names - {drug.name}):
                yield _contraindicated(drug, reason, numbers, names)
    for one, other in combinations(drugs, 2):
        if why := _opposed(one, other):
            yield Beyond(f"{one.label} with {other.label}", "both", "given alone", why, _TAKE_AWAY,
                         (one.name, other.name))  # fmt: skip
    machines = [t for t in therapies if t.kind in DEVICES]
    for drug in drugs if machines else ():
        if drug.family in WEAKENING or drug.name == "mavacamten":
            yield Beyond(
                f"{machines[0].kind.label} with {drug.label}", "both", "support without it",
                "nobody on support was given a drug that weakens the heart", _TAKE_AWAY,
                (machines[0].name, drug.name),
            )  # fmt: skip
    if machines and any(t.kind is EXERCISE for t in therapies):
        yield Beyond(
            f"{EXERCISE.label} with {machines[0].kind.label}", "both", "given alone",
            "nobody's response to exercise on a machine was compared", _TAKE_AWAY,
        )  # fmt: skip
    yield from _too_many(drugs, machines)


def _contraindicated(
    drug: Drug, reason: Contraindication, numbers: Mapping[str, float], names: frozenset[str]
) -> Beyond:
    if reason.others & names:
        got = f"with {', '.join(sorted(reason.others & names))}"
        return Beyond(drug.label, got, "not together", reason.text, _TAKE_AWAY, (drug.name,))
    q = quantity(reason.quantity)
    low = reason.below != float("-inf")
    limit = q.text(reason.below if low else reason.above)
    return Beyond(
        drug.label, f"{q.label} {q.text(numbers[reason.quantity])}",
        f"{'at least' if low else 'at most'} {limit}",
        f"contraindicated, so nobody's response was seen: {reason.text}",
        "Choose another therapy, or treat this first.", (drug.name,),
    )  # fmt: skip


def _opposed(one: Drug, other: Drug) -> str:
    for first, second in OPPOSED:
        if {one.family, other.family} == {first, second}:
            return f"{first} and {second} pull against each other, and no study gave both"
    blocking = [{channel.current for channel in drug.channels} for drug in (one, other)]
    if "I_Kr" in blocking[0] & blocking[1]:
        return "both block I_Kr, and their joint effect on repolarisation was never compared"
    return ""


def _too_many(drugs: list[Drug], machines: list[Therapy]) -> Iterator[Beyond]:
    acting = [drug for drug in drugs if drug.effects]
    if len(acting) > MOST_DRUGS:
        yield Beyond(
            "the plan", f"{len(acting)} drugs acting on the circulation", f"at most {MOST_DRUGS}",
            "nobody's response to so many was compared", "Take some of them away.",
        )  # fmt: skip
    if len(machines) > MOST_MACHINES:
        yield Beyond(
            "the plan", f"{len(machines)} machines", f"at most {MOST_MACHINES}",
            "no more than two together were ever simulated", "Take one of them away.",
        )  # fmt: skip
