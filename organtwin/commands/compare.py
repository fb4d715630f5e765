"""``organtwin compare``: several plans for one patient beside each other."""

import argparse
import json
from collections.abc import Mapping, Sequence
from itertools import combinations

from organtwin.commands.tables import RESPONSE, STRUCK, columns, prediction_json
from organtwin.commands.twins import fitted_twin, prediction_for, written_plan
from organtwin.errors import DeclinedError, UnknownNameError, UsageError
from organtwin.quantities import quantity
from organtwin.session.plans import LETTERS
from organtwin.simulation.beat import Outcome
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.plan_comparison import (
    Aim,
    Dominance,
    HeartsUnder,
    dominance,
    treated,
    untreated,
    usual_aim,
)
from organtwin.twin.prediction import Prediction
from organtwin.twin.twin import Twin

NONE = "untreated"
Pairs = list[tuple[str, str, Dominance | None]]


def show_comparison(options: argparse.Namespace) -> int:
    """Print a table of the plans and how probably one is better than another in all outcomes.

    A plan outside what was checked is declined and the others are shown, unless somebody insists.
    Status 1 when the heart does not reach a steady beat under one of them, or one is declined.

    Raises
    ------
    DeclinedError
        All of them are declined.
    """
    plans = written_plans(options.plan)  # typing errors are told before the fit, not after
    aims = written_aims(options.outcomes)
    twin = fitted_twin(options.case)
    found, refused = _answered(twin, plans, insist=options.insist)
    steady = {k: p for k, p in found.items() if p.solution.outcome is Outcome.STEADY}
    hearts = {NONE: untreated(twin), **{k: treated(p) for k, p in steady.items()}}
    pairs = _pairs(hearts, aims)
    if options.json:
        facts = _json(twin.record.case_id, found, pairs, aims)
        facts["declined"] = {letter: list(error.reasons) for letter, error in refused.items()}
        print(json.dumps(facts, indent=2))
    else:
        told = _declined_text(plans, refused)
        print(f"{twin.record.title}\n{told}{_text(found, steady, pairs, aims)}")
    return 0 if len(steady) == len(plans) else 1


def _answered(
    twin: Twin, plans: Mapping[str, TherapyPlan], *, insist: bool
) -> tuple[dict[str, Prediction], dict[str, DeclinedError]]:
    """Predictions by letter, and why the other plans are declined."""
    found: dict[str, Prediction] = {}
    refused: dict[str, DeclinedError] = {}
    for letter, plan in plans.items():
        try:
            found[letter] = prediction_for(twin, plan, insist=insist)
        except DeclinedError as error:
            refused[letter] = error
    if not found:
        raise DeclinedError([f"{k}: {why}" for k, e in refused.items() for why in e.reasons])
    return found, refused


def _declined_text(plans: Mapping[str, TherapyPlan], refused: Mapping[str, DeclinedError]) -> str:
    return "".join(
        f"{letter}: {plans[letter]}\n"
        + "".join(f"! {letter} declined: {reason}\n" for reason in error.reasons)
        for letter, error in refused.items()
    )


def written_plans(texts: Sequence[str]) -> dict[str, TherapyPlan]:
    """Plans by letter; in each text therapies are joined by a plus sign with blanks around it.

    Raises
    ------
    UsageError
        One cannot be read, or there are too many.
    """
    if len(texts) > len(LETTERS):
        raise UsageError(
            "compare", "--plan", expected=f"at most {len(LETTERS)} plans", got=str(len(texts)),
            remedy="Compare them in groups.",
        )  # fmt: skip
    return {
        letter: written_plan([part.strip() for part in text.split(" + ")])
        for letter, text in zip(LETTERS, texts, strict=False)
    }


def written_aims(text: str) -> tuple[Aim, ...]:
    """Outcomes and which way is better: as usual, or as a sign before the name says.

    Raises
    ------
    UsageError
        There is no quantity of that name.
    """
    aims = []
    for name in (part.strip() for part in text.split(",")):
        bare = name.lstrip("+-")
        try:
            usual = usual_aim(quantity(bare).name)
        except UnknownNameError as error:
            raise UsageError(
                "compare", "--outcomes", expected="names of quantities", got=name,
                remedy=str(error),
            ) from error  # fmt: skip
        aims.append(usual if bare == name else Aim(usual.name, higher=name[0] == "+"))
    return tuple(aims)


