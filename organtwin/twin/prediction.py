"""What a therapy plan would do to this patient, with the doubt that the fit leaves.

The plan changes the fitted conditions, and the heart runs from its untreated steady beat to the new
one. The point prediction comes first, of the middle patient's response to each therapy; then the
same plan is given to every member of the posterior ensemble, each with its own response
(``therapy.variability``), and their spread gives 50 % and 90 % bands, widened by the error that the
model itself has on published means (``twin.model_doubt``). A band says where this one patient's
response will lie: it holds the doubt about the patient's parameters, what patients differ in their
response, and curves and mechanisms that are wrong. With an acute therapy the reflex answers, from
the patient's untreated pressure; what a drug's published response already contains, it leaves
alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import ParameterError
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.machine_signs import machine_signs
from organtwin.simulation.settling import steady_under
from organtwin.simulation.simulator import Periodicity
from organtwin.therapy.drug import UNSUPPORTED
from organtwin.therapy.exercise import exercise_findings
from organtwin.therapy.model_error import certain, error_share
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.prosthesis import prosthesis_findings
from organtwin.therapy.valve import narrower_than_before
from organtwin.twin import plausibility
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_range import beyond, beyond_after
from organtwin.twin.driving import Drivers, drivers, inputs_of
from organtwin.twin.lung_findings import lung_findings
from organtwin.twin.model_doubt import Band, bands_of, change_bands_of, foretold
from organtwin.twin.twin import Twin

SURVIVING_SHARE = 0.5
"""With fewer members left than this, quantiles over the survivors would flatter the plan."""
RULE = Periodicity(tolerance=3e-4, beat_limit=150)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Before and after, SI by name of quantity.

    ``bands`` are of the value after, ``change_bands`` of the change; both empty until the members
    have run, both with the model's own error. ``members`` holds the values after without it, one
    for each member that survives the plan; ``survivors`` their places in the ensemble. ``drivers``
    ranks what each change depends on. ``solution`` holds the beat under the plan: when its outcome
    is not STEADY, ``after`` describes a beat on the way and must not be read as the response.
    """

    plan: TherapyPlan
    conditions: Conditions
    solution: Solution
    before: Mapping[str, float]
    after: Mapping[str, float]
    warnings: tuple[str, ...]
    bands: Mapping[str, Band]
    change_bands: Mapping[str, Band]
    members: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    survivors: tuple[int, ...] = ()
    """Places in the twin's ensemble of those members, in the same order."""
    asked: int = 0
    """How many members were asked."""
    drivers: Mapping[str, Drivers] = field(default_factory=dict)
    beyond: tuple[Beyond, ...] = ()
    """Why it may only be shown as extrapolation; nothing where it lies inside what was checked."""
    error_share: float = 0.0
    """The model error in the bands, in units of that of one therapy at a studied dose."""

    @property
    def certain(self) -> frozenset[str]:
        """What the plan itself sets, so that the model cannot be wrong about it."""
        return certain(self.plan.therapies)

    def foretold(self, name: str) -> tuple[float, ...]:
        """Values [SI] that a measurement may show: the members', each with a draw of the error."""
        values = self.members.get(name, ())
        share = 0.0 if name in self.certain else self.error_share
        return tuple(foretold(name, values, self.survivors, share))


@dataclass(frozen=True, slots=True)
class PredictionStep:
    """Progress; steps with a ``prediction`` are worth showing, the later the better."""

    fraction: float
    message: str
    prediction: Prediction | None = None


def predicting(twin: Twin, plan: TherapyPlan) -> Iterator[PredictionStep]:
    """Predict the response to a plan; the point prediction is the first step, bands are the last.

    Raises
    ------
    ParameterError
        The plan leaves the range of the model.
    """
    point = _point(twin, plan)
    members = twin.ensemble if point.solution.outcome is Outcome.STEADY else ()
    yield PredictionStep(0.1 if members else 1.0, "Predicted", point)
    answers: list[Mapping[str, float] | None] = [None] * len(members)
    asked = side_by_side(
        lambda place: _member_response(plan, place, members[place]), range(len(members))
    )
    for done, (index, after) in enumerate(asked, 1):
        answers[index] = after
        yield PredictionStep(0.1 + 0.9 * done / len(members), "Estimating doubt")
    if members:
        yield PredictionStep(1.0, "Predicted", _bounded(point, twin, answers))


def predict(twin: Twin, plan: TherapyPlan) -> Prediction:
    """The finished prediction; see ``predicting``."""
    return [step.prediction for step in predicting(twin, plan) if step.prediction][-1]


