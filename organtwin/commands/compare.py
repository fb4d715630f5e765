"""``organtwin compare``: several plans for one patient beside each other."""

import argparse
import json
from collections.abc import Mapping, Sequence
from itertools import combinations

from organtwin.commands.tables import RESPONSE, columns, prediction_json
from organtwin.commands.twins import fitted_twin, prediction_for, written_plan
from organtwin.errors import UnknownNameError, UsageError
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

NONE = "untreated"
Pairs = list[tuple[str, str, Dominance | None]]


def show_comparison(options: argparse.Namespace) -> int:
    """Print a table of the plans and how probably one is better than another in all outcomes.

    Status 1 when the heart does not reach a steady beat under one of them.
    """
    plans = written_plans(options.plan)  # typing errors are told before the fit, not after
    aims = written_aims(options.outcomes)
    twin = fitted_twin(options.case)
    found = {letter: prediction_for(twin, plan) for letter, plan in plans.items()}
    steady = {k: p for k, p in found.items() if p.solution.outcome is Outcome.STEADY}
    hearts = {NONE: untreated(twin), **{k: treated(p) for k, p in steady.items()}}
    pairs = _pairs(hearts, aims)
    if options.json:
        print(json.dumps(_json(twin.record.case_id, found, pairs, aims), indent=2))
    else:
        print(f"{twin.record.title}\n{_text(found, steady, pairs, aims)}")
    return 0 if len(steady) == len(found) else 1


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
    named = "".join(f"{letter}: {prediction.plan}\n" for letter, prediction in found.items())
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
    return f"{named}\n{table}\n\n{ended}{warned}\n{_pairs_text(pairs, aims)}"


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
        cells += [f"{q.from_si(after):.{q.decimals}f}", " to ".join(ends)]
        cells.append(f"{change:+.{q.decimals}f}")
    return cells


def _pairs_text(pairs: Pairs, aims: Sequence[Aim]) -> str:
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
        lines.append(f"- {one} or {other}: {told}")
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
            }
            for one, other, share in pairs
        ],
    }  # fmt: skip
