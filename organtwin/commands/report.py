"""``organtwin report``: one page as PDF, and a bundle that programs can read."""

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from organtwin.commands.compare import written_plans
from organtwin.commands.progress import shown
from organtwin.commands.targets import check_target
from organtwin.commands.twins import fitted_twin, own_heart, prediction_for
from organtwin.errors import DeclinedError, ParameterError, UsageError
from organtwin.session.answers import Heartbeat, believable
from organtwin.session.draft import Draft
from organtwin.session.plan_table import UNTREATED, Beside
from organtwin.session.report import (
    EXTRAPOLATED,
    PREDICTED,
    Reported,
    ReportedPlan,
    predicted_plan,
    refused_plan,
)
from organtwin.session.report_digests import ReportDigests
from organtwin.session.report_work import PDF, ZIP, writing
from organtwin.store.evidence_card import evidence_card
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beating import beating
from organtwin.twin.plan_comparison import untreated
from organtwin.twin.twin import Twin

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from organtwin.twin.ecg_comparison import LeadSignals
    from organtwin.twin.own_heart import OwnHeart


def write_report(options: argparse.Namespace) -> int:
    """Write what the options ask for. Status 1 where a plan has no answer.

    A plan that is declined stands on the page with the reason; nothing is left out.
    """
    files = _checked(options)
    joined = [" + ".join(options.therapy)] if options.therapy else []
    plans = written_plans([*joined, *options.plan])  # typing errors are told before the fit
    twin = fitted_twin(options.case)
    heart = own_heart(twin)
    baseline = Heartbeat(
        twin.baseline.beat, twin.numbers, beating(twin.baseline.beat, heart, twin), heart
    )
    leads = _leads(twin, heart) if options.ecg else None
    answers = tuple(
        _answered(twin, heart, letter, plan, insist=options.insist)
        for letter, plan in plans.items()
    )
    cards = {
        therapy.name: evidence_card(therapy.kind)
        for plan in plans.values()
        for therapy in plan.therapies
    }
    bands = untreated(twin).bands
    before = Beside("", UNTREATED, baseline, twin.numbers, bands, leads=leads)
    found = Reported(twin, before, answers, cards)
    written: list[str] = []
    left_out = ""
    for step in shown(writing(found, files, datetime.now().astimezone(), _painted, untreated)):
        written += [str(step.written)] if step.written else []
        left_out = step.left_out or left_out
    if left_out:
        print(f"the bundle holds no case: {left_out}", file=sys.stderr)
    states = {plan.letter: plan.state for plan in answers}
    told = [*written, *(f"plan {letter}: {state}" for letter, state in states.items())]
    facts = {"written": written, "plans": states, "left_out": left_out}
    print(json.dumps(facts) if options.json else "\n".join(told))
    return 0 if set(states.values()) <= {PREDICTED, EXTRAPOLATED} else 1


def _checked(options: argparse.Namespace) -> list[Path]:
    wanted = [(name, suffix, getattr(options, name)) for name, suffix in
              (("out", PDF), ("bundle", ZIP)) if getattr(options, name) is not None]  # fmt: skip
    if not wanted:
        raise UsageError(
            "report", "--out", expected="a file to write", got="neither --out nor --bundle",
            remedy="Add --out report.pdf, --bundle report.zip, or both.",
        )  # fmt: skip
    for name, suffix, path in wanted:
        check_target("report", f"--{name}", path, (suffix,))
    return [path for _, _, path in wanted]


def _answered(
    twin: Twin, heart: "OwnHeart | None", letter: str, plan: TherapyPlan, *, insist: bool
) -> ReportedPlan:
    draft = Draft(plan.therapies, insist=insist)
    try:
        prediction = prediction_for(twin, plan, insist=insist)
    except DeclinedError as error:
        return refused_plan(letter, draft, " ".join(error.reasons), declined=True)
    except ParameterError as error:
        return refused_plan(letter, draft, str(error), declined=False)
    if not believable(prediction.solution.outcome):
        return predicted_plan(letter, draft, prediction, None)
    beat = prediction.solution.beat
    heartbeat = Heartbeat(beat, prediction.after, beating(beat, heart, twin), heart)
    return predicted_plan(letter, draft, prediction, heartbeat)


def _leads(twin: Twin, heart: "OwnHeart | None") -> "LeadSignals | None":
    """The simulated ECG of the untreated heart."""
    from organtwin.commands.pictures import electrics

    return electrics(twin.record, heart, "activation").comparison.model


def _painted(found: Reported, digests: ReportDigests, made: datetime) -> bytes:
    """The page, painted by Qt without a screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    # Qt ends with the program, so that fonts outlive the last page.
    _RUNNING.append(QApplication.instance() or QApplication(sys.argv[:1]))
    from organtwin.ui.report.pictures import heart_pictures
    from organtwin.ui.report.writing import report_pdf

    pictures: dict[str, QImage] = dict(heart_pictures(found))
    return report_pdf(found, digests, made, pictures)


_RUNNING: list[object] = []
