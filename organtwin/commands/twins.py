"""``organtwin fit`` and ``organtwin predict``."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from organtwin.commands.progress import shown
from organtwin.commands.tables import fit_text, prediction_json, prediction_text, twin_json
from organtwin.errors import InputError, UsageError
from organtwin.patient.case_file import load_case
from organtwin.simulation.beat import Outcome
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import MEMBERS, fitting
from organtwin.twin.prediction import Prediction, predicting
from organtwin.twin.twin import Twin

if TYPE_CHECKING:
    from organtwin.twin.own_heart import OwnHeart

DEFAULT_CASE = "default"


def fitted_twin(case: str | None, *, members: int = MEMBERS) -> Twin:
    """Load and fit a case with so many hearts in its ensemble, showing progress.

    Raises
    ------
    RecordError, FitError
        The case cannot be read completely, or no heart fits it.
    """
    twin = None
    for step in shown(fitting(load_case(case or DEFAULT_CASE), members)):
        twin = step.twin or twin
    if twin is None:  # unreachable: fitting either raises or ends with a twin
        raise RuntimeError("the fit ended without a twin")
    return twin


def own_heart(twin: Twin) -> "OwnHeart | None":
    """The patient's own heart, built or kept from before; ``None`` where no files show it."""
    source = twin.record.heart
    if source is None:
        return None
    from organtwin.twin.heart_cache import opening_heart

    heart = None
    for step in shown(opening_heart(source)):
        heart = step.heart or heart
    return heart


def written_plan(therapies: Sequence[str]) -> TherapyPlan:
    """The plan of therapies written as text.

    Raises
    ------
    UsageError
        One cannot be read, or one kind is given twice.
    """
    plan = TherapyPlan()
    for text in therapies:
        try:
            therapy = parse_therapy(text)
        except InputError as error:
            raise UsageError(
                error.source, error.field, expected=error.expected, got=error.got,
                remedy=error.remedy,
            ) from error  # fmt: skip
        if any(therapy.name == other.name for other in plan.therapies):
            raise UsageError(
                "organtwin", "--therapy", expected="each therapy once",
                got=f"{therapy.name} a second time", remedy="Give it once, at its full dose.",
            )  # fmt: skip
        for other in plan.therapies:
            if therapy.contradicts(other):
                raise UsageError(
                    "organtwin", "--therapy", expected=f"one {therapy.kind.group}",
                    got=f"{other.name} and {therapy.name}", remedy="Keep one of them.",
                )  # fmt: skip
        plan = plan.with_(therapy)
    return plan


def prediction_for(twin: Twin, plan: TherapyPlan) -> Prediction:
    """The response to a plan, showing progress."""
    found = [step.prediction for step in shown(predicting(twin, plan)) if step.prediction]
    return found[-1]


def show_fit(case: str, *, as_json: bool) -> int:
    """Print the fit of a case."""
    twin = fitted_twin(case)
    print(json.dumps(twin_json(twin), indent=2) if as_json else fit_text(twin))
    return 0


def show_prediction(case: str, therapies: Sequence[str], *, as_json: bool) -> int:
    """Print the predicted response; status 1 when the heart does not reach a steady beat."""
    plan = written_plan(therapies)  # a typing error is told before the fit, not after
    twin = fitted_twin(case)
    prediction = prediction_for(twin, plan)
    if as_json:
        facts = {**prediction_json(prediction), "case": twin.record.case_id}
        print(json.dumps(facts, indent=2))
    else:
        print(f"{twin.record.title}\n{prediction_text(prediction)}")
    return 0 if prediction.solution.outcome is Outcome.STEADY else 1