def _point(twin: Twin, plan: TherapyPlan) -> Prediction:
    conditions = plan.apply(twin.conditions)
    baseline = twin.baseline
    solution = baseline
    if plan:
        found, conditions = steady_under(conditions, baseline.beat, RULE, otherwise=baseline.beat)
        solution = found or baseline
    before = biomarkers(baseline.beat, twin.conditions)
    after = biomarkers(solution.beat, conditions)
    return Prediction(
        plan=plan,
        conditions=conditions,
        solution=solution,
        before=before,
        after=after,
        warnings=tuple(_warnings(twin, plan, conditions, solution, before, after)),
        bands={},
        change_bands={},
        beyond=_beyond(twin, plan, solution, after),
        error_share=error_share(plan),
    )


def _beyond(
    twin: Twin, plan: TherapyPlan, solution: Solution, after: Mapping[str, float]
) -> tuple[Beyond, ...]:
    steady = bool(plan) and solution.outcome is Outcome.STEADY
    return (*beyond(twin, plan), *(beyond_after(plan, after) if steady else ()))


def _member_response(
    plan: TherapyPlan, place: int, member: Evaluation
) -> Mapping[str, float] | None:
    """Quantities of the member at a place under the plan, to which it responds in its own way."""
    try:
        treated = plan.apply(member.conditions, responses=plan.drawn(place))
        after, treated = steady_under(treated, member.solution.beat, RULE)
    except ParameterError:
        return None
    if after is None or after.outcome is not Outcome.STEADY:
        return None
    return biomarkers(after.beat, treated)


def _bounded(
    point: Prediction,
    twin: Twin,
    answers: Sequence[Mapping[str, float] | None],
) -> Prediction:
    members, own = twin.ensemble, twin.observation.levers
    found = [(place, after) for place, after in enumerate(answers) if after is not None]
    warnings = (*point.warnings, *_lost(len(found), len(members)))
    point = replace(point, warnings=warnings, asked=len(members))
    if len(found) < SURVIVING_SHARE * len(members):
        return point
    places = tuple(place for place, _ in found)
    before = [biomarkers(members[p].solution.beat, members[p].conditions) for p in places]
    after = {name: [own[name] for _, own in found] for name in point.after}
    change = {
        name: [own[name] - earlier[name] for (_, own), earlier in zip(found, before, strict=True)]
        for name in point.after
    }
    return replace(
        point,
        bands=bands_of(after, point.error_share, point.certain),
        change_bands=change_bands_of(change, after, point.error_share, point.certain),
        members={name: tuple(values) for name, values in after.items()},
        survivors=places,
        drivers=drivers(inputs_of(point.plan, members, own).of(places), change),
    )


def _lost(surviving: int, asked: int) -> Iterator[str]:
    if surviving < SURVIVING_SHARE * asked:
        yield f"only {surviving} of {asked} hearts that fit the patient survive the plan"
    elif surviving < asked:
        lost = asked - surviving
        yield (
            f"{lost} of {asked} hearts that fit the patient {'does' if lost == 1 else 'do'} "
            "not survive the plan: "
            "bands are of the others"
        )


def _warnings(
    twin: Twin,
    plan: TherapyPlan,
    conditions: Conditions,
    solution: Solution,
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> Iterator[str]:
    if solution.outcome is not Outcome.STEADY:
        yield f"{solution.outcome.meaning} ({solution.detail}). {solution.outcome.remedy}"
    yield from plausibility.warnings(after)
    yield from lung_findings(plan.therapies, before, after)
    names = frozenset(therapy.name for therapy in plan.therapies)
    for therapy in plan.therapies:
        if therapy.kind.drug is not None:
            yield from therapy.kind.drug.warnings(before, names)
    for therapy in plan.therapies:
        if valve := narrower_than_before(therapy.name, twin.conditions, conditions):
            yield f"the new {valve} orifice is smaller than the patient's own"
    who = twin.record.demographics
    area = conditions.parameters["aortic_open_area"]
    yield from prosthesis_findings(plan.therapies, area, who.body_surface_area, who.body_mass_index)
    yield from exercise_findings(plan.therapies, before, after)
    yield from machine_signs(solution.beat, conditions)
    if plan.excitation is not None:
        yield "conduction is computed: that every electrode captures is assumed"
    assumed = [t.kind.label for t in plan.therapies if t.kind.evidence == "assumed"]
    if assumed:
        yield f"part of the dose-response is assumed, not measured: {', '.join(assumed)}"
    yield from _assumed_spreads(plan)


def _assumed_spreads(plan: TherapyPlan) -> Iterator[str]:
    """Which therapies' share of the bands rests on an assumption."""
    assumed = [
        kind.label
        for kind in plan.answered
        if any(v.evidence in UNSUPPORTED for v in kind.variations)
    ]
    if assumed:
        yield f"how much patients differ is assumed, in part or whole: {', '.join(assumed)}"
