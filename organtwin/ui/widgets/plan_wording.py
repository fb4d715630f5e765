"""Plans in words and colours, alike wherever several are shown."""

from organtwin.session.draft import Draft
from organtwin.ui.widgets.wording import pretty_unit

COLORS = {"": "text", "A": "aorta", "B": "rv", "C": "la", "D": "ra"}
"""Field of ``Theme`` by letter; the untreated heart has none."""


def steps(draft: Draft) -> tuple[str, ...]:
    """What is done in a plan, one text for each thing; what is switched off is left out."""
    given = [
        f"{t.kind.label} {t.dose:g} {pretty_unit(t.kind.unit)}".rstrip() for t in draft.applied
    ]
    return (*given, *draft.electrics.told)


def contents(draft: Draft) -> str:
    """What is done in a plan, in a line."""
    return " + ".join(steps(draft)) or "no therapy"
