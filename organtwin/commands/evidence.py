"""``organtwin evidence``: what a prediction rests on, and how its tests last ended here."""

import json
from dataclasses import asdict

from organtwin import PURPOSE
from organtwin.commands.tables import Json, columns
from organtwin.errors import InputError, UnknownNameError
from organtwin.store.evidence_card import EvidenceCard, KindOfEvidence, evidence_card
from organtwin.therapy.catalogue import THERAPIES


def show_evidence(name: str | None, *, as_json: bool) -> int:
    """Print one card, or a line for each therapy."""
    if name is None:
        cards = {key: evidence_card(kind) for key, kind in THERAPIES.items()}
        text = _listing(cards)
    else:
        cards = {name: evidence_card(THERAPIES[_known(name)])}
        text = _card(cards[name])
    if as_json:
        print(json.dumps({key: _json(card) for key, card in cards.items()}, indent=2))
    else:
        print(f"{text}\n\n{PURPOSE}")
    return 0


def _known(name: str) -> str:
    if name not in THERAPIES:
        raise InputError(
            "organtwin evidence", "therapy", expected="the name of a therapy",
            got=str(UnknownNameError("therapy", name, tuple(THERAPIES))),
            remedy="`organtwin therapies` lists every one.",
        )  # fmt: skip
    return name


def _listing(cards: dict[str, EvidenceCard]) -> str:
    rows = []
    for name, card in cards.items():
        items = [item for kind in card.kinds for item in kind.items]
        run = sum(item.result is not None for item in items)
        failed = sum(item.level == "bad" for item in items)
        ran = f"{run} of {len(items)} run here" + (f", {failed} FAILED" if failed else "")
        checked = card.checked.evidence
        rows.append((name, card.grade, checked, card.risk, f"{card.present} of 8", ran))
    header = ("name", "evidence", "checked by", "risk", "kinds", "tests and scripts")
    return columns(rows, header, (False,) * len(header))


def _card(card: EvidenceCard) -> str:
    facts = (
        ("Context of use", card.context), ("Checked in", card.range_text),
        ("Risk", f"{card.risk} (influence {card.influence}, consequence {card.consequence})"),
        ("Evidence grade", card.grade), ("Equation", card.equation), ("Sources", card.source),
        ("Model error", card.model_error),
    )  # fmt: skip
    lines = [card.label, *(f"{title}: {text}" for title, text in facts), ""]
    for kind in card.kinds:
        lines += _kind(kind)
    return "\n".join([*lines, *((f"! {card.problem}",) if card.problem else ())])


def _kind(kind: KindOfEvidence) -> list[str]:
    if not kind.items:
        return [f"{kind.title}: absent, {kind.absent}"]
    return [f"{kind.title}:", *(f"  {item.name}: {item.told}" for item in kind.items)]


def _json(card: EvidenceCard) -> Json:
    kinds = [
        {
            "title": kind.title, "absent": kind.absent,
            "items": [
                {"name": item.name, "last_run": asdict(item.result) if item.result else None}
                for item in kind.items
            ],
        }
        for kind in card.kinds
    ]  # fmt: skip
    return {
        "label": card.label, "evidence": card.grade, "risk": card.risk,
        "influence": card.influence, "consequence": card.consequence, "context": card.context,
        "checked": card.range_text, "equation": card.equation, "source": card.source,
        "model_error": card.model_error, "kinds": kinds, "problem": card.problem,
    }  # fmt: skip
