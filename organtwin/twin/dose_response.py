"""How one therapy's dose moves every output, with the rest of the plan held.

A steady state at each of ``DOSES`` doses over the range of the kind, from the untreated heart as in
``twin.prediction``. The bands hold what those of a prediction hold, at ``BANDED`` of the doses
from ``MEMBERS`` members of the posterior, each with its own response. Doses outside what was
checked are declined, as by ``twin.checked_range``, unless somebody insists.
Verified in tests/twin/test_dose_response.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import InputError, ParameterError
from organtwin.simulation.beat import Beat, Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.reflex import steady_under
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.model_error import certain, error_share
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.variability import Responses
from organtwin.twin.beyond import Beyond, declined
from organtwin.twin.checked_range import beyond, beyond_after, checked_range
from organtwin.twin.model_doubt import limits_of
from organtwin.twin.prediction import RULE, SURVIVING_SHARE
from organtwin.twin.twin import Twin

DOSES, BANDED, MEMBERS = 9, 5, 20


@dataclass(frozen=True, eq=False)
class DoseResponse:
    """Outputs over the doses of the therapy called ``name``, SI.

    ``doses`` ``(n,)`` in the unit of the kind; ``values`` by quantity ``(n,)``, NaN where the heart
    reaches no steady state, of which ``reasons`` tells the first. ``bands`` by quantity ``(2, m)``
    at ``band_doses`` ``(m,)``: 90 % limits, NaN where too few members survive. ``beyond`` tells of
    each dose what lies outside the checked range; the values there are NaN unless somebody insists.
    """

    name: str
    plan: TherapyPlan
    doses: FloatArray
    values: Mapping[str, FloatArray]
    reasons: tuple[str, ...] = ()
    beyond: tuple[tuple[Beyond, ...], ...] = ()
    band_doses: FloatArray = field(default_factory=lambda: np.empty(0))
    bands: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def outside(self) -> BoolArray:
        """Which doses ``(n,)`` lie outside what was checked."""
        return np.array([bool(found) for found in self.beyond] or [False] * len(self.doses))

    def value(self, quantity: str, dose: float) -> float:
        """One output (SI) at a dose in between; NaN beside a dose without an answer."""
        return float(np.interp(dose, self.doses, self.values[quantity]))


@dataclass(frozen=True, slots=True)
class DoseStep:
    """Progress; steps with a ``response`` are worth showing, the later the better."""

    fraction: float
    message: str
    response: DoseResponse | None = None


def dose_responding(
    twin: Twin, plan: TherapyPlan, name: str, members: int = MEMBERS, *, insist: bool = False
) -> Iterator[DoseStep]:
    """Answer over the doses of one therapy of the plan: the point estimate, then bands.

    Raises
    ------
    InputError
        The plan has no such therapy.
    DeclinedError
        Every dose lies outside what was checked, and nobody insists.
    ParameterError
        No dose leads to a steady state.
    """
    kind = _kind_of(plan, name)
    doses = _doses(kind)
    outside = _beyond(twin, plan, kind, doses, insist=insist)
    tried = [dose for dose, why in zip(doses.tolist(), outside, strict=True) if insist or not why]
    own = (twin.conditions, twin.baseline.beat)
    found: dict[float, _Answer] = {}
    asked = side_by_side(lambda dose: _steady(*own, plan.with_(kind.at(dose))), tried)
    share = 0.2 if members and twin.ensemble else 1.0
    for done, (place, answer) in enumerate(asked, 1):
        found[tried[place]] = answer
        yield DoseStep(share * done / len(tried), "Running doses")
    response = _response(plan, name, doses, outside, found, twin.numbers, insist=insist)
    yield DoseStep(share, "Running doses", response)
    if share < 1.0:
        yield from _doubting(twin, response, kind, members, insist=insist)


_Answer = Mapping[str, float] | str
"""Outputs at a dose, or why there are none."""
_Reasons = tuple[Beyond, ...]


def _doses(kind: TherapyKind) -> FloatArray:
    """Evenly over the range of the kind, and the ends of its checked range."""
    checked = checked_range(kind)
    ends = [x for x in (checked.lowest, checked.highest) if kind.lower < x < kind.upper]
    return np.union1d(np.linspace(kind.lower, kind.upper, DOSES), ends)


def _beyond(
    twin: Twin, plan: TherapyPlan, kind: TherapyKind, doses: FloatArray, *, insist: bool
) -> tuple[_Reasons, ...]:
    found = tuple(beyond(twin, plan.with_(kind.at(dose))) for dose in doses.tolist())
    nothing = kind.at(0.0) if kind.lower <= 0.0 <= kind.upper else None
    given = [why for dose, why in zip(doses, found, strict=True) if nothing is None or dose != 0.0]
    if not insist and all(given):  # the dose of zero alone is no curve
        raise declined(min(given, key=len))
    return found


def _response(
    plan: TherapyPlan, name: str, doses: FloatArray, outside: Sequence[_Reasons],
    found: Mapping[float, _Answer], quantities: Mapping[str, float], *, insist: bool,
) -> DoseResponse:  # fmt: skip
    reasons = tuple(answer for answer in found.values() if isinstance(answer, str))
    if len(reasons) == len(found):
        raise ParameterError(reasons[0])
    answers, told, kind = [], [], _kind_of(plan, name)
    for dose, why in zip(doses.tolist(), outside, strict=True):
        answer = found.get(dose, "")
        after = () if isinstance(answer, str) else beyond_after(plan.with_(kind.at(dose)), answer)
        answers.append("" if after and not insist else answer)
        told.append((*why, *after))
    if all(told) and not insist:
        raise declined(min(told, key=len))
    values = {quantity: _series(quantity, answers) for quantity in quantities}
    return DoseResponse(name, plan, doses, values, reasons, tuple(told))


def _steady(
    conditions: Conditions, beat: Beat, plan: TherapyPlan, responses: Responses | None = None
) -> _Answer:
    try:
        treated = plan.apply(conditions, responses=responses)
        solution, treated = steady_under(treated, beat, RULE)
    except ParameterError as error:
        return str(error)
    if solution is None:
        return "the heart failed in its first beat"
    if solution.outcome is not Outcome.STEADY:
        return solution.detail or solution.outcome.meaning
    return biomarkers(solution.beat, treated)


def _series(name: str, answers: Sequence[_Answer]) -> FloatArray:
    return np.array([np.nan if isinstance(a, str) else a[name] for a in answers])


def _doubting(
    twin: Twin, found: DoseResponse, kind: TherapyKind, count: int, *, insist: bool
) -> Iterator[DoseStep]:
    stride = max(1, len(twin.ensemble) // count)
    members = tuple(enumerate(twin.ensemble))[::stride][:count]
    doses = np.linspace(kind.lower, kind.upper, BANDED)
    if not insist:
        inside = found.doses[~found.outside]
        doses = doses[(doses >= inside[0]) & (doses <= inside[-1])]
        doses = np.union1d(doses, inside[[0, -1]])
    plans = [found.plan.with_(kind.at(dose)) for dose in doses.tolist()]
    asked = [(place, member, plan) for place, member in members for plan in plans]
    answers: list[_Answer] = [""] * len(asked)
    running = side_by_side(
        lambda one: _steady(one[1].conditions, one[1].solution.beat, one[2], one[2].drawn(one[0])),
        asked,
    )
    for done, (place, answer) in enumerate(running, 1):
        answers[place] = answer
        yield DoseStep(0.2 + 0.8 * done / len(asked), "Estimating doubt")
    shares = np.array([error_share(plan) for plan in plans])
    known = certain(found.plan.therapies)
    bands = {
        name: _limits(
            name, _series(name, answers).reshape(len(members), len(doses)),
            0.0 * shares if name in known else shares,
        )
        for name in found.values
    }  # fmt: skip
    yield DoseStep(1.0, "Done", replace(found, band_doses=doses, bands=bands))


def _limits(name: str, values: FloatArray, shares: FloatArray) -> FloatArray:
    """90 % limits ``(2, n)`` of values ``(members, n)``; too few survivors would flatter."""
    limits = np.full((2, values.shape[1]), np.nan)
    for place, column in enumerate(values.T):
        known = column[np.isfinite(column)]
        if len(known) >= SURVIVING_SHARE * len(column):
            found = limits_of(name, known[:, np.newaxis], shares[place : place + 1])
            limits[:, place] = found[:, 0]
    return limits


def _kind_of(plan: TherapyPlan, name: str) -> TherapyKind:
    for therapy in plan.therapies:
        if therapy.name == name:
            return therapy.kind
    raise InputError(
        "dose response", "therapy", expected="a therapy of the plan", got=name,
        remedy="Add it to the plan first.",
    )  # fmt: skip
