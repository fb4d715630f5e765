"""``organtwin fit`` and ``organtwin predict``."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from organtwin.commands.progress import shown
from organtwin.commands.tables import fit_text, prediction_json, prediction_text, twin_json
from organtwin.commands.told import told_json, told_text
from organtwin.errors import InputError, UsageError
from organtwin.patient.case_file import load_case
from organtwin.simulation.beat import Outcome
from organtwin.store.digests import answer_digest, program_version, record_digest
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond, declined
from organtwin.twin.building import MEMBERS, fitting
from organtwin.twin.checked_range import beyond
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


def decline(reasons: Sequence[Beyond], *, insist: bool) -> None:
    """Raise ``DeclinedError`` where there are reasons to and nobody insists."""
    if reasons and not insist:
        raise declined(reasons)


def prediction_for(twin: Twin, plan: TherapyPlan, *, insist: bool = False) -> Prediction:
    """The response to a plan, showing progress.

    Raises
    ------
    DeclinedError
        It lies outside what was checked, and nobody insists.
    """
    decline(beyond(twin, plan), insist=insist)
    found = None
    for step in shown(predicting(twin, plan)):
        if step.prediction is not None:
            found = step.prediction
            decline(found.beyond, insist=insist)
    if found is None:  # unreachable: the point prediction comes first
        raise RuntimeError("the prediction ended without an answer")
    return found


def show_fit(case: str, *, as_json: bool, told: bool = False) -> int:
    """Print the fit of a case, and the digests by which it can be compared with another.

    With ``told`` also what the data tell of each parameter.
    """
    twin = fitted_twin(case)
    replay = {
        "case": record_digest(twin.record), "answer": answer_digest(twin),
        "program": program_version(),
    }  # fmt: skip
    if as_json:
        facts = {**twin_json(twin), "replay": replay}
        if told:
            facts["identifiability"] = told_json(twin.fit.told)
        print(json.dumps(facts, indent=2))
    else:
        print(fit_text(twin))
        if told:
            print(f"\n{told_text(twin.fit.told)}")
        print("".join(f"\n{name:7s} {digest}" for name, digest in replay.items()))
    return 0


def show_prediction(options: argparse.Namespace) -> int:
    """Print the predicted response, and enter it in the ledger where a patient is named.

    Status 1 when the heart does not reach a steady beat.
    """
    if options.library is not None and options.patient is None:
        raise UsageError(
            "predict", "--patient", expected="whose ledger the forecast is entered in",
            got="--library without --patient", remedy="Give both, or neither.",
        )  # fmt: skip
    plan = written_plan(options.therapy)  # a typing error is told before the fit, not after
    twin = fitted_twin(options.case)
    prediction = prediction_for(twin, plan, insist=options.insist)
    if prediction.beyond and options.patient is not None:
        raise UsageError(
            "predict", "--patient", expected="a prediction inside the checked range",
            got="an extrapolation", remedy="The ledger scores predictions only; leave it out.",
        )  # fmt: skip
    facts = {**prediction_json(prediction), "case": twin.record.case_id}
    if options.patient is not None:
        facts["forecast"] = _noted(options, twin, prediction)
    if options.json:
        print(json.dumps(facts, indent=2))
    else:
        print(f"{twin.record.title}\n{prediction_text(prediction)}")
        if "forecast" in facts:
            print(f"entered in the ledger as forecast {facts['forecast']}")
    return 0 if prediction.solution.outcome is Outcome.STEADY else 1


def _noted(options: argparse.Namespace, twin: Twin, prediction: Prediction) -> int:
    from organtwin.store.ledger import note_forecast
    from organtwin.store.library import Library, default_library

    with Library.open(options.library or default_library()) as library:
        return note_forecast(library, twin, prediction, options.patient).forecast_id