def _pairs(hearts: Mapping[str, HeartsUnder], aims: Sequence[Aim]) -> Pairs:
    plans = [letter for letter in hearts if letter != NONE]
    asked = [*((letter, NONE) for letter in plans), *combinations(plans, 2)]
    return [(one, other, dominance(hearts[one], hearts[other], aims)) for one, other in asked]


def _text(
    found: Mapping[str, Prediction], steady: Mapping[str, Prediction], pairs: Pairs,
    aims: Sequence[Aim],
) -> str:  # fmt: skip
    named = "".join(
        f"{letter}: {prediction.plan}\n"
        + "".join(f"x {letter} EXTRAPOLATION: {reason}\n" for reason in prediction.beyond)
        for letter, prediction in found.items()
    )
    ended = "".join(
        f"! {letter}: {p.solution.outcome.meaning}. {p.solution.outcome.remedy}\n"
        for letter, p in found.items()
        if letter not in steady
    )
    warned = "".join(f"! {k}: {text}\n" for k, p in steady.items() for text in p.warnings)
    rows = [_row(name, found, steady) for name in RESPONSE]
    header = ["quantity", "unit", NONE]
    for letter in found:
        header += [letter, "90 % band", "change"]
    table = columns(rows, header, [False, False, *(True,) * (len(header) - 2)])
    doubted = frozenset(letter for letter, p in found.items() if p.beyond)
    return f"{named}\n{table}\n\n{ended}{warned}\n{_pairs_text(pairs, aims, doubted)}"


def _row(name: str, found: Mapping[str, Prediction], steady: Mapping[str, Prediction]) -> list[str]:
    q = quantity(name)
    before = next(iter(found.values())).before[name]
    cells = [q.label, q.unit, f"{q.from_si(before):.{q.decimals}f}"]
    for letter in found:
        if letter not in steady:
            cells += ["-", "", ""]
            continue
        after, band = steady[letter].after[name], steady[letter].bands.get(name)
        ends = [f"{q.from_si(x):.{q.decimals}f}" for x in (band.low90, band.high90)] if band else []
        change = q.from_si(after) - q.from_si(before)
        told = (f"{q.from_si(after):.{q.decimals}f}", " to ".join(ends),
                f"{change:+.{q.decimals}f}")  # fmt: skip
        mark = STRUCK if steady[letter].beyond else ""
        cells += [f"{mark}{cell}{mark}" if cell else "" for cell in told]
    return cells


def _pairs_text(pairs: Pairs, aims: Sequence[Aim], doubted: frozenset[str]) -> str:
    wish = " and ".join(
        f"{'higher' if aim.higher else 'lower'} {quantity(aim.name).label}" for aim in aims
    )
    lines = [f"Share of hearts in which one plan is better in all of: {wish}"]
    for one, other, share in pairs:
        told = "too few hearts survive to say"
        if share is not None:
            told = (
                f"{one} better {share.probability:.0%}, {other} better {share.reverse:.0%}, "
                f"neither {share.mixed:.0%} of {share.hearts}"
            )
        mark = " (extrapolation)" if doubted & {one, other} else ""
        lines.append(f"- {one} or {other}: {told}{mark}")
    return "\n".join(lines)


def _json(
    case: str, found: Mapping[str, Prediction], pairs: Pairs, aims: Sequence[Aim]
) -> dict[str, object]:
    return {
        "case": case,
        "plans": {letter: prediction_json(prediction) for letter, prediction in found.items()},
        "outcomes": [
            {"name": aim.name, "better": "higher" if aim.higher else "lower"} for aim in aims
        ],
        "dominance": [
            {
                "first": one, "second": other,
                "first_better": share.probability if share else None,
                "second_better": share.reverse if share else None,
                "hearts": share.hearts if share else None,
                "extrapolation": any(
                    letter in found and bool(found[letter].beyond) for letter in (one, other)
                ),
            }
            for one, other, share in pairs
        ],
    }  # fmt: skip
